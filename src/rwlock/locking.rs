//! Reading and writing: acquiring permits of the semaphore.

use alloc::sync::Arc;

use super::guard::{Handle, READER, Reads, RwLockGuard, Writes};
use super::rwlock::{OwnedRwLockReadGuard, OwnedRwLockWriteGuard, Place, RwLock, RwLockReadGuard, RwLockWriteGuard};
use crate::record::Origin;
use crate::semaphore::{Acquire, AcquireError};
use crate::wait::{Demand, Elapsed, Wait, attempt, named_future};

/// The wait for `permits` of the lock's semaphore.
#[inline(always)]
#[cfg_attr(feature = "inspect", track_caller)]
fn wait<H: Handle>(owner: H, permits: usize) -> Wait<Place<H>, Acquire> {
    Wait::new(Place(owner), Acquire, Demand::new(permits))
}

impl<T: ?Sized> RwLock<T> {
    /// Waits until it may read, and locks for reading: beside other readers, after all that came before.
    ///
    /// The guard borrows the lock. [`read_owned`](Self::read_owned) returns one that can move into another task or
    /// thread. **Do not read again while you hold it**: with a writer in between both wait forever.
    ///
    /// # Cancel safety
    /// Dropping the future leaves the line. What it was already granted goes to the next waiter.
    #[inline(always)]
    #[cfg_attr(feature = "inspect", track_caller)]
    pub fn read(&self) -> Reading<&Self> {
        Reading::new(wait(self, READER))
    }

    /// Waits until it may write, and locks for writing: alone, after all that came before.
    ///
    /// The guard borrows the lock. [`write_owned`](Self::write_owned) returns one that can move into another task or
    /// thread.
    ///
    /// # Cancel safety
    /// Dropping the future leaves the line: the readers behind it are let in if readers have the lock. A lock that was
    /// already handed over goes to the next waiters.
    #[inline(always)]
    #[cfg_attr(feature = "inspect", track_caller)]
    pub fn write(&self) -> Writing<&Self> {
        Writing::new(wait(self, self.shared.all))
    }

    /// Like [`read`](Self::read), but keeps the `Arc`.
    ///
    /// # Cancel safety
    /// As [`read`](Self::read).
    ///
    /// # Examples
    /// ```
    /// # use std::sync::Arc;
    /// # futures::executor::block_on(async {
    /// let lock = Arc::new(sempost::RwLock::new(7));
    /// let guard: sempost::OwnedRwLockReadGuard<i32> = lock.read_owned().await;
    /// std::thread::spawn(move || assert_eq!(*guard, 7)).join().unwrap();
    /// # });
    /// ```
    #[doc(alias = "read_arc")]
    #[cfg_attr(feature = "inspect", track_caller)]
    pub fn read_owned(self: &Arc<Self>) -> Reading<Arc<Self>> {
        Reading::new(wait(Arc::clone(self), READER))
    }

    /// Like [`write`](Self::write), but keeps the `Arc`.
    ///
    /// # Cancel safety
    /// As [`write`](Self::write).
    #[doc(alias = "write_arc")]
    #[cfg_attr(feature = "inspect", track_caller)]
    pub fn write_owned(self: &Arc<Self>) -> Writing<Arc<Self>> {
        Writing::new(wait(Arc::clone(self), self.shared.all))
    }

