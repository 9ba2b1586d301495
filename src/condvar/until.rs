//! Waiting for a condition variable until a deadline: whoever is late goes to the mutex's line, and answers the guard.

use core::future::Future;
use core::ops::Deref;

use super::{Condvar, CondvarWaiting, CondvarWaitingWhile};
use crate::mutex::{Held, Mutex};
use crate::wait::Until;

impl Condvar {
    /// Releases the mutex and waits until `deadline`, which is any future, is ready: short for
    /// `wait(guard).until(deadline)`. Answers the guard **in any case**, and whether it was notified.
    ///
    /// When the deadline comes first, the waiter goes to the back of the mutex's line and locks in its turn, however long
    /// that takes. A notification that it was given, and that had not brought it there, goes to the next who waits.
    ///
    /// # Cancel safety
    /// As [`wait`](Self::wait): **a dropped wait has released the mutex**.
    ///
    /// # Panics
    /// As [`wait`](Self::wait).
    ///
    /// # Examples
    /// ```
    /// use std::future::ready;
    ///
    /// use sempost::{Condvar, Mutex};
    ///
    /// let (open, opened) = (Mutex::new(false), Condvar::new());
    /// # futures::executor::block_on(async {
    /// let deadline = ready(()); // or `tokio::time::sleep(…)`, `smol::Timer::after(…)`
    /// let (guard, ended) = opened.wait_until(open.lock().await, deadline).await;
    /// assert!(ended.is_elapsed() && !*guard);
    /// # });
    /// ```
    pub fn wait_until<H, T, D>(&self, guard: Held<H>, deadline: D) -> Until<CondvarWaiting<H, &Self, T>, D>
    where
        H: Deref<Target = Mutex<T>>,
        T: ?Sized,
        D: Future,
    {
        self.wait(guard).until(deadline)
    }

    /// Waits for as long as `holds` says so, until `deadline` is ready: short for `wait_while(guard, holds).until(deadline)`.
    /// Answers the guard **in any case**; the predicate is asked once more, and [`Elapsed`](crate::Ended::Elapsed) means
    /// that it still holds.
    ///
    /// # Cancel safety
    /// As [`wait`](Self::wait): **a dropped wait has released the mutex**.
    ///
    /// # Panics
    /// As [`wait_while`](Self::wait_while).
    pub fn wait_while_until<H, T, F, D>(
        &self,
        guard: Held<H>,
        holds: F,
        deadline: D,
    ) -> Until<CondvarWaitingWhile<H, &Self, T, F>, D>
    where
        H: Deref<Target = Mutex<T>>,
        T: ?Sized,
        F: FnMut(&mut T) -> bool,
        D: Future,
    {
        self.wait_while(guard, holds).until(deadline)
    }

    /// Waits on this thread, for at most `timeout` and until it has the mutex again: short for
    /// `wait(guard).wait_timeout(timeout)`. Never call it inside a task.
    ///
    /// # Panics
    /// As [`wait`](Self::wait).
    #[cfg(feature = "std")]
    pub fn wait_timeout<H, T>(&self, guard: Held<H>, timeout: core::time::Duration) -> (Held<H>, crate::Ended)
    where
        H: Deref<Target = Mutex<T>>,
        T: ?Sized,
    {
        self.wait(guard).wait_timeout(timeout)
    }
}
