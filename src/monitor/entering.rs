//! Entering a monitor.

use alloc::sync::Arc;
use core::ops::Deref;

use super::conditions::Conditions;
use super::monitor::Monitor;
use crate::mutex::{Enter, Guard};
use crate::record::Origin;
use crate::wait::{Elapsed, Ticket, Wait, attempt, named_future};

/// Exclusive access to a [`Monitor`]. Dropping it leaves the monitor. It borrows the monitor. An [`OwnedMonitorGuard`],
/// from [`enter_owned`](Monitor::enter_owned), can move into another task or thread.
pub type MonitorGuard<'a, T, C> = Guard<&'a Monitor<T, C>>;

/// Like [`MonitorGuard`], but keeps the `Arc`.
pub type OwnedMonitorGuard<T, C> = Guard<Arc<Monitor<T, C>>>;

impl<T: ?Sized, C: Conditions> Monitor<T, C> {
    /// Waits for the monitor and enters it.
    ///
    /// The guard borrows the monitor. [`enter_owned`](Self::enter_owned) returns one that can move into another task or
    /// thread.
    ///
    /// # Cancel safety
    /// Dropping the future leaves the line. A monitor that was already handed over goes to the next waiter.
    #[inline(always)]
    #[cfg_attr(feature = "inspect", track_caller)]
    pub fn enter(&self) -> Entering<&Self, T, C> {
        Entering::new(Wait::new(self, Enter::new(), Ticket::new()))
    }

    /// Like [`enter`](Self::enter), but keeps the `Arc`.
    ///
    /// # Cancel safety
    /// As [`enter`](Self::enter).
    ///
    /// # Examples
    /// ```
    /// # use std::sync::Arc;
    /// # sempost::conditions! { enum Door { Open } }
    /// # futures::executor::block_on(async {
    /// let monitor = Arc::new(sempost::Monitor::<u32, Door>::new(0));
    /// let mut guard: sempost::OwnedMonitorGuard<u32, Door> = monitor.enter_owned().await;
    /// *guard += 1;
    /// assert!(!guard.notify_one(Door::Open), "there is no waiter");
    /// # });
    /// ```
    #[cfg_attr(feature = "inspect", track_caller)]
    pub fn enter_owned(self: &Arc<Self>) -> Entering<Arc<Self>, T, C> {
        Entering::new(Wait::new(Arc::clone(self), Enter::new(), Ticket::new()))
    }

    /// Enters the monitor if it is free, also before notified waiters that have not been polled. With another
    /// [`Fairness`](crate::Fairness) than `Fifo` it may also pass waiters in the entry line.
    ///
    /// It never parks, unless the feature `os-lock` or `inspect` is on. It must not be called from a signal handler.
    #[inline(always)]
    #[cfg_attr(feature = "inspect", track_caller)]
    pub fn try_enter(&self) -> Option<MonitorGuard<'_, T, C>> {
        let origin = Origin::here();
        attempt(self, &mut Enter::new(), &mut Ticket::new()).map(|()| Guard::new(self, origin))
    }

    /// Like [`try_enter`](Self::try_enter), but keeps the `Arc`.
    #[cfg_attr(feature = "inspect", track_caller)]
    pub fn try_enter_owned(self: &Arc<Self>) -> Option<OwnedMonitorGuard<T, C>> {
        let origin = Origin::here();
        attempt(&**self, &mut Enter::new(), &mut Ticket::new()).map(|()| Guard::new(Arc::clone(self), origin))
    }

    /// Waits for the monitor on this thread. Short for `enter().wait()`. Never call it inside a task.
    #[cfg(feature = "std")]
    #[inline]
    #[cfg_attr(feature = "inspect", track_caller)]
    pub fn enter_blocking(&self) -> MonitorGuard<'_, T, C> {
        self.enter().wait()
    }
}

named_future! {
    /// Waits to enter a [`Monitor`]. Returned by [`Monitor::enter`] and [`Monitor::enter_owned`]. `H` is
    /// `&Monitor<T, C>` or `Arc<Monitor<T, C>>`.
    ///
    /// It is a future and not yet a guard: write `monitor.enter().await`, or `monitor.enter_blocking()` on a thread.
    ///
    /// # Cancel safety
    /// Dropping it leaves the line. A monitor that was already handed over, or a wake-up to retry, goes to the next
    /// waiter. Another `enter` joins at the back.
    pub struct Entering[H, T, C] where [H: Deref<Target = Monitor<T, C>>, T: ?Sized, C: Conditions]
        = Wait<H, Enter<Monitor<T, C>>>
        => Guard<H>: |monitor, _, (), origin| Guard::new(monitor, origin),
        until Result<Guard<H>, Elapsed>: Ok,
        elapsed: |_, _| Err(Elapsed);
}
