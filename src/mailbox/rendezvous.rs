//! Capacity 0: no slots, only meetings.
//!
//! A parked sender holds its message out, in its node, until a receiver takes it. Since it may still leave, a receiver is
//! never granted anything here: it is *called*, looks, and keeps its place if there is nothing.
//!
//! What must not wait – `try_send`, `force_send`, a permit's `send` – succeeds when a receiver is waiting: the message
//! enters the queue and the receiver is called. Should that receiver leave, the message stays as the oldest.
//!
//! - (R1) Supply = queued messages + messages held out before the first reservation in line.
//! - (R2) A receiver sleeps ⇒ no more messages are queued than receivers look, and it is kept for a permit or a granted
//!   reservation, or no more are held out either.
//! - (R3) A reservation at the head sleeps ⇒ receivers waiting < messages queued + permits + set aside + its demand.

use super::side::Next;
use super::state::{Fx, Post, Shut};
use crate::wait::{Attempt, State};

impl<T> Post<T> {
    /// (R1). With reservations in line only the head is asked: to count the offers before the first one would be O(n).
    fn supply(&mut self) -> usize {
        self.queue.len() + self.held_out()
    }

    fn held_out(&mut self) -> usize {
        if self.closed {
            0
        } else if self.senders.line.len() == self.offers {
            self.offers
        } else {
            usize::from(self.senders.line.front().is_some_and(|offer| offer.value.is_some()))
        }
    }

    /// How many receivers are kept for messages of senders who came before those who hold theirs out.
    fn kept(&self) -> usize {
        self.permits + self.set_aside
    }

    /// How many receivers wait that nobody has set aside or sent something to.
    pub(super) fn receivers_left(&self) -> usize {
        let waiting = self.receivers.line.len() + self.receivers.called();
        waiting.saturating_sub(self.queue.len() + self.kept())
    }

    /// How many messages a newcomer may take: those that nobody was called for. A message held out is for those who
    /// sleep, unless all of them are kept for somebody else.
    pub(super) fn offered(&mut self) -> usize {
        let there = if self.receivers.line.len() <= self.kept() { self.supply() } else { self.queue.len() };
        there.saturating_sub(self.receivers.called())
    }

    /// Whether one who was told to look may take something. A future that is kept for somebody may not take what another
    /// sender holds out.
    pub(super) fn has_supply_for(&mut self, seat: bool) -> bool {
        let free = seat || self.receivers.line.len() + self.receivers.called() > self.kept();
        self.queue.len() > 0 || free && self.held_out() > 0
    }

    /// Takes the oldest queued message, or the first that is held out.
    #[cold]
    pub(super) fn take_offer(&mut self, effects: &mut Fx<T>) -> Option<T> {
        let mut value = self.queue.pop(&mut effects.litter.retired);
        if value.is_none() && !self.closed {
            value = self.senders.line.front().and_then(|offer| offer.value.take());
            if value.is_some() {
                self.offers -= 1;
                self.senders.grant(&mut effects.wakes);
            }
        }
        self.settle(effects);
        value
    }

    /// A newcomer sends without waiting: to a receiver that waits, or not at all.
    pub(super) fn try_send_to_waiting(
        &mut self,
        value: &mut Option<T>,
        effects: &mut Fx<T>,
    ) -> Attempt<Result<(), Shut>> {
        if !self.may_meet(1) {
            return Attempt::Wait;
        }
        if !self.queue.has_room() {
            return Attempt::Provide;
        }
        if let Some(value) = value.take() {
            self.push(value, effects);
        }
        Attempt::Done(Ok(()))
    }

    /// Whether a newcomer may have `n` waiting receivers for itself.
    pub(super) fn may_meet(&self, n: usize) -> bool {
        self.senders.line.is_empty() && self.receivers_left() >= n
    }

    /// What handles were told of, and others took, is left to them no more (R3).
    pub(super) fn cover_rendezvous(&mut self) {
        self.senders.cover(self.receivers_left());
        let left = self.supply().saturating_sub(self.receivers.called());
        self.receivers.cover(left);
    }

    pub(super) fn settle_rendezvous(&mut self, effects: &mut Fx<T>) {
        self.cover_rendezvous();
        while !effects.wakes.is_full() && (self.set_one_aside(effects) || self.call_one(effects)) {}
    }

    /// A reservation whose turn it is gets its receiver (R3).
    fn set_one_aside(&mut self, effects: &mut Fx<T>) -> bool {
        let Some(next) = self.senders.next() else { return false };
        let covering = self.senders.covering();
        let left = self.receivers_left();
        match self.senders.front(next) {
            Some(offer) if offer.value.is_none() && left >= offer.need + covering => match next {
                Next::Future => {
                    self.set_aside += offer.need;
                    self.senders.grant(&mut effects.wakes);
                }
                Next::Seat => self.senders.nudge(Next::Seat, &mut effects.wakes),
            },
            _ => return false,
        }
        true
    }

    /// Somebody is called to look (R2): for a queued message whoever is next, for one held out whoever is not kept.
    fn call_one(&mut self, effects: &mut Fx<T>) -> bool {
        let looking = self.receivers.called() + self.covered();
        let anybody = self.queue.len() > looking;
        if !anybody && self.supply() <= looking {
            return false;
        }
        let future = anybody || self.receivers.line.len() > self.kept();
        let next = match self.receivers.next() {
            Some(Next::Future) if future => Next::Future,
            Some(_) if self.receivers.front(Next::Seat).is_some() => Next::Seat,
            _ => return false,
        };
        self.receivers.nudge(next, &mut effects.wakes);
        true
    }
}
