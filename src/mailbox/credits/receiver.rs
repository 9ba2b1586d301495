//! The receiving handle. Most of it is that of the mailbox inside.

use alloc::sync::Arc;
use alloc::vec::Vec;
use core::pin::Pin;
use core::task::{Context, Poll, ready};

use futures_core::{FusedFuture, FusedStream, Stream};
use pin_project_lite::pin_project;

use super::account::Account;
use super::lease::Lease;
use crate::mailbox::error::TryRecvError;
use crate::mailbox::owned::ReceivingOwned;
use crate::mailbox::receiver::Receiver;
use crate::mailbox::receiving::Receiving;
use crate::mailbox::receiving_many::ReceivingMany;
use crate::wait::{AwaitingDrained, Elapsed, NAME, Poller, Timed, named_future, polled_twice};

/// Receives messages from a mailbox with [credits](super). Clone it for more receivers: each message goes to one of
/// them.
///
/// It is also a `Stream` of leases. **In the `select!` loop of a pool of workers use [`recv`](Self::recv)**, for the
/// reason that is told at [`Receiver`].
pub struct CreditReceiver<T> {
    // Dropped first: the last one closes the mailbox, and then its credits.
    pub(super) receiver: Receiver<Lease<T>>,
    side: Arc<Side<T>>,
}

/// What all receivers share. The last one closes the credits: senders that wait would sleep until a lease ends.
struct Side<T>(Account<T>);

impl<T> Drop for Side<T> {
    fn drop(&mut self) {
        self.0.credits.close();
    }
}

impl<T> CreditReceiver<T> {
    pub(super) fn new(receiver: Receiver<Lease<T>>, account: Account<T>) -> Self {
        Self { receiver, side: Arc::new(Side(account)) }
    }

    /// Which primitive it is, for records.
    #[cfg(feature = "inspect")]
    pub(crate) fn tag(&self) -> &crate::record::Tag {
        self.account().tag()
    }

    pub(super) fn account(&self) -> &Account<T> {
        &self.side.0
    }

    /// Waits for a message. `None` means that no message will come any more.
    ///
    /// Leases that are still out do not hold up the end.
    ///
    /// # Cancel safety
    /// Dropping the future loses nothing. A message that it was woken for stays in its place for the next receiver.
    ///
    /// # Examples
    /// ```
    /// # futures::executor::block_on(async {
    /// let (sender, receiver) = sempost::mailbox::credits(2, |_: &&str| 1);
    /// sender.send("job").await.unwrap();
    /// drop(sender);
    /// while let Some(job) = receiver.recv().await {
    ///     println!("{}", *job); // its credit comes back at the end of the turn
    /// }
    /// # });
    /// ```
    #[inline(always)]
    #[cfg_attr(feature = "inspect", track_caller)]
    pub fn recv(&self) -> Receiving<'_, Lease<T>> {
        self.receiver.recv()
    }

    /// Takes a message, if one is queued that no other receiver has claimed.
    ///
    /// # Errors
    /// [`Closed`](TryRecvError::Closed) when no message will come any more. While a permit may still send it is
    /// [`Empty`](TryRecvError::Empty).
    #[inline]
    #[cfg_attr(feature = "inspect", track_caller)]
    pub fn try_recv(&self) -> Result<Lease<T>, TryRecvError> {
        self.receiver.try_recv()
    }

    /// Waits for a message on this thread. Short for `recv().wait()`. Never call it inside a task.
    #[doc(alias = "blocking_recv")]
    #[cfg(feature = "std")]
    #[inline]
    #[cfg_attr(feature = "inspect", track_caller)]
    pub fn recv_blocking(&self) -> Option<Lease<T>> {
        self.receiver.recv_blocking()
    }

    /// Waits for at least one message, and appends up to `limit` leases to `buffer`.
    ///
    /// Returns how many. 0 means that no message will come any more, or that `limit` is 0. **Leases that stay in the
    /// buffer keep their credits.**
    ///
    /// # Cancel safety
    /// As [`recv`](Self::recv). It takes messages only in the poll in which it is ready.
    #[cfg_attr(feature = "inspect", track_caller)]
    pub fn recv_many<'a>(&'a self, buffer: &'a mut Vec<Lease<T>>, limit: usize) -> ReceivingMany<'a, Lease<T>> {
        self.receiver.recv_many(buffer, limit)
    }

    /// Appends up to `limit` leases to `buffer`, without waiting. Returns how many.
    ///
    /// # Errors
    /// As [`try_recv`](Self::try_recv). With a `limit` of 0 it returns 0, even at the end.
    #[cfg_attr(feature = "inspect", track_caller)]
    pub fn try_recv_many(&self, buffer: &mut Vec<Lease<T>>, limit: usize) -> Result<usize, TryRecvError> {
        self.receiver.try_recv_many(buffer, limit)
    }

    /// Like [`recv`](Self::recv), but the future owns the receiver, and returns it with the message.
    ///
    /// # Cancel safety
    /// As [`recv`](Self::recv). The receiver is dropped with the future.
    #[cfg_attr(feature = "inspect", track_caller)]
    pub fn recv_owned(self) -> CreditReceivingOwned<T> {
        CreditReceivingOwned::new(ReceiveOwned { receiving: self.receiver.recv_owned(), side: Some(self.side) })
    }

    /// Polls for a message. The waiter belongs to this handle: see [polled handles](crate::mailbox#polled-handles).
    #[cfg_attr(feature = "inspect", track_caller)]
    pub fn poll_recv(&mut self, cx: &mut Context<'_>) -> Poll<Option<Lease<T>>> {
        self.receiver.poll_recv(cx)
    }

    /// Closes the mailbox for all handles. Another name for [`close_mailbox`](Self::close_mailbox).
    pub fn close(&self) -> bool {
        self.close_mailbox()
    }

    /// Completes once the mailbox is closed and no message can be received any more. Leases may still be out.
    ///
    /// Making the future takes the mailbox's short lock once, even if it is never polled.
    ///
    /// # Cancel safety
    /// Dropping the future removes its listener. Nothing else changes.
    #[cfg_attr(feature = "inspect", track_caller)]
    pub fn drained(&self) -> AwaitingDrained<'_> {
        self.receiver.drained()
    }
}

