//! What the two ends of a channel share: one allocation with one byte of state, and no reference count.
//!
//! ```text
//!   0 ──poll──▶ WAITING ──┐                      the sender's last access is this read-modify-write;
//!   │                     │ send                 behind a waiter it is one plain store more
//!   │ send                ▼
//!   │              SENT + WAITING                the sender's turn: it takes the waker
//!   ▼                     │
//!  SENT ◀─────────────────┘                      the receiver takes the value and frees, without a read-modify-write
//! ```
//!
//! A sender that is dropped sets `LEFT` in the place of `SENT`. The other direction is alike: `WATCHING` is a sender
//! that waits for the close, `CLOSED` ends its wait, and then the receiver may be `GONE`. See [`Side`].
//!
//! An end has its *turn* from when it ends the other's wait until it has taken the waker, and cleared the waker's bit.
//!
//! # Invariants
//! - (O1) The allocation outlives both ends. The receiver frees it if it finds `LEFT`, or `SENT` without `CLOSED`, and
//!   no end has its turn. The sender frees it if it finds `GONE`. The first to leave does not access it after its turn.
//! - (O2) The place of the value belongs to the sender until `SENT`. Then it is full, and belongs to the receiver. If
//!   `CLOSED` was set before `SENT`, it belongs to the sender until `LEFT`: the sender takes the value back.
//! - (O3) The place of a side's waker belongs to that side while its bit is off. While it is on, the place is full, and
//!   belongs to the other side, which takes the waker in its turn. Only then the first side has to spin. Before the
//!   turn a side may unregister its waker: it clears the bit itself.
//! - (O4) A side unregisters its own waker before it sets a bit. A send does not, so that it accesses the state once.
//!   It learns afterwards that it was `WATCHING`: it takes its own waker in its turn, or leaves it to the receiver if
//!   `CLOSED` was first. So the state does not change in a turn of the sender, and a plain store ends the turn. In a
//!   turn of the receiver `SENT` and `LEFT` may be set, and are kept.

use alloc::boxed::Box;
use core::fmt;
use core::mem::MaybeUninit;
use core::panic::{RefUnwindSafe, UnwindSafe};
use core::ptr::NonNull;

use crate::lock::pause_until;
use crate::primitive::Ordering::{AcqRel, Acquire, Relaxed, Release};
use crate::primitive::pause::SPINS_FIRST;
use crate::primitive::{AtomicU8, Heaped, UnsafeCell};
use crate::wait::{DropGuarded, Poller, Wake};

/// The sender has sent a value, unless `CLOSED` was set before.
const SENT: u8 = 1;
/// The sender has left without a value.
const LEFT: u8 = 2;
/// The receiver accepts no value any more, except one that was sent before.
const CLOSED: u8 = 4;
/// The receiver has left.
const GONE: u8 = 8;
/// The receiver's waker is registered.
const WAITING: u8 = 16;
/// The sender's waker is registered.
const WATCHING: u8 = 32;

/// The side that waits.
#[derive(Clone, Copy)]
pub(super) enum Side {
    Receiver,
    Sender,
}

impl Side {
    /// The bit of its waker.
    fn waits(self) -> u8 {
        match self {
            Self::Receiver => WAITING,
            Self::Sender => WATCHING,
        }
    }

    /// The bits that end its wait.
    fn over(self) -> u8 {
        match self {
            Self::Receiver => SENT | LEFT | CLOSED,
            Self::Sender => CLOSED | GONE,
        }
    }
}

// The fields of every exchange come first.
#[repr(C)]
struct Slot<T> {
    state: AtomicU8,
    receiver: Place<Wake>,
    value: Place<T>,
    sender: Place<Wake>,
    _heaped: Heaped,
}

/// Empty or full: the state says which. It needs no initialization, and no drop.
type Place<X> = UnsafeCell<MaybeUninit<X>>;

