//! The mutex without its data.

use core::convert::Infallible;
use core::fmt;

use super::enter::unlock;
use super::guard::Unlock;
use super::state::MutexState;
use crate::lock::Lock;
use crate::primitive::const_fn;
use crate::record::Kind;
use crate::wait::{Effects, Fairness, Primitive};

/// A mutex without its data: what a mapped guard keeps. It appears in the names of types and cannot be made.
pub struct RawMutex(Lock<MutexState>);

impl RawMutex {
    const_fn! {
        #[cfg_attr(feature = "inspect", track_caller)]
        pub(super) const fn new(fairness: Fairness) -> Self {
            Self(Lock::of(Kind::Mutex, MutexState::new(fairness)))
        }
    }
}

impl Primitive for RawMutex {
    type State = MutexState;
    type Deferred = Infallible;

    #[inline(always)]
    fn lock(&self) -> &Lock<MutexState> {
        &self.0
    }

    // Every unlock serves the one waiter that can be served, so nothing is left to do.
    fn settle(_: &mut MutexState, _: &mut Effects<Infallible>) {}
}

impl Unlock for RawMutex {
    fn unlock(&self) {
        unlock(self);
    }
}

impl fmt::Debug for RawMutex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let locked = self.0.lock().is_locked();
        f.debug_struct("RawMutex").field("locked", &locked).finish()
    }
}
