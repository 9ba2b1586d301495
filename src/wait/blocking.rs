//! How a thread waits: it polls, looks at its place once more, and parks.
//!
//! A poll may run foreign code after the waiter joined its line: the waker of the one that gets the mutex, a deadline, a
//! destructor. If that code parks this thread itself, it takes the wake-up that was meant for the wait (C16). So the park
//! token decides nothing here. The waiter's place does: it is looked at after all foreign code, and the thread parks only
//! if the waiter still sleeps there. A poll that has run none after its own look says so ([`Who::may_park`]), and saves
//! the second.
//!
//! *Tempting, and wrong*: to park straight after a poll that was pending. A waker that logs over a rendezvous channel then
//! takes the wake-up along, and the wait never returns.

use alloc::sync::Arc;
use core::cell::Cell;
use core::future::Future;
use core::pin::{Pin, pin};
use core::task::{Context, Poll, Waker};
use core::time::Duration;
use std::time::Instant;

use super::Who;
use super::until::{Timed, Until};
use crate::primitive::Ordering::{Acquire, Release};
use crate::primitive::{AtomicU8, Thread, current, park, park_timeout};

/// Polls until ready, and parks the thread in between. `is_woken` looks whether a poll may find more than the last one,
/// and runs nothing foreign.
///
/// The first poll is inlined, so that a fresh future is polled where it was made: to pass it to a call is to copy it, as 16
/// bytes at a time of what was just written as 8.
#[inline(always)]
pub(crate) fn block<F, T>(
    mut future: Pin<&mut F>,
    mut poll: impl FnMut(Pin<&mut F>, Who<'_>) -> Poll<T>,
    is_woken: impl Fn(&F) -> bool,
) -> T {
    let parks = Cell::new(false);
    match poll(future.as_mut(), Who::Thread(&parks)) {
        Poll::Ready(value) => value,
        Poll::Pending => park_until_ready(future, poll, is_woken, &parks),
    }
}

#[inline(never)]
fn park_until_ready<F, T>(
    mut future: Pin<&mut F>,
    mut poll: impl FnMut(Pin<&mut F>, Who<'_>) -> Poll<T>,
    is_woken: impl Fn(&F) -> bool,
    parks: &Cell<bool>,
) -> T {
    loop {
        if parks.replace(false) || !is_woken(&future) {
            park();
        }
        if let Poll::Ready(value) = poll(future.as_mut(), Who::Thread(parks)) {
            return value;
        }
    }
}

/// Waits on this thread until the answer is there or the deadline comes.
pub(super) fn block_until<F: Timed, D: Future>(until: Until<F, D>) -> F::Timely {
    let alarm = Arc::new(Alarm::new());
    let waker = Waker::from(Arc::clone(&alarm));
    block(
        pin!(until),
        |until, who| {
            let poll = until.poll_as(who, &mut Context::from_waker(&waker));
            // The deadline was polled after the wait.
            who.may_park(false);
            poll
        },
        |until| until.is_woken() || alarm.stop(),
    )
}

/// Waits on this thread for at most `timeout`. A timeout that is too large for the clock waits forever.
pub(crate) fn block_timeout<F: Timed>(wait: F, timeout: Duration) -> F::Timely {
    let moment = Moment(Instant::now().checked_add(timeout));
    let mut until = pin!(Until::new(wait, moment));
    let parks = Cell::new(false);
    loop {
        let context = &mut Context::from_waker(Waker::noop());
        if let Poll::Ready(answer) = until.as_mut().poll_as(Who::Thread(&parks), context) {
            return answer;
        }
        // The clock is not foreign.
        if !parks.replace(false) && until.is_woken() {
            continue;
        }
        match moment.left() {
            Some(left) if !until.is_late() => park_timeout(left),
            _ => park(),
        }
    }
}

/// A waker of the thread that calls this.
pub(super) fn waker() -> Waker {
    Waker::from(Arc::new(Alarm::new()))
}

/// What a deadline wakes. It remembers that it rang, for code that parks in a deadline may take the park token.
struct Alarm {
    thread: Thread,
    rang: AtomicU8,
}

impl Alarm {
    fn new() -> Self {
        Self { thread: current(), rang: AtomicU8::new(0) }
    }

    /// Takes note of a ring; returns whether there was one.
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

/// A moment, for a thread that looks at the clock itself: it wakes nobody. `None` never comes.
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
