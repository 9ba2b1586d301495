//! The place of a polled handle: what `Stream`, `Sink` and the `poll_` methods keep between two polls.
//!
//! It is boxed, and made when a handle first needs it: a receiver's at its first poll that is pending or the end, a sender's
//! at its first use as a `Sink`, and either's when it first watches for the close. The waiter in it belongs to the handle and
//! is only ever nudged.

use alloc::boxed::Box;
use core::pin::Pin;
use core::sync::atomic::AtomicBool;
use core::task::{Poll, Waker};

use pin_project_lite::pin_project;

use super::shared::Shared;
use super::side::{Ticket, Ticketed};
use super::state::Offer;
use crate::primitive::Ordering::Relaxed;
use crate::wait::{Foreign, Own, Phase, Request, Stage, Waiter, Watch, Who, poll};

pub(super) type ReceiverSeat = Pin<Box<Listening>>;
pub(super) type SenderSeat<T> = Pin<Box<Seat<T>>>;

pin_project! {
    /// A receiver's; `ended` once it has said that nothing more will come.
    pub(super) struct Listening {
        #[pin]
        pub(super) waiter: Waiter<Ticket>,
        pub(super) ended: bool,
        pub(super) watch: Watch,
    }
}

impl Listening {
    pub(super) fn new() -> ReceiverSeat {
        Box::pin(Self { waiter: Waiter::new(Ticket::new(true, false)), ended: false, watch: Watch::new() })
    }
}

pin_project! {
    /// A sender's. `sending` while the waiter has the message and waits for it to be taken, not for a slot.
    pub(super) struct Seat<T> {
        #[pin]
        pub(super) waiter: Waiter<Offer<T>>,
        pub(super) outbox: Own<Foreign<T>>,
        pub(super) sending: bool,
        pub(super) marks: Marks,
        pub(super) watch: Watch,
    }
}

/// What `&self` methods of the handle have to know and may change.
// ORDERING: all Relaxed; a slot is noted and used by whoever has the handle or the mailbox's lock, and given up by a swap.
pub(super) struct Marks {
    slot: AtomicBool,
    finished: AtomicBool,
}

impl Marks {
    /// Notes that a slot is held for the next message.
    pub(super) fn hold(&self) {
        self.slot.store(true, Relaxed);
    }

    pub(super) fn holds(&self) -> bool {
        self.slot.load(Relaxed)
    }

    /// Takes the slot away; answers whether there was one.
    pub(super) fn take(&self) -> bool {
        self.slot.swap(false, Relaxed)
    }

    /// Finishes the handle; answers whether it was finished before.
    pub(super) fn finish(&self) -> bool {
        self.finished.swap(true, Relaxed)
    }

    pub(super) fn is_finished(&self) -> bool {
        self.finished.load(Relaxed)
    }
}

impl<T> Seat<T> {
    pub(super) fn new() -> SenderSeat<T> {
        let marks = Marks { slot: AtomicBool::new(false), finished: AtomicBool::new(false) };
        let waiter = Waiter::new(Offer::new(Ticket::new(true, false), 1, None));
        Box::pin(Self { waiter, outbox: Own::new(Foreign::new(None)), sending: false, marks, watch: Watch::new() })
    }

    /// The seat of a handle that is finished from the beginning.
    pub(super) fn finished() -> SenderSeat<T> {
        let seat = Self::new();
        seat.marks.finish();
        seat
    }
}

/// Which waiter of a handle leaves the line when the handle is used for something else.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Leaving {
    /// One that was told to look and has not done so: its wake-up goes to the next. One that sleeps keeps its place.
    IfTold,
    /// Any but one that holds a message out at capacity 0.
    UnlessOffered,
    Always,
}

/// Polls a handle's waiter. One that answered, or was withdrawn by another operation of the handle, begins anew.
pub(super) fn poll_seat<T, R: Request<Core = Shared<T>, Extra: Ticketed>>(
    shared: &Shared<T>,
    request: &mut R,
    mut waiter: Pin<&mut Waiter<R::Extra>>,
    waker: &Waker,
) -> Poll<R::Prize> {
    if waiter.stage() == Some(Stage::Withdrawn) {
        drop(Foreign::new(waiter.as_mut().part()));
    }
    if waiter.phase() == Phase::Done {
        waiter.as_mut().renew();
    }
    if waiter.phase() == Phase::Fresh {
        waiter.as_mut().extra().ticket().sit(true);
    }
    poll(shared, request, waiter, Who::Task(waker))
}
