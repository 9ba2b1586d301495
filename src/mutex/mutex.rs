//! The mutex: a raw mutex, and the data that it protects.

use alloc::sync::Arc;
use core::ops::Deref;

use super::enter::unlock;
use super::guard::{Exclusive, Guard, MappedGuard, Protected, Unlock};
use super::raw::RawMutex;
use super::state::MutexState;
use crate::lock::Lock;
use crate::primitive::const_fn;
use crate::record::Tag;
use crate::wait::{Fairness, Primitive};

/// A mutex: data for one task at a time, first come, first served, or as its [`Fairness`] says.
///
/// | Guarantee | |
/// |---|---|
/// | Fairness | first come, first served: an unlock hands the mutex to the first waiter in line |
/// | | [`with_fairness`](Self::with_fairness) lets newcomers pass waiters, a number of times or always |
/// | Cancellation | O(1); a dropped [`Locking`](crate::Locking) hands the mutex on if it already had it |
/// | Happens-before | what comes before an unlock happens before the next lock returns |
/// | Allocation | none; a waiter lives in its future |
/// | Panics while held | unwinding unlocks; there is no poisoning, so **data may be half-changed after a panic** |
///
/// **A granted future that is neither polled nor dropped holds the mutex.** [`is_handed_over`](Self::is_handed_over)
/// shows that, and [`waiters`](Self::waiters) how many wait behind it.
///
/// It is not `Clone`: share it in an `Arc`, or make it a `static`.
///
/// # Examples
/// ```
/// use sempost::Mutex;
///
/// static LEDGER: Mutex<Vec<i64>> = Mutex::new(Vec::new());
///
/// # futures::executor::block_on(async {
/// LEDGER.lock().await.push(42);
/// assert_eq!(LEDGER.lock().await.iter().sum::<i64>(), 42);
/// # });
/// ```
pub struct Mutex<T: ?Sized> {
    pub(super) raw: RawMutex,
    pub(super) protected: Protected<T>,
}

/// Exclusive access to what a [`Mutex`] protects. It borrows the mutex. An [`OwnedMutexGuard`], from
/// [`lock_owned`](Mutex::lock_owned), can move into another task or thread.
pub type MutexGuard<'a, T> = Guard<&'a Mutex<T>>;

/// Like [`MutexGuard`], but keeps the `Arc`.
pub type OwnedMutexGuard<T> = Guard<Arc<Mutex<T>>>;

/// A [`MutexGuard`] narrowed to a part of the data.
pub type MappedMutexGuard<'a, U> = MappedGuard<&'a RawMutex, U>;

/// An [`OwnedMutexGuard`] narrowed to a part of the data.
pub type OwnedMappedMutexGuard<T, U> = MappedGuard<Arc<Mutex<T>>, U>;

impl<T> Mutex<T> {
    const_fn! {
        /// Makes a mutex around `value`.
        #[cfg_attr(feature = "inspect", track_caller)]
        pub const fn new(value: T) -> Self {
            Self::with_fairness(value, Fairness::Fifo)
        }
    }

    const_fn! {
        /// Makes a mutex around `value`. Newcomers may pass waiters as far as `fairness` allows.
        ///
        /// # Examples
        /// ```
        /// use sempost::{Fairness, Mutex};
        ///
        /// static HITS: Mutex<u64> = Mutex::with_fairness(0, Fairness::Barging { overtakes: 8 });
        ///
        /// # futures::executor::block_on(async {
        /// *HITS.lock().await += 1;
        /// # assert_eq!(*HITS.lock().await, 1);
        /// # });
        /// ```
        #[cfg_attr(feature = "inspect", track_caller)]
        pub const fn with_fairness(value: T, fairness: Fairness) -> Self {
            Self { raw: RawMutex::new(fairness), protected: Protected::new(value) }
        }
    }
}

