//! The operations: everything one can wait for, as a scene each.

mod condvar;
mod credits;
mod enter_when;
mod handles;
mod latch;
mod mailbox;
mod monitor;
mod mutex;
mod oneshot;
mod ports;
mod rwlock;
mod semaphore;
mod until;

use crate::scene::Scene;

/// An operation, by the name of its future or method, and how its scene is set.
pub(crate) type Operation = (&'static str, fn() -> Scene);

/// All operations.
pub(crate) fn all() -> Vec<Operation> {
    [
        semaphore::ALL,
        latch::ALL,
        mutex::ALL,
        monitor::ALL,
        enter_when::ALL,
        condvar::ALL,
        mailbox::ALL,
        handles::ALL,
        credits::ALL,
        ports::ALL,
        oneshot::ALL,
        until::ALL,
        rwlock::ALL,
    ]
    .concat()
}
