//! A mutex without locking it: its data for an exclusive owner, and what can be seen.

use core::fmt;

use super::mutex::Mutex;
use crate::wait::Primitive;

impl<T> Mutex<T> {
    /// Consumes the mutex and returns the data.
    pub fn into_inner(self) -> T {
        self.protected.into_inner()
    }
}

impl<T: ?Sized> Mutex<T> {
    /// Returns the data without locking: `&mut self` proves that there is no other user.
    pub fn get_mut(&mut self) -> &mut T {
        self.protected.get_mut()
    }

    /// Returns whether the mutex is locked.
    pub fn is_locked(&self) -> bool {
        self.raw.lock().lock().is_locked()
    }

    /// Returns whether the mutex was handed to a waiter that has not been polled since. **A future that is neither
    /// polled nor dropped keeps it.**
    ///
    /// Where newcomers may pass waiters ([`Fairness`](crate::Fairness)), the mutex is never handed over. It is
    /// unlocked, a waiter is woken to retry, and a `try_lock` may fail all the same. `Debug` shows that.
    pub fn is_handed_over(&self) -> bool {
        let lock = self.raw.lock();
        lock.lock().is_given(lock.hints().redeemed())
    }

    /// Returns how many waiters are in line, those woken to retry included.
    pub fn waiters(&self) -> usize {
        self.raw.lock().lock().line.len()
    }
}

impl<T: ?Sized + fmt::Debug> fmt::Debug for Mutex<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("Mutex");
        // With a waiter in line, to try could count as an overtake.
        let data = if self.waiters() == 0 { self.try_lock() } else { None };
        match data {
            Some(data) => shown.field("data", &&*data),
            None if self.is_locked() => shown.field("data", &format_args!("<locked>")),
            None => shown.field("data", &format_args!("<offered to those who wait>")),
        };
        shown.field("handed_over", &self.is_handed_over()).field("waiters", &self.waiters()).finish()
    }
}

#[cfg(feature = "inspect")]
impl crate::record::Shown for super::state::MutexState {
    fn counts(&self) -> crate::record::Counts {
        crate::record::Counts { free: usize::from(!self.is_locked()), ..Default::default() }
    }
}
