//! Data that one writer or many readers reach, and the guards: of the whole data, and of a part.
//!
//! # Invariants
//! - (R1) A reader holds two permits of the semaphore, a writer all of them. So beside a writer nobody holds any.
//! - (R2) A guard is made only by the one that has acquired its permits. It keeps them until it is dropped. A guard
//!   of a reader gives `&T` only, that of a writer `&mut T`.
//! - (R3) A [`MappedRwLockGuard`] took the place of a [`RwLockGuard`] and holds its permits. Their handle keeps alive and
//!   in place what its pointer points into. It never changes from a writer into a reader.

use core::cell::UnsafeCell;
use core::fmt;
use core::marker::PhantomData;
use core::mem::ManuallyDrop;
use core::ops::{Deref, DerefMut};
use core::ptr::{self, NonNull};

use crate::primitive::const_fn;
use crate::semaphore::{Permits, Semaphore};

/// How many permits a reader takes.
pub(super) const READER: usize = 2;

/// Data, and the permits to reach it.
pub struct Shared<T: ?Sized> {
    pub(super) semaphore: Semaphore,
    /// How many permits there are: what a writer takes.
    pub(super) all: usize,
    data: UnsafeCell<T>,
}

// SAFETY: (R1) – readers on several threads have `&T`, and a writer on another thread has `&mut T`.
unsafe impl<T: ?Sized + Send + Sync> Sync for Shared<T> {}

impl<T> Shared<T> {
    const_fn! {
        pub(super) const fn new(value: T, max_readers: usize) -> Self {
            let all = max_readers * READER + 1;
            Self { semaphore: Semaphore::new(all), all, data: UnsafeCell::new(value) }
        }
    }

    pub(super) fn into_inner(self) -> T {
        self.data.into_inner()
    }
}

impl<T: ?Sized> Shared<T> {
    pub(super) fn get_mut(&mut self) -> &mut T {
        self.data.get_mut()
    }
}

/// A handle on a lock: a reference, or an `Arc`.
pub trait Handle {
    /// The type of the data.
    type Data: ?Sized;

    /// What a mapped guard keeps. A borrowed guard forgets the type of the whole data. An owned one has to keep the
    /// whole alive.
    type Keeper: Deref<Target = Semaphore>;

    /// Returns what the lock consists of.
    fn shared(&self) -> &Shared<Self::Data>;

    /// Reduces the handle.
    fn keeper(self) -> Self::Keeper;
}

/// What a guard may do with the data.
pub trait Access {
    /// Returns how many of `all` permits the guard holds.
    fn permits(all: usize) -> usize;
}

/// The access of a reader.
#[derive(Debug)]
pub enum Reads {}

/// The access of a writer.
#[derive(Debug)]
pub enum Writes {}

impl Access for Reads {
    #[inline(always)]
    fn permits(_: usize) -> usize {
        READER
    }
}

impl Access for Writes {
    #[inline(always)]
    fn permits(all: usize) -> usize {
        all
    }
}

/// Access to what a [`RwLock`](crate::RwLock) protects. Dropping it unlocks.
///
/// `H` is the handle on the lock: a reference, or an `Arc`. `A` says whether it is the guard of a reader or of a
/// writer. Use the names [`RwLockReadGuard`](crate::RwLockReadGuard), [`RwLockWriteGuard`](crate::RwLockWriteGuard),
/// [`OwnedRwLockReadGuard`](crate::OwnedRwLockReadGuard) and [`OwnedRwLockWriteGuard`](crate::OwnedRwLockWriteGuard).
#[must_use = "a guard that is dropped at once guards nothing"]
#[clippy::has_significant_drop]
pub struct RwLockGuard<H: Handle, A: Access> {
    owner: H,
    access: PhantomData<A>,
}

impl<H: Handle, A: Access> RwLockGuard<H, A> {
    /// Only for the one that has just acquired the permits of `A` (R2).
    #[inline(always)]
    pub(super) fn new(owner: H) -> Self {
        Self { owner, access: PhantomData }
    }

    pub(super) fn owner(&self) -> &H {
        &self.owner
    }

    /// Takes the handle out. The permits stay taken.
    fn into_owner(self) -> H {
        let this = ManuallyDrop::new(self);
        // SAFETY: (R2) – read once, and the original is never dropped, so the permits stay taken.
        unsafe { ptr::read(&this.owner) }
    }

    /// Narrows the guard to `value`, a part of its data.
    pub(super) fn narrow<U: ?Sized>(self, value: NonNull<U>) -> MappedRwLockGuard<H::Keeper, U, A> {
        let permits = A::permits(self.owner.shared().all);
        MappedRwLockGuard { value, permits: Permits::new(self.into_owner().keeper(), permits), access: PhantomData }
    }
}

