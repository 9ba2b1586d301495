//! The host's mutex in place of the short lock: the same interface, no spinning.

use core::panic::{RefUnwindSafe, UnwindSafe};

use super::Hints;
use crate::primitive::{const_fn, os};

pub(crate) type LockGuard<'a, T> = os::MutexGuard<'a, T>;

pub(crate) struct Lock<T> {
    hints: Hints,
    state: os::Mutex<T>,
}

// A panic never leaves the state half-changed: no foreign code runs under the lock.
impl<T: UnwindSafe> RefUnwindSafe for Lock<T> {}

impl<T> Lock<T> {
    const_fn! {
        pub(crate) const fn new(value: T) -> Self {
            Self { hints: Hints::new(), state: os::Mutex::new(value) }
        }
    }

    pub(crate) fn lock(&self) -> LockGuard<'_, T> {
        self.state.lock()
    }

    #[cfg(feature = "std")]
    pub(crate) fn is_left_alone(&self) -> bool {
        false
    }

    /// Does nothing: the host's mutex queues its contenders.
    pub(crate) fn stand_back(&self) {}

    pub(crate) fn hints(&self) -> &Hints {
        &self.hints
    }
}
