//! The host's mutex in the short lock's place: the same face, no spinning.

use core::panic::{RefUnwindSafe, UnwindSafe};

use super::Memory;
use crate::primitive::{const_fn, os};

pub(crate) type LockGuard<'a, T> = os::MutexGuard<'a, T>;

pub(crate) struct Lock<T> {
    memory: Memory,
    state: os::Mutex<T>,
}

// A panic never leaves the state half-changed: nothing foreign runs under the lock.
impl<T: UnwindSafe> RefUnwindSafe for Lock<T> {}

impl<T> Lock<T> {
    const_fn! {
        pub(crate) const fn new(value: T) -> Self {
            Self { memory: Memory::new(), state: os::Mutex::new(value) }
        }
    }

    pub(crate) fn lock(&self) -> LockGuard<'_, T> {
        self.state.lock()
    }

    #[cfg(feature = "std")]
    pub(crate) fn is_left_alone(&self) -> bool {
        false
    }

    /// The host's mutex keeps those who wait for it in line.
    pub(crate) fn stand_back(&self) {}

    pub(crate) fn memory(&self) -> &Memory {
        &self.memory
    }
}
