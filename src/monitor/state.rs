//! The plain state of a monitor: a mutex, a queue for each condition, and the list of notified waiters.

use super::conditions::Queues;
use super::seat::{Key, Seat};
use super::seats::{Seats, Swept};
use crate::mutex::{Condition, HasMutex, MutexState, Notified};
use crate::wait::{Fairness, Wake};

/// What lies under a monitor's lock.
pub(crate) struct MonitorState<Q> {
    pub(super) mutex: MutexState,
    conditions: Q,
    notified: Notified,
    pub(super) seats: Seats,
    key: Key,
    /// How many have a seat.
    waiting: usize,
    /// How many sleep in their seats. Whoever leaves may have to ask first.
    asleep: usize,
    /// One that was called gave up: whoever leaves has to ask, even if it has changed nothing.
    again: bool,
}

/// What is left to do for one that wants to leave, if some sleep until a predicate holds.
pub(crate) struct AskAndLeave;

impl<Q: Queues> MonitorState<Q> {
    pub(super) const fn new(fairness: Fairness) -> Self {
        Self {
            mutex: MutexState::new(fairness),
            conditions: Q::EMPTY,
            notified: Notified::new(),
            seats: Seats::new(),
            key: Key::new(),
            waiting: 0,
            asleep: 0,
            again: false,
        }
    }

    /// One more has a seat.
    pub(super) fn count_in(&mut self) {
        self.waiting += 1;
    }

    /// One less. If it was the last, and the table is large, returns what is left in it.
    pub(super) fn count_out(&mut self) -> Swept {
        self.waiting -= 1;
        if self.waiting == 0 { self.seats.clear() } else { Swept::default() }
    }

    /// How many wait for a predicate: those that sleep, and those that were called.
    pub(super) fn waiting(&self) -> usize {
        self.waiting
    }

    /// How many sleep until a predicate holds.
    pub(super) fn asleep(&self) -> usize {
        self.asleep
    }

    /// The queue of a seat had `before` waiters, and has so many `now`.
    pub(super) fn recount(&mut self, before: usize, now: usize) {
        self.asleep = self.asleep + now - before;
    }

    /// One that was called gave up. Returns whether the caller is inside from here on, and has to ask and leave.
    pub(super) fn ask_again(&mut self) -> bool {
        self.again = self.asleep > 0;
        self.again && self.mutex.lock_if_free()
    }

    /// Whether somebody called for another round of questions. It is asked once.
    pub(super) fn take_again(&mut self) -> bool {
        core::mem::take(&mut self.again)
    }

    /// Notifies the waiter of a seat, unless it has given up. It wakes none.
    pub(super) fn call(&mut self, row: usize) -> bool {
        let Some(seat) = self.seats.row(row) else { return false };
        let called = seat.queue(&mut self.key).notify(1, self.notified.moment(), &mut self.notified) == 1;
        if called {
            seat.call();
            self.asleep -= 1;
        }
        called
    }

    /// Leaves, after the predicates were asked.
    pub(super) fn leave(&mut self, to_wake: &mut Option<Wake>) {
        self.notified.unlock(&mut self.mutex, to_wake);
    }

    pub(super) fn parts_in<'a>(
        &'a mut self,
        seat: &'a Seat,
    ) -> (&'a mut MutexState, &'a mut Condition, &'a mut Notified) {
        (&mut self.mutex, seat.queue(&mut self.key), &mut self.notified)
    }

    /// How many wait in a seat: one or none.
    pub(super) fn sleepers(&mut self, seat: &Seat) -> usize {
        seat.queue(&mut self.key).len()
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
    /// was one, and what is left to do.
    pub(super) fn signal_and_leave(
        &mut self,
        condition: usize,
        to_wake: &mut Option<Wake>,
    ) -> (bool, Option<AskAndLeave>) {
        let (mutex, condition, notified) = self.parts(condition);
        let signalled = condition.signal(notified.moment(), mutex, to_wake);
        (signalled, if signalled { None } else { self.unlock(to_wake) })
    }
}

impl<Q: Queues> HasMutex for MonitorState<Q> {
    type Left = AskAndLeave;

    #[inline(always)]
    fn mutex(&mut self) -> &mut MutexState {
        &mut self.mutex
    }

    #[inline(always)]
    fn unlock_fast(&mut self) -> bool {
        // One sum, and so one branch.
        let unwanted = self.notified.len() + self.mutex.line.len() + self.asleep == 0;
        if unwanted {
            self.mutex.free();
        }
        unwanted
    }

    fn unlock(&mut self, to_wake: &mut Option<Wake>) -> Option<AskAndLeave> {
        if self.asleep > 0 && self.mutex.keep() {
            return Some(AskAndLeave);
        }
        self.leave(to_wake);
        None
    }
}
