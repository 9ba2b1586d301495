//! The model checker's host: every atomic, cell, lock and thread below is one that it schedules.

pub(crate) use loom::cell::UnsafeCell;
pub(crate) use loom::sync::atomic::AtomicU8;
pub(crate) use loom::thread::{Thread, current, park};

/// How to wait for a short lock: one pause is as good as a thousand where time is a list of steps.
pub(crate) mod pause {
    pub(crate) use loom::hint::spin_loop;
    pub(crate) use loom::thread::{yield_now, yield_now as nap};

    pub(crate) const LOOKS: u32 = 0;
    pub(crate) const SPINS_FIRST: u32 = 1;
    pub(crate) const SPINS_MOST: u32 = 1;
}

/// Who has exclusive use of user data: touched on entry and on leaving, so that two at once are a race the checker sees.
#[derive(Debug)]
pub(crate) struct Claim(UnsafeCell<()>);

impl Claim {
    pub(crate) fn new() -> Self {
        Self(UnsafeCell::new(()))
    }

    pub(crate) fn exercise(&self) {
        self.0.with_mut(|_| ());
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

/// Runs one model and prints how many interleavings it took; fewer than a hundred would be no model of a race.
#[cfg(test)]
pub(crate) fn model(name: &str, body: impl Fn() + Send + Sync + 'static) {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

    let runs = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&runs);
    loom::model(move || {
        counted.fetch_add(1, Relaxed);
        body();
    });
    let runs = runs.load(Relaxed);
    println!("model {name}: {runs} interleavings");
    assert!(runs >= 100, "model {name} saw only {runs} interleavings");
}

#[cfg(test)]
pub(crate) use loom::thread::spawn;
