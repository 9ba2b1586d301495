//! Messages with names, of which it is known how many there are.

use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

static COUNT: AtomicUsize = AtomicUsize::new(0);

#[derive(Debug, PartialEq, Eq)]
pub struct Letter(u32);

impl Letter {
    pub fn new(id: u32) -> Self {
        COUNT.fetch_add(1, Relaxed);
        Self(id)
    }

    pub fn id(&self) -> u32 {
        self.0
    }

    /// How many there are anywhere, forgotten ones included. It wraps below zero when one is dropped twice.
    pub fn count() -> usize {
        COUNT.load(Relaxed)
    }
}

impl Drop for Letter {
    fn drop(&mut self) {
        COUNT.fetch_sub(1, Relaxed);
    }
}
