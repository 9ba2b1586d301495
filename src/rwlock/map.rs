//! What guards can become: guards of a part, and a reader of a writer.

use core::ops::Deref;
use core::ptr::NonNull;

use super::guard::{Access, Handle, MappedRwLockGuard, Reads, RwLockGuard, Writes};
use crate::semaphore::Semaphore;

impl<H: Handle, A: Access> RwLockGuard<H, A> {
    /// Returns the handle on the lock: a reference, which can be copied and outlives the guard, or an `Arc`, which can
    /// be cloned.
    ///
    /// This and the others are associated functions, so that they hide no method of the data.
    pub fn rwlock(guard: &Self) -> &H {
        guard.owner()
    }
}

impl<H: Handle> RwLockGuard<H, Writes> {
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
    pub fn downgrade(guard: Self) -> RwLockGuard<H, Reads> {
        guard.into_reader()
    }
}

/// Writes `map` and `try_map` of one guard.
macro_rules! mapping {
    (
        $(#[$meta:meta])*
        [$($gen:tt)*] $Guard:ty: $Data:ty => [$V:ident] $Mapped:ty, $($mutable:tt)?
    ) => {
        impl<$($gen)*> $Guard {
            $(#[$meta])*
            pub fn map<$V: ?Sized>(guard: Self, part: impl FnOnce(&$($mutable)? $Data) -> &$($mutable)? $V) -> $Mapped {
                match Self::try_map(guard, |data| Some(part(data))) {
                    Ok(mapped) => mapped,
                    Err(_) => unreachable!("there was a part"),
                }
            }

            /// Narrows the guard to a part of the data, if `part` returns one.
            ///
            /// # Errors
            /// Returns the guard unchanged if there is no such part.
            #[allow(unused_mut, reason = "a reader's guard lends its data shared")]
            pub fn try_map<$V: ?Sized>(
                mut guard: Self,
                part: impl FnOnce(&$($mutable)? $Data) -> Option<&$($mutable)? $V>,
            ) -> Result<$Mapped, Self> {
                match part(&$($mutable)? guard).map(NonNull::from) {
                    Some(value) => Ok(guard.narrow(value)),
                    None => Err(guard),
                }
            }
        }
    };
}

mapping! {
    /// Narrows the guard to a part of the data.
    ///
    /// # Examples
    /// ```
    /// use sempost::{RwLock, RwLockReadGuard};
    ///
    /// let pair = RwLock::new((1, "one"));
    /// let name = RwLockReadGuard::map(pair.try_read().unwrap(), |pair| pair.1);
    /// assert_eq!(&*name, "one");
    /// ```
    [H: Handle] RwLockGuard<H, Reads>: H::Data => [V] MappedRwLockGuard<H::Keeper, V, Reads>,
}

mapping! {
    /// Narrows the guard to a part of the data. **It cannot be downgraded any more.**
    ///
    /// # Examples
    /// ```
    /// use sempost::{RwLock, RwLockWriteGuard};
    ///
    /// let pair = RwLock::new((1, "one"));
    /// *RwLockWriteGuard::map(pair.try_write().unwrap(), |pair| &mut pair.0) += 1;
    /// assert_eq!(pair.into_inner(), (2, "one"));
    /// ```
    [H: Handle] RwLockGuard<H, Writes>: H::Data => [V] MappedRwLockGuard<H::Keeper, V, Writes>, mut
}

mapping! {
    /// Narrows the guard further. It is an associated function, so that it hides no method `map` of the part.
    [K: Deref<Target = Semaphore>, U: ?Sized] MappedRwLockGuard<K, U, Reads>: U => [V] MappedRwLockGuard<K, V, Reads>,
}

mapping! {
    /// Narrows the guard further. It is an associated function, so that it hides no method `map` of the part.
    [K: Deref<Target = Semaphore>, U: ?Sized] MappedRwLockGuard<K, U, Writes>: U => [V] MappedRwLockGuard<K, V, Writes>,
    mut
}
