//! Entering a monitor when a predicate holds.

use alloc::sync::Arc;
use core::fmt;
use core::ops::Deref;
use core::pin::Pin;
use core::task::{Poll, ready};

use pin_project_lite::pin_project;

use super::conditions::Conditions;
use super::entering::MonitorGuard;
use super::monitor::Monitor;
use super::waiting_for::WaitFor;
use crate::mutex::{Enter, Guard};
use crate::record::Origin;
use crate::wait::{Elapsed, NAME, Poller, Ticket, Wait, named_future};

pin_project! {
    /// A wait at the entry, and then for the predicate.
    pub(crate) struct EnterWhen<H, T, C, F>
    where
        H: Deref<Target = Monitor<T, C>>,
        T: 'static,
        C: Conditions,
    {
        #[pin]
        enter: Wait<H, Enter<Monitor<T, C>>>,
        #[pin]
        wait: WaitFor<H, T, C, F>,
    }
}

impl<H, T, C, F> EnterWhen<H, T, C, F>
where
    H: Deref<Target = Monitor<T, C>>,
    T: 'static,
    C: Conditions,
    F: Fn(&T) -> bool + Send + Sync + 'static,
{
    #[inline(always)]
    #[cfg_attr(feature = "inspect", track_caller)]
    fn new(monitor: H, predicate: F) -> Self {
        let enter = Wait::new(monitor, Enter::new(), Ticket::new());
        Self { enter, wait: WaitFor::new(None, predicate) }
    }

    #[inline(always)]
    pub(crate) fn poll_as(self: Pin<&mut Self>, poller: Poller<'_>, name: &str) -> Poll<Guard<H>> {
        let this = self.project();
        if this.enter.is_done() {
            return this.wait.poll_as(poller, name);
        }
        let guard = ready!(this.enter.poll_as(poller, name, |monitor, _, (), origin| Guard::new(monitor, origin)));
        this.wait.begin(guard, poller, name)
    }

    pub(crate) fn poll_timely(self: Pin<&mut Self>, poller: Poller<'_>) -> Poll<Result<Guard<H>, Elapsed>> {
        self.poll_as(poller, NAME).map(Ok)
    }

    /// A wait that is late and not inside gives up at once, wherever it is.
    pub(crate) fn poll_late(self: Pin<&mut Self>, poller: Poller<'_>) -> Poll<Result<Guard<H>, Elapsed>> {
        let this = self.project();
        if this.enter.is_done() {
            return Poll::Ready(this.wait.poll_last(poller).ok_or(Elapsed));
        }
        let entered = |monitor, _: &mut Ticket, (), origin: Origin<'_>| Guard::new(monitor, origin);
        let guard = match ready!(this.enter.poll_late(poller, entered, Some, |_, _| None)) {
            Some(guard) => this.wait.ask_last(&guard).then_some(guard),
            None => {
                this.wait.stop();
                None
            }
        };
        Poll::Ready(guard.ok_or(Elapsed))
    }
}

impl<H, T, C, F> EnterWhen<H, T, C, F>
where
    H: Deref<Target = Monitor<T, C>>,
    T: 'static,
    C: Conditions,
{
    pub(crate) fn is_done(&self) -> bool {
        self.enter.is_done() && self.wait.is_done()
    }

    pub(crate) fn is_woken(&self) -> bool {
        if self.enter.is_done() { self.wait.is_woken() } else { self.enter.is_woken() }
    }
}

impl<H, T, C, F> fmt::Debug for EnterWhen<H, T, C, F>
where
    H: Deref<Target = Monitor<T, C>>,
    T: 'static,
    C: Conditions,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.enter.is_done() { self.wait.fmt(f) } else { self.enter.fmt(f) }
    }
}

