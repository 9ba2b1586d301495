//! Capacity 0: no slots, only meetings.
//!
//! A parked sender holds its message out, in its node, until a receiver takes it. Since it may still leave, a receiver is
//! never granted anything here: it is *called*, looks, and keeps its place if there is nothing.
//!
//! What must not wait – `try_send`, `force_send`, a permit's `send` – succeeds when a receiver is waiting: the message
//! enters the queue and the receiver is called. Should that receiver leave, the message stays as the oldest.
//!
//! - (R1) Supply = queued messages + messages held out before the first reservation in line.
//! - (R2) A receiver sleeps ⇒ supply ≤ nudges, or it is set aside for a permit or for a granted reservation.
//! - (R3) A reservation at the head sleeps ⇒ receivers waiting < messages queued + permits + set aside + its demand.

use super::side::Next;
use super::state::{Fx, Post, Shut};
use crate::wait::Attempt;

impl<T> Post<T> {
    /// (R1). With reservations in line only the head is asked: to count the offers before the first one would be O(n).
    fn supply(&mut self) -> usize {
        let offered = if self.senders.line.len() == self.offers {
            self.offers
        } else {
            usize::from(self.senders.line.front().is_some_and(|offer| offer.value.is_some()))
        };
        self.queue.len() + offered
    }

    /// How many receivers wait that nobody has set aside or sent something to.
    pub(super) fn receivers_left(&self) -> usize {
        let waiting = self.receivers.line.len() + self.receivers.called();
        waiting.saturating_sub(self.queue.len() + self.permits + self.set_aside)
    }

    /// How many messages a newcomer may take: those that nobody was called for, and only past an empty line.
    pub(super) fn offered(&mut self) -> usize {
        if self.receivers.line.is_empty() { self.supply().saturating_sub(self.receivers.called()) } else { 0 }
    }

    pub(super) fn has_supply(&mut self) -> bool {
        self.supply() > 0
    }

    /// Takes the oldest queued message, or the first that is held out.
    #[cold]
    pub(super) fn take_offer(&mut self, effects: &mut Fx<T>) -> Option<T> {
        let mut value = self.queue.pop(&mut effects.litter.retired);
        if value.is_none() {
            value = self.senders.line.front().and_then(|offer| offer.value.take());
            if value.is_some() {
                self.offers -= 1;
                self.senders.grant(&mut effects.wakes);
            }
        }
        crate::wait::State::settle(self, effects);
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
        self.push(value, effects);
        Attempt::Done(Ok(()))
    }

    /// Whether a newcomer may have `n` waiting receivers for itself.
    pub(super) fn may_meet(&self, n: usize) -> bool {
        self.senders.line.is_empty() && self.receivers_left() >= n
    }

    pub(super) fn settle_rendezvous(&mut self, effects: &mut Fx<T>) {
        while !effects.wakes.is_full() && (self.set_one_aside(effects) || self.call_one(effects)) {}
    }

    /// A reservation whose turn it is gets its receiver (R3).
    fn set_one_aside(&mut self, effects: &mut Fx<T>) -> bool {
        let Some(next) = self.senders.next() else { return false };
        let nudged = self.senders.nudged();
        let left = self.receivers_left();
        match self.senders.front(next) {
            Some(offer) if offer.value.is_none() && left >= offer.need + nudged => match next {
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

    /// Somebody who is not set aside is called to look (R2).
    fn call_one(&mut self, effects: &mut Fx<T>) -> bool {
        if self.supply() <= self.receivers.nudged() {
            return false;
        }
        let spoken_for = self.receivers.line.len() <= self.permits + self.set_aside;
        match self.receivers.next() {
            Some(Next::Future) if !spoken_for => self.receivers.nudge(Next::Future, &mut effects.wakes),
            Some(_) if self.receivers.front(Next::Seat).is_some() => {
                self.receivers.nudge(Next::Seat, &mut effects.wakes);
            }
            _ => return false,
        }
        true
    }
}
