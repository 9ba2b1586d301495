//! Joining a queue: the last tries, and then the place in it.

#[cfg(feature = "std")]
use core::cell::Cell;
use core::pin::Pin;
use core::task::Poll;

use super::node::Waiter;
use super::operation::{Attempt, Fast, GuardOf, Waitable, award, award_dropping, award_fast, make_room};
use super::panics::DropGuarded;
use super::primitive::{Effects, Primitive, carry_out};
#[cfg(feature = "std")]
use super::queued::poll_queued;
#[cfg(feature = "std")]
use super::stage::Stage;
use super::stamp::LockStamp;
use super::wakes::{Poller, Wake};
#[cfg(feature = "std")]
use crate::lock::Lock;
#[cfg(feature = "std")]
use crate::primitive::pause::{self, Patience};
use crate::record::RECORDS;

/// Joins the queue, unless a last try succeeds.
///
/// What did not pay before joining: to spin (ruinous, because the task that is waited for is often the next one of this
/// very thread), and to try a second time when the lock was recently found taken. A task that wakes itself and so lets
/// others run once gained a little in most flows between two threads. It was given up, because a polled future must
/// have its place in the queue.
#[inline(never)]
pub(super) fn join<W: Waitable>(
    on: &W::On,
    operation: &mut W,
    mut waiter: Pin<&mut Waiter<W::Payload>>,
    poller: Poller<'_>,
) -> Poll<W::Output> {
    match poller {
        Poller::Task(waker) => {
            let wake = waker.clone();
            begin_record::<W>(on, waiter.as_mut(), poller);
            join_as(on, operation, waiter, wake, 0, |_| (), || ())
        }
        // A thread has nothing else to do, and parking it costs more than a few more tries.
        #[cfg(feature = "std")]
        Poller::Thread(parks) => {
            let thread = crate::primitive::current();
            let hints = on.lock().hints();
            begin_record::<W>(on, waiter.as_mut(), poller);
            // Another wait of the same poll may have set it.
            parks.set(false);
            let joined = || parks.set(true);
            let patience = patience(on.lock());
            let rested = Cell::new(false);
            let rest = |left| {
                rested.set(true);
                rest(on.lock(), &patience, left);
            };
            let mut looks = patience.looks;
            if looks > 0 && !hints.expects_wait(W::HINT) {
                // It has just looked.
                looks -= 1;
                rest(looks);
            }
            let mut served = join_as(on, operation, waiter.as_mut(), thread, looks, rest, joined);
            if rested.get() && patience.yields > 0 {
                hints.record_beside(patience.rest > 0 && served.is_ready());
            }
            if served.is_pending() {
                served = spin_then_yield(on, operation, waiter, poller, patience);
            }
            hints.record_prompt(served.is_ready());
            served
        }
    }
}

/// Begins the record of a wait. To clone its waker comes first: that may panic, and then it waits for nothing.
#[inline(always)]
fn begin_record<W: Waitable>(on: &W::On, mut waiter: Pin<&mut Waiter<W::Payload>>, poller: Poller<'_>) {
    if RECORDS {
        let (origin, wants) = (poller.origin(waiter.born()), W::wants(waiter.as_mut().payload()));
        waiter.record().begin(on.lock().tag(), origin, wants, W::HINT);
    }
}

/// How long a thread that waits at this lock stays awake.
///
/// It yields only where recent waiters were served while they yielded, and not in a crowd. Where nothing is known, it
/// spins. Where the other side spins itself, it stays awake only briefly: a counterpart that is running comes at once.
#[cfg(feature = "std")]
fn patience<S>(lock: &Lock<S>) -> Patience {
    if lock.is_left_alone() {
        pause::BRIEFLY
    } else if lock.hints().is_prompt() && !pause::is_crowded() {
        if lock.hints().is_beside() { pause::BESIDE } else { pause::AS_LONG_AS_PARKING }
    } else {
        pause::UNTRIED
    }
}

/// Waits for a moment between two looks, of which so many are `left`. Contenders learn that they need not leave the
/// lock to this thread for long.
#[cfg(feature = "std")]
fn rest<S>(lock: &Lock<S>, patience: &Patience, left: u32) {
    if patience.rest == 0 && pause::yields() {
        return;
    }
    lock.expect_contenders();
    pause::spin(patience.rest.max(pause::SPINS_SHORT) << u32::from(left + 1 < patience.looks));
}

