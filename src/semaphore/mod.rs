//! Layer 3: the counting semaphore.

mod acquiring;
mod error;
mod permit;
mod poll;
mod state;
mod until;

use alloc::sync::Arc;
use core::fmt;
use core::ops::Deref;
use core::sync::atomic::AtomicUsize;

pub use acquiring::Acquiring;
use acquiring::{Acquire, demand};
pub use error::{AcquireError, AcquireUntilError, AddPermitsError, TryAcquireError};
pub use permit::{OwnedPermit, Permit, Permits};
pub use poll::PollSemaphore;
use state::Pool;

use crate::lock::Lock;
use crate::primitive::Ordering::Relaxed;
use crate::primitive::const_fn;
use crate::wait::{Closed, Fairness, Finally, Onlookers, Onlooking, State, Wait, attempt, decide};

const MAX_PERMITS: usize = Semaphore::MAX_PERMITS;

/// A counting semaphore: so many permits, first come, first served, or as its [`Fairness`] says.
///
/// | Guarantee | |
/// |---|---|
/// | Fairness | first come, first served, whatever the demands; while anyone waits, `try_acquire` answers `NoPermits` |
/// | | unless made [`with_fairness`](Self::with_fairness): then newcomers may pass, so often or always |
/// | Cancellation | a dropped [`Acquiring`] passes on what it was granted; O(1) |
/// | Happens-before | what happened before a permit was given back happened before the acquire that gets it |
/// | Allocation | none; a waiter lives in its future |
/// | Panics while held | a permit is given back by unwinding like by any drop; there is no poisoning |
///
/// It is not `Clone`: share it in an `Arc`, or make it a `static`. (For `semaphore.clone()` the compiler proposes
/// `close`, for its similar name: **do not take that**.)
///
/// **A head whose demand can never be met blocks the line for ever**, and `Debug` shows what it wants. **A granted future
/// that nobody polls or drops keeps its permits**, and [`granted_permits`](Self::granted_permits) shows them.
///
/// # Examples
/// At most two at a time:
/// ```
/// use sempost::Semaphore;
///
/// static TWO: Semaphore = Semaphore::new(2);
///
/// # futures::executor::block_on(async {
/// let first = TWO.acquire().await?;
/// let second = TWO.acquire().await?;
/// assert!(TWO.try_acquire().is_err());
/// drop(first);
/// assert!(TWO.try_acquire().is_ok());
/// # drop(second);
/// # Ok::<(), sempost::AcquireError>(())
/// # }).unwrap();
/// ```
// The pool is where the semaphore is: no operation computes another address.
#[repr(C)]
pub struct Semaphore {
    pool: Lock<Pool>,
    /// Granted permits whose waiters were polled: beside the lock, which they do not take for it.
    redeemed: AtomicUsize,
    closing: Onlookers,
}

impl Semaphore {
    /// The most permits that can be issued: `usize::MAX >> 3`.
    pub const MAX_PERMITS: usize = usize::MAX >> 3;

    const_fn! {
        /// Makes a semaphore with `permits` permits.
        ///
        /// # Panics
        /// Above [`MAX_PERMITS`](Self::MAX_PERMITS).
        #[must_use]
        #[track_caller]
        pub const fn new(permits: usize) -> Self {
            Self::with_fairness(permits, Fairness::Fifo)
        }
    }

    const_fn! {
        /// Makes a semaphore with `permits` permits, which newcomers may take past those who wait as far as `fairness` says.
        ///
        /// # Panics
        /// Above [`MAX_PERMITS`](Self::MAX_PERMITS).
        ///
        /// # Examples
        /// ```
        /// use sempost::{Fairness, Semaphore};
        ///
        /// static CACHE_FILLS: Semaphore = Semaphore::with_fairness(4, Fairness::Unbounded);
        /// # assert!(CACHE_FILLS.try_acquire().is_ok());
        /// ```
        #[must_use]
        #[track_caller]
        pub const fn with_fairness(permits: usize, fairness: Fairness) -> Self {
            Self {
                pool: Lock::new(Pool::new(permits, fairness)),
                redeemed: AtomicUsize::new(0),
                closing: Onlookers::new(),
            }
        }
    }

