//! What lies under the lock of a latch: whether it is open, and a list of waiters.
//!
//! - (K1) The count never rises. It goes to 0 under the lock, in the one critical section that sets `open`. So whoever
//!   has seen a count of 0 and then takes the lock finds it open, and no waiter joins any more.
//! - (K2) The waiters of an open latch are granted in turns. One that is polled before its turn takes its grant itself.

use crate::wait::{Effects, Link, List, Stage};

pub(crate) struct LatchState {
    pub(super) open: bool,
    pub(super) list: List<()>,
}

impl LatchState {
    pub(super) const fn new(open: bool) -> Self {
        Self { open, list: List::new() }
    }

    /// Lets the waiters of an open latch go, until the batch of wakers is full.
    pub(super) fn settle<D>(&mut self, effects: &mut Effects<D>) {
        while self.open && !self.list.is_empty() && !effects.wakes.is_full() {
            self.list.end_front_into(Stage::Granted, &mut effects.wakes);
        }
    }

    /// A waiter is polled before its turn. Returns whether it left the list, because the latch is open.
    pub(super) fn let_go(&mut self, node: Link<()>) -> bool {
        if self.open {
            self.list.withdraw(node);
        }
        self.open
    }
}
