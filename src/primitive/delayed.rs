//! The native host with pauses: every step that another thread can see is a named point, where a tool may delay a
//! thread.
//!
//! A point is the place in the source that takes a lock or touches an atomic, before or after it does so. With
//! `track_caller` it is the place of the caller. After a lock was taken means: while it is held.
//!
//! Threads park on a flag of their own, not with the host. A race detector that does not see into the host's parking
//! would report races where there are none.

use core::panic::Location;
use core::sync::atomic::Ordering::{AcqRel, Acquire, Release};
use core::sync::atomic::{self, AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::thread;
use std::time::{Duration, Instant};

/// On which side of its step a point lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Moment {
    /// Before the step.
    Before,
    /// After the step. If it took a lock: while that is held.
    After,
}

/// A named point.
pub type Point = (&'static Location<'static>, Moment);

static HOOK: OnceLock<fn(Point)> = OnceLock::new();

/// Calls `hook` at every point from now on.
///
/// # Panics
/// If there is a hook already.
#[track_caller]
pub fn install(hook: fn(Point)) {
    assert!(HOOK.set(hook).is_ok(), "one hook is all there is");
}

fn at(place: &'static Location<'static>, moment: Moment) {
    if let Some(hook) = HOOK.get() {
        hook((place, moment));
    }
}

/// The host's byte, with a point on both sides of each access.
#[derive(Debug)]
pub(crate) struct AtomicU8(atomic::AtomicU8);

impl AtomicU8 {
    pub(crate) const fn new(value: u8) -> Self {
        Self(atomic::AtomicU8::new(value))
    }

    #[track_caller]
    fn step<R>(&self, access: impl FnOnce(&atomic::AtomicU8) -> R) -> R {
        let place = Location::caller();
        at(place, Moment::Before);
        let result = access(&self.0);
        at(place, Moment::After);
        result
    }

    #[track_caller]
    pub(crate) fn load(&self, ordering: Ordering) -> u8 {
        self.step(|byte| byte.load(ordering))
    }

    #[track_caller]
    pub(crate) fn store(&self, value: u8, ordering: Ordering) {
        self.step(|byte| byte.store(value, ordering));
    }

    #[track_caller]
    pub(crate) fn fetch_add(&self, value: u8, ordering: Ordering) -> u8 {
        self.step(|byte| byte.fetch_add(value, ordering))
    }

    #[track_caller]
    pub(crate) fn fetch_and(&self, value: u8, ordering: Ordering) -> u8 {
        self.step(|byte| byte.fetch_and(value, ordering))
    }

    #[track_caller]
    pub(crate) fn compare_exchange(&self, old: u8, new: u8, yes: Ordering, no: Ordering) -> Result<u8, u8> {
        self.step(|byte| byte.compare_exchange(old, new, yes, no))
    }
}

/// A thread that may be parked.
#[derive(Clone, Debug)]
pub(crate) struct Thread(Arc<AtomicBool>);

impl Thread {
    pub(crate) fn id(&self) -> usize {
        Arc::as_ptr(&self.0).addr()
    }

    #[track_caller]
    pub(crate) fn unpark(&self) {
        let place = Location::caller();
        at(place, Moment::Before);
        // ORDERING: Release; pairs with the AcqRel in `park`.
        self.0.store(true, Release);
        at(place, Moment::After);
    }
}

thread_local! {
    static HERE: Thread = Thread(Arc::new(AtomicBool::new(false)));
}

pub(crate) fn current() -> Thread {
    HERE.with(Clone::clone)
}

pub(crate) fn park() {
    park_while(|| true);
}

pub(crate) fn park_timeout(timeout: Duration) {
    let begin = Instant::now();
    park_while(|| begin.elapsed() < timeout);
}

fn park_while(patient: impl Fn() -> bool) {
    let Thread(flag) = current();
    // ORDERING: AcqRel; the Acquire pairs with the Release in `unpark`.
    while !flag.swap(false, AcqRel) {
        // ORDERING: Acquire, as in the swap; it only saves writes.
        while !flag.load(Acquire) {
            if !patient() {
                return;
            }
            thread::yield_now();
        }
    }
}

/// The host's mutex, with an atomic that a race detector sees: it does not see into the host's own. No point is named
/// here, because the table of ports is nobody's hot path.
pub(crate) mod os {
    use core::ops::{Deref, DerefMut};
    use core::sync::atomic::AtomicBool;
    use core::sync::atomic::Ordering::{Acquire, Release};
    use std::sync::PoisonError;

    pub(crate) struct Mutex<T> {
        value: std::sync::Mutex<T>,
        left: AtomicBool,
    }

    pub(crate) struct MutexGuard<'a, T> {
        value: std::sync::MutexGuard<'a, T>,
        left: &'a AtomicBool,
    }

    impl<T> Mutex<T> {
        pub(crate) const fn new(value: T) -> Self {
            Self { value: std::sync::Mutex::new(value), left: AtomicBool::new(false) }
        }

        pub(crate) fn lock(&self) -> MutexGuard<'_, T> {
            let value = self.value.lock().unwrap_or_else(PoisonError::into_inner);
            // ORDERING: Acquire; pairs with the Release of the guard that was dropped last.
            self.left.load(Acquire);
            MutexGuard { value, left: &self.left }
        }
    }

    impl<T> Deref for MutexGuard<'_, T> {
        type Target = T;

        fn deref(&self) -> &T {
            &self.value
        }
    }

    impl<T> DerefMut for MutexGuard<'_, T> {
        fn deref_mut(&mut self) -> &mut T {
            &mut self.value
        }
    }

    impl<T> Drop for MutexGuard<'_, T> {
        fn drop(&mut self) {
            // ORDERING: Release; pairs with the Acquire in `lock`.
            self.left.store(true, Release);
        }
    }
}
