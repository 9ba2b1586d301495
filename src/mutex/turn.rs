//! Exclusion as plain state, and the request to be let in: what a mutex and a monitor have in common.

use core::marker::PhantomData;
use core::ops::Deref;

use super::held::{Exclusive, Held};
use crate::wait::{
    Ask, Attempt, Conclude, Core, Effects, FxOf, Link, List, Litter, Request, Stage, State, StateOf, decide,
};

/// One at a time, in the order of the line.
///
/// (T1) Somebody waits ⇒ the turn is taken: whoever leaves gives it to the first in line, not to the air.
pub(crate) struct Turn<X> {
    taken: bool,
    pub(crate) line: List<X>,
}

impl<X> Turn<X> {
    pub(crate) const fn new() -> Self {
        Self { taken: false, line: List::new() }
    }

    pub(crate) fn is_taken(&self) -> bool {
        self.taken
    }

    #[inline(always)]
    pub(crate) fn release<L: Litter>(&mut self, effects: &mut Effects<L>) {
        if self.line.is_empty() {
            self.taken = false;
        } else {
            effects.wakes.push(self.line.end_front(Stage::Granted).flatten());
        }
    }
}

/// A state that one enters by taking its turn.
pub(crate) trait Entrance: State {
    /// What a waiter at the door keeps in its node.
    type Extra: Default;

    fn turn(&mut self) -> &mut Turn<Self::Extra>;
}

impl Entrance for Turn<()> {
    type Extra = ();

    #[inline(always)]
    fn turn(&mut self) -> &mut Self {
        self
    }
}

impl State for Turn<()> {
    type Litter = ();

    // Every release serves one waiter, so there is never a rest.
    fn settle(&mut self, _: &mut Effects<()>) {}
}

/// Leaves, and lets the first in line enter.
#[inline(always)]
pub(crate) fn leave<C: Core<State: Entrance> + ?Sized>(core: &C) {
    decide(core, |state, effects| state.turn().release(effects));
}

/// The request to enter `C`.
pub(crate) struct Enter<C: ?Sized>(PhantomData<fn(&C)>);

impl<C: ?Sized> Enter<C> {
    #[inline(always)]
    pub(crate) const fn new() -> Self {
        Self(PhantomData)
    }
}

impl<C: Core<State: Entrance> + ?Sized> Ask for Enter<C> {
    type Core = C;
    type Prize = ();

    #[inline(always)]
    fn attempt(&mut self, state: &mut StateOf<Self>, _: &mut FxOf<Self>) -> Attempt<()> {
        let turn = state.turn();
        if turn.taken {
            return Attempt::Wait;
        }
        turn.taken = true;
        Attempt::Done(())
    }
}

impl<C: Core<State: Entrance> + ?Sized> Request for Enter<C> {
    type Extra = <C::State as Entrance>::Extra;

    fn extra(&mut self, _: &mut StateOf<Self>) -> Self::Extra {
        Self::Extra::default()
    }

    fn enqueue(&mut self, state: &mut StateOf<Self>, node: Link<Self::Extra>, _: &mut FxOf<Self>) {
        state.turn().line.push_back(node);
    }

    fn redeem(&mut self, _: &C, _: Stage, _: Self::Extra) {}

    fn leave(&mut self, state: &mut StateOf<Self>, node: Link<Self::Extra>, _: &mut FxOf<Self>) {
        state.turn().line.withdraw(node);
    }

    fn hand_on(&mut self, state: &mut StateOf<Self>, _: &mut Self::Extra, effects: &mut FxOf<Self>) {
        state.turn().release(effects);
    }
}

impl<H, C> Conclude<H> for Enter<C>
where
    H: Deref<Target = C>,
    C: Core<State: Entrance> + Exclusive + ?Sized,
{
    type Output = Held<H>;

    #[inline(always)]
    fn conclude(&mut self, place: H, (): ()) -> Held<H> {
        Held::new(place)
    }
}
