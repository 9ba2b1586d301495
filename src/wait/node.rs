//! A waiter and the node that lists link: the part of a waiting future that others may write to.
//!
//! # Invariants
//! - (W1) The links of a node are initialised ⇔ its waiter's phase is `Joined`. The node is linked, in exactly one
//!   list, ⇔ moreover its stage is `Queued`, `Notified` or `Requeued`.
//! - (W2) The body of a linked node is touched only with the lock held that guards its list. The body of any other node
//!   is touched only by its owner. The proof is a `&mut List`, or the guard of the lock.
//! - (W3) The last touch: the code that ends a wait unlinks the node, takes the waker out, writes the grant and *then*
//!   stores the stage. After that store the owner may free the node at any moment, without taking the lock.
//! - (W4) A joined waiter does not move, and is not freed while it is linked. It is pinned, and its `Drop` aborts the
//!   process if it is linked.
//! - (W5) A linked node is reached through raw pointers and `&` to its cells, never through `&mut`, because its owner
//!   and the lock holder may look at it at the same time. A node that is not linked is reached only by its owner.
//! - (W6) The value in an [`Own`] is reached through `&mut` alone.
//! - (W7) A node moves to a list under another lock only with both locks held. Its stage tells the owner: `Queued` or
//!   `Notified` before the move, `Requeued` after it, until the owner has noted the move under the new lock.
//! - (W8) The record is written through `&mut` by its owner, while the node is not linked. Others reach its atomics
//!   under the lock, before they store the stage that ends the wait.
//!
//! # Where they are upheld
//! This file and `list.rs` hold all `unsafe` code of waiters. `line.rs`, `mutex/condition.rs`, `mailbox/waiters.rs`,
//! `latch/state.rs` and `barrier/state.rs` use a link only with the list that it is in (I3). `queued.rs`, `waiting.rs`
//! and `mutex/waiting.rs` pass the guard of the lock under which the waiter joined; `mutex/waiting.rs` also upholds
//! (W7). With debug assertions each node knows its lock and its list (`stamp.rs`), and each such use is checked.

use core::fmt;
use core::marker::PhantomPinned;
use core::mem::MaybeUninit;
use core::panic::UnwindSafe;
use core::pin::Pin;
use core::ptr::NonNull;

use super::panics::abort;
use super::stage::{Phase, Stage};
use super::stamp::{LockStamp, NodeStamp};
use super::wakes::Wake;
use crate::lock::LockGuard;
use crate::primitive::Ordering::{Acquire, Relaxed, Release};
use crate::primitive::{AtomicU8, UnsafeCell};
use crate::record::{Origin, Place, Step, WaitRecord};

/// The part of a waiter that others may write to.
#[repr(C)]
pub(super) struct Body<X> {
    payload: X,
    links: MaybeUninit<Links<X>>,
}

pub(super) struct Links<X> {
    pub(super) prev: Option<Link<X>>,
    pub(super) next: Option<Link<X>>,
    pub(super) wake: Option<Wake>,
    pub(super) stamp: NodeStamp,
}

/// A pointer to a joined waiter.
pub(crate) struct Link<X>(NonNull<Waiter<X>>);

impl<X> Clone for Link<X> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<X> Copy for Link<X> {}

impl<X> PartialEq for Link<X> {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}

// SAFETY: (W2) – the node is touched only under the lock that guards its list.
unsafe impl<X: Send> Send for Link<X> {}

// A panic never leaves a list half-linked: no foreign code runs under its lock.
impl<X: UnwindSafe> UnwindSafe for Link<X> {}

impl<X> Link<X> {
    fn stage<'a>(self) -> &'a AtomicU8 {
        // SAFETY: (W1) (W4) – a link is made only of a joined waiter, which is alive; only this field is borrowed.
        unsafe { &(*self.0.as_ptr()).stage }
    }

    /// Notes in the record how far the wait has come. The caller holds the lock, and the stage does not say yet that
    /// the wait is over.
    #[inline(always)]
    pub(crate) fn note(self, step: Step) {
        // SAFETY: (W8) – linked, or not ended yet; only this field is borrowed.
        unsafe { &(*self.0.as_ptr()).record }.step(step);
    }

