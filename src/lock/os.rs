//! The host's mutex in place of the short lock: the same interface, no spinning.

use core::panic::{RefUnwindSafe, UnwindSafe};

use super::Hints;
use crate::primitive::{const_fn, os};
use crate::record::{Kind, Tag};

pub(crate) type LockGuard<'a, T> = os::MutexGuard<'a, T>;

pub(crate) struct Lock<T> {
    hints: Hints,
    state: os::Mutex<T>,
    tag: Tag,
}

// A panic never leaves the state half-changed: no foreign code runs under the lock.
impl<T: UnwindSafe> RefUnwindSafe for Lock<T> {}

impl<T> Lock<T> {
    const_fn! {
        #[cfg_attr(feature = "inspect", track_caller)]
        pub(crate) const fn new(value: T) -> Self {
            Self::of(Kind::Part, value)
        }
    }

    const_fn! {
        /// The lock of a primitive.
        #[cfg_attr(feature = "inspect", track_caller)]
        pub(crate) const fn of(kind: Kind, value: T) -> Self {
            Self { hints: Hints::new(), state: os::Mutex::new(value), tag: Tag::new(kind) }
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

    /// Which primitive it is.
    pub(crate) fn tag(&self) -> &Tag {
        &self.tag
    }

    pub(crate) fn hints(&self) -> &Hints {
        &self.hints
    }
}
