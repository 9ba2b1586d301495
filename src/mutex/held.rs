//! Data that one guard at a time may reach, and the guards: one for every way of holding it.
//!
//! # Invariants
//! - (G1) A [`Held`] is made only by whoever was granted the exclusion of its owner, and gives it back when it is dropped:
//!   while it is alive nothing else reaches the data.
//! - (G2) A [`Mapped`] guard took the place of a [`Held`], so (G1) holds for it; its pointer leads into data that its
//!   keeper keeps in place and alive.

use core::cell::UnsafeCell;
use core::fmt;
use core::marker::PhantomData;
use core::mem::ManuallyDrop;
use core::ops::{Deref, DerefMut};
use core::ptr::{self, NonNull};

use crate::primitive::{Claim, const_fn};

/// The data.
pub struct Shelter<T: ?Sized> {
    claim: Claim,
    data: UnsafeCell<T>,
}

// SAFETY: (G1) – the data is reached by one guard at a time, so it only has to be allowed to change threads.
unsafe impl<T: ?Sized + Send> Sync for Shelter<T> {}

impl<T> Shelter<T> {
    const_fn! {
        pub(crate) const fn new(value: T) -> Self {
            Self { claim: Claim::new(), data: UnsafeCell::new(value) }
        }
    }

    pub(crate) fn into_inner(self) -> T {
        self.data.into_inner()
    }
}

impl<T: ?Sized> Shelter<T> {
    pub(crate) fn get_mut(&mut self) -> &mut T {
        self.data.get_mut()
    }
}

/// What can be left by whoever is inside.
pub trait Leave {
    /// Gives the exclusion to the next in line.
    fn leave(&self);
}

/// What shelters data behind its exclusion.
pub trait Exclusive: Leave {
    /// The data.
    type Data: ?Sized;

    /// Where it is.
    fn shelter(&self) -> &Shelter<Self::Data>;
}

/// Exclusive use of what a [`Mutex`](crate::Mutex) or a [`Monitor`](crate::Monitor) shelters; dropping it lets the next in.
///
/// `H` is what keeps the owner: a reference, or an `Arc`. Use it by its names: [`MutexGuard`](crate::MutexGuard),
/// [`OwnedMutexGuard`](crate::OwnedMutexGuard), [`MonitorGuard`](crate::MonitorGuard),
/// [`OwnedMonitorGuard`](crate::OwnedMonitorGuard).
#[must_use = "a guard that is dropped at once guards nothing"]
#[clippy::has_significant_drop]
pub struct Held<H: Deref<Target: Exclusive>> {
    owner: H,
    _data: PhantomData<*mut <H::Target as Exclusive>::Data>,
}

// SAFETY: (G1) – sending the guard sends exclusive use of the data, and the handle.
unsafe impl<H: Deref<Target: Exclusive<Data: Send>> + Send> Send for Held<H> {}
// SAFETY: (G1) – a shared guard gives `&T`, and through `mutex()` a way to `&mut T` on the other thread later: hence `H`.
unsafe impl<H: Deref<Target: Exclusive<Data: Sync>> + Sync> Sync for Held<H> {}

impl<H: Deref<Target: Exclusive>> Held<H> {
    /// For whoever has just been granted the exclusion of `owner`, and only for them (G1).
    #[inline(always)]
    pub(crate) fn new(owner: H) -> Self {
        owner.shelter().claim.exercise();
        Self { owner, _data: PhantomData }
    }

    pub(crate) fn owner(&self) -> &H {
        &self.owner
    }

    /// Takes the handle out; the exclusion goes with it.
    pub(crate) fn into_owner(self) -> H {
        self.owner.shelter().claim.exercise();
        let this = ManuallyDrop::new(self);
        // SAFETY: (G1) – read once, and the original is never dropped, so the exclusion is not given back.
        unsafe { ptr::read(&this.owner) }
    }

    #[inline(always)]
    fn data(&self) -> *mut <H::Target as Exclusive>::Data {
        self.owner.shelter().data.get()
    }

    /// Narrows the guard to a part of the data.
    pub(crate) fn narrow<K, U, F>(mut self, keep: impl FnOnce(H) -> K, part: F) -> Result<Mapped<K, U>, Self>
    where
        K: Deref<Target: Leave>,
        U: ?Sized,
        F: FnOnce(&mut <H::Target as Exclusive>::Data) -> Option<&mut U>,
    {
        match part(&mut self).map(NonNull::from) {
            Some(value) => Ok(Mapped { value, keeper: keep(self.into_owner()), _part: PhantomData }),
            None => Err(self),
        }
    }
}

