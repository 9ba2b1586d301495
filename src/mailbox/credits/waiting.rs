//! Waiting for credits, written once for every future of a sender.
//!
//! The first poll weighs, and takes the credits if they are there. Otherwise it joins the line of the semaphore with a
//! named future of that, which does the rest: order, cancelling, deadlines, threads.

use alloc::sync::Arc;
use core::fmt;
use core::ops::Deref;
use core::pin::Pin;
use core::task::{Poll, ready};

use futures_core::FusedFuture;
use pin_project_lite::pin_project;

use super::account::Account;
use super::sender::CreditSender;
use crate::record::Place;
use crate::semaphore::{AcquireError, AcquireUntilError, Acquiring, OwnedPermit, Semaphore, TryAcquireError};
use crate::wait::{NAME, Poller, Timed, polled_twice};

/// What credits are wanted for.
pub(crate) trait Weighed<T> {
    /// How many credits it needs. Called once, at the first poll.
    fn weight(&mut self, account: &Account<T>) -> usize;
}

/// Credits, or that the mailbox is closed.
pub(crate) type Acquired = Result<OwnedPermit, AcquireError>;

pin_project! {
    /// A wait for credits, on the handle `H`, for `P`.
    pub(crate) struct CreditWait<H, P> {
        // Dropped first: it leaves the line, and hands on what it was granted.
        #[pin]
        line: Option<Acquiring<Arc<Semaphore>>>,
        payload: P,
        place: Option<H>,
        born: Place,
    }
}

impl<H, P> CreditWait<H, P> {
    #[inline(always)]
    #[cfg_attr(feature = "inspect", track_caller)]
    pub(crate) fn new(place: H, payload: P) -> Self {
        Self { line: None, payload, place: Some(place), born: Place::here() }
    }

    /// Ends the wait for good, without a result. Returns the payload.
    pub(crate) fn stop(self: Pin<&mut Self>) -> &mut P {
        let mut this = self.project();
        // First the place: if a waker panics as the wait leaves the line, it has ended all the same.
        let _place = this.place.take();
        this.line.set(None);
        this.payload
    }

    /// Whether it has ended. A wait in whose last poll a waker panicked has ended, too.
    pub(crate) fn is_done(&self) -> bool {
        self.place.is_none() || self.line.as_ref().is_some_and(FusedFuture::is_terminated)
    }

    /// Whether another poll may find more than the last one.
    pub(crate) fn is_woken(&self) -> bool {
        self.line.as_ref().is_none_or(Timed::is_woken)
    }
}

impl<T, H, P> CreditWait<H, P>
where
    H: Deref<Target = CreditSender<T>>,
    P: Weighed<T>,
{
    /// Polls. `conclude` makes the result from the place, the payload and the credits.
    #[inline(always)]
    pub(crate) fn poll_as<R>(
        mut self: Pin<&mut Self>,
        poller: Poller<'_>,
        name: &str,
        conclude: impl FnOnce(H, &mut P, Acquired) -> R,
    ) -> Poll<R> {
        let acquired = match self.as_mut().try_first(poller, name) {
            Some(acquired) => acquired,
            None => ready!(self.as_mut().poll_line(poller)),
        };
        let this = self.project();
        // It has ended before the message is sent: that wakes a receiver, whose waker may panic.
        let place = this.place.take().expect("it was there a line ago");
        Poll::Ready(conclude(place, this.payload, acquired))
    }

    /// At the first poll: weighs, and takes the credits or joins the line.
    #[inline(always)]
    fn try_first(self: Pin<&mut Self>, poller: Poller<'_>, name: &str) -> Option<Acquired> {
        if self.is_done() {
            polled_twice(name);
        }
        let mut this = self.project();
        if this.line.is_some() {
            return None;
        }
        let sender: &CreditSender<T> = this.place.as_ref()?;
        if sender.is_finished() {
            return Some(Err(AcquireError));
        }
        // Foreign: if it panics, the wait is as before, and nothing was taken.
        let weight = this.payload.weight(&sender.account);
        let credits = &sender.account.credits;
        match credits.try_acquire_by(weight, poller.origin(*this.born)) {
            Ok(credits) => Some(Ok(credits)),
            Err(TryAcquireError::Closed) => Some(Err(AcquireError)),
            Err(TryAcquireError::NoPermits) => {
                this.line.set(Some(credits.acquire_at(weight, *this.born)));
                None
            }
        }
    }

    #[inline(never)]
    fn poll_line(self: Pin<&mut Self>, poller: Poller<'_>) -> Poll<Acquired> {
        let line = self.project().line.as_pin_mut().expect("it has joined the line");
        line.poll_timely(poller).map(|acquired| acquired.map_err(|_| AcquireError))
    }

    /// Polls after the deadline: it tries once more, and then leaves the line as if it was dropped.
    pub(crate) fn poll_late<R, U>(
        mut self: Pin<&mut Self>,
        poller: Poller<'_>,
        conclude: impl FnOnce(H, &mut P, Acquired) -> R,
        in_time: impl FnOnce(R) -> U,
        elapsed: impl FnOnce(H, &mut P) -> U,
    ) -> Poll<U> {
        let acquired = match self.as_mut().try_first(poller, NAME) {
            Some(acquired) => acquired.map_err(|AcquireError| AcquireUntilError::Closed),
            None => {
                let line = self.as_mut().project().line.as_pin_mut().expect("it has joined the line");
                ready!(line.poll_late(poller))
            }
        };
        let this = self.project();
        let place = this.place.take().expect("it was there a line ago");
        Poll::Ready(match acquired {
            Err(AcquireUntilError::Elapsed) => elapsed(place, this.payload),
            Err(AcquireUntilError::Closed) => in_time(conclude(place, this.payload, Err(AcquireError))),
            Ok(credits) => in_time(conclude(place, this.payload, Ok(credits))),
        })
    }
}

impl<H, P> fmt::Debug for CreditWait<H, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.line {
            _ if self.is_done() => f.write_str("Done"),
            Some(line) => line.fmt(f),
            None => f.write_str("Fresh"),
        }
    }
}
