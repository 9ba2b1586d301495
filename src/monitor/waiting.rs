//! Waiting for a condition, inside a monitor.

use core::marker::PhantomData;
use core::ops::Deref;

use super::state::{Inside, Seat, Stay};
use super::{Conditions, Monitor};
use crate::mutex::{Ended, Entrance, Held, Leave, WaitWhile, leave};
use crate::wait::{Ask, Conclude, Core, Effects, Link, Outlook, Quick, Request, Stage, Wait, Wake, named_future};

/// The request to wait for a condition. It is made by whoever is inside, and leaves the monitor when it joins the line.
pub(crate) struct WaitFor<C, T: ?Sized> {
    pub(super) condition: usize,
    _monitor: PhantomData<fn(C, &T)>,
}

impl<C: Conditions, T: ?Sized> WaitFor<C, T> {
    pub(super) fn new(condition: C) -> Self {
        Self { condition: condition.index(), _monitor: PhantomData }
    }
}

impl<C: Conditions, T: ?Sized> Ask for WaitFor<C, T> {
    type Core = Monitor<T, C>;
    type Prize = ();
    type Extra = Stay;

    // A condition has no memory: there is never anything to get without waiting.
    fn quick(&mut self, _: &mut Stay, _: &mut Inside<C::Lines>, _: &mut Option<Wake>) -> Quick<()> {
        Quick::Wait
    }
}

impl<C: Conditions, T: ?Sized> Request for WaitFor<C, T> {
    fn outlook(_: &Monitor<T, C>) -> Outlook {
        Outlook::Hopeless
    }

    fn prepare(&mut self, stay: &mut Stay, inside: &mut Inside<C::Lines>) {
        *stay = inside.stay();
    }

    // Joining the line and leaving the monitor are one step: a notification in between would reach nobody.
    fn enqueue(&mut self, inside: &mut Inside<C::Lines>, node: Link<Stay>, tell: &mut Option<Wake>) {
        inside.line(self.condition).push_back(node);
        inside.turn().pass(tell);
    }

    fn redeem(&mut self, monitor: &Monitor<T, C>, _: Stage, _: &mut Stay) {
        monitor.lock().memory().redeem();
    }

    fn leave(&mut self, inside: &mut Inside<C::Lines>, node: Link<Stay>, _: &mut Effects<()>) {
        let stay = *inside.turn().line.contents(node).0;
        match inside.give_up(self.condition, stay) {
            Seat::Door => inside.turn().line.withdraw(node),
            Seat::Condition => inside.line(self.condition).withdraw(node),
        }
    }

    fn hand_on(&mut self, inside: &mut Inside<C::Lines>, stay: &mut Stay, effects: &mut Effects<()>) {
        inside.hand_on(self.condition, *stay, effects);
    }

    // Whoever asked was inside.
    fn abandon(monitor: &Monitor<T, C>) {
        leave(monitor);
    }
}

impl<H, T, C> Conclude<H> for WaitFor<C, T>
where
    H: Deref<Target = Monitor<T, C>>,
    T: ?Sized,
    C: Conditions,
{
    type Output = Held<H>;

    fn conclude(&mut self, place: H, _: &mut Stay, (): ()) -> Held<H> {
        Held::new(place)
    }
}

named_future! {
    /// Waits for a condition of a [`Monitor`]. Made by [`MonitorGuard::wait`](crate::MonitorGuard::wait); answers the guard.
    ///
    /// # Cancel safety
    /// **It took the guard by value, so a dropped wait has left the monitor.** A notification that it was given goes to the
    /// longest waiter of that condition who was already waiting when it was given; the monitor, if it was handed over, to
    /// the next. Nobody else notices.
    pub struct Waiting[H, T, C] where [H: Deref<Target = Monitor<T, C>>, T: ?Sized, C: Conditions]
        = Wait<H, WaitFor<C, T>> => Held<H>, until (Held<H>, Ended);
}

named_future! {
    /// Waits for a condition while a predicate holds. Made by [`MonitorGuard::wait_while`](crate::MonitorGuard::wait_while).
    ///
    /// # Cancel safety
    /// As [`Waiting`]: a dropped wait has left the monitor.
    pub struct WaitingWhile[H, T, C, F] where [
        H: Deref<Target = Monitor<T, C>>, T: ?Sized, C: Conditions, F: FnMut(&mut T) -> bool
    ] = WaitWhile<Wait<H, WaitFor<C, T>>, F> => Held<H>, until (Held<H>, Ended);
}

impl<T: ?Sized, C: Conditions> Leave for Monitor<T, C> {
    #[inline(always)]
    fn leave(&self) {
        leave(self);
    }
}
