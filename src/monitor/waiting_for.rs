//! Waiting for a predicate, from inside a monitor.

use alloc::sync::Arc;
use core::fmt;
use core::marker::PhantomData;
use core::mem::forget;
use core::ops::Deref;
use core::pin::Pin;
use core::task::{Poll, ready};

use pin_project_lite::pin_project;

use super::conditions::Conditions;
use super::mark::Due;
use super::monitor::Monitor;
use super::predicate::Data;
use super::seat::Seat;
use super::seats::Swept;
use crate::mutex::{ConditionWait, Guard, Queues, Site, WaitTimeoutResult};
use crate::record::{Hold, Origin, Place, WaitRecord};
use crate::wait::{Defer, DropGuarded, LockStamp, NAME, Poller, Primitive, named_future, polled_twice};

/// A seat of a monitor, as the condition that its waiter waits for.
pub(crate) struct InSeat<T, C> {
    seat: Arc<Seat>,
    _monitor: PhantomData<fn(C, &T)>,
}

impl<T, C: Conditions> Site for InSeat<T, C> {
    type Owner = Monitor<T, C>;

    const UNLOCK_WAKES: bool = true;

    fn decide<R>(&self, monitor: &Monitor<T, C>, decision: impl FnOnce(&mut Queues<'_>) -> R) -> R {
        let mut state = monitor.lock().lock();
        let lock = LockStamp::of(&state);
        let (asleep, before) = (state.asleep(), state.sleepers(&self.seat));
        let watched = asleep > before;
        let (mutex, condition, notified) = state.parts_in(&self.seat);
        let result =
            decision(&mut Queues { condition, notified, mutex, lock, mutex_lock: None, mutexes: None, watched });
        let now = state.sleepers(&self.seat);
        state.recount(before, now);
        if asleep == 0 && now > 0 {
            // The only one has just asked for itself.
            monitor.mark.set(Due::None);
        }
        result
    }

    fn record(&self, monitor: &Monitor<T, C>, record: &mut WaitRecord, origin: Origin<'_>) {
        let tag = monitor.lock().tag();
        record.begin_condition(tag, tag, origin, || None);
    }
}

pin_project! {
    /// A wait for a predicate by one that is inside.
    pub(crate) struct WaitFor<H, T, C, F>
    where
        H: Deref<Target = Monitor<T, C>>,
        T: 'static,
        C: Conditions,
    {
        // Until the first poll it is inside. (A guard here would ask for data that may be shared.)
        inside: Option<H>,
        // Until the first poll, that of the guard.
        held: Hold,
        // Until it has to wait.
        predicate: Option<F>,
        seat: Option<Arc<Seat>>,
        #[pin]
        wait: Option<ConditionWait<H, InSeat<T, C>>>,
        born: Place,
    }

    impl<H, T, C, F> PinnedDrop for WaitFor<H, T, C, F>
    where
        H: Deref<Target = Monitor<T, C>>,
        T: 'static,
        C: Conditions,
    {
        #[inline(always)]
        fn drop(this: Pin<&mut Self>) {
            if this.seat.is_some() || this.inside.is_some() {
                this.stop();
            }
        }
    }
}

impl<H, T, C, F> WaitFor<H, T, C, F>
where
    H: Deref<Target = Monitor<T, C>>,
    T: 'static,
    C: Conditions,
{
    #[inline(always)]
    #[cfg_attr(feature = "inspect", track_caller)]
    pub(super) fn new(guard: Option<Guard<H>>, predicate: F) -> Self {
        let (inside, held) = guard.map(Guard::into_parts).unzip();
        let (held, born) = (held.unwrap_or_default(), Place::here());
        Self { inside, held, predicate: Some(predicate), seat: None, wait: None, born }
    }

    /// Gives up, wherever it is.
    #[inline(never)]
    pub(super) fn stop(self: Pin<&mut Self>) {
        let mut this = self.project();
        this.held.end();
        drop(this.inside.take().map(|monitor| Guard::new(monitor, Origin::none())));
        let seat = this.seat.take();
        // Its queue is left first: then it is known whether it was called.
        if let (Some(wait), Some(seat)) = (this.wait.as_mut().as_pin_mut(), &seat) {
            wait.stop(|monitor| monitor.give_up_seat(seat));
        }
        *this.predicate = None;
    }

    pub(super) fn is_done(&self) -> bool {
        self.inside.is_none() && self.wait.as_ref().map_or(self.predicate.is_none(), ConditionWait::is_done)
    }

    pub(super) fn is_woken(&self) -> bool {
        self.wait.as_ref().is_none_or(ConditionWait::is_woken)
    }
}

impl<H, T, C, F> WaitFor<H, T, C, F>
where
    H: Deref<Target = Monitor<T, C>>,
    T: 'static,
    C: Conditions,
    F: Fn(&T) -> bool + Send + Sync + 'static,
{
    /// The predicate runs with the guard in hand, and outside every short lock.
    #[inline(always)]
    pub(crate) fn poll_as(mut self: Pin<&mut Self>, poller: Poller<'_>, name: &str) -> Poll<Guard<H>> {
        let this = self.as_mut().project();
        let origin = poller.origin(*this.born);
        this.held.end();
        match this.inside.take() {
            Some(monitor) => self.begin(Guard::new(monitor, origin), poller, name),
            None => self.go_on(poller, name),
        }
    }

    /// Asks for the first time, inside.
    #[inline(always)]
    pub(super) fn begin(mut self: Pin<&mut Self>, guard: Guard<H>, poller: Poller<'_>, name: &str) -> Poll<Guard<H>> {
        if self.as_mut().ask_first(&guard) {
            return Poll::Ready(guard);
        }
        self.sleep(guard, poller, name);
        Poll::Pending
    }

    #[inline(never)]
    fn go_on(mut self: Pin<&mut Self>, poller: Poller<'_>, name: &str) -> Poll<Guard<H>> {
        let Some(wait) = self.as_mut().project().wait.as_pin_mut() else { polled_twice(name) };
        let guard = ready!(wait.poll_as(poller, name));
        if self.as_mut().ask_again(&guard) {
            return Poll::Ready(guard);
        }
        self.sleep(guard, poller, name);
        Poll::Pending
    }

    pub(crate) fn poll_timely(self: Pin<&mut Self>, poller: Poller<'_>) -> Poll<(Guard<H>, WaitTimeoutResult)> {
        self.poll_as(poller, NAME).map(|guard| (guard, WaitTimeoutResult::Notified))
    }

    pub(crate) fn poll_late(mut self: Pin<&mut Self>, poller: Poller<'_>) -> Poll<(Guard<H>, WaitTimeoutResult)> {
        let this = self.as_mut().project();
        this.held.end();
        let guard = match (this.inside.take(), this.wait.as_pin_mut()) {
            (Some(monitor), _) => Guard::new(monitor, poller.origin(*this.born)),
            (None, Some(wait)) => ready!(wait.poll_late(poller)).0,
            (None, None) => polled_twice(NAME),
        };
        let result = if self.ask_last(&guard) { WaitTimeoutResult::Notified } else { WaitTimeoutResult::TimedOut };
        Poll::Ready((guard, result))
    }

    /// Ends the wait, with the guard if it is there and the predicate holds.
    pub(super) fn poll_last(mut self: Pin<&mut Self>, poller: Poller<'_>) -> Option<Guard<H>> {
        let Some(wait) = self.as_mut().project().wait.as_pin_mut() else { polled_twice(NAME) };
        match wait.poll_as(poller, NAME) {
            Poll::Ready(guard) => self.ask_last(&guard).then_some(guard),
            Poll::Pending => {
                self.stop();
                None
            }
        }
    }

    /// Asks, before it has a seat. If the predicate holds, or panics, the wait is over.
    #[inline(always)]
    fn ask_first(self: Pin<&mut Self>, guard: &Guard<H>) -> bool {
        let this = self.project();
        // Taken out first: if the predicate panics, nothing is left. It may panic again when it is dropped.
        let mut predicate = DropGuarded::new(this.predicate.take());
        let holds = predicate.as_ref().is_some_and(|holds| holds(guard));
        if !holds {
            *this.predicate = predicate.take();
        }
        holds
    }

    /// Asks, with a seat. If the predicate holds, or panics, the wait is over.
    fn ask_again(self: Pin<&mut Self>, guard: &Guard<H>) -> bool {
        let this = self.project();
        let mut own = DropGuarded::new(this.seat.take());
        let seat = own.as_ref().expect("a wait that has begun has a seat");
        let left = Defer(|| guard.monitor().leave_seat(seat));
        if seat.is_called() {
            guard.monitor().bring_mark();
        }
        let holds = seat.answer(Data::of(&**guard));
        if !holds {
            forget(left);
            *this.seat = own.take();
        }
        holds
    }

    /// Asks, and ends the wait in any case.
    pub(super) fn ask_last(mut self: Pin<&mut Self>, guard: &Guard<H>) -> bool {
        if self.seat.is_none() {
            let holds = self.as_mut().ask_first(guard);
            *self.project().predicate = None;
            return holds;
        }
        let holds = self.as_mut().ask_again(guard);
        if let Some(seat) = self.project().seat.take() {
            guard.monitor().leave_seat(&seat);
        }
        holds
    }

    /// Takes a seat, or goes back to it, and leaves.
    #[inline(never)]
    fn sleep(self: Pin<&mut Self>, guard: Guard<H>, poller: Poller<'_>, name: &str) {
        let mut this = self.project();
        let mut swept = Swept::default();
        match this.wait.as_mut().as_pin_mut() {
            Some(wait) => wait.renew(guard.into_owner()),
            None => {
                let predicate = this.predicate.take().expect("it was asked a moment ago");
                let seat = Seat::new(predicate);
                swept = guard.monitor().take_seat(&seat);
                *this.seat = Some(Arc::clone(&seat));
                let site = InSeat { seat, _monitor: PhantomData };
                this.wait.set(Some(ConditionWait::born_at(*this.born, site, guard)));
            }
        }
        // This poll joins the queue and leaves.
        let wait = this.wait.as_pin_mut().expect("it was set above");
        let joined = wait.poll_as(poller, name);
        debug_assert!(joined.is_pending(), "a condition has no memory");
        drop(swept);
    }
}

impl<H, T, C, F> fmt::Debug for WaitFor<H, T, C, F>
where
    H: Deref<Target = Monitor<T, C>>,
    T: 'static,
    C: Conditions,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.wait {
            Some(wait) => wait.fmt(f),
            None => f.write_str(if self.predicate.is_some() { "Fresh" } else { "Done" }),
        }
    }
}

