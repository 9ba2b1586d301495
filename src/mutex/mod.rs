//! Layer 3: exclusion, and the mutex that is little else.

mod again;
#[expect(unsafe_code, reason = "guards: access to data that the exclusion protects")]
mod held;
mod turn;
mod until;

use alloc::sync::Arc;
use core::fmt;
use core::ops::Deref;

pub use again::Ended;
pub(crate) use again::{Absence, WaitWhile};
pub(crate) use held::{Exclusive, Leave, Shelter};
pub use held::{Held, Mapped};
pub(crate) use turn::{Enter, Entrance, Turn, leave};

use crate::lock::Lock;
use crate::primitive::const_fn;
use crate::wait::{Core, Elapsed, Fairness, Line, Mark, Wait, attempt, named_future};

/// A mutex: data for one task at a time, first come, first served, or as its [`Fairness`] says.
///
/// | Guarantee | |
/// |---|---|
/// | Fairness | first come, first served: the one who leaves hands the mutex to the first in line |
/// | | unless made [`with_fairness`](Self::with_fairness): then newcomers may pass, so often or always |
/// | Cancellation | a dropped [`Locking`] passes the mutex on if it was handed over already; O(1) |
/// | Happens-before | everything before an unlock happened before what follows the next lock |
/// | Allocation | none; a waiter lives in its future |
/// | Panics while held | the guard unlocks while unwinding; no poisoning, so **data may be half-changed after a panic** |
///
/// **A granted future that nobody polls or drops holds the mutex.** [`is_handed_over`](Self::is_handed_over) shows it, and
/// [`waiters`](Self::waiters) how many wait behind it.
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
    exclusion: Exclusion,
    shelter: Shelter<T>,
}

/// The mutex without its data.
pub struct Exclusion(Lock<Turn<Line<Mark>>>);

/// Exclusive use of what a [`Mutex`] shelters; borrows the mutex. A guard that moves into another task or thread is an
/// [`OwnedMutexGuard`], of [`lock_owned`](Mutex::lock_owned).
pub type MutexGuard<'a, T> = Held<&'a Mutex<T>>;

/// Like [`MutexGuard`], but keeps the `Arc`.
pub type OwnedMutexGuard<T> = Held<Arc<Mutex<T>>>;

/// A [`MutexGuard`] narrowed to a part of the data.
pub type MappedMutexGuard<'a, U> = Mapped<&'a Exclusion, U>;

/// An [`OwnedMutexGuard`] narrowed to a part of the data.
pub type OwnedMappedMutexGuard<T, U> = Mapped<Arc<Mutex<T>>, U>;

named_future! {
    /// Waits for a [`Mutex`]. Made by [`Mutex::lock`] and [`Mutex::lock_owned`]; `H` is `&Mutex<T>` or `Arc<Mutex<T>>`.
    ///
    /// It is a future and not yet a guard: `*mutex.lock().await += 1`, or `*mutex.lock_blocking() += 1` on a thread.
    /// **If the compiler says that it cannot be dereferenced, or finds no method of the data, then `.await` is
    /// missing.**
    ///
    /// # Cancel safety
    /// Dropping it leaves the line. A mutex that was handed over already, or a nudge, goes to the next. Asking again joins at
    /// the back.
    pub struct Locking[H, T] where [H: Deref<Target = Mutex<T>>, T: ?Sized]
        = Wait<H, Enter<Mutex<T>>> => Held<H>, until Result<Held<H>, Elapsed>;
}

impl<T> Mutex<T> {
    const_fn! {
        /// Makes a mutex around `value`.
        pub const fn new(value: T) -> Self {
            Self::with_fairness(value, Fairness::Fifo)
        }
    }

    const_fn! {
        /// Makes a mutex around `value`, which newcomers may lock past those who wait as far as `fairness` says.
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
        pub const fn with_fairness(value: T, fairness: Fairness) -> Self {
            Self { exclusion: Exclusion(Lock::new(Turn::new(Line::new(fairness)))), shelter: Shelter::new(value) }
        }
    }

    /// Takes the data out.
    pub fn into_inner(self) -> T {
        self.shelter.into_inner()
    }
}

impl<T: ?Sized> Mutex<T> {
    /// Waits for the mutex.
    ///
    /// The guard borrows the mutex. For one that moves into another task or thread use
    /// [`lock_owned`](Self::lock_owned).
    ///
    /// # Cancel safety
    /// Dropping the future leaves the line; a mutex that was handed over already goes to the next.
    #[inline(always)]
    pub fn lock(&self) -> Locking<&Self, T> {
        Locking::new(Wait::new(self, Enter::new(), Mark::NONE))
    }

    /// Like [`lock`](Self::lock), but keeps the `Arc`.
    ///
    /// # Examples
    /// ```
    /// # use std::sync::Arc;
    /// # futures::executor::block_on(async {
    /// let mutex = Arc::new(sempost::Mutex::new(0));
    /// let mut guard: sempost::OwnedMutexGuard<i32> = mutex.lock_owned().await;
    /// std::thread::spawn(move || *guard += 1).join().unwrap();
    /// assert_eq!(*mutex.lock().await, 1);
    /// # });
    /// ```
    pub fn lock_owned(self: &Arc<Self>) -> Locking<Arc<Self>, T> {
        Locking::new(Wait::new(Arc::clone(self), Enter::new(), Mark::NONE))
    }

