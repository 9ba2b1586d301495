//! A handle that polls for permits, for hand-written futures and services.

use alloc::boxed::Box;
use alloc::sync::Arc;
use core::future::Future;
use core::panic::RefUnwindSafe;
use core::pin::Pin;
use core::task::{Context, Poll, ready};

use futures_core::{FusedFuture, Stream};

use super::acquiring::Acquiring;
use super::error::AcquireError;
use super::permit::OwnedPermit;
use super::semaphore::Semaphore;

/// A handle on a [`Semaphore`] that waits when it is polled, as the services of `tower` do. It is also a stream of
/// permits.
///
/// It has a waiter of its own, in a box that is allocated at the first poll and then reused. The waiter is *granted*
/// permits, as any `acquire` is: **a handle that is neither polled again nor dropped while it waits holds up the
/// line.** [`give_up`](Self::give_up) ends such a wait. A clone starts without a wait.
///
/// # Cancel safety
/// Dropping the handle leaves the line. Permits that were already granted go to the next waiter.
///
/// # Examples
/// ```
/// use std::future::poll_fn;
/// use std::sync::Arc;
///
/// use sempost::{PollSemaphore, Semaphore};
///
/// # futures::executor::block_on(async {
/// let mut limit = PollSemaphore::new(Arc::new(Semaphore::new(1)));
/// let permit = poll_fn(|cx| limit.poll_acquire(cx)).await.unwrap();
/// assert!(futures::poll!(poll_fn(|cx| limit.poll_acquire(cx))).is_pending());
/// drop(permit);
/// assert!(poll_fn(|cx| limit.poll_acquire(cx)).await.is_ok());
/// # });
/// ```
#[derive(Debug)]
pub struct PollSemaphore {
    semaphore: Arc<Semaphore>,
    wait: Option<Pin<Box<Acquiring<Arc<Semaphore>>>>>,
    /// How many permits it waits for. `None` between two waits.
    wanted: Option<usize>,
}

// A panic never leaves the waiter half-changed: it changes under the semaphore's lock, or through `&mut self`.
impl RefUnwindSafe for PollSemaphore {}

impl PollSemaphore {
    /// Makes a handle that does not wait yet.
    #[must_use]
    pub fn new(semaphore: Arc<Semaphore>) -> Self {
        Self { semaphore, wait: None, wanted: None }
    }

    /// Returns the semaphore.
    pub fn semaphore(&self) -> &Arc<Semaphore> {
        &self.semaphore
    }

    /// Polls for one permit, as [`poll_acquire_many`](Self::poll_acquire_many) does for `n`.
    ///
    /// # Errors
    /// [`AcquireError`] if the semaphore is closed.
    #[cfg_attr(feature = "inspect", track_caller)]
    pub fn poll_acquire(&mut self, cx: &mut Context<'_>) -> Poll<Result<OwnedPermit, AcquireError>> {
        self.poll_acquire_many(cx, 1)
    }

    /// Polls for `n` permits, which it takes together. The task that polled last is woken. A poll for another `n` than
    /// before leaves the line and joins it again at the back.
    ///
    /// # Errors
    /// [`AcquireError`] if the semaphore is closed.
    ///
    /// # Panics
    /// If `n` is above the limit of the semaphore, as [`acquire_many`](Semaphore::acquire_many).
    #[track_caller]
    pub fn poll_acquire_many(&mut self, cx: &mut Context<'_>, n: usize) -> Poll<Result<OwnedPermit, AcquireError>> {
        // A wait that is over although a number is noted: a waker panicked in that poll, and the permits went back.
        if self.wanted != Some(n) || self.wait.as_ref().is_none_or(|wait| wait.is_terminated()) {
            let fresh = self.semaphore.acquire_many_owned(n);
            self.wanted = None;
            match &mut self.wait {
                Some(wait) => wait.set(fresh),
                none => *none = Some(Box::pin(fresh)),
            }
            self.wanted = Some(n);
        }
        let Some(wait) = &mut self.wait else { return Poll::Pending };
        let result = ready!(wait.as_mut().poll(cx));
        self.wanted = None;
        Poll::Ready(result)
    }

    /// Ends the wait, if there is one: leaves the line, and hands permits that were already granted to the next waiter.
    /// Returns whether there was a wait.
    pub fn give_up(&mut self) -> bool {
        let begun = self.wanted.take().is_some();
        drop(self.wait.take());
        begun
    }
}

impl Clone for PollSemaphore {
    fn clone(&self) -> Self {
        Self::new(Arc::clone(&self.semaphore))
    }
}

impl From<Arc<Semaphore>> for PollSemaphore {
    fn from(semaphore: Arc<Semaphore>) -> Self {
        Self::new(semaphore)
    }
}

/// Yields one permit after the other, and ends when the semaphore is closed.
impl Stream for PollSemaphore {
    type Item = OwnedPermit;

    #[cfg_attr(feature = "inspect", track_caller)]
    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<OwnedPermit>> {
        self.poll_acquire(cx).map(Result::ok)
    }
}
