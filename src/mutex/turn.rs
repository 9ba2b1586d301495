//! Exclusion as plain state, and the request to be let in: what a mutex and a monitor have in common.

use core::marker::PhantomData;
use core::ops::Deref;

use super::held::{Exclusive, Held};
use crate::wait::{
    Ask, Attempt, Conclude, Core, Effects, FxOf, Line, Link, List, Litter, Mark, Quick, Request, Stage, State, StateOf,
    Wake, decide_quickly,
};

/// One at a time, in the order of the line, or as far as the line lets newcomers pass.
///
/// - (T1) Somebody waits ⇒ the turn is not free: whoever leaves gives it to the first in line, not to the air.
/// - (T2) The turn is on offer ⇒ somebody waits, and the first in line has been told – or, where whoever is awake is not
///   waited for, the first who slept, or all are awake.
#[repr(C)]
pub(crate) struct Turn<Q> {
    stand: Stand,
    pub(crate) line: Q,
    /// How often the turn was given to a waiter, without those that gave up. It wraps.
    given: u8,
}

/// Whose turn it is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stand {
    Free,
    Taken,
    /// Nobody's, but somebody waits for it.
    Offered,
}

/// Those who wait for a turn.
pub(crate) trait Queue {
    type Extra;

    fn is_empty(&self) -> bool;

    fn enqueue(&mut self, node: Link<Self::Extra>);

    /// A waiter gives up.
    fn withdraw(&mut self, node: Link<Self::Extra>);

    /// The turn has come free, and somebody waits: gives it to the first, or tells the first of it. Answers whether it was
    /// given.
    fn serve(&mut self, tell: &mut Option<Wake>) -> bool;

    /// Whether a newcomer may take a turn that is on offer. If so, it has.
    fn overtake(&mut self) -> bool {
        false
    }

    /// Whether a waiter that was polled takes a turn that is on offer. If so, it has left.
    fn take(&mut self, _: Link<Self::Extra>) -> bool {
        false
    }

    /// A waiter that was told found nothing.
    fn rearm(&mut self, _: Link<Self::Extra>) {}

    /// Whether a turn is given, and never on offer.
    fn is_fifo(&self) -> bool {
        true
    }
}

/// First come, first served: a turn is always given.
impl<X> Queue for List<X> {
    type Extra = X;

    #[inline(always)]
    fn is_empty(&self) -> bool {
        self.is_empty()
    }

    fn enqueue(&mut self, node: Link<X>) {
        self.push_back(node);
    }

    fn withdraw(&mut self, node: Link<X>) {
        self.withdraw(node);
    }

    #[inline(always)]
    fn serve(&mut self, tell: &mut Option<Wake>) -> bool {
        self.end_front(Stage::Granted, tell);
        true
    }
}

impl Queue for Line<Mark> {
    type Extra = Mark;

    #[inline(always)]
    fn is_empty(&self) -> bool {
        self.is_empty()
    }

    // Whoever joins while the turn is on offer stands behind the one who was told.
    fn enqueue(&mut self, node: Link<Mark>) {
        self.enqueue(node);
    }

    fn withdraw(&mut self, node: Link<Mark>) {
        self.withdraw(node);
    }

    #[inline(always)]
    fn serve(&mut self, tell: &mut Option<Wake>) -> bool {
        if self.is_fifo() {
            self.grant(tell);
            return true;
        }
        self.nudge(1, tell);
        false
    }

    fn overtake(&mut self) -> bool {
        self.overtake(0)
    }

    fn take(&mut self, node: Link<Mark>) -> bool {
        self.take(node, 1).is_some()
    }

    fn rearm(&mut self, node: Link<Mark>) {
        self.rearm(node);
    }

    fn is_fifo(&self) -> bool {
        self.is_fifo()
    }
}

impl<Q> Turn<Q> {
    pub(crate) const fn new(line: Q) -> Self {
        Self { stand: Stand::Free, line, given: 0 }
    }

    pub(crate) fn is_taken(&self) -> bool {
        self.stand == Stand::Taken
    }

    /// Whether it was given to a waiter that has not been polled since: at most one is, so that a byte is enough to count.
    pub(crate) fn is_given(&self, redeemed: u8) -> bool {
        self.given != redeemed
    }

    /// The turn goes to a waiter, or comes back from one that gave up.
    #[inline(always)]
    pub(crate) fn give(&mut self, given: bool) {
        self.given = if given { self.given.wrapping_add(1) } else { self.given.wrapping_sub(1) };
    }
}

impl<Q: Queue> Turn<Q> {
    /// Takes a turn that is nobody's.
    #[inline(always)]
    fn take(&mut self) -> bool {
        let nobodys = self.stand == Stand::Free;
        if nobodys {
            self.stand = Stand::Taken;
        }
        nobodys
    }

