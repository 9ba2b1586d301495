//! Locking a mutex.

use alloc::sync::Arc;
use core::ops::Deref;

use super::enter::Enter;
use super::guard::Guard;
use super::mutex::{Mutex, MutexGuard, OwnedMutexGuard};
use crate::record::Origin;
use crate::wait::{Elapsed, Ticket, Wait, attempt, named_future};

impl<T: ?Sized> Mutex<T> {
    /// Waits for the mutex and locks it.
    ///
    /// The guard borrows the mutex. [`lock_owned`](Self::lock_owned) returns one that can move into another task or
    /// thread.
    ///
    /// # Cancel safety
    /// Dropping the future leaves the line. A mutex that was already handed over goes to the next waiter.
    #[inline(always)]
    #[cfg_attr(feature = "inspect", track_caller)]
    pub fn lock(&self) -> Locking<&Self, T> {
        Locking::new(Wait::new(self, Enter::new(), Ticket::new()))
    }

    /// Like [`lock`](Self::lock), but keeps the `Arc`.
    ///
    /// # Cancel safety
    /// As [`lock`](Self::lock).
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
    #[doc(alias = "lock_arc")]
    #[cfg_attr(feature = "inspect", track_caller)]
    pub fn lock_owned(self: &Arc<Self>) -> Locking<Arc<Self>, T> {
        Locking::new(Wait::new(Arc::clone(self), Enter::new(), Ticket::new()))
    }

    /// Locks the mutex if it is free. With another [`Fairness`](crate::Fairness) than `Fifo` a newcomer may pass
    /// waiters.
    ///
    /// It never parks, unless the feature `os-lock` or `inspect` is on. It must not be called from a signal handler.
    #[inline(always)]
    #[cfg_attr(feature = "inspect", track_caller)]
    pub fn try_lock(&self) -> Option<MutexGuard<'_, T>> {
        let origin = Origin::here();
        attempt(self, &mut Enter::new(), &mut Ticket::new()).map(|()| Guard::new(self, origin))
    }

    /// Like [`try_lock`](Self::try_lock), but keeps the `Arc`.
    #[doc(alias = "try_lock_arc")]
    #[cfg_attr(feature = "inspect", track_caller)]
    pub fn try_lock_owned(self: &Arc<Self>) -> Option<OwnedMutexGuard<T>> {
        let origin = Origin::here();
        attempt(&**self, &mut Enter::new(), &mut Ticket::new()).map(|()| Guard::new(Arc::clone(self), origin))
    }

    /// Waits for the mutex on this thread. Short for `lock().wait()`. Never call it inside a task.
    #[doc(alias = "blocking_lock")]
    #[cfg(feature = "std")]
    #[inline]
    #[cfg_attr(feature = "inspect", track_caller)]
    pub fn lock_blocking(&self) -> MutexGuard<'_, T> {
        self.lock().wait()
    }
}

named_future! {
    /// Waits for a [`Mutex`]. Returned by [`Mutex::lock`] and [`Mutex::lock_owned`]. `H` is `&Mutex<T>` or
    /// `Arc<Mutex<T>>`.
    ///
    /// It is a future and not yet a guard: write `*mutex.lock().await += 1`, or `*mutex.lock_blocking() += 1` on a
    /// thread. **If the compiler says that it cannot be dereferenced, or finds no method of the data, then `.await` is
    /// missing.**
    ///
    /// # Cancel safety
    /// Dropping it leaves the line. A mutex that was already handed over, or a wake-up to retry, goes to the next
    /// waiter. Another `lock` joins at the back.
    pub struct Locking[H, T] where [H: Deref<Target = Mutex<T>>, T: ?Sized]
        = Wait<H, Enter<Mutex<T>>>
        => Guard<H>: |mutex, _, (), origin| Guard::new(mutex, origin),
        until Result<Guard<H>, Elapsed>: Ok,
        elapsed: |_, _| Err(Elapsed);
}