impl<H: Handle> RwLockGuard<H, Writes> {
    /// Keeps the permits of a reader, and gives the others back in one step.
    pub(super) fn into_reader(self) -> RwLockGuard<H, Reads> {
        // Made first: if a waker panics, it gives back its own permits.
        let reader = RwLockGuard::new(self.into_owner());
        let shared = reader.owner.shared();
        drop(Permits::new(&shared.semaphore, shared.all - READER));
        reader
    }
}

impl<H: Handle, A: Access> Deref for RwLockGuard<H, A> {
    type Target = H::Data;

    #[inline(always)]
    fn deref(&self) -> &H::Data {
        // SAFETY: (R2) – the guard is alive.
        unsafe { &*self.owner.shared().data.get() }
    }
}

impl<H: Handle> DerefMut for RwLockGuard<H, Writes> {
    #[inline(always)]
    fn deref_mut(&mut self) -> &mut H::Data {
        // SAFETY: (R1), (R2) – the guard is alive, and a writer's.
        unsafe { &mut *self.owner.shared().data.get() }
    }
}

impl<H: Handle, A: Access> Drop for RwLockGuard<H, A> {
    #[inline(always)]
    fn drop(&mut self) {
        let shared = self.owner.shared();
        drop(Permits::new(&shared.semaphore, A::permits(shared.all)));
    }
}

/// Access to a part of what a [`RwLock`](crate::RwLock) protects. Dropping it unlocks.
///
/// Use the names [`MappedRwLockReadGuard`](crate::MappedRwLockReadGuard),
/// [`MappedRwLockWriteGuard`](crate::MappedRwLockWriteGuard),
/// [`OwnedMappedRwLockReadGuard`](crate::OwnedMappedRwLockReadGuard) and
/// [`OwnedMappedRwLockWriteGuard`](crate::OwnedMappedRwLockWriteGuard).
#[must_use = "a guard that is dropped at once guards nothing"]
#[clippy::has_significant_drop]
pub struct MappedRwLockGuard<K: Deref<Target = Semaphore>, U: ?Sized, A> {
    value: NonNull<U>,
    permits: Permits<K>,
    // Invariant in `U`, as `&mut U` is: otherwise a shorter lifetime could be written into the part.
    access: PhantomData<(*mut U, A)>,
}

// SAFETY: (R3) – sending a reader's guard sends `&U`, and the keeper.
unsafe impl<K: Deref<Target = Semaphore> + Send, U: ?Sized + Sync> Send for MappedRwLockGuard<K, U, Reads> {}
// SAFETY: (R3) – sending a writer's guard sends exclusive access to the part, and the keeper.
unsafe impl<K: Deref<Target = Semaphore> + Send, U: ?Sized + Send> Send for MappedRwLockGuard<K, U, Writes> {}
// SAFETY: (R3) – a shared guard gives `&U`, and nothing else.
unsafe impl<K: Deref<Target = Semaphore> + Sync, U: ?Sized + Sync, A> Sync for MappedRwLockGuard<K, U, A> {}

impl<K: Deref<Target = Semaphore>, U: ?Sized, A> MappedRwLockGuard<K, U, A> {
    /// Narrows the guard further, to `value`, a part of its part.
    pub(super) fn narrow<V: ?Sized>(self, value: NonNull<V>) -> MappedRwLockGuard<K, V, A> {
        MappedRwLockGuard { value, permits: self.permits, access: PhantomData }
    }
}

impl<K: Deref<Target = Semaphore>, U: ?Sized, A> Deref for MappedRwLockGuard<K, U, A> {
    type Target = U;

    fn deref(&self) -> &U {
        // SAFETY: (R3) – the guard is alive.
        unsafe { self.value.as_ref() }
    }
}

impl<K: Deref<Target = Semaphore>, U: ?Sized> DerefMut for MappedRwLockGuard<K, U, Writes> {
    fn deref_mut(&mut self) -> &mut U {
        // SAFETY: (R1), (R3) – the guard is alive, and a writer's.
        unsafe { self.value.as_mut() }
    }
}

/// A guard is formatted as its data.
macro_rules! transparent {
    ($($Trait:ident),*) => {$(
        impl<H: Handle<Data: fmt::$Trait>, A: Access> fmt::$Trait for RwLockGuard<H, A> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                (**self).fmt(f)
            }
        }

        impl<K: Deref<Target = Semaphore>, U: ?Sized + fmt::$Trait, A> fmt::$Trait for MappedRwLockGuard<K, U, A> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                (**self).fmt(f)
            }
        }
    )*};
}

transparent!(Debug, Display);

impl<T: ?Sized> fmt::Debug for Shared<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("<shared>")
    }
}
