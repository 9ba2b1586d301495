//! Data that one guard at a time reaches, and the guards: of the whole data, and of a part.
//!
//! # Invariants
//! - (G1) A [`Guard`] is made only by the one that has locked its owner, a mutex or a monitor. It unlocks the owner
//!   when it is dropped. While it is alive nothing else reaches the data.
//! - (G2) A [`MappedGuard`] took the place of a [`Guard`], so (G1) holds for it, too. Its keeper keeps the data that
//!   its pointer points into alive and in place.

use core::cell::UnsafeCell;
use core::fmt;
use core::marker::PhantomData;
use core::mem::ManuallyDrop;
use core::ops::{Deref, DerefMut};
use core::ptr::{self, NonNull};

use crate::primitive::{Claim, const_fn};
use crate::record::{Hold, Origin, Tag};

/// Data that an exclusive owner protects.
pub struct Protected<T: ?Sized> {
    claim: Claim,
    data: UnsafeCell<T>,
}

// SAFETY: (G1) – the data is reached by one guard at a time, so it only has to be allowed to change threads.
unsafe impl<T: ?Sized + Send> Sync for Protected<T> {}

impl<T> Protected<T> {
    const_fn! {
        pub(crate) const fn new(value: T) -> Self {
            Self { claim: Claim::new(), data: UnsafeCell::new(value) }
        }
    }

    pub(crate) fn into_inner(self) -> T {
        self.data.into_inner()
    }
}

impl<T: ?Sized> Protected<T> {
    pub(crate) fn get_mut(&mut self) -> &mut T {
        self.data.get_mut()
    }
}

/// A lock that its holder can unlock.
pub trait Unlock {
    /// Unlocks, and serves the next waiter.
    fn unlock(&self);
}

/// A lock that protects data.
pub trait Exclusive: Unlock {
    /// The type of the data.
    type Data: ?Sized;

    /// Returns the place of the data.
    fn protected(&self) -> &Protected<Self::Data>;

    /// Which primitive it is, for records.
    fn tag(&self) -> &Tag;

    /// Notes that the holder may have changed the data.
    #[inline(always)]
    fn touch(&self) {}
}

/// Exclusive access to what a [`Mutex`](crate::Mutex) or a [`Monitor`](crate::Monitor) protects. Dropping it unlocks.
///
/// `H` is the handle on the owner: a reference, or an `Arc`. Use the names [`MutexGuard`](crate::MutexGuard),
/// [`OwnedMutexGuard`](crate::OwnedMutexGuard), [`MonitorGuard`](crate::MonitorGuard) and
/// [`OwnedMonitorGuard`](crate::OwnedMonitorGuard).
#[must_use = "a guard that is dropped at once guards nothing"]
#[clippy::has_significant_drop]
pub struct Guard<H: Deref<Target: Exclusive>> {
    owner: H,
    held: Hold,
    _data: PhantomData<*mut <H::Target as Exclusive>::Data>,
}

// SAFETY: (G1) – sending the guard sends exclusive access to the data, and the handle.
unsafe impl<H: Deref<Target: Exclusive<Data: Send>> + Send> Send for Guard<H> {}
// SAFETY: (G1) – a shared guard gives `&T`, and by `mutex()` later `&mut T` on the other thread: hence `H: Sync`.
unsafe impl<H: Deref<Target: Exclusive<Data: Sync>> + Sync> Sync for Guard<H> {}

impl<H: Deref<Target: Exclusive>> Guard<H> {
    /// Only for the one that has just locked `owner` (G1).
    #[inline(always)]
    pub(crate) fn new(owner: H, origin: Origin<'_>) -> Self {
        owner.protected().claim.exercise();
        let held = Hold::new(owner.tag(), origin, 1);
        Self { owner, held, _data: PhantomData }
    }

    pub(crate) fn owner(&self) -> &H {
        &self.owner
    }

    /// Takes the handle out. The owner stays locked.
    pub(crate) fn into_owner(self) -> H {
        self.into_parts().0
    }

    /// Takes the handle out, and the record of who holds it. The owner stays locked.
    pub(crate) fn into_parts(mut self) -> (H, Hold) {
        self.owner.protected().claim.exercise();
        let held = self.held.take();
        let this = ManuallyDrop::new(self);
        // SAFETY: (G1) – read once, and the original is never dropped, so the owner stays locked.
        (unsafe { ptr::read(&this.owner) }, held)
    }

    #[inline(always)]
    fn data(&self) -> *mut <H::Target as Exclusive>::Data {
        self.owner.protected().data.get()
    }

    /// Narrows the guard to a part of the data, if there is such a part.
    pub(crate) fn narrow<K, U, F>(mut self, keep: impl FnOnce(H) -> K, part: F) -> Result<MappedGuard<K, U>, Self>
    where
        K: Deref<Target: Unlock>,
        U: ?Sized,
        F: FnOnce(&mut <H::Target as Exclusive>::Data) -> Option<&mut U>,
    {
        match part(&mut self).map(NonNull::from) {
            Some(value) => {
                let (owner, held) = self.into_parts();
                Ok(MappedGuard { value, keeper: keep(owner), held, _part: PhantomData })
            }
            None => Err(self),
        }
    }
}

