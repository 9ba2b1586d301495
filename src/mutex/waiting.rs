//! Waiting for a condition: first in its queue, then for the mutex. One future serves monitors and condition variables.
//!
//! ```text
//!   has the mutex ──first poll: joins and unlocks──▶ Queued ──notified──▶ Notified ──▶ Requeued ──▶ has the mutex
//!                                                      ╰──deadline: leaves, waits for the mutex──▶──╯
//! ```
//!
//! A wait that was notified returns so, whatever its deadline. One that is dropped passes its notification on (N2).

use core::fmt;
use core::ops::Deref;
use core::pin::Pin;
use core::task::{Poll, ready};

use pin_project_lite::pin_project;

use super::enter::Enter;
use super::guard::{Guard, Unlock};
use super::site::{Queues, Site};
use crate::record::{Hold, Origin, Place};
use crate::wait::{
    Defer, DropGuarded, Effects, NAME, Phase, Poller, Primitive, Stage, TURN, Ticket, Waiter, Wake, Wakes, cancel,
    carry_out, poll, polled_twice,
};

/// How a wait for a condition with a deadline ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[must_use = "this says whether the deadline came first"]
pub enum WaitTimeoutResult {
    /// The wait was notified or signalled. Of a `wait_while`: its predicate does not hold any more.
    Notified,
    /// The deadline came first. Of a `wait_while`: its predicate still holds.
    TimedOut,
}

impl WaitTimeoutResult {
    /// Returns whether the deadline came first.
    pub fn timed_out(self) -> bool {
        self == Self::TimedOut
    }
}

/// How far a wait has come, as far as its owner knows.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Step {
    /// It waits for the condition, or is about to.
    Condition,
    /// It was notified, and waits for the mutex.
    Mutex,
    /// Its deadline came first, and it waits for the mutex.
    TimedOut,
}

/// What a repeated poll of a waiter for the condition came to.
enum Repoll {
    /// It was the leader, and has locked the mutex.
    Locked,
    /// It has left the condition: it waits for the mutex, or has it.
    Left,
    /// It waits. The waker that was replaced is dropped without a lock.
    Waits(Option<Wake>),
    /// It waits, and its waker has to be replaced.
    NeedsWaker,
}

pin_project! {
    /// A wait in two queues, one after the other, with one node.
    pub(crate) struct ConditionWait<H, S>
    where
        H: Deref<Target = <S as Site>::Owner>,
        S: Site,
    {
        owner: Option<H>,
        // Until the first poll, that of the guard.
        held: Hold,
        site: S,
        step: Step,
        #[pin]
        waiter: Waiter<Ticket>,
    }

    impl<H, S> PinnedDrop for ConditionWait<H, S>
    where
        H: Deref<Target = <S as Site>::Owner>,
        S: Site,
    {
        fn drop(this: Pin<&mut Self>) {
            this.stop(|_| ());
        }
    }
}

