//! What the two ends of a channel share: one allocation, one byte of state, and no count of who is there.
//!
//! ```text
//!   0 ──poll──▶ WAITING ──┐                      the sender's last touch: one read-modify-write,
//!   │                     │ send                 and behind a waiter one plain store
//!   │ send                ▼
//!   │              SENT + WAITING                the sender takes the waker; nobody else touches anything
//!   ▼                     │
//!  SENT ◀─────────────────┘                      the receiver takes the value and frees, without a read-modify-write
//! ```
//!
//! A sender that is dropped does the same with `LEFT` in the place of `SENT`. The other way round it is alike: a sender
//! that waits for the end of the receiver is `WATCHING`, what ends its wait is `CLOSED`, and only after that the receiver
//! may be `GONE`. One machine serves both [sides](Side).
//!
//! # Invariants
//! - (O1) The allocation outlives both ends. The receiver frees it, if it finds `LEFT`, or `SENT` without `CLOSED`, and
//!   nobody's turn; the sender, if it finds `GONE`. Whoever sets the first of these bits touches it no more, except in a turn.
//! - (O2) The value's place is the sender's until `SENT`, then the receiver's, and full. If `CLOSED` was there before, it is
//!   the sender's until `LEFT`: it takes the value back.
//! - (O3) The place of a side's waker is that side's own while its bit is off. The bit says that it is full, for the
//!   other, who takes it after it has set what ends the wait, and then clears the bit: that it is the other's turn is the
//!   only moment at which anybody pauses. Before the other has come, a side may call its waker back, by clearing the bit.
//! - (O4) A side calls its waker back before it sets anything. A send alone looks only afterwards whether it was `WATCHING`,
//!   so that it touches the state once: it takes its own waker along in its turn, or leaves it to the receiver, if `CLOSED`
//!   came first. So during the sender's turn the state stands still, and a plain store ends it; during the receiver's,
//!   `SENT` and `LEFT` may come, which stay.

use alloc::boxed::Box;
use core::fmt;
use core::mem::MaybeUninit;
use core::panic::{RefUnwindSafe, UnwindSafe};
use core::ptr::NonNull;

use crate::lock::pause_until;
use crate::primitive::Ordering::{AcqRel, Acquire, Relaxed, Release};
use crate::primitive::pause::SPINS_FIRST;
use crate::primitive::{AtomicU8, Heaped, UnsafeCell};
use crate::wait::{Foreign, Wake, Who};

/// The sender has left a value, unless `CLOSED` came first.
const SENT: u8 = 1;
/// The sender has left nothing.
const LEFT: u8 = 2;
/// The receiver takes nothing any more, except what was sent before.
const CLOSED: u8 = 4;
/// The receiver has left.
const GONE: u8 = 8;
/// The receiver's waker is in its place.
const WAITING: u8 = 16;
/// The sender's waker is in its place.
const WATCHING: u8 = 32;

/// Who waits for the other.
#[derive(Clone, Copy)]
pub(super) enum Side {
    Receiver,
    Sender,
}

impl Side {
    /// Its waker is in its place.
    fn waits(self) -> u8 {
        match self {
            Self::Receiver => WAITING,
            Self::Sender => WATCHING,
        }
    }

    /// Its waiting is over.
    fn over(self) -> u8 {
        match self {
            Self::Receiver => SENT | LEFT | CLOSED,
            Self::Sender => CLOSED | GONE,
        }
    }
}

// What every exchange touches comes first.
#[repr(C)]
struct Slot<T> {
    state: AtomicU8,
    receiver: Place<Wake>,
    value: Place<T>,
    sender: Place<Wake>,
    _heaped: Heaped,
}

/// Empty or full as the state says: it neither needs to be made nor looked at when the slot goes.
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

    /// Lets the other finish its turn, if it is at it: it is over when none of `bits` is on.
    fn await_turn(&self, bits: u8) {
        // ORDERING: Acquire; pairs with the Release in `call`, `send_watched` and `close`.
        pause_until(SPINS_FIRST, |_| self.state.load(Acquire) & bits == 0);
    }
}

/// One of the two ends. What takes it by value is the last touch of this end.
pub(super) struct End<T>(NonNull<Slot<T>>);

impl<T> Clone for End<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for End<T> {}

// SAFETY: (O2) (O3) – the value and the wakers go from one thread to the other, and are shared by none.
unsafe impl<T: Send> Send for End<T> {}
// SAFETY: (O2) – a shared end reaches the atomic state alone.
unsafe impl<T: Send> Sync for End<T> {}

