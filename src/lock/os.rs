//! The host's mutex in place of the short lock: the same interface, no spinning.

use core::panic::{RefUnwindSafe, UnwindSafe};

use super::Hints;
use crate::primitive::{const_fn, os};
use crate::record::{Identity, Kind, Shown, Tag};

#[cfg(not(feature = "inspect"))]
pub(crate) type LockGuard<'a, T> = os::MutexGuard<'a, T>;

pub(crate) struct Lock<T> {
    hints: Hints,
    state: os::Mutex<T>,
    identity: Identity<T>,
}

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
            Self { hints: Hints::new(), state: os::Mutex::new(value), identity }
        }
    }

    pub(crate) fn lock(&self) -> LockGuard<'_, T> {
        self.identity.prepare();
        let state = self.state.lock();
        #[cfg(feature = "inspect")]
        let state = LockGuard { state, lock: self };
        state
    }

    #[cfg(feature = "std")]
    pub(crate) fn is_left_alone(&self) -> bool {
        false
    }

    #[cfg(feature = "std")]
    pub(crate) fn expect_contenders(&self) {}

    /// Does nothing: the host's mutex queues its contenders.
    pub(crate) fn stand_back(&self) {}

    /// Which primitive it is.
    pub(crate) fn tag(&self) -> &Tag {
        self.identity.tag()
    }

    pub(crate) fn hints(&self) -> &Hints {
        &self.hints
    }
}

/// With records an unlock shows the state.
#[cfg(feature = "inspect")]
pub(crate) struct LockGuard<'a, T> {
    state: os::MutexGuard<'a, T>,
    lock: &'a Lock<T>,
}

#[cfg(feature = "inspect")]
impl<T> core::ops::Deref for LockGuard<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.state
    }
}

#[cfg(feature = "inspect")]
impl<T> core::ops::DerefMut for LockGuard<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.state
    }
}

#[cfg(feature = "inspect")]
impl<T> Drop for LockGuard<'_, T> {
    fn drop(&mut self) {
        self.lock.identity.reflect(&self.state);
    }
}
