//! Waiting until a deadline, which is any future. Written once, for every primitive.
//!
//! The deadline is polled after the wait, so that a wait that is over wins. When the deadline is ready, the wait is
//! *late*: it tries once more, then leaves its queue exactly as if it was dropped, and its payload is the result. It
//! may be granted between that try and the leaving. The leaving finds that out under the lock, and then the grant is
//! the result.
//!
//! A wait for a condition returns a guard, so it cannot just leave. When it is late, it queues for the mutex, unless it
//! was already requeued.

use core::error::Error;
use core::fmt;
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll, ready};

use futures_core::FusedFuture;
use pin_project_lite::pin_project;

use super::panics::DropGuarded;
use super::wakes::Poller;

/// The deadline came first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Elapsed;

impl fmt::Display for Elapsed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("deadline elapsed")
    }
}

impl Error for Elapsed {}

/// A future of this crate. Each of them can be given a deadline. Not to be implemented elsewhere.
pub trait Timed: FusedFuture {
    /// What the future returns if it has a deadline.
    type Timely;

    /// Polls before the deadline.
    #[doc(hidden)]
    fn poll_timely(self: Pin<&mut Self>, poller: Poller<'_>) -> Poll<Self::Timely>;

    /// Polls after the deadline: the wait gives up, or goes on to wait for a guard.
    #[doc(hidden)]
    fn poll_late(self: Pin<&mut Self>, poller: Poller<'_>) -> Poll<Self::Timely>;

    /// Whether another poll may find more than the last one. Runs no foreign code: a thread checks this before it
    /// parks.
    #[doc(hidden)]
    fn is_woken(&self) -> bool;
}

pin_project! {
    /// A wait with a deadline. The deadline is any future, and its output is dropped. Made by `until` on every named
    /// future.
    ///
    /// | `F` waits for | in time | too late |
    /// |---|---|---|
    /// | a [mutex](crate::Mutex), an [`RwLock`](crate::RwLock) | `Ok(guard)` | `Err(`[`Elapsed`]`)` |
    /// | a [monitor](crate::Monitor), also with `enter_when` | the same | the same |
    /// | a [condition][wait] or [predicate][for] in a monitor | `(guard, `[`Notified`]`)` | `(guard, `[`TimedOut`]`)` |
    /// | a [condition variable](crate::Condvar) | the same | the same |
    /// | a [barrier](crate::Barrier) | `Ok` of its result | `Err(`[`Elapsed`]`)` |
    /// | a [latch](crate::Latch) | `Ok(())` | `Err(`[`Elapsed`]`)` |
    /// | [permits](crate::Semaphore) | `Ok(permit)` | `Err(`[`AcquireUntilError::Elapsed`]`)` |
    /// | [messages](crate::mailbox::Receiver) | `Ok` of its output without a deadline | `Err(`[`Elapsed`]`)` |
    /// | a [message to be sent](crate::mailbox::Sender) | `Ok(())` | `Err(`[`SendUntilError::Elapsed`]`(message))` |
    /// | a [message and its credits](mod@crate::mailbox::credits) | the same | the same |
    /// | [many messages][many] | `Ok(())` | the same, with those that were not sent |
    /// | one of these that [owns its handle][owned] | the same, and the handle | the same, and the handle |
    /// | [slots](crate::mailbox::Sender::reserve) | `Ok(permit)` | `Err(`[`ReserveUntilError::Elapsed`]`)` |
    /// | a [oneshot value](crate::oneshot) | `Ok(value)` | `Err(`[`RecvUntilError::Elapsed`]`(receiver))` |
    /// | a [close](crate::AwaitingClosed), an [end](crate::AwaitingDrained) | `Ok(())` | `Err(`[`Elapsed`]`)` |
    ///
    /// [wait]: crate::MonitorGuard::wait
    /// [for]: crate::MonitorGuard::wait_for
    /// [many]: crate::mailbox::Sender::send_many
    /// [owned]: crate::mailbox::Sender::send_owned
    /// [`Notified`]: crate::WaitTimeoutResult::Notified
    /// [`TimedOut`]: crate::WaitTimeoutResult::TimedOut
    /// [`AcquireUntilError::Elapsed`]: crate::AcquireUntilError::Elapsed
    /// [`SendUntilError::Elapsed`]: crate::mailbox::SendUntilError::Elapsed
    /// [`ReserveUntilError::Elapsed`]: crate::mailbox::ReserveUntilError::Elapsed
    /// [`RecvUntilError::Elapsed`]: crate::oneshot::RecvUntilError::Elapsed
    ///
    /// | Guarantee | |
    /// |---|---|
    /// | Both ready | the wait is polled first, and wins; the deadline is not polled again after it was ready |
    /// | Too late | the wait tries once more, and leaves as if dropped, in O(1) |
    /// | | nothing is lost: a grant that came before it left is used |
    /// | | a wait for a condition does not leave: it queues for the mutex |
    /// | Panics | if the deadline panics, the wait stays in its queue until the unwinding drops it |
    ///
    /// # Cancel safety
    /// That of `F`.
    ///
    /// # Panics
    /// As `F`: if it is polled after its end, for example.
    ///
    /// # Examples
    /// ```
    /// use std::future::ready;
    ///
    /// use sempost::{AcquireUntilError, Semaphore};
    ///
    /// let one = Semaphore::new(1);
    /// # futures::executor::block_on(async {
    /// let now = || ready(()); // or `tokio::time::sleep(…)`, `smol::Timer::after(…)`, a `shutdown.recv()`
    /// let permit = one.acquire().until(now()).await?;
    /// assert_eq!(one.acquire().until(now()).await.unwrap_err(), AcquireUntilError::Elapsed);
    /// # drop(permit);
    /// # Ok::<(), AcquireUntilError>(())
    /// # }).unwrap();
    /// ```
    #[must_use = "futures do nothing unless polled: add `.await`, or `.wait()` on a thread"]
    pub struct Until<F, D> {
        #[pin]
        wait: F,
        #[pin]
        deadline: D,
        late: bool,
    }
}

impl<F: Timed, D: Future> Until<F, D> {
    #[inline(always)]
    pub(crate) fn new(wait: F, deadline: D) -> Self {
        Self { wait, deadline, late: false }
    }

    /// The wait itself, for its other methods, such as [`cancel`](crate::mailbox::Sending::cancel).
    pub fn inner(self: Pin<&mut Self>) -> Pin<&mut F> {
        self.project().wait
    }

    pub(super) fn poll_as(self: Pin<&mut Self>, poller: Poller<'_>, cx: &mut Context<'_>) -> Poll<F::Timely> {
        let mut this = self.project();
        if !*this.late {
            let poll = this.wait.as_mut().poll_timely(poller);
            if poll.is_ready() {
                return poll;
            }
            // The output is dropped after `late` is set: if the drop panics, the deadline has come all the same.
            let _output = DropGuarded::new(Some(ready!(this.deadline.poll(cx))));
            *this.late = true;
        }
        this.wait.poll_late(poller)
    }

    #[cfg(feature = "std")]
    pub(super) fn is_woken(&self) -> bool {
        self.wait.is_woken()
    }

    /// Whether the deadline has come.
    #[cfg(feature = "std")]
    pub(super) fn is_late(&self) -> bool {
        self.late
    }
}

impl<F: Timed, D: Future> Future for Until<F, D> {
    type Output = F::Timely;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Timely> {
        self.poll_as(Poller::Task(cx.waker()), cx)
    }
}

impl<F: Timed, D: Future> FusedFuture for Until<F, D> {
    fn is_terminated(&self) -> bool {
        self.wait.is_terminated()
    }
}

impl<F: fmt::Debug, D> fmt::Debug for Until<F, D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Until").field("wait", &self.wait).field("late", &self.late).finish_non_exhaustive()
    }
}

/// The name in the panic of a wait with a deadline that is polled after its end.
pub(crate) const NAME: &str = "Until";
