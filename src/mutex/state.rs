//! The plain state of a mutex: whether it is locked, and the line of its waiters. A monitor has one, too.

use crate::wait::{Fairness, Line, Link, Ticket, Wake};

/// One holder at a time, in the order of the line, unless its fairness lets newcomers pass.
///
/// - (T1) There is a waiter ⇒ the mutex is not `Free`: an unlock hands it to the first waiter in line, or offers it.
/// - (T2) The mutex is `Offered` ⇒ there is a waiter, and the first in line has been notified to retry. In an unfair
///   line it is the first that slept; if none slept, all are awake.
#[repr(C)]
pub(crate) struct MutexState {
    lock: LockState,
    pub(crate) line: Line<Ticket>,
    /// How often the mutex was handed to a waiter, less the waiters that gave up. It wraps.
    given: u8,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum LockState {
    Free,
    Locked,
    /// Unlocked, but a waiter was woken to retry. A newcomer takes it only if it may pass waiters.
    Offered,
}

impl MutexState {
    pub(crate) const fn new(fairness: Fairness) -> Self {
        Self { lock: LockState::Free, line: Line::new(fairness), given: 0 }
    }

    pub(crate) fn is_locked(&self) -> bool {
        self.lock == LockState::Locked
    }

    pub(crate) fn is_free(&self) -> bool {
        self.lock == LockState::Free
    }

    /// Whether it was handed to a waiter that has not been polled since. There is at most one, so a byte is enough to
    /// compare the counts.
    pub(crate) fn is_given(&self, redeemed: u8) -> bool {
        self.given != redeemed
    }

    /// Counts that the mutex, which stays locked, goes to a waiter. (Or, if not `given`, that it comes back from a
    /// waiter that gave up.)
    #[inline(always)]
    pub(crate) fn give(&mut self, given: bool) {
        self.given = if given { self.given.wrapping_add(1) } else { self.given.wrapping_sub(1) };
    }

    /// The caller gives up a mutex that it has locked, or an offer. It keeps the mutex locked, unless the offer is open
    /// to others in line. Returns whether it does.
    pub(crate) fn keep(&mut self) -> bool {
        if self.line.is_empty() {
            self.lock = LockState::Locked;
        }
        self.is_locked()
    }

    /// Locks the mutex if it is free. Returns whether it did.
    #[inline(always)]
    pub(crate) fn lock_if_free(&mut self) -> bool {
        let free = self.lock == LockState::Free;
        if free {
            self.lock = LockState::Locked;
        }
        free
    }

    /// Locks a mutex that is offered to waiters, if a newcomer may. Not inlined, so that it costs nothing where the
    /// mutex is free.
    #[inline(never)]
    fn overtake(&mut self) -> bool {
        let may = self.lock == LockState::Offered && self.line.overtake(0);
        if may {
            self.lock = LockState::Locked;
        }
        may
    }

    /// Locks the mutex for a newcomer, if it may. Returns whether it did.
    #[inline(always)]
    pub(crate) fn try_lock(&mut self) -> bool {
        self.lock_if_free() || self.overtake()
    }

    /// Frees a mutex that nobody waits for.
    #[inline(always)]
    pub(crate) fn free(&mut self) {
        self.lock = LockState::Free;
    }

    /// Frees the mutex if there is no waiter. Returns whether it did.
    #[inline(always)]
    pub(crate) fn unlock_fast(&mut self) -> bool {
        let unwanted = self.line.is_empty();
        if unwanted {
            self.lock = LockState::Free;
        }
        unwanted
    }

    /// Hands the mutex to the first waiter in line, or offers it, or frees it.
    #[inline(always)]
    pub(crate) fn unlock(&mut self, to_wake: &mut Option<Wake>) {
        if self.unlock_fast() {
            return;
        }
        if self.line.is_fifo() {
            // Counted first: as soon as it is granted, the waiter may have collected it.
            self.give(true);
            self.line.grant(to_wake);
        } else {
            self.lock = LockState::Offered;
            self.line.wake_to_retry(1, to_wake);
        }
    }

    /// A waiter that was polled takes the offered mutex, if it may.
    pub(super) fn take_offered(&mut self, node: Link<Ticket>) -> bool {
        let taken = self.lock == LockState::Offered && self.line.may_take(node, 1);
        if taken {
            self.line.take(node, 1);
            self.lock = LockState::Locked;
        }
        taken
    }

    /// A waiter gives up. Returns whether the caller has to wake the next waiter to retry.
    #[must_use = "the next waiter has to be woken"]
    pub(crate) fn withdraw(&mut self, node: Link<Ticket>) -> bool {
        self.line.withdraw(node);
        self.lock == LockState::Offered
    }
}
