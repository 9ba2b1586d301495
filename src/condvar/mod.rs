//! Layer 4: the condition variable, for those who bring their own mutex.

mod lobby;
mod until;
mod waiting;

use alloc::sync::Arc;
use core::fmt;
use core::ops::Deref;

use lobby::Lobby;
use waiting::Passage;
pub use waiting::{CondvarWaiting, CondvarWaitingWhile};

use crate::lock::Lock;
use crate::mutex::{Exclusion, Held, Mutex, WaitWhile};
use crate::primitive::const_fn;
use crate::wait::{Core, Wake};

/// A condition variable: waits for something to become true of what a [`Mutex`] shelters, and gives the mutex up meanwhile.
///
/// It is `std`'s, for tasks and threads. Whoever may choose takes a [`Monitor`](crate::Monitor), which has named
/// conditions, data and exclusion in one type.
///
/// | Guarantee | |
/// |---|---|
/// | Fairness | first come, first served; who is notified then waits for the mutex in its line, as its [`Fairness`](crate::Fairness) says |
/// | Cancellation | O(1); a dropped wait **has released the mutex**, and passes its notification on to the next who waits |
/// | Wake-ups | a wait ends by exactly one notification, never spuriously; a notification nobody waits for is lost; one whose waiter gave up goes to the longest waiter that there is by then with the same mutex |
/// | No herd | of those who are notified together the first is woken; it takes the others along into the mutex's line, where each is woken when it is its turn |
/// | Happens-before | everything before an unlock happened before what follows the next lock; so it is across a wait |
/// | Allocation | none; a waiter lives in its future |
/// | Panics | as the mutex: the guard unlocks while unwinding; no poisoning, so **data may be half-changed after a panic** |
///
/// To notify is O(1), whatever the number, with the mutex in hand or without. A thousand waiters and one
/// [`notify_all`](Self::notify_all) cost a thousand wake-ups and polls, each in its turn – and one more if the first of
/// them comes while the mutex is still held. So it is best to let go of the guard before anything is awaited.
///
/// **One mutex at a time**: all who wait at the same time use the same mutex. When the last of them has gone to the mutex's
/// line – notified *and* polled, or dropped – it may be another.
///
/// **A notified future that nobody polls or drops holds up those who were notified after it**, as it would holding the
/// mutex. One that was forgotten waits for ever, and keeps the condition variable to its mutex.
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
    lobby: Lock<Lobby>,
}

impl Condvar {
    const_fn! {
        /// Makes a condition variable that nobody waits for.
        pub const fn new() -> Self {
            Self { lobby: Lock::new(Lobby::new()) }
        }
    }

    /// Releases the mutex and waits; answers the guard once somebody notified it and the mutex is free.
    ///
    /// It takes the guard by value, borrowed or owned, and answers one of the same type. The wait begins with the first
    /// poll, and until then the guard keeps the mutex. Use it in a `while`, or [`wait_while`](Self::wait_while): between a
    /// notification and the locking others may have had the mutex.
    ///
    /// # Cancel safety
    /// **A dropped wait has released the mutex.** A notification that it was given goes to the next who waits.
    ///
    /// # Panics
    /// The future, at its first poll, if others wait for this condition variable with another mutex. The guard is released.
    ///
    /// # Examples
    /// ```
    /// # use sempost::{Condvar, Mutex};
    /// # futures::executor::block_on(async {
    /// let (ready, changed) = (Mutex::new(false), Condvar::new());
    /// let waits = async {
    ///     let mut guard = ready.lock().await;
    ///     while !*guard {
    ///         guard = changed.wait(guard).await;
    ///     }
    /// };
    /// let notifies = async {
    ///     *ready.lock().await = true;
    ///     assert!(changed.notify_one());
    /// };
    /// futures::join!(waits, notifies);
    /// # });
    /// ```
    pub fn wait<H, T>(&self, guard: Held<H>) -> CondvarWaiting<H, &Self, T>
    where
        H: Deref<Target = Mutex<T>>,
        T: ?Sized,
    {
        CondvarWaiting::new(Passage::new(self, guard))
    }

    /// Waits for as long as `holds` says so; it is asked before each wait, with the mutex in hand.
    ///
    /// A waiter whose predicate still holds after a notification waits again, behind the others.
    ///
    /// # Cancel safety
    /// As [`wait`](Self::wait).
    ///
    /// # Panics
    /// As [`wait`](Self::wait), when it has to wait.
    pub fn wait_while<H, T, F>(&self, guard: Held<H>, holds: F) -> CondvarWaitingWhile<H, &Self, T, F>
    where
        H: Deref<Target = Mutex<T>>,
        T: ?Sized,
        F: FnMut(&mut T) -> bool,
    {
        CondvarWaitingWhile::new(WaitWhile::new(Passage::new(self, guard), holds))
    }

