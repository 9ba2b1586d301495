//! Bodies of stress: many tasks and threads on one object, and an exact account of what became of everything.
//!
//! A [`Workload`] is what all of them do; [`run`] deals its tasks out to threads, and `guests` (with the feature
//! `runtimes`) to the executors of several runtimes at once. Everybody writes a [`Log`] of its own, and the workload's
//! verdict compares them afterwards, so that the checking itself synchronises nobody.
//!
//! The harness keeps to atomics, `thread::scope` and joins: a race detector that does not see into the host's mutexes
//! and parking would find races of theirs.

mod bitmap;
mod condvar;
pub mod credits;
mod executor;
#[cfg(feature = "runtimes")]
pub mod guests;
mod log;
pub mod mailbox;
mod monitor;
mod mutex;
mod note;
mod order;
mod patience;
pub mod ports;
mod predicates;
mod rwlock;
pub mod section;
pub mod semaphore;
pub mod shop;
mod watchdog;
mod workload;

pub use bitmap::Bitmap;
pub use condvar::Condvars;
pub use executor::{Done, drive, drive_watched};
pub use log::{Log, Tally};
pub use monitor::Signalled;
pub use note::{Lane, Note};
pub use order::Order;
pub use patience::{Patience, until, yield_now};
pub use predicates::Unsignalled;
pub use workload::{Blocker, Task, Workload, run};
