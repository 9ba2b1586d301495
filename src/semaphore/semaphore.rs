//! The semaphore, and how to make one.

use core::convert::Infallible;
use core::sync::atomic::AtomicUsize;

use super::state::{Fx, Pool};
use crate::lock::Lock;
use crate::primitive::const_fn;
use crate::record::Kind;
use crate::wait::{Fairness, OneTimeEvent, Primitive};

/// A counting semaphore: a number of permits, first come, first served, or as its [`Fairness`] says.
///
/// | Guarantee | |
/// |---|---|
/// | Fairness | first come, first served, whatever the demands |
/// | | while there is a waiter, `try_acquire` returns `NoPermits` |
/// | | [`with_fairness`](Self::with_fairness) lets newcomers pass waiters, a number of times or always |
/// | Cancellation | O(1); a dropped [`Acquiring`](crate::Acquiring) hands on what it was granted |
/// | Happens-before | what comes before a permit is given back happens before the acquire that gets it returns |
/// | Allocation | none; a waiter lives in its future. [`closed`](Self::closed) allocates when it waits |
/// | Panics while held | unwinding gives the permits back; there is no poisoning |
///
/// It is not `Clone`: share it in an `Arc`, or make it a `static`. (For `semaphore.clone()` the compiler suggests
/// `close`, because of its similar name. **Do not accept that.**)
///
/// **A first waiter whose demand can never be met blocks the line forever.** `Debug` shows its demand. **A granted
/// future that is neither polled nor dropped keeps its permits.** [`granted_permits`](Self::granted_permits) shows
/// them.
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
// The pool comes first: no operation has to compute another address.
#[repr(C)]
pub struct Semaphore {
    pub(super) pool: Lock<Pool>,
    /// How many granted permits were collected by a poll. It is beside the lock, so that such a poll takes no lock.
    pub(super) redeemed: AtomicUsize,
    pub(super) closing: OneTimeEvent,
    /// The most permits that may be available: the pool's limit, beside the lock for those who only ask. (The pool has
    /// it, too, because to settle is a matter of the pool alone.)
    pub(super) limit: usize,
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
        /// Makes a semaphore with `permits` permits. Newcomers may pass waiters as far as `fairness` allows.
        ///
        /// # Panics
        /// Above [`MAX_PERMITS`](Self::MAX_PERMITS).
        ///
        /// # Examples
        /// ```
        /// use sempost::{Fairness, Semaphore};
        ///
        /// static CACHE_FILLS: Semaphore = Semaphore::with_fairness(4, Fairness::Unfair);
        /// # assert!(CACHE_FILLS.try_acquire().is_ok());
        /// ```
        #[must_use]
        #[track_caller]
        pub const fn with_fairness(permits: usize, fairness: Fairness) -> Self {
            Self::build(Kind::Semaphore, permits, Self::MAX_PERMITS, fairness)
        }
    }

    const_fn! {
        /// Makes a semaphore with `permits` permits of which never more than `limit` are available. What is added or
        /// comes back first repays debt and serves the line; of the rest, what is above the limit is discarded.
        ///
        /// With a limit of 1 it is the textbooks' *binary semaphore*, and a signal that is kept for one waiter: `n`
        /// signals serve `n` waiters, and without a waiter `n` signals are one. Whoever takes such a signal
        /// [forgets](crate::Permits::forget) the permit. A limit of [`MAX_PERMITS`](Self::MAX_PERMITS) is none.
        ///
        /// It limits what is available, not what is held: with a limit of 1, two `add_permits(1)` can let two tasks in.
        /// **So it is no mutual exclusion.**
        ///
        /// # Panics
        /// If `limit` is 0 or above [`MAX_PERMITS`](Self::MAX_PERMITS), or `permits` above `limit`.
        ///
        /// # Examples
        /// A signal that says *there is something to do*, however often it is given:
        /// ```
        /// use sempost::Semaphore;
        ///
        /// static TO_DO: Semaphore = Semaphore::with_limit(0, 1);
        ///
        /// assert_eq!(TO_DO.add_permits(1), 1);
        /// assert_eq!(TO_DO.add_permits(1), 0); // one is kept
        /// # futures::executor::block_on(async {
        /// TO_DO.acquire().await?.forget();
        /// assert!(TO_DO.try_acquire().is_err());
        /// # Ok::<(), sempost::AcquireError>(())
        /// # }).unwrap();
        /// ```
        #[doc(alias("binary", "notify", "event"))]
        #[must_use]
        #[track_caller]
        pub const fn with_limit(permits: usize, limit: usize) -> Self {
            assert!(0 < limit && limit <= Self::MAX_PERMITS, "a limit is from 1 to MAX_PERMITS = usize::MAX >> 3");
            assert!(permits <= limit, "a semaphore starts with at most as many permits as its limit allows");
            Self::build(Kind::Semaphore, permits, limit, Fairness::Fifo)
        }
    }

    const_fn! {
        /// The semaphore inside another primitive.
        #[track_caller]
        pub(crate) const fn of(kind: Kind, permits: usize) -> Self {
            Self::build(kind, permits, Self::MAX_PERMITS, Fairness::Fifo)
        }
    }

    const_fn! {
        #[track_caller]
        const fn build(kind: Kind, permits: usize, limit: usize, fairness: Fairness) -> Self {
            Self {
                pool: Lock::of(kind, Pool::new(permits, limit, fairness)),
                redeemed: AtomicUsize::new(0),
                closing: OneTimeEvent::new(),
                limit,
            }
        }
    }
}

impl Primitive for Semaphore {
    type State = Pool;
    type Deferred = Infallible;

    #[inline(always)]
    fn lock(&self) -> &Lock<Pool> {
        &self.pool
    }

    fn settle(pool: &mut Pool, effects: &mut Fx) {
        pool.settle(effects);
    }
}
