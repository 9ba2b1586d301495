//! Waiting for a value with a deadline.

use core::error::Error;
use core::fmt;
use core::future::Future;
use core::pin::Pin;
use core::task::Poll;

use super::error::RecvError;
use super::receiver::Receiver;
use super::slot::Side;
use crate::record::Place;
use crate::wait::{DropGuarded, Poller, Timed, Until, polled_twice};

/// Why a receive with a deadline has no value.
///
/// The enum is exhaustive, so a `match` needs no `_` arm, which would hide `Closed`.
pub enum RecvUntilError<T> {
    /// The deadline came first. It holds the receiver: the value may still come.
    Elapsed(Receiver<T>),
    /// The sender was dropped without a value, or the receiver was closed before it sent one.
    Closed,
}

impl<T> RecvUntilError<T> {
    /// Returns the receiver, if the deadline came first.
    pub fn into_receiver(self) -> Option<Receiver<T>> {
        match self {
            Self::Elapsed(receiver) => Some(receiver),
            Self::Closed => None,
        }
    }

    /// Returns whether it is [`Elapsed`](Self::Elapsed).
    pub fn is_elapsed(&self) -> bool {
        matches!(self, Self::Elapsed(_))
    }

    /// Returns whether it is [`Closed`](Self::Closed).
    pub fn is_closed(&self) -> bool {
        matches!(self, Self::Closed)
    }
}

impl<T> fmt::Debug for RecvUntilError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Elapsed(_) => "Elapsed(..)",
            Self::Closed => "Closed",
        })
    }
}

impl<T> fmt::Display for RecvUntilError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Elapsed(_) => "deadline elapsed",
            Self::Closed => "channel closed",
        })
    }
}

impl<T> Error for RecvUntilError<T> {}

impl<T> Receiver<T> {
    /// Like [`wait`](Self::wait), but gives up after `timeout`: see [`Until`]. A timeout too large for `Instant`
    /// waits forever.
    ///
    /// # Errors
    /// [`RecvUntilError::Elapsed`], with the receiver, if the time was up first. [`RecvUntilError::Closed`] if no value
    /// will come.
    ///
    /// # Panics
    /// If the result was returned before.
    #[cfg(feature = "std")]
    #[doc(alias = "recv_timeout")]
    #[cfg_attr(feature = "inspect", track_caller)]
    pub fn wait_timeout(self, timeout: core::time::Duration) -> Result<T, RecvUntilError<T>> {
        crate::wait::block_timeout(self.asked_at(Place::here()), timeout)
    }

    /// Gives up when `deadline`, which is any future, is ready first: see [`Until`]. The error gives the receiver back,
    /// and a value that is sent later can still be received.
    ///
    /// # Cancel safety
    /// **The future owns the receiver: if it is dropped before it was ready, a later send fails, and a value that was
    /// sent is dropped.** To keep the receiver, await `&mut receiver` beside the deadline.
    ///
    /// # Errors
    /// [`RecvUntilError::Elapsed`], with the receiver, if the deadline came first. [`RecvUntilError::Closed`] if no
    /// value will come.
    ///
    /// # Panics
    /// The future panics if the result was returned before.
    ///
    /// # Examples
    /// ```
    /// use std::future::ready;
    ///
    /// use sempost::oneshot;
    ///
    /// # futures::executor::block_on(async {
    /// let (tx, rx) = oneshot::channel();
    /// let deadline = ready(()); // or `tokio::time::sleep(…)`, `smol::Timer::after(…)`
    /// let late = rx.until(deadline).await.unwrap_err();
    /// let rx = late.into_receiver().expect("the sender is there");
    /// tx.send(7).unwrap();
    /// assert_eq!(rx.await, Ok(7));
    /// # });
    /// ```
    #[cfg_attr(feature = "inspect", track_caller)]
    pub fn until<D: Future>(self, deadline: D) -> Until<Self, D> {
        Until::new(self.asked_at(Place::here()), deadline)
    }
}

impl<T> Timed for Receiver<T> {
    type Timely = Result<T, RecvUntilError<T>>;

    fn poll_timely(self: Pin<&mut Self>, poller: Poller<'_>) -> Poll<Self::Timely> {
        self.get_mut().poll_as(poller).map_err(|RecvError| RecvUntilError::Closed)
    }

    fn poll_late(mut self: Pin<&mut Self>, poller: Poller<'_>) -> Poll<Self::Timely> {
        let Some(end) = self.end else { polled_twice("Receiver") };
        drop(DropGuarded::new(end.unregister(Side::Receiver)));
        if end.is_over(Side::Receiver) {
            return self.poll_timely(poller);
        }
        Poll::Ready(Err(RecvUntilError::Elapsed(self.take())))
    }

    // A pending poll has registered its waker. If it is not registered any more, the sender has taken it, and ends the
    // wait.
    fn is_woken(&self) -> bool {
        self.end.is_none_or(|end| end.is_over(Side::Receiver) || !end.is_registered(Side::Receiver))
    }
}
