//! The barrier.

use core::convert::Infallible;
use core::fmt;

use super::state::BarrierState;
use crate::lock::Lock;
use crate::primitive::const_fn;
use crate::record::Kind;
use crate::wait::{Effects, Primitive};

/// A meeting of `n` tasks: each of them waits until all have come. Then the next meeting begins.
///
/// For an event that happens once take a [`Latch`](crate::Latch).
///
/// | Guarantee | |
/// |---|---|
/// | Generations | never mix: a `wait` first polled after the last arrival belongs to the next round |
/// | Leader | one a generation: the last to come, whose wait returns at once |
/// | | **none, if a waker panics in that wait**; the generation is complete all the same |
/// | Fairness | waiters are woken first come, first served |
/// | Cancellation | O(1); a wait that is dropped before the last has come is not counted |
/// | | after that it changes nothing for others |
/// | Happens-before | what comes before a `wait` happens before all waits of its generation return |
/// | Allocation | none; a waiter lives in its future |
/// | No herd under the lock | waiters are let go in turns of 64, each woken once |
///
/// **A task that never comes holds up all others.** A deadline frees only the one that has it, and the others wait for
/// one more. So give all of them one.
///
/// # Examples
/// ```
/// use sempost::Barrier;
///
/// let barrier = Barrier::new(3);
/// # futures::executor::block_on(async {
/// let (a, b, c) = futures::join!(barrier.wait(), barrier.wait(), barrier.wait());
/// let leaders = [a, b, c].iter().filter(|waited| waited.is_leader()).count();
/// assert_eq!(leaders, 1);
/// # });
/// ```
#[doc(alias = "CyclicBarrier")]
pub struct Barrier {
    pub(super) state: Lock<BarrierState>,
}

impl Barrier {
    const_fn! {
        /// Makes a barrier for `n` tasks. With `n` of 0 or 1 it never waits, and each wait is a leader's.
        #[must_use]
        #[cfg_attr(feature = "inspect", track_caller)]
        pub const fn new(n: usize) -> Self {
            Self { state: Lock::of(Kind::Barrier, BarrierState::new(n)) }
        }
    }

    /// Returns for how many tasks it is, as given to [`new`](Self::new).
    pub fn size(&self) -> usize {
        self.state.lock().size
    }

    /// Returns how many tasks of this generation have come and wait.
    pub fn waiters(&self) -> usize {
        self.state.lock().arrived
    }
}

impl Primitive for Barrier {
    type State = BarrierState;
    type Deferred = Infallible;

    #[inline(always)]
    fn lock(&self) -> &Lock<BarrierState> {
        &self.state
    }

    fn settle(state: &mut BarrierState, effects: &mut Effects<Infallible>) {
        state.settle(effects);
    }
}

impl fmt::Debug for Barrier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = self.state.lock();
        let (size, waiters) = (state.size, state.arrived);
        drop(state);
        f.debug_struct("Barrier").field("size", &size).field("waiters", &waiters).finish()
    }
}

/// What a wait at a [`Barrier`] returns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BarrierWaitResult(bool);

impl BarrierWaitResult {
    pub(super) fn new(is_leader: bool) -> Self {
        Self(is_leader)
    }

    /// Returns whether this was the last task to come: one in each generation.
    #[must_use]
    pub fn is_leader(&self) -> bool {
        self.0
    }
}

#[cfg(feature = "inspect")]
impl crate::record::Shown for BarrierState {
    fn counts(&self) -> crate::record::Counts {
        let (free, queued) = (self.size.saturating_sub(self.arrived), self.arrived);
        crate::record::Counts { free, queued, ..Default::default() }
    }
}
