//! Where something was asked for, and by whom.

use core::panic::Location;
use core::task::Waker;
use std::hash::{Hash, Hasher};
use std::thread::Thread;

/// A line in the user's code. `None` is none: what comes from there leaves no record.
#[derive(Clone, Copy)]
pub(crate) struct Place(pub(super) Option<&'static Location<'static>>);

impl Place {
    #[track_caller]
    #[inline(always)]
    pub(crate) const fn here() -> Self {
        Self(Some(Location::caller()))
    }

    /// For what is part of something else.
    pub(crate) const fn none() -> Self {
        Self(None)
    }
}

/// A place, and the task or thread that came there.
#[derive(Clone, Copy)]
pub(crate) struct Origin<'a> {
    pub(super) place: Place,
    /// None is the current thread.
    waker: Option<&'a Waker>,
}

impl<'a> Origin<'a> {
    pub(crate) fn task(place: Place, waker: &'a Waker) -> Self {
        Self { place, waker: Some(waker) }
    }

    pub(crate) fn thread(place: Place) -> Self {
        Self { place, waker: None }
    }

    /// The current thread, at the caller's line.
    #[track_caller]
    #[inline(always)]
    pub(crate) fn here() -> Self {
        Self::thread(Place::here())
    }

    /// For what is part of something else.
    pub(crate) const fn none() -> Self {
        Self { place: Place::none(), waker: None }
    }

    /// Who it is, and the thread if it is one.
    pub(super) fn actor(self) -> (u64, Option<Thread>) {
        match self.waker {
            Some(waker) => (task(waker), None),
            None => {
                let thread = std::thread::current();
                (number(&thread), Some(thread))
            }
        }
    }
}

/// The bit that tells a thread from a task.
pub(crate) const THREAD: u64 = 1 << 63;

/// One word, equal for wakers that wake the same task. To compare two pointers is all that `will_wake` does, and
/// pointers use 48 bits.
fn task(waker: &Waker) -> u64 {
    let (data, vtable) = (waker.data().addr() as u64, core::ptr::from_ref(waker.vtable()).addr() as u64);
    (data ^ (vtable >> 3) << 48) & !THREAD
}

/// The number of a thread. `ThreadId` does not show it, but it hashes it.
pub(crate) fn number(thread: &Thread) -> u64 {
    struct Last(u64);

    impl Hasher for Last {
        fn finish(&self) -> u64 {
            self.0
        }

        fn write(&mut self, bytes: &[u8]) {
            bytes.iter().for_each(|byte| self.0 = self.0.wrapping_mul(0x0100_0000_01b3) ^ u64::from(*byte));
        }

        fn write_u64(&mut self, number: u64) {
            self.0 = number;
        }
    }

    let mut last = Last(0);
    thread.id().hash(&mut last);
    last.finish() | THREAD
}
