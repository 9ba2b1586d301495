//! Entering, and waiting for a condition, until a deadline.
//!
//! Whoever waits for a condition answers inside the monitor, so a wait that is late does not leave: under the lock it moves
//! from its condition to the back of the door. One that stands at the door already was notified, and stays.

use core::future::Future;
use core::ops::Deref;

use super::state::{Inside, Stay};
use super::waiting::WaitFor;
use super::{Conditions, Entering, Monitor, Waiting, WaitingWhile};
use crate::mutex::{Ended, Entrance, Held};
use crate::wait::{Effects, Expire, Link, Until, Wake};

impl<H, T, C> Expire<H> for WaitFor<C, T>
where
    H: Deref<Target = Monitor<T, C>>,
    T: ?Sized,
    C: Conditions,
{
    type Timely = (Held<H>, Ended);

    #[inline(always)]
    fn in_time(guard: Held<H>, stay: &mut Stay) -> (Held<H>, Ended) {
        (guard, stay.ended())
    }

    fn expire(&mut self, inside: &mut Inside<C::Lines>, node: Link<Stay>, _: &mut Effects<()>) -> Option<Wake> {
        let mut own = None;
        if inside.turn().line.contents(node).0.expire() {
            inside.line(self.condition).remove(node);
            inside.turn().admit(node, &mut own);
        }
        own
    }

    fn elapsed(_: H, _: &mut Stay) -> (Held<H>, Ended) {
        unreachable!("it ends inside")
    }
}

impl<T: ?Sized, C: Conditions> Monitor<T, C> {
    /// Waits to enter until `deadline`, which is any future, is ready: short for `enter().until(deadline)`.
    ///
    /// # Cancel safety
    /// As [`enter`](Self::enter). If the monitor was handed over by the time the deadline comes, it returns the guard.
    ///
    /// # Errors
    /// [`Elapsed`](crate::Elapsed) when the deadline came first.
    pub fn enter_until<D: Future>(&self, deadline: D) -> Until<Entering<&Self, T, C>, D> {
        self.enter().until(deadline)
    }

    /// Waits on this thread, for at most `timeout`: short for `enter().wait_timeout(timeout)`. Never call it inside a task.
    ///
    /// # Errors
    /// [`Elapsed`](crate::Elapsed) when the time was up first.
    #[cfg(feature = "std")]
    pub fn enter_timeout(
        &self,
        timeout: core::time::Duration,
    ) -> Result<super::MonitorGuard<'_, T, C>, super::Elapsed> {
        self.enter().wait_timeout(timeout)
    }
}

impl<H, T, C> Held<H>
where
    H: Deref<Target = Monitor<T, C>>,
    T: ?Sized,
    C: Conditions,
{
    /// Leaves the monitor and waits for `condition` until `deadline`, which is any future, is ready: short for
    /// `wait(condition).until(deadline)`. Answers the guard **in any case**, and whether it was notified.
    ///
    /// When the deadline comes first, the waiter goes to the back of the door and enters in its turn, however long that
    /// takes. From then on nobody notifies it, and what it answers is [`Elapsed`](Ended::Elapsed). One that was notified
    /// before stays where it is in the door's line, and counts as [`Notified`](Ended::Notified).
    ///
    /// # Cancel safety
    /// As [`wait`](Self::wait): **a dropped wait has left the monitor**.
    ///
    /// # Examples
    /// ```
    /// use std::future::ready;
    ///
    /// use sempost::{Monitor, conditions};
    ///
    /// conditions! { enum Door { Opened } }
    ///
    /// let open = Monitor::<bool, Door>::new(false);
    /// # futures::executor::block_on(async {
    /// let deadline = ready(()); // or `tokio::time::sleep(…)`, `smol::Timer::after(…)`
    /// let (inside, ended) = open.enter().await.wait_until(Door::Opened, deadline).await;
    /// assert!(ended.is_elapsed() && !*inside);
    /// # });
    /// ```
    pub fn wait_until<D: Future>(self, condition: C, deadline: D) -> Until<Waiting<H, T, C>, D> {
        self.wait(condition).until(deadline)
    }

    /// Waits for `condition` for as long as `holds` says so, until `deadline` is ready: short for
    /// `wait_while(condition, holds).until(deadline)`. Answers the guard **in any case**; the predicate is asked once more,
    /// and [`Elapsed`](Ended::Elapsed) means that it still holds.
    ///
    /// # Cancel safety
    /// As [`wait`](Self::wait): **a dropped wait has left the monitor**.
    pub fn wait_while_until<F, D>(self, condition: C, holds: F, deadline: D) -> Until<WaitingWhile<H, T, C, F>, D>
    where
        F: FnMut(&mut T) -> bool,
        D: Future,
    {
        self.wait_while(condition, holds).until(deadline)
    }

    /// Leaves the monitor and waits for `condition` on this thread, for at most `timeout` and until it is back inside: short
    /// for `wait(condition).wait_timeout(timeout)`. Never call it inside a task.
    #[cfg(feature = "std")]
    pub fn wait_timeout(self, condition: C, timeout: core::time::Duration) -> (Self, Ended) {
        self.wait(condition).wait_timeout(timeout)
    }
}
