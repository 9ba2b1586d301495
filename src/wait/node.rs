//! A waiter and the node that lists link: the part of a waiting future that others may write to.
//!
//! # Invariants
//! - (W1) A node's links are initialised ⇔ its waiter's phase is `Joined`. It is linked in exactly one list ⇔ moreover its
//!   stage is `Queued` or `Moved`.
//! - (W2) A linked node's body is touched only with the lock in hand that guards its list – the proof is a `&mut` to
//!   something under that lock – and otherwise by its owner alone.
//! - (W3) The last touch: whoever ends a wait unlinks the node, takes the waker out, writes the grant and *then* stores the
//!   stage. After that store the node may be freed at any moment, by an owner that never takes the lock.
//! - (W4) A joined waiter does not move, and is not freed while it is linked: it is pinned, and its `Drop` aborts the
//!   process otherwise.
//! - (W5) A linked node is reached through raw pointers and `&` to its cells, never through `&mut`: owner and lock holder
//!   may look at it at the same time. While it is not linked, nobody but the owner has a way to it.
//! - (W6) What is in an [`Own`] is reached through `&mut` alone.
//! - (W7) A node goes to a list under another lock only with both locks in hand, and its stage tells the owner: `Queued`
//!   before it, `Moved` after it, until the owner has taken note of it under the lock of the new list.

use core::fmt;
use core::marker::PhantomPinned;
use core::mem::MaybeUninit;
use core::panic::UnwindSafe;
use core::pin::Pin;
use core::ptr::NonNull;

use super::Wake;
use crate::primitive::Ordering::{Acquire, Relaxed, Release};
use crate::primitive::{AtomicU8, UnsafeCell};

/// How a wait stands, as whoever holds the lock has left it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Stage {
    /// Linked. With a waker: asleep. Without: nudged, that is, woken and obliged to look again from its place.
    Queued,
    /// Linked, by somebody else, in a line under another lock than the one it joined.
    Moved,
    /// Unlinked, and the owner of a right: permits, a slot, a claim, the exclusion.
    Granted,
    /// Unlinked because there will be no grant any more.
    Closed,
    /// Unlinked by its owner.
    Withdrawn,
}

impl Stage {
    #[inline(always)]
    fn of(byte: u8) -> Self {
        match byte {
            0 => Self::Queued,
            1 => Self::Moved,
            2 => Self::Granted,
            3 => Self::Closed,
            _ => Self::Withdrawn,
        }
    }

    #[inline(always)]
    fn is_linked(self) -> bool {
        matches!(self, Self::Queued | Self::Moved)
    }
}

/// Where a waiter is in its own life, which only its owner writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Phase {
    /// Has never waited.
    Fresh,
    /// Has links; its [`Stage`] says the rest.
    Joined,
    /// Has answered.
    Done,
}

/// What lines link, and what the waiter brought along.
#[repr(C)]
pub(super) struct Body<X> {
    extra: X,
    links: MaybeUninit<Links<X>>,
}

pub(super) struct Links<X> {
    pub(super) prev: Option<Link<X>>,
    pub(super) next: Option<Link<X>>,
    pub(super) wake: Option<Wake>,
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

// SAFETY: (W2) – what it leads to is touched only under the lock that its list lives under.
unsafe impl<X: Send> Send for Link<X> {}

// A panic never leaves a list half-linked: nothing foreign runs under its lock.
impl<X: UnwindSafe> UnwindSafe for Link<X> {}

impl<X> Link<X> {
    fn stage<'a>(self) -> &'a AtomicU8 {
        // SAFETY: (W1) (W4) – a link is only made of a joined waiter, which is still alive; the field alone is borrowed.
        unsafe { &(*self.0.as_ptr()).stage }
    }

    /// # Safety
    /// (W2): the caller holds the lock, or owns a node that has left its list; and no other borrow of the body is alive.
    unsafe fn body<'a>(self) -> &'a mut Body<X> {
        // SAFETY: (W1) (W4) – a link is only made of a joined waiter, which is still alive; the field alone is borrowed.
        let body = unsafe { &(*self.0.as_ptr()).body };
        // SAFETY: (W2) – handed on to the caller.
        body.with_mut(|body| unsafe { &mut *body })
    }

