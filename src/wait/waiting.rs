//! The waiting machine: poll, waker replacement, cancel, blocking and fusing, written once for every primitive.
//!
//! A primitive is a [`Core`]: a lock around a plain state. One kind of wait on it is a [`Request`], which says how to
//! *try*, where to *queue*, what a *grant* is worth and how to *hand it on*. Everything else is here.

use core::fmt;
use core::ops::Deref;
use core::pin::Pin;
use core::task::Poll;

use pin_project_lite::pin_project;

use super::decision::{Core, Effects};
use super::joining::join;
use super::node::{Phase, Stage, Waiter};
use super::request::{
    Ask, Attempt, Conclude, GuardOf, Outlook, Quick, Request, ask, award, award_dropping, award_telling, provide,
};
use super::{Foreign, Who};

/// Polls a wait. The fast half is inlined into the caller.
#[inline(always)]
pub(crate) fn poll<R: Request>(
    core: &R::Core,
    request: &mut R,
    mut waiter: Pin<&mut Waiter<R::Extra>>,
    who: Who<'_>,
) -> Poll<R::Prize> {
    if waiter.phase() == Phase::Joined {
        return poll_joined(core, request, waiter, who);
    }
    if R::outlook(core) != Outlook::Open {
        return join(core, request, waiter, who);
    }
    let extra = waiter.as_mut().extra();
    let mut state = core.lock().lock();
    let mut tell = None;
    match request.quick(extra, &mut state, &mut tell) {
        Quick::Done(prize) => {
            drop(state);
            // Answered, also if a waker panics in the next line: asking again would take twice.
            waiter.finish();
            // Apart, so that a prize that nobody waits beside is not moved once more.
            if tell.is_none() {
                return Poll::Ready(prize);
            }
            Poll::Ready(award_telling::<R>(core, &mut tell, prize))
        }
        Quick::Wait => {
            drop(state);
            join(core, request, waiter, who)
        }
        Quick::Ask => poll_properly(core, request, waiter, who, state),
    }
}

#[inline(never)]
fn poll_properly<R: Request>(
    core: &R::Core,
    request: &mut R,
    mut waiter: Pin<&mut Waiter<R::Extra>>,
    who: Who<'_>,
    state: GuardOf<'_, R>,
) -> Poll<R::Prize> {
    let mut effects = Effects::new();
    match ask(core, request, waiter.as_mut().extra(), state, &mut effects) {
        Some(prize) => {
            waiter.finish();
            Poll::Ready(award::<R>(core, &mut effects, prize))
        }
        None => join(core, request, waiter, who),
    }
}

/// Looks whether the wait is over; if not, sees to it that the right one is woken.
#[inline(never)]
pub(super) fn poll_joined<R: Request>(
    core: &R::Core,
    request: &mut R,
    mut waiter: Pin<&mut Waiter<R::Extra>>,
    who: Who<'_>,
) -> Poll<R::Prize> {
    if waiter.stage() == Some(Stage::Queued) {
        match look_again(core, request, waiter.as_mut(), who) {
            Look::Over => {}
            Look::Served(prize) => return Poll::Ready(prize),
            Look::Waits => return Poll::Pending,
        }
    }
    let stage = waiter.stage().unwrap_or(Stage::Withdrawn);
    request.equip(core, stage);
    // A waker that comes back was never woken.
    let _wake = Foreign::new(waiter.as_mut().part());
    Poll::Ready(request.redeem(core, stage, waiter.extra()))
}

/// What became of a waiter that was polled in line.
pub(crate) enum Look<P> {
    /// Its wait was ended meanwhile.
    Over,
    /// It looked, and found something.
    Served(P),
    Waits,
}

#[cold]
pub(crate) fn look_again<R: Request>(
    core: &R::Core,
    request: &mut R,
    mut waiter: Pin<&mut Waiter<R::Extra>>,
    who: Who<'_>,
) -> Look<R::Prize> {
    let mut spare = Foreign::new(None);
    let mut effects = Effects::new();
    loop {
        let mut state = core.lock().lock();
        // Only under the lock is a stage of `Queued` sure to stay.
        if waiter.stage() != Some(Stage::Queued) {
            return Look::Over;
        }
        let Some(node) = waiter.link() else { return Look::Over };
        let (nudged, kept) = match waiter.wake(&mut *state) {
            Some(kept) => (false, who.is_woken_by(kept)),
            None => (true, false),
        };
        if nudged || request.looks_uninvited(&mut state) {
            match request.look(&mut state, node, &mut effects) {
                Attempt::Done(prize) => {
                    drop(state);
                    let kept = Foreign::new(waiter.as_mut().part());
                    let prize = award::<R>(core, &mut effects, prize);
                    return Look::Served(award_dropping::<R>(core, (kept, spare), prize));
                }
                Attempt::Provide => {
                    drop(state);
                    provide(core, request, &mut effects);
                    continue;
                }
                Attempt::Wait => {}
            }
        }
        if kept {
            drop(state);
            who.may_park(true);
            return Look::Waits;
        }
        if let Some(wake) = spare.take() {
            let old = Foreign::new(waiter.wake(&mut *state).replace(wake));
            if nudged {
                request.rearm(&mut state, node, &mut effects);
            }
            drop(state);
            core.carry_out(&mut effects);
            drop(old);
            return Look::Waits;
        }
        drop(state);
        spare = Foreign::new(Some(who.to_wake()));
    }
}

