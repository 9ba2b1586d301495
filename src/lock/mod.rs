//! Layer 1: the short lock. It guards plain state for a few dozen instructions, and nothing foreign ever runs under it.
//!
//! Two implementations behind one face: `short`, a byte and a backoff, and `os`, the host's mutex, which serves under
//! the feature `os-lock` and stands in under the checkers (the short lock has models of its own).

mod backoff;
#[cfg(any(not(any(feature = "os-lock", sempost_shuttle)), sempost_loom))]
#[cfg_attr(all(sempost_loom, not(test)), expect(dead_code, reason = "here only the short lock's own models use it"))]
mod courtesy;
mod memory;
#[cfg(any(feature = "os-lock", sempost_loom, sempost_shuttle))]
mod os;
#[cfg(any(not(any(feature = "os-lock", sempost_shuttle)), sempost_loom))]
#[cfg_attr(all(sempost_loom, not(test)), expect(dead_code, reason = "here only its own models use it"))]
#[expect(unsafe_code, reason = "the lock itself: a cell and the byte that guards it")]
mod short;

#[cfg(any(not(any(feature = "os-lock", sempost_shuttle)), sempost_loom))]
use backoff::Next;
pub(crate) use backoff::pause_until;
pub(crate) use memory::Memory;
#[cfg(any(feature = "os-lock", sempost_loom, sempost_shuttle))]
pub(crate) use os::{Lock, LockGuard};
#[cfg(not(any(feature = "os-lock", sempost_loom, sempost_shuttle)))]
pub(crate) use short::{Lock, LockGuard};