impl<H: Deref<Target: Exclusive>> Deref for Held<H> {
    type Target = <H::Target as Exclusive>::Data;

    #[inline(always)]
    fn deref(&self) -> &Self::Target {
        // SAFETY: (G1) – the guard is alive.
        unsafe { &*self.data() }
    }
}

impl<H: Deref<Target: Exclusive>> DerefMut for Held<H> {
    #[inline(always)]
    fn deref_mut(&mut self) -> &mut Self::Target {
        // SAFETY: (G1) – the guard is alive.
        unsafe { &mut *self.data() }
    }
}

impl<H: Deref<Target: Exclusive>> Drop for Held<H> {
    #[inline(always)]
    fn drop(&mut self) {
        self.owner.shelter().claim.exercise();
        self.owner.leave();
    }
}

/// Exclusive use of a part of what a [`Mutex`](crate::Mutex) shelters; dropping it lets the next in.
///
/// Use it by its names: [`MappedMutexGuard`](crate::MappedMutexGuard),
/// [`OwnedMappedMutexGuard`](crate::OwnedMappedMutexGuard).
#[must_use = "a guard that is dropped at once guards nothing"]
#[clippy::has_significant_drop]
pub struct Mapped<K: Deref<Target: Leave>, U: ?Sized> {
    value: NonNull<U>,
    keeper: K,
    // Invariant in the part, as `&mut U` is: a longer or shorter lifetime could be smuggled in otherwise.
    _part: PhantomData<*mut U>,
}

// SAFETY: (G2) – sending the guard sends exclusive use of the part, and the keeper.
unsafe impl<K: Deref<Target: Leave> + Send, U: ?Sized + Send> Send for Mapped<K, U> {}
// SAFETY: (G2) – a shared guard gives `&U`, and nothing else.
unsafe impl<K: Deref<Target: Leave> + Sync, U: ?Sized + Sync> Sync for Mapped<K, U> {}

impl<K: Deref<Target: Leave>, U: ?Sized> Mapped<K, U> {
    /// Narrows the guard further. An associated function, so that a method `map` of the part is not hidden.
    pub fn map<V: ?Sized>(guard: Self, part: impl FnOnce(&mut U) -> &mut V) -> Mapped<K, V> {
        match Self::try_map(guard, |value| Some(part(value))) {
            Ok(mapped) => mapped,
            Err(_) => unreachable!("there was a part"),
        }
    }

    /// Narrows the guard further, if there is such a part.
    ///
    /// # Errors
    /// Gives the guard back, unchanged.
    pub fn try_map<V: ?Sized>(
        mut guard: Self,
        part: impl FnOnce(&mut U) -> Option<&mut V>,
    ) -> Result<Mapped<K, V>, Self> {
        let Some(value) = part(&mut guard).map(NonNull::from) else { return Err(guard) };
        let guard = ManuallyDrop::new(guard);
        // SAFETY: (G2) – read once, and the original is never dropped.
        let keeper = unsafe { ptr::read(&guard.keeper) };
        Ok(Mapped { value, keeper, _part: PhantomData })
    }
}

impl<K: Deref<Target: Leave>, U: ?Sized> Deref for Mapped<K, U> {
    type Target = U;

    fn deref(&self) -> &U {
        // SAFETY: (G2) – the guard is alive.
        unsafe { self.value.as_ref() }
    }
}

impl<K: Deref<Target: Leave>, U: ?Sized> DerefMut for Mapped<K, U> {
    fn deref_mut(&mut self) -> &mut U {
        // SAFETY: (G2) – the guard is alive.
        unsafe { self.value.as_mut() }
    }
}

impl<K: Deref<Target: Leave>, U: ?Sized> Drop for Mapped<K, U> {
    fn drop(&mut self) {
        self.keeper.leave();
    }
}

/// Guards show the data as it would show itself.
macro_rules! transparent {
    ($($Trait:ident),*) => {$(
        impl<H: Deref<Target: Exclusive<Data: fmt::$Trait>>> fmt::$Trait for Held<H> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                (**self).fmt(f)
            }
        }

        impl<K: Deref<Target: Leave>, U: ?Sized + fmt::$Trait> fmt::$Trait for Mapped<K, U> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                (**self).fmt(f)
            }
        }
    )*};
}

transparent!(Debug, Display);

impl<T: ?Sized> fmt::Debug for Shelter<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("<sheltered>")
    }
}
