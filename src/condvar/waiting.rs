//! Waiting for a condition variable.

use alloc::sync::Arc;
use core::marker::PhantomData;
use core::ops::Deref;

use super::condvar::Condvar;
use crate::mutex::{ConditionWait, Guard, Mutex, Queues, Site, WaitTimeoutResult, WaitWhile};
use crate::record::{Origin, WaitRecord};
use crate::wait::{LockStamp, Primitive, named_future};

/// A condition variable, used with a mutex around a `T`. `V` is `&Condvar` or `Arc<Condvar>`.
pub(crate) struct CondvarWith<V, T: ?Sized> {
    condvar: V,
    _data: PhantomData<fn(&T)>,
}

impl<V, T: ?Sized> CondvarWith<V, T> {
    #[cfg_attr(feature = "inspect", track_caller)]
    fn wait<H>(condvar: V, guard: Guard<H>) -> ConditionWait<H, Self>
    where
        H: Deref<Target = Mutex<T>>,
        V: Deref<Target = Condvar>,
    {
        ConditionWait::new(Self { condvar, _data: PhantomData }, guard)
    }
}

impl<V: Deref<Target = Condvar>, T: ?Sized> Site for CondvarWith<V, T> {
    type Owner = Mutex<T>;

    const UNLOCK_WAKES: bool = false;

    fn record(&self, mutex: &Mutex<T>, record: &mut WaitRecord, origin: Origin<'_>) {
        record.begin_condition(self.condvar.queue.tag(), Primitive::lock(mutex).tag(), origin, || None);
    }

    #[inline(always)]
    fn decide<R>(&self, mutex: &Mutex<T>, decision: impl FnOnce(&mut Queues<'_>) -> R) -> R {
        // Always in this order: the lock of the condition variable, then that of the mutex.
        let mut state = self.condvar.queue.lock();
        let lock = LockStamp::of(&state);
        let state = &mut *state;
        let mut raw = Primitive::lock(mutex).lock();
        let mutex_lock = Some(LockStamp::of(&raw));
        decision(&mut Queues {
            condition: &mut state.condition,
            notified: &mut state.notified,
            mutex: &mut raw,
            lock,
            mutex_lock,
            mutexes: Some((&mut state.mutex, core::ptr::from_ref(Primitive::lock(mutex)).addr())),
            watched: false,
        })
    }
}

impl Condvar {
    /// Unlocks the mutex and waits. Returns the guard when it was notified and has locked the mutex again.
    ///
    /// It takes the guard by value, borrowed or owned, and returns one of the same type. The wait begins with the first
    /// poll, and until then the mutex stays locked. After a notification others may lock the mutex first and change the
    /// data. So call it in a `while` loop, or use [`wait_while`](Self::wait_while).
    ///
    /// With a deadline it returns the guard, too: it locks the mutex again, and says in a
    /// [`WaitTimeoutResult`](crate::WaitTimeoutResult) whether it was notified. Once notified it returns `Notified`,
    /// whatever its deadline.
    ///
    /// # Cancel safety
    /// **A dropped wait has unlocked the mutex.** If it was notified, the notification goes to the longest waiter that
    /// was already waiting at the latest notification. If there is none, it is lost.
    ///
    /// # Panics
    /// The future panics at its first poll if others wait for this condition variable with another mutex. The mutex of
    /// the guard is unlocked.
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
    #[cfg_attr(feature = "inspect", track_caller)]
    pub fn wait<H, T>(&self, guard: Guard<H>) -> CondvarWaiting<H, &Self, T>
    where
        H: Deref<Target = Mutex<T>>,
        T: ?Sized,
    {
        CondvarWaiting::new(CondvarWith::wait(self, guard))
    }

    /// Waits while `holds` returns `true`. The predicate is called with the mutex locked, before each wait.
    ///
    /// If it still holds after a notification, the waiter joins the queue again at the back, and newcomers may have
    /// passed it each time. With a deadline, `TimedOut` says that the predicate still holds.
    ///
    /// # Cancel safety
    /// As [`wait`](Self::wait).
    ///
    /// # Panics
    /// As [`wait`](Self::wait), when it has to wait.
    #[cfg_attr(feature = "inspect", track_caller)]
    pub fn wait_while<H, T, F>(&self, guard: Guard<H>, holds: F) -> CondvarWaitingWhile<H, &Self, T, F>
    where
        H: Deref<Target = Mutex<T>>,
        T: ?Sized,
        F: FnMut(&mut T) -> bool,
    {
        CondvarWaitingWhile::new(WaitWhile::new(CondvarWith::wait(self, guard), holds))
    }

