//! What a primitive is to the machine: a lock, a plain state, and what a decision about it leaves to be done.

use super::panics::is_panicking;
use super::{Wake, Wakes, each};
use crate::lock::{Lock, LockGuard};

/// What a primitive keeps under its lock.
pub(crate) trait State {
    /// What decisions leave over, to be carried out or dropped after the unlock.
    type Litter: Litter;

    /// Serves everybody who can be served, in order, until nobody can or the batch of wakers is full.
    ///
    /// It may be called at any time: it only restores the invariant that whoever waits cannot be served.
    fn settle(&mut self, effects: &mut EffectsOf<Self>);
}

/// Leftovers of a decision.
pub(crate) trait Litter: Default {
    /// Whether there is nothing to do about them.
    fn is_none(&self) -> bool;
}

impl Litter for () {
    #[inline(always)]
    fn is_none(&self) -> bool {
        true
    }
}

/// What a decision under the lock asks to be done after it: foreign code, all of it (C6).
#[must_use = "effects are carried out after the unlock"]
pub(crate) struct Effects<L> {
    pub(crate) wakes: Wakes,
    pub(crate) litter: L,
}

pub(crate) type EffectsOf<S> = Effects<<S as State>::Litter>;

impl<L: Litter> Effects<L> {
    #[inline(always)]
    pub(crate) fn new() -> Self {
        Self { wakes: Wakes::new(), litter: L::default() }
    }

    /// Whether a decision asks for nothing more.
    #[inline(always)]
    pub(crate) fn is_none(&self) -> bool {
        self.wakes.is_empty() && self.litter.is_none()
    }

    /// Wakes, and while batches came out full, goes back for the next turn (C17). Panics are contained (C7).
    #[inline(always)]
    pub(crate) fn wake_all<S: State<Litter = L>>(&mut self, lock: &Lock<S>) {
        if self.wakes.is_full() || is_panicking() {
            return self.wake_in_turns(lock);
        }
        // Should one panic, those behind it are woken when the effects are dropped.
        while let Some(wake) = self.wakes.pop() {
            wake.wake();
        }
    }

    #[cold]
    fn wake_in_turns<S: State<Litter = L>>(&mut self, lock: &Lock<S>) {
        let mut again = self.wakes.is_full();
        each(|| match self.wakes.pop() {
            Some(wake) => {
                wake.wake();
                true
            }
            None if again => {
                lock.lock().settle(self);
                again = self.wakes.is_full();
                true
            }
            None => false,
        });
    }
}

/// A primitive: a lock, the state behind it, and what else there is to do after a decision.
pub(crate) trait Core {
    type State: State;

    fn lock(&self) -> &Lock<Self::State>;

    /// Carries out what a decision asked for. Called with no lock held.
    #[inline(always)]
    fn carry_out(&self, effects: &mut EffectsOf<Self::State>) {
        if !effects.is_none() {
            self.carry_out_all(effects);
        }
    }

    /// Carries out effects that there are.
    #[inline(never)]
    fn carry_out_all(&self, effects: &mut EffectsOf<Self::State>) {
        effects.wake_all(self.lock());
    }
}

/// Decides something under the lock and carries out the effects: the door for everything that does not wait.
pub(crate) fn decide<C: Core + ?Sized, T>(
    core: &C,
    decision: impl FnOnce(&mut C::State, &mut EffectsOf<C::State>) -> T,
) -> T {
    decide_in(core, core.lock().lock(), decision)
}

/// Like [`decide`], for what is nearly always simple: mostly `at_once` does it, and nobody is to be told; if it does not,
/// mostly `for_one` does, and at most one is.
#[inline(always)]
pub(crate) fn decide_quickly<C: Core + ?Sized>(
    core: &C,
    at_once: impl FnOnce(&mut C::State) -> bool,
    for_one: impl FnOnce(&mut C::State, &mut Option<Wake>) -> bool,
    decision: impl FnOnce(&mut C::State, &mut EffectsOf<C::State>),
) {
    let mut state = core.lock().lock();
    if !at_once(&mut state) {
        decide_for_one(core, state, for_one, decision);
    }
}

// A call, so that it costs those nothing for whom there is nobody to tell.
#[inline(never)]
fn decide_for_one<C: Core + ?Sized>(
    core: &C,
    mut state: LockGuard<'_, C::State>,
    for_one: impl FnOnce(&mut C::State, &mut Option<Wake>) -> bool,
    decision: impl FnOnce(&mut C::State, &mut EffectsOf<C::State>),
) {
    let mut tell = None;
    if !for_one(&mut state, &mut tell) {
        return decide_in(core, state, decision);
    }
    drop(state);
    Wake::tell(&mut tell);
}

#[inline(never)]
fn decide_in<C: Core + ?Sized, T>(
    core: &C,
    mut state: LockGuard<'_, C::State>,
    decision: impl FnOnce(&mut C::State, &mut EffectsOf<C::State>) -> T,
) -> T {
    let mut effects = Effects::new();
    let result = decision(&mut state, &mut effects);
    drop(state);
    core.carry_out(&mut effects);
    result
}
