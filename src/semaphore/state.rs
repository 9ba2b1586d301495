//! The plain state of a semaphore: counts and a line.
//!
//! - (S1) The line is not empty ⇒ `available` < the demand of the first waiter, or the waiters that may take what is
//!   available have been woken to retry. Permits stay in the pool until they suffice for the first waiter.
//! - (S2) `issued` = available + held + granted − debt ≤ `MAX_PERMITS`. Only `new` and `add_permits` raise it, and both
//!   check. So giving permits back never overflows.
//! - (S3) Debt > 0 ⇒ no permit is available.
//! - (S4) `available` ≤ `limit`, or there are waiters that the next turn serves. A limit below `MAX_PERMITS` goes with
//!   a first come, first served line, and no demand is above it.

use core::convert::Infallible;

use super::error::AcquireError;
use super::standing::{MAX_PERMITS, Standing};
use crate::wait::{Attempt, Demand, Effects, Fairness, Line, Link, Wake};

// The fields that every operation reads come first.
#[repr(C)]
pub(crate) struct Pool {
    standing: Standing,
    pub(super) available: usize,
    pub(super) line: Line<Demand>,
    issued: isize,
    /// How many permits were ever granted to waiters, less those of waiters that gave up. It may wrap.
    granted: usize,
    limit: usize,
}

/// A decision about the pool only wakes; it defers nothing.
pub(crate) type Fx = Effects<Infallible>;

impl Pool {
    #[track_caller]
    pub(super) const fn new(permits: usize, limit: usize, fairness: Fairness) -> Self {
        assert!(permits <= MAX_PERMITS, "a semaphore holds at most MAX_PERMITS = usize::MAX >> 3 permits");
        Self {
            standing: Standing::new(limit < MAX_PERMITS),
            available: permits,
            line: Line::new(fairness),
            issued: permits as isize,
            granted: 0,
            limit,
        }
    }

    #[inline(always)]
    pub(super) fn is_closed(&self) -> bool {
        self.standing.is_closed()
    }

    pub(super) fn debt(&self) -> usize {
        self.standing.debt()
    }

    /// Takes permits that are available, if there is no waiter.
    #[inline(always)]
    pub(super) fn take(&mut self, need: usize) -> bool {
        let there = need <= self.available && self.line.is_empty() && !self.is_closed();
        if there {
            self.available -= need;
        }
        there
    }

    /// Takes permits although there are waiters, if a newcomer may.
    fn overtake(&mut self, need: usize) -> bool {
        let may = need <= self.available && self.line.overtake(self.available - need);
        if may {
            self.available -= need;
        }
        may
    }

    /// Like [`overtake`](Self::overtake), but only if no waiter has to be woken after it. In an unfair line the rest
    /// may be enough for a waiter behind the notified ones.
    #[inline(never)]
    pub(super) fn overtake_fast(&mut self, need: usize) -> bool {
        (need == self.available || !self.line.is_unfair()) && self.overtake(need)
    }