impl<T> Clone for CreditReceiver<T> {
    fn clone(&self) -> Self {
        Self { receiver: self.receiver.clone(), side: Arc::clone(&self.side) }
    }
}

impl<T> Stream for CreditReceiver<T> {
    type Item = Lease<T>;

    #[cfg_attr(feature = "inspect", track_caller)]
    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Lease<T>>> {
        self.poll_recv(cx)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        // Other receivers may take what is queued now.
        (0, None)
    }
}

impl<T> FusedStream for CreditReceiver<T> {
    fn is_terminated(&self) -> bool {
        self.receiver.is_terminated()
    }
}

pin_project! {
    /// A wait that owns its receiver. The order of the fields is that of the handle.
    pub(crate) struct ReceiveOwned<T> {
        #[pin]
        receiving: ReceivingOwned<Lease<T>>,
        side: Option<Arc<Side<T>>>,
    }
}

type Output<T, R> = (R, CreditReceiver<T>);
type Timely<T> = Output<T, Result<Option<Lease<T>>, Elapsed>>;

impl<T> ReceiveOwned<T> {
    fn conclude<R>(self: Pin<&mut Self>, (received, receiver): (R, Receiver<Lease<T>>)) -> Output<T, R> {
        let side = self.project().side.take().expect("it has not ended before");
        (received, CreditReceiver { receiver, side })
    }

    pub(crate) fn poll_as(self: Pin<&mut Self>, poller: Poller<'_>, name: &str) -> Poll<Output<T, Option<Lease<T>>>> {
        if self.is_done() {
            polled_twice(name);
        }
        // Before a deadline it is never late.
        self.poll_timely(poller).map(|(received, receiver)| (received.ok().flatten(), receiver))
    }

    pub(crate) fn poll_timely(mut self: Pin<&mut Self>, poller: Poller<'_>) -> Poll<Timely<T>> {
        if self.is_done() {
            polled_twice(NAME);
        }
        let received = ready!(self.as_mut().project().receiving.poll_timely(poller));
        Poll::Ready(self.conclude(received))
    }

    pub(crate) fn poll_late(mut self: Pin<&mut Self>, poller: Poller<'_>) -> Poll<Timely<T>> {
        if self.is_done() {
            polled_twice(NAME);
        }
        let received = ready!(self.as_mut().project().receiving.poll_late(poller));
        Poll::Ready(self.conclude(received))
    }

    pub(crate) fn is_done(&self) -> bool {
        self.receiving.is_terminated()
    }

    pub(crate) fn is_woken(&self) -> bool {
        self.receiving.is_woken()
    }
}

impl<T> core::fmt::Debug for ReceiveOwned<T> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        self.receiving.fmt(f)
    }
}

named_future! {
    /// Waits for a message, owns the receiver, and returns it with the lease. Made by [`CreditReceiver::recv_owned`].
    ///
    /// # Cancel safety
    /// As [`Receiving`]. The receiver is dropped with the future.
    pub struct CreditReceivingOwned[T] where [] = ReceiveOwned<T>
        => (Option<Lease<T>>, CreditReceiver<T>),
        until (Result<Option<Lease<T>>, Elapsed>, CreditReceiver<T>);
}
