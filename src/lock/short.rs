//! The short lock: one read-modify-write to take it, one plain store to give it back.
//!
//! Why not the host's mutex: its unlock is a second read-modify-write, because it must find out whether a thread
//! sleeps. Here no thread sleeps in a queue. A thread that finds the lock taken pauses for longer and longer times
//! **without touching the cache line**. So holder and cache line stay together for dozens of operations (22–28 ns a
//! message with two threads, where eager retrying gave 75–110). In the end it naps for about 50 µs at a time, so that
//! waiting for a preempted or stopped holder burns no core. It never yields: on a busy host that takes milliseconds. No
//! thread starves, although there is no queue: threads that come again and again and find nothing stand back for a
//! moment ([`Courtesy`]), which costs the others nothing. **A preempted holder delays all others until the host runs it
//! again.**
//!
//! # Invariants
//! - (L1) `taken` is `TAKEN` exactly while one [`LockGuard`] is alive, and only that guard reaches `value`.
//! - (L2) What was written under the lock is seen by the next holder: the `Acquire` that sets `taken` reads the
//!   `Release` that cleared it.

use core::fmt;
use core::ops::{Deref, DerefMut};
use core::panic::{RefUnwindSafe, UnwindSafe};

use super::courtesy::Courtesy;
use super::{Hints, Next, pause_until};
use crate::primitive::Ordering::{Acquire, Relaxed, Release};
use crate::primitive::{AtomicU8, UnsafeCell, checked, const_fn};
use crate::record::{Identity, Kind, Shown, Tag};

checked!(sempost_loom: mod models in "models.rs");

const FREE: u8 = 0;
const TAKEN: u8 = 1;

// The byte beside what it guards: a holder needs both.
#[repr(C)]
pub(crate) struct Lock<T> {
    taken: AtomicU8,
    courtesy: Courtesy,
    hints: Hints,
    value: UnsafeCell<T>,
    identity: Identity<T>,
}

// SAFETY: (L1) – the value is reached by one thread at a time, so it only has to be `Send`.
unsafe impl<T: Send> Sync for Lock<T> {}
// SAFETY: (L1) – the owner of the lock owns the value.
unsafe impl<T: Send> Send for Lock<T> {}

// A panic never leaves the state half-changed: no foreign code runs under the lock.
impl<T: UnwindSafe> RefUnwindSafe for Lock<T> {}

impl<T> Lock<T> {
    const_fn! {
        #[cfg_attr(feature = "inspect", track_caller)]
        pub(crate) const fn new(value: T) -> Self {
            Self::build(Identity::part(), value)
        }
    }

    const_fn! {
        /// The lock of a primitive.
        #[cfg_attr(sempost_loom, allow(dead_code, reason = "here only its own models use it"))]
        #[cfg_attr(feature = "inspect", track_caller)]
        pub(crate) const fn of(kind: Kind, value: T) -> Self
        where
            T: Shown,
        {
            Self::build(Identity::of(kind), value)
        }
    }

    const_fn! {
        /// The lock of a primitive that was identified elsewhere.
        #[inline(always)]
        pub(crate) const fn build(identity: Identity<T>, value: T) -> Self {
            Self {
                taken: AtomicU8::new(FREE),
                courtesy: Courtesy::new(),
                hints: Hints::new(),
                value: UnsafeCell::new(value),
                identity,
            }
        }
    }

    #[inline(always)]
    #[cfg_attr(sempost_inject, track_caller)]
    pub(crate) fn lock(&self) -> LockGuard<'_, T> {
        self.identity.prepare();
        // ORDERING: Acquire; pairs with the Release in `LockGuard::drop`.
        if self.taken.compare_exchange(FREE, TAKEN, Acquire, Relaxed).is_err() {
            self.lock_slow();
        }
        LockGuard { lock: self }
    }

    #[cold]
    fn lock_slow(&self) {
        let first = self.courtesy.first_pause();
        self.courtesy.ask();
        pause_until(first, |next| {
            // No load before it: a lock that was free when the cache line came may be taken before it can be written.
            // ORDERING: Acquire; pairs as in `lock`.
            let taken = self.taken.compare_exchange(FREE, TAKEN, Acquire, Relaxed).is_ok();
            if !taken {
                if next == Next::Nap { self.courtesy.ask_for_long() } else { self.courtesy.ask() }
            }
            taken
        });
    }

    /// Which primitive it is.
    #[cfg_attr(sempost_loom, allow(dead_code, reason = "here only its own models use it"))]
    #[inline(always)]
    pub(crate) fn tag(&self) -> &Tag {
        self.identity.tag()
    }

    #[inline(always)]
    pub(crate) fn hints(&self) -> &Hints {
        &self.hints
    }

    /// Whether other threads find nothing under the lock and stand back: then another try costs them nothing.
    #[cfg(feature = "std")]
    pub(crate) fn is_left_alone(&self) -> bool {
        self.courtesy.is_shown()
    }

    /// A thread looked for something under the lock in vain, and will look again: contenders may come soon.
    #[cfg(feature = "std")]
    pub(crate) fn expect_contenders(&self) {
        self.courtesy.look();
    }

    /// Leaves the lock to contenders for a moment, if there are any. For callers that found nothing under it, and may
    /// be back at once.
    #[inline(always)]
    pub(crate) fn stand_back(&self) {
        if self.courtesy.is_asked() {
            self.courtesy.stand_back();
        }
    }
}

// The last handle's `Arc` orders everything that other handles did under the lock, by a fence. The thread sanitizer
// does not see fences; it sees this load.
#[cfg(sempost_inject)]
impl<T> Drop for Lock<T> {
    fn drop(&mut self) {
        // ORDERING: Acquire; pairs with the Release in `LockGuard::drop`.
        self.taken.load(Acquire);
    }
}

impl<T> fmt::Debug for Lock<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lock").finish_non_exhaustive()
    }
}

pub(crate) struct LockGuard<'a, T> {
    lock: &'a Lock<T>,
}

impl<T> Deref for LockGuard<'_, T> {
    type Target = T;

    #[inline(always)]
    fn deref(&self) -> &T {
        // SAFETY: (L1) – this guard is alive, so the value is ours.
        self.lock.value.with(|value| unsafe { &*value })
    }
}

impl<T> DerefMut for LockGuard<'_, T> {
    #[inline(always)]
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: (L1) – this guard is alive, so the value is ours.
        self.lock.value.with_mut(|value| unsafe { &mut *value })
    }
}

impl<T> Drop for LockGuard<'_, T> {
    #[inline(always)]
    fn drop(&mut self) {
        self.lock.identity.reflect(self);
        // ORDERING: Release; pairs with the Acquire in `lock` and `lock_slow`.
        self.lock.taken.store(FREE, Release);
    }
}
