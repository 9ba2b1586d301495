//! One side of a mailbox: everybody who waits to send, or everybody who waits to receive.
//!
//! Futures and handles wait differently. A future is *granted* what it waits for. A polled handle (`Stream`, `Sink`) may
//! never be polled again, so it is only *nudged*: woken, in its turn, with nothing withheld for it, and it keeps its place.
//! At capacity 0 receiving futures are nudged too – they are *called* – because a sender may still leave.
//!
//! - (D1) A waiter is in `line` (futures) or `seats` (handles) while it sleeps, and in `nudged` after it was told to look.
//! - (D2) `line` and `seats` are sorted by ticket; who has the lower one is served first.

use crate::wait::{Link, List, Stage, Wake, Wakes};

/// What every waiter of a mailbox keeps in its node: when it came, and what it is. One word, because a fresh future that
/// goes through memory piece by piece costs more than the rest of a receive.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Ticket(u64);

impl Ticket {
    /// A handle's waiter, not a future's.
    const SEAT: u64 = 1;
    const NUDGED: u64 = 2;
    /// Its handle was finished: it gets nothing, whatever the mailbox says.
    const SHUT: u64 = 4;
    const FLAGS: u32 = 3;

    #[inline(always)]
    pub(super) fn new(seat: bool, shut: bool) -> Self {
        Self(if seat { Self::SEAT } else { 0 } | if shut { Self::SHUT } else { 0 })
    }

    /// It is to be a handle's, or not.
    pub(super) fn sit(&mut self, seat: bool) {
        self.set(Self::SEAT, seat);
    }

    pub(super) fn is_seat(self) -> bool {
        self.0 & Self::SEAT != 0
    }

    #[inline(always)]
    pub(super) fn is_shut(self) -> bool {
        self.0 & Self::SHUT != 0
    }

    fn nudge(&mut self, nudged: bool) {
        self.set(Self::NUDGED, nudged);
    }

    fn set(&mut self, flag: u64, on: bool) {
        self.0 = if on { self.0 | flag } else { self.0 & !flag };
    }

    fn is_nudged(self) -> bool {
        self.0 & Self::NUDGED != 0
    }

    fn set_number(&mut self, number: u64) {
        self.0 = (number << Self::FLAGS) | (self.0 & (Self::SEAT | Self::SHUT));
    }

    fn number(self) -> u64 {
        self.0 >> Self::FLAGS
    }
}

pub(crate) trait Ticketed {
    fn ticket(&mut self) -> &mut Ticket;
}

impl Ticketed for Ticket {
    fn ticket(&mut self) -> &mut Ticket {
        self
    }
}

/// Who is next, and how it waits.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Next {
    Future,
    Seat,
}

#[repr(C)]
pub(super) struct Side<X> {
    /// Whether a handle sleeps here, or something is left to those who were nudged: kept for [`is_odd`](Self::is_odd).
    odd: bool,
    pub(super) line: List<X>,
    seats: List<X>,
    nudged: List<X>,
    /// How many of `nudged` are futures.
    called: usize,
    /// How many messages or slots are left to nudged handles to find. One that somebody else took is covered no more, so
    /// an abandoned handle sits on one wake-up, and not on all that come after it.
    covering: usize,
    tickets: u64,
}

impl<X: Ticketed> Side<X> {
    pub(super) const fn new() -> Self {
        Self {
            odd: false,
            line: List::new(),
            seats: List::new(),
            nudged: List::new(),
            called: 0,
            covering: 0,
            tickets: 0,
        }
    }

    /// Whether nobody sleeps here.
    #[inline(always)]
    pub(super) fn is_idle(&self) -> bool {
        self.line.is_empty() && self.seats.is_empty()
    }

    /// Whether others than futures have to be thought of: a handle sleeps here, or something is left to those who were
    /// nudged.
    #[inline(always)]
    pub(super) fn is_odd(&self) -> bool {
        self.odd
    }

    /// Called by whatever may have changed it.
    #[inline(always)]
    fn note(&mut self) {
        self.odd = self.covering > 0 || !self.seats.is_empty();
    }

    /// Ends the first future's wait.
    #[inline(always)]
    pub(super) fn grant_one(&mut self, tell: &mut Option<Wake>) {
        self.line.end_front(Stage::Granted, tell);
    }

    /// How many were woken to retry, and have not been polled since.
    pub(super) fn woken(&self) -> usize {
        self.nudged.len()
    }

    pub(super) fn waiters(&self) -> usize {
        self.line.len() + self.seats.len() + self.nudged.len()
    }

