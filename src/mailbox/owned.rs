//! Sending and receiving by futures that borrow nothing: they keep their handle, and answer it beside what the borrowing
//! forms answer.

use core::ops::Deref;
use core::pin::Pin;

use super::error::{SendError, SendUntilError};
use super::receiver::Receiver;
use super::receiving::{One, Receive};
use super::sender::Sender;
use super::sending::Send;
use super::shared::Shared;
use super::side::Ticket;
use super::state::{Offer, Shut};
use crate::wait::{Conclude, Elapsed, Wait, named_future};

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

impl<T> Conclude<Owner<Sender<T>>> for Send<T> {
    type Output = (Result<(), SendError<T>>, Sender<T>);

    fn conclude(&mut self, owner: Owner<Sender<T>>, offer: &mut Offer<T>, sent: Result<(), Shut>) -> Self::Output {
        (self.conclude(owner.0.shared(), offer, sent), owner.0)
    }
}

impl<T> Conclude<Owner<Receiver<T>>> for Receive<T, One> {
    type Output = (Option<T>, Receiver<T>);

    fn conclude(&mut self, owner: Owner<Receiver<T>>, _: &mut Ticket, message: Option<T>) -> Self::Output {
        (message, owner.0)
    }
}

named_future! {
    /// Like [`Sending`](super::Sending), but keeps the sender, which comes back with the answer. Made by
    /// [`Sender::send_owned`].
    ///
    /// # Cancel safety
    /// As [`Sending`](super::Sending); the sender is dropped with the future.
    pub struct SendingOwned[T] where [] = Wait<Owner<Sender<T>>, Send<T>>
        => (Result<(), SendError<T>>, Sender<T>), until (Result<(), SendUntilError<T>>, Sender<T>);
}

named_future! {
    /// Like [`Receiving`](super::Receiving), but keeps the receiver, which comes back with the answer. Made by
    /// [`Receiver::recv_owned`].
    ///
    /// # Cancel safety
    /// As [`Receiving`](super::Receiving); the receiver is dropped with the future.
    pub struct ReceivingOwned[T] where [] = Wait<Owner<Receiver<T>>, Receive<T, One>>
        => (Option<T>, Receiver<T>), until (Result<Option<T>, Elapsed>, Receiver<T>);
}

impl<T> SendingOwned<T> {
    /// Gives up, and returns the message if it was not sent; the sender is dropped. Afterwards the future is finished.
    /// `None` is that of [`Sending::cancel`](super::Sending::cancel): at capacity 0 a receiver may have taken the
    /// message at that very moment.
    pub fn cancel(self: Pin<&mut Self>) -> Option<T> {
        self.project().wait.stop().value.take()
    }
}

impl<T> Sender<T> {
    /// Like [`send`](Self::send), but keeps the sender: for a future that borrows nothing. It answers what `send` answers,
    /// *and* the sender.
    ///
    /// # Cancel safety
    /// As [`send`](Self::send); the sender is dropped with the future. [`SendingOwned::cancel`] gives the message back,
    /// or `None` if, at capacity 0, a receiver has taken it at that very moment.
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
    pub fn send_owned(self, message: T) -> SendingOwned<T> {
        let offer = Send::offer(message, self.stand_up());
        SendingOwned::new(Wait::new(Owner(self), Send::new(), offer))
    }
}

impl<T> Receiver<T> {
    /// Like [`recv`](Self::recv), but keeps the receiver: for a future that borrows nothing. It answers what `recv` answers,
    /// *and* the receiver.
    ///
    /// # Cancel safety
    /// As [`recv`](Self::recv); the receiver is dropped with the future.
    pub fn recv_owned(self) -> ReceivingOwned<T> {
        self.stand_up();
        ReceivingOwned::new(Wait::new(Owner(self), Receive::new(One), Ticket::default()))
    }
}