/// Ends a wait early (C2, C5): O(1), and what it had been granted goes on. Answers whether it was this request's to end:
/// a waiter that was [moved](Request::MOVES) is not.
#[cold]
pub(crate) fn cancel<R: Request>(core: &R::Core, request: &mut R, mut waiter: Pin<&mut Waiter<R::Extra>>) -> bool {
    let Some(node) = waiter.link() else { return true };
    let mut effects = Effects::new();
    let mut state = core.lock().lock();
    match waiter.stage() {
        Some(Stage::Queued) => request.leave(&mut state, node, &mut effects),
        _ if R::MOVES => return false,
        Some(Stage::Granted) => request.hand_on(&mut state, waiter.as_mut().extra(), &mut effects),
        _ => {}
    }
    drop(state);
    // Taken apart first: should a waker panic, the grant must not be found here, and handed on, a second time.
    let _wake = Foreign::new(waiter.part());
    core.carry_out(&mut effects);
    true
}

pin_project! {
    /// A request on its way: where, what, and the waiter that others may link.
    pub(crate) struct Wait<H, R>
    where
        H: Deref<Target = <R as Ask>::Core>,
        R: Request,
    {
        pub(super) place: Option<H>,
        pub(super) request: R,
        #[pin]
        pub(super) waiter: Waiter<R::Extra>,
    }

    impl<H, R> PinnedDrop for Wait<H, R>
    where
        H: Deref<Target = <R as Ask>::Core>,
        R: Request,
    {
        fn drop(this: Pin<&mut Self>) {
            this.retire();
        }
    }
}

impl<H, R> Wait<H, R>
where
    H: Deref<Target = R::Core>,
    R: Request,
{
    #[inline(always)]
    pub(crate) fn new(place: H, request: R, extra: R::Extra) -> Self {
        Self { place: Some(place), request, waiter: Waiter::new(extra) }
    }

    /// Leaves the line, or gives back what was granted.
    #[inline(always)]
    pub(crate) fn retire(self: Pin<&mut Self>) {
        let this = self.project();
        let Some(place) = this.place else { return };
        match this.waiter.phase() {
            Phase::Done => {}
            Phase::Joined => _ = cancel(&**place, this.request, this.waiter),
            Phase::Fresh => R::abandon(place),
        }
    }

    #[inline(always)]
    pub(crate) fn poll_as(self: Pin<&mut Self>, who: Who<'_>, name: &str) -> Poll<R::Output>
    where
        R: Conclude<H>,
    {
        let mut this = self.project();
        let Some(place) = this.place.as_ref().filter(|_| this.waiter.phase() != Phase::Done) else {
            polled_twice(name)
        };
        match poll(&**place, this.request, this.waiter.as_mut(), who) {
            Poll::Ready(prize) => {
                let place = this.place.take().expect("it was there a line ago");
                Poll::Ready(this.request.conclude(place, this.waiter.extra(), prize))
            }
            Poll::Pending => Poll::Pending,
        }
    }

    /// Begins another wait, after an answer.
    pub(crate) fn renew(self: Pin<&mut Self>, place: H) {
        let this = self.project();
        *this.place = Some(place);
        this.waiter.renew();
    }

    /// Takes the place away from a wait that never began.
    pub(crate) fn take_place(self: Pin<&mut Self>) -> Option<H> {
        let this = self.project();
        if this.waiter.phase() == Phase::Fresh { this.place.take() } else { None }
    }

    /// Ends it for good: there will be no answer. What was brought along comes back.
    pub(crate) fn stop(mut self: Pin<&mut Self>) -> &mut R::Extra {
        self.as_mut().retire();
        *self.as_mut().project().place = None;
        self.brought()
    }

    /// What was brought along, of a wait that is not in line.
    pub(crate) fn brought(self: Pin<&mut Self>) -> &mut R::Extra {
        self.project().waiter.extra()
    }

    pub(crate) fn is_done(&self) -> bool {
        self.place.is_none() || self.waiter.phase() == Phase::Done
    }

    /// Whether a poll may find more than the last one did: it does not sleep in its line.
    pub(crate) fn is_woken(&self) -> bool {
        self.place.as_ref().is_none_or(|place| !self.waiter.is_asleep(&mut *place.lock().lock()))
    }
}

impl<H, R> fmt::Debug for Wait<H, R>
where
    H: Deref<Target = R::Core>,
    R: Request,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let wants = self.place.as_ref().map_or(1, |place| self.waiter.read(&mut *place.lock().lock(), R::wants));
        match wants {
            1 => self.waiter.fmt(f),
            wants => f.debug_struct(self.waiter.name()).field("wants", &wants).finish(),
        }
    }
}

#[cold]
pub(crate) fn polled_twice(name: &str) -> ! {
    panic!("`{name}` was polled after it had answered")
}
