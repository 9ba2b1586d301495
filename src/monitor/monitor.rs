//! The monitor: a mutex, the data that it protects, and named conditions.

use super::conditions::{Conditions, NoConditions};
use super::mark::{Due, Mark};
use super::state::{AskAndLeave, MonitorState};
use crate::lock::Lock;
use crate::mutex::{Exclusive, HasMutex, Protected, Unlock};
use crate::primitive::const_fn;
use crate::record::{Kind, Tag};
use crate::wait::{Effects, Fairness, Primitive};

/// A monitor: data, mutual exclusion and named conditions in one type, after C. A. R. Hoare (1974).
///
/// [`signal_and_leave`](crate::MonitorGuard::signal_and_leave) is the textbook's signal, given just before returning.
/// [`notify_one`](crate::MonitorGuard::notify_one), [`notify_many`](crate::MonitorGuard::notify_many) and
/// [`notify_all`](crate::MonitorGuard::notify_all) are those of Mesa (Lampson and Redell, 1980). And with
/// [`enter_when`](Self::enter_when) and [`wait_for`](crate::MonitorGuard::wait_for) nobody signals at all: a task waits
/// for a predicate, and [`plain`](Self::plain) makes a monitor that needs no conditions.
///
/// | Guarantee | |
/// |---|---|
/// | Fairness | first come, first served at the entry and at each condition |
/// | | **newcomers may pass a notified waiter** until it is polled, or requeued to the entry line |
/// | | [`with_fairness`](Self::with_fairness) lets newcomers pass the entry line, a number of times or always |
/// | Cancellation | O(1); a dropped wait **has left the monitor** |
/// | | a dropped wait for a predicate that was notified has those of the others called, as a leave does |
/// | Notifications | never spurious; one without a waiter is lost |
/// | | one whose waiter gave up goes to the longest waiter of that condition |
/// | | that was already waiting at its latest notification, else it is lost |
/// | No herd | a leave wakes the first notified waiter at most; the others sleep on, and come after it |
/// | | **a notified waiter that is neither polled nor dropped holds back the others until a leave finds a line** |
/// | Deadlines | once notified, a `wait` returns `Notified`, whatever its deadline |
/// | | a late `wait_while` returns `TimedOut` if its predicate still holds, else `Notified` |
/// | Happens-before | what comes before a leave happens before the next enter returns |
/// | Allocation | none; a waiter lives in its future. One if `enter_when` or `wait_for` has to wait, |
/// | | and now and then a larger table of those that wait so |
/// | Panics while held | unwinding leaves; there is no poisoning, so **data may be half-changed after a panic** |
///
/// **A granted future that is neither polled nor dropped holds the monitor.** `Debug` and
/// [`is_handed_over`](Self::is_handed_over) show that.
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
#[doc(alias = "watch")]
pub struct Monitor<T: ?Sized, C: Conditions = NoConditions> {
    pub(super) state: Lock<MonitorState<C::Queues>>,
    pub(super) mark: Mark,
    pub(super) protected: Protected<T>,
}

impl<T, C: Conditions> Monitor<T, C> {
    const_fn! {
        /// Makes a monitor around `value`.
        #[cfg_attr(feature = "inspect", track_caller)]
        pub const fn new(value: T) -> Self {
            Self::with_fairness(value, Fairness::Fifo)
        }
    }

    const_fn! {
        /// Makes a monitor around `value`. Newcomers may pass the entry line as far as `fairness` allows.
        ///
        /// # Examples
        /// ```
        /// use sempost::{Fairness, Monitor, conditions};
        ///
        /// conditions! { enum Jobs { Added } }
        ///
        /// static JOBS: Monitor<u32, Jobs> = Monitor::with_fairness(0, Fairness::Barging { overtakes: 8 });
        /// # assert!(JOBS.try_enter().is_some());
        /// ```
        #[cfg_attr(feature = "inspect", track_caller)]
        pub const fn with_fairness(value: T, fairness: Fairness) -> Self {
            Self {
                state: Lock::of(Kind::Monitor, MonitorState::new(fairness)),
                mark: Mark::new(),
                protected: Protected::new(value),
            }
        }
    }
}

impl<T> Monitor<T> {
    const_fn! {
        /// Makes a monitor without conditions: tasks wait for predicates, and nobody signals.
        ///
        /// # Examples
        /// ```
        /// static STOCK: sempost::Monitor<u32> = sempost::Monitor::plain(0);
        ///
        /// # futures::executor::block_on(async {
        /// let takes = async { *STOCK.enter_when(|stock| *stock >= 3).await -= 3 };
        /// let puts = async { *STOCK.enter().await += 5 };
        /// futures::join!(takes, puts);
        /// assert_eq!(*STOCK.enter().await, 2);
        /// # });
        /// ```
        #[cfg_attr(feature = "inspect", track_caller)]
        pub const fn plain(value: T) -> Self {
            Self::new(value)
        }
    }
}

impl<T: ?Sized, C: Conditions> Primitive for Monitor<T, C> {
    type State = MonitorState<C::Queues>;
    type Deferred = AskAndLeave;

    #[inline(always)]
    fn lock(&self) -> &Lock<Self::State> {
        &self.state
    }

    // Every leave serves the one waiter that can be served, so nothing is left to do.
    fn settle(_: &mut Self::State, _: &mut Effects<AskAndLeave>) {}

    fn finish(&self, AskAndLeave: AskAndLeave) {
        self.leave(self.state.lock());
    }
}

impl<T: ?Sized, C: Conditions> Unlock for Monitor<T, C> {
    #[inline(always)]
    fn unlock(&self) {
        let mut state = self.state.lock();
        if !state.unlock_fast() {
            self.leave(state);
        }
    }
}

impl<T: ?Sized, C: Conditions> Exclusive for Monitor<T, C> {
    type Data = T;

    #[inline(always)]
    fn protected(&self) -> &Protected<T> {
        &self.protected
    }

    #[inline(always)]
    fn tag(&self) -> &Tag {
        self.state.tag()
    }

    #[inline(always)]
    fn touch(&self) {
        self.mark.set(Due::All);
    }
}

impl<T: Default, C: Conditions> Default for Monitor<T, C> {
    #[cfg_attr(feature = "inspect", track_caller)]
    fn default() -> Self {
        Self::new(T::default())
    }
}

impl<T, C: Conditions> From<T> for Monitor<T, C> {
    #[cfg_attr(feature = "inspect", track_caller)]
    fn from(value: T) -> Self {
        Self::new(value)
    }
}
