//! Layer 1: records of who holds and who waits, for the feature `inspect`. Without the feature every type in here is of
//! size zero, and every function is nothing.
//!
//! ```text
//!  Tag, in each lock ──▶ Entry, one a primitive ──▶ rows: one Record for each Hold and each wait
//!                          ▲ registry: all entries, weakly
//! ```
//!
//! A record is made and forgotten with no lock of a primitive held. Under such a lock only its atomics are written. A
//! reader takes the locks of the registry and of the rows, and no lock of a primitive. Nothing foreign runs under these
//! locks, except the allocator and, when an entry is copied, the clone of a name.

mod kind;

/// Whether there are records at all.
pub(crate) const RECORDS: bool = cfg!(all(feature = "inspect", not(any(sempost_loom, sempost_shuttle))));

#[cfg(all(feature = "inspect", not(any(sempost_loom, sempost_shuttle))))]
mod entry;
#[cfg(all(feature = "inspect", not(any(sempost_loom, sempost_shuttle))))]
mod handles;
#[cfg(all(feature = "inspect", not(any(sempost_loom, sempost_shuttle))))]
mod origin;
#[cfg(all(feature = "inspect", not(any(sempost_loom, sempost_shuttle))))]
mod row;
#[cfg(all(feature = "inspect", not(any(sempost_loom, sempost_shuttle))))]
mod tag;

#[cfg(not(all(feature = "inspect", not(any(sempost_loom, sempost_shuttle)))))]
mod nothing;

#[cfg(feature = "inspect")]
pub use kind::Kind;
#[cfg(not(feature = "inspect"))]
pub(crate) use kind::Kind;

#[cfg(all(feature = "inspect", not(any(sempost_loom, sempost_shuttle))))]
pub(crate) use entry::{Entry, entries};
#[cfg(all(feature = "inspect", not(any(sempost_loom, sempost_shuttle))))]
pub(crate) use handles::{Hold, WaitRecord};
#[cfg(all(feature = "inspect", not(any(sempost_loom, sempost_shuttle))))]
pub(crate) use origin::{Origin, Place, THREAD, number};
#[cfg(all(feature = "inspect", not(any(sempost_loom, sempost_shuttle))))]
pub(crate) use row::{Record, Role, Step};
#[cfg(all(feature = "inspect", not(any(sempost_loom, sempost_shuttle))))]
pub(crate) use tag::Tag;

#[cfg(not(all(feature = "inspect", not(any(sempost_loom, sempost_shuttle)))))]
pub(crate) use nothing::{Hold, Origin, Place, Step, Tag, WaitRecord};
