//! What one can ask of a primitive: at once ([`Ask`]), or in line ([`Request`]).

use super::Wake;
use super::decision::{Core, Effects, EffectsOf};
use super::node::{Link, Stage};
use crate::lock::LockGuard;

pub(crate) type StateOf<R> = <<R as Ask>::Core as Core>::State;
pub(crate) type FxOf<R> = EffectsOf<StateOf<R>>;
pub(super) type GuardOf<'a, R> = LockGuard<'a, StateOf<R>>;

/// What an attempt under the lock came to.
pub(crate) enum Attempt<P> {
    /// Served.
    Done(P),
    /// Not now: somebody waits before, or there is nothing to get.
    Wait,
    /// Ask again after [`Ask::provide`]: something has to be made that must not be made under the lock.
    Provide,
}

/// What a quick attempt came to.
pub(crate) enum Quick<P> {
    /// Served.
    Done(P),
    /// There is nothing to get, and to join the line is all there is to do.
    Wait,
    /// It is not that simple, and nothing was touched: make an [attempt](Ask::attempt).
    Ask,
}

/// What to expect of an attempt.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outlook {
    /// It may well succeed: look first, clone the waker only if it does not.
    Open,
    /// The last one had to wait: clone the waker first and take the lock once.
    Doubtful,
    /// It never succeeds at once.
    Hopeless,
}

/// What can be asked for without waiting. All `&mut State` functions run under the lock and are plain bookkeeping.
pub(crate) trait Ask {
    type Core: Core + ?Sized;
    /// What a served request is worth, before it becomes a guard or a permit.
    type Prize;
    /// What whoever asks brings along. A waiter keeps it in its node, where others can read it.
    type Extra;

    /// The common case, in which at most one other is to be told.
    #[inline(always)]
    fn quick(
        &mut self,
        _extra: &mut Self::Extra,
        _state: &mut StateOf<Self>,
        _tell: &mut Option<Wake>,
    ) -> Quick<Self::Prize> {
        Quick::Ask
    }

    /// A newcomer asks properly: served now, or not.
    fn attempt(
        &mut self,
        _extra: &mut Self::Extra,
        _state: &mut StateOf<Self>,
        _effects: &mut FxOf<Self>,
    ) -> Attempt<Self::Prize> {
        Attempt::Wait
    }

    /// Makes, outside the lock, what [`Attempt::Provide`] asked for.
    fn provide(&mut self, _core: &Self::Core) {}

    /// A waker panicked while the prize was on its way: give it back.
    fn undo(_core: &Self::Core, _prize: Self::Prize) {}
}

/// What can also be waited for.
pub(crate) trait Request: Ask {
    /// In which of the lines at the core's lock it waits: what one wait teaches is for the next in the same line.
    const LINE: usize = 0;

    /// Whether others may move a waiter to a line under another lock. Whatever else than `Queued` it is found to be is then
    /// no business of this request.
    const MOVES: bool = false;

    /// A glance without the lock. Being wrong costs time, never a message.
    #[inline(always)]
    fn outlook(core: &Self::Core) -> Outlook {
        if core.lock().memory().expects_wait(Self::LINE) { Outlook::Doubtful } else { Outlook::Open }
    }

    /// It is about to join: completes what it brought along.
    fn prepare(&mut self, _extra: &mut Self::Extra, _state: &mut StateOf<Self>) {}

    /// Puts the node in line; at most one other is to be told.
    fn enqueue(&mut self, state: &mut StateOf<Self>, node: Link<Self::Extra>, tell: &mut Option<Wake>);

    /// It has joined, where that is not as simple as [`Quick::Wait`] says: its being there may be what others wait for.
    fn joined(&mut self, _state: &mut StateOf<Self>, _effects: &mut FxOf<Self>) {}

    /// Whether a waiter that is polled may look although nobody has nudged it.
    fn looks_uninvited(&self, _state: &mut StateOf<Self>) -> bool {
        false
    }

    /// A waiter looks again, nudged or uninvited. If it is served, it has unlinked itself.
    fn look(
        &mut self,
        _state: &mut StateOf<Self>,
        _node: Link<Self::Extra>,
        _effects: &mut FxOf<Self>,
    ) -> Attempt<Self::Prize> {
        Attempt::Wait
    }

    /// A nudged waiter found nothing and goes back to sleep, in its old place.
    fn rearm(&mut self, _state: &mut StateOf<Self>, _node: Link<Self::Extra>, _effects: &mut FxOf<Self>) {}

    /// Makes what [`redeem`](Self::redeem) needs. The waiter still has its grant: should this panic, it can be polled again, or
    /// hand the grant on.
    #[inline(always)]
    fn equip(&mut self, _core: &Self::Core, _stage: Stage) {}

    /// Turns the end of a wait – `Granted` or `Closed` – into the prize. Runs without the lock.
    fn redeem(&mut self, core: &Self::Core, stage: Stage, extra: &mut Self::Extra) -> Self::Prize;

