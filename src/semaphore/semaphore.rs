//! The semaphore, and how to make one.

use core::convert::Infallible;
use core::sync::atomic::AtomicUsize;

use super::state::{Fx, Pool};
use crate::lock::Lock;
use crate::primitive::const_fn;
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
/// | Allocation | none; a waiter lives in its future |
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
            Self {
                pool: Lock::new(Pool::new(permits, fairness)),
                redeemed: AtomicUsize::new(0),
                closing: OneTimeEvent::new(),
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
