//! A receiver as a plain stream of messages.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_core::stream::{FusedStream, Stream};

use crate::delivery::Delivery;
use crate::error::Error;
use crate::payload::Payload;
use crate::receiver::Receiver;

/// Messages without leases to look after: [`Receiver::auto_ack`] makes it.
///
/// A message is acknowledged when the next one is asked for, with the receiver's next request. So a consumer that dies
/// at its work gets it done by another one, and it may have up to a [batch](crate::RemoteMailbox::batch) of messages
/// delivered again. **Combinators that ask for more than one message at a time, like `buffer_unordered`, acknowledge
/// before the work is done**: use deliveries there.
pub struct AutoAck<T> {
    receiver: Receiver<T>,
    given: Option<Delivery<()>>,
}

impl<T> AutoAck<T> {
    pub(crate) fn new(receiver: Receiver<T>) -> Self {
        AutoAck { receiver, given: None }
    }

    /// Returns the receiver. The last message is acknowledged with its next request.
    pub fn into_receiver(self) -> Receiver<T> {
        if let Some(given) = self.given {
            given.ack_later();
        }
        self.receiver
    }
}

impl<T: Payload> Stream for AutoAck<T> {
    type Item = Result<T, Error>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if let Some(given) = self.given.take() {
            given.ack_later();
        }
        Poll::Ready(match ready!(self.receiver.poll_recv(cx)) {
            Some(Ok(delivery)) => {
                let (message, given) = delivery.into_parts();
                self.given = Some(given);
                Some(Ok(message))
            }
            Some(Err(error)) => Some(Err(error)),
            None => None,
        })
    }
}

impl<T: Payload> FusedStream for AutoAck<T> {
    fn is_terminated(&self) -> bool {
        self.receiver.is_terminated()
    }
}

impl<T> fmt::Debug for AutoAck<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AutoAck").field("receiver", &self.receiver).finish_non_exhaustive()
    }
}
