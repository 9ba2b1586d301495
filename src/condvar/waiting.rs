//! Waiting for a condition variable: in its line, then in the mutex's.

use core::fmt;
use core::marker::PhantomData;
use core::ops::Deref;
use core::pin::Pin;
use core::task::{Poll, ready};

use pin_project_lite::pin_project;

use super::Condvar;
use super::lobby::Lobby;
use crate::mutex::{Absence, Ended, Enter, Exclusion, Held, Mutex, WaitWhile, leave};
use crate::wait::{
    Ask, Attempt, Core, Effects, Finally, Late, Link, Look, Mark, NAME, Outlook, Phase, Quick, Request, Stage, Waiter,
    Wake, Who, cancel, look_again, named_future, poll, polled_twice,
};

/// The request to be notified, by whoever has left this mutex.
struct Notice<'a>(&'a Exclusion);

/// Others wait with another mutex; this one was not released.
struct Refused<'a>(&'a Exclusion);

impl<'a> Ask for Notice<'a> {
    type Core = Condvar;
    type Prize = Refused<'a>;
    type Extra = Mark;

    // A condition has no memory: there is never anything to get without waiting.
    fn quick(&mut self, _: &mut Mark, lobby: &mut Lobby, _: &mut Option<Wake>) -> Quick<Refused<'a>> {
        if lobby.admits(self.0) { Quick::Wait } else { Quick::Done(Refused(self.0)) }
    }

    fn undo(_: &Condvar, Refused(mutex): Refused<'a>) {
        leave(mutex);
    }

    /// Carries those whom one turn was not enough for: the wait that led them is the mutex's business by now.
    fn provide(&mut self, condvar: &Condvar) {
        // The lobby's lock is always the first of the two.
        while condvar.lock().lock().carry_on(self.0, &mut self.0.lock().lock()) {}
    }
}

impl<'a> Request for Notice<'a> {
    const MOVES: bool = true;

    fn outlook(_: &Condvar) -> Outlook {
        Outlook::Hopeless
    }

    fn enqueue(&mut self, lobby: &mut Lobby, node: Link<Mark>, _: &mut Option<Wake>) {
        lobby.join(self.0, node);
    }

    // Whoever was told is the carrier. What is provided then is the moving of the others, with the lock let go between two
    // turns; the next look finds that this one has left the line.
    fn look(&mut self, lobby: &mut Lobby, _: Link<Mark>, _: &mut Effects<()>) -> Attempt<Refused<'a>> {
        lobby.lead(&mut self.0.lock().lock());
        Attempt::Provide
    }

    fn redeem(&mut self, _: &Condvar, _: Stage, _: &mut Mark) -> Refused<'a> {
        unreachable!("the mutex ends the wait")
    }

    fn leave(&mut self, lobby: &mut Lobby, node: Link<Mark>, effects: &mut Effects<()>) {
        let mut tell = None;
        lobby.leave(node, &mut tell);
        effects.wakes.push(tell);
    }

    fn hand_on(&mut self, _: &mut Lobby, _: &mut Mark, _: &mut Effects<()>) {
        unreachable!("the mutex grants")
    }
}

/// As far as the waiter knows.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Leg {
    /// In the condition variable's line, or about to join it.
    Condvar,
    /// In the mutex's, moved there by others: it was notified.
    Mutex,
    /// In the mutex's, by itself, because its deadline had come.
    Late,
}

pin_project! {
    /// A wait in two lines, one after the other, with one node.
    pub(crate) struct Passage<H, V, T>
    where
        H: Deref<Target = Mutex<T>>,
        V: Deref<Target = Condvar>,
        T: ?Sized,
    {
        place: Option<H>,
        condvar: V,
        leg: Leg,
        #[pin]
        waiter: Waiter<Mark>,
        _data: PhantomData<fn(&T)>,
    }

    impl<H, V, T> PinnedDrop for Passage<H, V, T>
    where
        H: Deref<Target = Mutex<T>>,
        V: Deref<Target = Condvar>,
        T: ?Sized,
    {
        fn drop(this: Pin<&mut Self>) {
            this.retire();
        }
    }
}

impl<H, V, T> Passage<H, V, T>
where
    H: Deref<Target = Mutex<T>>,
    V: Deref<Target = Condvar>,
    T: ?Sized,
{
    pub(super) fn new(condvar: V, guard: Held<H>) -> Self {
        let (place, waiter) = (Some(guard.into_owner()), Waiter::new(Mark::NONE));
        Self { place, condvar, leg: Leg::Condvar, waiter, _data: PhantomData }
    }

    /// Gives up: leaves the line it is in. If it was notified already, the next who waits is, in its place.
    fn retire(self: Pin<&mut Self>) {
        let mut this = self.project();
        let Some(place) = this.place else { return };
        let (mutex, condvar) = (place.exclusion(), &**this.condvar);
        match this.waiter.phase() {
            Phase::Done => {}
            Phase::Fresh if *this.leg == Leg::Late => {}
            // Whoever asked had the mutex.
            Phase::Fresh => leave(mutex),
            Phase::Joined => {
                if *this.leg == Leg::Condvar && cancel(condvar, &mut Notice(mutex), this.waiter.as_mut()) {
                    return;
                }
                let notified = *this.leg != Leg::Late;
                // Whatever the waker of the next holder does.
                let _pass_on = Finally(|| {
                    if notified {
                        condvar.pass_on(mutex);
                    }
                });
                arrive(mutex, &this.waiter);
                cancel(mutex, &mut Enter::new(), this.waiter);
            }
        }
    }
}

