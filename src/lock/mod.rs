//! Layer 1: the short lock. It guards plain state for a few dozen instructions, and no foreign code ever runs under it.
//!
//! There are two implementations with one interface. `short` is a byte and a backoff. `os` is the host's mutex: it is
//! used with the feature `os-lock`, and under the checkers (the short lock has models of its own).

mod backoff;
#[cfg(any(not(any(feature = "os-lock", sempost_shuttle)), sempost_loom))]
#[cfg_attr(all(sempost_loom, not(test)), expect(dead_code, reason = "here only the short lock's own models use it"))]
mod courtesy;
mod hints;
#[cfg(any(feature = "os-lock", sempost_loom, sempost_shuttle))]
mod os;
#[cfg(any(not(any(feature = "os-lock", sempost_shuttle)), sempost_loom))]
#[cfg_attr(all(sempost_loom, not(test)), expect(dead_code, reason = "here only its own models use it"))]
#[expect(unsafe_code, reason = "the lock itself: a cell and the byte that guards it")]
mod short;

#[cfg(any(not(any(feature = "os-lock", sempost_shuttle)), sempost_loom))]
use backoff::Next;
pub(crate) use backoff::pause_until;
pub(crate) use hints::Hints;
#[cfg(any(feature = "os-lock", sempost_loom, sempost_shuttle))]
pub(crate) use os::{Lock, LockGuard};
#[cfg(not(any(feature = "os-lock", sempost_loom, sempost_shuttle)))]
pub(crate) use short::{Lock, LockGuard};