    /// What lines use of the node.
    ///
    /// # Safety
    /// (W2): the caller holds the lock, or owns a node that has left its list; and no other borrow of the body is alive.
    pub(super) unsafe fn links<'a>(self) -> &'a mut Links<X> {
        // SAFETY: (W2) – handed on to the caller.
        let body = unsafe { self.body() };
        // SAFETY: (W1) – joined, so initialised.
        unsafe { body.links.assume_init_mut() }
    }

    /// What the waiter brought along.
    ///
    /// # Safety
    /// (W2): the caller holds the lock, or owns a node that has left its list; and no other borrow of the body is alive.
    pub(super) unsafe fn extra<'a>(self) -> &'a mut X {
        // SAFETY: (W2) – handed on to the caller.
        &mut unsafe { self.body() }.extra
    }

    /// Both.
    ///
    /// # Safety
    /// (W2): the caller holds the lock, or owns a node that has left its list; and no other borrow of the body is alive.
    pub(super) unsafe fn contents<'a>(self) -> (&'a mut X, &'a mut Option<Wake>) {
        // SAFETY: (W2) – handed on to the caller.
        let body = unsafe { self.body() };
        // SAFETY: (W1) – joined, so initialised.
        (&mut body.extra, &mut unsafe { body.links.assume_init_mut() }.wake)
    }

    /// The owner gave up and was unlinked.
    pub(crate) fn withdraw(self) {
        self.end(Stage::Withdrawn);
    }

    /// Somebody has linked it in a line under another lock, and still holds both (W7).
    pub(crate) fn relocate(self) {
        self.end(Stage::Moved);
    }

    /// The last touch (W3) of whoever unlinked the node.
    #[inline(always)]
    pub(super) fn end(self, stage: Stage) {
        // ORDERING: Release; pairs with the Acquire in `Waiter::stage`.
        self.stage().store(stage as u8, Release);
    }
}

/// One wait, inside the future that waits: what it brings along, and room for the links of a line.
// What is not written at first comes last, or the compiler writes it too while it is about it.
#[repr(C)]
pub(crate) struct Waiter<X> {
    phase: Phase,
    stage: AtomicU8,
    body: UnsafeCell<Body<X>>,
    _pinned: PhantomPinned,
}

// SAFETY: (W2) – what others may reach in a node is guarded by a lock, and wakers and `X` may change threads.
unsafe impl<X: Send> Send for Waiter<X> {}
// SAFETY: (W2) – `&Waiter` alone reaches the phase, which only `&mut` writes, and the atomic stage.
unsafe impl<X: Send> Sync for Waiter<X> {}

impl<X> Waiter<X> {
    // A fresh future must not be copied: two moves of just-written words were 40 % of a naive send. So the links stay
    // unwritten until they are needed.
    #[inline(always)]
    pub(crate) fn new(extra: X) -> Self {
        let body = UnsafeCell::new(Body { extra, links: MaybeUninit::uninit() });
        Self { phase: Phase::Fresh, stage: AtomicU8::new(Stage::Queued as u8), body, _pinned: PhantomPinned }
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

    /// The node of a joined waiter. Made of a pinned waiter alone: what lies in a line does not move (W4).
    #[inline(always)]
    pub(crate) fn link(&self) -> Option<Link<X>> {
        (self.phase == Phase::Joined).then(|| Link(NonNull::from(self)))
    }

    /// Writes the links. The caller holds the lock and puts the node in line before it lets go (W1).
    #[inline(always)]
    pub(crate) fn join(self: Pin<&mut Self>, wake: Wake) -> Link<X> {
        assert!(self.phase != Phase::Joined, "a waiter joins one line at a time");
        // SAFETY: (W4) – the waiter is pinned and stays where it is; nothing is moved out.
        let this = unsafe { self.get_unchecked_mut() };
        // SAFETY: (W5) – not linked, so nobody else reaches the body.
        this.body.with_mut(|body| unsafe { (*body).links.write(Links { prev: None, next: None, wake: Some(wake) }) });
        // ORDERING: Relaxed; the lock in the caller's hand publishes it together with the links.
        this.stage.store(Stage::Queued as u8, Relaxed);
        this.phase = Phase::Joined;
        Link(NonNull::from(&*this))
    }

    /// What an owner brought along, while no line has it.
    ///
    /// # Panics
    /// If the waiter is in line.
    #[inline(always)]
    pub(crate) fn extra(self: Pin<&mut Self>) -> &mut X {
        assert!(!self.stage().is_some_and(Stage::is_linked), "what is in line is reached under its lock");
        // SAFETY: (W4) – the waiter is pinned and stays where it is; the extra is not structurally pinned.
        let this = unsafe { self.get_unchecked_mut() };
        // SAFETY: (W5) – not linked, so nobody else reaches the body.
        this.body.with_mut(|body| unsafe { &mut (*body).extra })
    }

    /// The sleeping place of the waker; empty if the waiter was nudged. `_locked` proves that the lock is held (W2).
    pub(crate) fn wake<'a, L>(&self, _locked: &'a mut L) -> &'a mut Option<Wake>
    where
        X: 'a,
    {
        let link = self.link().expect("only a joined waiter has a waker");
        // SAFETY: (W2) – `_locked` is the witness.
        &mut unsafe { link.links() }.wake
    }

