//! A line with a [`Fairness`]: where newcomers may pass, nothing is granted to those who wait; they are nudged.
//!
//! Nudged waiters keep their place. `next` divides the line: those before it have been *passed* by the nudging, and their
//! wakers are gone.
//!
//! ```text
//!   told    told    told │ next   asleep   awake   asleep
//!   ╰── covered ≤ free ──╯        awake: was told once, and somebody else took what there was
//! ```
//!
//! - (F1) What is `covered` is the sum of the demands of all who are *told*, and never more than what is free: all of them
//!   find what they were told of. When somebody else takes it, the last of them are told no more.
//! - (F2) Nobody else could be told: the demand of `next` is above what is free and not covered. Only a full batch of
//!   wakers leaves that to the next turn. In an unbounded line `next` may be awake; then whoever frees something steps on.
//! - (F3) A waiter is *passed* ⇔ it stands before `next`. Who is told is passed; who is passed and not told is awake, and
//!   stands in an unbounded line.
//! - (F4) In a line that is [`Fifo`](Fairness::Fifo) nobody is told, and `next` is `None`.

use super::{Fairness, Link, List, Stage, Wake};

/// What a line has to know of a waiter: it is kept in the node.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Mark(u64);

impl Mark {
    const TOLD: u64 = 1;
    const PASSED: u64 = 2;
    const FLAGS: u32 = 2;

    /// Of whoever does not wait.
    pub(crate) const NONE: Self = Self(0);

    /// Of a waiter that joins after so many overtakes.
    fn new(stamp: u64) -> Self {
        Self(stamp << Self::FLAGS)
    }

    fn stamp(self) -> u64 {
        self.0 >> Self::FLAGS
    }

    fn is_told(self) -> bool {
        self.0 & Self::TOLD != 0
    }

    fn is_passed(self) -> bool {
        self.0 & Self::PASSED != 0
    }

    fn pass(&mut self, told: bool) {
        self.0 |= Self::PASSED | if told { Self::TOLD } else { 0 };
    }

    fn unpass(&mut self) {
        self.0 &= !(Self::PASSED | Self::TOLD);
    }
}

/// A waiter of such a line.
pub(crate) trait Marked {
    fn mark(&mut self) -> &mut Mark;

    /// How much it waits for.
    fn need(&self) -> usize;
}

/// One that waits for the one thing there is.
impl Marked for Mark {
    fn mark(&mut self) -> &mut Mark {
        self
    }

    fn need(&self) -> usize {
        1
    }
}

// What an empty line is asked for stands first, next to the byte of the lock.
#[repr(C)]
pub(crate) struct Line<X> {
    list: List<X>,
    fairness: Fairness,
    /// The first who has not been passed.
    next: Option<Link<X>>,
    covered: usize,
    /// Newcomers that were served while somebody waited. The difference to its stamp is how often a waiter was overtaken.
    overtakes: u64,
}

impl<X> Line<X> {
    pub(crate) const fn new(fairness: Fairness) -> Self {
        Self { list: List::new(), fairness, next: None, covered: 0, overtakes: 0 }
    }

    #[inline(always)]
    pub(crate) fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    pub(crate) fn len(&self) -> usize {
        self.list.len()
    }

    #[inline(always)]
    pub(crate) fn is_fifo(&self) -> bool {
        matches!(self.fairness, Fairness::Fifo)
    }

    pub(crate) fn fairness(&self) -> Fairness {
        self.fairness
    }

    /// How much of what is free was promised to waiters that were woken to retry and have not been polled since.
    pub(crate) fn promised(&self) -> usize {
        self.covered
    }

    /// Whether nobody is waited for.
    #[inline(always)]
    pub(crate) fn is_unbounded(&self) -> bool {
        matches!(self.fairness, Fairness::Unbounded)
    }

    /// What the first waiter keeps in its node.
    #[inline(always)]
    pub(crate) fn front(&mut self) -> Option<&mut X> {
        self.list.front()
    }

    /// Grants the first waiter of a line that is first come, first served what it waits for.
    #[inline(always)]
    pub(crate) fn grant(&mut self, tell: &mut Option<Wake>) {
        debug_assert!(self.is_fifo(), "(F4)");
        self.list.end_front(Stage::Granted, tell);
    }
}

