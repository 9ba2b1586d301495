//! Every way to give a future up, hand-polled: nothing is lost, nothing is doubled, and whoever
//! comes next is woken.

#![cfg(all(feature = "std", not(sempost_loom)))]

#[macro_use]
#[path = "../common/mod.rs"]
mod common;

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
mod random_mailbox;
mod random_monitor;
mod semaphore;
mod table;
mod told;
mod until;
