//! Layer 1: records of who holds and who waits, for the feature `inspect`. Without the feature every type in here is of
//! size zero, and every function is nothing.
//!
//! ```text
//!  Identity, in each lock ──▶ Entry, one a primitive ──▶ rows: one Record for each Hold and each wait
//!                               ▲ registry: the entries of all primitives that are there
//! ```
//!
//! A record is made and forgotten with no lock of a primitive held. Under such a lock only its atomics are written. A
//! reader takes the locks of the registry and of the rows, and no lock of a primitive. Nothing foreign runs under these
//! locks, except the allocator and, when an entry is copied, the clone of a name.

#[cfg(feature = "inspect")]
mod counts;
mod kind;

/// The side of those who wait for a close.
pub(crate) const CLOSE: usize = 2;

/// Whether there are records at all.
pub(crate) const RECORDS: bool = cfg!(feature = "inspect");

#[cfg(feature = "inspect")]
mod entry;
#[cfg(feature = "inspect")]
mod handles;
#[cfg(feature = "inspect")]
mod identity;
#[cfg(feature = "inspect")]
mod origin;
#[cfg(feature = "inspect")]
mod row;
#[cfg(feature = "inspect")]
mod tag;

#[cfg(not(feature = "inspect"))]
mod nothing;

#[cfg(feature = "inspect")]
pub(crate) use counts::Counts;
#[cfg(feature = "inspect")]
pub use kind::Kind;
#[cfg(not(feature = "inspect"))]
pub(crate) use kind::Kind;

#[cfg(feature = "inspect")]
pub(crate) use entry::{Entry, entries};
#[cfg(feature = "inspect")]
pub(crate) use handles::{Hold, SharedHold, WaitRecord};
#[cfg(feature = "inspect")]
pub(crate) use identity::{Identity, Shown};
#[cfg(feature = "inspect")]
pub(crate) use origin::{Origin, Place, THREAD, number};
#[cfg(feature = "inspect")]
pub(crate) use row::{Record, Role, Step};
#[cfg(feature = "inspect")]
pub(crate) use tag::{Tag, TagRef};

#[cfg(not(feature = "inspect"))]
pub(crate) use nothing::{Hold, Identity, Origin, Place, SharedHold, Shown, Step, Tag, TagRef, WaitRecord};
