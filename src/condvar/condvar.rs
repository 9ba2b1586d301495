//! The condition variable.

use core::fmt;

use super::state::CondvarState;
use crate::lock::Lock;
use crate::primitive::const_fn;
use crate::record::Kind;

/// A condition variable: it waits until something is true of what a [`Mutex`](crate::Mutex) protects, and unlocks the
/// mutex meanwhile.
///
/// It is that of `std`, for tasks and threads. If you can choose, use a [`Monitor`](crate::Monitor): named conditions,
/// data and mutual exclusion in one type.
///
/// | Guarantee | |
/// |---|---|
/// | Fairness | waiters are notified first come, first served, and then queue for the mutex |
/// | | **newcomers may pass a notified waiter at the mutex** until it is polled, or requeued to the line of the mutex |
/// | | in that line the [`Fairness`](crate::Fairness) of the mutex decides |
/// | Cancellation | O(1); a dropped wait **has unlocked the mutex** |
/// | Notifications | never spurious; one without a waiter is lost |
/// | | one whose waiter gave up goes to the longest waiter that was already waiting at the latest notification, |
/// | | else it is lost |
/// | No herd | only the first notified waiter is woken; when it is polled the others are requeued behind it, asleep |
/// | | **a notified waiter that is neither polled nor dropped holds back those that were notified after it** |
/// | Deadlines | once notified, a `wait` returns `Notified`, whatever its deadline |
/// | | a late `wait_while` returns `TimedOut` if its predicate still holds, else `Notified` |
/// | Happens-before | what comes before an unlock happens before the next lock returns, also across a wait |
/// | Allocation | none; a waiter lives in its future |
/// | Panics while held | unwinding unlocks; there is no poisoning, so **data may be half-changed after a panic** |
///
/// Notify with or without the mutex locked. With a thousand waiters [`notify_all`](Self::notify_all) costs a thousand
/// wake-ups and polls, one after the other, and one more if the first waiter finds the mutex locked. So drop the guard
/// soon after it.
///
/// **One mutex at a time**: all waiters at the same time use the same mutex. Another mutex can be used when the last of
/// them has been requeued to the line of the mutex, has locked it, or was dropped.
///
/// **A forgotten future stays in the queue.** It binds the condition variable to its mutex, and once it is notified it
/// holds back the others as above.
///
/// # Examples
/// A bounded buffer:
/// ```
/// use sempost::{Condvar, Mutex};
///
/// static BUFFER: Mutex<Vec<u32>> = Mutex::new(Vec::new());
/// static NOT_FULL: Condvar = Condvar::new();
/// static NOT_EMPTY: Condvar = Condvar::new();
///
/// async fn put(item: u32) {
///     let mut buffer = NOT_FULL.wait_while(BUFFER.lock().await, |b| b.len() == 8).await;
///     buffer.push(item);
///     NOT_EMPTY.notify_one();
/// }
///
/// async fn take() -> u32 {
///     let mut buffer = NOT_EMPTY.wait_while(BUFFER.lock().await, |b| b.is_empty()).await;
///     let item = buffer.remove(0);
///     NOT_FULL.notify_one();
///     item
/// }
///
/// # futures::executor::block_on(async {
/// let (item, ()) = futures::join!(take(), put(7));
/// assert_eq!(item, 7);
/// # });
/// ```
pub struct Condvar {
    pub(super) queue: Lock<CondvarState>,
}

impl Condvar {
    const_fn! {
        /// Makes a condition variable.
        #[cfg_attr(feature = "inspect", track_caller)]
        pub const fn new() -> Self {
            Self { queue: Lock::of(Kind::Condvar, CondvarState::new()) }
        }
    }
}

impl Condvar {
    /// Which primitive it is, for records.
    #[cfg(feature = "inspect")]
    pub(crate) fn tag(&self) -> &crate::record::Tag {
        self.queue.tag()
    }
}

impl Default for Condvar {
    #[cfg_attr(feature = "inspect", track_caller)]
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Condvar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = self.queue.lock();
        let (waiting, notified) = (state.waiting(), state.notified());
        drop(state);
        f.debug_struct("Condvar").field("waiters", &waiting).field("notified", &notified).finish()
    }
}

#[cfg(feature = "inspect")]
impl crate::record::Shown for CondvarState {}
