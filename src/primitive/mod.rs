//! Layer 0: the few things the crate takes from its host, in one shape.
//!
//! Everything above speaks this vocabulary and cannot tell whether it runs on `std`, on `core`, or inside the model
//! checker. The checker's idiom is the common one (`with`, `with_mut`, a `lock` that knows no poison), because the host's
//! can be dressed in it and not the other way round.

#[cfg(not(sempost_loom))]
mod native;
#[cfg(not(sempost_loom))]
pub(crate) use native::*;

#[cfg(sempost_loom)]
mod modelled;
#[cfg(sempost_loom)]
pub(crate) use modelled::*;

pub(crate) use core::sync::atomic::Ordering;

/// Declares a function that is `const` on every host; the checker's cells cannot be made at compile time.
macro_rules! const_fn {
    ($(#[$meta:meta])* $vis:vis const fn $($rest:tt)*) => {
        #[cfg(not(sempost_loom))]
        $(#[$meta])* $vis const fn $($rest)*
        #[cfg(sempost_loom)]
        $(#[$meta])* $vis fn $($rest)*
    };
}

/// Declares the module of models in a file: it exists only under the checker's own test build.
macro_rules! models {
    ($path:literal) => {
        #[cfg(all(test, sempost_loom))]
        #[path = $path]
        mod models;
    };
}

pub(crate) use {const_fn, models};
