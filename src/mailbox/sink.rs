//! A [`Sender`] as a [`Sink`].
//!
//! Ready means that a slot is held for the next message. The slot *lapses* when the handle is flushed, closed, dropped or
//! used to send in any other way, for combinators keep idle sinks ready for ever; a message whose slot lapsed waits in the
//! outbox. At capacity 0 there are no slots: ready means that the outbox is empty. A finished handle is ready, too;
//! only its `start_send` fails.

use core::marker::PhantomData;
use core::pin::Pin;
use core::task::{Context, Poll, ready};

use futures_sink::Sink;

use super::error::{Closed, SinkError};
use super::seat::{Leaving, Marks, Seat, SenderSeat, poll_seat};
use super::sender::{Sender, Slot};
use super::sending::{Send, withdraw};
use super::shared::Shared;
use super::state::{Fx, Post, Shut};
use crate::wait::{Ask, Attempt, Finally, Phase, Watch, attempt};

impl<T> Sender<T> {
    fn sit_down(&mut self) -> (&Shared<T>, &mut SenderSeat<T>) {
        (&self.shared, self.seat.get_or_insert_with(Seat::new))
    }

    pub(super) fn watch(&mut self) -> (&Shared<T>, &mut Watch) {
        let (shared, seat) = self.sit_down();
        (shared, seat.as_mut().project().watch)
    }

    /// As if dropped, except that it can still be asked.
    fn finish(&mut self) {
        self.sit_down();
        self.leave(Marks::finish);
    }

    /// Waits for a slot for this handle and notes that it is held. What is in the outbox goes first.
    pub(super) fn poll_slot(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Closed>> {
        ready!(self.poll_delivery(cx)).map_err(|Shut| Closed)?;
        let (shared, seat) = self.sit_down();
        let seat = seat.as_mut().project();
        if seat.marks.is_finished() || shared.read(|post| post.closed) {
            return Poll::Ready(Err(Closed));
        }
        if !seat.marks.holds() {
            match ready!(poll_seat(shared, &mut Slot::new(), seat.waiter, cx.waker())) {
                Ok(_) => seat.marks.hold(),
                Err(Shut) => return Poll::Ready(Err(Closed)),
            }
        }
        Poll::Ready(Ok(()))
    }

    /// Brings the message in the outbox on its way; ready when there is none. One that cannot be sent stays there.
    fn poll_delivery(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Shut>> {
        let (shared, seat) = self.sit_down();
        let mut seat = seat.as_mut().project();
        if !*seat.sending {
            if seat.outbox.get_mut().is_none() {
                return Poll::Ready(Ok(()));
            }
            // The waiter may still be in line for a slot.
            withdraw(shared, &seat.waiter, Leaving::Always);
            *seat.waiter.as_mut().extra().value = seat.outbox.get_mut().take();
            *seat.sending = true;
        } else if seat.waiter.phase() != Phase::Joined && seat.waiter.as_mut().extra().value.is_none() {
            // It was sent by a poll in which a waker panicked.
            *seat.sending = false;
            return Poll::Ready(Ok(()));
        }
        let sent = ready!(poll_seat(shared, &mut Send::new(), seat.waiter.as_mut(), cx.waker()));
        *seat.sending = false;
        **seat.outbox.get_mut() = seat.waiter.extra().value.take();
        Poll::Ready(sent)
    }

    /// The handle was used, and not for the slot that it was told of: somebody else is told.
    fn pass_on(&self) {
        if let Some(seat) = &self.seat {
            withdraw(&self.shared, &seat.waiter, Leaving::IfTold);
        }
    }

    fn poll_outbox(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), SinkError<T>>> {
        let sent = ready!(self.poll_delivery(cx));
        Poll::Ready(sent.map_err(|Shut| SinkError(self.sit_down().1.as_mut().project().outbox.get_mut().take())))
    }
}

impl<T> Sink<T> for Sender<T> {
    type Error = SinkError<T>;

    fn poll_ready(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), SinkError<T>>> {
        ready!(self.poll_outbox(cx))?;
        if self.sit_down().1.marks.is_finished() {
            // Nothing is in hand, and combinators ask again while another sink of theirs is still closing.
            return Poll::Ready(Ok(()));
        }
        if self.shared.capacity > 0 {
            return self.poll_slot(cx).map_err(|Closed| SinkError(None));
        }
        self.pass_on();
        Poll::Ready(if self.is_closed() { Err(SinkError(None)) } else { Ok(()) })
    }

    /// # Panics
    /// If the outbox is not empty, that is, if `poll_ready` did not answer ready before.
    #[track_caller]
    fn start_send(mut self: Pin<&mut Self>, message: T) -> Result<(), SinkError<T>> {
        let (shared, seat) = self.sit_down();
        let seat = seat.as_mut().project();
        let waiting = *seat.sending || seat.outbox.get_mut().is_some();
        assert!(!waiting, "`start_send` was called without a ready `poll_ready`");
        if seat.marks.is_finished() {
            return Err(SinkError(Some(message)));
        }
        // If it was told of a slot, it has used that one just now, or does not want it any more.
        let _pass_on = Finally(|| withdraw(shared, &seat.waiter, Leaving::IfTold));
        let mut message = Some(message);
        match attempt(shared, &mut StartSend { marks: seat.marks, _message: PhantomData }, &mut message) {
            Some(Ok(())) => Ok(()),
            Some(Err(Shut)) => Err(SinkError(message)),
            None => {
                **seat.outbox.get_mut() = message;
                Ok(())
            }
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), SinkError<T>>> {
        let (shared, seat) = self.sit_down();
        if seat.marks.take() {
            shared.lapse();
        }
        ready!(self.poll_outbox(cx))?;
        self.pass_on();
        Poll::Ready(Ok(()))
    }

    fn poll_close(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), SinkError<T>>> {
        ready!(self.as_mut().poll_flush(cx))?;
        self.finish();
        Poll::Ready(Ok(()))
    }
}

/// A message for the slot that the handle holds, or any other that is free.
struct StartSend<'a, T> {
    marks: &'a Marks,
    _message: PhantomData<fn(T)>,
}

impl<T> Ask for StartSend<'_, T> {
    type Core = Shared<T>;
    type Prize = Result<(), Shut>;
    type Extra = Option<T>;

    fn attempt(&mut self, message: &mut Option<T>, post: &mut Post<T>, effects: &mut Fx<T>) -> Attempt<Self::Prize> {
        if post.closed {
            return Attempt::Done(Err(Shut));
        }
        if post.capacity == 0 {
            return Attempt::Wait;
        }
        if !self.marks.holds() {
            return post.try_send(message, effects);
        }
        if !post.queue.has_room() {
            return Attempt::Provide;
        }
        if let Some(message) = message.take() {
            self.marks.take();
            post.unready(1);
            post.use_slot();
            post.push(message, effects);
        }
        Attempt::Done(Ok(()))
    }

    fn provide(&mut self, shared: &Shared<T>) {
        shared.stock();
    }
}
