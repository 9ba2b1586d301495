//! Waiting until a deadline, whatever tells that it has come: written once, as the waiting is.
//!
//! A deadline is a future, polled after the wait, so that a wait that is over wins. When it is ready the wait is *late*: it
//! looks once more, then leaves its line exactly as if it was dropped, and what it brought along is its answer. Between that
//! look and the leaving it may be granted; the leaving finds that out under the lock, and the grant is the answer.
//!
//! A wait that answers a guard – for a condition – cannot just leave: when it is late it goes on in the line for the guard.

use core::error::Error;
use core::fmt;
use core::future::Future;
use core::ops::Deref;
use core::pin::Pin;
use core::task::{Context, Poll, ready};

use futures_core::FusedFuture;
use pin_project_lite::pin_project;

use super::decision::{Core, Effects};
use super::node::{Link, Stage};
use super::request::{Conclude, FxOf, StateOf};
use super::waiting::Wait;
use super::{Foreign, Wake, Who};

/// The deadline came first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Elapsed;

impl fmt::Display for Elapsed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("deadline elapsed")
    }
}

impl Error for Elapsed {}

/// A future of this crate: each of them can be given a deadline. Not to be implemented elsewhere.
pub trait Timed: FusedFuture {
    /// What it answers where there is a deadline.
    type Timely;

