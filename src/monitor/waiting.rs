//! Waiting for a condition, inside a monitor.

use alloc::format;
use core::marker::PhantomData;
use core::ops::Deref;

use super::conditions::Conditions;
use super::monitor::Monitor;
use crate::mutex::{ConditionWait, Guard, Queues, Site, WaitTimeoutResult, WaitWhile};
use crate::record::{Origin, WaitRecord};
use crate::wait::{LockStamp, Primitive, named_future};

/// A condition of a monitor, by its index.
pub(crate) struct ConditionOf<T: ?Sized, C> {
    condition: usize,
    _monitor: PhantomData<fn(C, &T)>,
}

impl<T: ?Sized, C: Conditions> Site for ConditionOf<T, C> {
    type Owner = Monitor<T, C>;

    const UNLOCK_WAKES: bool = true;

    fn record(&self, monitor: &Monitor<T, C>, record: &mut WaitRecord, origin: Origin<'_>) {
        let tag = monitor.lock().tag();
        record
            .begin_condition(tag, tag, origin, || C::ALL.get(self.condition).map(|condition| format!("{condition:?}")));
    }

    #[inline(always)]
    fn decide<R>(&self, monitor: &Monitor<T, C>, decision: impl FnOnce(&mut Queues<'_>) -> R) -> R {
        let mut state = monitor.lock().lock();
        let lock = LockStamp::of(&state);
        let watched = state.asleep() > 0;
        let (mutex, condition, notified) = state.parts(self.condition);
        decision(&mut Queues { condition, notified, mutex, lock, mutex_lock: None, mutexes: None, watched })
    }
}

impl<H, T, C> Guard<H>
where
    H: Deref<Target = Monitor<T, C>>,
    T: ?Sized,
    C: Conditions,
{
    /// Leaves the monitor and waits for `condition`. Returns the guard when it was notified and has entered again.
    ///
    /// It takes the guard by value. The wait begins with the first poll, and until then the guard stays inside. After a
    /// notification others may enter first and change the data. So call it in a `while` loop, or use
    /// [`wait_while`](Self::wait_while), unless [`signal_and_leave`](Self::signal_and_leave) is the only signal in use.
    ///
    /// With a deadline it returns the guard, too: it enters again, and says in a
    /// [`WaitTimeoutResult`](crate::WaitTimeoutResult) whether it was notified. Once notified it returns `Notified`,
    /// whatever its deadline.
    ///
    /// # Cancel safety
    /// **A dropped wait has left the monitor.** If it was notified, the notification goes to the longest waiter of this
    /// condition that was already waiting at its latest notification. If there is none, it is lost.
    #[cfg_attr(feature = "inspect", track_caller)]
    pub fn wait(self, condition: C) -> Waiting<H, T, C> {
        Waiting::new(self.waiting(condition))
    }

    /// Waits for `condition` while `holds` returns `true`. The predicate is called inside the monitor, before each
    /// wait.
    ///
    /// If it still holds after a notification, the waiter joins its condition again at the back, and newcomers may have
    /// passed it each time. With a deadline, `TimedOut` says that the predicate still holds.
    ///
    /// # Cancel safety
    /// As [`wait`](Self::wait).
    #[cfg_attr(feature = "inspect", track_caller)]
    pub fn wait_while<F>(self, condition: C, holds: F) -> WaitingWhile<H, T, C, F>
    where
        F: FnMut(&mut T) -> bool,
    {
        WaitingWhile::new(WaitWhile::new(self.waiting(condition), holds))
    }

    #[cfg_attr(feature = "inspect", track_caller)]
    fn waiting(self, condition: C) -> ConditionWait<H, ConditionOf<T, C>> {
        ConditionWait::new(ConditionOf { condition: condition.index(), _monitor: PhantomData }, self)
    }
}

named_future! {
    /// Waits for a condition of a [`Monitor`]. Returned by [`MonitorGuard::wait`](crate::MonitorGuard::wait).
    ///
    /// # Cancel safety
    /// **It took the guard by value, so a dropped wait has left the monitor.** If it was notified, the notification
    /// goes to the longest waiter of that condition that was already waiting at its latest notification. If there is
    /// none, it is lost. A monitor that was already handed over goes to the next waiter.
    pub struct Waiting[H, T, C] where [H: Deref<Target = Monitor<T, C>>, T: ?Sized, C: Conditions]
        = ConditionWait<H, ConditionOf<T, C>> => Guard<H>, until (Guard<H>, WaitTimeoutResult);
}

named_future! {
    /// Waits for a condition while a predicate holds. Returned by
    /// [`MonitorGuard::wait_while`](crate::MonitorGuard::wait_while).
    ///
    /// # Cancel safety
    /// As [`Waiting`]: a dropped wait has left the monitor.
    pub struct WaitingWhile[H, T, C, F] where [
        H: Deref<Target = Monitor<T, C>>, T: ?Sized, C: Conditions, F: FnMut(&mut T) -> bool
    ] = WaitWhile<H, ConditionOf<T, C>, F> => Guard<H>, until (Guard<H>, WaitTimeoutResult);
}
