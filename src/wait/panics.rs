//! Panics are contained: if one waker or destructor panics, the others run all the same.

use core::mem::needs_drop;
use core::ops::{Deref, DerefMut};

/// Calls `step` until it returns `false`, even if single steps panic. A step that panics has taken its own piece of
/// work already, so the next call is about the next piece. At the end the first panic is resumed, unless the thread was
/// panicking before.
#[cfg(feature = "std")]
#[cold]
pub(crate) fn run_all(mut step: impl FnMut() -> bool) {
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

/// Drops the payload of a panic that cannot be resumed. Its destructor is foreign, too. If that panics in turn, the new
/// payload is forgotten, or there would be no end to it.
#[cfg(feature = "std")]
fn dispose(payload: std::boxed::Box<dyn core::any::Any + Send>) {
    use std::panic::{AssertUnwindSafe, catch_unwind};

    if let Err(worse) = catch_unwind(AssertUnwindSafe(|| drop(payload))) {
        core::mem::forget(worse);
    }
}

/// Whether this thread is panicking, so that a second panic must not escape.
#[cfg(feature = "std")]
#[inline]
pub(super) fn is_panicking() -> bool {
    std::thread::panicking()
}

/// Without `std` there is no way to know.
#[cfg(not(feature = "std"))]
#[inline]
pub(super) fn is_panicking() -> bool {
    false
}

/// Without `std` a panic cannot be caught, but unwinding runs destructors. One panic is survived; a second one aborts
/// the process.
#[cfg(not(feature = "std"))]
#[cold]
pub(crate) fn run_all(step: impl FnMut() -> bool) {
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

/// A foreign value, such as an unneeded waker or a message. If its destructor panics while the thread is panicking,
/// that second panic must not escape, because it would abort the process (C7).
pub(crate) struct DropGuarded<T>(Option<T>);

impl<T> DropGuarded<T> {
    #[inline(always)]
    pub(crate) const fn new(thing: Option<T>) -> Self {
        Self(thing)
    }
}

impl<T> Deref for DropGuarded<T> {
    type Target = Option<T>;

    #[inline(always)]
    fn deref(&self) -> &Option<T> {
        &self.0
    }
}

impl<T> DerefMut for DropGuarded<T> {
    #[inline(always)]
    fn deref_mut(&mut self) -> &mut Option<T> {
        &mut self.0
    }
}

impl<T> Drop for DropGuarded<T> {
    #[inline(always)]
    fn drop(&mut self) {
        if needs_drop::<T>() && self.0.is_some() {
            drop_guarded(&mut self.0);
        }
    }
}

/// Drops it in place, because it may be large.
#[inline(never)]
fn drop_guarded<T>(thing: &mut Option<T>) {
    if is_panicking() {
        run_all(|| {
            let there = thing.is_some();
            *thing = None;
            there
        });
    } else {
        *thing = None;
    }
}

/// Runs its closure when it goes out of scope, also by a panic.
pub(crate) struct Defer<F: FnMut()>(pub(crate) F);

impl<F: FnMut()> Drop for Defer<F> {
    fn drop(&mut self) {
        (self.0)();
    }
}

/// Aborts the process.
#[cold]
pub(super) fn abort(why: &str) -> ! {
    #[cfg(feature = "std")]
    {
        _ = why;
        std::process::abort();
    }
    #[cfg(not(feature = "std"))]
    {
        // A second panic aborts the process: `core`'s way to do so.
        struct Twice;
        impl Drop for Twice {
            fn drop(&mut self) {
                panic!("sempost: the process stops");
            }
        }
        let _twice = Twice;
        panic!("sempost: {why}");
    }
}
