//! What one can do inside a monitor.

use alloc::sync::Arc;
use core::ops::Deref;

use super::state::Stay;
use super::waiting::WaitFor;
use super::{Conditions, Monitor, Waiting, WaitingWhile};
use crate::mutex::{Held, WaitWhile};
use crate::wait::{TURN, Wait, decide};

/// Being inside a [`Monitor`]; dropping it leaves. A guard that moves into another task or thread is an
/// [`OwnedMonitorGuard`], of [`enter_owned`](Monitor::enter_owned).
pub type MonitorGuard<'a, T, C> = Held<&'a Monitor<T, C>>;

/// Like [`MonitorGuard`], but keeps the `Arc`.
pub type OwnedMonitorGuard<T, C> = Held<Arc<Monitor<T, C>>>;

impl<H, T, C> Held<H>
where
    H: Deref<Target = Monitor<T, C>>,
    T: ?Sized,
    C: Conditions,
{
    /// Leaves the monitor and waits for `condition`; answers the guard once somebody notified it and the monitor is free.
    ///
    /// It takes the guard by value: the wait begins with the first poll, and until then the guard stays inside.
    /// Use it in a `while`, or [`wait_while`](Self::wait_while), unless
    /// [`signal_and_leave`](Self::signal_and_leave) is the only signal in use: between a notification and the entering
    /// others may be inside.
    ///
    /// # Cancel safety
    /// **A dropped wait has left the monitor.** A notification that it was given goes to the longest waiter who was already
    /// waiting when it was given.
    pub fn wait(self, condition: C) -> Waiting<H, T, C> {
        Waiting::new(self.waiting(condition))
    }

    /// Waits for `condition` for as long as `holds` says so; it is asked before each wait, inside the monitor.
    ///
    /// A waiter whose predicate still holds after a notification joins its condition at the back.
    ///
    /// # Cancel safety
    /// As [`wait`](Self::wait).
    pub fn wait_while<F>(self, condition: C, holds: F) -> WaitingWhile<H, T, C, F>
    where
        F: FnMut(&mut T) -> bool,
    {
        WaitingWhile::new(WaitWhile::new(self.waiting(condition), holds))
    }

    fn waiting(self, condition: C) -> Wait<H, WaitFor<C, T>> {
        Wait::new(self.into_owner(), WaitFor::new(condition), Stay::default())
    }

    /// Notifies the longest waiter of `condition`: it joins the back of the door's line. Answers whether there was one;
    /// if not, the notification is lost.
    #[doc(alias = "signal")]
    pub fn notify_one(&self, condition: C) -> bool {
        self.notify_many(condition, 1) == 1
    }

    /// Notifies up to `n` waiters of `condition`, in the order in which they came. Answers how many.
    ///
    /// They are moved to the door, not woken: each is woken when it is its turn to enter. O(number notified), in turns of
    /// 64 under the lock.
    pub fn notify_many(&self, condition: C, n: usize) -> usize {
        let index = condition.index();
        let mut notified = 0;
        loop {
            // Nobody begins to wait while we are inside, so the moment is the same in every turn.
            let moved = self.owner().inside.lock().notify(index, n - notified);
            notified += moved;
            if moved < TURN || notified == n {
                return notified;
            }
        }
    }

    /// Notifies everybody who waits for `condition`. Answers how many.
    #[doc(alias("broadcast", "signal_all"))]
    pub fn notify_all(&self, condition: C) -> usize {
        self.notify_many(condition, usize::MAX)
    }

    /// Leaves, and hands the monitor straight to the longest waiter of `condition`, ahead of everybody at the door.
    /// Answers whether there was one; if not, this is a plain leave.
    ///
    /// What the signaller established holds when the waiter enters, so that `if` is enough around its `wait`. If the waiter
    /// was dropped, the next who waited at the time gets the monitor, else the door.
    ///
    /// **Two tasks that signal each other for ever starve the door.**
    pub fn signal_and_leave(self, condition: C) -> bool {
        let index = condition.index();
        let monitor = self.into_owner();
        decide(&*monitor, |inside, effects| inside.signal_and_leave(index, effects))
    }

    /// The handle on the monitor one is in: a reference that can be copied out and outlives the guard, or an `Arc` that can
    /// be cloned.
    ///
    /// # Examples
    /// ```
    /// # use std::sync::Arc;
    /// # sempost::conditions! { enum Door { Open } }
    /// let inside = Arc::new(sempost::Monitor::<u32, Door>::new(7)).try_enter_owned().unwrap();
    /// let monitor = Arc::clone(inside.monitor());
    /// drop(inside);
    /// assert_eq!(*monitor.try_enter().unwrap(), 7);
    /// ```
    pub fn monitor(&self) -> &H {
        self.owner()
    }
}