    /// Like [`wait`](Self::wait), but keeps the `Arc`. With an owned guard the future borrows nothing.
    ///
    /// # Cancel safety
    /// As [`wait`](Self::wait).
    ///
    /// # Panics
    /// As [`wait`](Self::wait).
    #[cfg_attr(feature = "inspect", track_caller)]
    pub fn wait_owned<H, T>(self: &Arc<Self>, guard: Guard<H>) -> CondvarWaiting<H, Arc<Self>, T>
    where
        H: Deref<Target = Mutex<T>>,
        T: ?Sized,
    {
        CondvarWaiting::new(CondvarWith::wait(Arc::clone(self), guard))
    }

    /// Like [`wait_while`](Self::wait_while), but keeps the `Arc`.
    ///
    /// # Cancel safety
    /// As [`wait`](Self::wait).
    ///
    /// # Panics
    /// As [`wait_while`](Self::wait_while).
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
    #[cfg_attr(feature = "inspect", track_caller)]
    pub fn wait_while_owned<H, T, F>(
        self: &Arc<Self>,
        guard: Guard<H>,
        holds: F,
    ) -> CondvarWaitingWhile<H, Arc<Self>, T, F>
    where
        H: Deref<Target = Mutex<T>>,
        T: ?Sized,
        F: FnMut(&mut T) -> bool,
    {
        CondvarWaitingWhile::new(WaitWhile::new(CondvarWith::wait(Arc::clone(self), guard), holds))
    }

    /// Waits on this thread. Short for `wait(guard).wait()`. Never call it inside a task.
    ///
    /// # Panics
    /// As [`wait`](Self::wait).
    #[cfg(feature = "std")]
    #[cfg_attr(feature = "inspect", track_caller)]
    pub fn wait_blocking<H, T>(&self, guard: Guard<H>) -> Guard<H>
    where
        H: Deref<Target = Mutex<T>>,
        T: ?Sized,
    {
        self.wait(guard).wait()
    }

    /// Waits on this thread. Short for `wait_while(guard, holds).wait()`. Never call it inside a task.
    ///
    /// # Panics
    /// As [`wait_while`](Self::wait_while).
    #[cfg(feature = "std")]
    #[cfg_attr(feature = "inspect", track_caller)]
    pub fn wait_while_blocking<H, T, F>(&self, guard: Guard<H>, holds: F) -> Guard<H>
    where
        H: Deref<Target = Mutex<T>>,
        T: ?Sized,
        F: FnMut(&mut T) -> bool,
    {
        self.wait_while(guard, holds).wait()
    }
}

named_future! {
    /// Waits for a [`Condvar`]. Returned by [`Condvar::wait`] and [`Condvar::wait_owned`]. `H` is the handle of the
    /// guard on its mutex, `V` is `&Condvar` or `Arc<Condvar>`.
    ///
    /// # Cancel safety
    /// **It took the guard by value, so a dropped wait has unlocked the mutex.** If it was notified, the notification
    /// goes to the longest waiter that was already waiting at the latest notification. If there is none, it is lost. A
    /// mutex that was already handed over goes to the next waiter in its line.
    pub struct CondvarWaiting[H, V, T] where [
        H: Deref<Target = Mutex<T>>, V: Deref<Target = Condvar>, T: ?Sized
    ] = ConditionWait<H, CondvarWith<V, T>> => Guard<H>, until (Guard<H>, WaitTimeoutResult);
}

named_future! {
    /// Waits for a [`Condvar`] while a predicate holds. Returned by [`Condvar::wait_while`] and
    /// [`Condvar::wait_while_owned`].
    ///
    /// # Cancel safety
    /// As [`CondvarWaiting`]: a dropped wait has unlocked the mutex.
    pub struct CondvarWaitingWhile[H, V, T, F] where [
        H: Deref<Target = Mutex<T>>, V: Deref<Target = Condvar>, T: ?Sized, F: FnMut(&mut T) -> bool
    ] = WaitWhile<H, CondvarWith<V, T>, F> => Guard<H>, until (Guard<H>, WaitTimeoutResult);
}
