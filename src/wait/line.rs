//! A queue of waiters with a [`Fairness`]. Where newcomers may barge, waiters are woken to retry, not granted.
//!
//! Waiters that were woken keep their place. `next` divides the line: the waiters before it have been *skipped*, and
//! their wakers are gone.
//!
//! ```text
//!   notified   notified │ next   asleep   awake   asleep
//!   ╰── announced ≤ free ──╯     awake: was notified once, and another task took what there was
//! ```
//!
//! - (F1) `announced` is the sum of the demands of all *notified* waiters, and never more than what is free. So each of
//!   them finds what it was notified of. When another task takes some of it, the last of them are not notified any
//!   more.
//! - (F2) No other waiter could be notified: the demand of `next` is above what is free and not announced. A full batch
//!   of wakers leaves that to the next turn. In an unfair line `next` may be awake; then the next release steps past
//!   it.
//! - (F3) A waiter is *skipped* ⇔ it stands before `next`. Notified waiters are skipped. A skipped waiter that is not
//!   notified is already awake, and is in an unfair line.
//! - (F4) In a [`Fifo`](Fairness::Fifo) line no waiter is notified, and `next` is `None`.

use super::fairness::Fairness;
use super::list::List;
use super::node::Link;
use super::stage::Stage;
use super::stamp::LockStamp;
use super::ticket::Ticket;
use super::wakes::Wake;
use crate::record::Step;

/// What a waiter of a line keeps in its node if it may wait for more than one.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Demand {
    pub(crate) need: usize,
    ticket: Ticket,
}

impl Demand {
    #[inline(always)]
    pub(crate) const fn new(need: usize) -> Self {
        Self { need, ticket: Ticket::new() }
    }
}

impl AsMut<Ticket> for Demand {
    #[inline(always)]
    fn as_mut(&mut self) -> &mut Ticket {
        &mut self.ticket
    }
}

impl AsRef<usize> for Demand {
    #[inline(always)]
    fn as_ref(&self) -> &usize {
        &self.need
    }
}

/// `X` is what a waiter keeps in its node: its ticket, and how much it waits for.
// The fields that an empty line is asked for come first, next to the byte of the lock.
#[repr(C)]
pub(crate) struct Line<X> {
    list: List<X>,
    fairness: Fairness,
    /// The first waiter that has not been skipped.
    next: Option<Link<X>>,
    announced: usize,
    /// How many newcomers were served while waiters were queued. Less a waiter's stamp: how often it was overtaken.
    overtakes: u64,
}

impl<X> Line<X> {
    pub(crate) const fn new(fairness: Fairness) -> Self {
        Self { list: List::new(), fairness, next: None, announced: 0, overtakes: 0 }
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

    /// How much of what is free was announced to waiters that have not been polled since.
    pub(crate) fn promised(&self) -> usize {
        self.announced
    }

    /// How many waiters were skipped, that is, woken and not polled since. O(n) in them: for `Debug`.
    pub(crate) fn skipped(&mut self) -> usize {
        let (mut at, mut skipped) = (self.list.first(), 0);
        while let Some(node) = at.filter(|_| at != self.next) {
            (at, skipped) = (self.list.next(node), skipped + 1);
        }
        skipped
    }

    /// Whether newcomers may always pass.
    #[inline(always)]
    pub(crate) fn is_unfair(&self) -> bool {
        matches!(self.fairness, Fairness::Unfair)
    }

    /// From here on the nodes of this line may be named by `other`, too: see [`List::unite`].
    pub(crate) fn unite(&mut self, other: &mut List<X>) {
        self.list.unite(other);
    }

    /// The demand of the first waiter.
    #[inline(always)]
    pub(crate) fn front(&mut self) -> Option<&mut X> {
        self.list.front()
    }

    /// Grants the first waiter of a [`Fifo`](Fairness::Fifo) line what it waits for.
    #[inline(always)]
    pub(crate) fn grant(&mut self, to_wake: &mut Option<Wake>) {
        debug_assert!(self.is_fifo(), "(F4)");
        self.list.end_front(Stage::Granted, to_wake);
    }
}

impl<X: AsMut<Ticket> + AsRef<usize>> Line<X> {
    /// Appends the node.
    pub(crate) fn enqueue(&mut self, node: Link<X>) {
        if !self.is_fifo() {
            self.list.payload_of_unlinked(node).as_mut().set_number(self.overtakes);
            self.next = self.next.or(Some(node));
        }
        self.list.push_back(node);
    }

    /// Appends a waiter of a condition, whose stage tells its owner. `lock` is the lock of this line, unless the
    /// waiter's old queue was under the same lock.
    pub(crate) fn requeue(&mut self, node: Link<X>, lock: Option<LockStamp>) {
        self.enqueue(node);
        self.list.relocated(node, Stage::Requeued, lock);
    }

    /// The same of up to `most` waiters from the front of a list.
    pub(crate) fn requeue_from(&mut self, list: &mut List<X>, most: usize, lock: Option<LockStamp>) {
        if self.is_fifo() {
            self.list.extend_from(list, most, Stage::Requeued, lock, |_| true);
            return;
        }
        for _ in 0..most {
            let Some(node) = list.pop_front() else { return };
            self.requeue(node, lock);
        }
    }

