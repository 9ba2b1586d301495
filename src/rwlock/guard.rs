//! Data that one writer or many readers reach, and their guards: of the whole data, and of a part.
//!
//! # Invariants
//! - (R1) A reader holds two permits of the semaphore, a writer all of them. So beside a writer nobody holds any.
//! - (R2) A guard is made only by the one that has acquired its permits, and keeps them until it is dropped. Their
//!   handle keeps alive and in place what the guard's pointer points into: the data, or a part of it.
//! - (R3) The guard of a reader gives `&U` only. What was narrowed as `&mut` never becomes a reader.

use core::cell::UnsafeCell;
use core::fmt;
use core::marker::PhantomData;
use core::ops::{Deref, DerefMut};
use core::ptr;

use crate::record::Origin;
use crate::semaphore::{Permits, Semaphore};

/// How many permits a reader takes.
pub(super) const READER: usize = 2;

/// Data, and the permits to reach it.
#[derive(Debug)]
pub struct Shared<T: ?Sized> {
    pub(super) semaphore: Semaphore,
    /// How many permits there are: what a writer takes.
    pub(super) all: usize,
    pub(super) data: UnsafeCell<T>,
}

// SAFETY: (R1) – readers on several threads have `&T`, and a writer on another thread has `&mut T`.
unsafe impl<T: ?Sized + Send + Sync> Sync for Shared<T> {}

/// A handle on a lock: a reference, or an `Arc`.
pub trait Handle {
    /// The type of the data.
    type Data: ?Sized;

    /// What a guard keeps. A borrowed one forgets the type of the data. An owned one has to keep the data alive.
    type Keeper: Deref<Target = Semaphore>;

    /// Returns what the lock consists of.
    fn shared(&self) -> &Shared<Self::Data>;

    /// Reduces the handle.
    fn keeper(self) -> Self::Keeper;
}

/// The guard of a reader.
#[derive(Debug)]
pub struct Reads;

/// The guard of a writer: of the whole data, or narrowed to a part.
#[derive(Debug)]
pub struct Writes<const WHOLE: bool>;

/// Access to what a [`RwLock`](crate::RwLock) protects, or to a part of it. Dropping it unlocks.
///
/// `K` keeps the lock, and `A` says whether it is the guard of a reader or of a writer. Use the names
/// [`RwLockReadGuard`](crate::RwLockReadGuard), [`RwLockWriteGuard`](crate::RwLockWriteGuard) and those like them.
#[must_use = "a guard that is dropped at once guards nothing"]
#[clippy::has_significant_drop]
pub struct RwLockGuard<K: Deref<Target = Semaphore>, U: ?Sized, A> {
    // As a `*mut` it makes the guard invariant in `U`: otherwise a shorter lifetime could be written into it.
    value: *mut U,
    pub(super) permits: Permits<K>,
    access: PhantomData<A>,
}

// SAFETY: (R3) – sending a reader sends `&U`, and the keeper.
unsafe impl<K: Deref<Target = Semaphore> + Send, U: ?Sized + Sync> Send for RwLockGuard<K, U, Reads> {}
// SAFETY: (R1) – sending a writer sends exclusive access, and the keeper. A downgrade shares it: hence `Sync`.
unsafe impl<K: Deref<Target = Semaphore> + Send, U: ?Sized + Send + Sync> Send for RwLockGuard<K, U, Writes<true>> {}
// SAFETY: (R1), (R3) – sending a part sends exclusive access, which it stays, and the keeper.
unsafe impl<K: Deref<Target = Semaphore> + Send, U: ?Sized + Send> Send for RwLockGuard<K, U, Writes<false>> {}
// SAFETY: (R2) – a shared guard gives `&U`, and the keeper.
unsafe impl<K: Deref<Target = Semaphore> + Sync, U: ?Sized + Sync, A> Sync for RwLockGuard<K, U, A> {}

impl<K: Deref<Target = Semaphore>, U: ?Sized, A> RwLockGuard<K, U, A> {
    /// Only for the one that has just acquired `permits` of `owner`: those that `A` takes (R2).
    #[inline(always)]
    pub(super) fn new(owner: impl Handle<Data = U, Keeper = K>, permits: usize, origin: Origin<'_>) -> Self {
        let value = owner.shared().data.get();
        Self { value, permits: Permits::new(owner.keeper(), permits, origin), access: PhantomData }
    }
}

