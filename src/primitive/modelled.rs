//! The model checker's host: the checker schedules every atomic, cell, lock and thread below.
//!
//! It sees freed memory, too. The checker knows its own types and not the heap, so the drop of an atomic or a cell
//! counts as a last write. Code that touches a node which its owner may have freed races with that write.

pub(crate) use loom::sync::atomic::AtomicUsize;
pub(crate) use loom::thread::park;

use core::ops::Deref;
use std::cell::Cell;

use loom::thread::ThreadId;

std::thread_local! {
    /// The thread of the model that waits for another to end. The checker runs all of them on one thread of the host.
    static JOINING: Cell<Option<ThreadId>> = const { Cell::new(None) };
}

/// A thread that may be parked. To the checker a thread that joins another is parked, too, but it must not be unparked:
/// the wake-up of an earlier wait may come late.
#[derive(Clone, Debug)]
pub(crate) struct Thread(loom::thread::Thread);

impl Thread {
    pub(crate) fn id(&self) -> ThreadId {
        self.0.id()
    }

    pub(crate) fn unpark(&self) {
        if JOINING.get() != Some(self.id()) {
            self.0.unpark();
        }
    }
}

pub(crate) fn current() -> Thread {
    Thread(loom::thread::current())
}

/// A cell whose drop counts as a write.
#[derive(Debug)]
pub(crate) struct UnsafeCell<T>(loom::cell::UnsafeCell<T>);

impl<T> UnsafeCell<T> {
    pub(crate) fn new(value: T) -> Self {
        Self(loom::cell::UnsafeCell::new(value))
    }

    pub(crate) fn with<R>(&self, f: impl FnOnce(*const T) -> R) -> R {
        self.0.with(f)
    }

    pub(crate) fn with_mut<R>(&self, f: impl FnOnce(*mut T) -> R) -> R {
        self.0.with_mut(f)
    }
}

impl<T> Drop for UnsafeCell<T> {
    fn drop(&mut self) {
        // A model that fails is torn down outside of the checker.
        if !std::thread::panicking() {
            self.0.with_mut(|_| ());
        }
    }
}

/// An atomic whose drop counts as a write that is not atomic.
#[derive(Debug)]
pub(crate) struct AtomicU8(loom::sync::atomic::AtomicU8);

impl AtomicU8 {
    pub(crate) fn new(value: u8) -> Self {
        Self(loom::sync::atomic::AtomicU8::new(value))
    }
}

impl Deref for AtomicU8 {
    type Target = loom::sync::atomic::AtomicU8;

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

impl Drop for AtomicU8 {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            self.0.with_mut(|_| ());
        }
    }
}

/// Models have no clock; their deadlines are futures.
pub(crate) fn park_timeout(_: core::time::Duration) {
    loom::thread::yield_now();
}

/// How to wait for a short lock. One pause is as good as a thousand where time is a list of steps.
pub(crate) mod pause {
    pub(crate) use loom::thread::yield_now as nap;

    pub(crate) fn spin(_: u32) {
        loom::hint::spin_loop();
    }

    pub(crate) fn yields() -> bool {
        true
    }

    pub(crate) fn is_crowded() -> bool {
        false
    }

    pub(crate) struct Patience {
        pub(crate) looks: u32,
        pub(crate) rest: u32,
        pub(crate) spins: u32,
        pub(crate) yields: u32,
    }

    pub(crate) const AS_LONG_AS_PARKING: Patience = Patience { looks: 0, rest: 1, spins: 0, yields: 0 };
    pub(crate) const BESIDE: Patience = AS_LONG_AS_PARKING;
    pub(crate) const BRIEFLY: Patience = AS_LONG_AS_PARKING;
    pub(crate) const UNTRIED: Patience = AS_LONG_AS_PARKING;
    pub(crate) const SPINS_FIRST: u32 = 1;
    pub(crate) const SPINS_MOST: u32 = 1;
    pub(crate) const SPINS_SOON: u32 = 1;
    pub(crate) const SPINS_SHORT: u32 = 1;
}