    /// Like [`wait`](Self::wait), but keeps the `Arc`: with an owned guard the future borrows nothing.
    ///
    /// # Cancel safety
    /// As [`wait`](Self::wait).
    ///
    /// # Panics
    /// As [`wait`](Self::wait).
    ///
    /// # Examples
    /// ```
    /// # use std::sync::Arc;
    /// # use sempost::{Condvar, Mutex};
    /// let (count, changed) = (Arc::new(Mutex::new(0)), Arc::new(Condvar::new()));
    /// let guard = count.try_lock_owned().unwrap();
    /// let waits = std::thread::spawn({
    ///     let waiting = changed.wait_while_owned(guard, |n| *n == 0);
    ///     move || *waiting.wait()
    /// });
    /// *count.lock_blocking() = 7;
    /// changed.notify_one();
    /// assert_eq!(waits.join().unwrap(), 7);
    /// ```
    pub fn wait_owned<H, T>(self: &Arc<Self>, guard: Held<H>) -> CondvarWaiting<H, Arc<Self>, T>
    where
        H: Deref<Target = Mutex<T>>,
        T: ?Sized,
    {
        CondvarWaiting::new(Passage::new(Arc::clone(self), guard))
    }

    /// Like [`wait_while`](Self::wait_while), but keeps the `Arc`.
    ///
    /// # Cancel safety
    /// As [`wait`](Self::wait).
    ///
    /// # Panics
    /// As [`wait_while`](Self::wait_while).
    pub fn wait_while_owned<H, T, F>(
        self: &Arc<Self>,
        guard: Held<H>,
        holds: F,
    ) -> CondvarWaitingWhile<H, Arc<Self>, T, F>
    where
        H: Deref<Target = Mutex<T>>,
        T: ?Sized,
        F: FnMut(&mut T) -> bool,
    {
        CondvarWaitingWhile::new(WaitWhile::new(Passage::new(Arc::clone(self), guard), holds))
    }

    /// Waits on this thread: short for `wait(guard).wait()`. Never call it inside a task.
    ///
    /// # Panics
    /// As [`wait`](Self::wait).
    #[cfg(feature = "std")]
    pub fn wait_blocking<H, T>(&self, guard: Held<H>) -> Held<H>
    where
        H: Deref<Target = Mutex<T>>,
        T: ?Sized,
    {
        self.wait(guard).wait()
    }

    /// Waits on this thread: short for `wait_while(guard, holds).wait()`. Never call it inside a task.
    ///
    /// # Panics
    /// As [`wait_while`](Self::wait_while).
    #[cfg(feature = "std")]
    pub fn wait_while_blocking<H, T, F>(&self, guard: Held<H>, holds: F) -> Held<H>
    where
        H: Deref<Target = Mutex<T>>,
        T: ?Sized,
        F: FnMut(&mut T) -> bool,
    {
        self.wait_while(guard, holds).wait()
    }

    /// Notifies the longest waiter. Answers whether there was one; if not, the notification is lost.
    #[doc(alias = "signal")]
    pub fn notify_one(&self) -> bool {
        self.notify_many(1) == 1
    }

    /// Notifies up to `n` waiters, in the order in which they came. Answers how many.
    ///
    /// At most one is woken. It takes the others into the mutex's line when it is polled, and each of them is woken when it
    /// is its turn to have the mutex. O(1); to take them along is O(number notified), in turns of 64 under the locks.
    pub fn notify_many(&self, n: usize) -> usize {
        let mut tell = None;
        let notified = self.lobby.lock().notify(n, &mut tell);
        Wake::tell(&mut tell);
        notified
    }

    /// A notification whose waiter gave up goes to the next, if there is one who waits with the same mutex.
    fn pass_on(&self, mutex: &Exclusion) {
        let mut tell = None;
        self.lobby.lock().pass_on(mutex, &mut tell);
        Wake::tell(&mut tell);
    }

    /// Notifies everybody who waits. Answers how many.
    #[doc(alias("broadcast", "signal_all"))]
    pub fn notify_all(&self) -> usize {
        self.notify_many(usize::MAX)
    }

    /// How many wait and have not been notified. (Those who have, and have not gone to the mutex's line yet, still keep the
    /// condition variable to their mutex.)
    pub fn waiters(&self) -> usize {
        self.lobby.lock().waiting()
    }
}

impl Core for Condvar {
    type State = Lobby;

    #[inline(always)]
    fn lock(&self) -> &Lock<Lobby> {
        &self.lobby
    }
}

impl Default for Condvar {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Condvar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lobby = self.lobby.lock();
        let (waiting, notified) = (lobby.waiting(), lobby.notified());
        drop(lobby);
        f.debug_struct("Condvar").field("waiters", &waiting).field("notified", &notified).finish()
    }
}
