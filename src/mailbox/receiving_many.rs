//! Receiving many messages at a time.

use alloc::vec::Vec;

use super::error::TryRecvError;
use super::receiver::Receiver;
use super::receiving::{Receive, Take};
use super::shared::Shared;
use super::state::{Fx, MailboxState};
use crate::record::Origin;
use crate::wait::{Attempt, Elapsed, Own, TURN, Ticket, Wait, attempt, named_future};

impl<T> Receiver<T> {
    /// Waits for at least one message, and appends up to `limit` messages to `buffer`.
    ///
    /// Returns how many. 0 means that no message will come any more, or that `limit` is 0. It takes those that are
    /// queued when it is served, in turns of 64 under the lock, and does not wait for more.
    ///
    /// # Cancel safety
    /// As [`recv`](Self::recv). It takes messages only in the poll in which it is ready.
    #[cfg_attr(feature = "inspect", track_caller)]
    pub fn recv_many<'a>(&'a self, buffer: &'a mut Vec<T>, limit: usize) -> ReceivingMany<'a, T> {
        self.cancel_poll();
        ReceivingMany::new(Wait::new(&*self.shared, Receive::new(ManyMessages::new(buffer, limit)), Ticket::default()))
    }

    /// Appends up to `limit` messages to `buffer`, without waiting. Returns how many.
    ///
    /// # Errors
    /// As [`try_recv`](Self::try_recv). With a `limit` of 0 it returns 0, even at the end.
    #[doc(alias("drain", "drain_into", "try_iter"))]
    #[cfg_attr(feature = "inspect", track_caller)]
    pub fn try_recv_many(&self, buffer: &mut Vec<T>, limit: usize) -> Result<usize, TryRecvError> {
        self.cancel_poll();
        match attempt(&*self.shared, &mut Receive::new(ManyMessages::new(buffer, limit)), &mut Ticket::default()) {
            Some(0) if limit > 0 => Err(TryRecvError::Closed),
            Some(taken) => {
                self.shared.note_received(taken > 0, Origin::here());
                Ok(taken)
            }
            None => Err(TryRecvError::Empty),
        }
    }
}

/// Takes up to `left` more messages, into a buffer.
pub(crate) struct ManyMessages<'a, T> {
    buffer: Own<&'a mut Vec<T>>,
    left: usize,
    taken: usize,
}

impl<'a, T> ManyMessages<'a, T> {
    pub(super) fn new(buffer: &'a mut Vec<T>, limit: usize) -> Self {
        Self { buffer: Own::new(buffer), left: limit, taken: 0 }
    }
}

impl<T> Take<T> for ManyMessages<'_, T> {
    type Output = usize;

    // It takes no more than fits: a `Vec` must not grow under the lock.
    fn take(&mut self, state: &mut MailboxState<T>, available: usize, effects: &mut Fx<T>) -> Attempt<usize> {
        if self.taken == 0 {
            // Later messages are left for the next call: fast senders must not keep this one going forever.
            self.left = self.left.min(available);
        }
        let buffer = self.buffer.get_mut();
        let room = buffer.capacity() - buffer.len();
        let batch = available.min(self.left).min(room).min(TURN);
        let before = buffer.len();
        state.take_many(batch, effects, |message| buffer.push(message));
        self.taken += buffer.len() - before;
        self.left -= buffer.len() - before;
        if self.left == 0 || state.available() == 0 && self.taken > 0 {
            Attempt::Done(self.taken)
        } else {
            Attempt::NeedsRoom
        }
    }

    fn has_room(&mut self) -> bool {
        let buffer = self.buffer.get_mut();
        self.left == 0 || buffer.capacity() > buffer.len()
    }

    fn make_room(&mut self, shared: &Shared<T>) {
        let queued = shared.read(|state| state.queue.len());
        self.buffer.get_mut().reserve(queued.clamp(1, TURN).min(self.left));
    }

    fn so_far(&mut self) -> Option<usize> {
        (self.taken > 0 || self.left == 0).then_some(self.taken)
    }

    fn end(&mut self) -> usize {
        self.taken
    }

    fn message(_: usize) -> Option<T> {
        None
    }
}

named_future! {
    /// Waits for messages. Made by [`Receiver::recv_many`]. Returns how many were taken.
    ///
    /// # Cancel safety
    /// As [`Receiving`](super::Receiving). Messages that are in the buffer were received.
    pub struct ReceivingMany['a, T] where [] = Wait<&'a Shared<T>, Receive<T, ManyMessages<'a, T>>>
        => usize: |shared, _, taken, origin| {
            shared.note_received(taken > 0, origin);
            taken
        },
        until Result<usize, Elapsed>: Ok,
        elapsed: |_, _| Err(Elapsed);
}
