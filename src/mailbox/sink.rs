//! A [`Sender`] as a [`Sink`], and its other `poll_` methods.
//!
//! A sink is ready when it holds a slot for the next message. The slot *lapses* when the handle is flushed, closed,
//! dropped or used to send in any other way, because combinators keep idle sinks ready forever. A message whose slot
//! lapsed waits in the outbox. At capacity 0 there are no slots: a sink is ready when its outbox is empty. A finished
//! handle is ready, too. Only its `start_send` fails.

use core::marker::PhantomData;
use core::pin::Pin;
use core::task::{Context, Poll, ready};

use futures_sink::Sink;

use super::error::{Closed, SinkError};
use super::handle::{BoxedSending, Cancel, Flags, HandleSending, cancel_send, poll_handle};
use super::permit::SendPermit;
use super::reserving::{HandleSlot, Reserve};
use super::sender::Sender;
use super::sending::Send;
use super::shared::Shared;
use super::state::{Fx, MailboxState};
use crate::record::{Origin, Place};
use crate::wait::{Attempt, Defer, Listener, Operation, Phase, Primitive, attempt};

impl<T> Sender<T> {
    fn handle(&mut self) -> (&Shared<T>, &mut BoxedSending<T>) {
        (&self.shared, self.handle.get_or_insert_with(HandleSending::new))
    }

    pub(super) fn listener(&mut self) -> (&Shared<T>, &mut Listener) {
        let (shared, handle) = self.handle();
        (shared, handle.as_mut().project().listener)
    }