    /// Takes the mutex if it is free and, where it has been left to those who wait, a newcomer may pass them ([`Fairness`]).
    /// It never parks; it may not be called from a signal handler.
    #[inline(always)]
    pub fn try_lock(&self) -> Option<MutexGuard<'_, T>> {
        attempt(self, &mut Enter::new(), &mut { Mark::NONE }).map(|()| Held::new(self))
    }

    /// Like [`try_lock`](Self::try_lock), but keeps the `Arc`.
    pub fn try_lock_owned(self: &Arc<Self>) -> Option<OwnedMutexGuard<T>> {
        attempt(&**self, &mut Enter::new(), &mut { Mark::NONE }).map(|()| Held::new(Arc::clone(self)))
    }

    /// Waits on this thread: short for `lock().wait()`. Never call it inside a task.
    #[cfg(feature = "std")]
    #[inline]
    pub fn lock_blocking(&self) -> MutexGuard<'_, T> {
        self.lock().wait()
    }

    /// The data, without locking: `&mut self` proves that nobody else is there.
    pub fn get_mut(&mut self) -> &mut T {
        self.shelter.get_mut()
    }

    pub(crate) fn exclusion(&self) -> &Exclusion {
        &self.exclusion
    }

    /// Whether somebody holds it.
    pub fn is_locked(&self) -> bool {
        self.exclusion.0.lock().is_taken()
    }

    /// Whether it was handed to a waiter that has not been polled since. **A future that nobody polls or drops keeps it.**
    ///
    /// Where newcomers may pass ([`Fairness`]) it is never handed over, but offered: nobody has locked it, and a `try_lock`
    /// may fail all the same. `Debug` shows that.
    pub fn is_handed_over(&self) -> bool {
        let turn = self.exclusion.0.lock();
        turn.is_given(self.exclusion.0.memory().redeemed())
    }

    /// How many wait in line, those who were nudged included.
    pub fn waiters(&self) -> usize {
        self.exclusion.0.lock().line.len()
    }
}

impl<H: Keep> Held<H> {
    /// The handle on the mutex it guards: a reference that can be copied out and outlives the guard, or an `Arc` that can be
    /// cloned. An associated function, so that a method of the data is not hidden; so are the others.
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
    pub fn map<U: ?Sized>(guard: Self, part: impl FnOnce(&mut H::Value) -> &mut U) -> Mapped<H::Keeper, U> {
        match Self::try_map(guard, |data| Some(part(data))) {
            Ok(mapped) => mapped,
            Err(_) => unreachable!("there was a part"),
        }
    }

    /// Narrows the guard to a part of the data, if there is such a part.
    ///
    /// # Errors
    /// Gives the guard back, unchanged.
    pub fn try_map<U: ?Sized>(
        guard: Self,
        part: impl FnOnce(&mut H::Value) -> Option<&mut U>,
    ) -> Result<Mapped<H::Keeper, U>, Self> {
        guard.narrow(H::keeper, part)
    }
}

/// A handle on a mutex, and what remains of it in a mapped guard.
pub trait Keep: Deref<Target = Mutex<Self::Value>> + Sized {
    /// What the mutex shelters.
    type Value: ?Sized;

    /// A borrowed guard forgets the type of the whole; an owned one has to keep the whole alive.
    type Keeper: Deref<Target: Leave>;

    /// Reduces the handle.
    fn keeper(self) -> Self::Keeper;
}

impl<'a, T: ?Sized> Keep for &'a Mutex<T> {
    type Value = T;
    type Keeper = &'a Exclusion;

    fn keeper(self) -> &'a Exclusion {
        &self.exclusion
    }
}

impl<T: ?Sized> Keep for Arc<Mutex<T>> {
    type Value = T;
    type Keeper = Self;

    fn keeper(self) -> Self {
        self
    }
}

impl Core for Exclusion {
    type State = Turn<Line<Mark>>;

    #[inline(always)]
    fn lock(&self) -> &Lock<Turn<Line<Mark>>> {
        &self.0
    }
}

impl<T: ?Sized> Core for Mutex<T> {
    type State = Turn<Line<Mark>>;

    #[inline(always)]
    fn lock(&self) -> &Lock<Turn<Line<Mark>>> {
        &self.exclusion.0
    }
}

impl Leave for Exclusion {
    fn leave(&self) {
        leave(self);
    }
}

impl<T: ?Sized> Leave for Mutex<T> {
    #[inline(always)]
    fn leave(&self) {
        leave(self);
    }
}

impl<T: ?Sized> Exclusive for Mutex<T> {
    type Data = T;

    #[inline(always)]
    fn shelter(&self) -> &Shelter<T> {
        &self.shelter
    }
}

impl<T: Default> Default for Mutex<T> {
    fn default() -> Self {
        Self::new(T::default())
    }
}

impl<T> From<T> for Mutex<T> {
    fn from(value: T) -> Self {
        Self::new(value)
    }
}

impl fmt::Debug for Exclusion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let locked = self.0.lock().is_taken();
        f.debug_struct("Exclusion").field("locked", &locked).finish()
    }
}

impl<T: ?Sized + fmt::Debug> fmt::Debug for Mutex<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("Mutex");
        // Where newcomers may pass, to try while somebody waits would count as an overtake.
        let data = if self.waiters() == 0 { self.try_lock() } else { None };
        match data {
            Some(data) => shown.field("data", &&*data),
            None if self.is_locked() => shown.field("data", &format_args!("<locked>")),
            None => shown.field("data", &format_args!("<offered to those who wait>")),
        };
        shown.field("handed_over", &self.is_handed_over()).field("waiters", &self.waiters()).finish()
    }
}