    /// Reads what the waiter brought along. `_locked` proves that the lock is held, under which alone others write it (W2).
    pub(crate) fn read<L, R>(&self, _locked: &mut L, look: impl FnOnce(&X) -> R) -> R {
        // SAFETY: (W2) (W5) – `_locked` is the witness, and the owner writes through `&mut self` alone.
        self.body.with_mut(|body| look(unsafe { &(*body).extra }))
    }

    /// Where it stands, in a word.
    pub(super) fn name(&self) -> &'static str {
        match (self.phase, self.stage()) {
            (Phase::Fresh, _) => "Fresh",
            (Phase::Done, _) | (_, None) => "Done",
            (_, Some(Stage::Queued)) => "Queued",
            (_, Some(Stage::Moved)) => "Moved",
            (_, Some(Stage::Granted)) => "Granted",
            (_, Some(Stage::Closed)) => "Closed",
            (_, Some(Stage::Withdrawn)) => "Withdrawn",
        }
    }

    /// Whether it is in line and its waker in its place. `locked` proves that the lock is held, under which alone that stays
    /// so (W2).
    pub(crate) fn is_asleep<L>(&self, locked: &mut L) -> bool {
        self.stage() == Some(Stage::Queued) && self.wake(locked).is_some()
    }

    /// Takes note of having been moved: from here on it is queued in the new line. `_locked` proves that the lock of that
    /// line is held (W7).
    pub(crate) fn arrive<L>(&self, _locked: &mut L) {
        if self.stage() == Some(Stage::Moved) {
            // ORDERING: Relaxed; the owner alone has to see it, and others under the lock in the caller's hand.
            self.stage.store(Stage::Queued as u8, Relaxed);
        }
    }

    /// Ends a wait that is not linked any more. What comes back is foreign: drop it with no lock held.
    #[inline(always)]
    pub(crate) fn part(self: Pin<&mut Self>) -> Option<Wake> {
        // SAFETY: (W4) – only the phase is written; nothing is moved.
        unsafe { self.get_unchecked_mut() }.unmake()
    }

    /// The answer is out.
    #[inline(always)]
    pub(crate) fn finish(self: Pin<&mut Self>) {
        debug_assert!(self.phase == Phase::Fresh);
        self.set_phase(Phase::Done);
    }

    /// Begins another wait in the same place.
    pub(crate) fn renew(self: Pin<&mut Self>) {
        assert!(self.phase != Phase::Joined, "a waiter is renewed after its answer");
        self.set_phase(Phase::Fresh);
    }

    #[inline(always)]
    fn set_phase(self: Pin<&mut Self>, phase: Phase) {
        // SAFETY: (W4) – only the phase is written; nothing is moved.
        unsafe { self.get_unchecked_mut() }.phase = phase;
    }

    fn unmake(&mut self) -> Option<Wake> {
        match self.stage() {
            None => return None,
            // (W4) A node that dies linked would leave a dangling pointer behind: a clean stop is better.
            Some(Stage::Queued | Stage::Moved) => abort(),
            Some(_) => self.phase = Phase::Done,
        }
        self.body.with_mut(|body| {
            // SAFETY: (W5) – not linked, so nobody else reaches the body.
            let links = unsafe { &mut (*body).links };
            // SAFETY: (W1) – it was joined, so initialised.
            let wake = unsafe { &mut links.assume_init_mut().wake };
            // Not read as a whole: whoever took it has just written one of its words.
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