/// Exclusive use of user data: touched on entry and on exit, so that the checker sees two users at once as a race.
// A bare cell, without a write on drop: the last of several handles frees it, and the checker does not see std's count.
#[derive(Debug)]
pub(crate) struct Claim(loom::cell::UnsafeCell<()>);

impl Claim {
    pub(crate) fn new() -> Self {
        Self(loom::cell::UnsafeCell::new(()))
    }

    pub(crate) fn exercise(&self) {
        self.0.with_mut(|_| ());
    }
}

/// Memory that has to be freed: the checker reports what is left of it at the end of a run as a leak.
pub(crate) struct Heaped(#[expect(dead_code, reason = "it is there to be dropped")] loom::alloc::Track<()>);

impl Heaped {
    pub(crate) fn new() -> Self {
        Self(loom::alloc::Track::new(()))
    }
}

pub(crate) mod os {
    pub(crate) use loom::sync::MutexGuard;

    pub(crate) struct Mutex<T>(loom::sync::Mutex<T>);

    impl<T> Mutex<T> {
        pub(crate) fn new(value: T) -> Self {
            Self(loom::sync::Mutex::new(value))
        }

        pub(crate) fn lock(&self) -> MutexGuard<'_, T> {
            self.0.lock().unwrap_or_else(|poison| poison.into_inner())
        }
    }
}

#[cfg(test)]
pub(crate) use check::{explore, is_deep, model, pick, spawn};

/// Running models.
#[cfg(test)]
mod check {
    use std::cell::Cell;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

    std::thread_local! {
        /// Threads that this run of a model has had so far. The checker runs all of them on one thread of the host.
        static THREADS: Cell<usize> = const { Cell::new(0) };
    }

    /// Whether the models are to be run with more turns, waiters and threads: `SEMPOST_MODELS=deep`.
    pub(crate) fn is_deep() -> bool {
        std::env::var("SEMPOST_MODELS").is_ok_and(|tier| tier == "deep")
    }

    /// One size in the short tier, another in the deep one.
    pub(crate) fn pick<T>(short: T, deep: T) -> T {
        if is_deep() { deep } else { short }
    }

    /// A thread of the model.
    pub(crate) fn spawn<T: 'static>(body: impl FnOnce() -> T + 'static) -> JoinHandle<T> {
        THREADS.set(THREADS.get() + 1);
        JoinHandle(loom::thread::spawn(body))
    }

    /// Waits for the end of a thread, and is not unparked meanwhile.
    pub(crate) struct JoinHandle<T>(loom::thread::JoinHandle<T>);

    impl<T> JoinHandle<T> {
        pub(crate) fn join(self) -> std::thread::Result<T> {
            let before = super::JOINING.replace(Some(super::current().id()));
            let result = self.0.join();
            super::JOINING.set(before);
            result
        }
    }

    /// Runs a model through all of its interleavings. Returns how many there were, and the smallest number of threads.
    pub(crate) fn explore(body: impl Fn() + Send + Sync + 'static) -> (usize, usize) {
        let (runs, threads) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(usize::MAX)));
        let (counted, least) = (Arc::clone(&runs), Arc::clone(&threads));
        let mut checker = loom::model::Builder::new();
        checker.max_branches = 10_000;
        // Nothing may cut it short, whatever the environment says.
        (checker.preemption_bound, checker.max_permutations, checker.max_duration) = (None, None, None);
        checker.check(move || {
            counted.fetch_add(1, Relaxed);
            THREADS.set(1);
            body();
            least.fetch_min(THREADS.get(), Relaxed);
        });
        (runs.load(Relaxed), threads.load(Relaxed))
    }

    /// Runs one model and prints its number of interleavings. Fewer than a hundred, or one thread alone, would be no
    /// model of a race.
    pub(crate) fn model(name: &str, body: impl Fn() + Send + Sync + 'static) {
        let (runs, threads) = explore(body);
        println!("model {name} [{threads} threads, exhaustive]: {runs} interleavings");
        assert!(threads >= 2, "model {name} has one thread");
        assert!(runs >= 100, "model {name} saw only {runs} interleavings");
    }
}
