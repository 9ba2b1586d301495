//! The seat of one that waits for a predicate: the predicate, and a condition queue for the one waiter.

use alloc::sync::Arc;
use core::sync::atomic::AtomicBool;

use super::predicate::{Data, Predicate, about};
use crate::lock::{Lock, LockGuard};
use crate::mutex::Condition;
use crate::primitive::Ordering::Relaxed;

/// What is shared by a wait for a predicate and by the table of its monitor.
pub(super) struct Seat<P: ?Sized = Predicate> {
    /// Where the waiter sleeps. The lock is taken under that of the monitor.
    queue: Lock<Condition>,
    /// The waiter was notified, and has not been inside since.
    called: AtomicBool,
    /// The wait is over. The predicate is not asked any more, and the next sweep drops it.
    left: AtomicBool,
    #[cfg(feature = "std")]
    panic: Lock<Option<Panic>>,
    predicate: P,
}

/// What a predicate panicked with.
#[cfg(feature = "std")]
type Panic = std::boxed::Box<dyn core::any::Any + Send>;

impl Seat {
    pub(super) fn new<T, F>(predicate: F) -> Arc<Self>
    where
        T: 'static,
        F: Fn(&T) -> bool + Send + Sync + 'static,
    {
        Arc::new(Seat {
            queue: Lock::new(Condition::new()),
            called: AtomicBool::new(false),
            left: AtomicBool::new(false),
            #[cfg(feature = "std")]
            panic: Lock::new(None),
            predicate: about(predicate),
        })
    }

    pub(super) fn queue(&self) -> LockGuard<'_, Condition> {
        self.queue.lock()
    }

    /// Whether the waiter sleeps, as far as one inside can tell: it may be about to give up.
    #[inline(always)]
    pub(super) fn waits(&self) -> bool {
        // ORDERING: Relaxed; who is called is decided under the locks, and only those inside write `called`.
        !self.left.load(Relaxed) && !self.is_called()
    }

    pub(super) fn has_left(&self) -> bool {
        // ORDERING: Relaxed; a seat that is kept for one more sweep does no harm.
        self.left.load(Relaxed)
    }

    /// Whether the waiter was called, and has not been inside since.
    pub(super) fn is_called(&self) -> bool {
        // ORDERING: Relaxed; it is read by those inside, and by the waiter after it has left its queue under the lock
        // of the monitor, under which it was called.
        self.called.load(Relaxed)
    }

    /// The waiter was notified, under the lock of the monitor; or its predicate has panicked, and is not asked again.
    pub(super) fn call(&self) {
        // ORDERING: Relaxed; the lock of the monitor orders it before the waiter's end.
        self.called.store(true, Relaxed);
    }

    /// The waiter has given up. Returns whether it was called before.
    pub(super) fn leave(&self) -> bool {
        // ORDERING: Relaxed; it only saves questions.
        self.left.store(true, Relaxed);
        self.is_called()
    }

    /// The waiter is inside, and asks for itself. If the predicate holds, or panics, it has left.
    ///
    /// # Panics
    /// As the predicate, also if that has panicked when another one asked.
    pub(super) fn answer(&self, data: Data<'_>) -> bool {
        // ORDERING: Relaxed; the waiter is inside, and those that read it are inside later.
        self.called.store(false, Relaxed);
        // ORDERING: Relaxed; as above.
        self.left.store(true, Relaxed);
        #[cfg(feature = "std")]
        if let Some(panic) = self.take_panic() {
            std::panic::resume_unwind(panic);
        }
        let holds = self.predicate.holds(data);
        // ORDERING: Relaxed; as above.
        self.left.store(holds, Relaxed);
        holds
    }

    /// Another one, who is inside, asks for the waiter. A predicate that panics counts as one that holds: its waiter
    /// will panic.
    #[cfg(feature = "std")]
    #[inline]
    pub(super) fn holds(&self, data: Data<'_>) -> bool {
        use std::panic::{AssertUnwindSafe, catch_unwind};

        match catch_unwind(AssertUnwindSafe(|| self.predicate.holds(data))) {
            Ok(holds) => holds,
            Err(panic) => {
                // It counts as called, and is not asked a second time: so there is no earlier panic to drop.
                *self.panic.lock() = Some(panic);
                self.call();
                true
            }
        }
    }

    /// Without `std` a panic cannot be caught, and leaves from here.
    #[cfg(not(feature = "std"))]
    pub(super) fn holds(&self, data: Data<'_>) -> bool {
        self.predicate.holds(data)
    }

    #[cfg(feature = "std")]
    fn take_panic(&self) -> Option<Panic> {
        self.panic.lock().take()
    }
}
