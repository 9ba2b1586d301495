#![doc = include_str!("../README.md")]
#![cfg_attr(not(feature = "std"), no_std)]
#![cfg_attr(docsrs, feature(doc_cfg))]

extern crate alloc;

mod condvar;
mod lock;
mod monitor;
mod mutex;
mod primitive;
#[expect(unsafe_code, reason = "slots that hold a message or nothing")]
mod queue;
mod semaphore;
mod wait;

#[cfg(any(doc, doctest))]
pub mod coming_from;
pub mod mailbox;
pub mod oneshot;

primitive::checked!(sempost_loom: mod models in "../tests/models/mod.rs");
primitive::checked!(sempost_shuttle: mod schedules in "../tests/schedules/mod.rs");

pub use condvar::{Condvar, CondvarWaiting, CondvarWaitingWhile};
pub use monitor::{Conditions, Entering, Monitor, MonitorGuard, OwnedMonitorGuard, Waiting, WaitingWhile};
pub use mutex::{
    Ended, Held, Locking, Mapped, MappedMutexGuard, Mutex, MutexGuard, OwnedMappedMutexGuard, OwnedMutexGuard,
};
pub use semaphore::{
    AcquireError, AcquireUntilError, Acquiring, AddPermitsError, OwnedPermit, Permit, Permits, PollSemaphore,
    Semaphore, TryAcquireError,
};
pub use wait::{Closed, Drained, Elapsed, Fairness, Timed, Until};

/// Where the hardening tools pause the crate's steps; there only under `--cfg sempost_inject`.
#[cfg(sempost_inject)]
#[doc(hidden)]
pub mod inject {
    pub use crate::primitive::delayed::{Moment, Point, install};
}

/// What the macros of this crate write down; not for anybody else.
#[doc(hidden)]
pub mod __private {
    pub use crate::monitor::{Array, Seal};
}
