//! The guards of a semaphore: permits that are held.

use alloc::sync::Arc;
use core::fmt;
use core::ops::Deref;

use super::semaphore::Semaphore;
use crate::record::{Hold, Origin};
use crate::wait::{Primitive, decide, decide_fast};

/// Permits of a [`Semaphore`]. Dropping them gives them back.
///
/// `H` is the handle on the semaphore, `&Semaphore` or `Arc<Semaphore>`: see [`Permit`] and [`OwnedPermit`].
#[must_use = "a permit that is dropped at once guards nothing"]
#[clippy::has_significant_drop]
pub struct Permits<H: Deref<Target = Semaphore>> {
    semaphore: H,
    permits: usize,
    held: Hold,
}

/// Permits that borrow their [`Semaphore`]. An [`OwnedPermit`], from [`acquire_owned`](Semaphore::acquire_owned), can
/// move into another task or thread.
pub type Permit<'a> = Permits<&'a Semaphore>;

/// Like [`Permit`], but keeps the `Arc`.
pub type OwnedPermit = Permits<Arc<Semaphore>>;

impl<H: Deref<Target = Semaphore>> Permits<H> {
    #[inline(always)]
    pub(crate) fn new(semaphore: H, permits: usize, origin: Origin<'_>) -> Self {
        let held = Hold::new(semaphore.lock().tag(), origin, permits);
        Self { semaphore, permits, held }
    }

    /// Returns how many permits these are.
    pub fn num_permits(&self) -> usize {
        self.permits
    }

    /// Returns the handle on the semaphore: a reference, which can be copied and outlives the permits, or an `Arc`,
    /// which can be cloned.
    ///
    /// # Examples
    /// ```
    /// use std::sync::Arc;
    ///
    /// let permit = Arc::new(sempost::Semaphore::new(2)).try_acquire_owned()?;
    /// let semaphore = Arc::clone(permit.semaphore());
    /// assert_eq!(semaphore.available_permits(), 1);
    /// # Ok::<(), sempost::TryAcquireError>(())
    /// ```
    pub fn semaphore(&self) -> &H {
        &self.semaphore
    }

    /// Forgets the permits: the semaphore never gets them back.
    ///
    /// An acquire whose permit is forgotten is the textbook's `wait`, and `add_permits` is its `signal`.
    ///
    /// # Examples
    /// ```
    /// let filledslots = sempost::Semaphore::new(1);
    /// filledslots.try_acquire()?.forget(); // wait(filledslots)
    /// assert_eq!(filledslots.available_permits(), 0);
    /// filledslots.add_permits(1); // signal(filledslots)
    /// assert_eq!(filledslots.available_permits(), 1);
    /// # Ok::<(), sempost::TryAcquireError>(())
    /// ```
    #[doc(alias = "disarm")]
    pub fn forget(mut self) {
        let permits = core::mem::take(&mut self.permits);
        self.held.end();
        if permits > 0 {
            decide(&*self.semaphore, |pool, _| pool.retire(permits));
        }
    }

    /// Splits `permits` off. Returns `None` and changes nothing if there are fewer. `split(0)` returns an empty permit.
    pub fn split(&mut self, permits: usize) -> Option<Self>
    where
        H: Clone,
    {
        let rest = self.permits.checked_sub(permits)?;
        let split = Self { semaphore: self.semaphore.clone(), permits, held: self.held.split(permits) };
        self.permits = rest;
        self.held.set_amount(rest);
        Some(split)
    }

    /// Adds the permits of `other` to these.
    ///
    /// # Errors
    /// Returns `other` unchanged if it belongs to another semaphore.
    pub fn merge(&mut self, mut other: Self) -> Result<(), Self> {
        if !core::ptr::eq(&*self.semaphore, &*other.semaphore) {
            return Err(other);
        }
        // No overflow: together they are at most what was issued (S2).
        self.permits += core::mem::take(&mut other.permits);
        self.held.merge(&mut other.held, self.permits);
        Ok(())
    }
}

impl<H: Deref<Target = Semaphore>> Permits<H> {
    /// Notes that they travel with a message from here on.
    #[inline(always)]
    pub(crate) fn travel(&self) {
        self.held.send();
    }

    /// Gives back what is above `kept`, in one step. If a waker panics, these permits are right all the same.
    pub(crate) fn give_back_all_but(&mut self, kept: usize) {
        let permits = core::mem::replace(&mut self.permits, kept);
        self.held.set_amount(kept);
        drop(Permits::new(&*self.semaphore, permits - kept, Origin::none()));
    }
}

impl<H: Deref<Target = Semaphore>> Drop for Permits<H> {
    #[inline(always)]
    fn drop(&mut self) {
        let permits = self.permits;
        self.held.end();
        if permits > 0 {
            // By value: a borrowed count would have to be in memory.
            decide_fast(
                &*self.semaphore,
                |pool| pool.put(permits),
                move |pool, to_wake| pool.put_for_one(permits, to_wake),
                move |pool, effects| pool.give_back(permits, effects),
            );
        }
    }
}

impl<H: Deref<Target = Semaphore>> fmt::Debug for Permits<H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Permits").field("permits", &self.permits).field("semaphore", &*self.semaphore).finish()
    }
}