// A panic never leaves the slot half-changed, for nothing foreign runs in anybody's turn; and nobody reaches the value in
// it: it is moved in and out.
impl<T> UnwindSafe for End<T> {}
impl<T> RefUnwindSafe for End<T> {}

/// What both ends do.
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
        // SAFETY: (O1) – this end is there, so the allocation is.
        unsafe { self.0.as_ref() }
    }

    #[inline(always)]
    fn free(self) {
        // SAFETY: (O1) – it came from a box, the other end is gone, and this was the last touch of this one.
        drop(unsafe { Box::from_raw(self.0.as_ptr()) });
    }

    /// Whether there is nothing to wait for.
    #[inline(always)]
    pub(super) fn is_over(&self, side: Side) -> bool {
        // ORDERING: Acquire; pairs with the AcqRel in `send`, `leave_unsent` and `close`, and the Release in `leave`: what
        // the other did before, has happened.
        self.slot().state.load(Acquire) & side.over() != 0
    }

    /// Whether the waker of this side, the caller's own, is in its place.
    #[inline(always)]
    pub(super) fn is_posted(&self, side: Side) -> bool {
        // ORDERING: Acquire; pairs with the Release in `call` and in `close`: if the other has taken it, the place is empty.
        self.slot().state.load(Acquire) & side.waits() != 0
    }

    /// Waits as `who`, who alone is woken from now on (C9); or answers that there is nothing to wait for.
    ///
    /// The foreign code in here – a clone, and the drop of what is not needed – runs in nobody's turn and before anything
    /// is taken: whatever it does, a waker is in its place or the wait is over.
    #[inline(always)]
    pub(super) fn wait(&self, side: Side, who: Who<'_>) -> bool {
        if self.is_posted(side) {
            return self.wait_again(side, who);
        }
        // Apart, because a waker goes through registers, and a `Wake` would stop in memory on its way.
        match who {
            Who::Task(waker) => self.post(side, waker.clone()),
            #[cfg(feature = "std")]
            Who::Thread(_) => self.post(side, crate::primitive::current()),
        }
    }

    #[cold]
    fn wait_again(&self, side: Side, who: Who<'_>) -> bool {
        if let Some(kept) = self.recall(side) {
            if who.is_woken_by(&kept) {
                return self.post(side, kept);
            }
            if !self.post(side, kept) {
                return false;
            }
        }
        let wake = who.to_wake();
        let _old = Foreign::new(self.recall(side));
        self.post(side, wake)
    }

    /// Puts a waker into its place, which is empty. If the wait is over it is dropped, and the answer is `false`.
    #[inline(always)]
    fn post(&self, side: Side, wake: impl Into<Wake>) -> bool {
        let slot = self.slot();
        put(slot.place(side), wake.into());
        let mut state = 0;
        loop {
            // ORDERING: Release; pairs with the AcqRel in `send`, `leave_unsent` and `close`, which lead to `call`. The
            // failure's Acquire pairs with the same: what the other did before it ended the wait, has happened.
            match slot.state.compare_exchange(state, state | side.waits(), Release, Acquire) {
                Ok(_) => return true,
                Err(now) if now & side.over() != 0 => return self.refuse(side),
                Err(now) => state = now,
            }
        }
    }

    /// Takes the waker of a side out of its place, where it was not announced, and drops it.
    #[cold]
    fn refuse(&self, side: Side) -> bool {
        drop(Foreign::new(Some(take(self.slot().place(side)))));
        false
    }

    /// Takes a waker back that was not called. It is foreign.
    #[inline(always)]
    pub(super) fn recall(&self, side: Side) -> Option<Wake> {
        if self.is_posted(side) { self.recall_posted(side) } else { None }
    }

    #[cold]
    fn recall_posted(&self, side: Side) -> Option<Wake> {
        let slot = self.slot();
        let mut state = side.waits();
        while state & side.over() == 0 {
            // ORDERING: Relaxed; this side itself has put it there, and the other has not come.
            match slot.state.compare_exchange(state, state & !side.waits(), Relaxed, Relaxed) {
                Ok(_) => return Some(take(slot.place(side))),
                Err(now) => state = now,
            }
        }
        slot.await_turn(side.waits());
        None
    }
}

