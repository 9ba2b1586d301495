//! The quick half of a mailbox: a message, a slot, and at most one to tell.
//!
//! Nearly every send and receive is no more than that. Whatever is odd – closed, capacity 0, a handle that waits or was
//! nudged, a block that has to be made or freed – is left to [`state`](super::state), which can do all of it.

use super::state::{Post, Shut, UNBOUNDED};
use crate::wait::{Quick, Wake};

impl<T> Post<T> {
    /// Whether something is not as simple as messages, slots and futures: it is closed, or has no slots, or handles wait
    /// or were nudged.
    #[inline(always)]
    fn is_odd(&self) -> bool {
        self.odd | self.senders.is_odd() | self.receivers.is_odd()
    }

    /// Whether it is closed, and still not at its end when one message more is taken: what is left is taken as before.
    fn is_draining(&self) -> bool {
        self.closed && self.capacity > 0 && self.queue.len() > 1 && !self.receivers.is_odd()
    }

    /// Sends, if it takes no more than a slot that nobody waits for.
    #[inline(always)]
    pub(super) fn send_quickly(&mut self, value: &mut Option<T>, tell: &mut Option<Wake>) -> Quick<Result<(), Shut>> {
        if self.is_odd() {
            return Quick::Ask;
        }
        if !self.senders.line.is_empty() || self.free() <= 0 {
            return if self.capacity == UNBOUNDED { Quick::Ask } else { Quick::Wait };
        }
        if !self.queue.has_room() {
            return Quick::Ask;
        }
        if value.is_some() {
            self.push_quickly(value, tell);
        }
        Quick::Done(Ok(()))
    }

    /// Uses a slot that was granted, if it takes no more than that.
    #[inline(always)]
    pub(super) fn use_slot_quickly(&mut self, value: &mut Option<T>, tell: &mut Option<Wake>) -> bool {
        if self.is_odd() || !self.queue.has_room() || value.is_none() {
            return false;
        }
        self.use_slot();
        self.push_quickly(value, tell);
        true
    }

    /// (P2): if anybody sleeps, this is the one message that nobody has claimed.
    #[inline(always)]
    fn push_quickly(&mut self, value: &mut Option<T>, tell: &mut Option<Wake>) {
        self.queue.push_from(value);
        if !self.receivers.line.is_empty() {
            self.claims += 1;
            self.receivers.grant_one(tell);
        }
    }

    /// Receives, if it takes no more than a message that nobody has claimed.
    #[inline(always)]
    pub(super) fn receive_quickly(&mut self, tell: &mut Option<Wake>) -> Quick<Option<T>> {
        if self.is_odd() && !self.is_draining() {
            Quick::Ask
        } else if self.queue.len() <= self.claims {
            Quick::Wait
        } else if !self.queue.has_at_hand() {
            Quick::Ask
        } else {
            self.make_room_quickly(tell);
            Quick::Done(Some(self.queue.take_at_hand()))
        }
    }

    /// Gives a claim up for the front message, if it takes no more than that.
    #[inline(always)]
    pub(super) fn use_claim_quickly(&mut self, tell: &mut Option<Wake>) -> Quick<Option<T>> {
        if self.is_odd() && !self.is_draining() || !self.queue.has_at_hand() {
            return Quick::Ask;
        }
        self.claims -= 1;
        self.make_room_quickly(tell);
        Quick::Done(Some(self.queue.take_at_hand()))
    }

    /// A message is about to leave. (P3): if anybody sleeps, the first wants more slots than there were, so with one more
    /// there is nothing left for the second.
    #[inline(always)]
    fn make_room_quickly(&mut self, tell: &mut Option<Wake>) {
        if let Some(first) = self.senders.line.front() {
            let need = first.need as i64;
            if need <= self.reservable() + 1 {
                self.quota -= need;
                self.senders.grant_one(tell);
            }
        }
    }
}