impl<H, S> ConditionWait<H, S>
where
    H: Deref<Target = S::Owner>,
    S: Site,
{
    #[cfg_attr(feature = "inspect", track_caller)]
    pub(crate) fn new(site: S, guard: Guard<H>) -> Self {
        Self::born_at(Place::here(), site, guard)
    }

    pub(crate) fn born_at(born: Place, site: S, guard: Guard<H>) -> Self {
        let ((owner, held), waiter) = (guard.into_parts(), Waiter::born_at(born, Ticket::new()));
        Self { owner: Some(owner), held, site, step: Step::Condition, waiter }
    }

    pub(crate) fn poll_as(self: Pin<&mut Self>, poller: Poller<'_>, name: &str) -> Poll<Guard<H>> {
        let this = self.project();
        let Some(owner) = this.owner.as_ref().filter(|_| this.waiter.phase() != Phase::Done) else {
            polled_twice(name)
        };
        let origin = poller.origin(this.waiter.born());
        if *this.step == Step::Condition {
            if this.waiter.phase() == Phase::Fresh {
                if !join(this.site, &**owner, this.waiter, this.held, poller) {
                    let _guard = this.owner.take().map(|owner| Guard::new(owner, Origin::none()));
                    panic!("`{name}`: others wait for this condition variable with another mutex");
                }
                return Poll::Pending;
            }
            if matches!(this.waiter.stage(), Some(Stage::Queued | Stage::Notified)) {
                match repoll(this.site, &**owner, &this.waiter, poller) {
                    Repoll::Waits(old) => {
                        drop(DropGuarded::new(old));
                        return Poll::Pending;
                    }
                    Repoll::Locked => {
                        drop(DropGuarded::new(this.waiter.retire()));
                        return Poll::Ready(Guard::new(this.owner.take().expect("it was there a line ago"), origin));
                    }
                    Repoll::Left | Repoll::NeedsWaker => {}
                }
            }
            *this.step = Step::Mutex;
        }
        // A leader that has just joined the line has no waker there, and may have been handed the mutex already.
        note_requeue(&**owner, &this.waiter);
        ready!(poll(&**owner, &mut Enter::new(), this.waiter, poller));
        Poll::Ready(Guard::new(this.owner.take().expect("it was there a line ago"), origin))
    }

    pub(crate) fn poll_timely(self: Pin<&mut Self>, poller: Poller<'_>) -> Poll<(Guard<H>, WaitTimeoutResult)> {
        self.poll_as(poller, NAME).map(|guard| (guard, WaitTimeoutResult::Notified))
    }

    pub(crate) fn poll_late(mut self: Pin<&mut Self>, poller: Poller<'_>) -> Poll<(Guard<H>, WaitTimeoutResult)> {
        let mut this = self.as_mut().project();
        if let (Some(owner), Step::Condition, Phase::Joined) = (this.owner.as_ref(), *this.step, this.waiter.phase()) {
            let waiter = &this.waiter;
            let left = this.site.decide(&**owner, |queues| {
                let waits = waiter.stage() == Some(Stage::Queued);
                if let (true, Some(node)) = (waits, waiter.link()) {
                    queues.condition.withdraw(node);
                }
                waits
            });
            if left {
                drop(DropGuarded::new(this.waiter.as_mut().retire()));
                *this.step = Step::TimedOut;
                this.waiter.renew();
            }
        }
        let timed_out = *this.step == Step::TimedOut;
        let result = if timed_out { WaitTimeoutResult::TimedOut } else { WaitTimeoutResult::Notified };
        self.poll_as(poller, NAME).map(|guard| (guard, result))
    }

    /// Ends the wait, and hands a notification, and the mutex, to the next waiter. Then, even if a waker panics, it
    /// does what comes `after`.
    pub(crate) fn stop(self: Pin<&mut Self>, after: impl Fn(&S::Owner)) {
        let this = self.project();
        let Some(owner) = this.owner.take() else { return };
        let _after = Defer(|| after(&owner));
        match (this.waiter.phase(), *this.step) {
            (Phase::Done, _) | (Phase::Fresh, Step::TimedOut | Step::Mutex) => {}
            // Never polled: it still holds the mutex of the guard that it was made of.
            (Phase::Fresh, Step::Condition) => {
                this.held.end();
                owner.unlock();
            }
            (Phase::Joined, Step::TimedOut) => cancel(&*owner, &mut Enter::new(), this.waiter),
            (Phase::Joined, Step::Condition | Step::Mutex) => {
                let mut wakes = Wakes::new();
                let unlocked = leave(this.site, &*owner, &this.waiter, *this.step, &mut wakes);
                // Retired first: if a waker panics, nothing is passed on a second time.
                let _wake = DropGuarded::new(this.waiter.retire());
                carry_out(&*owner, &mut Effects { wakes, deferred: None });
                // If it is still locked, there was none to wake.
                if !unlocked {
                    owner.unlock();
                }
            }
        }
    }

    /// The poller, at the place where the wait was asked for.
    pub(super) fn origin<'a>(&self, poller: &'a Poller<'_>) -> Origin<'a> {
        poller.origin(self.waiter.born())
    }

    /// Takes the handle of the guard back, with the mutex still locked, if the wait has not begun.
    pub(super) fn take_owner(self: Pin<&mut Self>) -> Option<H> {
        let this = self.project();
        this.held.end();
        if this.waiter.phase() == Phase::Fresh && *this.step == Step::Condition { this.owner.take() } else { None }
    }

    /// Begins another wait, after a result.
    pub(crate) fn renew(self: Pin<&mut Self>, owner: H) {
        let this = self.project();
        (*this.owner, *this.step) = (Some(owner), Step::Condition);
        this.waiter.renew();
    }

    pub(crate) fn is_done(&self) -> bool {
        self.owner.is_none() || self.waiter.phase() == Phase::Done
    }

    // A waiter that was requeued counts as woken: its next poll takes note of that.
    pub(crate) fn is_woken(&self) -> bool {
        self.owner.as_ref().is_none_or(|owner| match self.step {
            Step::Condition => {
                self.site.decide(&**owner, |queues| wake_of(queues, &self.waiter).is_none_or(|w| w.is_none()))
            }
            Step::Mutex | Step::TimedOut => !self.waiter.is_asleep(&mut owner.lock().lock()),
        })
    }
}

/// Joins the queue and unlocks the mutex in one step: a notification in between would be lost. Returns `false`, and
/// changes nothing, if others wait with another mutex.
#[inline(never)]
fn join<S: Site>(
    site: &S,
    owner: &S::Owner,
    mut waiter: Pin<&mut Waiter<Ticket>>,
    held: &mut Hold,
    poller: Poller<'_>,
) -> bool {
    let mut wake = DropGuarded::new(Some(poller.to_wake()));
    let origin = poller.origin(waiter.born());
    site.record(owner, waiter.as_mut().record(), origin);
    held.end();
    let (mut to_wake, mut unlocked) = (None, true);
    let joined = site.decide(owner, |queues| {
        let admitted = queues.admits();
        if let (true, Some(wake)) = (admitted, wake.take()) {
            let node = waiter.join(wake, queues.lock);
            queues.join(node);
            unlocked = queues.unlock::<S>(&mut to_wake);
        }
        admitted
    });
    // What runs here may park this thread: a waker, or a predicate.
    poller.may_park(unlocked && to_wake.is_none());
    Wake::wake_one(&mut to_wake);
    if !unlocked {
        owner.unlock();
    }
    joined
}