    #[inline(always)]
    pub(super) fn covering(&self) -> usize {
        self.covering
    }

    /// No more than `most` are left to be found.
    #[inline(always)]
    pub(super) fn cover(&mut self, most: usize) {
        if self.covering > most {
            self.covering = most;
            self.note();
        }
    }

    pub(super) fn called(&self) -> usize {
        self.called
    }

    /// A new wait gets its number.
    pub(super) fn number(&mut self, ticket: &mut Ticket) {
        self.tickets += 1;
        ticket.set_number(self.tickets);
    }

    pub(super) fn enqueue(&mut self, node: Link<X>) {
        let seat = self.line.contents(node).0.ticket().is_seat();
        if seat { &mut self.seats } else { &mut self.line }.push_back(node);
        self.odd |= seat;
    }

    /// Like [`enqueue`](Self::enqueue), but among the futures, whose waits are ended for them.
    pub(super) fn enqueue_offer(&mut self, node: Link<X>) {
        self.line.contents(node).0.ticket().sit(false);
        self.enqueue(node);
    }

    /// Who sleeps longest.
    pub(super) fn next(&mut self) -> Option<Next> {
        let number = |list: &mut List<X>| list.front().map(|x| x.ticket().number());
        match (number(&mut self.line), number(&mut self.seats)) {
            (None, None) => None,
            (Some(future), Some(seat)) if future > seat => Some(Next::Seat),
            (Some(_), _) => Some(Next::Future),
            (None, Some(_)) => Some(Next::Seat),
        }
    }

    pub(super) fn front(&mut self, next: Next) -> Option<&mut X> {
        match next {
            Next::Future => self.line.front(),
            Next::Seat => self.seats.front(),
        }
    }

    /// Ends the first future's wait.
    pub(super) fn grant(&mut self, wakes: &mut Wakes) {
        wakes.end_front(&mut self.line, Stage::Granted);
    }

    /// Wakes the first of its kind to look for itself.
    pub(super) fn nudge(&mut self, next: Next, wakes: &mut Wakes) {
        let list = match next {
            Next::Future => &mut self.line,
            Next::Seat => &mut self.seats,
        };
        let Some(node) = list.pop_front() else { return };
        let (extra, wake) = list.contents(node);
        extra.ticket().nudge(true);
        wakes.push(wake.take());
        match next {
            Next::Future => self.called += 1,
            Next::Seat => self.covering += 1,
        }
        self.nudged.push_back(node);
        self.note();
    }

    /// A nudged waiter goes back to sleep, in its old place. O(waiters who came before it).
    pub(super) fn rearm(&mut self, node: Link<X>) {
        let ticket = *self.line.contents(node).0.ticket();
        self.unlink(node, ticket);
        self.line.contents(node).0.ticket().nudge(false);
        let list = if ticket.is_seat() { &mut self.seats } else { &mut self.line };
        list.insert_sorted(node, |x| x.ticket().number() > ticket.number());
        self.note();
    }

    /// Whether a linked waiter was told to look, and has not done so since.
    pub(super) fn was_told(&mut self, node: Link<X>) -> bool {
        self.line.contents(node).0.ticket().is_nudged()
    }

    /// A waiter leaves, from wherever it is linked.
    pub(super) fn withdraw(&mut self, node: Link<X>) {
        let ticket = *self.line.contents(node).0.ticket();
        self.unlink(node, ticket);
        node.withdraw();
        self.note();
    }

    fn unlink(&mut self, node: Link<X>, ticket: Ticket) {
        match (ticket.is_nudged(), ticket.is_seat()) {
            (true, seat) => {
                if seat {
                    self.covering = self.covering.saturating_sub(1);
                } else {
                    self.called -= 1;
                }
                self.nudged.remove(node);
            }
            (false, true) => self.seats.remove(node),
            (false, false) => self.line.remove(node),
        }
    }

    /// Ends everybody's wait, as far as the batch has room: there is nothing to be had any more.
    pub(super) fn end_all(&mut self, wakes: &mut Wakes) {
        while !wakes.is_full() {
            if !self.end_one(wakes) {
                break;
            }
        }
        self.note();
    }

    fn end_one(&mut self, wakes: &mut Wakes) -> bool {
        let list = match self.next() {
            Some(Next::Future) => &mut self.line,
            Some(Next::Seat) => &mut self.seats,
            None => {
                let Some(first) = self.nudged.front() else { return false };
                self.called -= usize::from(!first.ticket().is_seat());
                &mut self.nudged
            }
        };
        wakes.end_front(list, Stage::Closed);
        true
    }
}
