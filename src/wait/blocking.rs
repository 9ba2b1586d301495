//! How a thread waits: it polls, checks its place in the queue once more, and parks.
//!
//! A poll may run foreign code after the waiter has joined its queue: a waker, a deadline, a destructor. If that code
//! parks this thread, it consumes the wake-up that was meant for the wait (C16). So the park token decides nothing
//! here. After all foreign code has run, the thread checks its waiter, and parks only if that is still asleep in its
//! queue. A poll that ran no foreign code after its own check says so ([`Poller::may_park`]), which saves the second
//! check.
//!
//! *Tempting, and wrong*: to park straight after a pending poll. A waker that logs over a rendezvous channel consumes
//! the wake-up, and the wait never returns.

use alloc::sync::Arc;
use core::cell::Cell;
use core::future::Future;
use core::pin::{Pin, pin};
use core::task::{Context, Poll, Waker};
use core::time::Duration;
use std::time::Instant;

use super::until::{Timed, Until};
use super::wakes::Poller;
use crate::primitive::Ordering::{Acquire, Release};
use crate::primitive::{AtomicU8, Thread, current, park, park_timeout};

/// Polls until ready, and parks the thread in between. `is_woken` says whether another poll may find more than the last
/// one. It runs no foreign code.
///
/// The first poll is inlined, so that a fresh future is polled where it was made. Passing it to a call would copy it,
/// and the copy would read 16 bytes at a time what was just written 8 bytes at a time.
#[inline(always)]
pub(crate) fn block<F, T>(
    mut future: Pin<&mut F>,
    mut poll: impl FnMut(Pin<&mut F>, Poller<'_>) -> Poll<T>,
    is_woken: impl Fn(&F) -> bool,
) -> T {
    let parks = Cell::new(false);
    match poll(future.as_mut(), Poller::Thread(&parks)) {
        Poll::Ready(value) => value,
        Poll::Pending => park_until_ready(future, poll, is_woken, &parks),
    }
}

#[inline(never)]
fn park_until_ready<F, T>(
    mut future: Pin<&mut F>,
    mut poll: impl FnMut(Pin<&mut F>, Poller<'_>) -> Poll<T>,
    is_woken: impl Fn(&F) -> bool,
    parks: &Cell<bool>,
) -> T {
    loop {
        if parks.replace(false) || !is_woken(&future) {
            park();
        }
        if let Poll::Ready(value) = poll(future.as_mut(), Poller::Thread(parks)) {
            return value;
        }
    }
}

impl<F: Timed, D: Future> Until<F, D> {
    /// Waits on this thread, parked in the same queue as the tasks, until the result is there or the deadline comes.
    ///
    /// Never call it inside a task. The deadline must become ready by itself, or through another thread.
    pub fn wait(self) -> F::Timely {
        let alarm = Arc::new(Alarm::new());
        let waker = Waker::from(Arc::clone(&alarm));
        block(
            pin!(self),
            |until, poller| {
                let poll = until.poll_as(poller, &mut Context::from_waker(&waker));
                // The deadline is foreign, and was polled after the wait's own check.
                poller.may_park(false);
                poll
            },
            |until| until.is_woken() || alarm.stop(),
        )
    }
}

/// Waits on this thread for at most `timeout`. A timeout too large for `Instant` waits forever.
pub(crate) fn block_timeout<F: Timed>(wait: F, timeout: Duration) -> F::Timely {
    let moment = Moment(Instant::now().checked_add(timeout));
    let mut until = pin!(Until::new(wait, moment));
    let parks = Cell::new(false);
    loop {
        let context = &mut Context::from_waker(Waker::noop());
        if let Poll::Ready(result) = until.as_mut().poll_as(Poller::Thread(&parks), context) {
            return result;
        }
        // The deadline reads a clock, which is not foreign: the wait's own check still counts.
        if !parks.replace(false) && until.is_woken() {
            continue;
        }
        match moment.left() {
            Some(left) if !until.is_late() => park_timeout(left),
            _ => park(),
        }
    }
}

/// A waker that unparks the current thread.
pub(super) fn waker() -> Waker {
    Waker::from(Arc::new(Alarm::new()))
}

/// What a deadline wakes. It remembers that it rang, because foreign code that parks may consume the park token.
struct Alarm {
    thread: Thread,
    rang: AtomicU8,
}

impl Alarm {
    fn new() -> Self {
        Self { thread: current(), rang: AtomicU8::new(0) }
    }

    /// Clears the alarm. Returns whether it had rung.
    fn stop(&self) -> bool {
        // ORDERING: Acquire; pairs with the Release in `wake`: what made it ring is seen by the next poll.
        self.rang.fetch_and(0, Acquire) != 0
    }
}

impl alloc::task::Wake for Alarm {
    fn wake(self: Arc<Self>) {
        // ORDERING: Release; pairs with the Acquire in `stop`.
        self.rang.store(1, Release);
        self.thread.unpark();
    }
}

/// A point in time, for a thread that reads the clock itself: it never calls a waker. `None` never comes.
#[derive(Clone, Copy)]
struct Moment(Option<Instant>);

impl Moment {
    fn left(self) -> Option<Duration> {
        self.0.map(|at| at.saturating_duration_since(Instant::now()))
    }
}

impl Future for Moment {
    type Output = ();

    fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
        if self.left().is_some_and(|left| left.is_zero()) { Poll::Ready(()) } else { Poll::Pending }
    }
}
