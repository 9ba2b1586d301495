//! The plain state of a monitor: a mutex, a queue for each condition, and the list of notified waiters.

use super::conditions::Queues;
use crate::mutex::{Condition, HasMutex, MutexState, Notified};
use crate::wait::{Fairness, Wake};

/// What lies under a monitor's lock.
pub(crate) struct MonitorState<Q> {
    mutex: MutexState,
    conditions: Q,
    notified: Notified,
}

impl<Q: Queues> MonitorState<Q> {
    pub(super) const fn new(fairness: Fairness) -> Self {
        Self { mutex: MutexState::new(fairness), conditions: Q::EMPTY, notified: Notified::new() }
    }

    pub(super) fn parts(&mut self, condition: usize) -> (&mut MutexState, &mut Condition, &mut Notified) {
        (&mut self.mutex, &mut self.conditions.queue(condition).0, &mut self.notified)
    }

    /// How many waiters were notified and have not been requeued or polled.
    pub(super) fn notified(&self) -> usize {
        self.notified.len()
    }

    /// This moment, as the number of waits that have begun.
    pub(super) fn moment(&self) -> u64 {
        self.notified.moment()
    }

    /// Notifies up to `most` waiters, and up to a turn, that had begun to wait at `moment`. It wakes none.
    pub(super) fn notify(&mut self, condition: usize, most: usize, moment: u64) -> usize {
        let (_, condition, notified) = self.parts(condition);
        condition.notify(most, moment, notified)
    }

    /// Leaves, and hands the monitor to the first waiter of the condition, ahead of all others. Returns whether there
    /// was one.
    pub(super) fn signal_and_leave(&mut self, condition: usize, to_wake: &mut Option<Wake>) -> bool {
        let (mutex, condition, notified) = self.parts(condition);
        let signalled = condition.signal(notified.moment(), mutex, to_wake);
        if !signalled {
            self.unlock(to_wake);
        }
        signalled
    }
}

impl<Q: Queues> HasMutex for MonitorState<Q> {
    #[inline(always)]
    fn mutex(&mut self) -> &mut MutexState {
        &mut self.mutex
    }

    #[inline(always)]
    fn unlock_fast(&mut self) -> bool {
        self.notified.is_empty() && self.mutex.unlock_fast()
    }

    fn unlock(&mut self, to_wake: &mut Option<Wake>) {
        self.notified.unlock(&mut self.mutex, to_wake);
    }
}