/// Others may have moved it to the mutex's line: takes note of it.
fn arrive(mutex: &Exclusion, waiter: &Waiter<Mark>) {
    if waiter.stage() == Some(Stage::Moved) {
        waiter.arrive(&mut *mutex.lock().lock());
    }
}

impl<H, V, T> Absence for Passage<H, V, T>
where
    H: Deref<Target = Mutex<T>>,
    V: Deref<Target = Condvar>,
    T: ?Sized,
{
    type Handle = H;

    fn take_place(self: Pin<&mut Self>) -> Option<H> {
        let this = self.project();
        if this.waiter.phase() == Phase::Fresh && *this.leg == Leg::Condvar { this.place.take() } else { None }
    }

    fn poll_as(self: Pin<&mut Self>, who: Who<'_>, name: &str) -> Poll<Held<H>> {
        let mut this = self.project();
        let Some(place) = this.place.as_ref().filter(|_| this.waiter.phase() != Phase::Done) else {
            polled_twice(name)
        };
        let (mutex, condvar) = (place.exclusion(), &**this.condvar);
        if this.waiter.phase() == Phase::Fresh && *this.leg == Leg::Condvar {
            if poll(condvar, &mut Notice(mutex), this.waiter, who).is_ready() {
                let _guard = this.place.take().map(Held::new);
                panic!("`{name}`: others wait for this condition variable with another mutex");
            }
            // Only now: a notification before it had joined would reach nobody.
            leave(mutex);
            // Whoever got it may have a waker that parks.
            who.may_park(false);
            return Poll::Pending;
        }
        if *this.leg == Leg::Condvar && this.waiter.stage() == Some(Stage::Queued) {
            if let Look::Waits = look_again(condvar, &mut Notice(mutex), this.waiter.as_mut(), who) {
                return Poll::Pending;
            }
        }
        if *this.leg == Leg::Condvar {
            *this.leg = Leg::Mutex;
        }
        arrive(mutex, &this.waiter);
        ready!(poll(mutex, &mut Enter::new(), this.waiter, who));
        Poll::Ready(Held::new(this.place.take().expect("it was there a line ago")))
    }

    fn renew(self: Pin<&mut Self>, place: H) {
        let this = self.project();
        (*this.place, *this.leg) = (Some(place), Leg::Condvar);
        this.waiter.renew();
    }

    fn is_done(&self) -> bool {
        self.place.is_none() || self.waiter.phase() == Phase::Done
    }

    // One that was moved meanwhile does not sleep where it is looked for: its next poll takes note of the move.
    fn is_woken(&self) -> bool {
        self.place.as_ref().is_none_or(|place| match self.leg {
            Leg::Condvar => !self.waiter.is_asleep(&mut *self.condvar.lock().lock()),
            Leg::Mutex | Leg::Late => !self.waiter.is_asleep(&mut *place.exclusion().lock().lock()),
        })
    }
}

/// Who is late leaves the line as if it was dropped, and goes to the mutex's as a newcomer, unless others moved it there.
impl<H, V, T> Late for Passage<H, V, T>
where
    H: Deref<Target = Mutex<T>>,
    V: Deref<Target = Condvar>,
    T: ?Sized,
{
    type Timely = (Held<H>, Ended);

    fn poll_timely(self: Pin<&mut Self>, who: Who<'_>) -> Poll<(Held<H>, Ended)> {
        self.poll_as(who, NAME).map(|guard| (guard, Ended::Notified))
    }

    fn poll_late(mut self: Pin<&mut Self>, who: Who<'_>) -> Poll<(Held<H>, Ended)> {
        let mut this = self.as_mut().project();
        if let (Some(place), Leg::Condvar, Phase::Joined) = (this.place.as_ref(), *this.leg, this.waiter.phase()) {
            if cancel(&**this.condvar, &mut Notice(place.exclusion()), this.waiter.as_mut()) {
                *this.leg = Leg::Late;
                this.waiter.renew();
            }
        }
        let ended = if *this.leg == Leg::Late { Ended::Elapsed } else { Ended::Notified };
        self.poll_as(who, NAME).map(|guard| (guard, ended))
    }
}

impl<H, V, T> fmt::Debug for Passage<H, V, T>
where
    H: Deref<Target = Mutex<T>>,
    V: Deref<Target = Condvar>,
    T: ?Sized,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.waiter.fmt(f)
    }
}

named_future! {
    /// Waits for a [`Condvar`]. Made by [`Condvar::wait`] and [`Condvar::wait_owned`]; answers the guard. `H` is the guard's
    /// handle on the mutex, `V` is `&Condvar` or `Arc<Condvar>`.
    ///
    /// # Cancel safety
    /// **It took the guard by value, so a dropped wait has released the mutex.** A notification that it was given goes to
    /// the next who waits; the mutex, if it was handed over, to the next in its line. Nobody else notices.
    pub struct CondvarWaiting[H, V, T] where [
        H: Deref<Target = Mutex<T>>, V: Deref<Target = Condvar>, T: ?Sized
    ] = Passage<H, V, T> => Held<H>, until (Held<H>, Ended);
}

named_future! {
    /// Waits for a [`Condvar`] while a predicate holds. Made by [`Condvar::wait_while`] and [`Condvar::wait_while_owned`].
    ///
    /// # Cancel safety
    /// As [`CondvarWaiting`]: a dropped wait has released the mutex.
    pub struct CondvarWaitingWhile[H, V, T, F] where [
        H: Deref<Target = Mutex<T>>, V: Deref<Target = Condvar>, T: ?Sized, F: FnMut(&mut T) -> bool
    ] = WaitWhile<Passage<H, V, T>, F> => Held<H>, until (Held<H>, Ended);
}
