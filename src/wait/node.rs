//! A waiter and the node that lists link: the part of a waiting future that others may write to.
//!
//! # Invariants
//! - (W1) A node is initialised ⇔ its waiter's phase is `Joined`. It is linked in exactly one list ⇔ its stage is `Queued`.
//! - (W2) A node's body is touched only with the lock in hand that guards its list – the proof is a `&mut` to something
//!   under that lock – or by its owner once the stage has left `Queued`.
//! - (W3) The last touch: whoever ends a wait unlinks the node, takes the waker out, writes the grant and *then* stores the
//!   stage. After that store the node may be freed at any moment, by an owner that never takes the lock.
//! - (W4) A joined waiter does not move, and is not freed before its stage has left `Queued`: it is pinned, and its `Drop`
//!   aborts the process otherwise.
//! - (W5) Nodes are reached through raw pointers and `&` to cells, never through `&mut`: owner and lock holder may look at
//!   the same node at the same time.
//! - (W6) What is in an [`Own`] is reached through `&mut` alone.

use core::cell::UnsafeCell as PlainUnsafeCell;
use core::fmt;
use core::marker::PhantomPinned;
use core::mem::MaybeUninit;
use core::pin::Pin;
use core::ptr::NonNull;

use super::Wake;
use crate::primitive::Ordering::{Acquire, Release};
use crate::primitive::{AtomicU8, UnsafeCell};

/// How a wait stands, as whoever holds the lock has left it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Stage {
    /// Linked. With a waker: asleep. Without: nudged, that is, woken and obliged to look again from its place.
    Queued,
    /// Unlinked, and the owner of a right: permits, a slot, a claim, the exclusion.
    Granted,
    /// Unlinked because there will be no grant any more.
    Closed,
    /// Unlinked by its owner.
    Withdrawn,
}

impl Stage {
    fn of(byte: u8) -> Self {
        [Self::Queued, Self::Granted, Self::Closed, Self::Withdrawn][usize::from(byte)]
    }
}

/// Where a waiter is in its own life, which only its owner writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Phase {
    /// Has never waited: there is no node yet.
    Fresh,
    /// Has a node; its [`Stage`] says the rest.
    Joined,
    /// Has answered.
    Done,
}

pub(super) struct Node<X> {
    stage: AtomicU8,
    body: UnsafeCell<Body<X>>,
}

pub(super) struct Body<X> {
    pub(super) prev: Option<Link<X>>,
    pub(super) next: Option<Link<X>>,
    pub(super) wake: Option<Wake>,
    pub(super) extra: X,
}

/// A pointer to a joined waiter's node.
pub(crate) struct Link<X>(NonNull<Node<X>>);

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

impl<X> Link<X> {
    /// The node's body.
    ///
    /// # Safety
    /// (W2): the caller holds the lock, or owns a node that has left its list; and no other borrow of the body is alive.
    pub(super) unsafe fn body<'a>(self) -> &'a mut Body<X> {
        // SAFETY: (W1) (W4) – a link is only made of a joined node, and that node is still alive.
        let node = unsafe { self.0.as_ref() };
        // SAFETY: (W2) – handed on to the caller.
        node.body.with_mut(|body| unsafe { &mut *body })
    }

    /// The owner gave up and was unlinked.
    pub(crate) fn withdraw(self) {
        self.end(Stage::Withdrawn);
    }

    /// The last touch (W3) of whoever unlinked the node.
    pub(super) fn end(self, stage: Stage) {
        // SAFETY: (W1) (W4) – still `Queued`, so still alive.
        let node = unsafe { self.0.as_ref() };
        // ORDERING: Release; pairs with the Acquire in `Waiter::stage`.
        node.stage.store(stage as u8, Release);
    }
}

/// One wait, inside the future that waits. It costs one word until it first has to join a line.
pub(crate) struct Waiter<X> {
    phase: Phase,
    node: PlainUnsafeCell<MaybeUninit<Node<X>>>,
    _pinned: PhantomPinned,
}

// SAFETY: (W2) – what others may reach in a node is guarded by a lock, and wakers and `X` may change threads.
unsafe impl<X: Send> Send for Waiter<X> {}
// SAFETY: (W2) – `&Waiter` alone reaches the phase, which only `&mut` writes, and the atomic stage.
unsafe impl<X: Send> Sync for Waiter<X> {}

impl<X> Waiter<X> {
    // A fresh future must not be copied: two moves of just-written words were 40 % of a naive send.
    #[inline(always)]
    pub(crate) const fn new() -> Self {
        Self { phase: Phase::Fresh, node: PlainUnsafeCell::new(MaybeUninit::uninit()), _pinned: PhantomPinned }
    }

    #[inline(always)]
    pub(crate) fn phase(&self) -> Phase {
        self.phase
    }

