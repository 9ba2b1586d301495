//! What a guard of a monitor can do beside waiting.

use core::ops::Deref;

use super::conditions::Conditions;
use super::monitor::Monitor;
use crate::mutex::{Exclusive, Guard};
use crate::wait::{Primitive, TURN, Wake};

impl<H, T, C> Guard<H>
where
    H: Deref<Target = Monitor<T, C>>,
    T: ?Sized,
    C: Conditions,
{
    /// Notifies the longest waiter of `condition`. Returns whether there was one. If not, the notification is lost.
    #[doc(alias = "signal")]
    pub fn notify_one(&self, condition: C) -> bool {
        self.notify_many(condition, 1) == 1
    }

    /// Notifies up to `n` waiters of `condition`, in the order in which they came. Returns how many.
    ///
    /// It wakes none of them. A leave that finds no line at the entry frees the monitor and wakes the first notified
    /// waiter, the *leader*, once. When the leader is polled it enters, and the leave after that wakes the next one. If
    /// others have entered meanwhile, it joins the entry line, and the other notified waiters are requeued to the line
    /// behind it. **Newcomers that find the monitor free may pass notified waiters, and a leader that is neither polled
    /// nor dropped holds back the others.**
    ///
    /// A leave that finds a line wakes no leader. It hands the monitor to the first of those that were notified when a
    /// leader last entered: they come before the line. If there is none, it requeues the notified waiters to the line,
    /// up to 64 a leave, and hands the monitor to the first in line. In the line each is woken when it is its turn.
    ///
    /// O(number notified), in turns of 64 under the lock.
    pub fn notify_many(&self, condition: C, n: usize) -> usize {
        let (index, lock) = (condition.index(), self.owner().lock());
        let (mut notified, mut moment) = (0, None);
        loop {
            let mut state = lock.lock();
            // No wait begins while this guard is alive, so the moment is the same in every turn.
            let moment = *moment.get_or_insert_with(|| state.moment());
            let turn = state.notify(index, n - notified, moment);
            notified += turn;
            if turn < TURN || notified == n {
                return notified;
            }
        }
    }

    /// Notifies all waiters of `condition`, as [`notify_many`](Self::notify_many) does. Returns how many.
    #[doc(alias("broadcast", "signal_all"))]
    pub fn notify_all(&self, condition: C) -> usize {
        self.notify_many(condition, usize::MAX)
    }

    /// Leaves, and hands the monitor directly to the longest waiter of `condition`, ahead of all others. Returns
    /// whether there was one. If not, this is a plain leave.
    ///
    /// No other task enters in between. So what the signaller established still holds when the waiter enters, and an
    /// `if` around its `wait` is enough. If that waiter is dropped before it is polled, the monitor goes to the next
    /// waiter of the condition that was already waiting at its latest signal or notification. If there is none, it is
    /// left as usual.
    ///
    /// **Two tasks that keep signalling each other starve the entry line.**
    pub fn signal_and_leave(self, condition: C) -> bool {
        let index = condition.index();
        let monitor = self.into_owner();
        let mut to_wake = None;
        let (signalled, left) = monitor.lock().lock().signal_and_leave(index, &mut to_wake);
        Wake::wake_one(&mut to_wake);
        // Then there was none to wake.
        left.into_iter().for_each(|left| monitor.finish(left));
        signalled
    }

    /// Notes that the data was changed. So the next leave calls the predicates of the waiters.
    ///
    /// Every `&mut` to the data notes that by itself. Only after a change through `&` (a `Cell`, an atomic, a lock
    /// inside the data) it has to be called.
    pub fn touch(&self) {
        self.owner().touch();
    }

    /// Returns the handle on the monitor: a reference, which can be copied and outlives the guard, or an `Arc`, which
    /// can be cloned.
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
