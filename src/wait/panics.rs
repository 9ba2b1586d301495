//! Panics are contained: whatever one waker or destructor does, the others run.

use core::mem::needs_drop;
use core::ops::{Deref, DerefMut};

/// Calls `step` until it answers `false`, whatever single steps do: a step that panics took its own piece of work along,
/// so the next call is about the next piece. After all ran the first panic goes on, unless the thread is in one already.
#[cfg(feature = "std")]
#[cold]
pub(crate) fn each(mut step: impl FnMut() -> bool) {
    use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

    let mut first = None;
    loop {
        match catch_unwind(AssertUnwindSafe(&mut step)) {
            Ok(true) => {}
            Ok(false) => break,
            Err(panic) if first.is_none() => first = Some(panic),
            Err(panic) => dispose(panic),
        }
    }
    match first {
        Some(panic) if std::thread::panicking() => dispose(panic),
        Some(panic) => resume_unwind(panic),
        None => {}
    }
}

/// Drops what a panic carries that cannot be passed on. That is foreign too: should it panic in turn, we let it be, or there
/// would be no end to it.
#[cfg(feature = "std")]
fn dispose(payload: std::boxed::Box<dyn core::any::Any + Send>) {
    use std::panic::{AssertUnwindSafe, catch_unwind};

    if let Err(worse) = catch_unwind(AssertUnwindSafe(|| drop(payload))) {
        core::mem::forget(worse);
    }
}

/// Whether this thread is in a panic already, so that a second one must not get out.
#[cfg(feature = "std")]
#[inline]
pub(super) fn is_panicking() -> bool {
    std::thread::panicking()
}

/// Without `std` nobody can tell.
#[cfg(not(feature = "std"))]
#[inline]
pub(super) fn is_panicking() -> bool {
    false
}

/// Without `std` a panic cannot be caught, but the unwinding can be used: one panic is survived, a second one stops the
/// process.
#[cfg(not(feature = "std"))]
#[cold]
pub(crate) fn each(step: impl FnMut() -> bool) {
    struct Rest<F: FnMut() -> bool>(F);

    impl<F: FnMut() -> bool> Drop for Rest<F> {
        fn drop(&mut self) {
            while (self.0)() {}
        }
    }

    let mut rest = Rest(step);
    while (rest.0)() {}
    core::mem::forget(rest);
}

/// Something that is not ours, as long as it is there: a waker that was not needed, a message. Its destructor is foreign, so
/// one that panics while a panic is under way must not let a second one out: that would end the process (C7).
pub(crate) struct Foreign<T>(Option<T>);

impl<T> Foreign<T> {
    #[inline(always)]
    pub(crate) const fn new(thing: Option<T>) -> Self {
        Self(thing)
    }
}

impl<T> Deref for Foreign<T> {
    type Target = Option<T>;

    #[inline(always)]
    fn deref(&self) -> &Option<T> {
        &self.0
    }
}

impl<T> DerefMut for Foreign<T> {
    #[inline(always)]
    fn deref_mut(&mut self) -> &mut Option<T> {
        &mut self.0
    }
}

impl<T> Drop for Foreign<T> {
    #[inline(always)]
    fn drop(&mut self) {
        if needs_drop::<T>() && self.0.is_some() {
            drop_foreign(&mut self.0);
        }
    }
}

/// In its place: it may be large.
#[inline(never)]
fn drop_foreign<T>(thing: &mut Option<T>) {
    if is_panicking() {
        each(|| {
            let there = thing.is_some();
            *thing = None;
            there
        });
    } else {
        *thing = None;
    }
}

/// Runs its closure when it goes out of scope, in whatever way.
pub(crate) struct Finally<F: FnMut()>(pub(crate) F);

impl<F: FnMut()> Drop for Finally<F> {
    fn drop(&mut self) {
        (self.0)();
    }
}