    /// The stage of a joined waiter; `None` of any other.
    pub(crate) fn stage(&self) -> Option<Stage> {
        let node = self.link()?;
        // SAFETY: (W1) – joined, so initialised.
        let node = unsafe { node.0.as_ref() };
        // ORDERING: Acquire; pairs with the Release in `Link::end`: what the grant wrote is seen.
        Some(Stage::of(node.stage.load(Acquire)))
    }

    /// The node of a joined waiter.
    pub(crate) fn link(&self) -> Option<Link<X>> {
        // The pointer comes out of a cell, never out of `&mut` (W5).
        (self.phase == Phase::Joined).then(|| Link(NonNull::from(&self.node).cast()))
    }

    /// Makes the node. The caller holds the lock and links it before it lets go (W1).
    pub(crate) fn join(self: Pin<&mut Self>, wake: Wake, extra: X) -> Link<X> {
        assert!(self.phase != Phase::Joined, "a waiter joins one line at a time");
        // SAFETY: (W4) – the waiter is pinned and stays where it is; only its phase is written through this borrow.
        let this = unsafe { self.get_unchecked_mut() };
        let body = UnsafeCell::new(Body { prev: None, next: None, wake: Some(wake), extra });
        this.node.get_mut().write(Node { stage: AtomicU8::new(Stage::Queued as u8), body });
        this.phase = Phase::Joined;
        Link(NonNull::from(&this.node).cast())
    }

    /// What the owner keeps in a linked node. `_locked` proves that the lock is held (W2).
    pub(crate) fn extra<'a, L>(&self, _locked: &'a mut L) -> &'a mut X {
        let link = self.link().expect("only a joined waiter has an extra");
        // SAFETY: (W2) – `_locked` is the witness.
        &mut unsafe { link.body() }.extra
    }

    /// The sleeping place of the waker; empty if the waiter was nudged. `_locked` proves that the lock is held (W2).
    pub(crate) fn wake<'a, L>(&self, _locked: &'a mut L) -> &'a mut Option<Wake>
    where
        X: 'a,
    {
        let link = self.link().expect("only a joined waiter has a waker");
        // SAFETY: (W2) – `_locked` is the witness.
        &mut unsafe { link.body() }.wake
    }

    /// Takes the node apart once its stage has left `Queued`. What comes back is foreign: drop it with no lock held.
    pub(crate) fn part(self: Pin<&mut Self>) -> Option<(Option<Wake>, X)> {
        self.guard_life();
        // SAFETY: (W4) – not linked any more, so nothing points here.
        unsafe { self.get_unchecked_mut() }.unmake()
    }

    /// The answer is out.
    #[inline(always)]
    pub(crate) fn finish(self: Pin<&mut Self>) {
        debug_assert!(self.phase == Phase::Fresh);
        // SAFETY: (W4) – only the phase is written; nothing is moved.
        unsafe { self.get_unchecked_mut() }.phase = Phase::Done;
    }

    /// Begins another wait in the same place.
    pub(crate) fn renew(self: Pin<&mut Self>) {
        assert!(self.phase != Phase::Joined, "a waiter is renewed after its answer");
        // SAFETY: (W4) – only the phase is written; nothing is moved.
        unsafe { self.get_unchecked_mut() }.phase = Phase::Fresh;
    }

    fn unmake(&mut self) -> Option<(Option<Wake>, X)> {
        if self.phase != Phase::Joined {
            return None;
        }
        self.phase = Phase::Done;
        // SAFETY: (W1) – it was joined, and with the phase gone nobody reads it a second time.
        let node = unsafe { self.node.get_mut().assume_init_read() };
        let body = node.body.into_inner();
        Some((body.wake, body.extra))
    }

    /// (W4) A node that dies linked would leave a dangling pointer behind: a clean stop is better.
    fn guard_life(&self) {
        if self.stage() == Some(Stage::Queued) {
            abort();
        }
    }
}

impl<X> Drop for Waiter<X> {
    #[inline(always)]
    fn drop(&mut self) {
        if self.phase == Phase::Joined {
            self.guard_life();
            drop(self.unmake());
        }
    }
}

impl<X> fmt::Debug for Waiter<X> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.stage() {
            Some(stage) => stage.fmt(f),
            None => self.phase.fmt(f),
        }
    }
}

/// What only an owner reaches, through `&mut`: a message that is still the sender's.
///
/// A shared `Own` gives nothing away, so it may be shared whatever is in it (W6). Hence handles and futures of messages
/// that are only `Send` are `Sync`.
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

#[cold]
fn abort() -> ! {
    #[cfg(feature = "std")]
    std::process::abort();
    #[cfg(not(feature = "std"))]
    {
        // A panic while one is under way stops the process: `core`'s way to abort.
        struct Twice;
        impl Drop for Twice {
            fn drop(&mut self) {
                panic!("sempost: a waiter died linked");
            }
        }
        let _twice = Twice;
        panic!("sempost: a waiter died linked");
    }
}
