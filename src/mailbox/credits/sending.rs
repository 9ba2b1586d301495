//! Sending a message, and waiting for its credits.

use core::ops::Deref;
use core::pin::Pin;

use super::account::Account;
use super::lease::Lease;
use super::sender::CreditSender;
use super::waiting::{Acquired, CreditWait, Weighed};
use crate::mailbox::error::{SendError, SendUntilError, TrySendError};
use crate::mailbox::owned::Owner;
use crate::mailbox::sending::Send;
use crate::mailbox::state::PendingSend;
use crate::record::Origin;
use crate::wait::{DropGuarded, Own, attempt, named_future};

impl<T> CreditSender<T> {
    /// Sends a message, and waits for as many credits as it weighs.
    ///
    /// `weigh` is called once, at the first poll. A weight of 0 counts as 1. **A message that is heavier than the limit
    /// waits for all credits, and goes alone.** Credits are granted in the order of asking, so a heavy message holds up
    /// the lighter ones behind it. A message enters the queue when its future is polled with the credits. If `weigh`
    /// panics, the poll does, nothing was taken, and the message is still in the future.
    ///
    /// **It is a future: `let _ = sender.send(message)` compiles and sends nothing.**
    ///
    /// # Cancel safety
    /// A future that is dropped before it was ready did *not* send. [`CreditSending::cancel`] gives the message back.
    /// Credits that were granted already go to the next sender.
    ///
    /// # Errors
    /// Gives the message back if the mailbox is closed.
    #[inline(always)]
    #[cfg_attr(feature = "inspect", track_caller)]
    pub fn send(&self, message: T) -> CreditSending<'_, T> {
        CreditSending::new(CreditWait::new(self, Message::new(message)))
    }

    /// Like [`send`](Self::send), but the future owns the sender, and returns it with the result.
    ///
    /// # Cancel safety
    /// As [`send`](Self::send). The sender is dropped with the future.
    ///
    /// # Errors
    /// As [`send`](Self::send). The sender comes back in any case.
    #[cfg_attr(feature = "inspect", track_caller)]
    pub fn send_owned(self, message: T) -> CreditSendingOwned<T> {
        CreditSendingOwned::new(CreditWait::new(Owner(self), Message::new(message)))
    }

    /// Sends a message, if its credits are available and no earlier sender waits for them.
    ///
    /// It never parks, unless the feature `os-lock` or `inspect` is on. It waits at most for another thread to leave a
    /// critical section, which moves a message. Do not call it in a signal handler. If `weigh` panics, the message is
    /// dropped, and no credits are taken.
    ///
    /// # Errors
    /// [`Full`](TrySendError::Full) if too few credits are available or an earlier sender waits for them,
    /// [`Closed`](TrySendError::Closed) if the mailbox is closed. Both have the message.
    #[inline]
    #[cfg_attr(feature = "inspect", track_caller)]
    pub fn try_send(&self, message: T) -> Result<(), TrySendError<T>> {
        if self.is_finished() {
            return Err(TrySendError::Closed(message));
        }
        match self.account.try_lease(message, Origin::here()) {
            Ok(lease) => self.deliver(lease).map_err(|SendError(message)| TrySendError::Closed(message)),
            // The mailbox is closed a moment before its credits are.
            Err(refused) if refused.closed || self.sender.is_closed() => Err(TrySendError::Closed(refused.message)),
            Err(refused) => Err(TrySendError::Full(refused.message)),
        }
    }

    /// Sends a message, and waits on this thread. Short for `send(message).wait()`. Never call it inside a task.
    ///
    /// # Errors
    /// Gives the message back if the mailbox is closed.
    #[doc(alias = "blocking_send")]
    #[cfg(feature = "std")]
    #[inline]
    #[cfg_attr(feature = "inspect", track_caller)]
    pub fn send_blocking(&self, message: T) -> Result<(), SendError<T>> {
        self.send(message).wait()
    }

    /// Puts a message with its credits into the queue. The handle is not finished.
    ///
    /// It is [`Sender::try_send`](crate::mailbox::Sender::try_send) without its last copy of the message.
    #[inline(always)]
    pub(super) fn deliver(&self, lease: Lease<T>) -> Result<(), SendError<T>> {
        let mut pending = Send::payload(lease, false);
        attempt(self.sender.shared(), &mut Send::new(), &mut pending);
        if pending.message.is_none() { Ok(()) } else { Err(refused(&mut pending)) }
    }
}

