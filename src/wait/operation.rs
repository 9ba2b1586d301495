//! Operations on a primitive: tried at once ([`Operation`]), or waited for ([`Waitable`]).

use super::node::Link;
use super::primitive::{Effects, EffectsOf, Primitive, carry_out};
use super::stage::Stage;
use super::wakes::Wake;
use crate::lock::LockGuard;

pub(crate) type StateOf<O> = <<O as Operation>::On as Primitive>::State;
pub(crate) type FxOf<O> = EffectsOf<<O as Operation>::On>;
pub(super) type GuardOf<'a, O> = LockGuard<'a, StateOf<O>>;

/// The outcome of an attempt under the lock.
pub(crate) enum Attempt<T> {
    /// Served.
    Done(T),
    /// Not now: a waiter comes first, or there is nothing to get.
    Wait,
    /// Call [`Operation::make_room`] and try again: something is missing that must not be made under the lock.
    NeedsRoom,
}

/// The outcome of the fast path.
pub(crate) enum Fast<T> {
    /// Served.
    Done(T),
    /// There is nothing to get, and no other waiter is served by one more: join the queue.
    Wait,
    /// It is not that simple, and nothing was changed: take the slow path.
    Slow,
}

/// An operation on a primitive. All functions that take the state run under the lock and are plain bookkeeping.
pub(crate) trait Operation {
    type On: Primitive + ?Sized;

    /// What a served operation yields, before it becomes a guard or a permit.
    type Output;

    /// What the caller brings along: a number of permits, a message. A waiter keeps it in its node, where others can
    /// read it.
    type Payload;

    /// The common case, with at most one waiter to wake.
    ///
    /// It is inlined, and asked first. If it said `Fast::Slow`, it is asked `again`, in a call of its own: there it may
    /// do what is less common, and still cheap without a list of effects.
    #[inline(always)]
    fn try_fast(
        &mut self,
        _payload: &mut Self::Payload,
        _state: &mut StateOf<Self>,
        _to_wake: &mut Option<Wake>,
        _again: bool,
    ) -> Fast<Self::Output> {
        Fast::Slow
    }

    /// Every case.
    fn try_slow(
        &mut self,
        _payload: &mut Self::Payload,
        _state: &mut StateOf<Self>,
        _effects: &mut FxOf<Self>,
    ) -> Attempt<Self::Output> {
        Attempt::Wait
    }

    /// Makes, outside the lock, what [`Attempt::NeedsRoom`] asked for.
    fn make_room(&mut self, _on: &Self::On) {}

    /// Gives the output back, because a waker panicked before it was returned.
    fn undo(_on: &Self::On, _output: Self::Output) {}
}

/// An operation that can also be waited for.
pub(crate) trait Waitable: Operation {
    /// Which of the two wait hints of the lock it uses, 0 or 1: waiters of one queue share one.
    const HINT: usize = 0;

    /// Joins the queue. There is at most one other waiter to wake.
    fn enqueue(&mut self, state: &mut StateOf<Self>, node: Link<Self::Payload>, to_wake: &mut Option<Wake>);

    /// Retries for a queued waiter that is polled: it was `woken` to retry, or is polled by chance. If it is served, it
    /// has left the queue.
    fn retry(
        &mut self,
        _state: &mut StateOf<Self>,
        _node: Link<Self::Payload>,
        _woken: bool,
        _effects: &mut FxOf<Self>,
    ) -> Attempt<Self::Output> {
        Attempt::Wait
    }

    /// A waiter that was woken to retry found nothing. It goes back to sleep in its old place.
    fn rearm(&mut self, _state: &mut StateOf<Self>, _node: Link<Self::Payload>, _effects: &mut FxOf<Self>) {}

    /// Turns the end of a wait into the output: `Granted`, `Closed`, or `Signalled`, which is a granted mutex. Runs
    /// without the lock. If it panics, it has handed the grant on before.
    fn redeem(&mut self, on: &Self::On, stage: Stage, payload: &mut Self::Payload) -> Self::Output;

    /// A queued waiter gives up: it leaves, its wake-up goes to the next waiter, and the queue is served again here.
    fn leave(&mut self, state: &mut StateOf<Self>, node: Link<Self::Payload>, effects: &mut FxOf<Self>);

    /// A granted waiter gives up: what it was granted goes to the next waiter, by serving the queue here.
    fn hand_on(&mut self, state: &mut StateOf<Self>, payload: &mut Self::Payload, effects: &mut FxOf<Self>);

