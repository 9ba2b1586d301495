//! The fast path of a mailbox: one message, one slot, and at most one waiter to wake.
//!
//! Nearly every send and receive needs no more. The other cases are left to [`state`](super::state): a closed mailbox,
//! capacity 0, handles that wait or were woken to retry, and a block that must be allocated or freed. Where senders may
//! pass those that wait, [`passing`](super::passing) has a second fast path: inlined here it would slow the first down.

use super::error::Closed;
use super::state::{MailboxState, UNBOUNDED};
use crate::wait::{Fast, Wake};

impl<T> MailboxState<T> {
    /// Whether the mailbox is closed, has no slots, or has handles that wait or were woken to retry.
    #[inline(always)]
    fn needs_slow_path(&self) -> bool {
        self.slow | self.senders.needs_slow_path() | self.receivers.needs_slow_path()
    }

    /// Whether it is closed, and one more receive does not reach the end. Until then messages are taken as before.
    fn is_draining(&self) -> bool {
        self.closed && self.capacity > 0 && self.queue.len() > 1 && !self.receivers.needs_slow_path()
    }

    /// Sends into a free slot that no sender waits for.
    #[inline(always)]
    pub(super) fn send_fast(
        &mut self,
        message: &mut Option<T>,
        to_wake: &mut Option<Wake>,
    ) -> Fast<Result<(), Closed>> {
        if self.needs_slow_path() {
            return Fast::Slow;
        }
        if !self.senders.futures.is_empty() || self.free() <= 0 {
            return if self.capacity == UNBOUNDED { Fast::Slow } else { Fast::Wait };
        }
        if !self.queue.has_room() {
            return Fast::Slow;
        }
        if message.is_some() {
            self.push_fast(message, to_wake);
        }
        Fast::Done(Ok(()))
    }

    /// Sends into a granted slot. Returns `false` if that needs the slow path.
    #[inline(always)]
    pub(super) fn use_slot_fast(&mut self, message: &mut Option<T>, to_wake: &mut Option<Wake>) -> bool {
        if self.needs_slow_path() || !self.queue.has_room() || message.is_none() {
            return false;
        }
        self.use_slot();
        self.push_fast(message, to_wake);
        true
    }

    /// (P2): if a receiver sleeps, this is the only message that is not claimed, and it is granted to that receiver.
    #[inline(always)]
    pub(super) fn push_fast(&mut self, message: &mut Option<T>, to_wake: &mut Option<Wake>) {
        self.queue.push_from(message);
        if !self.receivers.futures.is_empty() {
            self.claims += 1;
            self.receivers.grant_one(to_wake);
        }
    }

    /// Receives a message that is not claimed.
    #[inline(always)]
    pub(super) fn receive_fast(&mut self, to_wake: &mut Option<Wake>) -> Fast<Option<T>> {
        if self.needs_slow_path() && !self.is_draining() {
            Fast::Slow
        } else if self.queue.len() <= self.claims {
            Fast::Wait
        } else if !self.queue.has_at_hand() {
            Fast::Slow
        } else {
            self.make_room_fast(to_wake);
            Fast::Done(Some(self.queue.take_at_hand()))
        }
    }

    /// Takes the front message for a claim.
    #[inline(always)]
    pub(super) fn use_claim_fast(&mut self, to_wake: &mut Option<Wake>) -> Fast<Option<T>> {
        if self.needs_slow_path() && !self.is_draining() || !self.queue.has_at_hand() {
            return Fast::Slow;
        }
        self.claims -= 1;
        self.make_room_fast(to_wake);
        Fast::Done(Some(self.queue.take_at_hand()))
    }

    /// Grants the slot of a message that is about to be taken.
    ///
    /// (P3): the first sleeping sender demands more slots than are free. One more slot can satisfy it, but leaves
    /// nothing for a second sender.
    #[inline(always)]
    fn make_room_fast(&mut self, to_wake: &mut Option<Wake>) {
        if let Some(first) = self.senders.futures.front() {
            let need = first.need as i64;
            if need <= self.reservable() + 1 {
                self.quota -= need;
                self.senders.grant_one(to_wake);
            }
        }
    }
}