    /// # Safety
    /// As [`links`](Self::links).
    unsafe fn body<'a>(self) -> &'a mut Body<X> {
        // SAFETY: (W1) (W4) – a link is made only of a joined waiter, which is alive; only this field is borrowed.
        let body = unsafe { &(*self.0.as_ptr()).body };
        // SAFETY: (W2) – passed on to the caller.
        body.with_mut(|body| unsafe { &mut *body })
    }

    /// The links of the node.
    ///
    /// # Safety
    /// (W2): the caller holds the lock, or owns a node that has left its list. No other borrow of the body is alive.
    pub(super) unsafe fn links<'a>(self) -> &'a mut Links<X> {
        // SAFETY: (W2) – passed on to the caller.
        let body = unsafe { self.body() };
        // SAFETY: (W1) – joined, so initialised.
        unsafe { body.links.assume_init_mut() }
    }

    /// The payload of the waiter.
    ///
    /// # Safety
    /// As [`links`](Self::links).
    pub(super) unsafe fn payload<'a>(self) -> &'a mut X {
        // SAFETY: (W2) – passed on to the caller.
        &mut unsafe { self.body() }.payload
    }

    /// The payload and the waker of the waiter.
    ///
    /// # Safety
    /// As [`links`](Self::links).
    pub(super) unsafe fn contents<'a>(self) -> (&'a mut X, &'a mut Option<Wake>) {
        // SAFETY: (W2) – passed on to the caller.
        let body = unsafe { self.body() };
        // SAFETY: (W1) – joined, so initialised.
        (&mut body.payload, &mut unsafe { body.links.assume_init_mut() }.wake)
    }

    /// Stores the stage of a node that was moved to another list, under the locks of both (W7).
    pub(crate) fn relocate(self, stage: Stage) {
        debug_assert!(stage.is_linked(), "(W1)");
        self.end(stage);
    }

    /// Stores the stage. After an unlink this is the last touch (W3).
    #[inline(always)]
    pub(super) fn end(self, stage: Stage) {
        self.note(stage.step());
        // ORDERING: Release; pairs with the Acquire in `Waiter::stage`.
        self.stage().store(stage as u8, Release);
    }
}

/// One wait, inside the future that waits: its payload, and room for the links of a list.
// What is not written at first comes last. Elsewhere the compiler would write it along with its neighbours.
#[repr(C)]
pub(crate) struct Waiter<X> {
    phase: Phase,
    stage: AtomicU8,
    born: Place,
    record: WaitRecord,
    body: UnsafeCell<Body<X>>,
    _pinned: PhantomPinned,
}

// SAFETY: (W2) – what others reach in a node is guarded by a lock, and wakers and `X` are `Send`.
unsafe impl<X: Send> Send for Waiter<X> {}
// SAFETY: (W2) – without the lock `&Waiter` reaches only what is written through `&mut`, and atomics.
unsafe impl<X: Send> Sync for Waiter<X> {}

impl<X> Waiter<X> {
    // A fresh future must not be copied: two moves of just-written words took 40 % of a naive send. So the links stay
    // unwritten until they are needed.
    #[inline(always)]
    #[cfg_attr(feature = "inspect", track_caller)]
    pub(crate) fn new(payload: X) -> Self {
        Self::born_at(Place::here(), payload)
    }

    #[inline(always)]
    pub(crate) fn born_at(born: Place, payload: X) -> Self {
        let body = UnsafeCell::new(Body { payload, links: MaybeUninit::uninit() });
        let (stage, record) = (AtomicU8::new(Stage::Queued as u8), WaitRecord::new());
        Self { phase: Phase::Fresh, stage, born, record, body, _pinned: PhantomPinned }
    }

    /// Where the wait was asked for.
    #[inline(always)]
    pub(crate) fn born(&self) -> Place {
        self.born
    }

    /// It is asked for again, elsewhere.
    #[inline(always)]
    pub(crate) fn set_born(self: Pin<&mut Self>, born: Place) {
        self.in_place().born = born;
    }