/// Fills a place that is the caller's own, and empty.
#[inline(always)]
fn put<X>(place: &Place<X>, thing: X) {
    place.with_mut(|place| {
        // SAFETY: (O2) (O3) – the place is the caller's own, and the borrow ends here.
        unsafe { &mut *place }.write(thing);
    });
}

/// Empties a place that is the caller's own, and full.
#[inline(always)]
fn take<X>(place: &Place<X>) -> X {
    // SAFETY: (O2) (O3) – the place is the caller's own and full, and is empty from now on.
    place.with_mut(|place| unsafe { place.cast::<X>().read() })
}

impl<T> Slot<T> {
    fn place(&self, side: Side) -> &Place<Wake> {
        match side {
            Side::Receiver => &self.receiver,
            Side::Sender => &self.sender,
        }
    }

    /// Spins while the other side has its turn, until none of `bits` is on.
    fn await_turn(&self, bits: u8) {
        // ORDERING: Acquire; pairs with the Release in `take_waker`, `send_watched` and `close`.
        pause_until(SPINS_FIRST, |_| self.state.load(Acquire) & bits == 0);
    }
}

/// One of the two ends. A method that takes it by value is the last access of this end.
pub(super) struct End<T>(NonNull<Slot<T>>);

impl<T> Clone for End<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for End<T> {}

// SAFETY: (O2) (O3) – the value and the wakers move from one thread to the other, and are never shared.
unsafe impl<T: Send> Send for End<T> {}
// SAFETY: (O2) – a shared end accesses only the atomic state.
unsafe impl<T: Send> Sync for End<T> {}

// A panic never leaves the slot half-changed: no foreign code runs in a turn, and the value is only moved in and out.
impl<T> UnwindSafe for End<T> {}
impl<T> RefUnwindSafe for End<T> {}

/// Both ends.
impl<T> End<T> {
    #[inline(always)]
    pub(super) fn pair() -> (Self, Self) {
        let slot = Box::new(Slot {
            state: AtomicU8::new(0),
            receiver: UnsafeCell::new(MaybeUninit::uninit()),
            value: UnsafeCell::new(MaybeUninit::uninit()),
            sender: UnsafeCell::new(MaybeUninit::uninit()),
            _heaped: Heaped::new(),
        });
        let slot = NonNull::from(Box::leak(slot));
        (Self(slot), Self(slot))
    }

    #[inline(always)]
    fn slot(&self) -> &Slot<T> {
        // SAFETY: (O1) – this end exists, so the allocation does.
        unsafe { self.0.as_ref() }
    }

    #[inline(always)]
    fn free(self) {
        // SAFETY: (O1) – it came from a box, the other end is gone, and this is the last access of this one.
        drop(unsafe { Box::from_raw(self.0.as_ptr()) });
    }

    /// Whether the wait of this side is over.
    #[inline(always)]
    pub(super) fn is_over(&self, side: Side) -> bool {
        // ORDERING: Acquire; pairs with the AcqRel in `send`, `leave_unsent`, `close`, and the Release in `leave`.
        self.slot().state.load(Acquire) & side.over() != 0
    }

    /// Whether a value can be received.
    pub(super) fn has_value(&self) -> bool {
        // ORDERING: Relaxed, without a partner: the answer is only shown, and a receive looks for itself.
        self.slot().state.load(Relaxed) & (SENT | CLOSED) == SENT
    }

    /// Whether the waker of this side, which is the caller's, is registered.
    #[inline(always)]
    pub(super) fn is_registered(&self, side: Side) -> bool {
        // ORDERING: Acquire; pairs with the Release in `take_waker` and in `close`: once clear, the place is empty.
        self.slot().state.load(Acquire) & side.waits() != 0
    }