impl<H: Keep> Guard<H> {
    /// Returns the handle on the mutex: a reference, which can be copied and outlives the guard, or an `Arc`, which can
    /// be cloned.
    ///
    /// This and the others are associated functions, so that they hide no method of the data.
    ///
    /// # Examples
    /// ```
    /// use std::sync::Arc;
    ///
    /// use sempost::OwnedMutexGuard;
    ///
    /// let guard = Arc::new(sempost::Mutex::new(7)).try_lock_owned().unwrap();
    /// let mutex = Arc::clone(OwnedMutexGuard::mutex(&guard));
    /// drop(guard);
    /// assert_eq!(*mutex.try_lock().unwrap(), 7);
    /// ```
    #[doc(alias = "source")]
    pub fn mutex(guard: &Self) -> &H {
        guard.owner()
    }

    /// Narrows the guard to a part of the data.
    ///
    /// # Examples
    /// ```
    /// use sempost::MutexGuard;
    ///
    /// let pair = sempost::Mutex::new((1, "one"));
    /// let guard = pair.try_lock().unwrap();
    /// let mut number = MutexGuard::map(guard, |pair| &mut pair.0);
    /// *number += 1;
    /// drop(number);
    /// assert_eq!(pair.into_inner(), (2, "one"));
    /// ```
    pub fn map<U: ?Sized>(guard: Self, part: impl FnOnce(&mut H::Value) -> &mut U) -> MappedGuard<H::Keeper, U> {
        match Self::try_map(guard, |data| Some(part(data))) {
            Ok(mapped) => mapped,
            Err(_) => unreachable!("there was a part"),
        }
    }

    /// Narrows the guard to a part of the data, if `part` returns one.
    ///
    /// # Errors
    /// Returns the guard unchanged if there is no such part.
    pub fn try_map<U: ?Sized>(
        guard: Self,
        part: impl FnOnce(&mut H::Value) -> Option<&mut U>,
    ) -> Result<MappedGuard<H::Keeper, U>, Self> {
        guard.narrow(H::keeper, part)
    }
}

/// A handle on a mutex, and what a mapped guard keeps of it.
pub trait Keep: Deref<Target = Mutex<Self::Value>> + Sized {
    /// What the mutex protects.
    type Value: ?Sized;

    /// A borrowed guard forgets the type of the whole data. An owned one has to keep the whole alive.
    type Keeper: Deref<Target: Unlock>;

    /// Reduces the handle.
    fn keeper(self) -> Self::Keeper;
}

impl<'a, T: ?Sized> Keep for &'a Mutex<T> {
    type Value = T;
    type Keeper = &'a RawMutex;

    fn keeper(self) -> &'a RawMutex {
        &self.raw
    }
}

impl<T: ?Sized> Keep for Arc<Mutex<T>> {
    type Value = T;
    type Keeper = Self;

    fn keeper(self) -> Self {
        self
    }
}

impl<T: ?Sized> Primitive for Mutex<T> {
    type State = MutexState;
    type Deferred = core::convert::Infallible;

    #[inline(always)]
    fn lock(&self) -> &Lock<MutexState> {
        self.raw.lock()
    }

    // Every unlock serves the one waiter that can be served, so nothing is left to do.
    fn settle(_: &mut MutexState, _: &mut crate::wait::Effects<Self::Deferred>) {}
}

impl<T: ?Sized> Unlock for Mutex<T> {
    #[inline(always)]
    fn unlock(&self) {
        unlock(self);
    }
}

impl<T: ?Sized> Exclusive for Mutex<T> {
    type Data = T;

    #[inline(always)]
    fn protected(&self) -> &Protected<T> {
        &self.protected
    }

    #[inline(always)]
    fn tag(&self) -> &Tag {
        self.raw.lock().tag()
    }
}

impl<T: Default> Default for Mutex<T> {
    #[cfg_attr(feature = "inspect", track_caller)]
    fn default() -> Self {
        Self::new(T::default())
    }
}

impl<T> From<T> for Mutex<T> {
    #[cfg_attr(feature = "inspect", track_caller)]
    fn from(value: T) -> Self {
        Self::new(value)
    }
}