impl<H, T, C> Guard<H>
where
    H: Deref<Target = Monitor<T, C>>,
    T: 'static,
    C: Conditions,
{
    /// Waits until `predicate` holds. If it holds already, this returns at once. Otherwise it leaves the monitor, and
    /// returns the guard when it has entered again and the predicate holds. **Nobody has to notify it.** (The sense is
    /// the opposite of [`wait_while`](Self::wait_while).)
    ///
    /// It is [`enter_when`](Monitor::enter_when) for a task that is inside: see there what a predicate may do, and when
    /// it is called. It is called first at the first poll, and until then the guard stays inside. A wait allocates
    /// once.
    ///
    /// With a deadline it returns the guard, too: it enters again, calls the predicate once more, and says in a
    /// [`WaitTimeoutResult`](crate::WaitTimeoutResult) whether the predicate holds (`Notified`) or not (`TimedOut`).
    ///
    /// # Cancel safety
    /// **A dropped wait has left the monitor.** If it was already notified, the predicates of the others are called
    /// again.
    ///
    /// # Panics
    /// The future panics if the predicate does. The monitor is left.
    ///
    /// # Examples
    /// ```
    /// use sempost::Monitor;
    ///
    /// # futures::executor::block_on(async {
    /// let stage = Monitor::plain(0);
    /// let first = async {
    ///     let mut guard = stage.enter().await;
    ///     *guard = 1;
    ///     let guard = guard.wait_for(|stage| *stage == 2).await;
    ///     assert_eq!(*guard, 2);
    /// };
    /// let second = async { *stage.enter_when(|stage| *stage == 1).await = 2 };
    /// futures::join!(first, second);
    /// # });
    /// ```
    #[cfg_attr(feature = "inspect", track_caller)]
    pub fn wait_for<F>(self, predicate: F) -> WaitingFor<H, T, C, F>
    where
        F: Fn(&T) -> bool + Send + Sync + 'static,
    {
        WaitingFor::new(WaitFor::new(Some(self), predicate))
    }
}

named_future! {
    /// Waits for a predicate, inside a monitor. Returned by [`MonitorGuard::wait_for`](crate::MonitorGuard::wait_for).
    ///
    /// # Cancel safety
    /// **It took the guard by value, so a dropped wait has left the monitor.** If it was already notified, the
    /// predicates of the others are called again.
    pub struct WaitingFor[H, T, C, F] where [
        H: Deref<Target = Monitor<T, C>>, T: 'static, C: Conditions, F: Fn(&T) -> bool, F: Send, F: Sync, F: 'static
    ] = WaitFor<H, T, C, F> => Guard<H>, until (Guard<H>, WaitTimeoutResult);
}