impl<K: Deref<Target = Semaphore>, U: ?Sized> RwLockGuard<K, U, Reads> {
    /// Narrows the guard to a part of the data.
    ///
    /// This and the others are associated functions, so that they hide no method of the data.
    ///
    /// # Examples
    /// ```
    /// use sempost::{RwLock, RwLockReadGuard};
    ///
    /// let pair = RwLock::new((1, "one"));
    /// let name: RwLockReadGuard<str> = RwLockReadGuard::map(pair.try_read().unwrap(), |pair| pair.1);
    /// assert_eq!(&*name, "one");
    /// ```
    pub fn map<V: ?Sized>(guard: Self, part: impl FnOnce(&U) -> &V) -> RwLockGuard<K, V, Reads> {
        let value = ptr::from_ref(part(&guard)).cast_mut();
        RwLockGuard { value, permits: guard.permits, access: PhantomData }
    }

    /// Narrows the guard to a part of the data, if `part` returns one.
    ///
    /// # Errors
    /// Returns the guard unchanged if there is no such part.
    pub fn try_map<V: ?Sized>(
        guard: Self,
        part: impl FnOnce(&U) -> Option<&V>,
    ) -> Result<RwLockGuard<K, V, Reads>, Self> {
        let Some(value) = part(&guard).map(|part| ptr::from_ref(part).cast_mut()) else { return Err(guard) };
        Ok(RwLockGuard { value, permits: guard.permits, access: PhantomData })
    }
}

impl<K: Deref<Target = Semaphore>, U: ?Sized, const WHOLE: bool> RwLockGuard<K, U, Writes<WHOLE>> {
    /// Narrows the guard to a part of the data. **It cannot be downgraded any more**: its part need not be `Sync`.
    ///
    /// # Examples
    /// ```
    /// use sempost::{RwLock, RwLockWriteGuard};
    ///
    /// let pair = RwLock::new((1, "one"));
    /// *RwLockWriteGuard::map(pair.try_write().unwrap(), |pair| &mut pair.0) += 1;
    /// assert_eq!(pair.into_inner(), (2, "one"));
    /// ```
    pub fn map<V: ?Sized>(mut guard: Self, part: impl FnOnce(&mut U) -> &mut V) -> RwLockGuard<K, V, Writes<false>> {
        let value = ptr::from_mut(part(&mut guard));
        RwLockGuard { value, permits: guard.permits, access: PhantomData }
    }

    /// Narrows the guard to a part of the data, if `part` returns one.
    ///
    /// # Errors
    /// Returns the guard unchanged if there is no such part.
    pub fn try_map<V: ?Sized>(
        mut guard: Self,
        part: impl FnOnce(&mut U) -> Option<&mut V>,
    ) -> Result<RwLockGuard<K, V, Writes<false>>, Self> {
        let Some(value) = part(&mut guard).map(ptr::from_mut) else { return Err(guard) };
        Ok(RwLockGuard { value, permits: guard.permits, access: PhantomData })
    }
}

impl<K: Deref<Target = Semaphore>, U: ?Sized> RwLockGuard<K, U, Writes<true>> {
    /// Becomes a reader without a gap: no other writer comes in between. Readers that are first in line are let in.
    ///
    /// # Examples
    /// ```
    /// use sempost::{RwLock, RwLockWriteGuard};
    ///
    /// let lock = RwLock::new(1);
    /// let mut writer = lock.try_write().unwrap();
    /// *writer += 1;
    /// let reader = RwLockWriteGuard::downgrade(writer);
    /// assert_eq!((*reader, *lock.try_read().unwrap()), (2, 2));
    /// assert!(lock.try_write().is_none());
    /// ```
    pub fn downgrade(mut guard: Self) -> RwLockGuard<K, U, Reads> {
        guard.permits.give_back_all_but(READER);
        RwLockGuard { value: guard.value, permits: guard.permits, access: PhantomData }
    }
}

impl<K: Deref<Target = Semaphore>, U: ?Sized, A> Deref for RwLockGuard<K, U, A> {
    type Target = U;

    #[inline(always)]
    fn deref(&self) -> &U {
        // SAFETY: (R2) – the guard is alive.
        unsafe { &*self.value }
    }
}

impl<K: Deref<Target = Semaphore>, U: ?Sized, const WHOLE: bool> DerefMut for RwLockGuard<K, U, Writes<WHOLE>> {
    #[inline(always)]
    fn deref_mut(&mut self) -> &mut U {
        // SAFETY: (R1), (R2) – the guard is alive, and a writer's.
        unsafe { &mut *self.value }
    }
}

impl<K: Deref<Target = Semaphore>, U: ?Sized + fmt::Debug, A> fmt::Debug for RwLockGuard<K, U, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

impl<K: Deref<Target = Semaphore>, U: ?Sized + fmt::Display, A> fmt::Display for RwLockGuard<K, U, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}
