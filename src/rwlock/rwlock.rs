//! The lock, and how to make one.

use alloc::sync::Arc;
use core::cell::UnsafeCell;
use core::ops::Deref;

use super::guard::{Handle, READER, Reads, RwLockGuard, Shared, Writes};
use crate::primitive::const_fn;
use crate::record::Kind;
use crate::semaphore::Semaphore;

/// A readers-writer lock: data for many readers or one writer at a time, first come, first served.
///
/// | Guarantee | |
/// |---|---|
/// | Fairness | first come, first served: neither a writer nor a reader starves |
/// | | readers behind a waiting writer wait, although readers have the lock |
/// | Cancellation | O(1); a future that is dropped hands the lock on if it already had it |
/// | | a dropped first writer lets the readers behind it in |
/// | Happens-before | what comes before an unlock happens before the next lock that it lets in returns |
/// | Allocation | none; a waiter lives in its future |
/// | Panics while held | unwinding unlocks; there is no poisoning, so **data may be half-changed after a panic** |
///
/// **A task that reads twice at the same time deadlocks if a writer comes in between**: the second read waits for the
/// writer, and the writer waits for the first read. Keep one guard, or lend it.
///
/// **There is no read that can be upgraded.** In order of arrival it would wait behind a writer that waits for it. Drop
/// the read guard, [`write`](Self::write), and look again: another writer may have been there. The way back has no
/// gap: [`downgrade`](RwLockWriteGuard::downgrade).
///
/// **A granted future that is neither polled nor dropped has the lock.** [`is_handed_over`](Self::is_handed_over)
/// shows that, and [`waiters`](Self::waiters) how many wait behind it.
///
/// It is not `Clone`: share it in an `Arc`, or make it a `static`. Locking it for reading costs as much as locking a
/// [`Mutex`](crate::Mutex). It pays where readers keep it for long, or across an `.await`.
///
/// # Examples
/// ```
/// use std::collections::HashMap;
/// use std::sync::LazyLock;
///
/// use sempost::{RwLock, RwLockWriteGuard};
///
/// static ROUTES: LazyLock<RwLock<HashMap<&str, u16>>> = LazyLock::new(RwLock::default);
///
/// # futures::executor::block_on(async {
/// let mut routes = ROUTES.write().await;
/// routes.insert("/", 80);
/// let routes = RwLockWriteGuard::downgrade(routes);
/// let others = ROUTES.read().await; // only because no writer waits
/// assert_eq!(routes["/"], others["/"]);
/// # });
/// ```
pub struct RwLock<T: ?Sized> {
    pub(super) shared: Shared<T>,
}

/// Shared access to what a [`RwLock`] protects, or to a part of it. It borrows the lock. An [`OwnedRwLockReadGuard`],
/// from [`read_owned`](RwLock::read_owned), can move into another task or thread.
pub type RwLockReadGuard<'a, T> = RwLockGuard<&'a Semaphore, T, Reads>;

/// Exclusive access to what a [`RwLock`] protects. It borrows the lock. An [`OwnedRwLockWriteGuard`], from
/// [`write_owned`](RwLock::write_owned), can move into another task or thread.
pub type RwLockWriteGuard<'a, T> = RwLockGuard<&'a Semaphore, T, Writes<true>>;

/// A [`RwLockWriteGuard`] narrowed to a part of the data.
pub type MappedRwLockWriteGuard<'a, U> = RwLockGuard<&'a Semaphore, U, Writes<false>>;

/// Like [`RwLockReadGuard`], but keeps the `Arc`. `U` is the part that it was narrowed to, if it was.
pub type OwnedRwLockReadGuard<T, U = T> = RwLockGuard<Place<Arc<RwLock<T>>>, U, Reads>;

/// Like [`RwLockWriteGuard`], but keeps the `Arc`.
pub type OwnedRwLockWriteGuard<T> = RwLockGuard<Place<Arc<RwLock<T>>>, T, Writes<true>>;

/// An [`OwnedRwLockWriteGuard`] narrowed to a part of the data.
pub type OwnedMappedRwLockWriteGuard<T, U> = RwLockGuard<Place<Arc<RwLock<T>>>, U, Writes<false>>;

impl<T: ?Sized, U: ?Sized, A> RwLockGuard<Place<Arc<RwLock<T>>>, U, A> {
    /// Returns the `Arc` that an owned guard keeps.
    pub fn rwlock(guard: &Self) -> &Arc<RwLock<T>> {
        &guard.permits.semaphore().0
    }
}

/// A handle on a lock, as one on its semaphore: for waits and permits.
#[derive(Debug)]
pub struct Place<H>(pub(super) H);

impl<H: Handle> Deref for Place<H> {
    type Target = Semaphore;

    #[inline(always)]
    fn deref(&self) -> &Semaphore {
        &self.0.shared().semaphore
    }
}

impl<'a, T: ?Sized> Handle for &'a RwLock<T> {
    type Data = T;
    type Keeper = &'a Semaphore;

    #[inline(always)]
    fn shared(&self) -> &Shared<T> {
        &self.shared
    }

    fn keeper(self) -> &'a Semaphore {
        &self.shared.semaphore
    }
}

impl<T: ?Sized> Handle for Arc<RwLock<T>> {
    type Data = T;
    type Keeper = Place<Self>;

    #[inline(always)]
    fn shared(&self) -> &Shared<T> {
        &self.shared
    }

    fn keeper(self) -> Place<Self> {
        Place(self)
    }
}

impl RwLock<()> {
    /// The most readers at a time: `usize::MAX >> 4`.
    pub const MAX_READERS: usize = usize::MAX >> 4;
}

impl<T> RwLock<T> {
    const_fn! {
        /// Makes a lock around `value`.
        #[cfg_attr(feature = "inspect", track_caller)]
        pub const fn new(value: T) -> Self {
            Self::with_max_readers(value, RwLock::MAX_READERS)
        }
    }

    const_fn! {
        /// Makes a lock around `value`, for at most `max_readers` readers at a time. Further readers wait in line.
        ///
        /// # Panics
        /// If `max_readers` is 0, or above [`MAX_READERS`](RwLock::MAX_READERS).
        ///
        /// # Examples
        /// ```
        /// let lock = sempost::RwLock::with_max_readers("text", 1);
        /// let reader = lock.try_read().unwrap();
        /// assert!(lock.try_read().is_none());
        /// # drop(reader);
        /// ```
        #[track_caller]
        pub const fn with_max_readers(value: T, max_readers: usize) -> Self {
            assert!(max_readers > 0, "a lock for no reader");
            assert!(max_readers <= RwLock::MAX_READERS, "more readers than MAX_READERS = usize::MAX >> 4");
            let all = max_readers * READER + 1;
            Self { shared: Shared { semaphore: Semaphore::of(Kind::RwLock, all), all, data: UnsafeCell::new(value) } }
        }
    }

    /// Consumes the lock and returns the data.
    pub fn into_inner(self) -> T {
        self.shared.data.into_inner()
    }
}

impl<T: Default> Default for RwLock<T> {
    #[cfg_attr(feature = "inspect", track_caller)]
    fn default() -> Self {
        Self::new(T::default())
    }
}

impl<T> From<T> for RwLock<T> {
    #[cfg_attr(feature = "inspect", track_caller)]
    fn from(value: T) -> Self {
        Self::new(value)
    }
}