    /// Wakes the next waiter to retry, if there is enough for it beside the notified ones. Returns whether it did.
    #[inline(never)]
    pub(crate) fn wake_to_retry(&mut self, free: usize, to_wake: &mut Option<Wake>) -> bool {
        while let Some(node) = self.next {
            let (payload, wake) = self.list.contents(node);
            let need = *payload.as_ref();
            // A waiter that is awake may never be polled. In an unfair line it has no right to be first, so it holds
            // nothing up.
            let notified = wake.is_some() || !matches!(self.fairness, Fairness::Unfair);
            if notified && need > free - self.announced {
                return false;
            }
            payload.as_mut().skip(notified);
            // One that is awake was woken before, and its record says when.
            if wake.is_some() {
                node.note(Step::Woken);
            }
            Wake::hand_over(wake, to_wake);
            self.next = self.list.next(node);
            if notified {
                self.announced += need;
                return true;
            }
        }
        false
    }

    /// Whether a newcomer, or a waiter that was not notified, may pass the first waiter.
    pub(crate) fn may_be_overtaken(&mut self) -> bool {
        let overtakes = self.overtakes;
        match (self.fairness, self.list.front()) {
            (Fairness::Fifo, _) => false,
            (Fairness::Unfair, _) | (_, None) => true,
            (Fairness::Barging { overtakes: most }, Some(head)) => overtakes - head.as_mut().number() < most as u64,
        }
    }

    /// Whether a newcomer may take what is free although waiters are queued. If so, it has taken it, and leaves `rest`.
    pub(crate) fn overtake(&mut self, rest: usize) -> bool {
        let may = self.may_be_overtaken();
        if may {
            self.overtaken(rest);
        }
        may
    }

    /// Whether a newcomer that leaves `rest` may uncover a sleeper: in an unfair line, what was announced to one who
    /// demands several may be enough for one behind it.
    #[inline(always)]
    pub(crate) fn uncovers(&self, rest: usize) -> bool {
        self.announced > rest && rest > 0 && self.is_unfair()
    }

    /// A newcomer, which may, has taken something although waiters are queued, and leaves `rest`.
    pub(crate) fn overtaken(&mut self, rest: usize) {
        self.overtakes += 1;
        self.announce_at_most(rest);
    }

    /// Whether a polled waiter may take its part of what is `free`.
    ///
    /// To the waiters before it, a waiter that was not notified is like a newcomer.
    pub(crate) fn may_take(&mut self, node: Link<X>, free: usize) -> bool {
        let payload = self.list.contents(node).0;
        let (need, notified) = (*payload.as_ref(), payload.as_mut().is_notified());
        notified || need <= free && (self.list.first() == Some(node) || self.may_be_overtaken())
    }

    /// A polled waiter, which [may](Self::may_take), takes its part of what is `free`, and leaves. Returns how much.
    pub(crate) fn take(&mut self, node: Link<X>, free: usize) -> usize {
        let payload = self.list.contents(node).0;
        let (need, notified) = (*payload.as_ref(), payload.as_mut().is_notified());
        let passes = !notified && self.list.first() != Some(node);
        self.withdraw(node);
        self.overtakes += u64::from(passes);
        self.announce_at_most(free - need);
        need
    }

    /// No more than `free` is left: waiters that were notified of more are not notified any more (F1).
    #[inline]
    pub(crate) fn announce_at_most(&mut self, free: usize) {
        while self.announced > free {
            self.step_back();
        }
    }

    /// A waiter that was woken to retry found nothing and goes back to sleep. If it was skipped, it will be notified
    /// again in its turn.
    pub(crate) fn rearm(&mut self, node: Link<X>) {
        if !self.list.contents(node).0.as_mut().is_woken() {
            return;
        }
        // Each step back undoes a step forward, so all of them together cost no more than the steps forward did.
        while self.next != Some(node) {
            self.step_back();
        }
    }

    /// A waiter gives up and leaves the line. What was announced to it is not announced any more.
    pub(crate) fn withdraw(&mut self, node: Link<X>) {
        self.forget(node);
        self.list.withdraw(node);
    }

    /// Ends the first wait, notified or not, because nothing will become free any more.
    pub(crate) fn close_one(&mut self, to_wake: &mut Option<Wake>) -> bool {
        let Some(first) = self.list.first() else { return false };
        self.forget(first);
        self.list.end_front(Stage::Closed, to_wake);
        true
    }

    /// The last skipped waiter is not skipped any more.
    fn step_back(&mut self) {
        let last = match self.next {
            Some(next) => self.list.prev(next),
            None => self.list.back(),
        };
        let last = last.expect("a waiter has been skipped");
        let payload = self.list.contents(last).0;
        if payload.as_mut().is_notified() {
            self.announced -= *payload.as_ref();
        }
        payload.as_mut().unskip();
        self.next = Some(last);
    }

    /// A waiter is about to leave the list: takes it out of `next` and `announced`.
    fn forget(&mut self, node: Link<X>) {
        if self.next == Some(node) {
            self.next = self.list.next(node);
        }
        let payload = self.list.contents(node).0;
        if payload.as_mut().is_notified() {
            self.announced -= *payload.as_ref();
        }
    }
}
