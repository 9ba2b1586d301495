//! Who waits for predicates: the mark of a change, and the table of seats.

use alloc::sync::Arc;
use alloc::vec::Vec;
use core::mem::{forget, replace, swap};
use core::panic::{RefUnwindSafe, UnwindSafe};
use core::sync::atomic::{AtomicBool, AtomicUsize};

use super::predicate::Data;
use super::seat::Seat;
use crate::lock::Lock;
use crate::primitive::Ordering::Relaxed;
use crate::primitive::const_fn;
use crate::wait::{Defer, run_all};

/// Who waits for a predicate at a monitor.
pub(super) struct Watch {
    /// The data may have been changed since the predicates were asked. Only the one inside writes it.
    changed: AtomicBool,
    table: Lock<Table>,
    waiting: AtomicUsize,
}

/// The seats, in the order in which they were taken.
struct Table {
    seats: Vec<Arc<Seat>>,
    /// With this many seats the next one is taken after a sweep.
    full: usize,
}

// As for the data of the crate: a panic leaves nothing half-changed. Predicates are foreign, and are not asked again
// after a panic.
impl UnwindSafe for Table {}
impl RefUnwindSafe for Table {}

impl Watch {
    const_fn! {
        pub(super) const fn new() -> Self {
            Self {
                changed: AtomicBool::new(false),
                table: Lock::new(Table::new()),
                waiting: AtomicUsize::new(0),
            }
        }
    }

    /// Notes that the data may have been changed. Called by the one inside.
    #[inline(always)]
    pub(super) fn touch(&self) {
        // ORDERING: Relaxed; it is written and read by those inside, whom the lock of the monitor orders.
        self.changed.store(true, Relaxed);
    }

    pub(super) fn is_changed(&self) -> bool {
        // ORDERING: Relaxed; as in `touch`.
        self.changed.load(Relaxed)
    }

    /// No predicate of one that sleeps holds, or one was called. Called by the one inside, or under the lock of the
    /// monitor as it leaves.
    pub(super) fn all_asked(&self) {
        // ORDERING: Relaxed; as in `touch`.
        self.changed.store(false, Relaxed);
    }

    /// Adds a seat, at the end. Called by the one inside.
    pub(super) fn add(&self, seat: &Arc<Seat>) -> Swept {
        let (mut taken, mut swept) = (Taken::new(self), Swept::default());
        if taken.table.seats.len() >= taken.table.full {
            taken.table.sweep_into(&mut swept);
        }
        taken.table.seats.push(Arc::clone(seat));
        // ORDERING: Relaxed; it is a count to look at.
        self.waiting.fetch_add(1, Relaxed);
        swept
    }

    /// A wait with a seat is over. Returns whether it was the last.
    pub(super) fn leave(&self) -> bool {
        // ORDERING: Relaxed; it is a count to look at.
        self.waiting.fetch_sub(1, Relaxed) == 1
    }

    /// Whether the table is worth a sweep, as far as one outside can tell.
    pub(super) fn is_large(&self) -> bool {
        self.table.lock().seats.len() > Table::FEW
    }

    /// Sweeps the table. Called by the one inside.
    pub(super) fn sweep(&self) -> Swept {
        let mut swept = Swept::default();
        Taken::new(self).table.sweep_into(&mut swept);
        swept
    }

    /// Asks from the front, and calls the first waiter whose predicate holds, unless `call` says that it has given up.
    /// That one carries the mark of the change from here on. Called by the one inside.
    pub(super) fn call_first(&self, data: Data<'_>, call: impl Fn(&Seat) -> bool, swept: &mut Swept) {
        let mut taken = Taken::new(self);
        let mut left = 0;
        _ = taken.table.seats.iter().any(|seat| {
            left += usize::from(seat.has_left());
            seat.waits() && {
                // Only without `std` a panic leaves from here. Then the waiter is called, and asks, and panics itself.
                let panicked = Defer(|| _ = call(seat));
                let holds = seat.holds(data);
                forget(panicked);
                holds && call(seat)
            }
        });
        self.all_asked();
        if 2 * left > taken.table.seats.len() {
            taken.table.sweep_into(swept);
        }
    }

    /// How many wait, those that were called included.
    pub(super) fn waiting(&self) -> usize {
        // ORDERING: Relaxed; it is a count to look at.
        self.waiting.load(Relaxed)
    }
}

impl Table {
    const FEW: usize = 8;

    const fn new() -> Self {
        Self { seats: Vec::new(), full: Self::FEW }
    }

    /// Takes out the seats that were left.
    fn sweep_into(&mut self, swept: &mut Swept) {
        let mut kept = 0;
        for at in 0..self.seats.len() {
            if !self.seats[at].has_left() {
                self.seats.swap(kept, at);
                kept += 1;
            }
        }
        self.full = Self::FEW.max(2 * kept);
        swept.0.extend(self.seats.drain(kept..));
        self.seats.shrink_to(self.full);
    }
}

/// The table, while the one inside has taken it out of its lock.
struct Taken<'a> {
    watch: &'a Watch,
    table: Table,
}

impl<'a> Taken<'a> {
    fn new(watch: &'a Watch) -> Self {
        Self { watch, table: replace(&mut watch.table.lock(), Table::new()) }
    }
}

impl Drop for Taken<'_> {
    fn drop(&mut self) {
        swap(&mut *self.watch.table.lock(), &mut self.table);
    }
}

/// Seats that were left, on their way out. Their predicates are foreign: they are dropped with no lock held.
#[derive(Default)]
pub(super) struct Swept(Vec<Arc<Seat>>);

impl Drop for Swept {
    fn drop(&mut self) {
        run_all(|| self.0.pop().is_some());
    }
}