    /// Waits for one permit.
    ///
    /// The permit borrows the semaphore. For one that moves into another task or thread use
    /// [`acquire_owned`](Self::acquire_owned).
    ///
    /// # Cancel safety
    /// Dropping the future leaves the line; a permit that was granted already goes to the next waiter.
    ///
    /// # Errors
    /// [`AcquireError`] once the semaphore is closed.
    #[doc(alias("wait", "P", "down", "sem_wait"))]
    #[inline(always)]
    pub fn acquire(&self) -> Acquiring<&Self> {
        self.acquire_many(1)
    }

    /// Waits for `n` permits, all at once. No permits succeed at once, whoever waits, unless closed.
    ///
    /// # Cancel safety
    /// As [`acquire`](Self::acquire).
    ///
    /// # Errors
    /// [`AcquireError`] once the semaphore is closed.
    ///
    /// # Panics
    /// At the call, if `n` is above [`MAX_PERMITS`](Self::MAX_PERMITS).
    #[inline(always)]
    #[track_caller]
    pub fn acquire_many(&self, n: usize) -> Acquiring<&Self> {
        Acquiring::new(Wait::new(self, Acquire, demand(n)))
    }

    /// Like [`acquire`](Self::acquire), but keeps the `Arc`.
    ///
    /// # Examples
    /// ```
    /// # use std::sync::Arc;
    /// # futures::executor::block_on(async {
    /// let semaphore = Arc::new(sempost::Semaphore::new(1));
    /// let permit: sempost::OwnedPermit = semaphore.acquire_owned().await.unwrap();
    /// std::thread::spawn(move || drop(permit)).join().unwrap();
    /// assert_eq!(semaphore.available_permits(), 1);
    /// # });
    /// ```
    pub fn acquire_owned(self: &Arc<Self>) -> Acquiring<Arc<Self>> {
        self.acquire_many_owned(1)
    }

    /// Like [`acquire_many`](Self::acquire_many), but keeps the `Arc`.
    ///
    /// # Panics
    /// At the call, if `n` is above [`MAX_PERMITS`](Self::MAX_PERMITS).
    #[track_caller]
    pub fn acquire_many_owned(self: &Arc<Self>, n: usize) -> Acquiring<Arc<Self>> {
        Acquiring::new(Wait::new(Arc::clone(self), Acquire, demand(n)))
    }

