//! What does not wait: the number of permits, closing, and what can be seen.

use core::fmt;

use super::error::AddPermitsError;
use super::semaphore::Semaphore;
use crate::primitive::Ordering::Relaxed;
use crate::wait::{AwaitingClosed, Defer, EventWait, decide, run_all};

impl Semaphore {
    /// Adds `n` permits. They repay debt first, then serve the line. Returns how many it added: `n`, or with a
    /// [limit](Self::with_limit) as many as were wanted and fit.
    ///
    /// # Panics
    /// If more than [`MAX_PERMITS`](Self::MAX_PERMITS) would be issued, before anything changes. Never with a limit.
    #[doc(alias("signal", "V", "up", "release", "sem_post", "notify_one", "set_one"))]
    #[track_caller]
    pub fn add_permits(&self, n: usize) -> usize {
        let Ok(added) = self.try_add_permits(n) else {
            panic!("cannot add {n} permits: more than MAX_PERMITS = usize::MAX >> 3 would be issued")
        };
        added
    }

    /// Like [`add_permits`](Self::add_permits), but returns an error where that panics. For a count that comes from
    /// outside.
    ///
    /// # Errors
    /// [`AddPermitsError`] if more than [`MAX_PERMITS`](Self::MAX_PERMITS) would be issued. Then nothing changes. Never
    /// with a limit.
    ///
    /// # Examples
    /// ```
    /// use sempost::Semaphore;
    ///
    /// let semaphore = Semaphore::new(1);
    /// assert!(semaphore.try_add_permits(Semaphore::MAX_PERMITS).is_err());
    /// assert_eq!(semaphore.try_add_permits(2), Ok(2));
    /// assert_eq!(semaphore.available_permits(), 3);
    /// ```
    pub fn try_add_permits(&self, n: usize) -> Result<usize, AddPermitsError> {
        if self.limit < Self::MAX_PERMITS {
            return Ok(self.add_within_limit(n));
        }
        decide(self, |pool, effects| {
            if !pool.has_room(n) {
                return Err(AddPermitsError);
            }
            pool.issue(n, effects);
            Ok(n)
        })
    }

    /// Turn by turn, because only a turn that has served its waiters knows how many more are wanted.
    fn add_within_limit(&self, n: usize) -> usize {
        let (mut added, mut again) = (0, true);
        // If a waker panics, the other turns follow all the same.
        run_all(|| {
            if again {
                decide(self, |pool, effects| {
                    let (issued, more) = pool.issue_within_limit(n - added, effects);
                    (added, again) = (added + issued, more);
                });
            }
            again
        });
        added
    }

    /// Returns the most permits that may be available: as given to [`with_limit`](Self::with_limit), or
    /// [`MAX_PERMITS`](Self::MAX_PERMITS).
    pub fn limit(&self) -> usize {
        self.limit
    }

    /// Takes up to `n` available permits away for good. Returns how many. It makes no debt.
    pub fn forget_permits(&self, n: usize) -> usize {
        decide(self, |pool, effects| {
            let taken = pool.forget(n);
            pool.settle(effects);
            taken
        })
    }

    /// Takes `n` permits away for good. Those that are not available now become debt. Permits that come back – dropped,
    /// granted to a cancelled future, or added by `add_permits` – repay the debt before they serve a waiter.
    ///
    /// # Panics
    /// If more than [`MAX_PERMITS`](Self::MAX_PERMITS) would be owed, before anything changes.
    #[track_caller]
    pub fn reduce_permits(&self, n: usize) {
        let reduced = decide(self, |pool, effects| {
            let may = pool.may_reduce(n);
            if may {
                pool.reduce(n);
                pool.settle(effects);
            }
            may
        });
        assert!(reduced, "cannot take {n} permits away: more than MAX_PERMITS = usize::MAX >> 3 would be owed");
    }

    /// Returns how many permits are available at this moment, 0 while there is debt. While there is a waiter a newcomer
    /// does not get them, unless it may pass waiters.
    pub fn available_permits(&self) -> usize {
        self.pool.lock().available
    }

    /// Returns how many waiters are in line, those woken to retry included.
    pub fn waiters(&self) -> usize {
        self.pool.lock().line.len()
    }

    /// Returns how many permits were granted to waiters that have not been polled since. They are neither available nor
    /// held. **A future that is neither polled nor dropped keeps them.**
    ///
    /// # Examples
    /// ```
    /// use futures::FutureExt;
    ///
    /// let semaphore = sempost::Semaphore::new(0);
    /// let mut waiting = std::pin::pin!(semaphore.acquire());
    /// assert!(waiting.as_mut().now_or_never().is_none());
    /// semaphore.add_permits(1);
    /// assert_eq!((semaphore.available_permits(), semaphore.granted_permits()), (0, 1));
    /// ```
    pub fn granted_permits(&self) -> usize {
        // ORDERING: Relaxed, without a partner: the count is only shown.
        self.pool.lock().unredeemed(self.redeemed.load(Relaxed))
    }

    /// Closes the semaphore: all waiters and all later acquires get an error. Permits that are held or granted stay
    /// valid.
    ///
    /// Returns whether this call closed it. O(waiters), in turns of 64 under the lock.
    pub fn close(&self) -> bool {
        let mut first = false;
        // Deferred: it is announced even if a waker panics.
        let _announced = Defer(|| self.closing.announce());
        decide(self, |pool, effects| first = pool.close(effects));
        first
    }

    /// Returns whether the semaphore is closed.
    pub fn is_closed(&self) -> bool {
        self.pool.lock().is_closed()
    }

    /// Waits until the semaphore is closed.
    ///
    /// # Cancel safety
    /// Dropping the future removes its listener. Nothing is lost.
    #[cfg_attr(feature = "inspect", track_caller)]
    pub fn closed(&self) -> AwaitingClosed<'_> {
        AwaitingClosed::new(EventWait::new(&self.closing, self.pool.tag()))
    }
}

impl fmt::Debug for Semaphore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut pool = self.pool.lock();
        let (available, debt, closed, waiters) = (pool.available, pool.debt(), pool.is_closed(), pool.line.len());
        // ORDERING: Relaxed, without a partner: the count is only shown.
        let redeemed = self.redeemed.load(Relaxed);
        let (granted, held, head) = (pool.unredeemed(redeemed), pool.held(redeemed), pool.head());
        let (fairness, promised) = (pool.line.fairness(), pool.line.promised());
        drop(pool);
        f.debug_struct("Semaphore")
            .field("available_permits", &available)
            .field("granted_permits", &granted)
            .field("held_permits", &held)
            .field("debt", &debt)
            .field("closed", &closed)
            .field("waiters", &waiters)
            .field("first_wants", &head)
            .field("fairness", &fairness)
            .field("promised_permits", &promised)
            .field("limit", &self.limit)
            .finish()
    }
}

#[cfg(feature = "inspect")]
impl crate::record::Shown for super::state::Pool {
    fn counts(&self) -> crate::record::Counts {
        let (free, owed, closed) = (self.available, self.debt(), self.is_closed());
        crate::record::Counts { free, owed, closed, ..Default::default() }
    }
}
