//! The waiting machine, written once for every primitive: the future, its first poll, its deadline, its drop.
//!
//! A [`Primitive`] is a lock around a plain state. One kind of wait on it is a [`Waitable`] operation. It says how to
//! *try*, where to *enqueue*, what a *grant* is worth and how to *hand it on*. Joining is in
//! `joining.rs`; polls and drops of a queued waiter are in `queued.rs`.

use core::fmt;
use core::ops::Deref;
use core::pin::Pin;
use core::task::Poll;

use pin_project_lite::pin_project;

use super::joining::join;
use super::node::Waiter;
use super::operation::{Fast, GuardOf, Operation, Waitable, award, award_fast, award_waking, try_once};
use super::panics::DropGuarded;
use super::primitive::{Effects, Primitive, carry_out};
use super::queued::{cancel, poll_queued};
use super::stage::{Phase, Stage};
use super::until::NAME;
use super::wakes::Poller;
use crate::record::{Origin, Place};

/// A larger output is moved by a call, and not in registers.
const LARGE: usize = 64;

/// Polls a wait. The fast path is inlined into the caller.
#[inline(always)]
pub(crate) fn poll<W: Waitable>(
    on: &W::On,
    operation: &mut W,
    mut waiter: Pin<&mut Waiter<W::Payload>>,
    poller: Poller<'_>,
) -> Poll<W::Output> {
    if waiter.phase() == Phase::Joined {
        return poll_queued(on, operation, waiter, poller);
    }
    if on.lock().hints().expects_wait(W::HINT) {
        return join(on, operation, waiter, poller);
    }
    let payload = waiter.as_mut().payload();
    let mut state = on.lock().lock();
    let mut to_wake = None;
    match operation.try_fast(payload, &mut state, &mut to_wake, false) {
        Fast::Done(output) => {
            // A large output is in its place before the unlock: behind it, the move waits for what was just stored.
            if to_wake.is_none() && size_of::<W::Output>() > LARGE {
                waiter.finish();
                return Poll::Ready(output);
            }
            drop(state);
            // Finished even if a waker panics below: another poll would take a second time.
            waiter.finish();
            // A separate return, so that the output is not moved once more if there is no waiter to wake.
            if to_wake.is_none() {
                return Poll::Ready(output);
            }
            Poll::Ready(award_waking::<W>(on, &mut to_wake, output))
        }
        Fast::Wait => {
            drop(state);
            join(on, operation, waiter, poller)
        }
        Fast::Slow => poll_slow(on, operation, waiter, poller, state),
    }
}

#[inline(never)]
fn poll_slow<W: Waitable>(
    on: &W::On,
    operation: &mut W,
    mut waiter: Pin<&mut Waiter<W::Payload>>,
    poller: Poller<'_>,
    mut state: GuardOf<'_, W>,
) -> Poll<W::Output> {
    let payload = waiter.as_mut().payload();
    // Asked again, before a list of effects is made. A block, so that no drop of an empty place is left to the end.
    {
        let mut to_wake = None;
        match operation.try_fast(payload, &mut state, &mut to_wake, true) {
            Fast::Done(output) => {
                drop(state);
                waiter.finish();
                return Poll::Ready(award_fast::<W>(on, &mut to_wake, output));
            }
            Fast::Wait => {
                drop(state);
                return join(on, operation, waiter, poller);
            }
            Fast::Slow => {}
        }
    }
    let mut effects = Effects::new();
    match try_once(on, operation, payload, state, &mut effects) {
        Some(output) => {
            waiter.finish();
            Poll::Ready(award::<W>(on, &mut effects, output))
        }
        None => join(on, operation, waiter, poller),
    }
}

pin_project! {
    /// A wait: the place, the operation, and the waiter that others may link.
    pub(crate) struct Wait<H, W>
    where
        H: Deref<Target = <W as Operation>::On>,
        W: Waitable,
    {
        place: Option<H>,
        operation: W,
        #[pin]
        waiter: Waiter<W::Payload>,
    }

    impl<H, W> PinnedDrop for Wait<H, W>
    where
        H: Deref<Target = <W as Operation>::On>,
        W: Waitable,
    {
        fn drop(this: Pin<&mut Self>) {
            this.give_up();
        }
    }
}

