//! A [`CreditSender`] as a [`Sink`].

use core::pin::Pin;
use core::task::{Context, Poll, ready};

use futures_sink::Sink;

use super::outbox::Outbox;
use super::sender::CreditSender;
use crate::mailbox::error::{SendError, SinkError};
use crate::record::{Origin, Place};

impl<T: Send + 'static> CreditSender<T> {
    fn poll_outbox(&self, cx: &mut Context<'_>) -> Poll<Result<(), SinkError<T>>> {
        let Some(outbox) = &self.outbox else { return Poll::Ready(Ok(())) };
        outbox.poll_empty(cx.waker()).map_err(|message| SinkError(Some(message)))
    }
}

/// See [sinks](super#sinks).
impl<T: Send + 'static> Sink<T> for CreditSender<T> {
    type Error = SinkError<T>;

    /// Ready when the outbox is empty. It reserves no credits.
    fn poll_ready(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), SinkError<T>>> {
        ready!(self.poll_outbox(cx))?;
        // A finished handle is ready, as that of a mailbox is. Only its `start_send` fails.
        Poll::Ready(if self.is_closed() && !self.is_finished() { Err(SinkError(None)) } else { Ok(()) })
    }

    /// Sends the message, or puts it into the outbox if its credits are not available.
    ///
    /// If `weigh` panics, the message is dropped, and no credits are taken.
    ///
    /// # Panics
    /// If the outbox is not empty, that is, if `poll_ready` was not ready before.
    #[track_caller]
    fn start_send(mut self: Pin<&mut Self>, message: T) -> Result<(), SinkError<T>> {
        let ready = self.outbox.as_ref().is_none_or(Outbox::is_empty);
        assert!(ready, "`start_send` was called without a ready `poll_ready`");
        if self.is_finished() {
            return Err(SinkError(Some(message)));
        }
        let this = &mut *self;
        match this.account.try_lease(message, Origin::here()) {
            Ok(lease) => this.deliver(lease).map_err(|SendError(message)| SinkError(Some(message))),
            Err(refused) if refused.closed => Err(SinkError(Some(refused.message))),
            Err(refused) => {
                let outbox =
                    this.outbox.get_or_insert_with(|| Outbox::new(this.sender.downgrade(), &this.account.credits));
                outbox.put(refused.message, refused.weight, Place::here());
                Ok(())
            }
        }
    }

    /// Ready when the outbox is empty: the message has entered the queue.
    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), SinkError<T>>> {
        self.poll_outbox(cx)
    }

    /// Flushes, and finishes this handle only, as if it were dropped.
    fn poll_close(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), SinkError<T>>> {
        ready!(self.poll_outbox(cx))?;
        // The handle inside has an empty outbox: it finishes at once.
        ready!(Pin::new(&mut self.sender).poll_close(cx)).map_err(|_| SinkError(None))?;
        Poll::Ready(Ok(()))
    }
}
