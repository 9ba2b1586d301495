//! A future that nobody polls has done nothing.

#![deny(unused_must_use)]

fn main() {
    let pool = sempost::Semaphore::new(1);
    let (sender, receiver) = sempost::mailbox::bounded(1);
    pool.acquire(); //~ unused_must_use: add `.await`, or `.wait()` on a thread
    sender.send(1_u32); //~ unused_must_use: futures do nothing unless polled
    receiver.recv(); //~ unused_must_use
}