impl<H, W> Wait<H, W>
where
    H: Deref<Target = W::On>,
    W: Waitable,
{
    #[inline(always)]
    #[cfg_attr(feature = "inspect", track_caller)]
    pub(crate) fn new(place: H, operation: W, payload: W::Payload) -> Self {
        Self { place: Some(place), operation, waiter: Waiter::new(payload) }
    }

    /// The same, asked for elsewhere.
    #[inline(always)]
    pub(crate) fn born_at(born: Place, place: H, operation: W, payload: W::Payload) -> Self {
        Self { place: Some(place), operation, waiter: Waiter::born_at(born, payload) }
    }

    /// Leaves the queue, or hands on what was granted.
    #[inline(always)]
    fn give_up(self: Pin<&mut Self>) {
        let this = self.project();
        let Some(place) = this.place else { return };
        match this.waiter.phase() {
            Phase::Joined => cancel(&**place, this.operation, this.waiter),
            Phase::Fresh | Phase::Done => {}
        }
    }

    /// Polls. `conclude` makes the result from the place, the payload and the output. It learns who polled.
    #[inline(always)]
    pub(crate) fn poll_as<T>(
        self: Pin<&mut Self>,
        poller: Poller<'_>,
        name: &str,
        conclude: impl FnOnce(H, &mut W::Payload, W::Output, Origin<'_>) -> T,
    ) -> Poll<T> {
        let mut this = self.project();
        let Some(place) = this.place.as_ref().filter(|_| this.waiter.phase() != Phase::Done) else {
            polled_twice(name)
        };
        match poll(&**place, this.operation, this.waiter.as_mut(), poller) {
            Poll::Ready(output) => {
                let place = this.place.take().expect("it was there a line ago");
                let origin = poller.origin(this.waiter.born());
                Poll::Ready(conclude(place, this.waiter.payload(), output, origin))
            }
            Poll::Pending => Poll::Pending,
        }
    }

    /// Polls after the deadline. The wait tries once more, and then leaves its queue as if it was dropped. Then
    /// `elapsed` makes the result from the place and the payload. If the wait was granted in between, the grant is the
    /// result.
    pub(crate) fn poll_late<T, U>(
        mut self: Pin<&mut Self>,
        poller: Poller<'_>,
        conclude: impl Fn(H, &mut W::Payload, W::Output, Origin<'_>) -> T,
        in_time: impl Fn(T) -> U,
        elapsed: impl FnOnce(H, &mut W::Payload) -> U,
    ) -> Poll<U> {
        // Takes what came since the last poll, and uses a wake-up to retry.
        if let Poll::Ready(result) = self.as_mut().poll_as(poller, NAME, &conclude) {
            return Poll::Ready(in_time(result));
        }
        if !self.as_mut().leave() {
            return self.poll_as(poller, NAME, conclude).map(in_time);
        }
        let this = self.project();
        let place = this.place.take().expect("a wait has a place");
        Poll::Ready(elapsed(place, this.waiter.payload()))
    }

    /// Takes the waiter out of its queue. Returns `false` if it was served before.
    fn leave(self: Pin<&mut Self>) -> bool {
        let this = self.project();
        let (Some(place), Some(node)) = (this.place.as_ref(), this.waiter.link()) else { return false };
        let mut effects = Effects::new();
        let mut state = place.lock().lock();
        // Only under the lock does a stage of `Queued` stay so.
        if this.waiter.stage() != Some(Stage::Queued) {
            return false;
        }
        this.operation.leave(&mut state, node, &mut effects);
        drop(state);
        let _wake = DropGuarded::new(this.waiter.retire());
        carry_out(&**place, &mut effects);
        true
    }

    /// Begins another wait, after a result.
    pub(crate) fn renew(self: Pin<&mut Self>, place: H) {
        let this = self.project();
        *this.place = Some(place);
        this.waiter.renew();
    }

    /// Ends the wait for good, without a result. Returns the payload.
    pub(crate) fn stop(mut self: Pin<&mut Self>) -> &mut W::Payload {
        self.as_mut().give_up();
        *self.as_mut().project().place = None;
        self.payload()
    }

    /// The payload of a wait that is in no queue.
    pub(crate) fn payload(self: Pin<&mut Self>) -> &mut W::Payload {
        self.project().waiter.payload()
    }

    pub(crate) fn is_done(&self) -> bool {
        self.place.is_none() || self.waiter.phase() == Phase::Done
    }

    /// Whether another poll may find more than the last one: the waiter is not asleep in its queue.
    pub(crate) fn is_woken(&self) -> bool {
        self.place.as_ref().is_none_or(|place| !self.waiter.is_asleep(&mut place.lock().lock()))
    }
}

impl<H, W> fmt::Debug for Wait<H, W>
where
    H: Deref<Target = W::On>,
    W: Waitable,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let wants = self.place.as_ref().map_or(1, |place| self.waiter.read(&mut place.lock().lock(), W::wants));
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
