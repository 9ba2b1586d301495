//! What a polled handle keeps between two polls: for `Stream`, `Sink` and the `poll_` methods.
//!
//! It is boxed, and allocated when a handle first needs it. For a receiver that is the first poll that is pending or
//! returns the end, for a sender its first use as a `Sink`, and for both the first `poll_closed`. The waiter in it
//! belongs to the handle, and is only ever woken to retry.

use alloc::boxed::Box;
use core::pin::Pin;
use core::sync::atomic::AtomicBool;
use core::task::{Poll, Waker};

use pin_project_lite::pin_project;

use super::shared::Shared;
use super::state::PendingSend;
use crate::primitive::Ordering::Relaxed;
use crate::record::{Origin, Place, RECORDS, SharedHold, Tag};
use crate::wait::{DropGuarded, Listener, Own, Phase, Poller, Stage, Ticket, Waitable, Waiter, decide, poll};

pub(super) type BoxedReceiving = Pin<Box<HandleReceiving>>;
pub(super) type BoxedSending<T> = Pin<Box<HandleSending<T>>>;

pin_project! {
    /// A receiver's. `ended` is set once a poll has returned `None`.
    pub(super) struct HandleReceiving {
        #[pin]
        pub(super) waiter: Waiter<Ticket>,
        pub(super) ended: bool,
        pub(super) listener: Listener,
    }
}

impl HandleReceiving {
    pub(super) fn new() -> BoxedReceiving {
        Box::pin(Self { waiter: Waiter::new(Ticket::of(true, false)), ended: false, listener: Listener::new() })
    }
}

pin_project! {
    /// A sender's. `sending` is set while the waiter holds the message of the outbox.
    pub(super) struct HandleSending<T> {
        #[pin]
        pub(super) waiter: Waiter<PendingSend<T>>,
        pub(super) outbox: Own<DropGuarded<T>>,
        pub(super) sending: bool,
        pub(super) flags: Flags,
        pub(super) listener: Listener,
    }
}

/// What `&self` methods of the handle read and change.
// ORDERING: all Relaxed; the owner of the handle or of the mailbox's lock sets and uses the slot, and a swap gives it
// up. The partner is the lock: what the slot stands for is counted under it.
pub(super) struct Flags {
    slot: AtomicBool,
    finished: AtomicBool,
    held: SharedHold,
}

impl Flags {
    /// A slot is held for the next message from now on.
    pub(super) fn hold(&self, tag: &Tag, origin: Origin<'_>) {
        self.held.begin(tag, origin);
        self.slot.store(true, Relaxed);
    }

    pub(super) fn holds(&self) -> bool {
        self.slot.load(Relaxed)
    }

    /// No slot is held from now on. Returns whether one was.
    pub(super) fn take(&self) -> bool {
        self.slot.swap(false, Relaxed)
    }

    /// Ends the record of a slot that was taken. Called with no lock held.
    #[inline(always)]
    pub(super) fn record_end(&self) {
        if RECORDS && !self.holds() {
            self.held.end();
        }
    }

    /// Finishes the handle. Returns whether it was finished before.
    pub(super) fn finish(&self) -> bool {
        self.finished.swap(true, Relaxed)
    }

    pub(super) fn is_finished(&self) -> bool {
        self.finished.load(Relaxed)
    }
}

impl<T> HandleSending<T> {
    pub(super) fn new() -> BoxedSending<T> {
        let flags = Flags { slot: AtomicBool::new(false), finished: AtomicBool::new(false), held: SharedHold::new() };
        let waiter = Waiter::new(PendingSend::new(Ticket::of(true, false), 1, None));
        let outbox = Own::new(DropGuarded::new(None));
        Box::pin(Self { waiter, outbox, sending: false, flags, listener: Listener::new() })
    }

    /// For the clone of a finished handle, which is finished, too.
    pub(super) fn finished() -> BoxedSending<T> {
        let handle = Self::new();
        handle.flags.finish();
        handle
    }
}

/// Which waiter of a handle leaves the queue when the handle is used for another operation.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Cancel {
    /// A waiter that was woken to retry and has not been polled since. A sleeping waiter keeps its place.
    IfWoken,
    /// Any waiter but one with a pending message at capacity 0.
    UnlessPending,
    Always,
}

/// Takes a receiving handle's waiter out of the queue, if `cancel` says so. An unused wake-up goes to the next waiter.
pub(super) fn cancel_receive<T>(shared: &Shared<T>, waiter: &Waiter<Ticket>, cancel: Cancel) {
    let Some(node) = waiter.link() else { return };
    let waker = decide(shared, |state, effects| {
        let queued = waiter.stage() == Some(Stage::Queued);
        if !queued || cancel == Cancel::IfWoken && !state.receivers.was_woken(node) {
            return DropGuarded::new(None);
        }
        let waker = state.receivers.wake(node).take();
        state.receivers.withdraw(node);
        state.settle(effects);
        DropGuarded::new(waker)
    });
    drop(waker);
}

/// Takes a sending handle's waiter out of the queue, like [`cancel_receive`].
pub(super) fn cancel_send<T>(shared: &Shared<T>, waiter: &Waiter<PendingSend<T>>, cancel: Cancel) {
    let Some(node) = waiter.link() else { return };
    let waker = decide(shared, |state, effects| {
        let leaves = waiter.stage() == Some(Stage::Queued)
            && match cancel {
                Cancel::IfWoken => state.senders.was_woken(node),
                Cancel::UnlessPending => state.capacity > 0 || state.senders.payload(node).message.is_none(),
                Cancel::Always => true,
            };
        if !leaves {
            return DropGuarded::new(None);
        }
        let waker = state.senders.wake(node).take();
        state.withdraw_sender(node, effects);
        DropGuarded::new(waker)
    });
    drop(waker);
}

/// Polls a handle's waiter. It starts anew after a result, or after another operation of the handle cancelled it.
#[cfg_attr(feature = "inspect", track_caller)]
pub(super) fn poll_handle<T, W>(
    shared: &Shared<T>,
    operation: &mut W,
    mut waiter: Pin<&mut Waiter<W::Payload>>,
    waker: &Waker,
) -> Poll<W::Output>
where
    W: Waitable<On = Shared<T>, Payload: AsMut<Ticket>>,
{
    if waiter.stage() == Some(Stage::Withdrawn) {
        drop(DropGuarded::new(waiter.as_mut().retire()));
    }
    if waiter.phase() == Phase::Done {
        waiter.as_mut().renew();
    }
    if waiter.phase() == Phase::Fresh {
        waiter.as_mut().payload().as_mut().set_handle(true);
        waiter.as_mut().set_born(Place::here());
    }
    poll(shared, operation, waiter, Poller::Task(waker))
}
