//! The plain state of a condition variable: one condition, the list of notified waiters, and the mutex that they all
//! use.
//!
//! - (V1) All waiters in here use the one mutex whose address is noted. So the mutex of the leader is theirs, as long
//!   as the leader is in here, too. Once it has left and the lock was released, others may be here with another mutex,
//!   so it compares the address again. (A forgotten future stays here until it is requeued. If its mutex is gone and
//!   another one has the same address, it is requeued to that one. That is harmless: its owner never looks for it
//!   again.)
//!
//! *Tempting, and wrong*: noting a pointer to the mutex, so that a notification requeues the waiters at once. A future
//! may be forgotten, and then its borrow of the mutex ends while the pointer stays.

use crate::mutex::{Condition, Notified};
use crate::wait::Wake;

/// What lies under a condition variable's lock.
pub(crate) struct CondvarState {
    pub(super) condition: Condition,
    pub(super) notified: Notified,
    /// The address of the mutex that the waiters in here use. It is compared, never followed.
    pub(super) mutex: usize,
}

impl CondvarState {
    pub(super) const fn new() -> Self {
        Self { condition: Condition::new(), notified: Notified::new(), mutex: 0 }
    }

    pub(super) fn waiting(&self) -> usize {
        self.condition.len()
    }

    /// How many waiters were notified and have not been requeued or polled.
    pub(super) fn notified(&self) -> usize {
        self.notified.len()
    }

    /// This moment, as the number of waits that have begun.
    pub(super) fn moment(&self) -> u64 {
        self.notified.moment()
    }

    /// Notifies up to `most` waiters, and up to a turn. Wakes the first notified waiter, unless it was woken before.
    pub(super) fn notify(&mut self, most: usize, moment: u64, to_wake: &mut Option<Wake>) -> usize {
        let notified = self.condition.notify(most, moment, &mut self.notified);
        self.notified.wake_first(to_wake);
        notified
    }
}
