//! Panics are contained: whatever one waker or destructor does, the others run.

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
            // A payload is foreign too, and dropping it may panic. One is all we can pass on: the others are leaked.
            Err(panic) => core::mem::forget(panic),
        }
    }
    match first {
        Some(panic) if std::thread::panicking() => core::mem::forget(panic),
        Some(panic) => resume_unwind(panic),
        None => {}
    }
}

/// Whether this thread is in a panic already, so that a second one must not get out.
#[cfg(feature = "std")]
pub(super) fn is_panicking() -> bool {
    std::thread::panicking()
}

/// Without `std` nobody can tell.
#[cfg(not(feature = "std"))]
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

/// Runs its closure when it goes out of scope, in whatever way.
pub(crate) struct Finally<F: FnMut()>(pub(crate) F);

impl<F: FnMut()> Drop for Finally<F> {
    fn drop(&mut self) {
        (self.0)();
    }
}
