//! Exclusion as plain state, and the request to be let in: what a mutex and a monitor have in common.

use core::marker::PhantomData;
use core::ops::Deref;

use super::held::{Exclusive, Held};
use crate::wait::{
    Ask, Attempt, Conclude, Core, Effects, FxOf, Link, List, Litter, Quick, Request, Stage, State, StateOf, Wake,
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

    /// Takes a turn that is nobody's.
    #[inline(always)]
    fn take(&mut self) -> bool {
        !core::mem::replace(&mut self.taken, true)
    }

    /// Gives the turn to the first in line, who is to be woken, or to nobody.
    #[inline(always)]
    pub(crate) fn pass(&mut self, tell: &mut Option<Wake>) {
        self.taken = !self.line.is_empty();
        self.line.end_front(Stage::Granted, tell);
    }

    pub(crate) fn release<L: Litter>(&mut self, effects: &mut Effects<L>) {
        let mut tell = None;
        self.pass(&mut tell);
        effects.wakes.push(tell);
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
    let mut tell = None;
    core.lock().lock().turn().pass(&mut tell);
    if tell.is_some() {
        Wake::tell(&mut tell);
    }
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
    type Extra = <C::State as Entrance>::Extra;

    #[inline(always)]
    fn quick(&mut self, _: &mut Self::Extra, state: &mut StateOf<Self>, _: &mut Option<Wake>) -> Quick<()> {
        if state.turn().take() { Quick::Done(()) } else { Quick::Wait }
    }

    fn attempt(&mut self, _: &mut Self::Extra, state: &mut StateOf<Self>, _: &mut FxOf<Self>) -> Attempt<()> {
        if state.turn().take() { Attempt::Done(()) } else { Attempt::Wait }
    }
}

impl<C: Core<State: Entrance> + ?Sized> Request for Enter<C> {
    fn enqueue(&mut self, state: &mut StateOf<Self>, node: Link<Self::Extra>, _: &mut Option<Wake>) {
        state.turn().line.push_back(node);
    }

    fn redeem(&mut self, _: &C, _: Stage, _: &mut Self::Extra) {}

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
    fn conclude(&mut self, place: H, _: &mut Self::Extra, (): ()) -> Held<H> {
        Held::new(place)
    }
}