    /// Locks for reading if no writer has the lock, nobody waits, and not as many read already as may.
    ///
    /// It never parks, unless the feature `os-lock` or `inspect` is on. It must not be called from a signal handler.
    #[inline(always)]
    #[cfg_attr(feature = "inspect", track_caller)]
    pub fn try_read(&self) -> Option<RwLockReadGuard<'_, T>> {
        attempt_with(self, READER)
    }

    /// Locks for writing if nobody has the lock.
    ///
    /// It never parks, unless the feature `os-lock` or `inspect` is on. It must not be called from a signal handler.
    #[inline(always)]
    #[cfg_attr(feature = "inspect", track_caller)]
    pub fn try_write(&self) -> Option<RwLockWriteGuard<'_, T>> {
        attempt_with(self, self.shared.all)
    }

    /// Like [`try_read`](Self::try_read), but keeps the `Arc`.
    #[doc(alias = "try_read_arc")]
    #[cfg_attr(feature = "inspect", track_caller)]
    pub fn try_read_owned(self: &Arc<Self>) -> Option<OwnedRwLockReadGuard<T>> {
        attempt_with(Arc::clone(self), READER)
    }

    /// Like [`try_write`](Self::try_write), but keeps the `Arc`.
    #[doc(alias = "try_write_arc")]
    #[cfg_attr(feature = "inspect", track_caller)]
    pub fn try_write_owned(self: &Arc<Self>) -> Option<OwnedRwLockWriteGuard<T>> {
        attempt_with(Arc::clone(self), self.shared.all)
    }

    /// Waits on this thread until it may read. Short for `read().wait()`. Never call it inside a task.
    #[doc(alias = "blocking_read")]
    #[cfg(feature = "std")]
    #[inline]
    #[cfg_attr(feature = "inspect", track_caller)]
    pub fn read_blocking(&self) -> RwLockReadGuard<'_, T> {
        self.read().wait()
    }

    /// Waits on this thread until it may write. Short for `write().wait()`. Never call it inside a task.
    #[doc(alias = "blocking_write")]
    #[cfg(feature = "std")]
    #[inline]
    #[cfg_attr(feature = "inspect", track_caller)]
    pub fn write_blocking(&self) -> RwLockWriteGuard<'_, T> {
        self.write().wait()
    }
}

/// Takes `permits` for a guard that they are enough for, if they are available and nobody waits.
#[inline(always)]
#[cfg_attr(feature = "inspect", track_caller)]
fn attempt_with<H: Handle, A>(owner: H, permits: usize) -> Option<RwLockGuard<H::Keeper, H::Data, A>> {
    let acquired = attempt(&owner.shared().semaphore, &mut Acquire, &mut Demand::new(permits))?;
    Some(guard(owner, acquired, Origin::here()))
}

#[inline(always)]
fn guard<H: Handle, A>(
    owner: H,
    acquired: Result<usize, AcquireError>,
    origin: Origin<'_>,
) -> RwLockGuard<H::Keeper, H::Data, A> {
    RwLockGuard::new(owner, acquired.expect("nobody closes the semaphore of a lock"), origin)
}

named_future! {
    /// Waits to read what a [`RwLock`] protects. Returned by [`RwLock::read`] and [`RwLock::read_owned`]. `H` is
    /// `&RwLock<T>` or `Arc<RwLock<T>>`.
    ///
    /// `Debug` shows what it wants in permits: two, where a [`Writing`] wants all.
    ///
    /// # Cancel safety
    /// Dropping it leaves the line. What it was already granted goes to the next waiter. Another `read` joins at the
    /// back.
    pub struct Reading[H] where [H: Handle]
        = Wait<Place<H>, Acquire>
        => RwLockGuard<H::Keeper, H::Data, Reads>: |place, _, acquired, origin| guard(place.0, acquired, origin),
        until Result<RwLockGuard<H::Keeper, H::Data, Reads>, Elapsed>: Ok,
        elapsed: |_, _| Err(Elapsed);
}

named_future! {
    /// Waits to write what a [`RwLock`] protects. Returned by [`RwLock::write`] and [`RwLock::write_owned`]. `H` is
    /// `&RwLock<T>` or `Arc<RwLock<T>>`.
    ///
    /// # Cancel safety
    /// Dropping it leaves the line, and lets the readers behind it in if readers have the lock. A lock that was already
    /// handed over goes to the next waiters. Another `write` joins at the back.
    pub struct Writing[H] where [H: Handle]
        = Wait<Place<H>, Acquire>
        => RwLockGuard<H::Keeper, H::Data, Writes<true>>: |place, _, acquired, origin| guard(place.0, acquired, origin),
        until Result<RwLockGuard<H::Keeper, H::Data, Writes<true>>, Elapsed>: Ok,
        elapsed: |_, _| Err(Elapsed);
}
