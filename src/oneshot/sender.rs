//! The sending end, and its wait for the close.

use core::fmt;
use core::marker::PhantomPinned;
use core::mem::ManuallyDrop;
use core::pin::Pin;
use core::task::{Context, Poll};

use pin_project_lite::pin_project;

use super::slot::{End, Side};
use crate::record::{CLOSE, Kind, Place, Tag, WaitRecord};
use crate::wait::{DropGuarded, Elapsed, NAME, Poller, Wake, named_future, polled_twice};

/// Sends one value. If it is dropped without a send, the [`Receiver`](super::Receiver) returns an error.
pub struct Sender<T> {
    end: End<T>,
    tag: Tag,
}

impl<T> Sender<T> {
    /// Which primitive it is, for records.
    #[cfg(feature = "inspect")]
    pub(crate) fn tag(&self) -> &crate::record::Tag {
        &self.tag
    }

    #[inline(always)]
    #[cfg_attr(feature = "inspect", track_caller)]
    pub(super) fn new(end: End<T>) -> Self {
        Self { end, tag: Tag::new(Kind::Oneshot) }
    }

    /// Sends the value. It never waits.
    ///
    /// `Ok` does not mean that the value will be received: the receiver may be dropped later.
    ///
    /// # Errors
    /// Gives the value back if the receiver is dropped or closed.
    #[inline(always)]
    pub fn send(self, value: T) -> Result<(), T> {
        let mut this = ManuallyDrop::new(self);
        this.tag.forget();
        let end = this.end;
        if let Some(wake) = end.send(value)? {
            wake.call();
        }
        Ok(())
    }

    /// Returns whether the receiver is dropped or closed, so that a send would fail. A `false` may be out of date at
    /// once.
    #[must_use]
    #[inline]
    pub fn is_closed(&self) -> bool {
        self.end.is_over(Side::Sender)
    }

    /// Waits until the receiver is dropped or closed: no one needs the value any more.
    ///
    /// # Cancel safety
    /// Dropping the future ends the wait. The sender can be used as before.
    ///
    /// # Examples
    /// ```
    /// use sempost::oneshot;
    ///
    /// # futures::executor::block_on(async {
    /// let (mut tx, rx) = oneshot::channel::<u32>();
    /// drop(rx);
    /// tx.closed().await;
    /// assert_eq!(tx.send(1), Err(1));
    /// # });
    /// ```
    #[doc(alias("cancellation", "canceled"))]
    #[cfg_attr(feature = "inspect", track_caller)]
    pub fn closed(&mut self) -> Watching<'_, T> {
        Watching::new(Watch {
            sender: Some(self),
            polled: false,
            born: Place::here(),
            record: WaitRecord::new(),
            _pinned: PhantomPinned,
        })
    }

    /// Polls whether the receiver is dropped or closed. The task that polled last is woken.
    #[doc(alias("poll_canceled"))]
    pub fn poll_closed(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        self.poll_closed_as(Poller::Task(cx.waker()))
    }

    fn poll_closed_as(&mut self, poller: Poller<'_>) -> Poll<()> {
        if !self.is_closed() && self.end.wait(Side::Sender, poller) { Poll::Pending } else { Poll::Ready(()) }
    }
}

impl<T> Drop for Sender<T> {
    fn drop(&mut self) {
        let _watcher = DropGuarded::new(self.end.unregister(Side::Sender));
        Wake::wake_one(&mut self.end.leave_unsent());
    }
}

impl<T> fmt::Debug for Sender<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Sender").field(&self.end).finish()
    }
}

pin_project! {
    /// The wait for the receiver to be dropped or closed.
    pub(crate) struct Watch<'a, T> {
        sender: Option<&'a mut Sender<T>>,
        // It was polled, so the registered waker is its own. Before that it belongs to `Sender::poll_closed`.
        polled: bool,
        born: Place,
        record: WaitRecord,
        #[pin]
        _pinned: PhantomPinned,
    }

    impl<T> PinnedDrop for Watch<'_, T> {
        fn drop(this: Pin<&mut Self>) {
            this.stop();
        }
    }
}

impl<T> Watch<'_, T> {
    /// Ends the wait. Returns whether the receiver is dropped or closed.
    fn stop(self: Pin<&mut Self>) -> bool {
        let this = self.project();
        let Some(sender) = this.sender.take() else { return true };
        this.record.end();
        if *this.polled {
            drop(DropGuarded::new(sender.end.unregister(Side::Sender)));
        }
        sender.is_closed()
    }

    pub(crate) fn poll_as(self: Pin<&mut Self>, poller: Poller<'_>, name: &str) -> Poll<()> {
        let this = self.project();
        let Some(sender) = this.sender else { polled_twice(name) };
        *this.polled = true;
        let poll = sender.poll_closed_as(poller);
        if poll.is_ready() {
            this.record.end();
            *this.sender = None;
        } else {
            this.record.poll(&sender.tag, poller.origin(*this.born), CLOSE);
        }
        poll
    }

    pub(crate) fn is_done(&self) -> bool {
        self.sender.is_none()
    }

    pub(crate) fn is_woken(&self) -> bool {
        self.sender.as_ref().is_none_or(|sender| sender.is_closed() || !sender.end.is_registered(Side::Sender))
    }
}

impl<T> Watch<'_, T> {
    pub(crate) fn poll_timely(self: Pin<&mut Self>, poller: Poller<'_>) -> Poll<Result<(), Elapsed>> {
        self.poll_as(poller, NAME).map(Ok)
    }

    pub(crate) fn poll_late(self: Pin<&mut Self>, _: Poller<'_>) -> Poll<Result<(), Elapsed>> {
        if self.is_done() {
            polled_twice(NAME);
        }
        Poll::Ready(if self.stop() { Ok(()) } else { Err(Elapsed) })
    }
}

impl<T> fmt::Debug for Watch<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.sender.fmt(f)
    }
}

named_future! {
    /// Completes when the receiver is dropped or closed. Made by [`Sender::closed`].
    ///
    /// # Cancel safety
    /// Dropping it ends the wait. Nothing else changes.
    pub struct Watching['a, T] where [] = Watch<'a, T> => (), until Result<(), Elapsed>;
}
