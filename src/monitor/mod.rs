//! Layer 4: the monitor.

mod conditions;
mod guard;
mod state;
mod until;
mod waiting;

use alloc::sync::Arc;
use core::fmt;
use core::ops::Deref;

pub use conditions::{Array, Conditions, Seal};
pub use guard::{MonitorGuard, OwnedMonitorGuard};
use state::Inside;
pub use waiting::{Waiting, WaitingWhile};

use crate::lock::Lock;
use crate::mutex::{Enter, Exclusive, Held, Shelter};
use crate::primitive::const_fn;
use crate::wait::{Core, Elapsed, Wait, attempt, named_future};

/// A monitor: data, exclusion and named conditions in one type, after C. A. R. Hoare (1974), with the lecture's rule that
/// a signal is given just before returning as [`signal_and_leave`](MonitorGuard::signal_and_leave), and Mesa's
/// notifications (Lampson and Redell, 1980) as `notify_one`, `notify_many` and `notify_all`.
///
/// | Guarantee | |
/// |---|---|
/// | Fairness | first come, first served at the door and at every condition; who is notified joins the *back* of the door's line |
/// | Cancellation | O(1); a dropped wait **has left the monitor**, and passes its notification on to who waited with it |
/// | Wake-ups | exactly one per notification, never spurious; a notification nobody waits for is lost |
/// | Happens-before | everything before leaving happened before what follows the next entering |
/// | Allocation | none; a waiter lives in its future |
/// | Panics while held | the guard leaves while unwinding; no poisoning, so **data may be half-changed after a panic** |
///
/// **A granted future that nobody polls or drops holds the monitor.** `Debug` and
/// [`is_handed_over`](Self::is_handed_over) show it.
///
/// It is not `Clone`: share it in an `Arc`, or make it a `static`.
///
/// # Examples
/// A bounded buffer:
/// ```
/// use sempost::{Monitor, conditions};
///
/// conditions! { enum Buffer { NotFull, NotEmpty } }
///
/// static BUFFER: Monitor<Vec<u32>, Buffer> = Monitor::new(Vec::new());
///
/// async fn put(item: u32) {
///     let mut buffer = BUFFER.enter().await.wait_while(Buffer::NotFull, |b| b.len() == 8).await;
///     buffer.push(item);
///     buffer.notify_one(Buffer::NotEmpty);
/// }
///
/// async fn take() -> u32 {
///     let mut buffer = BUFFER.enter().await.wait_while(Buffer::NotEmpty, |b| b.is_empty()).await;
///     let item = buffer.remove(0);
///     buffer.notify_one(Buffer::NotFull);
///     item
/// }
///
/// # futures::executor::block_on(async {
/// let (item, ()) = futures::join!(take(), put(7));
/// assert_eq!(item, 7);
/// # });
/// ```
pub struct Monitor<T: ?Sized, C: Conditions> {
    inside: Lock<Inside<C::Lines>>,
    shelter: Shelter<T>,
}

named_future! {
    /// Waits to enter a [`Monitor`]. Made by [`Monitor::enter`] and [`Monitor::enter_owned`].
    ///
    /// It is a future and not yet a guard: write `monitor.enter().await`, or `monitor.enter_blocking()` on a thread.
    ///
    /// # Cancel safety
    /// Dropping it leaves the line. A monitor that was handed over already goes to the next. Asking again joins at the back.
    pub struct Entering[H, T, C] where [H: Deref<Target = Monitor<T, C>>, T: ?Sized, C: Conditions]
        = Wait<H, Enter<Monitor<T, C>>> => Held<H>, until Result<Held<H>, Elapsed>;
}

impl<T, C: Conditions> Monitor<T, C> {
    const_fn! {
        /// Makes a monitor around `value`.
        pub const fn new(value: T) -> Self {
            Self { inside: Lock::new(Inside::new()), shelter: Shelter::new(value) }
        }
    }

    /// Takes the data out.
    pub fn into_inner(self) -> T {
        self.shelter.into_inner()
    }
}

impl<T: ?Sized, C: Conditions> Monitor<T, C> {
    /// Waits to enter.
    ///
    /// The guard borrows the monitor. For one that moves into another task or thread use
    /// [`enter_owned`](Self::enter_owned).
    ///
    /// # Cancel safety
    /// Dropping the future leaves the line; a monitor that was handed over already goes to the next.
    #[inline(always)]
    pub fn enter(&self) -> Entering<&Self, T, C> {
        Entering::new(Wait::new(self, Enter::new(), Default::default()))
    }