    /// Takes one permit if it is there and nobody waits for it, or a newcomer may pass whoever does ([`Fairness`]).
    ///
    /// It never parks: it waits at most for another thread to leave a critical section of a few dozen instructions. So
    /// it may not be called from a signal handler.
    ///
    /// # Errors
    /// [`Closed`](TryAcquireError::Closed) beats [`NoPermits`](TryAcquireError::NoPermits), also when permits are there.
    #[inline(always)]
    pub fn try_acquire(&self) -> Result<Permit<'_>, TryAcquireError> {
        try_acquire(self, 1)
    }

    /// Takes `n` permits if they are there and nobody waits, or a newcomer may pass whoever does ([`Fairness`]).
    ///
    /// # Errors
    /// As [`try_acquire`](Self::try_acquire).
    ///
    /// # Panics
    /// If `n` is above [`MAX_PERMITS`](Self::MAX_PERMITS).
    #[inline(always)]
    #[track_caller]
    pub fn try_acquire_many(&self, n: usize) -> Result<Permit<'_>, TryAcquireError> {
        try_acquire(self, n)
    }

    /// Like [`try_acquire`](Self::try_acquire), but keeps the `Arc`.
    ///
    /// # Errors
    /// As [`try_acquire`](Self::try_acquire).
    pub fn try_acquire_owned(self: &Arc<Self>) -> Result<OwnedPermit, TryAcquireError> {
        try_acquire(Arc::clone(self), 1)
    }

    /// Like [`try_acquire_many`](Self::try_acquire_many), but keeps the `Arc`.
    ///
    /// # Errors
    /// As [`try_acquire`](Self::try_acquire).
    ///
    /// # Panics
    /// If `n` is above [`MAX_PERMITS`](Self::MAX_PERMITS).
    #[track_caller]
    pub fn try_acquire_many_owned(self: &Arc<Self>, n: usize) -> Result<OwnedPermit, TryAcquireError> {
        try_acquire(Arc::clone(self), n)
    }

    /// Waits for one permit on this thread: short for `acquire().wait()`. Never call it inside a task.
    ///
    /// # Errors
    /// [`AcquireError`] once the semaphore is closed.
    #[cfg(feature = "std")]
    #[inline]
    pub fn acquire_blocking(&self) -> Result<Permit<'_>, AcquireError> {
        self.acquire().wait()
    }

    /// How many permits are in the pool right now; 0 while there is debt. While anyone waits they are not to be had, unless a
    /// newcomer may pass.
    pub fn available_permits(&self) -> usize {
        self.pool.lock().available
    }

    /// Issues `n` new permits. Debt is repaid first, then the line is served.
    ///
    /// # Panics
    /// If more than [`MAX_PERMITS`](Self::MAX_PERMITS) would be issued, before anything changes.
    #[doc(alias("signal", "V", "up", "release", "sem_post"))]
    #[track_caller]
    pub fn add_permits(&self, n: usize) {
        let issued = self.try_add_permits(n);
        assert!(issued.is_ok(), "cannot add {n} permits: more than MAX_PERMITS = usize::MAX >> 3 would be issued");
    }

    /// Like [`add_permits`](Self::add_permits), but with an error where that panics: for a count that comes from outside.
    ///
    /// # Errors
    /// [`AddPermitsError`], and nothing changes, if more than [`MAX_PERMITS`](Self::MAX_PERMITS) would be issued.
    ///
    /// # Examples
    /// ```
    /// use sempost::Semaphore;
    ///
    /// let semaphore = Semaphore::new(1);
    /// assert!(semaphore.try_add_permits(Semaphore::MAX_PERMITS).is_err());
    /// assert_eq!(semaphore.try_add_permits(2), Ok(()));
    /// assert_eq!(semaphore.available_permits(), 3);
    /// ```
    pub fn try_add_permits(&self, n: usize) -> Result<(), AddPermitsError> {
        decide(self, |pool, effects| {
            if !pool.has_room(n) {
                return Err(AddPermitsError);
            }
            pool.issue(n, effects);
            Ok(())
        })
    }

    /// Takes up to `n` permits out of the pool for good, and answers how many it took. Debt is not touched.
    pub fn forget_permits(&self, n: usize) -> usize {
        decide(self, |pool, effects| {
            let taken = pool.forget(n);
            pool.settle(effects);
            taken
        })
    }

    /// Takes `n` permits away for good: what is not in the pool now is owed, and repaid by whatever comes back – a dropped
    /// permit, a cancelled grant, `add_permits` – before any waiter is served.
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

    /// How many wait in line, those who were nudged included.
    pub fn waiters(&self) -> usize {
        self.pool.lock().line.len()
    }

    /// How many permits were granted to waiters that have not been polled since. They are neither available nor held:
    /// **a future that nobody polls or drops keeps them.**
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
        // ORDERING: Relaxed, without a partner: it is only shown.
        self.pool.lock().unredeemed(self.redeemed.load(Relaxed))
    }

    /// Closes the semaphore: whoever waits, and whoever asks later, gets an error. Permits that are held or granted stand.
    ///
    /// Answers whether this call closed it.
    pub fn close(&self) -> bool {
        let mut first = false;
        // The onlookers are told even if a waiter's waker panics.
        let _told = Finally(|| self.closing.announce());
        decide(self, |pool, effects| first = pool.close(effects));
        first
    }

    /// Whether it has been closed.
    pub fn is_closed(&self) -> bool {
        self.pool.lock().closed
    }

    /// Completes once the semaphore has been closed.
    ///
    /// # Cancel safety
    /// Dropping the future forgets the onlooker.
    pub fn closed(&self) -> Closed<'_> {
        Closed::new(Onlooking::new(&self.closing))
    }
}

#[inline(always)]
#[track_caller]
fn try_acquire<H: Deref<Target = Semaphore>>(semaphore: H, permits: usize) -> Result<Permits<H>, TryAcquireError> {
    match attempt(&*semaphore, &mut Acquire, &mut demand(permits)) {
        Some(Ok(permits)) => Ok(Permits::new(semaphore, permits)),
        Some(Err(AcquireError)) => Err(TryAcquireError::Closed),
        None => Err(TryAcquireError::NoPermits),
    }
}

impl fmt::Debug for Semaphore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut pool = self.pool.lock();
        let (available, debt, closed, waiters) = (pool.available, pool.debt, pool.closed, pool.line.len());
        // ORDERING: Relaxed, without a partner: it is only shown.
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
            .finish()
    }
}