    /// The record of a wait that is in no queue.
    #[inline(always)]
    pub(crate) fn record(self: Pin<&mut Self>) -> &mut WaitRecord {
        debug_assert!(self.phase != Phase::Joined, "(W8)");
        &mut self.in_place().record
    }

    /// Notes that it was polled and waits on. The caller holds the lock of the queue that it is in.
    #[inline(always)]
    pub(crate) fn polled(&self, origin: Origin<'_>) {
        self.record.polled(origin);
    }

    #[inline(always)]
    pub(crate) fn phase(&self) -> Phase {
        self.phase
    }

    /// The stage of a joined waiter; `None` of any other.
    #[inline(always)]
    pub(crate) fn stage(&self) -> Option<Stage> {
        // ORDERING: Acquire; pairs with the Release in `Link::end`: what the grant wrote is seen.
        (self.phase == Phase::Joined).then(|| Stage::of(self.stage.load(Acquire)))
    }

    /// The node of a joined waiter. It stays valid, because a joined waiter is pinned (W4).
    #[inline(always)]
    pub(crate) fn link(&self) -> Option<Link<X>> {
        (self.phase == Phase::Joined).then(|| Link(NonNull::from(self)))
    }

    /// Writes the links. The caller holds the lock, and links the node before it releases it (W1).
    #[inline(always)]
    pub(crate) fn join(self: Pin<&mut Self>, wake: Wake, lock: LockStamp) -> Link<X> {
        assert!(self.phase != Phase::Joined, "a waiter joins one queue at a time");
        let links = Links { prev: None, next: None, wake: Some(wake), stamp: NodeStamp::new(lock) };
        // SAFETY: (W4) – the waiter is pinned and stays where it is; nothing is moved out.
        let this = unsafe { self.get_unchecked_mut() };
        // SAFETY: (W5) – not linked, so only its owner reaches the body.
        this.body.with_mut(|body| unsafe { (*body).links.write(links) });
        // ORDERING: Relaxed; the lock that the caller holds publishes it together with the links.
        this.stage.store(Stage::Queued as u8, Relaxed);
        this.phase = Phase::Joined;
        Link(NonNull::from(&*this))
    }

    /// The payload, while the waiter is in no list.
    ///
    /// # Panics
    /// If the waiter is linked.
    #[inline(always)]
    pub(crate) fn payload(self: Pin<&mut Self>) -> &mut X {
        assert!(!self.stage().is_some_and(Stage::is_linked), "a linked payload is reached under its lock");
        // SAFETY: (W4) – the waiter is pinned and stays where it is; the payload is not structurally pinned.
        let this = unsafe { self.get_unchecked_mut() };
        // SAFETY: (W5) – not linked, so only its owner reaches the body.
        this.body.with_mut(|body| unsafe { &mut (*body).payload })
    }

    /// The place of the waker; empty if the waiter was woken to retry. `locked` guards the queue that it joined.
    pub(crate) fn waker_slot<'a, S>(&self, locked: &'a mut LockGuard<'_, S>) -> &'a mut Option<Wake>
    where
        X: 'a,
    {
        let link = self.link().expect("only a joined waiter has a waker");
        // SAFETY: (W2) – the guard is the witness.
        let links = unsafe { link.links() };
        links.stamp.check_lock(locked);
        &mut links.wake
    }

    /// Reads the payload. `_locked` is the guard of the lock under which others write it (W2).
    pub(crate) fn read<S, R>(&self, _locked: &mut LockGuard<'_, S>, look: impl FnOnce(&X) -> R) -> R {
        // SAFETY: (W2) (W5) – the guard is the witness, and the owner writes through `&mut self` alone.
        self.body.with_mut(|body| look(unsafe { &(*body).payload }))
    }

