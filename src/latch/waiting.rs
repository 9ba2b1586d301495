//! Waiting for a latch.

use alloc::sync::Arc;
use core::ops::Deref;

use super::latch::Latch;
use super::state::LatchState;
use crate::wait::{Attempt, Elapsed, Fast, FxOf, Link, Operation, Stage, Wait, Waitable, Wake, named_future};

/// The operation of waiting for a latch.
pub(crate) struct Pass;

impl Operation for Pass {
    type On = Latch;
    type Output = ();
    type Payload = ();

    #[inline(always)]
    fn try_fast(&mut self, (): &mut (), state: &mut LatchState, _: &mut Option<Wake>, _: bool) -> Fast<()> {
        if state.open { Fast::Done(()) } else { Fast::Wait }
    }
}

impl Waitable for Pass {
    fn enqueue(&mut self, state: &mut LatchState, node: Link<()>, _: &mut Option<Wake>) {
        state.list.push_back(node);
    }

    fn retry(&mut self, state: &mut LatchState, node: Link<()>, _: bool, _: &mut FxOf<Self>) -> Attempt<()> {
        if state.let_go(node) { Attempt::Done(()) } else { Attempt::Wait }
    }

    fn redeem(&mut self, _: &Latch, _: Stage, (): &mut ()) {}

    fn leave(&mut self, state: &mut LatchState, node: Link<()>, _: &mut FxOf<Self>) {
        state.list.withdraw(node);
    }

    // Nothing was taken for it: an open latch is open for all.
    fn hand_on(&mut self, _: &mut LatchState, (): &mut (), _: &mut FxOf<Self>) {}
}

impl Latch {
    /// Waits until the latch is open.
    ///
    /// # Cancel safety
    /// Dropping the future leaves the list of waiters. Nothing is lost, and nobody else notices.
    #[doc(alias = "cancelled")]
    #[cfg_attr(feature = "inspect", track_caller)]
    pub fn wait(&self) -> LatchWaiting<&Self> {
        LatchWaiting::new(Wait::new(self, Pass, ()))
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
    /// let stop = Arc::new(sempost::Latch::new(1));
    /// let stopped: sempost::LatchWaiting<Arc<sempost::Latch>> = stop.wait_owned();
    /// std::thread::spawn(move || stop.count_down());
    /// stopped.await;
    /// # });
    /// ```
    #[doc(alias = "cancelled_owned")]
    #[cfg_attr(feature = "inspect", track_caller)]
    pub fn wait_owned(self: &Arc<Self>) -> LatchWaiting<Arc<Self>> {
        LatchWaiting::new(Wait::new(Arc::clone(self), Pass, ()))
    }

    /// Waits on this thread until the latch is open. Short for `wait().wait()`. Never call it inside a task.
    #[cfg(feature = "std")]
    #[inline]
    #[cfg_attr(feature = "inspect", track_caller)]
    pub fn wait_blocking(&self) {
        self.wait().wait();
    }
}

named_future! {
    /// Waits until a [`Latch`] is open. Returned by [`Latch::wait`] and [`Latch::wait_owned`]. `H` is `&Latch` or
    /// `Arc<Latch>`.
    ///
    /// # Cancel safety
    /// Dropping it leaves the list of waiters. Nothing is lost, and nobody else notices.
    pub struct LatchWaiting[H] where [H: Deref<Target = Latch>]
        = Wait<H, Pass>
        => (): |_, (), (), _| (),
        until Result<(), Elapsed>: Ok,
        elapsed: |_, ()| Err(Elapsed);
}