    /// Registers `poller`, which alone is woken from now on (C9). Returns `false` if the wait is over.
    ///
    /// Foreign code – the clone of a waker, the drop of the old one – runs in no turn. Whatever it does, a waker is
    /// registered afterwards, or the wait is over.
    #[inline(always)]
    pub(super) fn wait(&self, side: Side, poller: Poller<'_>) -> bool {
        if self.is_registered(side) {
            return self.wait_slow(side, poller);
        }
        // In two branches, because a waker is passed in registers, and a `Wake` would be written to memory first.
        match poller {
            Poller::Task(waker) => self.register(side, waker.clone()),
            #[cfg(feature = "std")]
            Poller::Thread(_) => self.register(side, crate::primitive::current()),
        }
    }

    #[cold]
    fn wait_slow(&self, side: Side, poller: Poller<'_>) -> bool {
        if let Some(kept) = self.unregister(side) {
            if poller.is_woken_by(&kept) {
                return self.register(side, kept);
            }
            if !self.register(side, kept) {
                return false;
            }
        }
        let wake = poller.to_wake();
        let _old = DropGuarded::new(self.unregister(side));
        self.register(side, wake)
    }

    /// Puts a waker into its place, which is empty. If the wait is over, drops it and returns `false`.
    #[inline(always)]
    fn register(&self, side: Side, wake: impl Into<Wake>) -> bool {
        let slot = self.slot();
        put(slot.place(side), wake.into());
        let mut state = 0;
        loop {
            // ORDERING: Release; pairs with the AcqRel in `send`, `leave_unsent` and `close`, before the waker is
            // taken. The failure's Acquire pairs with the same: it sees what the other did before it ended the wait.
            match slot.state.compare_exchange(state, state | side.waits(), Release, Acquire) {
                Ok(_) => return true,
                Err(now) if now & side.over() != 0 => return self.drop_waker(side),
                Err(now) => state = now,
            }
        }
    }

    /// Drops a waker that is in its place, but was not registered.
    #[cold]
    fn drop_waker(&self, side: Side) -> bool {
        drop(DropGuarded::new(Some(take(self.slot().place(side)))));
        false
    }

    /// Takes back the waker of this side, if it was not taken. The caller drops it, which runs foreign code.
    #[inline(always)]
    pub(super) fn unregister(&self, side: Side) -> Option<Wake> {
        if self.is_registered(side) { self.unregister_slow(side) } else { None }
    }

    #[cold]
    fn unregister_slow(&self, side: Side) -> Option<Wake> {
        let slot = self.slot();
        let mut state = side.waits();
        while state & side.over() == 0 {
            // ORDERING: Relaxed; this side has put the waker there, and the other has not accessed it.
            match slot.state.compare_exchange(state, state & !side.waits(), Relaxed, Relaxed) {
                Ok(_) => return Some(take(slot.place(side))),
                Err(now) => state = now,
            }
        }
        slot.await_turn(side.waits());
        None
    }
}

/// The sender.
impl<T> End<T> {
    /// The sender's turn: takes the receiver's waker, and sets the state to `after`, as the last access.
    fn take_waker(self, after: u8) -> Option<Wake> {
        let slot = self.slot();
        let wake = take(&slot.receiver);
        // ORDERING: Release; pairs with the Acquire in `await_turn` and in `leave`: the place is not accessed again.
        slot.state.store(after, Release);
        Some(wake)
    }

    /// Sends a value. Returns the waker to wake.
    #[inline(always)]
    pub(super) fn send(self, value: T) -> Result<Option<Wake>, T> {
        let slot = self.slot();
        put(&slot.value, value);
        // ORDERING: AcqRel; the Release pairs with the Acquire in `leave`. The Acquire pairs with the Release in
        // `register`, for the waker, and with that in `leave`, before we free.
        match slot.state.fetch_add(SENT, AcqRel) {
            0 => Ok(None),
            WAITING => Ok(self.take_waker(SENT)),
            before if before & CLOSED == 0 => {
                self.send_watched(before);
                Ok(None)
            }
            before => Err(self.take_back(before)),
        }
    }

