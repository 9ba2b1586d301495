//! The waiters of one side of a mailbox: those that wait to send, or those that wait to receive.
//!
//! Futures and handles wait differently. A future is *granted* what it waits for. A polled handle (`Stream`, `Sink`)
//! may never be polled again. So it is only *woken to retry*, in its turn: nothing is withheld for it, and it keeps its
//! place. At capacity 0 receiving futures are woken to retry, too, because a sender may still cancel.
//!
//! - (D1) A sleeping waiter is in `futures` or in `handles`. One that was woken to retry is in `woken`.
//! - (D2) `futures` and `handles` are sorted by ticket. The waiter with the lowest ticket is served first.

use crate::record::Step;
use crate::wait::{Link, List, Stage, Ticket, Wake, Wakes};

/// Whether a waiter belongs to a future or to a handle.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Future,
    Handle,
}

#[repr(C)]
pub(super) struct Waiters<X> {
    /// What [`needs_slow_path`](Self::needs_slow_path) returns.
    slow: bool,
    pub(super) futures: List<X>,
    handles: List<X>,
    woken: List<X>,
    /// How many futures `woken` has.
    woken_futures: usize,
    /// How many messages or slots woken handles may find. One that another waiter took is not announced any more. So an
    /// abandoned handle keeps one wake-up, and not all that follow.
    announced: usize,
    tickets: u64,
}

impl<X: AsMut<Ticket>> Waiters<X> {
    pub(super) const fn new() -> Self {
        Self {
            slow: false,
            futures: List::new(),
            handles: List::new(),
            woken: List::new(),
            woken_futures: 0,
            announced: 0,
            tickets: 0,
        }
    }

    /// Whether no waiter sleeps.
    #[inline(always)]
    pub(super) fn is_idle(&self) -> bool {
        self.futures.is_empty() && self.handles.is_empty()
    }

    /// Whether a handle sleeps, or something is announced to woken handles.
    #[inline(always)]
    pub(super) fn needs_slow_path(&self) -> bool {
        self.slow
    }

    #[inline(always)]
    fn update_slow(&mut self) {
        self.slow = self.announced > 0 || !self.handles.is_empty();
    }

    /// Grants to the first future, on the fast path.
    #[inline(always)]
    pub(super) fn grant_one(&mut self, to_wake: &mut Option<Wake>) {
        self.futures.end_front(Stage::Granted, to_wake);
    }

    /// How many waiters were woken to retry, and have not been polled since.
    pub(super) fn woken(&self) -> usize {
        self.woken.len()
    }

    pub(super) fn len(&self) -> usize {
        self.futures.len() + self.handles.len() + self.woken.len()
    }

    #[inline(always)]
    pub(super) fn announced(&self) -> usize {
        self.announced
    }

    /// Announces no more than `most`.
    #[inline(always)]
    pub(super) fn announce_at_most(&mut self, most: usize) {
        if self.announced > most {
            self.announced = most;
            self.update_slow();
        }
    }

    pub(super) fn woken_futures(&self) -> usize {
        self.woken_futures
    }

    /// A new waiter gets its number and its place.
    pub(super) fn enqueue(&mut self, node: Link<X>) {
        self.futures.unite(&mut self.handles);
        self.futures.unite(&mut self.woken);
        self.tickets += 1;
        let ticket = self.futures.payload_of_unlinked(node).as_mut();
        ticket.set_number(self.tickets);
        let handle = ticket.is_handle();
        if handle { &mut self.handles } else { &mut self.futures }.push_back(node);
        self.slow |= handle;
    }

    /// Like [`enqueue`](Self::enqueue), but among the futures, which can be granted.
    pub(super) fn enqueue_as_future(&mut self, node: Link<X>) {
        self.futures.payload_of_unlinked(node).as_mut().set_handle(false);
        self.enqueue(node);
    }

