//! The receiving end: a future.

use core::fmt;
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll};

use futures_core::FusedFuture;

use super::error::{RecvError, RecvUntilError, TryRecvError};
use super::slot::{End, Side};
use crate::wait::{Foreign, Timed, Until, Wake, Who, polled_twice};

/// The future of the one value that the [`Sender`](super::Sender) sends.
///
/// # Cancel safety
/// `&mut receiver` may be polled and left as often as one likes: a value that was sent stays. Dropping the receiver itself
/// drops the value, if there is one, and later sends fail.
///
/// # Errors
/// [`RecvError`] if the sender was dropped without a value, or if the receiver was [closed](Self::close) before.
///
/// # Panics
/// If it is polled after it has answered; `FusedFuture::is_terminated` tells.
#[must_use = "futures do nothing unless polled: add `.await`, or `.wait()` on a thread"]
pub struct Receiver<T> {
    /// None after the answer.
    end: Option<End<T>>,
}

impl<T> Receiver<T> {
    #[inline(always)]
    pub(super) fn new(end: End<T>) -> Self {
        Self { end: Some(end) }
    }

    /// Takes the value if it is there. That is the answer of the future, too, and so is [`TryRecvError::Closed`]: whoever got
    /// either polls no more.
    ///
    /// # Errors
    /// [`TryRecvError::Empty`] if it may still come, [`TryRecvError::Closed`] if not.
    #[inline]
    pub fn try_recv(&mut self) -> Result<T, TryRecvError> {
        match &self.end {
            Some(end) if !end.is_over(Side::Receiver) => Err(TryRecvError::Empty),
            Some(_) => self.answer().ok_or(TryRecvError::Closed),
            None => Err(TryRecvError::Closed),
        }
    }

    /// From now on a send fails. A value that was sent before can still be received.
    ///
    /// # Examples
    /// ```
    /// use sempost::oneshot;
    ///
    /// let (tx, mut rx) = oneshot::channel();
    /// rx.close();
    /// assert_eq!(tx.send(1), Err(1));
    /// assert_eq!(rx.try_recv(), Err(oneshot::TryRecvError::Closed));
    /// ```
    pub fn close(&mut self) {
        if let Some(end) = &self.end {
            let _waker = Foreign::new(end.recall(Side::Receiver));
            Wake::tell(&mut end.close());
        }
    }

    /// Waits on this thread until the answer is there.
    ///
    /// Never call it inside a task: the thread would not run its other tasks meanwhile, perhaps the one that is waited for.
    /// This is not detected.
    ///
    /// # Errors
    /// As the future.
    ///
    /// # Panics
    /// If it has answered before.
    #[cfg(feature = "std")]
    pub fn wait(self) -> Result<T, RecvError> {
        crate::wait::block(core::pin::pin!(self), |receiver, who| receiver.get_mut().poll_as(who), Timed::is_woken)
    }

    /// Like [`wait`](Self::wait), but gives up after `timeout`: see [`Until`]. A timeout that is too large for the clock
    /// waits forever.
    ///
    /// # Errors
    /// [`RecvUntilError::Elapsed`] with the receiver when the time was up first.
    ///
    /// # Panics
    /// If it has answered before.
    #[cfg(feature = "std")]
    #[doc(alias = "recv_timeout")]
    pub fn wait_timeout(self, timeout: core::time::Duration) -> Result<T, RecvUntilError<T>> {
        crate::wait::block_timeout(self, timeout)
    }

    /// Gives up when `deadline`, which is any future, is ready first: see [`Until`]. Then the receiver comes back, and a
    /// value that is sent later can still be received.
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
    pub fn until<D: Future>(self, deadline: D) -> Until<Self, D> {
        Until::new(self, deadline)
    }

    /// Receives on this thread: another name for [`wait`](Self::wait), for those who look for it.
    ///
    /// # Errors
    /// As the future.
    ///
    /// # Panics
    /// If it has answered before.
    #[cfg(feature = "std")]
    #[doc(alias = "blocking_recv")]
    pub fn recv_blocking(self) -> Result<T, RecvError> {
        self.wait()
    }

    #[inline(always)]
    fn poll_as(&mut self, who: Who<'_>) -> Poll<Result<T, RecvError>> {
        let Some(end) = &self.end else { polled_twice("Receiver") };
        if !end.is_over(Side::Receiver) && end.wait(Side::Receiver, who) {
            return Poll::Pending;
        }
        Poll::Ready(self.answer().ok_or(RecvError))
    }

    /// Nothing foreign runs between the taking of the value and its return.
    #[inline(always)]
    fn answer(&mut self) -> Option<T> {
        self.end.take()?.leave()
    }
}

impl<T> Future for Receiver<T> {
    type Output = Result<T, RecvError>;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.get_mut().poll_as(Who::Task(cx.waker()))
    }
}

impl<T> Timed for Receiver<T> {
    type Timely = Result<T, RecvUntilError<T>>;

    fn poll_timely(self: Pin<&mut Self>, who: Who<'_>) -> Poll<Self::Timely> {
        self.get_mut().poll_as(who).map_err(|RecvError| RecvUntilError::Closed)
    }

    fn poll_late(mut self: Pin<&mut Self>, who: Who<'_>) -> Poll<Self::Timely> {
        let Some(end) = self.end else { polled_twice("Receiver") };
        drop(Foreign::new(end.recall(Side::Receiver)));
        if end.is_over(Side::Receiver) {
            return self.poll_timely(who);
        }
        Poll::Ready(Err(RecvUntilError::Elapsed(Self { end: self.end.take() })))
    }

    // A poll that was pending has left its waker in its place: if it is not there, the sender has taken it and is about to come.
    fn is_woken(&self) -> bool {
        self.end.is_none_or(|end| end.is_over(Side::Receiver) || !end.is_posted(Side::Receiver))
    }
}

impl<T> FusedFuture for Receiver<T> {
    fn is_terminated(&self) -> bool {
        self.end.is_none()
    }
}

impl<T> Drop for Receiver<T> {
    #[inline]
    fn drop(&mut self) {
        if let Some(end) = self.end.take() {
            retire(end);
        }
    }
}

/// Leaves before the answer. The sender is woken first; what is foreign goes after that, whatever panics.
fn retire<T>(end: End<T>) {
    let _waker = Foreign::new(end.recall(Side::Receiver));
    let mut watcher = end.close();
    let _value = Foreign::new(end.leave());
    Wake::tell(&mut watcher);
}

impl<T> fmt::Debug for Receiver<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.end {
            Some(end) => f.debug_tuple("Receiver").field(end).finish(),
            None => f.write_str("Receiver(Done)"),
        }
    }
}
