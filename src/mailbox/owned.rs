//! Futures that own their handle. They return it together with what the borrowing forms return.

use core::ops::Deref;
use core::pin::Pin;

use super::error::{SendError, SendUntilError};
use super::receiver::Receiver;
use super::receiving::{OneMessage, Receive};
use super::sender::Sender;
use super::sending::{Send, conclude, in_time, unsent};
use super::shared::Shared;
use crate::wait::{Elapsed, Ticket, Wait, named_future};

/// A handle as the place of a wait.
pub(crate) struct Owner<H>(pub(super) H);

impl<T> Deref for Owner<Sender<T>> {
    type Target = Shared<T>;

    fn deref(&self) -> &Shared<T> {
        self.0.shared()
    }
}

impl<T> Deref for Owner<Receiver<T>> {
    type Target = Shared<T>;

    fn deref(&self) -> &Shared<T> {
        &self.0.shared
    }
}

named_future! {
    /// Like [`Sending`](super::Sending), but owns the sender, and returns it with the result. Made by
    /// [`Sender::send_owned`].
    ///
    /// # Cancel safety
    /// As [`Sending`](super::Sending). The sender is dropped with the future.
    pub struct SendingOwned[T] where [] = Wait<Owner<Sender<T>>, Send<T>>
        => (Result<(), SendError<T>>, Sender<T>):
            |owner: Owner<_>, pending, sent, _| (conclude(pending, sent), owner.0),
        until (Result<(), SendUntilError<T>>, Sender<T>): |(sent, sender)| (in_time(sent), sender),
        elapsed: |owner: Owner<_>, pending| (unsent(pending), owner.0);
}

named_future! {
    /// Like [`Receiving`](super::Receiving), but owns the receiver, and returns it with the result. Made by
    /// [`Receiver::recv_owned`].
    ///
    /// # Cancel safety
    /// As [`Receiving`](super::Receiving). The receiver is dropped with the future.
    pub struct ReceivingOwned[T] where [] = Wait<Owner<Receiver<T>>, Receive<T, OneMessage>>
        => (Option<T>, Receiver<T>): |owner: Owner<_>, _, message, origin| {
            owner.note_received(message.is_some(), origin);
            (message, owner.0)
        },
        until (Result<Option<T>, Elapsed>, Receiver<T>): |(message, receiver)| (Ok(message), receiver),
        elapsed: |owner: Owner<_>, _| (Err(Elapsed), owner.0);
}

impl<T> SendingOwned<T> {
    /// Cancels the send, and returns the message if it was not sent. Afterwards the future is finished.
    ///
    /// The sender is dropped with the future. `None` means what it means for
    /// [`Sending::cancel`](super::Sending::cancel): the future was ready before or, at capacity 0, a receiver took the
    /// message at that very moment.
    pub fn cancel(self: Pin<&mut Self>) -> Option<T> {
        self.project().wait.stop().message.take()
    }
}

impl<T> Sender<T> {
    /// Like [`send`](Self::send), but the future owns the sender, and returns it with the result.
    ///
    /// # Cancel safety
    /// As [`send`](Self::send). The sender is dropped with the future. [`SendingOwned::cancel`] gives the message back,
    /// or `None` if, at capacity 0, a receiver has taken it at that very moment.
    ///
    /// # Errors
    /// As [`send`](Self::send). The sender comes back in any case.
    ///
    /// # Examples
    /// ```
    /// # futures::executor::block_on(async {
    /// let (sender, receiver) = sempost::mailbox::bounded(1);
    /// let sending: sempost::mailbox::SendingOwned<_> = sender.send_owned("one"); // 'static
    /// let (sent, sender) = sending.await;
    /// assert!(sent.is_ok());
    /// drop(sender);
    /// let (message, receiver) = receiver.recv_owned().await;
    /// assert_eq!(message, Some("one"));
    /// assert_eq!(receiver.recv_owned().await.0, None);
    /// # });
    /// ```
    #[doc(alias = "into_send_async")]
    #[cfg_attr(feature = "inspect", track_caller)]
    pub fn send_owned(self, message: T) -> SendingOwned<T> {
        let payload = Send::payload(message, self.cancel_poll());
        SendingOwned::new(Wait::new(Owner(self), Send::new(), payload))
    }
}

impl<T> Receiver<T> {
    /// Like [`recv`](Self::recv), but the future owns the receiver, and returns it with the message.
    ///
    /// # Cancel safety
    /// As [`recv`](Self::recv). The receiver is dropped with the future.
    #[doc(alias = "into_recv_async")]
    #[cfg_attr(feature = "inspect", track_caller)]
    pub fn recv_owned(self) -> ReceivingOwned<T> {
        self.cancel_poll();
        ReceivingOwned::new(Wait::new(Owner(self), Receive::new(OneMessage), Ticket::default()))
    }
}