    /// A queued waiter gives up: unlink it, pass on a nudge, and if it stood at the head look at the line again.
    fn leave(&mut self, state: &mut StateOf<Self>, node: Link<Self::Extra>, effects: &mut FxOf<Self>);

    /// A granted waiter gives up: what it was granted goes to the next in line.
    fn hand_on(&mut self, state: &mut StateOf<Self>, extra: &mut Self::Extra, effects: &mut FxOf<Self>);

    /// How many it asks for.
    fn wants(_extra: &Self::Extra) -> usize {
        1
    }

    /// Dropped before it was ever polled.
    #[inline(always)]
    fn abandon(_core: &Self::Core) {}
}

/// A request whose prize becomes something that keeps the primitive: a guard, a permit.
pub(crate) trait Conclude<H>: Request {
    type Output;

    fn conclude(&mut self, place: H, extra: &mut Self::Extra, prize: Self::Prize) -> Self::Output;
}

/// Asks once: all there is to a `try_` form.
#[inline(always)]
pub(crate) fn attempt<R: Ask>(core: &R::Core, request: &mut R, extra: &mut R::Extra) -> Option<R::Prize> {
    let mut state = core.lock().lock();
    let mut tell = None;
    match request.quick(extra, &mut state, &mut tell) {
        Quick::Done(prize) => {
            drop(state);
            Some(award_quickly::<R>(core, &mut tell, prize))
        }
        Quick::Wait => {
            drop(state);
            core.lock().stand_back();
            None
        }
        Quick::Ask => attempt_properly(core, request, extra, state),
    }
}

#[inline(never)]
fn attempt_properly<R: Ask>(
    core: &R::Core,
    request: &mut R,
    extra: &mut R::Extra,
    state: GuardOf<'_, R>,
) -> Option<R::Prize> {
    let mut effects = Effects::new();
    let prize = ask(core, request, extra, state, &mut effects);
    if prize.is_none() {
        core.lock().stand_back();
    }
    Some(award::<R>(core, &mut effects, prize?))
}

/// Asks once, with the lock in hand, and leaves the effects to the caller, who may have something to note down first.
pub(super) fn ask<'a, R: Ask>(
    core: &'a R::Core,
    request: &mut R,
    extra: &mut R::Extra,
    mut state: GuardOf<'a, R>,
    effects: &mut FxOf<R>,
) -> Option<R::Prize> {
    loop {
        match request.attempt(extra, &mut state, effects) {
            Attempt::Done(prize) => return Some(prize),
            Attempt::Wait => return None,
            Attempt::Provide => {
                drop(state);
                provide(core, request, effects);
                state = core.lock().lock();
            }
        }
    }
}

/// Between two attempts: the effects of the first, and what the second needs.
#[cold]
pub(super) fn provide<R: Ask>(core: &R::Core, request: &mut R, effects: &mut FxOf<R>) {
    core.carry_out(effects);
    request.provide(core);
}

/// Carries out the effects while a prize is in hand; if a waker panics, the prize goes back.
#[inline(always)]
pub(crate) fn award<R: Ask>(core: &R::Core, effects: &mut FxOf<R>, prize: R::Prize) -> R::Prize {
    if effects.is_none() {
        return prize;
    }
    award_slow::<R>(core, effects, prize)
}

#[cold]
fn award_slow<R: Ask>(core: &R::Core, effects: &mut FxOf<R>, prize: R::Prize) -> R::Prize {
    let mut undo = Undo::<R>(core, Some(prize));
    core.carry_out(effects);
    undo.1.take().expect("only a panic takes the prize away")
}

/// Wakes the one that a quick success has to tell, if there is one.
#[inline(always)]
pub(crate) fn award_quickly<R: Ask>(core: &R::Core, tell: &mut Option<Wake>, prize: R::Prize) -> R::Prize {
    if tell.is_none() { prize } else { award_telling::<R>(core, tell, prize) }
}

#[inline(never)]
pub(super) fn award_telling<R: Ask>(core: &R::Core, tell: &mut Option<Wake>, prize: R::Prize) -> R::Prize {
    let mut undo = Undo::<R>(core, Some(prize));
    Wake::tell(tell);
    undo.1.take().expect("only a panic takes the prize away")
}

/// Drops what was cloned in vain while a prize is in hand; if that panics, the prize goes back.
#[inline(always)]
pub(super) fn award_dropping<R: Ask>(core: &R::Core, waker: impl Sized, prize: R::Prize) -> R::Prize {
    let mut undo = Undo::<R>(core, Some(prize));
    drop(waker);
    undo.1.take().expect("only a panic takes the prize away")
}

/// Gives a prize back, unless it was taken out before.
struct Undo<'a, R: Ask>(&'a R::Core, Option<R::Prize>);

impl<R: Ask> Drop for Undo<'_, R> {
    fn drop(&mut self) {
        if let Some(prize) = self.1.take() {
            R::undo(self.0, prize);
        }
    }
}
