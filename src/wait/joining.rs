//! Joining a line: the last looks, and then the place in it.

use core::pin::Pin;
use core::task::Poll;

use super::decision::{Core, Effects};
#[cfg(feature = "std")]
use super::node::Stage;
use super::node::Waiter;
#[cfg(feature = "std")]
use super::request::Outlook;
use super::request::{Attempt, GuardOf, Quick, Request, award, award_dropping, award_quickly, provide};
#[cfg(feature = "std")]
use super::waiting::poll_joined;
use super::{Foreign, Wake, Who};
#[cfg(feature = "std")]
use crate::lock::Lock;
#[cfg(feature = "std")]
use crate::primitive::pause;

/// Joins the line if there is nothing to get.
///
/// What did not pay before it: to spin (ruinous, for the one that is waited for is often the next task of this very
/// thread), and to look a second time when the lock was found taken recently. To let others run once, by a task that wakes
/// itself, gained a little in most flows between two threads, and was given up: a future that was polled stands in line.
#[inline(never)]
pub(super) fn join<R: Request>(
    core: &R::Core,
    request: &mut R,
    waiter: Pin<&mut Waiter<R::Extra>>,
    who: Who<'_>,
) -> Poll<R::Prize> {
    match who {
        Who::Task(waker) => join_as(core, request, waiter, waker.clone(), 0, || (), || ()),
        // A thread has nothing else to do, and to park it costs more than to look a few times more.
        #[cfg(feature = "std")]
        Who::Thread(parks) => {
            let mut waiter = waiter;
            let thread = crate::primitive::current();
            // Another wait of the same poll may have said so.
            parks.set(false);
            let joined = || parks.set(true);
            if R::outlook(core) == Outlook::Hopeless {
                return join_as(core, request, waiter, thread, 0, || (), joined);
            }
            let patience = patience(core.lock());
            let rest = || {
                if patience.yields == 0 || !pause::yields() {
                    pause::spin(pause::SPINS_SHORT);
                }
            };
            let mut served = join_as(core, request, waiter.as_mut(), thread, patience.looks, rest, joined);
            if served.is_pending() {
                served = linger(core, request, waiter, who, patience);
            }
            core.lock().memory().note_prompt(served.is_ready());
            served
        }
    }
}

/// How long a thread that waits at this lock stays awake.
///
/// It yields only where others were served while they did, and not in a crowd; where it does not know, it spins. An opponent
/// that spins itself would have come at once, if it was running.
#[cfg(feature = "std")]
fn patience<S>(lock: &Lock<S>) -> pause::Patience {
    if lock.is_left_alone() {
        pause::BRIEFLY
    } else if lock.memory().is_prompt() && !pause::is_crowded() {
        pause::AS_LONG_AS_PARKING
    } else {
        pause::UNTRIED
    }
}

/// A thread that stands in line stays awake for a moment: to park it, and to wake it, costs microseconds, and whoever runs
/// on another core may need less. It spins on its own place, then lets others run and looks with the lock in hand, since a
/// waiter that is woken to retry does not show from outside.
///
/// Who waits as long as parking costs, and parks then, pays at most twice what it must (Karlin, Manasse, McGeoch and Owicki,
/// “Empirical Studies of Competitive Spinning for a Shared-Memory Multiprocessor”, 1991). Who waits less may end up in
/// step with a counterpart that parks, too, where every message costs a wake.
#[cfg(feature = "std")]
fn linger<R: Request>(
    core: &R::Core,
    request: &mut R,
    mut waiter: Pin<&mut Waiter<R::Extra>>,
    who: Who<'_>,
    patience: pause::Patience,
) -> Poll<R::Prize> {
    for step in 0..patience.spins {
        pause::spin(1 << step);
        if waiter.stage() != Some(Stage::Queued) {
            return poll_joined(core, request, waiter, who);
        }
    }
    for _ in 0..patience.yields {
        if !pause::yields() {
            break;
        }
        let poll = poll_joined(core, request, waiter.as_mut(), who);
        if poll.is_ready() {
            return poll;
        }
    }
    Poll::Pending
}

/// Looks with a waker in hand that was cloned while the lock was free, `looks` times more after a rest, and joins. Says so
/// if nothing foreign ran after it has `joined`.
///
/// The tempting wrong version joins after the first look, under a lock taken anew: what arrived in between would be
/// announced to nobody. Whoever joins must have looked under the very same lock.
///
/// Generic over what wakes, because a waker goes through registers, and a [`Wake`] through memory.
#[inline(always)]
fn join_as<R: Request>(
    core: &R::Core,
    request: &mut R,
    mut waiter: Pin<&mut Waiter<R::Extra>>,
    wake: impl Into<Wake>,
    mut looks: u32,
    rest: impl Fn(),
    joined: impl Fn(),
) -> Poll<R::Prize> {
    let memory = core.lock().memory();
    loop {
        let mut state = core.lock().lock();
        let mut tell = None;
        match request.quick(waiter.as_mut().extra(), &mut state, &mut tell) {
            Quick::Done(prize) => {
                drop(state);
                memory.learn(R::LINE, false);
                waiter.finish();
                let unneeded = Foreign::<Wake>::new(Some(wake.into()));
                let prize = award_quickly::<R>(core, &mut tell, prize);
                return Poll::Ready(award_dropping::<R>(core, unneeded, prize));
            }
            Quick::Wait if looks > 0 => {
                drop(state);
                looks -= 1;
                rest();
            }
            Quick::Wait => {
                request.prepare(waiter.as_mut().extra(), &mut state);
                let node = waiter.as_mut().join(wake.into());
                request.enqueue(&mut state, node, &mut tell);
                drop(state);
                memory.learn(R::LINE, true);
                if tell.is_some() {
                    Wake::tell(&mut tell);
                } else {
                    joined();
                }
                return Poll::Pending;
            }
            Quick::Ask => return join_properly(core, request, waiter, wake.into(), state),
        }
    }
}

#[inline(never)]
fn join_properly<'a, R: Request>(
    core: &'a R::Core,
    request: &mut R,
    mut waiter: Pin<&mut Waiter<R::Extra>>,
    wake: Wake,
    mut state: GuardOf<'a, R>,
) -> Poll<R::Prize> {
    let memory = core.lock().memory();
    let mut wake = Foreign::new(Some(wake));
    let mut effects = Effects::new();
    loop {
        match request.attempt(waiter.as_mut().extra(), &mut state, &mut effects) {
            Attempt::Done(prize) => {
                drop(state);
                memory.learn(R::LINE, false);
                waiter.finish();
                let prize = award::<R>(core, &mut effects, prize);
                return Poll::Ready(award_dropping::<R>(core, wake, prize));
            }
            Attempt::Provide => {
                drop(state);
                provide(core, request, &mut effects);
                state = core.lock().lock();
            }
            Attempt::Wait => {
                request.prepare(waiter.as_mut().extra(), &mut state);
                let node = waiter.as_mut().join(wake.take().expect("it joins once"));
                let mut tell = None;
                request.enqueue(&mut state, node, &mut tell);
                effects.wakes.push(tell);
                request.joined(&mut state, &mut effects);
                drop(state);
                memory.learn(R::LINE, true);
                core.carry_out(&mut effects);
                return Poll::Pending;
            }
        }
    }
}
