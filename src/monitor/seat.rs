//! The seat of one that waits for a predicate: the predicate, and a condition queue for the one waiter.
//!
//! # Invariants
//! - (P1) See `predicate.rs`.
//! - (Q1) The queue of a seat is reached with the [`Key`] of its monitor alone. There is one key, in the state of the
//!   monitor, so whoever has it as `&mut` holds the lock. A seat is used with one monitor.

use alloc::sync::Arc;
use core::sync::atomic::{AtomicBool, AtomicUsize};

use super::predicate::{Data, Predicate, about};
#[cfg(feature = "std")]
use crate::lock::Lock;
use crate::mutex::Condition;
use crate::primitive::Ordering::Relaxed;
use crate::primitive::UnsafeCell;

/// What is shared by a wait for a predicate and by the table of its monitor.
// The flags lie beside the predicate: whoever asks needs both.
#[repr(C)]
pub(super) struct Seat<P: ?Sized = Predicate> {
    /// Where the waiter sleeps.
    queue: UnsafeCell<Condition>,
    #[cfg(feature = "std")]
    panic: Lock<Option<Panic>>,
    /// The row in the table. Written and read by those inside.
    row: AtomicUsize,
    /// The waiter was notified, and has not been inside since.
    called: AtomicBool,
    /// The wait is over.
    left: AtomicBool,
    #[cfg(feature = "std")]
    panicked: AtomicBool,
    predicate: P,
}

/// What opens the queues of all seats of one monitor.
pub(super) struct Key(());

impl Key {
    /// For the state of a monitor.
    pub(super) const fn new() -> Self {
        Self(())
    }
}

// SAFETY: (Q1) – the queue is reached by one thread at a time; the rest is `Sync`.
unsafe impl<P: ?Sized + Sync> Sync for Seat<P> {}

/// What a predicate panicked with.
#[cfg(feature = "std")]
type Panic = std::boxed::Box<dyn core::any::Any + Send>;

impl Seat {
    #[inline]
    pub(super) fn new<T, F>(predicate: F) -> Arc<Self>
    where
        T: 'static,
        F: Fn(&T) -> bool + Send + Sync + 'static,
    {
        Arc::new(Seat {
            queue: UnsafeCell::new(Condition::new()),
            #[cfg(feature = "std")]
            panic: Lock::new(None),
            row: AtomicUsize::new(0),
            called: AtomicBool::new(false),
            left: AtomicBool::new(false),
            #[cfg(feature = "std")]
            panicked: AtomicBool::new(false),
            predicate: about(predicate),
        })
    }

    #[inline]
    pub(super) fn queue<'a>(&'a self, _key: &'a mut Key) -> &'a mut Condition {
        // SAFETY: (Q1) – the key is borrowed for as long as the queue.
        self.queue.with_mut(|queue| unsafe { &mut *queue })
    }

    #[inline]
    pub(super) fn row(&self) -> usize {
        // ORDERING: Relaxed; the lock of the monitor orders those inside.
        self.row.load(Relaxed)
    }

    #[inline]
    pub(super) fn move_to(&self, row: usize) {
        // ORDERING: Relaxed; as in `row`.
        self.row.store(row, Relaxed);
    }

    /// Whether the waiter sleeps and the predicate holds. Asked by another one, who is inside. (The waiter may be about
    /// to give up.)
    #[inline(always)]
    pub(super) fn is_due(&self, data: Data<'_>) -> bool {
        !self.is_called() && self.predicate.holds(data) && !self.has_left()
    }

    #[inline(always)]
    pub(super) fn has_left(&self) -> bool {
        // ORDERING: Relaxed; a seat that is kept for one more sweep does no harm.
        self.left.load(Relaxed)
    }

    /// Whether the waiter was called, and has not been inside since.
    #[inline(always)]
    pub(super) fn is_called(&self) -> bool {
        // ORDERING: Relaxed; it is read by those inside, and by the waiter after it has left its queue under the lock
        // of the monitor, under which it was called.
        self.called.load(Relaxed)
    }

    /// The waiter was notified, under the lock of the monitor; or its predicate has panicked.
    #[inline]
    pub(super) fn call(&self) {
        // ORDERING: Relaxed; the lock of the monitor orders it before the waiter's end.
        self.called.store(true, Relaxed);
    }

    /// The waiter has given up. Returns whether it was called before.
    #[inline]
    pub(super) fn leave(&self) -> bool {
        // ORDERING: Relaxed; it only saves questions.
        self.left.store(true, Relaxed);
        self.is_called()
    }

    /// The waiter is inside, and asks for itself. If the predicate holds, or panics, it has left.
    ///
    /// # Panics
    /// As the predicate, also if that has panicked when another one asked.
    #[inline]
    pub(super) fn answer(&self, data: Data<'_>) -> bool {
        // ORDERING: Relaxed; the waiter is inside, and those that read it are inside later.
        self.called.store(false, Relaxed);
        // ORDERING: Relaxed; as above.
        self.left.store(true, Relaxed);
        #[cfg(feature = "std")]
        self.resume_panic();
        let holds = self.predicate.holds(data);
        // ORDERING: Relaxed; as above.
        self.left.store(holds, Relaxed);
        holds
    }
}

#[cfg(feature = "std")]
impl Seat {
    /// The predicate panicked when another one asked: its waiter will panic. It counts as called, and is not asked a
    /// second time, so there is no earlier panic to drop.
    pub(super) fn keep_panic(&self, panic: Panic) {
        *self.panic.lock() = Some(panic);
        // ORDERING: Relaxed; the lock of the monitor orders those inside.
        self.panicked.store(true, Relaxed);
        self.call();
    }

    fn resume_panic(&self) {
        // ORDERING: Relaxed; as in `keep_panic`.
        if self.panicked.load(Relaxed) {
            let panic = self.panic.lock().take();
            if let Some(panic) = panic {
                std::panic::resume_unwind(panic);
            }
        }
    }
}
