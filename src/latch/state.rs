//! The plain state of a latch: a count, and a list of waiters.
//!
//! - (K1) The count never rises. At 0 it is *open*, and no waiter joins any more. Those in the list are granted in
//!   turns; one that is polled before its turn takes its grant itself.

use crate::wait::{Effects, Link, List, Stage};

pub(crate) struct LatchState {
    pub(super) count: usize,
    pub(super) list: List<()>,
}

impl LatchState {
    pub(super) const fn new(count: usize) -> Self {
        Self { count, list: List::new() }
    }

    #[inline(always)]
    pub(super) fn is_open(&self) -> bool {
        self.count == 0
    }

    /// Counts down, and not below 0. Returns whether this opened it.
    pub(super) fn count_down(&mut self, n: usize) -> bool {
        let was_open = self.is_open();
        self.count = self.count.saturating_sub(n);
        !was_open && self.is_open()
    }

    /// Lets the waiters of an open latch go, until the batch of wakers is full.
    pub(super) fn settle<D>(&mut self, effects: &mut Effects<D>) {
        while self.is_open() && !self.list.is_empty() && !effects.wakes.is_full() {
            self.list.end_front_into(Stage::Granted, &mut effects.wakes);
        }
    }

    /// A waiter is polled before its turn. Returns whether it left the list, because the latch is open.
    pub(super) fn let_go(&mut self, node: Link<()>) -> bool {
        if self.is_open() {
            self.list.withdraw(node);
        }
        self.is_open()
    }
}