/// A queued thread stays awake for a moment. Parking and waking it costs microseconds, and a thread on another core may
/// need less. First it spins on its own stage. Then it yields, and polls under the lock, because a stage does not show
/// that its waiter was woken to retry.
///
/// A wait that lasts as long as parking costs, and then parks, pays at most twice what it must (Karlin, Manasse,
/// McGeoch and Owicki, “Empirical Studies of Competitive Spinning for a Shared-Memory Multiprocessor”, 1991). A shorter
/// one may get into step with a counterpart that parks, too; then every message costs a wake.
#[cfg(feature = "std")]
fn spin_then_yield<W: Waitable>(
    on: &W::On,
    operation: &mut W,
    mut waiter: Pin<&mut Waiter<W::Payload>>,
    poller: Poller<'_>,
    patience: Patience,
) -> Poll<W::Output> {
    for step in 0..patience.spins {
        pause::spin(1 << step);
        if waiter.stage() != Some(Stage::Queued) {
            return poll_queued(on, operation, waiter, poller);
        }
    }
    for _ in 0..patience.yields {
        if !pause::yields() {
            break;
        }
        let poll = poll_queued(on, operation, waiter.as_mut(), poller);
        if poll.is_ready() {
            return poll;
        }
    }
    Poll::Pending
}

/// Tries with a waker in hand that was cloned while the lock was free, and `looks` times more after a rest. Then it
/// joins. It calls `joined` if no foreign code ran after that.
///
/// *Tempting, and wrong*: to join after the first try, under a lock that was taken anew. What arrived in between would
/// wake no waiter. A waiter must join under the very lock under which it tried.
///
/// Generic over `wake`, because a waker is passed in registers, and a [`Wake`] in memory.
#[inline(always)]
fn join_as<W: Waitable>(
    on: &W::On,
    operation: &mut W,
    mut waiter: Pin<&mut Waiter<W::Payload>>,
    wake: impl Into<Wake>,
    mut looks: u32,
    rest: impl Fn(u32),
    joined: impl Fn(),
) -> Poll<W::Output> {
    let hints = on.lock().hints();
    loop {
        let mut state = on.lock().lock();
        let mut to_wake = None;
        match operation.try_fast(waiter.as_mut().payload(), &mut state, &mut to_wake, false) {
            Fast::Done(output) => {
                drop(state);
                hints.record(W::HINT, false);
                waiter.finish();
                let unneeded = DropGuarded::<Wake>::new(Some(wake.into()));
                let output = award_fast::<W>(on, &mut to_wake, output);
                return Poll::Ready(award_dropping::<W>(on, unneeded, output));
            }
            Fast::Wait if looks > 0 => {
                drop(state);
                looks -= 1;
                rest(looks);
            }
            Fast::Wait => {
                let node = waiter.as_mut().join(wake.into(), LockStamp::of(&state));
                operation.enqueue(&mut state, node, &mut to_wake);
                drop(state);
                hints.record(W::HINT, true);
                if to_wake.is_some() {
                    Wake::wake_one(&mut to_wake);
                } else {
                    joined();
                }
                return Poll::Pending;
            }
            Fast::Slow => return join_slow(on, operation, waiter, wake.into(), state),
        }
    }
}

#[inline(never)]
fn join_slow<'a, W: Waitable>(
    on: &'a W::On,
    operation: &mut W,
    mut waiter: Pin<&mut Waiter<W::Payload>>,
    wake: Wake,
    mut state: GuardOf<'a, W>,
) -> Poll<W::Output> {
    let hints = on.lock().hints();
    let mut wake = DropGuarded::new(Some(wake));
    // Asked again, before a list of effects is made. A block: see `poll_slow`.
    {
        let mut to_wake = None;
        if let Fast::Done(output) = operation.try_fast(waiter.as_mut().payload(), &mut state, &mut to_wake, true) {
            drop(state);
            hints.record(W::HINT, false);
            waiter.finish();
            let output = award_fast::<W>(on, &mut to_wake, output);
            return Poll::Ready(award_dropping::<W>(on, wake, output));
        }
    }
    let mut effects = Effects::new();
    loop {
        match operation.try_slow(waiter.as_mut().payload(), &mut state, &mut effects) {
            Attempt::Done(output) => {
                drop(state);
                hints.record(W::HINT, false);
                waiter.finish();
                let output = award::<W>(on, &mut effects, output);
                return Poll::Ready(award_dropping::<W>(on, wake, output));
            }
            Attempt::NeedsRoom => {
                drop(state);
                make_room(on, operation, &mut effects);
                state = on.lock().lock();
            }
            Attempt::Wait => {
                let node = waiter.as_mut().join(wake.take().expect("it joins once"), LockStamp::of(&state));
                let mut to_wake = None;
                operation.enqueue(&mut state, node, &mut to_wake);
                effects.wakes.push(to_wake);
                // Its arrival may be what other waiters wait for.
                W::On::settle(&mut state, &mut effects);
                drop(state);
                hints.record(W::HINT, true);
                carry_out(on, &mut effects);
                return Poll::Pending;
            }
        }
    }
}