    /// Like [`enter`](Self::enter), but keeps the `Arc`.
    ///
    /// # Examples
    /// ```
    /// # use std::sync::Arc;
    /// # sempost::conditions! { enum Door { Open } }
    /// # futures::executor::block_on(async {
    /// let monitor = Arc::new(sempost::Monitor::<u32, Door>::new(0));
    /// let mut guard: sempost::OwnedMonitorGuard<u32, Door> = monitor.enter_owned().await;
    /// *guard += 1;
    /// assert!(!guard.notify_one(Door::Open), "nobody waits");
    /// # });
    /// ```
    pub fn enter_owned(self: &Arc<Self>) -> Entering<Arc<Self>, T, C> {
        Entering::new(Wait::new(Arc::clone(self), Enter::new(), Default::default()))
    }

    /// Enters if nobody is inside. It never parks; it may not be called from a signal handler.
    #[inline(always)]
    pub fn try_enter(&self) -> Option<MonitorGuard<'_, T, C>> {
        attempt(self, &mut Enter::new(), &mut Default::default()).map(|()| Held::new(self))
    }

    /// Like [`try_enter`](Self::try_enter), but keeps the `Arc`.
    pub fn try_enter_owned(self: &Arc<Self>) -> Option<OwnedMonitorGuard<T, C>> {
        attempt(&**self, &mut Enter::new(), &mut Default::default()).map(|()| Held::new(Arc::clone(self)))
    }

    /// Waits on this thread: short for `enter().wait()`. Never call it inside a task.
    #[cfg(feature = "std")]
    #[inline]
    pub fn enter_blocking(&self) -> MonitorGuard<'_, T, C> {
        self.enter().wait()
    }

    /// The data, without entering: `&mut self` proves that nobody is inside.
    pub fn get_mut(&mut self) -> &mut T {
        self.shelter.get_mut()
    }

    /// How many wait for `condition`. Those who were notified wait at the door: see [`entering`](Self::entering).
    pub fn waiters(&self, condition: C) -> usize {
        let index = condition.index();
        self.inside.lock().line(index).len()
    }

    /// How many wait at the door.
    pub fn entering(&self) -> usize {
        self.inside.lock().entering()
    }

    /// Whether it was handed to a waiter, of the door or of a condition, that has not been polled since. **A future that
    /// nobody polls or drops keeps it.**
    pub fn is_handed_over(&self) -> bool {
        let inside = self.inside.lock();
        inside.is_given(self.inside.memory().redeemed())
    }

    /// Whether somebody is inside.
    pub fn is_occupied(&self) -> bool {
        self.inside.lock().is_occupied()
    }
}

impl<T: ?Sized, C: Conditions> Core for Monitor<T, C> {
    type State = Inside<C::Lines>;

    #[inline(always)]
    fn lock(&self) -> &Lock<Inside<C::Lines>> {
        &self.inside
    }
}

impl<T: ?Sized, C: Conditions> Exclusive for Monitor<T, C> {
    type Data = T;

    #[inline(always)]
    fn shelter(&self) -> &Shelter<T> {
        &self.shelter
    }
}

impl<T: Default, C: Conditions> Default for Monitor<T, C> {
    fn default() -> Self {
        Self::new(T::default())
    }
}

impl<T, C: Conditions> From<T> for Monitor<T, C> {
    fn from(value: T) -> Self {
        Self::new(value)
    }
}

impl<T: ?Sized + fmt::Debug, C: Conditions> fmt::Debug for Monitor<T, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        struct Waiters<'a, T: ?Sized, C: Conditions>(&'a Monitor<T, C>);

        impl<T: ?Sized, C: Conditions> fmt::Debug for Waiters<'_, T, C> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_map().entries(C::ALL.iter().map(|&c| (c, self.0.waiters(c)))).finish()
            }
        }

        let mut shown = f.debug_struct("Monitor");
        match self.try_enter() {
            Some(data) => shown.field("data", &&*data),
            None => shown.field("data", &format_args!("<occupied>")),
        };
        shown.field("handed_over", &self.is_handed_over());
        shown.field("entering", &self.entering()).field("waiters", &Waiters(self)).finish()
    }
}