    /// A send while `WATCHING`: the sender takes its own waker, too (O4).
    #[cold]
    fn send_watched(self, before: u8) {
        let slot = self.slot();
        let _watcher = DropGuarded::new(Some(take(&slot.sender)));
        let mut waiting = if before & WAITING != 0 { Some(take(&slot.receiver)) } else { None };
        // ORDERING: Release; pairs with the Acquire in `await_turn`: the places are not accessed again.
        slot.state.store(SENT, Release);
        Wake::wake_one(&mut waiting);
    }

    /// The receiver has closed before the send: takes the value back (O2).
    #[cold]
    fn take_back(self, before: u8) -> T {
        let slot = self.slot();
        let value = take(&slot.value);
        // ORDERING: AcqRel; pairs as in `send`.
        if before & GONE != 0 || slot.state.fetch_add(LEFT, AcqRel) & GONE != 0 {
            self.free();
        }
        value
    }

    /// Leaves without a value. Returns the waker to wake. The sender's own waker is unregistered (O4).
    pub(super) fn leave_unsent(self) -> Option<Wake> {
        let slot = self.slot();
        // ORDERING: AcqRel; pairs as in `send`.
        match slot.state.fetch_add(LEFT, AcqRel) {
            WAITING => return self.take_waker(LEFT),
            before if before & GONE != 0 => self.free(),
            _ => {}
        }
        None
    }
}

/// The receiver.
impl<T> End<T> {
    /// Closes: a later send fails. Returns the waker to wake. The receiver's own waker is unregistered (O4).
    pub(super) fn close(&self) -> Option<Wake> {
        let slot = self.slot();
        let mut state = 0;
        loop {
            // ORDERING: AcqRel; the Release pairs with the Acquire in `is_over`, the Acquire with the Release in
            // `register`. The failure is Relaxed: nothing is read because of it.
            match slot.state.compare_exchange(state, state | CLOSED, AcqRel, Relaxed) {
                Ok(WATCHING) => {
                    let wake = take(&slot.sender);
                    // ORDERING: Release; pairs with the Acquire in `await_turn`: the place is not accessed again.
                    slot.state.fetch_and(!WATCHING, Release);
                    return Some(wake);
                }
                Ok(_) => return None,
                Err(now) if now & (SENT | LEFT | CLOSED) != 0 => return None,
                Err(now) => state = now,
            }
        }
    }

    /// Leaves, and takes the value, if there is one. The sender has sent or left, or the channel is closed.
    #[inline(always)]
    pub(super) fn leave(self) -> Option<T> {
        // ORDERING: Acquire; pairs with the AcqRel in `send`, and with the Release in `take_waker`.
        if self.slot().state.load(Acquire) == SENT { self.take() } else { self.leave_slow() }
    }

    #[inline(always)]
    fn take(self) -> Option<T> {
        let value = take(&self.slot().value);
        self.free();
        Some(value)
    }

    #[cold]
    fn leave_slow(self) -> Option<T> {
        let slot = self.slot();
        let mut state = CLOSED;
        loop {
            // ORDERING: Release; pairs with the AcqRel of the sender, before it frees. The failure's Acquire pairs with
            // that in `send`, `leave_unsent`, `take_back`, and the Release in `take_waker`, `send_watched`.
            match slot.state.compare_exchange(state, state | GONE, Release, Acquire) {
                Ok(_) => return None,
                Err(now) if now & (WAITING | WATCHING) != 0 => slot.await_turn(WAITING | WATCHING),
                Err(SENT) => return self.take(),
                Err(now) if now & LEFT != 0 => {
                    self.free();
                    return None;
                }
                Err(now) => state = now,
            }
        }
    }
}

impl<T> fmt::Debug for End<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match (self.has_value(), self.is_over(Side::Receiver)) {
            (true, _) => "Sent",
            (false, true) => "Closed",
            (false, false) => "Open",
        })
    }
}
