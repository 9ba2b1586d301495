//! A semaphore that is polled: for hand-written futures and services.

use alloc::boxed::Box;
use alloc::sync::Arc;
use core::future::Future;
use core::panic::RefUnwindSafe;
use core::pin::Pin;
use core::task::{Context, Poll, ready};

use futures_core::{FusedFuture, Stream};

use super::{AcquireError, Acquiring, OwnedPermit, Semaphore};

/// A handle on a [`Semaphore`] that waits when it is polled, as `tower`'s services do; also a stream of permits.
///
/// It has a waiter of its own, in a box that is made at its first poll and used again after that. The waiter is *granted*
/// permits, as every `acquire` is: **a handle that was polled and is then neither polled again nor dropped holds up the
/// line.** [`give_up`](Self::give_up) ends a wait that nobody polls any more. A clone begins without one.
///
/// # Cancel safety
/// Dropping the handle leaves the line; permits that it was granted go to the next.
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
    /// How many permits it waits for; none if it has answered.
    wanted: Option<usize>,
}

// A panic never leaves its waiter half-changed: that changes under the semaphore's lock, or by `&mut self`.
impl RefUnwindSafe for PollSemaphore {}

impl PollSemaphore {
    /// Makes a handle that waits for nothing yet.
    #[must_use]
    pub fn new(semaphore: Arc<Semaphore>) -> Self {
        Self { semaphore, wait: None, wanted: None }
    }

    /// The semaphore.
    pub fn semaphore(&self) -> &Arc<Semaphore> {
        &self.semaphore
    }

    /// Polls for a permit: [`poll_acquire_many`](Self::poll_acquire_many) of 1.
    ///
    /// # Errors
    /// [`AcquireError`] if the semaphore is closed.
    pub fn poll_acquire(&mut self, cx: &mut Context<'_>) -> Poll<Result<OwnedPermit, AcquireError>> {
        self.poll_acquire_many(cx, 1)
    }

    /// Polls for `n` permits at once. The task that polled last is woken. Whoever asks for another number than before joins
    /// the line anew, at the back.
    ///
    /// # Errors
    /// [`AcquireError`] if the semaphore is closed.
    ///
    /// # Panics
    /// If `n` is above [`MAX_PERMITS`](Semaphore::MAX_PERMITS).
    #[track_caller]
    pub fn poll_acquire_many(&mut self, cx: &mut Context<'_>, n: usize) -> Poll<Result<OwnedPermit, AcquireError>> {
        // One that has answered did so by a poll in which a waker panicked: what it was given went back.
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
        let answer = ready!(wait.as_mut().poll(cx));
        self.wanted = None;
        Poll::Ready(answer)
    }

    /// Ends a wait that was begun: leaves the line, and hands on what was granted already. Answers whether there was one.
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

/// One permit after the other; it ends when the semaphore is closed.
impl Stream for PollSemaphore {
    type Item = OwnedPermit;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<OwnedPermit>> {
        self.poll_acquire(cx).map(Result::ok)
    }
}
