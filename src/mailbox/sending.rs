//! Sending a message, and waiting for a slot.

use core::cell::Cell;
use core::marker::PhantomData;
use core::pin::Pin;

use super::error::{Closed, SendError, SendUntilError};
use super::sender::Sender;
use super::shared::Shared;
use super::state::{Fx, MailboxState, PendingSend};
use crate::wait::{
    Attempt, Defer, Effects, Fast, Link, Operation, Primitive, Stage, Ticket, Wait, Waitable, Wake, award_fast,
    carry_out, decide, named_future,
};

impl<T> Sender<T> {
    /// Sends a message, and waits for a slot if none is free.
    ///
    /// On an unbounded mailbox it never waits. At capacity 0 it completes when a receiver has taken the message.
    ///
    /// **It is a future, on an unbounded mailbox, too: `let _ = sender.send(message)` compiles and sends nothing.**
    /// Clippy warns of it (`clippy::let_underscore_future`, on by default). To send at once, without a future, use
    /// [`try_send`](Self::try_send): an unbounded mailbox is never full.
    ///
    /// # Cancel safety
    /// A future that is dropped before it was ready did *not* send. [`Sending::cancel`] gives the message back. **At
    /// capacity 0 a receiver may have taken it at that very moment**: then `cancel` returns `None`, and the message was
    /// sent.
    ///
    /// # Errors
    /// Gives the message back if the mailbox is closed.
    #[doc(alias = "send_async")]
    #[inline(always)]
    #[cfg_attr(feature = "inspect", track_caller)]
    pub fn send(&self, message: T) -> Sending<'_, T> {
        Sending::new(Wait::new(&*self.shared, Send::new(), Send::payload(message, self.cancel_poll())))
    }

    /// Sends a message, and waits on this thread. Short for `send(message).wait()`. Never call it inside a task.
    ///
    /// # Errors
    /// Gives the message back if the mailbox is closed.
    #[doc(alias = "blocking_send")]
    #[cfg(feature = "std")]
    #[inline]
    #[cfg_attr(feature = "inspect", track_caller)]
    pub fn send_blocking(&self, message: T) -> Result<(), super::SendError<T>> {
        self.send(message).wait()
    }
}

/// The operation of sending the message in its payload. In a mailbox with slots the sender owns the message until it is
/// pushed. At capacity 0 a receiver takes it out of the node.
pub(crate) struct Send<T>(PhantomData<fn(T)>);

impl<T> Send<T> {
    #[inline(always)]
    pub(super) fn new() -> Self {
        Self(PhantomData)
    }

    #[inline(always)]
    pub(super) fn payload(message: T, finished: bool) -> PendingSend<T> {
        PendingSend::new(Ticket::of(false, finished), 1, Some(message))
    }
}

impl<T> Operation for Send<T> {
    type On = Shared<T>;
    type Output = Result<(), Closed>;
    type Payload = PendingSend<T>;

    #[inline(always)]
    fn try_fast(
        &mut self,
        pending: &mut PendingSend<T>,
        state: &mut MailboxState<T>,
        to_wake: &mut Option<Wake>,
        again: bool,
    ) -> Fast<Self::Output> {
        if pending.ticket.is_finished() {
            Fast::Slow
        } else if again {
            state.send_past_fast(&mut pending.message, to_wake)
        } else {
            state.send_fast(&mut pending.message, to_wake)
        }
    }

    #[inline]
    fn try_slow(
        &mut self,
        pending: &mut PendingSend<T>,
        state: &mut MailboxState<T>,
        effects: &mut Fx<T>,
    ) -> Attempt<Self::Output> {
        if pending.ticket.is_finished() {
            Attempt::Done(Err(Closed))
        } else if state.capacity == 0 && !state.closed {
            // The message becomes pending, and a receiver takes it.
            Attempt::Wait
        } else {
            state.try_send(&mut pending.message, effects)
        }
    }

    fn make_room(&mut self, shared: &Shared<T>) {
        shared.add_block();
    }
}

impl<T> Waitable for Send<T> {
    const HINT: usize = 1;

    fn enqueue(&mut self, state: &mut MailboxState<T>, node: Link<PendingSend<T>>, _: &mut Option<Wake>) {
        if state.capacity == 0 {
            // A handle's waiter joins the futures, too: a receiver can take the pending message without a poll.
            state.senders.enqueue_as_future(node);
            // The waiter has a message: a send whose message was taken has its result, and does not join.
            state.pending_messages += 1;
        } else {
            state.enqueue_sender(node);
        }
    }

    fn retry(
        &mut self,
        state: &mut MailboxState<T>,
        node: Link<PendingSend<T>>,
        woken: bool,
        effects: &mut Fx<T>,
    ) -> Attempt<Self::Output> {
        let free = state.takeable();
        if !state.may_take_in_turn(node, woken, free) {
            return Attempt::Wait;
        }
        if !state.queue.has_room() {
            return Attempt::NeedsRoom;
        }
        let message = state.senders.payload(node).message.take();
        state.take_in_turn(node, free);
        if let Some(message) = message {
            state.push(message, effects);
        }
        Attempt::Done(Ok(()))
    }

