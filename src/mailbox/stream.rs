//! A [`Receiver`] as a [`Stream`], and its other `poll_` methods.

use alloc::vec::Vec;
use core::pin::Pin;
use core::task::{Context, Poll, ready};

use futures_core::{FusedStream, Stream};

use super::handle::{Cancel, HandleReceiving, cancel_receive, poll_handle};
use super::receiver::Receiver;
use super::receiving::{OneMessage, Receive, Take};
use super::receiving_many::ManyMessages;
use crate::record::{Origin, Place};
use crate::wait::{Ticket, attempt};

impl<T> Receiver<T> {
    /// Polls for a message. The waiter belongs to this handle: see [polled handles](super#polled-handles).
    #[cfg_attr(feature = "inspect", track_caller)]
    pub fn poll_recv(&mut self, cx: &mut Context<'_>) -> Poll<Option<T>> {
        let next = ready!(self.poll_take(cx, OneMessage));
        self.shared.note_received(next.is_some(), Origin::task(Place::here(), cx.waker()));
        if next.is_none() {
            *self.handle.get_or_insert_with(HandleReceiving::new).as_mut().project().ended = true;
        }
        Poll::Ready(next)
    }

    /// Polls for up to `limit` messages, like [`recv_many`](Self::recv_many).
    ///
    /// With a `limit` of 0 it is ready with 0. A wake-up that the handle has not used goes to the next receiver.
    #[cfg_attr(feature = "inspect", track_caller)]
    pub fn poll_recv_many(&mut self, cx: &mut Context<'_>, buffer: &mut Vec<T>, limit: usize) -> Poll<usize> {
        if limit == 0 {
            // It does not take the message that it was woken for. Another receiver is woken for it.
            if let Some(handle) = &self.handle {
                cancel_receive(&self.shared, &handle.waiter, Cancel::IfWoken);
            }
            return Poll::Ready(0);
        }
        let taken = ready!(self.poll_take(cx, ManyMessages::new(buffer, limit)));
        self.shared.note_received(taken > 0, Origin::task(Place::here(), cx.waker()));
        Poll::Ready(taken)
    }

    #[cfg_attr(feature = "inspect", track_caller)]
    fn poll_take<M: Take<T>>(&mut self, cx: &mut Context<'_>, mode: M) -> Poll<M::Output> {
        let mut operation = Receive::new(mode);
        if self.handle.is_none() {
            // A handle that never waits never allocates a waiter.
            if let Some(output) = attempt(&*self.shared, &mut operation, &mut Ticket::default()) {
                return Poll::Ready(output);
            }
        }
        let handle = self.handle.get_or_insert_with(HandleReceiving::new).as_mut().project();
        poll_handle(&self.shared, &mut operation, handle.waiter, cx.waker())
    }
}

impl<T> Stream for Receiver<T> {
    type Item = T;

    #[cfg_attr(feature = "inspect", track_caller)]
    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<T>> {
        self.poll_recv(cx)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        // Other receivers may take what is queued now.
        (0, None)
    }
}

impl<T> FusedStream for Receiver<T> {
    fn is_terminated(&self) -> bool {
        self.handle.as_ref().is_some_and(|handle| handle.ended)
    }
}
