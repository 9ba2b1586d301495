//! The plain state of a semaphore: counts and a line.
//!
//! - (S1) The line is not empty ⇒ `available` < the demand of its head. Nothing is gathered for the head: permits stay in
//!   the pool until it fits.
//! - (S2) `issued` = available + held + granted − debt ≤ `MAX_PERMITS`. Only `new` and `add_permits` raise it, and they
//!   check; so giving back can never overflow.
//! - (S3) Debt > 0 ⇒ nothing is available.

use super::{AcquireError, MAX_PERMITS};
use crate::wait::{Attempt, Effects, List, Stage, State, Wake};

pub(crate) struct Pool {
    pub(super) available: usize,
    pub(super) debt: usize,
    issued: isize,
    pub(super) closed: bool,
    pub(super) line: List<usize>,
}

/// Everything in the pool is plain; its effects are wakers alone.
pub(crate) type Fx = Effects<()>;

impl Pool {
    pub(super) const fn new(permits: usize) -> Self {
        assert!(permits <= MAX_PERMITS, "a semaphore holds at most MAX_PERMITS = usize::MAX >> 3 permits");
        Self { available: permits, debt: 0, issued: permits as isize, closed: false, line: List::new() }
    }

    /// Takes permits that are there and that nobody waits for.
    #[inline(always)]
    pub(super) fn take(&mut self, need: usize) -> bool {
        let there = need <= self.available && self.line.is_empty() && !self.closed;
        if there {
            self.available -= need;
        }
        there
    }

    pub(super) fn attempt(&mut self, need: usize) -> Attempt<Result<(), AcquireError>> {
        if self.closed {
            Attempt::Done(Err(AcquireError))
        } else if need == 0 || self.take(need) {
            Attempt::Done(Ok(()))
        } else {
            Attempt::Wait
        }
    }

    /// Takes permits back, if nobody is owed them and nobody waits for them, or they are what the head is waiting for;
    /// answers whether it was as simple as that.
    #[inline(always)]
    pub(super) fn put(&mut self, permits: usize, tell: &mut Option<Wake>) -> bool {
        if self.debt > 0 {
            return false;
        }
        match self.line.front() {
            None => self.available += permits,
            // The head takes all there is, so that there is nobody else to serve.
            Some(need) if *need == self.available + permits => {
                self.available = 0;
                self.line.end_front(Stage::Granted, tell);
            }
            Some(_) => return false,
        }
        true
    }

    /// Takes permits back. Debt comes first, then the pool, then the line.
    pub(super) fn give_back(&mut self, permits: usize, effects: &mut Fx) {
        let repaid = self.debt.min(permits);
        self.debt -= repaid;
        self.available += permits - repaid;
        self.settle(effects);
    }

    /// New permits; the caller has asked [`has_room`](Self::has_room).
    pub(super) fn issue(&mut self, permits: usize, effects: &mut Fx) {
        self.issued += permits as isize;
        self.give_back(permits, effects);
    }

    /// Whether `permits` more may be issued (S2).
    pub(super) fn has_room(&self, permits: usize) -> bool {
        permits <= MAX_PERMITS && self.issued + permits as isize <= MAX_PERMITS as isize
    }

    /// Permits that are held and will not come back.
    pub(super) fn retire(&mut self, permits: usize) {
        self.issued -= permits as isize;
    }

    /// Takes up to `most` permits out of the pool, for good. Debt is not touched.
    pub(super) fn forget(&mut self, most: usize) -> usize {
        let taken = self.available.min(most);
        self.available -= taken;
        self.retire(taken);
        taken
    }

    /// Takes `permits` away, now or as they come back. Whether that much debt is allowed was asked before.
    pub(super) fn reduce(&mut self, permits: usize) {
        let now = self.available.min(permits);
        self.available -= now;
        self.debt += permits - now;
        self.retire(permits);
    }

    /// Whether `permits` may be taken away: what is owed stays below the limit.
    pub(super) fn may_reduce(&self, permits: usize) -> bool {
        permits.saturating_sub(self.available) <= MAX_PERMITS - self.debt
    }

    /// Closes; answers whether this call did it.
    pub(super) fn close(&mut self, effects: &mut Fx) -> bool {
        let first = !core::mem::replace(&mut self.closed, true);
        self.settle(effects);
        first
    }
}

impl State for Pool {
    type Litter = ();

    fn settle(&mut self, effects: &mut Fx) {
        while !effects.wakes.is_full() {
            let stage = match self.line.front() {
                Some(_) if self.closed => Stage::Closed,
                Some(need) if *need <= self.available => {
                    self.available -= *need;
                    Stage::Granted
                }
                _ => return,
            };
            effects.wakes.end_front(&mut self.line, stage);
        }
    }
}