impl<T: 'static, C: Conditions> Monitor<T, C> {
    /// Enters the monitor when `predicate` holds. **Nobody has to notify it**: a task that leaves and has changed the
    /// data calls the predicates of the waiters, in order of arrival, and notifies the first whose predicate holds.
    ///
    /// That one enters, unless a newcomer is faster, and calls its predicate again. If that does not hold any more, it
    /// goes back to its old place. When it leaves, it calls those of the others. So each change wakes only the one that
    /// it serves, and a change that serves a thousand lets them in one after the other, with one wake-up each.
    ///
    /// - **A predicate depends on the data of the monitor, and on constants.** Changes through `&mut` are noticed.
    ///   After a change through `&` (a `Cell`, an atomic, a lock inside the data) call
    ///   [`touch`](crate::MonitorGuard::touch). If a clock or a static changes, it is not called again.
    /// - It owns what it uses: write `move |b| b.len() < limit`. It may be dropped some time after its future.
    /// - It runs inside the monitor, on the thread that leaves it. So it is short, does not block, and does not use
    ///   this monitor.
    /// - **A waiter whose predicate holds rarely may starve**: the order of arrival is only that in which predicates
    ///   are called. If order matters, put it into the data.
    /// - **A waiter that was notified, and is neither polled nor dropped, holds back the others until the next
    ///   change.**
    ///
    /// After a change, a leave costs one call for each predicate before the one that holds. A wait allocates once.
    /// If the predicate holds at once, there is no wait.
    ///
    /// # Cancel safety
    /// Dropping the future stops the wait. If it was already notified, the predicates of the others are called
    /// again: by the next leave, or by the drop itself if the monitor is free. After a [deadline](crate::Until) it
    /// returns `Elapsed` without waiting for the monitor.
    ///
    /// # Panics
    /// The future panics if the predicate does, also where another task has called it. (Without `std` the leave that
    /// calls it panics.) The monitor is left.
    ///
    /// # Examples
    /// A bounded buffer, without a signal:
    /// ```
    /// use sempost::Monitor;
    ///
    /// static BUFFER: Monitor<Vec<u32>> = Monitor::plain(Vec::new());
    ///
    /// async fn put(item: u32) {
    ///     BUFFER.enter_when(|buffer| buffer.len() < 8).await.push(item);
    /// }
    ///
    /// async fn take() -> u32 {
    ///     BUFFER.enter_when(|buffer| !buffer.is_empty()).await.remove(0)
    /// }
    ///
    /// # futures::executor::block_on(async {
    /// let (item, ()) = futures::join!(take(), put(7));
    /// assert_eq!(item, 7);
    /// # });
    /// ```
    #[inline(always)]
    #[cfg_attr(feature = "inspect", track_caller)]
    pub fn enter_when<F>(&self, predicate: F) -> EnteringWhen<&Self, T, C, F>
    where
        F: Fn(&T) -> bool + Send + Sync + 'static,
    {
        EnteringWhen::new(EnterWhen::new(self, predicate))
    }

    /// Like [`enter_when`](Self::enter_when), but keeps the `Arc`.
    ///
    /// # Cancel safety
    /// As [`enter_when`](Self::enter_when).
    ///
    /// # Panics
    /// As [`enter_when`](Self::enter_when).
    #[cfg_attr(feature = "inspect", track_caller)]
    pub fn enter_when_owned<F>(self: &Arc<Self>, predicate: F) -> EnteringWhen<Arc<Self>, T, C, F>
    where
        F: Fn(&T) -> bool + Send + Sync + 'static,
    {
        EnteringWhen::new(EnterWhen::new(Arc::clone(self), predicate))
    }

    /// Enters on this thread. Short for `enter_when(predicate).wait()`. Never call it inside a task.
    ///
    /// # Panics
    /// As [`enter_when`](Self::enter_when).
    #[cfg(feature = "std")]
    #[cfg_attr(feature = "inspect", track_caller)]
    pub fn enter_when_blocking<F>(&self, predicate: F) -> MonitorGuard<'_, T, C>
    where
        F: Fn(&T) -> bool + Send + Sync + 'static,
    {
        self.enter_when(predicate).wait()
    }
}

impl<T: ?Sized, C: Conditions> Monitor<T, C> {
    /// Enters the monitor if it is free and `predicate` holds.
    ///
    /// # Panics
    /// As the predicate. The monitor is left.
    #[cfg_attr(feature = "inspect", track_caller)]
    pub fn try_enter_when(&self, predicate: impl FnOnce(&T) -> bool) -> Option<MonitorGuard<'_, T, C>> {
        self.try_enter().filter(|guard| predicate(guard))
    }
}

named_future! {
    /// Waits to enter a [`Monitor`] when a predicate holds. Returned by [`Monitor::enter_when`] and
    /// [`Monitor::enter_when_owned`].
    ///
    /// # Cancel safety
    /// Dropping it stops the wait. If it was already notified, the predicates of the others are called again.
    pub struct EnteringWhen[H, T, C, F] where [
        H: Deref<Target = Monitor<T, C>>, T: 'static, C: Conditions, F: Fn(&T) -> bool, F: Send, F: Sync, F: 'static
    ] = EnterWhen<H, T, C, F> => Guard<H>, until Result<Guard<H>, Elapsed>;
}
