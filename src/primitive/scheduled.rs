//! The native host on a scheduler of its own: random schedules of many tasks and threads.
//!
//! It searches interleavings and treats every access to an atomic as sequentially consistent. Orderings and exclusive
//! access to cells are left to the model checker.

pub(crate) use shuttle::sync::atomic::{AtomicU8, AtomicUsize};
pub(crate) use shuttle::thread::{Thread, current, park};

/// A schedule has no clock: a thread that waits for a time checks again in its next turn.
pub(crate) fn park_timeout(_: core::time::Duration) {
    shuttle::thread::yield_now();
}

/// How to wait: before joining a queue not at all, and for another thread's few instructions by letting it run.
pub(crate) mod pause {
    pub(crate) use shuttle::thread::yield_now as nap;

    pub(crate) fn spin(_: u32) {
        shuttle::thread::yield_now();
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
    pub(crate) const SPINS_SHORT: u32 = 1;
}

pub(crate) mod os {
    pub(crate) use shuttle::sync::MutexGuard;
    use std::sync::PoisonError;

    pub(crate) struct Mutex<T>(shuttle::sync::Mutex<T>);

    impl<T> Mutex<T> {
        pub(crate) const fn new(value: T) -> Self {
            Self(shuttle::sync::Mutex::new(value))
        }

        pub(crate) fn lock(&self) -> MutexGuard<'_, T> {
            self.0.lock().unwrap_or_else(PoisonError::into_inner)
        }
    }
}
