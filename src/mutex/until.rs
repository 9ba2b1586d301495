//! Exclusion until a deadline.

use core::future::Future;
use core::ops::Deref;

use super::{Enter, Entrance, Exclusive, Held, Locking, Mutex};
use crate::wait::{Core, Elapsed, Expire, Until};

impl<H, C> Expire<H> for Enter<C>
where
    H: Deref<Target = C>,
    C: Core<State: Entrance> + Exclusive + ?Sized,
{
    type Timely = Result<Held<H>, Elapsed>;

    #[inline(always)]
    fn in_time(guard: Held<H>, _: &mut Self::Extra) -> Self::Timely {
        Ok(guard)
    }

    fn elapsed(_: H, _: &mut Self::Extra) -> Self::Timely {
        Err(Elapsed)
    }
}

impl<T: ?Sized> Mutex<T> {
    /// Waits for the mutex until `deadline`, which is any future, is ready: short for `lock().until(deadline)`.
    ///
    /// # Cancel safety
    /// As [`lock`](Self::lock). If the mutex was handed over by the time the deadline comes, it returns the guard.
    ///
    /// # Errors
    /// [`Elapsed`] when the deadline came first.
    pub fn lock_until<D: Future>(&self, deadline: D) -> Until<Locking<&Self, T>, D> {
        self.lock().until(deadline)
    }

    /// Waits on this thread, for at most `timeout`: short for `lock().wait_timeout(timeout)`. Never call it inside a task.
    ///
    /// # Errors
    /// [`Elapsed`] when the time was up first.
    #[cfg(feature = "std")]
    pub fn lock_timeout(&self, timeout: core::time::Duration) -> Result<super::MutexGuard<'_, T>, Elapsed> {
        self.lock().wait_timeout(timeout)
    }
}