/// The mailbox was closed: it is unbounded, and so never full.
#[cold]
fn refused<T>(pending: &mut PendingSend<Lease<T>>) -> SendError<T> {
    SendError(pending.message.take().expect("it was not sent").into_inner())
}

impl<T> Deref for Owner<CreditSender<T>> {
    type Target = CreditSender<T>;

    fn deref(&self) -> &CreditSender<T> {
        &self.0
    }
}

/// A message that waits for its credits.
pub(crate) struct Message<T>(Own<DropGuarded<T>>);

impl<T> Message<T> {
    #[inline(always)]
    fn new(message: T) -> Self {
        Self(Own::new(DropGuarded::new(Some(message))))
    }

    fn take(&mut self) -> Option<T> {
        self.0.get_mut().take()
    }
}

impl<T> Weighed<T> for Message<T> {
    #[inline(always)]
    fn weight(&mut self, account: &Account<T>) -> usize {
        self.0.get_mut().as_ref().map_or(1, |message| account.weight(message))
    }
}

/// Sends the message with its credits. The error has the message.
#[inline(always)]
fn conclude<T>(sender: &CreditSender<T>, message: &mut Message<T>, acquired: Acquired) -> Result<(), SendError<T>> {
    match (message.take(), acquired) {
        (Some(message), Ok(credits)) => sender.deliver(Lease::new(message, credits)),
        (Some(message), Err(_)) => Err(SendError(message)),
        (None, _) => Ok(()),
    }
}

fn in_time<T>(sent: Result<(), SendError<T>>) -> Result<(), SendUntilError<T>> {
    sent.map_err(|SendError(message)| SendUntilError::Closed(message))
}

fn unsent<T>(message: &mut Message<T>) -> Result<(), SendUntilError<T>> {
    message.take().map_or(Ok(()), |message| Err(SendUntilError::Elapsed(message)))
}

named_future! {
    /// Waits to send a message into a mailbox with credits. Made by [`CreditSender::send`].
    ///
    /// # Cancel safety
    /// If it is dropped before it was ready, the message was *not* sent, and is dropped, too. [`cancel`](Self::cancel)
    /// gives it back instead. Credits that were granted already go to the next sender.
    pub struct CreditSending['a, T] where [] = CreditWait<&'a CreditSender<T>, Message<T>>
        => Result<(), SendError<T>>: |sender, message, acquired| conclude(sender, message, acquired),
        until Result<(), SendUntilError<T>>: in_time,
        elapsed: |_, message| unsent(message);
}

named_future! {
    /// Like [`CreditSending`], but owns the sender, and returns it with the result. Made by
    /// [`CreditSender::send_owned`].
    ///
    /// # Cancel safety
    /// As [`CreditSending`]. The sender is dropped with the future.
    pub struct CreditSendingOwned[T] where [] = CreditWait<Owner<CreditSender<T>>, Message<T>>
        => (Result<(), SendError<T>>, CreditSender<T>):
            |owner: Owner<_>, message, acquired| (conclude(&owner.0, message, acquired), owner.0),
        until (Result<(), SendUntilError<T>>, CreditSender<T>): |(sent, sender)| (in_time(sent), sender),
        elapsed: |owner: Owner<_>, message| (unsent(message), owner.0);
}

impl<T> CreditSending<'_, T> {
    /// Cancels the send, and returns the message. `None` if the future was ready before. Afterwards it is finished.
    ///
    /// # Examples
    /// ```
    /// use futures::FutureExt;
    ///
    /// let (sender, _receiver) = sempost::mailbox::credits(1, |_: &&str| 1);
    /// sender.try_send("first").unwrap();
    /// let mut second = std::pin::pin!(sender.send("second"));
    /// assert!(second.as_mut().now_or_never().is_none(), "no credits");
    /// assert_eq!(second.cancel(), Some("second"));
    /// ```
    pub fn cancel(self: Pin<&mut Self>) -> Option<T> {
        self.project().wait.stop().take()
    }
}

impl<T> CreditSendingOwned<T> {
    /// Cancels the send, and returns the message. `None` if the future was ready before. Afterwards it is finished, and
    /// the sender is dropped.
    pub fn cancel(self: Pin<&mut Self>) -> Option<T> {
        self.project().wait.stop().take()
    }
}
