//! The receiving end: a future.

use core::fmt;
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll};

use futures_core::FusedFuture;

use super::error::{RecvError, TryRecvError};
use super::slot::{End, Side};
use crate::record::{Kind, Place, Tag, WaitRecord};
#[cfg(feature = "std")]
use crate::wait::Timed;
use crate::wait::{DropGuarded, Poller, Wake, polled_twice};

/// The future of the one value that the [`Sender`](super::Sender) sends.
///
/// # Cancel safety
/// Await `&mut receiver` to keep it: cancelling that loses nothing, and a value that was sent stays. Dropping the
/// receiver itself drops the value, if there is one, and later sends fail.
///
/// # Errors
/// [`RecvError`] if the sender was dropped without a value, or if the receiver was [closed](Self::close) before the
/// send.
///
/// # Panics
/// If it is polled after its result: see [`is_terminated`](Self::is_terminated).
#[must_use = "futures do nothing unless polled: add `.await`, or `.wait()` on a thread"]
pub struct Receiver<T> {
    /// `None` after the result.
    pub(super) end: Option<End<T>>,
    tag: Tag,
    born: Place,
    record: WaitRecord,
}

impl<T> Receiver<T> {
    /// Which primitive it is, for records.
    #[cfg(feature = "inspect")]
    pub(crate) fn tag(&self) -> &crate::record::Tag {
        &self.tag
    }

    #[inline(always)]
    #[cfg_attr(feature = "inspect", track_caller)]
    pub(super) fn new(end: End<T>) -> Self {
        Self { end: Some(end), tag: Tag::new(Kind::Oneshot), born: Place::here(), record: WaitRecord::new() }
    }

    /// Takes the value if it is there.
    ///
    /// The value and [`TryRecvError::Closed`] are also the result of the future: do not poll it after either.
    ///
    /// # Errors
    /// [`TryRecvError::Empty`] if the value may still come, [`TryRecvError::Closed`] if not.
    #[inline]
    pub fn try_recv(&mut self) -> Result<T, TryRecvError> {
        match &self.end {
            Some(end) if !end.is_over(Side::Receiver) => Err(TryRecvError::Empty),
            Some(_) => self.take_value().ok_or(TryRecvError::Closed),
            None => Err(TryRecvError::Closed),
        }
    }

    /// Returns whether no value is there. It may still come, or was taken, or will never come.
    ///
    /// # Examples
    /// ```
    /// use sempost::oneshot;
    ///
    /// let (tx, mut rx) = oneshot::channel();
    /// assert!(rx.is_empty() && !rx.is_terminated());
    /// tx.send(7).unwrap();
    /// assert!(!rx.is_empty());
    /// assert_eq!(rx.try_recv(), Ok(7));
    /// assert!(rx.is_empty() && rx.is_terminated());
    /// ```
    pub fn is_empty(&self) -> bool {
        !self.end.as_ref().is_some_and(|end| end.has_value())
    }

    /// Returns whether the receiver has given its result. Then another poll panics.
    pub fn is_terminated(&self) -> bool {
        self.end.is_none()
    }

    /// Closes the channel: a later send fails. A value that was sent before can still be received.
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
        self.record.end();
        if let Some(end) = &self.end {
            let _waker = DropGuarded::new(end.unregister(Side::Receiver));
            Wake::wake_one(&mut end.close());
        }
    }

    /// Waits on this thread until the result is there.
    ///
    /// Never call it inside a task: the thread would not run its other tasks meanwhile, perhaps the one that is waited
    /// for. This is not detected.
    ///
    /// # Errors
    /// As the future.
    ///
    /// # Panics
    /// If the result was returned before.
    #[cfg(feature = "std")]
    #[cfg_attr(feature = "inspect", track_caller)]
    pub fn wait(self) -> Result<T, RecvError> {
        crate::wait::block(
            core::pin::pin!(self.asked_at(Place::here())),
            |receiver, poller| receiver.get_mut().poll_as(poller),
            Timed::is_woken,
        )
    }

    /// Receives on this thread. Another name for [`wait`](Self::wait).
    ///
    /// # Errors
    /// As the future.
    ///
    /// # Panics
    /// If the result was returned before.
    #[cfg(feature = "std")]
    #[doc(alias = "blocking_recv")]
    #[cfg_attr(feature = "inspect", track_caller)]
    pub fn recv_blocking(self) -> Result<T, RecvError> {
        self.wait()
    }

    #[inline(always)]
    pub(super) fn poll_as(&mut self, poller: Poller<'_>) -> Poll<Result<T, RecvError>> {
        let Some(end) = &self.end else { polled_twice("Receiver") };
        if !end.is_over(Side::Receiver) && end.wait(Side::Receiver, poller) {
            self.record.poll(&self.tag, poller.origin(self.born), 0);
            return Poll::Pending;
        }
        Poll::Ready(self.take_value().ok_or(RecvError))
    }

    /// Notes where it is waited for. Until then it is where the channel was made.
    #[inline(always)]
    pub(super) fn asked_at(mut self, place: Place) -> Self {
        self.born = place;
        self
    }

    /// The same receiver, as a new handle. This one has ended.
    pub(super) fn take(&mut self) -> Self {
        self.record.end();
        Self {
            end: self.end.take(),
            tag: core::mem::replace(&mut self.tag, Tag::new(Kind::Oneshot)),
            born: self.born,
            record: WaitRecord::new(),
        }
    }

    /// Takes the value, if there is one. No foreign code runs before it is returned, so it cannot get lost.
    #[inline(always)]
    fn take_value(&mut self) -> Option<T> {
        self.record.end();
        self.end.take()?.leave()
    }
}

impl<T> Future for Receiver<T> {
    type Output = Result<T, RecvError>;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.get_mut().poll_as(Poller::Task(cx.waker()))
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

/// Drops the end before the result. It wakes the sender, and then drops the value and the waker, even if one panics.
fn retire<T>(end: End<T>) {
    let _waker = DropGuarded::new(end.unregister(Side::Receiver));
    let mut watcher = end.close();
    let _value = DropGuarded::new(end.leave());
    Wake::wake_one(&mut watcher);
}

impl<T> fmt::Debug for Receiver<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.end {
            Some(end) => f.debug_tuple("Receiver").field(end).finish(),
            None => f.write_str("Receiver(Done)"),
        }
    }
}