    /// The kind of the waiter that sleeps longest.
    pub(super) fn first_kind(&mut self) -> Option<Kind> {
        let number = |list: &mut List<X>| list.front().map(|x| x.as_mut().number());
        match (number(&mut self.futures), number(&mut self.handles)) {
            (None, None) => None,
            (Some(future), Some(handle)) if future > handle => Some(Kind::Handle),
            (Some(_), _) => Some(Kind::Future),
            (None, Some(_)) => Some(Kind::Handle),
        }
    }

    pub(super) fn front(&mut self, kind: Kind) -> Option<&mut X> {
        match kind {
            Kind::Future => self.futures.front(),
            Kind::Handle => self.handles.front(),
        }
    }

    /// Grants to the first future.
    pub(super) fn grant(&mut self, wakes: &mut Wakes) {
        self.futures.end_front_into(Stage::Granted, wakes);
    }

    /// Wakes the first waiter of this kind to retry.
    pub(super) fn wake_to_retry(&mut self, kind: Kind, wakes: &mut Wakes) {
        let list = match kind {
            Kind::Future => &mut self.futures,
            Kind::Handle => &mut self.handles,
        };
        let Some(node) = list.pop_front() else { return };
        self.woken.push_back(node);
        let (payload, wake) = self.woken.contents(node);
        payload.as_mut().set_woken(true);
        wakes.push(wake.take());
        node.note(Step::Woken);
        match kind {
            Kind::Future => self.woken_futures += 1,
            Kind::Handle => self.announced += 1,
        }
        self.update_slow();
    }

    /// A woken waiter goes back to sleep, in its old place. O(n) in the waiters before it.
    pub(super) fn rearm(&mut self, node: Link<X>) {
        let ticket = self.unlink(node);
        self.futures.payload_of_unlinked(node).as_mut().set_woken(false);
        let list = if ticket.is_handle() { &mut self.handles } else { &mut self.futures };
        list.insert_sorted(node, |x| x.as_mut().number() > ticket.number());
        self.update_slow();
    }

    /// The payload of a linked waiter, in any of the lists.
    pub(super) fn payload(&mut self, node: Link<X>) -> &mut X {
        self.futures.contents(node).0
    }

    /// The place of the waker of a linked waiter.
    pub(super) fn wake(&mut self, node: Link<X>) -> &mut Option<Wake> {
        self.futures.contents(node).1
    }

    /// Whether a linked waiter was woken to retry, and has not been polled since.
    pub(super) fn was_woken(&mut self, node: Link<X>) -> bool {
        self.wake(node).is_none()
    }

    /// A waiter leaves, from any of the lists.
    pub(super) fn withdraw(&mut self, node: Link<X>) {
        self.unlink(node);
        // Which list does not matter now. This is the last access to the node.
        self.futures.mark_withdrawn(node);
        self.update_slow();
    }

    fn unlink(&mut self, node: Link<X>) -> Ticket {
        let ticket = *self.payload(node).as_mut();
        match (ticket.is_woken(), ticket.is_handle()) {
            (true, handle) => {
                if handle {
                    self.announced = self.announced.saturating_sub(1);
                } else {
                    self.woken_futures -= 1;
                }
                self.woken.remove(node);
            }
            (false, true) => self.handles.remove(node),
            (false, false) => self.futures.remove(node),
        }
        ticket
    }

    /// Ends all waits as closed, until the batch of wakers is full.
    pub(super) fn end_all(&mut self, wakes: &mut Wakes) {
        if self.len() == 0 {
            return;
        }
        while !wakes.is_full() {
            if !self.end_one(wakes) {
                break;
            }
        }
        self.update_slow();
    }

    fn end_one(&mut self, wakes: &mut Wakes) -> bool {
        let list = match self.first_kind() {
            Some(Kind::Future) => &mut self.futures,
            Some(Kind::Handle) => &mut self.handles,
            None => {
                let Some(first) = self.woken.front() else { return false };
                self.woken_futures -= usize::from(!first.as_mut().is_handle());
                &mut self.woken
            }
        };
        list.end_front_into(Stage::Closed, wakes);
        true
    }
}
