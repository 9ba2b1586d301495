//! Waiting at a barrier.

use alloc::sync::Arc;
use core::ops::Deref;

use super::barrier::{Barrier, BarrierWaitResult};
use super::state::{Arrival, BarrierState};
use crate::wait::{Attempt, Elapsed, Fast, FxOf, Link, Operation, Stage, Wait, Waitable, Wake, named_future};

/// The operation of arriving. Its output is whether the arrival was the last.
pub(crate) struct Arrive;

impl Operation for Arrive {
    type On = Barrier;
    type Output = bool;
    type Payload = Arrival;

    #[inline(always)]
    fn try_fast(
        &mut self,
        _: &mut Arrival,
        state: &mut BarrierState,
        to_wake: &mut Option<Wake>,
        again: bool,
    ) -> Fast<bool> {
        if again {
            Fast::Slow
        } else if state.is_early() {
            Fast::Wait
        } else if state.complete_fast(to_wake) {
            Fast::Done(true)
        } else {
            Fast::Slow
        }
    }

    fn try_slow(&mut self, _: &mut Arrival, state: &mut BarrierState, effects: &mut FxOf<Self>) -> Attempt<bool> {
        if state.is_early() {
            return Attempt::Wait;
        }
        state.complete(effects);
        Attempt::Done(true)
    }
}

impl Waitable for Arrive {
    fn enqueue(&mut self, state: &mut BarrierState, node: Link<Arrival>, _: &mut Option<Wake>) {
        state.enqueue(node);
    }

    fn retry(
        &mut self,
        state: &mut BarrierState,
        node: Link<Arrival>,
        _woken: bool,
        _: &mut FxOf<Self>,
    ) -> Attempt<bool> {
        if state.let_go(node) { Attempt::Done(false) } else { Attempt::Wait }
    }

    fn redeem(&mut self, _: &Barrier, _: Stage, _: &mut Arrival) -> bool {
        false
    }

    fn leave(&mut self, state: &mut BarrierState, node: Link<Arrival>, _: &mut FxOf<Self>) {
        state.leave(node);
    }

    // Its generation is complete, with it or without it.
    fn hand_on(&mut self, _: &mut BarrierState, _: &mut Arrival, _: &mut FxOf<Self>) {}
}

impl Barrier {
    /// Waits until all tasks of this generation have come. The last one does not wait.
    ///
    /// # Cancel safety
    /// A future that is dropped before the last task has come is not counted: one more has to come. After that its
    /// generation is complete, and dropping it changes nothing for others. Another `wait` belongs to the generation in
    /// which it is first polled.
    ///
    /// # Examples
    /// One task of each round sums up:
    /// ```
    /// # use sempost::Barrier;
    /// static ROUND: Barrier = Barrier::new(2);
    ///
    /// async fn worker() -> usize {
    ///     let mut led = 0;
    ///     for _round in 0..10 {
    ///         // … this task's part of the round …
    ///         led += usize::from(ROUND.wait().await.is_leader());
    ///     }
    ///     led
    /// }
    ///
    /// # futures::executor::block_on(async {
    /// let (a, b) = futures::join!(worker(), worker());
    /// assert_eq!(a + b, 10);
    /// # });
    /// ```
    #[doc(alias("arrive_and_wait", "pthread_barrier_wait"))]
    #[cfg_attr(feature = "inspect", track_caller)]
    pub fn wait(&self) -> BarrierWaiting<&Self> {
        BarrierWaiting::new(Wait::new(self, Arrive, Arrival::new()))
    }

    /// Like [`wait`](Self::wait), but keeps the `Arc`.
    ///
    /// # Cancel safety
    /// As [`wait`](Self::wait).
    ///
    /// # Examples
    /// ```
    /// # use std::sync::Arc;
    /// # futures::executor::block_on(async {
    /// let barrier = Arc::new(sempost::Barrier::new(2));
    /// let one = barrier.wait_owned();
    /// std::thread::spawn(move || barrier.wait_blocking());
    /// one.await;
    /// # });
    /// ```
    #[cfg_attr(feature = "inspect", track_caller)]
    pub fn wait_owned(self: &Arc<Self>) -> BarrierWaiting<Arc<Self>> {
        BarrierWaiting::new(Wait::new(Arc::clone(self), Arrive, Arrival::new()))
    }

    /// Waits on this thread until all tasks of this generation have come. Short for `wait().wait()`. Never call it
    /// inside a task.
    #[cfg(feature = "std")]
    #[inline]
    #[cfg_attr(feature = "inspect", track_caller)]
    pub fn wait_blocking(&self) -> BarrierWaitResult {
        self.wait().wait()
    }
}

named_future! {
    /// Waits at a [`Barrier`]. Returned by [`Barrier::wait`] and [`Barrier::wait_owned`]. `H` is `&Barrier` or
    /// `Arc<Barrier>`.
    ///
    /// # Cancel safety
    /// A future that is dropped before the last task has come is not counted. After that its generation is complete,
    /// and dropping it changes nothing for others.
    pub struct BarrierWaiting[H] where [H: Deref<Target = Barrier>]
        = Wait<H, Arrive>
        => BarrierWaitResult: |_, _, is_leader, _| BarrierWaitResult::new(is_leader),
        until Result<BarrierWaitResult, Elapsed>: Ok,
        // It may have been counted after its last look. Then it was in time.
        elapsed: |_, arrival| if arrival.counted { Ok(BarrierWaitResult::new(false)) } else { Err(Elapsed) };
}
