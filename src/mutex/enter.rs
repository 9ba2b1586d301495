//! Locking a mutex, and entering a monitor: one operation.

use core::convert::Infallible;
use core::marker::PhantomData;

use super::guard::Unlock;
use super::state::MutexState;
use crate::wait::{
    Attempt, Effects, Fast, FxOf, Link, Operation, Primitive, Stage, StateOf, Ticket, Waitable, Wake, decide_fast,
};

/// A state with a mutex in it: that of a mutex, or that of a monitor.
pub(crate) trait HasMutex {
    /// What an unlock may leave to be [finished](Primitive::finish) after the lock of the state was released.
    type Left;

    fn mutex(&mut self) -> &mut MutexState;

    /// Unlocks if there is no waiter of any kind. Returns whether it did.
    fn unlock_fast(&mut self) -> bool;

    /// Unlocks, and serves the next waiter. If it returns something, the mutex is still locked, and finishing that
    /// unlocks it.
    #[must_use = "the mutex may still be locked"]
    fn unlock(&mut self, to_wake: &mut Option<Wake>) -> Option<Self::Left>;
}

impl HasMutex for MutexState {
    type Left = Infallible;

    #[inline(always)]
    fn mutex(&mut self) -> &mut Self {
        self
    }

    #[inline(always)]
    fn unlock_fast(&mut self) -> bool {
        self.unlock_fast()
    }

    #[inline(always)]
    fn unlock(&mut self, to_wake: &mut Option<Wake>) -> Option<Infallible> {
        self.unlock(to_wake);
        None
    }
}

/// Unlocks a mutex, or leaves a monitor, and serves the next waiter.
#[inline(always)]
pub(crate) fn unlock<P: Primitive<State: HasMutex<Left = P::Deferred>> + ?Sized>(primitive: &P) {
    let unlock = |state: &mut P::State, to_wake: &mut Option<Wake>| state.unlock(to_wake).is_none();
    decide_fast(primitive, P::State::unlock_fast, unlock, release);
}

/// The operation of locking or entering `P`.
pub(crate) struct Enter<P: ?Sized>(PhantomData<fn(&P)>);

impl<P: ?Sized> Enter<P> {
    #[inline(always)]
    pub(crate) const fn new() -> Self {
        Self(PhantomData)
    }
}

impl<P: Primitive<State: HasMutex<Left = P::Deferred>> + Unlock + ?Sized> Operation for Enter<P> {
    type On = P;
    type Output = ();
    type Payload = Ticket;

    #[inline(always)]
    fn try_fast(&mut self, _: &mut Ticket, state: &mut StateOf<Self>, _: &mut Option<Wake>, _: bool) -> Fast<()> {
        if state.mutex().try_lock() { Fast::Done(()) } else { Fast::Wait }
    }

    fn undo(on: &P, (): ()) {
        on.unlock();
    }
}

impl<P: Primitive<State: HasMutex<Left = P::Deferred>> + Unlock + ?Sized> Waitable for Enter<P> {
    fn enqueue(&mut self, state: &mut StateOf<Self>, node: Link<Ticket>, _: &mut Option<Wake>) {
        // If the mutex is offered, a waiter before this one was woken to retry, so there is none to wake.
        state.mutex().line.enqueue(node);
    }

    fn retry(
        &mut self,
        state: &mut StateOf<Self>,
        node: Link<Ticket>,
        _woken: bool,
        _: &mut FxOf<Self>,
    ) -> Attempt<()> {
        if state.mutex().take_offered(node) { Attempt::Done(()) } else { Attempt::Wait }
    }

    fn rearm(&mut self, state: &mut StateOf<Self>, node: Link<Ticket>, _: &mut FxOf<Self>) {
        state.mutex().line.rearm(node);
    }

    #[inline(always)]
    fn redeem(&mut self, on: &P, _: Stage, _: &mut Ticket) {
        on.lock().hints().redeem();
    }

    fn leave(&mut self, state: &mut StateOf<Self>, node: Link<Ticket>, effects: &mut FxOf<Self>) {
        if state.mutex().withdraw(node) {
            release(state, effects);
        }
    }

    fn hand_on(&mut self, state: &mut StateOf<Self>, _: &mut Ticket, effects: &mut FxOf<Self>) {
        state.mutex().give(false);
        release(state, effects);
    }
}

fn release<S: HasMutex>(state: &mut S, effects: &mut Effects<S::Left>) {
    let mut to_wake = None;
    effects.deferred = state.unlock(&mut to_wake);
    effects.wakes.push(to_wake);
}
