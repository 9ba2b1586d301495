//! Permits: reserved credits, with a place in the queue.

use core::borrow::Borrow;
use core::fmt;
use core::marker::PhantomData;

use super::error::PermitSendError;
use super::lease::Lease;
use super::sender::CreditSender;
use crate::mailbox::error::{Closed, SendError};
use crate::mailbox::permit::{release, send_reserved};
use crate::semaphore::OwnedPermit;
use crate::wait::DropGuarded;

/// Credits that are reserved for one message. Dropping it gives them to the next sender.
///
/// `H` is the sending handle, borrowed or owned: see [`CreditPermit`] and [`OwnedCreditPermit`].
///
/// **A permit that is forgotten (`mem::forget`) keeps its credits forever, and the receivers never see the end.**
#[must_use = "a permit that is dropped at once reserves nothing"]
pub struct ReservedCredits<H: Borrow<CreditSender<T>>, T> {
    place: Place<H, T>,
    credits: OwnedPermit,
}

/// Credits that are reserved for one message, and borrow their [`CreditSender`]. An [`OwnedCreditPermit`], from
/// [`reserve_owned`](CreditSender::reserve_owned), can move into another task or thread.
pub type CreditPermit<'a, T> = ReservedCredits<&'a CreditSender<T>, T>;

/// Like [`CreditPermit`], but owns the sender. It is dropped with the permit.
pub type OwnedCreditPermit<T> = ReservedCredits<CreditSender<T>, T>;

impl<H: Borrow<CreditSender<T>>, T> ReservedCredits<H, T> {
    /// # Errors
    /// Gives the sender back if the mailbox is closed.
    pub(super) fn new(sender: H, credits: OwnedPermit) -> Result<Self, (H, Closed)> {
        Ok(Self { place: Place::new(sender)?, credits })
    }

    /// Returns how many credits it holds.
    pub fn weight(&self) -> usize {
        self.credits.num_permits()
    }

    /// Sends a message, and returns the sender with the result.
    fn spend(self, message: T) -> (H, Result<(), PermitSendError<T>>) {
        let Self { place, mut credits } = self;
        let mut message = DropGuarded::new(Some(message));
        let weight = message.as_ref().map_or(1, |message| place.sender().account.weight(message));
        let Some(surplus) = credits.num_permits().checked_sub(weight) else {
            let sender = place.give_back();
            drop(credits);
            return (sender, Err(PermitSendError::TooHeavy(message.take().expect("it was put there above"))));
        };
        let message = message.take().expect("it was put there above");
        let _surplus = if surplus > 0 { credits.split(surplus) } else { None };
        let sender = place.into_sender();
        let sent = send_reserved(sender.borrow().sender.shared(), Lease::new(message, credits));
        (sender, sent.map_err(|SendError(lease)| PermitSendError::Closed(lease.into_inner())))
    }
}

impl<T> CreditPermit<'_, T> {
    /// Sends a message, even if the mailbox was closed meanwhile. Credits that it does not need come back.
    ///
    /// If `weigh` panics, the message is dropped, and all credits come back.
    ///
    /// # Errors
    /// Gives the message back if it weighs more than was reserved, or if the last receiver is gone. Then all credits of
    /// the permit come back.
    pub fn send(self, message: T) -> Result<(), PermitSendError<T>> {
        self.spend(message).1
    }
}

impl<T> OwnedCreditPermit<T> {
    /// Sends a message, even if the mailbox was closed meanwhile, and returns the sender. Credits that the message does
    /// not need come back.
    ///
    /// If `weigh` panics, the message and the sender are dropped, and all credits come back.
    ///
    /// # Errors
    /// Gives the sender and the message back if the message weighs more than was reserved, or if the last receiver is
    /// gone. Then all credits of the permit come back.
    ///
    /// # Examples
    /// ```
    /// use sempost::mailbox;
    ///
    /// let (sender, receiver) = mailbox::credits(10, String::len);
    /// let sender = sender.try_reserve_owned(8).unwrap().send("short".to_owned()).unwrap();
    /// assert_eq!((receiver.len(), sender.available_credits()), (1, 5));
    ///
    /// let (sender, refused) = sender.try_reserve_owned(2).unwrap().send("long".to_owned()).unwrap_err();
    /// assert!(refused.is_too_heavy() && refused.into_inner() == "long");
    /// assert_eq!(sender.available_credits(), 5);
    /// ```
    pub fn send(self, message: T) -> Result<CreditSender<T>, (CreditSender<T>, PermitSendError<T>)> {
        match self.spend(message) {
            (sender, Ok(())) => Ok(sender),
            (sender, Err(error)) => Err((sender, error)),
        }
    }

    /// Gives the credits to the next sender, and returns this one.
    pub fn release(self) -> CreditSender<T> {
        self.place.give_back()
    }
}

impl<H: Borrow<CreditSender<T>>, T> fmt::Debug for ReservedCredits<H, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReservedCredits").field("weight", &self.weight()).field("sender", self.place.sender()).finish()
    }
}

/// A place in the queue, reserved on the handle `H`. It is a slot of the mailbox inside.
struct Place<H: Borrow<CreditSender<T>>, T> {
    sender: Option<H>,
    message: PhantomData<fn() -> T>,
}

impl<H: Borrow<CreditSender<T>>, T> Place<H, T> {
    fn new(sender: H) -> Result<Self, (H, Closed)> {
        // The mailbox inside is unbounded, so it refuses only if it is closed.
        match sender.borrow().sender.try_reserve_slots(1) {
            Ok(()) => Ok(Self { sender: Some(sender), message: PhantomData }),
            Err(_) => Err((sender, Closed)),
        }
    }

    fn sender(&self) -> &CreditSender<T> {
        self.sender.as_ref().expect("a place is used once").borrow()
    }

    /// Returns the sender. The caller uses the place, or gives it back.
    fn into_sender(mut self) -> H {
        self.sender.take().expect("a place is used once")
    }

    fn give_back(self) -> H {
        let sender = self.into_sender();
        release(sender.borrow().sender.shared(), 1);
        sender
    }
}

impl<H: Borrow<CreditSender<T>>, T> Drop for Place<H, T> {
    fn drop(&mut self) {
        if let Some(sender) = &self.sender {
            release(sender.borrow().sender.shared(), 1);
        }
    }
}
