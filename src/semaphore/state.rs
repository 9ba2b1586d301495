//! The plain state of a semaphore: counts and a line.
//!
//! - (S1) The line is not empty ⇒ `available` < the demand of its head, or whoever may take has been nudged. Nothing is
//!   gathered for the head: permits stay in the pool until it fits.
//! - (S2) `issued` = available + held + granted − debt ≤ `MAX_PERMITS`. Only `new` and `add_permits` raise it, and they
//!   check; so giving back can never overflow.
//! - (S3) Debt > 0 ⇒ nothing is available.

use super::{AcquireError, MAX_PERMITS};
use crate::wait::{Attempt, Effects, Fairness, Line, Link, Mark, Marked, State, Wake};

/// What a waiter keeps in its node. Two words, which a fresh future takes through registers.
#[derive(Clone, Copy)]
pub(crate) struct Demand {
    pub(super) permits: usize,
    mark: Mark,
}

impl Demand {
    #[inline(always)]
    pub(super) fn new(permits: usize) -> Self {
        Self { permits, mark: Mark::NONE }
    }
}

impl Marked for Demand {
    #[inline(always)]
    fn mark(&mut self) -> &mut Mark {
        &mut self.mark
    }

    #[inline(always)]
    fn need(&self) -> usize {
        self.permits
    }
}

// What every operation asks for stands first.
#[repr(C)]
pub(crate) struct Pool {
    pub(super) closed: bool,
    pub(super) available: usize,
    pub(super) debt: usize,
    pub(super) line: Line<Demand>,
    issued: isize,
    /// Permits that were granted to waiters since the beginning, without those that gave up. It may wrap.
    granted: usize,
}

/// Everything in the pool is plain; its effects are wakers alone.
pub(crate) type Fx = Effects<()>;

impl Pool {
    #[track_caller]
    pub(super) const fn new(permits: usize, fairness: Fairness) -> Self {
        assert!(permits <= MAX_PERMITS, "a semaphore holds at most MAX_PERMITS = usize::MAX >> 3 permits");
        Self {
            closed: false,
            available: permits,
            debt: 0,
            line: Line::new(fairness),
            issued: permits as isize,
            granted: 0,
        }
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

    /// Takes permits that somebody waits for, where a newcomer may.
    fn overtake(&mut self, need: usize) -> bool {
        let may = need <= self.available && self.line.overtake(self.available - need);
        if may {
            self.available -= need;
        }
        may
    }

    /// Like [`overtake`](Self::overtake), if nobody is to be told of it: where whoever is awake is not waited for, the rest
    /// may be enough for somebody behind those who were told before.
    #[inline(never)]
    pub(super) fn overtake_quickly(&mut self, need: usize) -> bool {
        (need == self.available || !self.line.is_unbounded()) && self.overtake(need)
    }

    pub(super) fn attempt(&mut self, need: usize, effects: &mut Fx) -> Attempt<Result<usize, AcquireError>> {
        if self.closed {
            Attempt::Done(Err(AcquireError))
        } else if need == 0 || self.take(need) {
            Attempt::Done(Ok(need))
        } else if self.overtake(need) {
            self.settle(effects);
            Attempt::Done(Ok(need))
        } else {
            Attempt::Wait
        }
    }

    pub(super) fn enqueue(&mut self, node: Link<Demand>, tell: &mut Option<Wake>) {
        self.line.enqueue(node);
        // Others may have been told before, and yet there may be enough for all.
        self.line.nudge(self.available, tell);
    }

    /// A waiter was polled: takes its permits, if they are there and it may.
    pub(super) fn look(&mut self, node: Link<Demand>, effects: &mut Fx) -> Option<usize> {
        if self.closed {
            return None;
        }
        let taken = self.line.take(node, self.available)?;
        self.available -= taken;
        self.settle(effects);
        Some(taken)
    }

    /// Takes permits back, if nobody is owed them and nobody waits for them; answers whether it was as simple as that.
    #[inline(always)]
    pub(super) fn put(&mut self, permits: usize) -> bool {
        let unwanted = self.debt == 0 && self.line.is_empty();
        if unwanted {
            self.available += permits;
        }
        unwanted
    }

    /// Takes permits back that somebody waits for, if they serve one waiter and nobody is owed them; answers whether it was
    /// as simple as that.
    pub(super) fn put_for_one(&mut self, permits: usize, tell: &mut Option<Wake>) -> bool {
        let need = match self.line.front() {
            Some(head) if self.debt == 0 => head.permits,
            _ => return false,
        };
        // Between two turns of a close some still stand in line, and nothing is theirs any more.
        if self.closed {
            return false;
        }
        if self.line.is_fifo() {
            // The first takes all there is, so that there is nobody else to serve.
            let enough = need == self.available + permits;
            if enough {
                self.available = 0;
                self.granted = self.granted.wrapping_add(need);
                self.line.grant(tell);
            }
            return enough;
        }
        // One permit more is enough for one waiter more, and for no two – unless some are awake and not waited for.
        let simple = permits == 1 && (self.available == 0 || !self.line.is_unbounded());
        if simple {
            self.available += 1;
            self.line.nudge(self.available, tell);
        }
        simple
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
        self.remove(taken);
        self.retire(taken);
        taken
    }

    /// Takes `permits` away, now or as they come back. Whether that much debt is allowed was asked before.
    pub(super) fn reduce(&mut self, permits: usize) {
        let now = self.available.min(permits);
        self.remove(now);
        self.debt += permits - now;
        self.retire(permits);
    }

    fn remove(&mut self, permits: usize) {
        self.available -= permits;
        self.line.cover(self.available);
    }

    /// Whether `permits` may be taken away: what is owed stays below the limit.
    pub(super) fn may_reduce(&self, permits: usize) -> bool {
        permits.saturating_sub(self.available) <= MAX_PERMITS - self.debt
    }

    /// Does what can be done for one waiter; answers whether there was anything.
    fn serve_one(&mut self, tell: &mut Option<Wake>) -> bool {
        if self.closed {
            return self.line.close_one(tell);
        }
        if !self.line.is_fifo() {
            return self.line.nudge(self.available, tell);
        }
        let need = match self.line.front() {
            Some(head) if head.permits <= self.available => head.permits,
            _ => return false,
        };
        self.available -= need;
        self.granted = self.granted.wrapping_add(need);
        self.line.grant(tell);
        true
    }

    /// Permits were granted to a waiter that gives up.
    pub(super) fn ungrant(&mut self, permits: usize) {
        self.granted = self.granted.wrapping_sub(permits);
    }

    /// Permits that were granted to waiters which have not been polled since, of which `redeemed` were.
    pub(super) fn unredeemed(&self, redeemed: usize) -> usize {
        self.granted.wrapping_sub(redeemed)
    }

    /// Permits that somebody has: issued, and neither available nor granted.
    pub(super) fn held(&self, redeemed: usize) -> usize {
        let outside = self.issued + self.debt as isize - self.available as isize - self.unredeemed(redeemed) as isize;
        usize::try_from(outside).unwrap_or(0)
    }

    /// What the first waiter wants.
    pub(super) fn head(&mut self) -> Option<usize> {
        self.line.front().map(|head| head.permits)
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
            let mut tell = None;
            if !self.serve_one(&mut tell) {
                return;
            }
            effects.wakes.push(tell);
        }
    }
}