/// The place of the waker of a waiter that is `Queued` or `Notified`.
fn wake_of<'a>(queues: &'a mut Queues<'_>, waiter: &Waiter<Ticket>) -> Option<&'a mut Option<Wake>> {
    let node = waiter.link()?;
    match waiter.stage() {
        Some(Stage::Queued) => Some(queues.condition.wake(node)),
        Some(Stage::Notified) => Some(queues.notified.wake(node)),
        _ => None,
    }
}

fn repoll<S: Site>(site: &S, owner: &S::Owner, waiter: &Waiter<Ticket>, poller: Poller<'_>) -> Repoll {
    let mut spare = DropGuarded::new(None);
    loop {
        let mut more = false;
        let result = site.decide(owner, |queues| repoll_once::<S>(queues, waiter, poller, &mut spare, &mut more));
        // The rest, in further turns – unless all of it has left, and others came with another mutex.
        while more {
            more = site.decide(owner, |q| q.admits() && q.notified.requeue(TURN, q.mutex, q.mutex_lock));
        }
        match result {
            Repoll::NeedsWaker => spare = DropGuarded::new(Some(poller.to_wake())),
            Repoll::Waits(None) => {
                poller.may_park(true);
                return result;
            }
            result => return result,
        }
    }
}

/// One try under the locks. A leader requeues a turn of the others, unless they stay. It sets `more` if there are more.
fn repoll_once<S: Site>(
    queues: &mut Queues<'_>,
    waiter: &Waiter<Ticket>,
    poller: Poller<'_>,
    spare: &mut Option<Wake>,
    more: &mut bool,
) -> Repoll {
    let (Some(node), Some(wake)) = (waiter.link(), wake_of(queues, waiter)) else { return Repoll::Left };
    let Some(kept) = wake else {
        // Only the leader has no waker. If it is requeued itself, it counts in the turn.
        let locked = queues.notified.lead(node, queues.mutex, queues.mutex_lock);
        if !(locked && S::UNLOCK_WAKES && queues.notified.stay(queues.mutex)) {
            *more = queues.notified.requeue(TURN - usize::from(!locked), queues.mutex, queues.mutex_lock);
        }
        return if locked { Repoll::Locked } else { Repoll::Left };
    };
    if poller.is_woken_by(kept) {
        return Repoll::Waits(None);
    }
    match spare.take() {
        Some(fresh) => {
            waiter.polled(poller.origin(waiter.born()));
            Repoll::Waits(Some(core::mem::replace(kept, fresh)))
        }
        None => Repoll::NeedsWaker,
    }
}

/// A waiter gives up, wherever it is. Returns `false` if it has to unlock the mutex.
fn leave<S: Site>(site: &S, owner: &S::Owner, waiter: &Waiter<Ticket>, step: Step, wakes: &mut Wakes) -> bool {
    let Some(node) = waiter.link() else { return true };
    site.decide(owner, |queues| {
        // In step `Mutex` a `Queued` waiter is in the line of the mutex: it has taken note of its requeue.
        let stage = match (waiter.stage(), step) {
            (Some(Stage::Queued), Step::Mutex) => Some(Stage::Requeued),
            (stage, _) => stage,
        };
        let (mut to_wake, mut first, mut unlocked) = (None, None, true);
        match stage {
            Some(Stage::Queued) => queues.condition.withdraw(node),
            Some(Stage::Notified) => {
                queues.notified.withdraw(node);
                queues.pass_on::<S>(&mut first);
            }
            Some(Stage::Requeued) => {
                let offered = queues.mutex.withdraw(node);
                queues.pass_on::<S>(&mut first);
                if offered {
                    unlocked = queues.unlock::<S>(&mut to_wake);
                }
            }
            Some(Stage::Granted) => {
                queues.mutex.give(false);
                queues.pass_on::<S>(&mut first);
                unlocked = queues.unlock::<S>(&mut to_wake);
            }
            Some(Stage::Signalled) => {
                queues.mutex.give(false);
                if !queues.condition.signal_next(queues.mutex, &mut to_wake) {
                    unlocked = queues.unlock::<S>(&mut to_wake);
                }
            }
            _ => {}
        }
        wakes.push(to_wake);
        wakes.push(first);
        unlocked
    })
}

/// If the waiter was requeued to the line of the mutex, takes note of it.
fn note_requeue<P: Primitive + ?Sized>(owner: &P, waiter: &Waiter<Ticket>) {
    if waiter.stage() == Some(Stage::Requeued) {
        waiter.arrive(&mut owner.lock().lock());
    }
}

impl<H, S> fmt::Debug for ConditionWait<H, S>
where
    H: Deref<Target = S::Owner>,
    S: Site,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.waiter.fmt(f)
    }
}
