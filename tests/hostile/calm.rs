//! Panics that are part of the play: caught, counted, and kept off the terminal.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind, set_hook, take_hook};
use std::sync::Once;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::Relaxed;

use crate::common::message_of;

/// What every planned panic says.
pub(crate) const PLANNED: &str = "hostile";

/// What a future says that answered by a panic.
const ANSWERED: &str = "was polled after it had answered";

/// Panics as planned.
pub(crate) fn rage() {
    panic!("{PLANNED}");
}

/// Panics as planned, the first three times.
///
/// A receive that wakes somebody whose waker panics goes back, and a polled handle whose waker panics *every* time is
/// woken for the next one, too, if it is polled again: while it keeps coming, nobody gets anywhere.
pub(crate) fn temper() -> impl Fn() + Send + Sync {
    let left = AtomicUsize::new(3);
    move || {
        if left.fetch_update(Relaxed, Relaxed, |left| left.checked_sub(1)).is_ok() {
            rage();
        }
    }
}

fn is_planned(message: &str) -> bool {
    message.contains(PLANNED) || message.contains(ANSWERED)
}

/// Keeps planned panics off the terminal, from now on.
pub(crate) fn hush() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let loud = take_hook();
        set_hook(Box::new(move |info| {
            if !is_planned(&message_of(info.payload())) {
                loud(info);
            }
        }));
    });
}

/// What became of a call that may panic as planned.
pub(crate) enum Calm<R> {
    Done(R),
    /// It panicked as planned.
    Raged,
    /// It was a poll of a future that had answered, by a panic.
    Answered,
}

impl<R> Calm<R> {
    pub(crate) fn raged(&self) -> bool {
        matches!(self, Self::Raged)
    }
}

/// Runs `f` while a planned panic of somebody else's is under way on this thread.
pub(crate) fn in_a_panic(f: impl FnOnce()) {
    struct Last<F: FnOnce()>(Option<F>);

    impl<F: FnOnce()> Drop for Last<F> {
        fn drop(&mut self) {
            self.0.take().expect("it is dropped once")();
        }
    }

    let outer = calm(|| {
        let _last = Last(Some(f));
        rage();
    });
    assert!(outer.raged(), "the panic goes on");
}

/// Calls `f`. A panic that nobody planned goes on.
pub(crate) fn calm<R>(f: impl FnOnce() -> R) -> Calm<R> {
    match catch_unwind(AssertUnwindSafe(f)) {
        Ok(result) => Calm::Done(result),
        Err(payload) => {
            let message = message_of(&*payload);
            if message == PLANNED {
                Calm::Raged
            } else if message.contains(ANSWERED) {
                Calm::Answered
            } else {
                resume_unwind(payload)
            }
        }
    }
}
