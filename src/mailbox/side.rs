//! One side of a mailbox: everybody who waits to send, or everybody who waits to receive.
//!
//! Futures and handles wait differently. A future is *granted* what it waits for. A polled handle (`Stream`, `Sink`) may
//! never be polled again, so it is only *nudged*: woken, in its turn, with nothing withheld for it, and it keeps its place.
//! At capacity 0 receiving futures are nudged too – they are *called* – because a sender may still leave.
//!
//! - (D1) A waiter is in `line` (futures) or `seats` (handles) while it sleeps, and in `nudged` after it was told to look.
//! - (D2) `line` and `seats` are sorted by ticket; who has the lower one is served first.

use crate::wait::{Link, List, Stage, Wake, Wakes};

/// What every waiter of a mailbox keeps in its node.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Ticket {
    number: u64,
    /// A handle's waiter, not a future's.
    seat: bool,
    nudged: bool,
    /// Its handle was finished: it gets nothing, whatever the mailbox says.
    pub(super) shut: bool,
}

impl Ticket {
    #[inline(always)]
    pub(super) fn new(seat: bool, shut: bool) -> Self {
        Self { number: 0, seat, nudged: false, shut }
    }

    /// It is to be a handle's.
    pub(super) fn sit(&mut self) {
        self.seat = true;
    }

    pub(super) fn is_seat(self) -> bool {
        self.seat
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
    /// Whether anybody sleeps here, or something is left to those who were nudged: kept for [`is_astir`](Self::is_astir).
    astir: bool,
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
            astir: false,
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

    /// Whether anybody sleeps here, or something is left to those who were nudged.
    #[inline(always)]
    pub(super) fn is_astir(&self) -> bool {
        self.astir
    }

    /// Called by whatever may have changed it.
    #[inline(always)]
    fn note(&mut self) {
        self.astir = self.covering > 0 || !self.is_idle();
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
        (ticket.number, ticket.nudged) = (self.tickets, false);
    }

    pub(super) fn enqueue(&mut self, node: Link<X>) {
        let seat = self.line.contents(node).0.ticket().seat;
        if seat { &mut self.seats } else { &mut self.line }.push_back(node);
        self.astir = true;
    }

    /// Like [`enqueue`](Self::enqueue), but among the futures, whose waits are ended for them.
    pub(super) fn enqueue_offer(&mut self, node: Link<X>) {
        self.line.contents(node).0.ticket().seat = false;
        self.enqueue(node);
    }

    /// Who sleeps longest.
    pub(super) fn next(&mut self) -> Option<Next> {
        let number = |list: &mut List<X>| list.front().map(|x| x.ticket().number);
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
        wakes.push(self.line.end_front(Stage::Granted).flatten());
        self.note();
    }

    /// Wakes the first of its kind to look for itself.
    pub(super) fn nudge(&mut self, next: Next, wakes: &mut Wakes) {
        let list = match next {
            Next::Future => &mut self.line,
            Next::Seat => &mut self.seats,
        };
        let Some(node) = list.pop_front() else { return };
        let (extra, wake) = list.contents(node);
        extra.ticket().nudged = true;
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
        self.line.contents(node).0.ticket().nudged = false;
        let list = if ticket.seat { &mut self.seats } else { &mut self.line };
        list.insert_sorted(node, |x| x.ticket().number > ticket.number);
        self.note();
    }

    /// A waiter leaves, from wherever it is linked.
    pub(super) fn withdraw(&mut self, node: Link<X>) {
        let ticket = *self.line.contents(node).0.ticket();
        self.unlink(node, ticket);
        node.withdraw();
        self.note();
    }

    fn unlink(&mut self, node: Link<X>, ticket: Ticket) {
        match ticket {
            Ticket { nudged: true, seat, .. } => {
                match seat {
                    true => self.covering = self.covering.saturating_sub(1),
                    false => self.called -= 1,
                }
                self.nudged.remove(node);
            }
            Ticket { seat: true, .. } => self.seats.remove(node),
            _ => self.line.remove(node),
        }
    }

    /// Ends everybody's wait, as far as the batch has room: there is nothing to be had any more.
    pub(super) fn end_all(&mut self, wakes: &mut Wakes) {
        while !wakes.is_full() {
            let Some(wake) = self.end_one() else { break };
            wakes.push(wake);
        }
        self.note();
    }

    fn end_one(&mut self) -> Option<Option<Wake>> {
        match self.next() {
            Some(Next::Future) => self.line.end_front(Stage::Closed),
            Some(Next::Seat) => self.seats.end_front(Stage::Closed),
            None => {
                let seat = self.nudged.front()?.ticket().seat;
                self.called -= usize::from(!seat);
                self.nudged.end_front(Stage::Closed)
            }
        }
    }
}
