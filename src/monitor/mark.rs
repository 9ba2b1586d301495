//! The mark of a change.

use crate::primitive::Ordering::Relaxed;
use crate::primitive::{AtomicU8, const_fn};

/// Which predicates are to be asked. It lies beside the lock of the monitor, so that a change costs one store.
pub(super) struct Mark(AtomicU8);

/// Which predicates are to be asked at the next leave.
#[derive(Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Due {
    /// None: no predicate of one that sleeps holds.
    None,
    /// Those behind the last one that was called.
    Rest,
    /// All: the data may have been changed.
    All,
}

impl Mark {
    const_fn! {
        pub(super) const fn new() -> Self {
            Self(AtomicU8::new(Due::None as u8))
        }
    }

    /// Called by the one inside, or under the lock of the monitor when none sleeps.
    #[inline(always)]
    pub(super) fn set(&self, due: Due) {
        // ORDERING: Relaxed; it is written and read by those inside, whom the lock of the monitor orders.
        self.0.store(due as u8, Relaxed);
    }

    #[inline]
    pub(super) fn get(&self) -> Due {
        // ORDERING: Relaxed; as in `set`.
        match self.0.load(Relaxed) {
            0 => Due::None,
            1 => Due::Rest,
            _ => Due::All,
        }
    }
}
