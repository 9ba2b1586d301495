// README's links lead to files. Of two targets with one name the first counts: those here lead to items and modules.
#![cfg_attr(any(doc, doctest), doc = include_str!("../docs/hang.link"))]
#![doc = include_str!("links.md")]
#![doc = include_str!("../README.md")]
#![cfg_attr(not(feature = "std"), no_std)]
#![cfg_attr(docsrs, feature(doc_cfg))]
#![allow(rustdoc::redundant_explicit_links, reason = "links.md stands before README's own links")]

extern crate alloc;

mod barrier;
mod condvar;
mod latch;
mod lock;
mod monitor;
mod mutex;
mod primitive;
#[expect(unsafe_code, reason = "slots that hold a message or nothing")]
mod queue;
mod record;
mod rwlock;
mod semaphore;
mod wait;

#[cfg(any(doc, doctest))]
pub mod coming_from;
/// Figures, what to do when tasks hang, probes of other crates, soundness, and the textbook's names.
///
/// These pages are documentation alone: there is nothing in them to import.
#[cfg(any(doc, doctest))]
pub mod docs {
    #[doc = include_str!("../docs/figures.link")]
    #[doc = include_str!("links.md")]
    #[doc = include_str!("../docs/benchmarks.md")]
    pub mod benchmarks {}

    #[doc = include_str!("../docs/hang.link")]
    #[doc = include_str!("links.md")]
    #[doc = include_str!("../docs/hangs.md")]
    pub mod hangs {}

    #[doc = include_str!("../docs/probes.md")]
    pub mod probes {}

    #[doc = include_str!("links.md")]
    #[doc = include_str!("../docs/soundness.md")]
    pub mod soundness {}

    #[doc = include_str!("links.md")]
    #[doc = include_str!("../docs/textbook.md")]
    pub mod textbook {}
}
#[cfg(feature = "inspect")]
#[cfg_attr(docsrs, doc(cfg(feature = "inspect")))]
pub mod inspect;
pub mod mailbox;
pub mod oneshot;

primitive::checked!(sempost_loom: mod models in "../tests/models/mod.rs");
primitive::checked!(sempost_shuttle: mod schedules in "../tests/schedules/mod.rs");

pub use barrier::{Barrier, BarrierWaitResult, BarrierWaiting};
pub use condvar::{Condvar, CondvarWaiting, CondvarWaitingWhile};
pub use latch::{Latch, LatchWaiting};
pub use monitor::{
    Conditions, Entering, EnteringWhen, Monitor, MonitorGuard, NoConditions, OwnedMonitorGuard, Waiting, WaitingFor,
    WaitingWhile,
};
pub use mutex::{
    Guard, Locking, MappedGuard, MappedMutexGuard, Mutex, MutexGuard, OwnedMappedMutexGuard, OwnedMutexGuard, RawMutex,
    WaitTimeoutResult,
};
pub use rwlock::{
    MappedRwLockWriteGuard, OwnedMappedRwLockWriteGuard, OwnedRwLockReadGuard, OwnedRwLockWriteGuard, Reading, RwLock,
    RwLockGuard, RwLockReadGuard, RwLockWriteGuard, Writing,
};
pub use semaphore::{
    AcquireError, AcquireUntilError, Acquiring, AddPermitsError, OwnedPermit, Permit, Permits, PollSemaphore,
    Semaphore, TryAcquireError,
};
pub use wait::{AwaitingClosed, AwaitingDrained, Elapsed, Fairness, Timed, Until};

/// Where the hardening tools pause the crate's steps. Exists only under `--cfg sempost_inject`.
#[cfg(sempost_inject)]
#[doc(hidden)]
pub mod inject {
    pub use crate::primitive::delayed::{Moment, Point, install};
}

/// What the macros of this crate expand to. Not for other use.
#[doc(hidden)]
pub mod __private {
    pub use crate::monitor::{Array, Seal};
}