impl<H: Deref<Target: Exclusive>> Deref for Guard<H> {
    type Target = <H::Target as Exclusive>::Data;

    #[inline(always)]
    fn deref(&self) -> &Self::Target {
        // SAFETY: (G1) – the guard is alive.
        unsafe { &*self.data() }
    }
}

impl<H: Deref<Target: Exclusive>> DerefMut for Guard<H> {
    #[inline(always)]
    fn deref_mut(&mut self) -> &mut Self::Target {
        self.owner.touch();
        // SAFETY: (G1) – the guard is alive.
        unsafe { &mut *self.data() }
    }
}

impl<H: Deref<Target: Exclusive>> Drop for Guard<H> {
    #[inline(always)]
    fn drop(&mut self) {
        self.owner.protected().claim.exercise();
        self.held.end();
        self.owner.unlock();
    }
}

/// Exclusive access to a part of what a [`Mutex`](crate::Mutex) protects. Dropping it unlocks.
///
/// Use the names [`MappedMutexGuard`](crate::MappedMutexGuard) and
/// [`OwnedMappedMutexGuard`](crate::OwnedMappedMutexGuard).
#[must_use = "a guard that is dropped at once guards nothing"]
#[clippy::has_significant_drop]
pub struct MappedGuard<K: Deref<Target: Unlock>, U: ?Sized> {
    value: NonNull<U>,
    keeper: K,
    held: Hold,
    // Invariant in `U`, as `&mut U` is: otherwise a shorter lifetime could be written into the part.
    _part: PhantomData<*mut U>,
}

// SAFETY: (G2) – sending the guard sends exclusive access to the part, and the keeper.
unsafe impl<K: Deref<Target: Unlock> + Send, U: ?Sized + Send> Send for MappedGuard<K, U> {}
// SAFETY: (G2) – a shared guard gives `&U`, and nothing else.
unsafe impl<K: Deref<Target: Unlock> + Sync, U: ?Sized + Sync> Sync for MappedGuard<K, U> {}

impl<K: Deref<Target: Unlock>, U: ?Sized> MappedGuard<K, U> {
    /// Narrows the guard further. It is an associated function, so that it hides no method `map` of the part.
    pub fn map<V: ?Sized>(guard: Self, part: impl FnOnce(&mut U) -> &mut V) -> MappedGuard<K, V> {
        match Self::try_map(guard, |value| Some(part(value))) {
            Ok(mapped) => mapped,
            Err(_) => unreachable!("there was a part"),
        }
    }

    /// Narrows the guard further, if `part` returns a part.
    ///
    /// # Errors
    /// Returns the guard unchanged if there is no such part.
    pub fn try_map<V: ?Sized>(
        mut guard: Self,
        part: impl FnOnce(&mut U) -> Option<&mut V>,
    ) -> Result<MappedGuard<K, V>, Self> {
        let Some(value) = part(&mut guard).map(NonNull::from) else { return Err(guard) };
        let held = guard.held.take();
        let guard = ManuallyDrop::new(guard);
        // SAFETY: (G2) – read once, and the original is never dropped.
        let keeper = unsafe { ptr::read(&guard.keeper) };
        Ok(MappedGuard { value, keeper, held, _part: PhantomData })
    }
}

impl<K: Deref<Target: Unlock>, U: ?Sized> Deref for MappedGuard<K, U> {
    type Target = U;

    fn deref(&self) -> &U {
        // SAFETY: (G2) – the guard is alive.
        unsafe { self.value.as_ref() }
    }
}

impl<K: Deref<Target: Unlock>, U: ?Sized> DerefMut for MappedGuard<K, U> {
    fn deref_mut(&mut self) -> &mut U {
        // SAFETY: (G2) – the guard is alive.
        unsafe { self.value.as_mut() }
    }
}

impl<K: Deref<Target: Unlock>, U: ?Sized> Drop for MappedGuard<K, U> {
    fn drop(&mut self) {
        self.held.end();
        self.keeper.unlock();
    }
}

/// A guard is formatted as its data.
macro_rules! transparent {
    ($($Trait:ident),*) => {$(
        impl<H: Deref<Target: Exclusive<Data: fmt::$Trait>>> fmt::$Trait for Guard<H> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                (**self).fmt(f)
            }
        }

        impl<K: Deref<Target: Unlock>, U: ?Sized + fmt::$Trait> fmt::$Trait for MappedGuard<K, U> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                (**self).fmt(f)
            }
        }
    )*};
}

transparent!(Debug, Display);

impl<T: ?Sized> fmt::Debug for Protected<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("<protected>")
    }
}