    /// Polls before the deadline.
    #[doc(hidden)]
    fn poll_timely(self: Pin<&mut Self>, who: Who<'_>) -> Poll<Self::Timely>;

    /// Polls when the deadline has come: it gives up, or goes on to where it can.
    #[doc(hidden)]
    fn poll_late(self: Pin<&mut Self>, who: Who<'_>) -> Poll<Self::Timely>;

    /// Whether a poll may find more than the last one did. Runs nothing foreign: a thread looks here before it parks.
    #[doc(hidden)]
    fn is_woken(&self) -> bool;
}

pin_project! {
    /// A wait with a deadline, which is any future; what that answers is dropped. Made by the `_until` methods, and by `until`
    /// on every named future.
    ///
    /// | `F` waits for | in time | too late |
    /// |---|---|---|
    /// | a [mutex](crate::Mutex), a [monitor](crate::Monitor) | `Ok(guard)` | `Err(`[`Elapsed`]`)` |
    /// | a condition ([of a monitor](crate::MonitorGuard::wait), [variable](crate::Condvar)) | `(guard, `[`Notified`](crate::Ended::Notified)`)` | `(guard, `[`Elapsed`](crate::Ended::Elapsed)`)` |
    /// | [permits](crate::Semaphore) | `Ok(permit)` | `Err(`[`AcquireUntilError::Elapsed`](crate::AcquireUntilError::Elapsed)`)` |
    /// | [messages](crate::mailbox::Receiver) | `Ok` of what there is without a deadline | `Err(`[`Elapsed`]`)` |
    /// | a [message to be sent](crate::mailbox::Sender) | `Ok(())` | [`SendUntilError::Elapsed`](crate::mailbox::SendUntilError::Elapsed)`(message)` |
    /// | an [answer](crate::oneshot::Receiver) | `Ok(value)` | [`RecvUntilError::Elapsed`](crate::oneshot::RecvUntilError::Elapsed)`(receiver)` |
    /// | a close, an end ([`Closed`](crate::Closed), [`Drained`](crate::Drained)) | `Ok(())` | `Err(`[`Elapsed`]`)` |
    /// | [slots](crate::mailbox::Sender::reserve) | `Ok(permit)` | [`ReserveUntilError::Elapsed`](crate::mailbox::ReserveUntilError::Elapsed) |
    ///
    /// | Guarantee | |
    /// |---|---|
    /// | Both ready | the wait is polled first, and wins; the deadline is not polled after it was ready |
    /// | Too late | it looks once more, and leaves as if dropped (for a condition: queues for the guard): O(1), nothing is lost, what it had been granted is used |
    /// | Panics | a deadline that panics leaves the wait in line, until the unwinding drops it |
    ///
    /// # Cancel safety
    /// As that of `F`.
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
    /// let permit = one.acquire_until(now()).await?;
    /// assert_eq!(one.acquire_until(now()).await.unwrap_err(), AcquireUntilError::Elapsed);
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

    /// The wait, for what else can be done with it: [`cancel`](crate::mailbox::Sending::cancel), for one.
    pub fn inner(self: Pin<&mut Self>) -> Pin<&mut F> {
        self.project().wait
    }

    pub(super) fn poll_as(self: Pin<&mut Self>, who: Who<'_>, cx: &mut Context<'_>) -> Poll<F::Timely> {
        let mut this = self.project();
        if !*this.late {
            let answer = this.wait.as_mut().poll_timely(who);
            if answer.is_ready() {
                return answer;
            }
            // Noted first: should the drop of its output panic, it has come all the same.
            let _output = Foreign::new(Some(ready!(this.deadline.poll(cx))));
            *this.late = true;
        }
        this.wait.poll_late(who)
    }

    /// Waits on this thread, parked in the same line as the tasks, until the answer is there or the deadline comes.
    ///
    /// Never call it inside a task. The deadline must come by itself, or from another thread.
    #[cfg(feature = "std")]
    pub fn wait(self) -> F::Timely {
        super::blocking::block_until(self)
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
        self.poll_as(Who::Task(cx.waker()), cx)
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

/// The name that a wait with a deadline panics by.
pub(crate) const NAME: &str = "Until";

/// What is inside a [`Timed`] future.
pub(crate) trait Late {
    type Timely;

    fn poll_timely(self: Pin<&mut Self>, who: Who<'_>) -> Poll<Self::Timely>;

    fn poll_late(self: Pin<&mut Self>, who: Who<'_>) -> Poll<Self::Timely>;
}

/// A request that can be late.
pub(crate) trait Expire<H>: Conclude<H> {
    type Timely;

    /// It has answered.
    fn in_time(output: Self::Output, extra: &mut Self::Extra) -> Self::Timely;

    /// A waiter in line is late: it leaves, or goes on in another line. If it was served there at once, its own waker comes
    /// back.
    fn expire(&mut self, state: &mut StateOf<Self>, node: Link<Self::Extra>, effects: &mut FxOf<Self>) -> Option<Wake> {
        self.leave(state, node, effects);
        None
    }

    /// It has left: what it brought along comes back.
    fn elapsed(place: H, extra: &mut Self::Extra) -> Self::Timely;
}

impl<H, R> Late for Wait<H, R>
where
    H: Deref<Target = R::Core>,
    R: Expire<H>,
{
    type Timely = R::Timely;

    #[inline(always)]
    fn poll_timely(mut self: Pin<&mut Self>, who: Who<'_>) -> Poll<R::Timely> {
        let output = ready!(self.as_mut().poll_as(who, NAME));
        Poll::Ready(R::in_time(output, self.brought()))
    }

    fn poll_late(mut self: Pin<&mut Self>, who: Who<'_>) -> Poll<R::Timely> {
        // What came since the last look is taken, a nudge too.
        let answer = self.as_mut().poll_timely(who);
        if answer.is_ready() {
            return answer;
        }
        if !self.as_mut().expire() {
            return self.poll_timely(who);
        }
        let this = self.project();
        let place = this.place.take().expect("whoever waited had a place");
        Poll::Ready(R::elapsed(place, this.waiter.extra()))
    }
}

impl<H, R> Wait<H, R>
where
    H: Deref<Target = R::Core>,
    R: Expire<H>,
{
    /// Takes a waiter that is late out of its line, and answers whether it waits no more. If not, it was served before, or
    /// goes on in another line.
    fn expire(self: Pin<&mut Self>) -> bool {
        let this = self.project();
        let (Some(place), Some(node)) = (this.place.as_ref(), this.waiter.link()) else { return false };
        let mut effects = Effects::new();
        let mut state = place.lock().lock();
        // Only under the lock is a stage of `Queued` sure to stay.
        if this.waiter.stage() != Some(Stage::Queued) {
            return false;
        }
        let own = this.request.expire(&mut state, node, &mut effects);
        drop(state);
        // It is running: there is nobody to wake.
        let _own = Foreign::new(own);
        let left = this.waiter.stage() == Some(Stage::Withdrawn);
        let _wake = Foreign::new(if left { this.waiter.part() } else { None });
        place.carry_out(&mut effects);
        left
    }
}