    /// Takes a turn that is on offer to others, where a newcomer may. A call, so that it costs those nothing who find the
    /// turn free.
    #[inline(never)]
    fn overtake(&mut self) -> bool {
        let may = self.stand == Stand::Offered && self.line.overtake();
        if may {
            self.stand = Stand::Taken;
        }
        may
    }

    /// Leaves the turn to nobody, if nobody waits for it.
    #[inline(always)]
    fn quit(&mut self) -> bool {
        let unwanted = self.line.is_empty();
        if unwanted {
            self.stand = Stand::Free;
        }
        unwanted
    }

    /// Gives the turn to the first in line, who is to be woken, or to nobody; or offers it.
    #[inline(always)]
    pub(crate) fn pass(&mut self, tell: &mut Option<Wake>) {
        if self.quit() {
            return;
        }
        // Noted first: the one who gets it may have taken it as soon as it is served.
        if self.line.is_fifo() {
            self.give(true);
        }
        if !self.line.serve(tell) {
            self.stand = Stand::Offered;
        }
    }

    /// A waiter of another line, which it has left, goes on waiting at the back of this one. A turn that is nobody's is given
    /// or offered to it at once.
    pub(crate) fn admit(&mut self, node: Link<Q::Extra>, tell: &mut Option<Wake>) {
        self.line.enqueue(node);
        if self.take() {
            self.pass(tell);
        }
    }

    pub(crate) fn release<L: Litter>(&mut self, effects: &mut Effects<L>) {
        let mut tell = None;
        self.pass(&mut tell);
        effects.wakes.push(tell);
    }

    /// A waiter that was polled takes what is on offer, where it may.
    fn look(&mut self, node: Link<Q::Extra>) -> bool {
        let taken = self.stand == Stand::Offered && self.line.take(node);
        if taken {
            self.stand = Stand::Taken;
        }
        taken
    }

    /// A waiter gives up. What it was told of is offered to the next.
    fn give_up<L: Litter>(&mut self, node: Link<Q::Extra>, effects: &mut Effects<L>) {
        self.line.withdraw(node);
        if self.stand == Stand::Offered {
            self.release(effects);
        }
    }
}

/// A state that one enters by taking its turn.
pub(crate) trait Entrance: State {
    /// Those who wait at the door.
    type Line: Queue;

    fn turn(&mut self) -> &mut Turn<Self::Line>;
}

impl Entrance for Turn<Line<Mark>> {
    type Line = Line<Mark>;

    #[inline(always)]
    fn turn(&mut self) -> &mut Self {
        self
    }
}

impl State for Turn<Line<Mark>> {
    type Litter = ();

    // Every release serves one waiter, so there is never a rest.
    fn settle(&mut self, _: &mut Effects<()>) {}
}

/// Leaves, and lets the first in line enter.
#[inline(always)]
pub(crate) fn leave<C: Core<State: Entrance> + ?Sized>(core: &C) {
    let pass = |state: &mut C::State, tell: &mut Option<Wake>| {
        state.turn().pass(tell);
        true
    };
    decide_quickly(core, |state| state.turn().quit(), pass, |_, _| ());
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
    type Extra = <<C::State as Entrance>::Line as Queue>::Extra;

    #[inline(always)]
    fn quick(&mut self, _: &mut Self::Extra, state: &mut StateOf<Self>, _: &mut Option<Wake>) -> Quick<()> {
        let turn = state.turn();
        if turn.take() || turn.stand == Stand::Offered && turn.overtake() { Quick::Done(()) } else { Quick::Wait }
    }

    fn undo(core: &C, (): ()) {
        leave(core);
    }
}

impl<C: Core<State: Entrance> + ?Sized> Request for Enter<C> {
    fn enqueue(&mut self, state: &mut StateOf<Self>, node: Link<Self::Extra>, _: &mut Option<Wake>) {
        state.turn().line.enqueue(node);
    }

    fn looks_uninvited(&self, state: &mut StateOf<Self>) -> bool {
        !state.turn().line.is_fifo()
    }

    fn look(&mut self, state: &mut StateOf<Self>, node: Link<Self::Extra>, _: &mut FxOf<Self>) -> Attempt<()> {
        if state.turn().look(node) { Attempt::Done(()) } else { Attempt::Wait }
    }

    fn rearm(&mut self, state: &mut StateOf<Self>, node: Link<Self::Extra>, _: &mut FxOf<Self>) {
        state.turn().line.rearm(node);
    }

    #[inline(always)]
    fn redeem(&mut self, core: &C, _: Stage, _: &mut Self::Extra) {
        core.lock().memory().redeem();
    }

    fn leave(&mut self, state: &mut StateOf<Self>, node: Link<Self::Extra>, effects: &mut FxOf<Self>) {
        state.turn().give_up(node, effects);
    }

    fn hand_on(&mut self, state: &mut StateOf<Self>, _: &mut Self::Extra, effects: &mut FxOf<Self>) {
        state.turn().give(false);
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
