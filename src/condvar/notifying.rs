//! Notifying the waiters of a condition variable.

use super::condvar::Condvar;
use crate::wait::{TURN, Wake};

impl Condvar {
    /// Notifies the longest waiter. Returns whether there was one. If not, the notification is lost.
    #[doc(alias = "signal")]
    pub fn notify_one(&self) -> bool {
        self.notify_many(1) == 1
    }

    /// Notifies up to `n` waiters, in the order in which they came. Returns how many.
    ///
    /// It wakes at most the first, the *leader*. When the leader is polled it locks the mutex, or joins its line, and
    /// the other notified waiters are requeued to the line behind it. There each is woken when it is its turn to have
    /// the mutex. **Until then newcomers may pass them, and a leader that is neither polled nor dropped holds back the
    /// others.**
    ///
    /// O(number notified), in turns of 64 under the lock.
    pub fn notify_many(&self, n: usize) -> usize {
        let (mut notified, mut moment) = (0, None);
        loop {
            let mut to_wake = None;
            let mut state = self.queue.lock();
            // Waiters that come between two turns are not notified.
            let moment = *moment.get_or_insert_with(|| state.moment());
            let turn = state.notify(n - notified, moment, &mut to_wake);
            drop(state);
            notified += turn;
            Wake::wake_one(&mut to_wake);
            if turn < TURN || notified == n {
                return notified;
            }
        }
    }

    /// Notifies all waiters, as [`notify_many`](Self::notify_many) does. Returns how many.
    #[doc(alias("broadcast", "signal_all"))]
    pub fn notify_all(&self) -> usize {
        self.notify_many(usize::MAX)
    }

    /// Returns how many wait and have not been notified. (While there are notified waiters that have not been requeued,
    /// another mutex is still refused.)
    pub fn waiters(&self) -> usize {
        self.queue.lock().waiting()
    }
}
