//! What a primitive is to the waiting machine: a lock, a plain state, and what a decision leaves to be done.

use super::panics::{is_panicking, run_all};
use super::wakes::{Wake, Wakes};
use crate::lock::{Lock, LockGuard};

/// A primitive. Everything about it is decided under its lock, and carried out after the unlock.
pub(crate) trait Primitive {
    /// What lies under the lock.
    type State;

    /// What a decision leaves to be done after the unlock, besides the wakes.
    type Deferred;

    fn lock(&self) -> &Lock<Self::State>;

    /// Serves every waiter that can be served, in order, until none can or the batch of wakers is full.
    ///
    /// It may be called at any time: it only restores the invariant that no waiter can be served.
    fn settle(state: &mut Self::State, effects: &mut EffectsOf<Self>);

    /// Carries out what was deferred, with no lock held.
    fn finish(&self, _deferred: Self::Deferred) {}
}

/// What a decision under the lock asks to be done after the unlock. All of it is foreign code (C6).
#[must_use = "effects are carried out after the unlock"]
pub(crate) struct Effects<D> {
    pub(crate) wakes: Wakes,
    pub(crate) deferred: Option<D>,
}

pub(crate) type EffectsOf<P> = Effects<<P as Primitive>::Deferred>;

impl<D> Effects<D> {
    #[inline(always)]
    pub(crate) fn new() -> Self {
        Self { wakes: Wakes::new(), deferred: None }
    }

    /// Whether there is nothing to carry out.
    #[inline(always)]
    pub(crate) fn is_none(&self) -> bool {
        self.wakes.is_empty() && self.deferred.is_none()
    }

    /// Wakes. After a full batch it takes the lock again, for the next turn (C17). Panics are contained (C7).
    #[inline(always)]
    fn wake_all<P: Primitive<Deferred = D> + ?Sized>(&mut self, primitive: &P) {
        if self.wakes.is_full() || is_panicking() {
            return self.wake_in_turns(primitive);
        }
        // If one panics, the wakers behind it are called when the effects are dropped.
        while let Some(wake) = self.wakes.pop() {
            wake.wake();
        }
    }

    #[cold]
    fn wake_in_turns<P: Primitive<Deferred = D> + ?Sized>(&mut self, primitive: &P) {
        let mut again = self.wakes.is_full();
        run_all(|| match self.wakes.pop() {
            Some(wake) => {
                wake.wake();
                true
            }
            None if again => {
                P::settle(&mut primitive.lock().lock(), self);
                again = self.wakes.is_full();
                true
            }
            None => false,
        });
    }
}

/// Carries out what a decision asked for. Called with no lock held.
#[inline(always)]
pub(crate) fn carry_out<P: Primitive + ?Sized>(primitive: &P, effects: &mut EffectsOf<P>) {
    if !effects.is_none() {
        carry_out_all(primitive, effects);
    }
}

#[inline(never)]
fn carry_out_all<P: Primitive + ?Sized>(primitive: &P, effects: &mut EffectsOf<P>) {
    struct Finish<'a, P: Primitive + ?Sized>(&'a P, &'a mut EffectsOf<P>);

    // Even if wakers panic, what was deferred is done after them.
    impl<P: Primitive + ?Sized> Drop for Finish<'_, P> {
        fn drop(&mut self) {
            if let Some(deferred) = self.1.deferred.take() {
                self.0.finish(deferred);
            }
        }
    }

    let finish = Finish(primitive, effects);
    finish.1.wake_all(primitive);
}

/// Decides under the lock, and then carries out the effects. For every operation that does not wait.
pub(crate) fn decide<P: Primitive + ?Sized, T>(
    primitive: &P,
    decision: impl FnOnce(&mut P::State, &mut EffectsOf<P>) -> T,
) -> T {
    decide_in(primitive, primitive.lock().lock(), decision)
}

/// Like [`decide`], with two shortcuts. `fast` decides if there is no waiter to wake, and `for_one` if there is at most
/// one. Each returns whether it did; if not, it has changed nothing.
#[inline(always)]
pub(crate) fn decide_fast<P: Primitive + ?Sized>(
    primitive: &P,
    fast: impl FnOnce(&mut P::State) -> bool,
    for_one: impl FnOnce(&mut P::State, &mut Option<Wake>) -> bool,
    decision: impl FnOnce(&mut P::State, &mut EffectsOf<P>),
) {
    let mut state = primitive.lock().lock();
    if !fast(&mut state) {
        decide_for_one(primitive, state, for_one, decision);
    }
}

// A separate call, so that it costs nothing where there is no waiter to wake.
#[inline(never)]
fn decide_for_one<P: Primitive + ?Sized>(
    primitive: &P,
    mut state: LockGuard<'_, P::State>,
    for_one: impl FnOnce(&mut P::State, &mut Option<Wake>) -> bool,
    decision: impl FnOnce(&mut P::State, &mut EffectsOf<P>),
) {
    let mut to_wake = None;
    if !for_one(&mut state, &mut to_wake) {
        return decide_in(primitive, state, decision);
    }
    drop(state);
    Wake::wake_one(&mut to_wake);
}

#[inline(never)]
fn decide_in<P: Primitive + ?Sized, T>(
    primitive: &P,
    mut state: LockGuard<'_, P::State>,
    decision: impl FnOnce(&mut P::State, &mut EffectsOf<P>) -> T,
) -> T {
    let mut effects = Effects::new();
    let result = decision(&mut state, &mut effects);
    drop(state);
    carry_out(primitive, &mut effects);
    result
}