/// What the sender does.
impl<T> End<T> {
    /// The turn behind a waiter: takes its waker, and ends its waiting by the last touch.
    fn call(self, after: u8) -> Option<Wake> {
        let slot = self.slot();
        let wake = take(&slot.receiver);
        // ORDERING: Release; pairs with the Acquire in `await_turn` and in `leave`: the place is touched no more.
        slot.state.store(after, Release);
        Some(wake)
    }

    /// Leaves a value; answers whom to wake.
    #[inline(always)]
    pub(super) fn send(self, value: T) -> Result<Option<Wake>, T> {
        let slot = self.slot();
        put(&slot.value, value);
        // ORDERING: AcqRel; the Release pairs with the Acquire in `leave`, the Acquire with the Release in `post` – there
        // is a waker – and in `leave`: it is ours to free.
        match slot.state.fetch_add(SENT, AcqRel) {
            0 => Ok(None),
            WAITING => Ok(self.call(SENT)),
            before if before & CLOSED == 0 => {
                self.send_watched(before);
                Ok(None)
            }
            before => Err(self.take_back(before)),
        }
    }

    /// The sender watched: it takes its own waker along (O4).
    #[cold]
    fn send_watched(self, before: u8) {
        let slot = self.slot();
        let _watcher = Foreign::new(Some(take(&slot.sender)));
        let mut waiting = if before & WAITING != 0 { Some(take(&slot.receiver)) } else { None };
        // ORDERING: Release; pairs with the Acquire in `await_turn`: the places are touched no more.
        slot.state.store(SENT, Release);
        Wake::tell(&mut waiting);
    }

    /// The receiver has closed before: the value stays here (O2).
    #[cold]
    fn take_back(self, before: u8) -> T {
        let slot = self.slot();
        let value = take(&slot.value);
        // ORDERING: AcqRel; as in `leave_unsent`.
        if before & GONE != 0 || slot.state.fetch_add(LEFT, AcqRel) & GONE != 0 {
            self.free();
        }
        value
    }

    /// Leaves without a value; answers whom to wake. The sender does not wait itself (O4).
    pub(super) fn leave_unsent(self) -> Option<Wake> {
        let slot = self.slot();
        // ORDERING: AcqRel; the Release pairs with the Acquire in `leave`, the Acquire with the Release in `post` and in
        // `leave`: it is ours to free.
        match slot.state.fetch_add(LEFT, AcqRel) {
            WAITING => return self.call(LEFT),
            before if before & GONE != 0 => self.free(),
            _ => {}
        }
        None
    }
}

/// What the receiver does.
impl<T> End<T> {
    /// From now on nothing can be sent; answers whom to wake. The receiver does not wait itself (O4).
    pub(super) fn close(&self) -> Option<Wake> {
        let slot = self.slot();
        let mut state = 0;
        loop {
            // ORDERING: AcqRel; the Release pairs with the Acquire in `is_over`, the Acquire with the Release in `post`. The
            // failure is Relaxed: nothing is read on the strength of it.
            match slot.state.compare_exchange(state, state | CLOSED, AcqRel, Relaxed) {
                Ok(WATCHING) => {
                    let wake = take(&slot.sender);
                    // ORDERING: Release; pairs with the Acquire in `await_turn`: the place is touched no more.
                    slot.state.fetch_and(!WATCHING, Release);
                    return Some(wake);
                }
                Ok(_) => return None,
                Err(now) if now & (SENT | LEFT | CLOSED) != 0 => return None,
                Err(now) => state = now,
            }
        }
    }

    /// Leaves a channel whose sender has come or that is closed, and takes the value along, if there is one.
    #[inline(always)]
    pub(super) fn leave(self) -> Option<T> {
        // ORDERING: Acquire; pairs with the AcqRel in `send`, and with the Release in `call`.
        if self.slot().state.load(Acquire) == SENT { self.take() } else { self.leave_otherwise() }
    }

    #[inline(always)]
    fn take(self) -> Option<T> {
        let value = take(&self.slot().value);
        self.free();
        Some(value)
    }

    #[cold]
    fn leave_otherwise(self) -> Option<T> {
        let slot = self.slot();
        let mut state = CLOSED;
        loop {
            // ORDERING: Release; pairs with the AcqRel of the sender that will free. The failure's Acquire pairs with the
            // AcqRel in `send`, `leave_unsent` and `take_back`, and with the Release in `call` and `send_watched`: it is ours
            // to free.
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
        // ORDERING: Relaxed; it is only shown.
        let state = self.slot().state.load(Relaxed);
        f.write_str(match state & Side::Receiver.over() {
            0 => "Open",
            SENT => "Sent",
            _ => "Closed",
        })
    }
}