    pub(super) fn acquire(&mut self, need: usize, effects: &mut Fx) -> Attempt<Result<usize, AcquireError>> {
        if self.is_closed() {
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

    pub(super) fn enqueue(&mut self, node: Link<Demand>, to_wake: &mut Option<Wake>) {
        self.line.enqueue(node);
        // There may be enough for this one, too, beside those that were notified before.
        self.line.wake_to_retry(self.available, to_wake);
    }

    /// A waiter was polled. It takes its permits if they are available and it may.
    pub(super) fn retry(&mut self, node: Link<Demand>, effects: &mut Fx) -> Option<usize> {
        if self.is_closed() || !self.line.may_take(node, self.available) {
            return None;
        }
        let taken = self.line.take(node, self.available);
        self.available -= taken;
        self.settle(effects);
        Some(taken)
    }

    /// Takes permits back if there is no debt, no limit and no waiter. Returns whether it did.
    #[inline(always)]
    pub(super) fn put(&mut self, permits: usize) -> bool {
        let unwanted = self.standing.is_plain() && self.line.is_empty();
        if unwanted {
            self.available += permits;
        }
        unwanted
    }

    /// Takes permits back if there is no debt and they serve exactly one waiter. Returns whether it did. (Between two
    /// turns of a close there are still waiters in line, which must not get anything.)
    pub(super) fn put_for_one(&mut self, permits: usize, to_wake: &mut Option<Wake>) -> bool {
        let need = match self.line.front() {
            Some(head) if self.standing.owes_nothing() => head.need,
            _ => return false,
        };
        if self.line.is_fifo() {
            // The first waiter takes all permits, so that there is no other to serve.
            let enough = need == self.available + permits;
            if enough {
                self.available = 0;
                self.granted = self.granted.wrapping_add(need);
                self.line.grant(to_wake);
            }
            return enough;
        }
        // One more permit serves at most one more waiter – except in an unfair line, which skips waiters that are
        // awake.
        let simple = permits == 1 && (self.available == 0 || !self.line.is_unfair());
        if simple {
            self.available += 1;
            self.line.wake_to_retry(self.available, to_wake);
        }
        simple
    }

    /// Takes permits back: repays debt first, then serves the line.
    pub(super) fn give_back(&mut self, permits: usize, effects: &mut Fx) {
        let repaid = self.standing.repay(permits);
        self.available += permits - repaid;
        self.settle(effects);
    }

    /// Issues new permits. The caller has checked [`has_room`](Self::has_room).
    pub(super) fn issue(&mut self, permits: usize, effects: &mut Fx) {
        self.issued += permits as isize;
        self.give_back(permits, effects);
    }

    /// Issues up to `permits`: to a turn of waiters what they lack, and then what fits below the limit. Returns how
    /// many, and whether there is another turn.
    pub(super) fn issue_within_limit(&mut self, permits: usize, effects: &mut Fx) -> (usize, bool) {
        let most = permits.min((MAX_PERMITS as isize - self.issued) as usize);
        let mut left = most;
        while !effects.wakes.is_full() && !self.is_closed() {
            let Some(need) = self.head() else { break };
            let lacks = self.debt() + need.saturating_sub(self.available);
            if lacks > left {
                break;
            }
            left -= lacks;
            self.issue(lacks, effects);
        }
        let again = left > 0 && effects.wakes.is_full() && !self.line.is_empty();
        if !again {
            let fits = left.min(self.debt() + self.limit.saturating_sub(self.available));
            left -= fits;
            self.issue(fits, effects);
        }
        (most - left, again)
    }

    /// What is above the limit and for no waiter is discarded (S4).
    fn trim(&mut self) {
        if self.available > self.limit && (self.line.is_empty() || self.is_closed()) {
            self.retire(self.available - self.limit);
            self.available = self.limit;
        }
    }

    /// Whether `permits` more may be issued (S2).
    pub(super) fn has_room(&self, permits: usize) -> bool {
        permits <= MAX_PERMITS && self.issued + permits as isize <= MAX_PERMITS as isize
    }

    /// Permits that are held will not come back.
    pub(super) fn retire(&mut self, permits: usize) {
        self.issued -= permits as isize;
    }

    /// Takes up to `most` permits out of the pool for good, and leaves debt alone.
    pub(super) fn forget(&mut self, most: usize) -> usize {
        let taken = self.available.min(most);
        self.remove(taken);
        self.retire(taken);
        taken
    }

    /// Takes `permits` away, now or as they come back. The caller has checked [`may_reduce`](Self::may_reduce).
    pub(super) fn reduce(&mut self, permits: usize) {
        let now = self.available.min(permits);
        self.remove(now);
        self.standing.owe(permits - now);
        self.retire(permits);
    }

    fn remove(&mut self, permits: usize) {
        self.available -= permits;
        self.line.announce_at_most(self.available);
    }

    /// Whether `permits` may be taken away: the debt stays within the limit.
    pub(super) fn may_reduce(&self, permits: usize) -> bool {
        permits.saturating_sub(self.available) <= MAX_PERMITS - self.debt()
    }

    /// Serves one waiter, or closes its wait. Returns whether there was one to serve.
    fn serve_one(&mut self, to_wake: &mut Option<Wake>) -> bool {
        if self.is_closed() {
            return self.line.close_one(to_wake);
        }
        if !self.line.is_fifo() {
            return self.line.wake_to_retry(self.available, to_wake);
        }
        let need = match self.line.front() {
            Some(head) if head.need <= self.available => head.need,
            _ => return false,
        };
        self.available -= need;
        self.granted = self.granted.wrapping_add(need);
        self.line.grant(to_wake);
        true
    }

    /// A waiter that was granted `permits` gives up.
    pub(super) fn ungrant(&mut self, permits: usize) {
        self.granted = self.granted.wrapping_sub(permits);
    }

    /// Permits that were granted to waiters that have not been polled since. `redeemed` counts those of the others.
    pub(super) fn unredeemed(&self, redeemed: usize) -> usize {
        self.granted.wrapping_sub(redeemed)
    }

    /// Permits that are held: issued, and neither available nor granted.
    pub(super) fn held(&self, redeemed: usize) -> usize {
        let outside = self.issued + self.debt() as isize - self.available as isize - self.unredeemed(redeemed) as isize;
        usize::try_from(outside).unwrap_or(0)
    }

    /// The demand of the first waiter.
    pub(super) fn head(&mut self) -> Option<usize> {
        self.line.front().map(|head| head.need)
    }

    /// Closes. Returns whether this call did it.
    pub(super) fn close(&mut self, effects: &mut Fx) -> bool {
        let first = self.standing.close();
        self.settle(effects);
        first
    }
}

impl Pool {
    /// Serves every waiter that can be served, until the batch of wakers is full.
    pub(super) fn settle(&mut self, effects: &mut Fx) {
        while !effects.wakes.is_full() {
            let mut to_wake = None;
            if !self.serve_one(&mut to_wake) {
                break;
            }
            effects.wakes.push(to_wake);
        }
        self.trim();
    }
}
