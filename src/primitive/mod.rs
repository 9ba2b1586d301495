//! Layer 0: the few things the crate takes from its host, in one shape.
//!
//! Everything above uses this vocabulary and cannot tell whether it runs on `std`, on `core`, or inside a checker. The
//! idiom is that of the strictest checker (`with`, `with_mut`, a `lock` without poison), because the other hosts can
//! imitate it, and not the other way round.
//!
//! | host | chosen by | what it is for |
//! |---|---|---|
//! | `native` | nothing | every normal build |
//! | `delayed`, on top of it | `--cfg sempost_inject` | a pause at every step that another thread can see |
//! | `scheduled`, on top of it | `--cfg sempost_shuttle` | random schedules of large races |
//! | `modelled` | `--cfg sempost_loom` | every interleaving of small races |

#[cfg(not(sempost_loom))]
mod native;
#[cfg(not(sempost_loom))]
pub(crate) use native::*;

#[cfg(sempost_inject)]
pub(crate) mod delayed;
#[cfg(sempost_inject)]
pub(crate) use delayed::{AtomicU8, Thread, current, os, park, park_timeout};

#[cfg(sempost_shuttle)]
mod scheduled;
#[cfg(sempost_shuttle)]
pub(crate) use scheduled::{AtomicU8, AtomicUsize, Thread, current, os, park, park_timeout, pause};

#[cfg(sempost_loom)]
mod modelled;
#[cfg(sempost_loom)]
pub(crate) use modelled::*;

pub(crate) use core::sync::atomic::Ordering;

/// Declares a function that is `const` on every host; a checker's cells cannot be made at compile time.
macro_rules! const_fn {
    ($(#[$meta:meta])* $vis:vis const fn $($rest:tt)*) => {
        #[cfg(not(any(sempost_loom, sempost_shuttle)))]
        $(#[$meta])* $vis const fn $($rest)*
        #[cfg(any(sempost_loom, sempost_shuttle))]
        $(#[$meta])* $vis fn $($rest)*
    };
}

/// A value that is a constant on every host that can make it at compile time: so it is stored as it is, and not put
/// together on the stack, piece by piece.
macro_rules! constant {
    ($value:expr) => {{
        #[cfg(not(any(sempost_loom, sempost_shuttle)))]
        let value = const { $value };
        #[cfg(any(sempost_loom, sempost_shuttle))]
        let value = $value;
        value
    }};
}

/// Declares a module that exists only in the test build of one checker.
macro_rules! checked {
    ($host:ident: mod $name:ident in $path:literal) => {
        #[cfg(all(test, $host))]
        #[path = $path]
        mod $name;
    };
}

pub(crate) use {checked, const_fn, constant};