impl<X: Marked> Line<X> {
    /// Puts the node in line.
    pub(crate) fn enqueue(&mut self, node: Link<X>) {
        if !self.is_fifo() {
            *self.list.contents(node).0.mark() = Mark::new(self.overtakes);
            self.next = self.next.or(Some(node));
        }
        self.list.push_back(node);
    }

    /// Nudges the first who has not been told, if there is enough for it beside those who have.
    #[inline(never)]
    pub(crate) fn nudge(&mut self, free: usize, tell: &mut Option<Wake>) -> bool {
        while let Some(node) = self.next {
            let (extra, wake) = self.list.contents(node);
            let need = extra.need();
            // Who is awake and does not come may never come. Where it has no right to be first, it is not waited for.
            let told = wake.is_some() || !matches!(self.fairness, Fairness::Unbounded);
            if told && need > free - self.covered {
                return false;
            }
            extra.mark().pass(told);
            // Whoever is not told has no waker: it is awake.
            Wake::hand_over(wake, tell);
            self.next = self.list.next(node);
            if told {
                self.covered += need;
                return true;
            }
        }
        false
    }

    /// Whether somebody who was not told may take what is free before those who wait.
    fn may_be_overtaken(&mut self) -> bool {
        let overtakes = self.overtakes;
        match (self.fairness, self.list.front()) {
            (Fairness::Fifo, _) => false,
            (Fairness::Unbounded, _) | (_, None) => true,
            (Fairness::Barging { overtakes: most }, Some(head)) => overtakes - head.mark().stamp() < most as u64,
        }
    }

    /// Whether a newcomer may take what is free, although somebody waits. If so it has, and leaves `rest`.
    pub(crate) fn overtake(&mut self, rest: usize) -> bool {
        let may = self.may_be_overtaken();
        if may {
            self.overtakes += 1;
            self.cover(rest);
        }
        may
    }

    /// How much a waiter that was polled takes of what is `free`. If that is anything, it has left the line.
    ///
    /// Who was not told is as a newcomer to those who stand before it.
    pub(crate) fn take(&mut self, node: Link<X>, free: usize) -> Option<usize> {
        let extra = self.list.contents(node).0;
        let (need, told) = (extra.need(), extra.mark().is_told());
        let passes = !told && self.list.first() != Some(node);
        let may = told || need <= free && (!passes || self.may_be_overtaken());
        if may {
            self.withdraw(node);
            self.overtakes += u64::from(passes);
            self.cover(free - need);
        }
        may.then_some(need)
    }

    /// No more than `free` is left: whoever was told of more is told no more (F1).
    #[inline]
    pub(crate) fn cover(&mut self, free: usize) {
        while self.covered > free {
            self.step_back();
        }
    }

    /// A nudged waiter found nothing and goes back to sleep. If it was passed, it is to be nudged again, in its turn.
    pub(crate) fn rearm(&mut self, node: Link<X>) {
        if !self.list.contents(node).0.mark().is_passed() {
            return;
        }
        // Each step is one that `nudge` took forward, so all of them together cost no more than the nudging did.
        while self.next != Some(node) {
            self.step_back();
        }
    }

    /// A waiter gives up, and what covered it covers it no more.
    pub(crate) fn withdraw(&mut self, node: Link<X>) {
        self.forget(node);
        self.list.withdraw(node);
    }

    /// Ends the first wait, told or not: there is nothing to be had any more.
    pub(crate) fn close_one(&mut self, tell: &mut Option<Wake>) -> bool {
        let Some(first) = self.list.first() else { return false };
        self.forget(first);
        self.list.end_front(Stage::Closed, tell);
        true
    }

    /// The last one who was passed is so no more.
    fn step_back(&mut self) {
        let last = match self.next {
            Some(next) => self.list.prev(next),
            None => self.list.back(),
        };
        let last = last.expect("somebody has been passed");
        let extra = self.list.contents(last).0;
        if extra.mark().is_told() {
            self.covered -= extra.need();
        }
        extra.mark().unpass();
        self.next = Some(last);
    }

    /// A waiter is about to leave the list.
    fn forget(&mut self, node: Link<X>) {
        if self.next == Some(node) {
            self.next = self.list.next(node);
        }
        let extra = self.list.contents(node).0;
        if extra.mark().is_told() {
            self.covered -= extra.need();
        }
    }
}