    fn rearm(&mut self, state: &mut MailboxState<T>, node: Link<PendingSend<T>>, _: &mut Fx<T>) {
        state.rearm_sender(node);
    }

    /// The grant is a slot, which is used now, unless the mailbox was closed meanwhile. At capacity 0 the grant means
    /// that a receiver has taken the message.
    fn redeem(&mut self, shared: &Shared<T>, stage: Stage, pending: &mut PendingSend<T>) -> Self::Output {
        if shared.capacity == 0 || stage != Stage::Granted {
            return if stage == Stage::Granted { Ok(()) } else { Err(Closed) };
        }
        let mut state = shared.lock().lock();
        let mut to_wake = None;
        if state.use_slot_fast(&mut pending.message, &mut to_wake) {
            drop(state);
            return award_fast::<Self>(shared, &mut to_wake, Ok(()));
        }
        let mut effects = Effects::new();
        loop {
            if state.closed {
                return Err(Closed);
            }
            if !state.queue.has_room() {
                drop(state);
                let stocked = Cell::new(false);
                // If the allocation panics, the slot goes to the next sender.
                let give_back = Defer(|| {
                    if !stocked.get() {
                        decide(shared, |state, effects| state.give_back(1, effects));
                    }
                });
                shared.add_block();
                stocked.set(true);
                drop(give_back);
                state = shared.lock().lock();
                continue;
            }
            match pending.message.take() {
                Some(message) => {
                    state.use_slot();
                    state.push(message, &mut effects);
                }
                None => state.free_slots(1, &mut effects),
            }
            break;
        }
        drop(state);
        carry_out(shared, &mut effects);
        Ok(())
    }

    fn leave(&mut self, state: &mut MailboxState<T>, node: Link<PendingSend<T>>, effects: &mut Fx<T>) {
        state.withdraw_sender(node, effects);
    }

    fn hand_on(&mut self, state: &mut MailboxState<T>, pending: &mut PendingSend<T>, effects: &mut Fx<T>) {
        if state.capacity > 0 {
            state.free_slots(pending.need, effects);
        }
    }
}

/// The result of a send. The error has the message.
pub(super) fn conclude<T>(pending: &mut PendingSend<T>, sent: Result<(), Closed>) -> Result<(), SendError<T>> {
    match sent {
        Ok(()) => Ok(()),
        Err(Closed) => pending.message.take().map_or(Ok(()), |message| Err(SendError(message))),
    }
}

/// The result of a send with a deadline.
pub(super) fn in_time<T>(sent: Result<(), SendError<T>>) -> Result<(), SendUntilError<T>> {
    sent.map_err(|SendError(message)| SendUntilError::Closed(message))
}

/// The result of a send whose deadline came first. If there is no message any more, a receiver has taken it, and the
/// send succeeded.
pub(super) fn unsent<T>(pending: &mut PendingSend<T>) -> Result<(), SendUntilError<T>> {
    pending.message.take().map_or(Ok(()), |message| Err(SendUntilError::Elapsed(message)))
}

named_future! {
    /// Waits to send a message. Made by [`Sender::send`].
    ///
    /// # Cancel safety
    /// If it is dropped before it was ready, the message was *not* sent, and is dropped, too. [`cancel`](Self::cancel)
    /// gives it back instead. A slot that was granted already goes to the next sender.
    ///
    /// **At capacity 0 a receiver may have taken the message at that very moment**: then `cancel` returns `None`, and
    /// the message was sent.
    pub struct Sending['a, T] where [] = Wait<&'a Shared<T>, Send<T>>
        => Result<(), SendError<T>>: |_, pending, sent, _| conclude(pending, sent),
        until Result<(), SendUntilError<T>>: in_time,
        elapsed: |_, pending| unsent(pending);
}

impl<T> Sending<'_, T> {
    /// Cancels the send, and returns the message if it was not sent. Afterwards the future is finished.
    ///
    /// `None` means that there is nothing to give back. Either the future was ready before or, **at capacity 0, a
    /// receiver took the message at that very moment**. Then it was sent, so do not send it again.
    ///
    /// # Examples
    /// ```
    /// use futures::FutureExt;
    ///
    /// let (sender, receiver) = sempost::mailbox::bounded(1);
    /// sender.try_send("first").unwrap();
    /// let mut second = std::pin::pin!(sender.send("second"));
    /// assert!(second.as_mut().now_or_never().is_none(), "the mailbox is full");
    /// assert_eq!(second.cancel(), Some("second"));
    /// # drop(receiver);
    ///
    /// // At capacity 0: a receiver takes the message, and the sender is not polled again.
    /// let (sender, receiver) = sempost::mailbox::bounded(0);
    /// let mut third = std::pin::pin!(sender.send("third"));
    /// assert!(third.as_mut().now_or_never().is_none(), "no receiver");
    /// assert_eq!(receiver.try_recv(), Ok("third"));
    /// assert_eq!(third.cancel(), None);
    /// ```
    pub fn cancel(self: Pin<&mut Self>) -> Option<T> {
        self.project().wait.stop().message.take()
    }
}
