//! Sending and receiving until a deadline.

use core::future::Future;

use super::error::{Closed, ReserveUntilError, SendError, SendUntilError};
use super::owned::Owner;
use super::permit::{OwnedSendPermit, SendPermit, SendPermits};
use super::receiver::Receiver;
use super::receiving::{Many, One, Receive, Receiving};
use super::reserving::{self, Reserve};
use super::sender::Sender;
use super::sending::{Send, Sending};
use super::shared::Shared;
use super::side::Ticket;
use super::state::Offer;
use crate::wait::{Elapsed, Expire, Until};

/// A send that was given up; the message is still the sender's. At capacity 0 one that was taken has left its line.
fn unsent<T>(offer: &mut Offer<T>) -> Result<(), SendUntilError<T>> {
    offer.value.take().map_or(Ok(()), |message| Err(SendUntilError::Elapsed(message)))
}

impl<'a, T> Expire<&'a Shared<T>> for Send<T> {
    type Timely = Result<(), SendUntilError<T>>;

    #[inline(always)]
    fn in_time(sent: Result<(), SendError<T>>, _: &mut Offer<T>) -> Self::Timely {
        sent.map_err(|SendError(message)| SendUntilError::Closed(message))
    }

    fn elapsed(_: &'a Shared<T>, offer: &mut Offer<T>) -> Self::Timely {
        unsent(offer)
    }
}

impl<T> Expire<Owner<Sender<T>>> for Send<T> {
    type Timely = (Result<(), SendUntilError<T>>, Sender<T>);

    fn in_time((sent, sender): (Result<(), SendError<T>>, Sender<T>), _: &mut Offer<T>) -> Self::Timely {
        (sent.map_err(|SendError(message)| SendUntilError::Closed(message)), sender)
    }

    fn elapsed(owner: Owner<Sender<T>>, offer: &mut Offer<T>) -> Self::Timely {
        (unsent(offer), owner.0)
    }
}

impl<'a, T> Expire<&'a Shared<T>> for Receive<T, One> {
    type Timely = Result<Option<T>, Elapsed>;

    #[inline(always)]
    fn in_time(message: Option<T>, _: &mut Ticket) -> Self::Timely {
        Ok(message)
    }

    fn elapsed(_: &'a Shared<T>, _: &mut Ticket) -> Self::Timely {
        Err(Elapsed)
    }
}

impl<'a, T> Expire<&'a Shared<T>> for Receive<T, Many<'_, T>> {
    type Timely = Result<usize, Elapsed>;

    fn in_time(taken: usize, _: &mut Ticket) -> Self::Timely {
        Ok(taken)
    }

    fn elapsed(_: &'a Shared<T>, _: &mut Ticket) -> Self::Timely {
        Err(Elapsed)
    }
}

impl<T> Expire<Owner<Receiver<T>>> for Receive<T, One> {
    type Timely = (Result<Option<T>, Elapsed>, Receiver<T>);

    fn in_time((message, receiver): (Option<T>, Receiver<T>), _: &mut Ticket) -> Self::Timely {
        (Ok(message), receiver)
    }

    fn elapsed(owner: Owner<Receiver<T>>, _: &mut Ticket) -> Self::Timely {
        (Err(Elapsed), owner.0)
    }
}

/// Reservations differ in what keeps the permit.
macro_rules! reservations {
    ($([$($gen:tt)*] $place:ty, $Purpose:ident => $permit:ty;)+) => {$(
        impl<$($gen)*> Expire<$place> for Reserve<T, reserving::$Purpose> {
            type Timely = Result<$permit, ReserveUntilError>;

            fn in_time(output: Result<$permit, Closed>, _: &mut Offer<T>) -> Self::Timely {
                output.map_err(|Closed| ReserveUntilError::Closed)
            }

            fn elapsed(_: $place, _: &mut Offer<T>) -> Self::Timely {
                Err(ReserveUntilError::Elapsed)
            }
        }
    )+};
}

reservations! {
    ['a, T] &'a Shared<T>, One => SendPermit<'a, T>;
    ['a, T] &'a Shared<T>, Many => SendPermits<'a, T>;
    [T] Owner<Sender<T>>, One => OwnedSendPermit<T>;
}

impl<T> Sender<T> {
    /// Sends a message, waiting for a slot until `deadline`, which is any future, is ready: short for
    /// `send(message).until(deadline)`.
    ///
    /// # Cancel safety
    /// As [`send`](Self::send). If a slot was granted by the time the deadline comes, the message is sent; at capacity 0 a message that was taken was
    /// sent.
    ///
    /// # Errors
    /// Gives the message back: [`Elapsed`](SendUntilError::Elapsed) when the deadline came first,
    /// [`Closed`](SendUntilError::Closed) if the mailbox is closed.
    ///
    /// # Examples
    /// ```
    /// use std::future::ready;
    ///
    /// # futures::executor::block_on(async {
    /// let (sender, receiver) = sempost::mailbox::bounded(1);
    /// let now = || ready(()); // or `tokio::time::sleep(…)`, `smol::Timer::after(…)`
    /// assert!(sender.send_until("first", now()).await.is_ok());
    /// let late = sender.send_until("second", now()).await.unwrap_err();
    /// assert!(late.is_elapsed() && late.into_inner() == "second");
    /// # drop(receiver);
    /// # });
    /// ```
    pub fn send_until<D: Future>(&self, message: T, deadline: D) -> Until<Sending<'_, T>, D> {
        self.send(message).until(deadline)
    }

    /// Sends a message on this thread, waiting for at most `timeout`: short for `send(message).wait_timeout(timeout)`. Never
    /// call it inside a task.
    ///
    /// # Errors
    /// As [`send_until`](Self::send_until).
    #[cfg(feature = "std")]
    pub fn send_timeout(&self, message: T, timeout: core::time::Duration) -> Result<(), SendUntilError<T>> {
        self.send(message).wait_timeout(timeout)
    }
}

impl<T> Receiver<T> {
    /// Waits for a message until `deadline`, which is any future, is ready: short for `recv().until(deadline)`. `Ok(None)`
    /// means that none will come any more.
    ///
    /// # Cancel safety
    /// As [`recv`](Self::recv). If it was woken for a message by the time the deadline comes, it returns the message.
    ///
    /// # Errors
    /// [`Elapsed`] when the deadline came first.
    ///
    /// # Examples
    /// ```
    /// use std::future::ready;
    ///
    /// # futures::executor::block_on(async {
    /// let (sender, receiver) = sempost::mailbox::bounded(1);
    /// sender.send("message").await?;
    /// let now = || ready(()); // or `tokio::time::sleep(…)`, `smol::Timer::after(…)`
    /// assert_eq!(receiver.recv_until(now()).await, Ok(Some("message")));
    /// assert_eq!(receiver.recv_until(now()).await, Err(sempost::Elapsed));
    /// drop(sender);
    /// assert_eq!(receiver.recv_until(now()).await, Ok(None));
    /// # Ok::<(), sempost::mailbox::SendError<&str>>(())
    /// # }).unwrap();
    /// ```
    pub fn recv_until<D: Future>(&self, deadline: D) -> Until<Receiving<'_, T>, D> {
        self.recv().until(deadline)
    }

    /// Waits for a message on this thread, for at most `timeout`: short for `recv().wait_timeout(timeout)`. Never call it
    /// inside a task.
    ///
    /// # Errors
    /// [`Elapsed`] when the time was up first.
    #[cfg(feature = "std")]
    pub fn recv_timeout(&self, timeout: core::time::Duration) -> Result<Option<T>, Elapsed> {
        self.recv().wait_timeout(timeout)
    }
}
