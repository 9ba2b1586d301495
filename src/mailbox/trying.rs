//! Sending without waiting: into a free slot, or into that of the oldest message.

use core::marker::PhantomData;

use super::error::{Closed, TrySendError};
use super::sender::Sender;
use super::shared::Shared;
use super::state::{Fx, MailboxState};
use crate::wait::{Attempt, Fast, Operation, Wake, attempt};

impl<T> Sender<T> {
    /// Sends a message, if a slot is free and no earlier sender waits for it. At capacity 0: if a receiver is waiting
    /// in `recv`. Where senders may pass ([`bounded_with`](super::bounded_with)), it may pass those that wait.
    ///
    /// It never parks, unless the feature `os-lock` or `inspect` is on. It waits at most for another thread to leave a
    /// critical section, which moves a message: box messages larger than a kilobyte. Do not call it in a signal
    /// handler.
    ///
    /// # Errors
    /// [`Full`](TrySendError::Full) if no slot is free or an earlier sender waits for it,
    /// [`Closed`](TrySendError::Closed) if the mailbox is closed. Both have the message. An unbounded mailbox is never
    /// full.
    #[doc(alias = "unbounded_send")]
    #[inline(always)]
    pub fn try_send(&self, message: T) -> Result<(), TrySendError<T>> {
        let mut message = Some(message);
        let sent = if self.cancel_poll() {
            Some(Err(Closed))
        } else {
            attempt(&*self.shared, &mut TrySend(PhantomData), &mut message)
        };
        // The message is not touched again if it was sent: it may be large.
        match sent {
            Some(Ok(())) => Ok(()),
            None => message.map_or(Ok(()), |message| Err(TrySendError::Full(message))),
            Some(Err(Closed)) => message.map_or(Ok(()), |message| Err(TrySendError::Closed(message))),
        }
    }

    /// Sends a message without waiting, ahead of waiting senders. If no slot is free, it removes the oldest message and
    /// returns it.
    ///
    /// # Errors
    /// [`Closed`](TrySendError::Closed) if the mailbox is closed, [`Full`](TrySendError::Full) if every slot is
    /// reserved or granted, so that there is no message to remove. Both have the message. At capacity 0 as
    /// [`try_send`](Self::try_send).
    #[doc(alias("force_push", "overwrite"))]
    pub fn force_send(&self, message: T) -> Result<Option<T>, TrySendError<T>> {
        let mut message = Some(message);
        let sent = if self.cancel_poll() {
            Some(Err(Closed))
        } else {
            attempt(&*self.shared, &mut ForceSend(PhantomData), &mut message)
        };
        match (sent, message) {
            (None, Some(message)) => Err(TrySendError::Full(message)),
            (Some(Err(Closed)), Some(message)) => Err(TrySendError::Closed(message)),
            (Some(Ok(evicted)), _) => Ok(evicted),
            _ => Ok(None),
        }
    }
}

/// The operation of sending into a free slot.
struct TrySend<T>(PhantomData<fn(T)>);

impl<T> Operation for TrySend<T> {
    type On = Shared<T>;
    type Output = Result<(), Closed>;
    type Payload = Option<T>;

    #[inline(always)]
    fn try_fast(
        &mut self,
        message: &mut Option<T>,
        state: &mut MailboxState<T>,
        to_wake: &mut Option<Wake>,
        again: bool,
    ) -> Fast<Self::Output> {
        if again { state.send_past_fast(message, to_wake) } else { state.send_fast(message, to_wake) }
    }

    fn try_slow(
        &mut self,
        message: &mut Option<T>,
        state: &mut MailboxState<T>,
        effects: &mut Fx<T>,
    ) -> Attempt<Self::Output> {
        state.try_send(message, effects)
    }

    fn make_room(&mut self, shared: &Shared<T>) {
        shared.add_block();
    }
}

/// The operation of sending ahead of waiting senders.
struct ForceSend<T>(PhantomData<fn(T)>);

impl<T> Operation for ForceSend<T> {
    type On = Shared<T>;
    type Output = Result<Option<T>, Closed>;
    type Payload = Option<T>;

    fn try_slow(
        &mut self,
        message: &mut Option<T>,
        state: &mut MailboxState<T>,
        effects: &mut Fx<T>,
    ) -> Attempt<Self::Output> {
        if state.closed || state.capacity == 0 {
            return match state.try_send(message, effects) {
                Attempt::Done(sent) => Attempt::Done(sent.map(|()| None)),
                Attempt::Wait => Attempt::Wait,
                Attempt::NeedsRoom => Attempt::NeedsRoom,
            };
        }
        let evict = state.free() < 1;
        if evict && state.queue.len() == 0 {
            return Attempt::Wait;
        }
        if !state.queue.has_room() {
            return Attempt::NeedsRoom;
        }
        // One message leaves and one enters, so every claim still has its message (P1).
        let evicted = if evict { state.pop(effects) } else { None };
        if let Some(message) = message.take() {
            state.push(message, effects);
        }
        Attempt::Done(Ok(evicted))
    }

    fn make_room(&mut self, shared: &Shared<T>) {
        shared.add_block();
    }
}