    /// How many it waits for.
    fn wants(_payload: &Self::Payload) -> usize {
        1
    }
}

/// Tries once: the whole of a `try_` form.
#[inline(always)]
pub(crate) fn attempt<O: Operation>(on: &O::On, operation: &mut O, payload: &mut O::Payload) -> Option<O::Output> {
    let mut state = on.lock().lock();
    let mut to_wake = None;
    match operation.try_fast(payload, &mut state, &mut to_wake, false) {
        Fast::Done(output) => {
            // The lock is held until the output is in its place: see `poll`.
            if to_wake.is_none() {
                return Some(output);
            }
            drop(state);
            Some(award_waking::<O>(on, &mut to_wake, output))
        }
        Fast::Wait => {
            drop(state);
            on.lock().stand_back();
            None
        }
        Fast::Slow => attempt_slow(on, operation, payload, state),
    }
}

#[inline(never)]
fn attempt_slow<O: Operation>(
    on: &O::On,
    operation: &mut O,
    payload: &mut O::Payload,
    mut state: GuardOf<'_, O>,
) -> Option<O::Output> {
    // Asked again, before a list of effects is made. A block: see `poll_slow`.
    {
        let mut to_wake = None;
        if let Fast::Done(output) = operation.try_fast(payload, &mut state, &mut to_wake, true) {
            drop(state);
            return Some(award_fast::<O>(on, &mut to_wake, output));
        }
    }
    let mut effects = Effects::new();
    let output = try_once(on, operation, payload, state, &mut effects);
    if output.is_none() {
        on.lock().stand_back();
    }
    Some(award::<O>(on, &mut effects, output?))
}

/// Tries once, with the lock held. The caller carries out the effects, because it may have to note something first.
pub(super) fn try_once<'a, O: Operation>(
    on: &'a O::On,
    operation: &mut O,
    payload: &mut O::Payload,
    mut state: GuardOf<'a, O>,
    effects: &mut FxOf<O>,
) -> Option<O::Output> {
    loop {
        match operation.try_slow(payload, &mut state, effects) {
            Attempt::Done(output) => return Some(output),
            Attempt::Wait => return None,
            Attempt::NeedsRoom => {
                drop(state);
                make_room(on, operation, effects);
                state = on.lock().lock();
            }
        }
    }
}

/// Between two attempts: carries out the effects of the first, and makes room for the second.
#[cold]
pub(super) fn make_room<O: Operation>(on: &O::On, operation: &mut O, effects: &mut FxOf<O>) {
    carry_out(on, effects);
    operation.make_room(on);
}

/// Carries out the effects while an output is in hand. If a waker panics, the output is given back.
#[inline(always)]
pub(crate) fn award<O: Operation>(on: &O::On, effects: &mut FxOf<O>, output: O::Output) -> O::Output {
    if effects.is_none() {
        return output;
    }
    award_slow::<O>(on, effects, output)
}

#[cold]
fn award_slow<O: Operation>(on: &O::On, effects: &mut FxOf<O>, output: O::Output) -> O::Output {
    let mut undo = Undo::<O>(on, Some(output));
    carry_out(on, effects);
    undo.1.take().expect("only a panic takes the output away")
}

/// Wakes the one waiter that the fast path has to wake, if there is one.
#[inline(always)]
pub(crate) fn award_fast<O: Operation>(on: &O::On, to_wake: &mut Option<Wake>, output: O::Output) -> O::Output {
    if to_wake.is_none() { output } else { award_waking::<O>(on, to_wake, output) }
}

#[inline(never)]
pub(super) fn award_waking<O: Operation>(on: &O::On, to_wake: &mut Option<Wake>, output: O::Output) -> O::Output {
    let mut undo = Undo::<O>(on, Some(output));
    Wake::wake_one(to_wake);
    undo.1.take().expect("only a panic takes the output away")
}

/// Drops an unneeded waker while an output is in hand. If that panics, the output is given back.
#[inline(always)]
pub(super) fn award_dropping<O: Operation>(on: &O::On, waker: impl Sized, output: O::Output) -> O::Output {
    let mut undo = Undo::<O>(on, Some(output));
    drop(waker);
    undo.1.take().expect("only a panic takes the output away")
}

/// Gives an output back, unless it was taken out before.
struct Undo<'a, O: Operation>(&'a O::On, Option<O::Output>);

impl<O: Operation> Drop for Undo<'_, O> {
    fn drop(&mut self) {
        if let Some(output) = self.1.take() {
            O::undo(self.0, output);
        }
    }
}