    /// The state in one word, for `Debug`.
    pub(super) fn name(&self) -> &'static str {
        match (self.phase, self.stage()) {
            (Phase::Fresh, _) => "Fresh",
            (Phase::Done, _) | (_, None) => "Done",
            (_, Some(Stage::Queued)) => "Queued",
            (_, Some(Stage::Notified)) => "Notified",
            (_, Some(Stage::Requeued)) => "Requeued",
            (_, Some(Stage::Granted | Stage::Signalled)) => "Granted",
            (_, Some(Stage::Closed)) => "Closed",
            (_, Some(Stage::Withdrawn)) => "Withdrawn",
        }
    }

    /// Whether the waiter is asleep: queued, with its waker in place. Only under the lock does that stay so.
    pub(crate) fn is_asleep<S>(&self, locked: &mut LockGuard<'_, S>) -> bool {
        self.stage() == Some(Stage::Queued) && self.waker_slot(locked).is_some()
    }

    /// Notes that the waiter was requeued: from here on it is queued in the new line. `locked` guards that line (W7).
    pub(crate) fn arrive<S>(&self, locked: &mut LockGuard<'_, S>) {
        if self.stage() == Some(Stage::Requeued) {
            _ = self.waker_slot(locked);
            // ORDERING: Relaxed; only the owner has to see it, and others see it under the lock that the caller holds.
            self.stage.store(Stage::Queued as u8, Relaxed);
        }
    }

    /// Ends a wait that is not linked any more. Returns a waker that was not used: drop it with no lock held.
    #[inline(always)]
    pub(crate) fn retire(self: Pin<&mut Self>) -> Option<Wake> {
        self.in_place().unmake()
    }

    /// Ends a wait that never joined a queue: its result has been returned.
    #[inline(always)]
    pub(crate) fn finish(self: Pin<&mut Self>) {
        debug_assert!(self.phase == Phase::Fresh);
        self.set_phase(Phase::Done);
    }

    /// Begins another wait.
    pub(crate) fn renew(self: Pin<&mut Self>) {
        assert!(self.phase != Phase::Joined, "a waiter is renewed after its result");
        self.set_phase(Phase::Fresh);
    }

    /// For what is not pinned: the phase and the record, and a waker that is taken out.
    #[inline(always)]
    fn in_place(self: Pin<&mut Self>) -> &mut Self {
        // SAFETY: (W4) – its callers move nothing.
        unsafe { self.get_unchecked_mut() }
    }

    #[inline(always)]
    fn set_phase(self: Pin<&mut Self>, phase: Phase) {
        let this = self.in_place();
        this.record.end();
        this.phase = phase;
    }

    fn unmake(&mut self) -> Option<Wake> {
        match self.stage() {
            None => return None,
            // (W4) A node that is freed while it is linked would leave a dangling pointer behind. An abort is better.
            Some(stage) if stage.is_linked() => abort("a waiter died linked"),
            Some(_) => self.phase = Phase::Done,
        }
        self.record.end();
        self.body.with_mut(|body| {
            // SAFETY: (W5) – not linked, so only its owner reaches the body.
            let links = unsafe { &mut (*body).links };
            // SAFETY: (W1) – it was joined, so initialised.
            let wake = unsafe { &mut links.assume_init_mut().wake };
            // Not read as a whole: one of its words may have been written just now, when the waker was taken.
            if wake.is_some() { wake.take() } else { None }
        })
    }
}

impl<X> Drop for Waiter<X> {
    #[inline(always)]
    fn drop(&mut self) {
        if self.phase == Phase::Joined {
            drop_joined(self);
        }
    }
}

#[cold]
fn drop_joined<X>(waiter: &mut Waiter<X>) {
    drop(waiter.unmake());
}

impl<X> fmt::Debug for Waiter<X> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A value that only its owner reaches, through `&mut`: a message that is still the sender's.
///
/// A shared `Own` gives no access to its value, so it is `Sync` if the value is `Send` (W6). Hence handles and futures
/// of messages that are only `Send` are `Sync`.
pub(crate) struct Own<T>(T);

// SAFETY: (W6) – there is no way from `&Own<T>` to `&T`.
unsafe impl<T: Send> Sync for Own<T> {}

impl<T> Own<T> {
    #[inline(always)]
    pub(crate) const fn new(value: T) -> Self {
        Self(value)
    }

    #[inline(always)]
    pub(crate) fn get_mut(&mut self) -> &mut T {
        &mut self.0
    }
}
