//! Every way to give a future up, hand-polled: nothing is lost, nothing is doubled, and whoever
//! comes next is woken.

mod condvar;
mod ends;
mod forgotten;
mod handles;
mod mailbox_recv;
mod mailbox_reserve;
mod mailbox_send;
mod monitor;
mod mutex;
mod oneshot;
mod random_handles;
mod semaphore;
mod told;
mod until;
mod walks;
