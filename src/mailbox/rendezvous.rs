//! Capacity 0: there are no slots. A sender and a receiver meet.
//!
//! A waiting sender keeps its message in its node until a receiver takes it: the message is *pending*. The sender may
//! still cancel, so a receiver is never granted a message here. It is *woken to retry*, and keeps its place if it finds
//! none.
//!
//! `try_send`, `force_send` and the `send` of a permit do not wait. They succeed if a receiver is waiting: the message
//! enters the queue, and a receiver is woken. If that receiver cancels, the message stays in the queue, as the oldest.
//!
//! A reservation, and then its permit, *sets aside* a waiting receiver for the message to come.
//!
//! - (R1) Supply = queued messages + pending messages before the first reservation.
//! - (R2) A receiver sleeps ⇒ queued messages ≤ woken futures + announced messages. So is the supply, unless the
//!   receiver is set aside.
//! - (R3) A reservation at the head sleeps ⇒ waiting receivers < queued messages + permits + receivers set aside or
//!   announced + its demand.

use super::error::Closed;
use super::state::{Fx, MailboxState};
use super::waiters::Kind;
use crate::wait::Attempt;

impl<T> MailboxState<T> {
    /// (R1).
    fn supply(&mut self) -> usize {
        self.queue.len() + self.pending_in_front()
    }

    /// Pending messages before the first reservation, or a lower bound: with a reservation in the queue only the head
    /// is read, because to count would be O(n).
    fn pending_in_front(&mut self) -> usize {
        if self.closed {
            0
        } else if self.senders.futures.len() == self.pending_messages {
            self.pending_messages
        } else {
            usize::from(self.senders.futures.front().is_some_and(|pending| pending.message.is_some()))
        }
    }

    /// How many receivers are set aside, for permits and for granted reservations.
    fn all_set_aside(&self) -> usize {
        self.permits + self.set_aside
    }

    /// How many waiting receivers are not set aside and have no queued message to take.
    pub(super) fn free_receivers(&self) -> usize {
        let waiting = self.receivers.futures.len() + self.receivers.woken_futures();
        waiting.saturating_sub(self.queue.len() + self.all_set_aside())
    }

    /// How many messages a newcomer may take: those that no receiver was woken for. Pending messages are for the
    /// sleeping receivers, unless all of these are set aside.
    pub(super) fn available_rendezvous(&mut self) -> usize {
        let messages =
            if self.receivers.futures.len() <= self.all_set_aside() { self.supply() } else { self.queue.len() };
        messages.saturating_sub(self.receivers.woken_futures())
    }

    /// Whether a receiver that was woken to retry may take a message. A future that is set aside may not take a pending
    /// message.
    pub(super) fn has_supply_for(&mut self, handle: bool) -> bool {
        let free = handle || self.receivers.futures.len() + self.receivers.woken_futures() > self.all_set_aside();
        self.queue.len() > 0 || free && self.pending_in_front() > 0
    }

    /// Takes the oldest queued message, or the first pending one.
    #[cold]
    pub(super) fn take_rendezvous(&mut self, effects: &mut Fx<T>) -> Option<T> {
        let mut message = self.pop(effects);
        if message.is_none() && !self.closed {
            message = self.senders.futures.front().and_then(|pending| pending.message.take());
            if message.is_some() {
                self.pending_messages -= 1;
                self.senders.grant(&mut effects.wakes);
            }
        }
        self.settle(effects);
        message
    }

    /// A newcomer sends without waiting, if a receiver waits.
    pub(super) fn try_send_to_waiting(
        &mut self,
        message: &mut Option<T>,
        effects: &mut Fx<T>,
    ) -> Attempt<Result<(), Closed>> {
        if !self.may_take_receivers(1) {
            return Attempt::Wait;
        }
        if !self.queue.has_room() {
            return Attempt::NeedsRoom;
        }
        if let Some(message) = message.take() {
            self.push(message, effects);
        }
        Attempt::Done(Ok(()))
    }

    /// Whether a newcomer may send to `n` waiting receivers, or set them aside.
    pub(super) fn may_take_receivers(&self, n: usize) -> bool {
        self.senders.futures.is_empty() && self.free_receivers() >= n
    }

    /// Handles may have been woken for receivers or messages that others took. Those are announced no longer (R3).
    pub(super) fn announce_rendezvous(&mut self) {
        self.senders.announce_at_most(self.free_receivers());
        let left = self.supply().saturating_sub(self.receivers.woken_futures());
        self.receivers.announce_at_most(left);
    }

    pub(super) fn settle_rendezvous(&mut self, effects: &mut Fx<T>) {
        self.announce_rendezvous();
        while !effects.wakes.is_full() && (self.set_receiver_aside(effects) || self.wake_receiver(effects)) {}
    }

    /// Grants the first reservation its receivers, if there are enough (R3).
    fn set_receiver_aside(&mut self, effects: &mut Fx<T>) -> bool {
        let Some(kind) = self.senders.first_kind() else { return false };
        let announced = self.senders.announced();
        let free = self.free_receivers();
        match self.senders.front(kind) {
            Some(pending) if pending.message.is_none() && free >= pending.need + announced => match kind {
                Kind::Future => {
                    self.set_aside += pending.need;
                    self.senders.grant(&mut effects.wakes);
                }
                Kind::Handle => self.senders.wake_to_retry(Kind::Handle, &mut effects.wakes),
            },
            _ => return false,
        }
        true
    }

    /// Wakes a receiver to retry (R2): for a queued message the next one, for a pending one the next that is not set
    /// aside.
    fn wake_receiver(&mut self, effects: &mut Fx<T>) -> bool {
        let woken = self.receivers.woken_futures() + self.announced();
        let queued = self.queue.len() > woken;
        if !queued && self.supply() <= woken {
            return false;
        }
        let future_may = queued || self.receivers.futures.len() > self.all_set_aside();
        let kind = match self.receivers.first_kind() {
            Some(Kind::Future) if future_may => Kind::Future,
            Some(_) if self.receivers.front(Kind::Handle).is_some() => Kind::Handle,
            _ => return false,
        };
        self.receivers.wake_to_retry(kind, &mut effects.wakes);
        true
    }
}
