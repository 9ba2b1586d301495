//! Permits until a deadline.

use core::future::Future;
use core::ops::Deref;

use super::acquiring::{Acquire, Acquiring};
use super::state::Demand;
use super::{AcquireError, AcquireUntilError, Permits, Semaphore};
use crate::wait::{Expire, Until};

impl<H: Deref<Target = Semaphore>> Expire<H> for Acquire {
    type Timely = Result<Permits<H>, AcquireUntilError>;

    #[inline(always)]
    fn in_time(output: Result<Permits<H>, AcquireError>, _: &mut Demand) -> Self::Timely {
        output.map_err(|AcquireError| AcquireUntilError::Closed)
    }

    fn elapsed(_: H, _: &mut Demand) -> Self::Timely {
        Err(AcquireUntilError::Elapsed)
    }
}

impl Semaphore {
    /// Waits for one permit until `deadline`, which is any future, is ready: short for `acquire().until(deadline)`.
    ///
    /// # Cancel safety
    /// As [`acquire`](Self::acquire). If the permit was granted by the time the deadline comes, it returns the permit.
    ///
    /// # Errors
    /// [`Elapsed`](AcquireUntilError::Elapsed) when the deadline came first, [`Closed`](AcquireUntilError::Closed) once the
    /// semaphore is closed.
    pub fn acquire_until<D: Future>(&self, deadline: D) -> Until<Acquiring<&Self>, D> {
        self.acquire().until(deadline)
    }

    /// Waits for `n` permits, all at once, until `deadline` is ready: short for `acquire_many(n).until(deadline)`.
    ///
    /// # Cancel safety
    /// As [`acquire_until`](Self::acquire_until).
    ///
    /// # Errors
    /// As [`acquire_until`](Self::acquire_until).
    ///
    /// # Panics
    /// At the call, if `n` is above [`MAX_PERMITS`](Self::MAX_PERMITS).
    #[track_caller]
    pub fn acquire_many_until<D: Future>(&self, n: usize, deadline: D) -> Until<Acquiring<&Self>, D> {
        self.acquire_many(n).until(deadline)
    }

    /// Waits for one permit on this thread, for at most `timeout`: short for `acquire().wait_timeout(timeout)`. Never call it
    /// inside a task.
    ///
    /// # Errors
    /// As [`acquire_until`](Self::acquire_until).
    ///
    /// # Examples
    /// ```
    /// use std::time::Duration;
    ///
    /// let none = sempost::Semaphore::new(0);
    /// assert_eq!(none.acquire_timeout(Duration::ZERO).unwrap_err(), sempost::AcquireUntilError::Elapsed);
    /// ```
    #[cfg(feature = "std")]
    pub fn acquire_timeout(&self, timeout: core::time::Duration) -> Result<super::Permit<'_>, AcquireUntilError> {
        self.acquire().wait_timeout(timeout)
    }
}
