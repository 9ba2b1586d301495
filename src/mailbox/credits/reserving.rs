//! Reserving credits, before there is a message for them.

use core::borrow::Borrow;

use super::account::Account;
use super::permit::{CreditPermit, OwnedCreditPermit, ReservedCredits};
use super::sender::CreditSender;
use super::waiting::{Acquired, CreditWait, Weighed};
use crate::mailbox::error::{Closed, ReserveUntilError, TryReserveError};
use crate::mailbox::owned::Owner;
use crate::record::Origin;
use crate::semaphore::TryAcquireError;
use crate::wait::named_future;

impl<T> CreditSender<T> {
    /// Waits for the credits of a message of at most `weight`, before there is a message.
    ///
    /// A `weight` of 0 counts as 1, and one above the limit as the limit: a permit of all credits sends any message.
    ///
    /// # Cancel safety
    /// Dropping the future ends the wait. Credits that were granted already go to the next sender.
    ///
    /// # Errors
    /// [`Closed`] if the mailbox is closed.
    ///
    /// # Examples
    /// ```
    /// # futures::executor::block_on(async {
    /// let (sender, receiver) = sempost::mailbox::credits(10, Vec::<u8>::len);
    /// let permit = sender.reserve(8).await?;
    /// assert_eq!(sender.available_credits(), 2);
    /// permit.send(vec![0; 3]).unwrap(); // the other five credits come back
    /// assert_eq!((receiver.len(), sender.available_credits()), (1, 7));
    /// # Ok::<(), sempost::mailbox::Closed>(())
    /// # }).unwrap();
    /// ```
    #[cfg_attr(feature = "inspect", track_caller)]
    pub fn reserve(&self, weight: usize) -> CreditReserving<'_, T> {
        CreditReserving::new(CreditWait::new(self, Weight(weight)))
    }

    /// Like [`reserve`](Self::reserve), but the future owns the sender, and then the permit does: both are `'static` if
    /// the messages are.
    ///
    /// # Cancel safety
    /// As [`reserve`](Self::reserve). The sender is dropped with the future.
    ///
    /// # Errors
    /// [`Closed`] if the mailbox is closed. **Then the sender is dropped.**
    ///
    /// # Examples
    /// The length is known, and the bytes are not there yet. First the credits, then the download, on a thread or as a
    /// task:
    /// ```
    /// # futures::executor::block_on(async {
    /// let (sender, receiver) = sempost::mailbox::credits(10, Vec::<u8>::len);
    /// let downloads = async {
    ///     for length in [8, 2, 6] {
    ///         let permit = sender.clone().reserve_owned(length).await?;
    ///         std::thread::spawn(move || permit.send(vec![0; length])); // it has its credits, and does not wait
    ///     }
    ///     drop(sender);
    ///     Ok::<(), sempost::mailbox::Closed>(())
    /// };
    /// let receives = async {
    ///     let mut sum = 0;
    ///     while let Some(bytes) = receiver.recv().await {
    ///         sum += bytes.len();
    ///     }
    ///     sum
    /// };
    /// assert_eq!(futures::join!(downloads, receives), (Ok(()), 16));
    /// # });
    /// ```
    #[cfg_attr(feature = "inspect", track_caller)]
    pub fn reserve_owned(self, weight: usize) -> CreditReservingOwned<T> {
        CreditReservingOwned::new(CreditWait::new(Owner(self), Weight(weight)))
    }

    /// Takes the credits of a message of at most `weight`, if they are available and no earlier sender waits for them.
    ///
    /// # Errors
    /// [`Full`](TryReserveError::Full) if too few credits are available or an earlier sender waits for them,
    /// [`Closed`](TryReserveError::Closed) if the mailbox is closed.
    #[cfg_attr(feature = "inspect", track_caller)]
    pub fn try_reserve(&self, weight: usize) -> Result<CreditPermit<'_, T>, TryReserveError> {
        try_permit(self, weight).map_err(|(_, error)| error)
    }

    /// Like [`try_reserve`](Self::try_reserve), but the permit owns the sender.
    ///
    /// # Errors
    /// As [`try_reserve`](Self::try_reserve). Gives the sender back.
    #[cfg_attr(feature = "inspect", track_caller)]
    pub fn try_reserve_owned(self, weight: usize) -> Result<OwnedCreditPermit<T>, (Self, TryReserveError)> {
        try_permit(self, weight)
    }
}

/// Takes the credits without waiting. `H` is the handle, borrowed or owned.
#[cfg_attr(feature = "inspect", track_caller)]
fn try_permit<H, T>(handle: H, weight: usize) -> Result<ReservedCredits<H, T>, (H, TryReserveError)>
where
    H: Borrow<CreditSender<T>>,
{
    let sender: &CreditSender<T> = handle.borrow();
    let weight = sender.account.capped(weight);
    let refused = match sender.account.credits.try_acquire_by(weight, Origin::here()) {
        Ok(credits) => {
            return ReservedCredits::new(handle, credits).map_err(|(handle, Closed)| (handle, TryReserveError::Closed));
        }
        Err(refused) => refused,
    };
    // The mailbox is closed a moment before its credits are.
    let closed = refused == TryAcquireError::Closed || sender.is_finished() || sender.sender.is_closed();
    Err((handle, if closed { TryReserveError::Closed } else { TryReserveError::Full }))
}

/// The credits that are asked for.
pub(crate) struct Weight(usize);

impl<T> Weighed<T> for Weight {
    fn weight(&mut self, account: &Account<T>) -> usize {
        account.capped(self.0)
    }
}

fn conclude<H, T>(handle: H, acquired: Acquired) -> Result<ReservedCredits<H, T>, Closed>
where
    H: Borrow<CreditSender<T>>,
{
    acquired.map_or(Err(Closed), |credits| ReservedCredits::new(handle, credits).map_err(|(_, closed)| closed))
}

/// What a reservation with a deadline returns.
fn in_time<P>(reserved: Result<P, Closed>) -> Result<P, ReserveUntilError> {
    reserved.map_err(|Closed| ReserveUntilError::Closed)
}

named_future! {
    /// Waits for credits. Made by [`CreditSender::reserve`].
    ///
    /// # Cancel safety
    /// Dropping it ends the wait. Credits that were granted already go to the next sender.
    pub struct CreditReserving['a, T] where [] = CreditWait<&'a CreditSender<T>, Weight>
        => Result<CreditPermit<'a, T>, Closed>: |sender, _, acquired| conclude(sender, acquired),
        until Result<CreditPermit<'a, T>, ReserveUntilError>: in_time,
        elapsed: |_, _| Err(ReserveUntilError::Elapsed);
}

named_future! {
    /// Like [`CreditReserving`], but owns the sender. Made by [`CreditSender::reserve_owned`].
    ///
    /// # Cancel safety
    /// As [`CreditReserving`]. The sender is dropped with the future, and also if the result is no permit.
    pub struct CreditReservingOwned[T] where [] = CreditWait<Owner<CreditSender<T>>, Weight>
        => Result<OwnedCreditPermit<T>, Closed>: |owner: Owner<_>, _, acquired| conclude(owner.0, acquired),
        until Result<OwnedCreditPermit<T>, ReserveUntilError>: in_time,
        elapsed: |_, _| Err(ReserveUntilError::Elapsed);
}
