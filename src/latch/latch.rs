//! The latch, and counting it down.

use core::convert::Infallible;
use core::fmt;

use super::state::LatchState;
use crate::lock::Lock;
use crate::primitive::Ordering::{Acquire, Release};
use crate::primitive::{AtomicU8, const_fn};
use crate::wait::{Effects, Primitive, decide};

/// A count that only falls. At 0 the latch is open, forever, and everyone who waits for it goes on.
///
/// Of count 1 it is a stop flag. Of count `n` it waits for `n` tasks to be ready or done. For rounds take a
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
pub struct Latch {
    pub(super) state: Lock<LatchState>,
    /// 1 once it is open: so that a loop may ask without the lock. Written under the lock.
    open: AtomicU8,
}

impl Latch {
    const_fn! {
        /// Makes a latch that opens after `count` calls of [`count_down`](Self::count_down). With `count` = 0 it is
        /// open.
        #[must_use]
        pub const fn new(count: usize) -> Self {
            Self { state: Lock::new(LatchState::new(count)), open: AtomicU8::new((count == 0) as u8) }
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
        decide(self, |state, effects| {
            let opened = state.count_down(n);
            if opened {
                // ORDERING: Release; pairs with the Acquire in `is_open`.
                self.open.store(1, Release);
                state.settle(effects);
            }
            opened
        })
    }

    /// Returns whether the latch is open. It takes no lock.
    #[doc(alias("try_wait", "is_cancelled", "is_set"))]
    #[inline]
    pub fn is_open(&self) -> bool {
        // ORDERING: Acquire; pairs with the Release in `count_down_many`.
        self.open.load(Acquire) != 0
    }

    /// Returns how many calls of `count_down` are still missing.
    pub fn count(&self) -> usize {
        self.state.lock().count
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
        let state = self.state.lock();
        let (count, waiters) = (state.count, state.list.len());
        drop(state);
        f.debug_struct("Latch").field("count", &count).field("waiters", &waiters).finish()
    }
}
