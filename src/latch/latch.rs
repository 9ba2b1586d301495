//! The latch, and counting it down.

use core::convert::Infallible;
use core::fmt;

use super::state::LatchState;
use crate::lock::Lock;
use crate::primitive::Ordering::{AcqRel, Acquire, Relaxed, Release};
use crate::primitive::{AtomicUsize, const_fn};
use crate::record::Kind;
use crate::wait::{Effects, Primitive, decide};

/// A count that only falls. At 0 the latch is open, forever, and everyone who waits for it goes on.
///
/// `Latch::new(1)` is a stop flag. `Latch::new(n)` waits for `n` tasks to be ready or done. For rounds take a
/// [`Barrier`](crate::Barrier).
///
/// | Guarantee | |
/// |---|---|
/// | Fairness | waiters are woken first come, first served |
/// | Cancellation | O(1); a dropped wait changes nothing for others |
/// | Happens-before | what comes before a `count_down` happens before a `wait` returns, and before `is_open` is true |
/// | Allocation | none; a waiter lives in its future |
/// | No herd under the lock | waiters are let go in turns of 64, each woken once |
///
/// **A task that panics or is cancelled before its `count_down` leaves the others waiting forever.** Count down in a
/// `Drop`, or give the wait a deadline.
///
/// # Examples
/// Wait until three workers are done:
/// ```
/// use std::sync::Arc;
///
/// use sempost::Latch;
///
/// # futures::executor::block_on(async {
/// let done = Arc::new(Latch::new(3));
/// for _ in 0..3 {
///     let done = done.clone();
///     std::thread::spawn(move || done.count_down());
/// }
/// done.wait().await;
/// assert!(done.is_open());
/// # });
/// ```
#[doc(alias("CancellationToken", "CountDownLatch", "ManualResetEvent", "SetOnce", "WaitGroup"))]
pub struct Latch {
    pub(super) state: Lock<LatchState>,
    /// What is missing (K1).
    count: AtomicUsize,
}

impl Latch {
    const_fn! {
        /// Makes a latch that opens after `count` calls of [`count_down`](Self::count_down). With `count` = 0 it is
        /// open.
        #[must_use]
        #[cfg_attr(feature = "inspect", track_caller)]
        pub const fn new(count: usize) -> Self {
            Self { state: Lock::of(Kind::Latch, LatchState::new(count == 0)), count: AtomicUsize::new(count) }
        }
    }

    /// Counts down by one. On an open latch it does nothing. Returns whether this call opened it.
    ///
    /// # Examples
    /// ```
    /// use sempost::Latch;
    ///
    /// static STOP: Latch = Latch::new(1);
    /// assert!(!STOP.is_open());
    /// assert!(STOP.count_down());
    /// assert!(STOP.is_open() && !STOP.count_down());
    /// ```
    #[doc(alias("countDown", "cancel", "set", "arrive", "done"))]
    pub fn count_down(&self) -> bool {
        self.count_down_many(1)
    }

    /// Counts down by `n`, in one step. It stops at 0: what is too much is ignored. Returns whether this call opened
    /// the latch.
    pub fn count_down_many(&self, n: usize) -> bool {
        let some_are_left = |count: usize| count.checked_sub(n).filter(|rest| *rest > 0);
        // ORDERING: Release; pairs with the Acquire in `open`. Nothing follows from the load alone.
        match self.count.fetch_update(Release, Relaxed, some_are_left) {
            Ok(_) | Err(0) => false,
            Err(_) => self.open(),
        }
    }

    /// The count goes to 0, unless another call was faster.
    #[cold]
    fn open(&self) -> bool {
        decide(self, |state, effects| {
            // ORDERING: AcqRel; pairs with the Release of each earlier count, and with the Acquire in `is_open`.
            let opened = self.count.swap(0, AcqRel) > 0;
            state.open = true;
            state.settle(effects);
            opened
        })
    }

    /// Returns whether the latch is open. It takes no lock.
    #[doc(alias("try_wait", "is_cancelled", "is_set"))]
    #[inline]
    pub fn is_open(&self) -> bool {
        self.count() == 0
    }

    /// Returns how many calls of `count_down` are still missing. It takes no lock.
    #[inline]
    pub fn count(&self) -> usize {
        // ORDERING: Acquire; pairs with the AcqRel in `open`.
        self.count.load(Acquire)
    }

    /// Returns how many waiters there are. Those that are about to be woken, because the latch has opened, count until
    /// it is their turn.
    pub fn waiters(&self) -> usize {
        self.state.lock().list.len()
    }
}

impl Primitive for Latch {
    type State = LatchState;
    type Deferred = Infallible;

    #[inline(always)]
    fn lock(&self) -> &Lock<LatchState> {
        &self.state
    }

    fn settle(state: &mut LatchState, effects: &mut Effects<Infallible>) {
        state.settle(effects);
    }
}

impl fmt::Debug for Latch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Latch").field("count", &self.count()).field("waiters", &self.waiters()).finish()
    }
}

#[cfg(feature = "inspect")]
impl crate::record::Shown for LatchState {}