    /// Polls for a slot, and keeps it in the handle for the next [`start_send`](Self::start_send).
    ///
    /// It does what `Sink::poll_ready` does, with no trait in scope. It is for services that are polled until they are
    /// ready, and called later.
    ///
    /// # Errors
    /// As `Sink::poll_ready`: the mailbox is closed.
    ///
    /// # Examples
    /// ```
    /// use std::future::poll_fn;
    ///
    /// # futures::executor::block_on(async {
    /// let (mut sender, receiver) = sempost::mailbox::bounded(1);
    /// poll_fn(|cx| sender.poll_ready(cx)).await?;
    /// assert!(receiver.is_full(), "the slot is kept");
    /// sender.start_send("now")?;
    /// assert_eq!(receiver.try_recv(), Ok("now"));
    /// # Ok::<(), sempost::mailbox::SinkError<&str>>(())
    /// # }).unwrap();
    /// ```
    #[cfg_attr(feature = "inspect", track_caller)]
    pub fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), SinkError<T>>> {
        Sink::poll_ready(Pin::new(self), cx)
    }

    /// Sends into the slot that [`poll_ready`](Self::poll_ready) keeps. It does what `Sink::start_send` does.
    ///
    /// Without a slot it takes a free one, or leaves the message in the outbox of the handle.
    ///
    /// # Errors
    /// Gives the message back if the mailbox is closed or the handle is finished.
    ///
    /// # Panics
    /// As `Sink::start_send`: if the outbox is not empty, so that `poll_ready` was not ready before.
    #[track_caller]
    pub fn start_send(&mut self, message: T) -> Result<(), SinkError<T>> {
        Sink::start_send(Pin::new(self), message)
    }

    /// Polls for a slot. The waiter belongs to this handle: see [polled handles](super#polled-handles).
    ///
    /// The permit borrows the handle. **A service that is polled until it is ready, and called later, cannot keep it**,
    /// and the slot of a dropped permit goes to another sender. Such a service uses [`poll_ready`](Self::poll_ready)
    /// and [`start_send`](Self::start_send), which keep the slot in the handle, or
    /// [`reserve_owned`](Self::reserve_owned).
    ///
    /// # Errors
    /// [`Closed`] if the mailbox is closed or the handle is finished.
    #[cfg_attr(feature = "inspect", track_caller)]
    pub fn poll_reserve(&mut self, cx: &mut Context<'_>) -> Poll<Result<SendPermit<'_, T>, Closed>> {
        let place = Place::here();
        let slot = ready!(self.poll_slot(cx));
        let shared = &*self.shared;
        Poll::Ready(slot.and_then(|()| {
            let mut state = shared.lock().lock();
            let held = self.handle.as_ref().is_some_and(|handle| handle.flags.take());
            let open = !state.closed && held;
            if open {
                state.unready(1);
                state.make_permits(1);
            }
            drop(state);
            self.handle.iter().for_each(|handle| handle.flags.record_end());
            if !open {
                return Err(Closed);
            }
            Ok(SendPermit::new(shared, Origin::task(place, cx.waker())))
        }))
    }

    /// Finishes the handle, as if it were dropped. It still reads the counts.
    fn finish(&mut self) {
        self.handle();
        self.leave(Flags::finish);
    }

    /// Polls for a slot that this handle then holds. The message in the outbox is sent first.
    #[cfg_attr(feature = "inspect", track_caller)]
    pub(super) fn poll_slot(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Closed>> {
        ready!(self.poll_delivery(cx)).map_err(|Closed| Closed)?;
        let (shared, handle) = self.handle();
        let handle = handle.as_mut().project();
        if handle.flags.is_finished() || shared.read(|state| state.closed) {
            return Poll::Ready(Err(Closed));
        }
        if !handle.flags.holds() {
            match ready!(poll_handle(shared, &mut Reserve::<T, HandleSlot>::new(), handle.waiter, cx.waker())) {
                Ok(_) => handle.flags.hold(shared.lock().tag(), Origin::task(Place::here(), cx.waker())),
                Err(Closed) => return Poll::Ready(Err(Closed)),
            }
        }
        Poll::Ready(Ok(()))
    }

    /// Polls to send the message in the outbox. Ready when the outbox is empty. After an error the message is still
    /// there.
    #[cfg_attr(feature = "inspect", track_caller)]
    fn poll_delivery(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Closed>> {
        let (shared, handle) = self.handle();
        let mut handle = handle.as_mut().project();
        if !*handle.sending {
            if handle.outbox.get_mut().is_none() {
                return Poll::Ready(Ok(()));
            }
            // The waiter may still wait for a slot.
            cancel_send(shared, &handle.waiter, Cancel::Always);
            *handle.waiter.as_mut().payload().message = handle.outbox.get_mut().take();
            *handle.sending = true;
        } else if handle.waiter.phase() != Phase::Joined && handle.waiter.as_mut().payload().message.is_none() {
            // A waker panicked in the poll in which the message was sent.
            *handle.sending = false;
            return Poll::Ready(Ok(()));
        }
        let sent = ready!(poll_handle(shared, &mut Send::new(), handle.waiter.as_mut(), cx.waker()));
        *handle.sending = false;
        **handle.outbox.get_mut() = handle.waiter.payload().message.take();
        Poll::Ready(sent)
    }

    /// The handle did not use the slot that it was woken for. Another sender is woken for it.
    fn pass_on(&self) {
        if let Some(handle) = &self.handle {
            cancel_send(&self.shared, &handle.waiter, Cancel::IfWoken);
        }
    }

    #[cfg_attr(feature = "inspect", track_caller)]
    fn poll_outbox(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), SinkError<T>>> {
        let sent = ready!(self.poll_delivery(cx));
        Poll::Ready(sent.map_err(|Closed| SinkError(self.handle().1.as_mut().project().outbox.get_mut().take())))
    }
}

impl<T> Sink<T> for Sender<T> {
    type Error = SinkError<T>;

    #[cfg_attr(feature = "inspect", track_caller)]
    fn poll_ready(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), SinkError<T>>> {
        ready!(self.poll_outbox(cx))?;
        if self.handle().1.flags.is_finished() {
            // A finished handle has an empty outbox. Combinators poll it again while another of their sinks is closing.
            return Poll::Ready(Ok(()));
        }
        if self.shared.capacity > 0 {
            return self.poll_slot(cx).map_err(|Closed| SinkError(None));
        }
        self.pass_on();
        Poll::Ready(if self.is_closed() { Err(SinkError(None)) } else { Ok(()) })
    }

    /// # Panics
    /// If the outbox is not empty, that is, if `poll_ready` was not ready before.
    #[track_caller]
    fn start_send(mut self: Pin<&mut Self>, message: T) -> Result<(), SinkError<T>> {
        let (shared, handle) = self.handle();
        let handle = handle.as_mut().project();
        let waiting = *handle.sending || handle.outbox.get_mut().is_some();
        assert!(!waiting, "`start_send` was called without a ready `poll_ready`");
        if handle.flags.is_finished() {
            return Err(SinkError(Some(message)));
        }
        // The handle may have been woken for a slot. It has used one now, or does not need one any more.
        let _pass_on = Defer(|| cancel_send(shared, &handle.waiter, Cancel::IfWoken));
        let mut message = Some(message);
        let sent = attempt(shared, &mut StartSend { flags: handle.flags, _message: PhantomData }, &mut message);
        handle.flags.record_end();
        match sent {
            Some(Ok(())) => Ok(()),
            Some(Err(Closed)) => Err(SinkError(message)),
            None => {
                **handle.outbox.get_mut() = message;
                Ok(())
            }
        }
    }

    #[cfg_attr(feature = "inspect", track_caller)]
    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), SinkError<T>>> {
        let (shared, handle) = self.handle();
        if handle.flags.take() {
            handle.flags.record_end();
            shared.lapse();
        }
        ready!(self.poll_outbox(cx))?;
        self.pass_on();
        Poll::Ready(Ok(()))
    }

    #[cfg_attr(feature = "inspect", track_caller)]
    fn poll_close(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), SinkError<T>>> {
        ready!(self.as_mut().poll_flush(cx))?;
        self.finish();
        Poll::Ready(Ok(()))
    }
}

/// The operation of sending into the slot that the handle holds, or into any free slot.
struct StartSend<'a, T> {
    flags: &'a Flags,
    _message: PhantomData<fn(T)>,
}

impl<T> Operation for StartSend<'_, T> {
    type On = Shared<T>;
    type Output = Result<(), Closed>;
    type Payload = Option<T>;

    fn try_slow(
        &mut self,
        message: &mut Option<T>,
        state: &mut MailboxState<T>,
        effects: &mut Fx<T>,
    ) -> Attempt<Self::Output> {
        if state.closed {
            return Attempt::Done(Err(Closed));
        }
        if state.capacity == 0 {
            return Attempt::Wait;
        }
        if !self.flags.holds() {
            return state.try_send(message, effects);
        }
        if !state.queue.has_room() {
            return Attempt::NeedsRoom;
        }
        if let Some(message) = message.take() {
            self.flags.take();
            state.unready(1);
            state.use_slot();
            state.push(message, effects);
        }
        Attempt::Done(Ok(()))
    }

    fn make_room(&mut self, shared: &Shared<T>) {
        shared.add_block();
    }
}
