//! The table of a monitor: the seats of those that wait for predicates, in the order in which they were taken.

use alloc::sync::Arc;
use alloc::vec::Vec;
use core::panic::{RefUnwindSafe, UnwindSafe};

use super::predicate::Data;
use super::seat::Seat;
use crate::wait::{TURN, run_all};

pub(super) struct Seats {
    /// A row whose wait has ended inside is empty.
    rows: Vec<Option<Arc<Seat>>>,
    /// The rows before this one were asked since the last change.
    next: usize,
    /// How many seats were left from outside, and are still here.
    left: usize,
    /// With so many rows the next seat is added after a sweep.
    full: usize,
}

// A panic leaves nothing half-changed. Predicates are foreign, and are not asked again after a panic.
impl UnwindSafe for Seats {}
impl RefUnwindSafe for Seats {}

impl Seats {
    const FEW: usize = 8;

    #[inline]
    pub(super) const fn new() -> Self {
        Self { rows: Vec::new(), next: 0, left: 0, full: Self::FEW }
    }

    /// Adds a seat at the end, if there is room. Returns whether there was.
    #[inline]
    pub(super) fn add(&mut self, seat: &Arc<Seat>) -> bool {
        let room = self.rows.len() < self.rows.capacity().min(self.full);
        if room {
            seat.move_to(self.rows.len());
            self.rows.push(Some(Arc::clone(seat)));
        }
        room
    }

    /// The table comes back to its place, which was empty meanwhile.
    #[inline]
    pub(super) fn put_back(&mut self, taken: Self) {
        let left = taken.left + self.left;
        *self = Self { left, ..taken };
    }

    /// A seat was left from outside.
    pub(super) fn note_left(&mut self) {
        self.left += 1;
    }

    /// Whether most seats were left.
    #[inline]
    pub(super) fn is_deserted(&self) -> bool {
        2 * self.left > self.rows.len()
    }

    /// Sweeps, and makes room for some more seats.
    pub(super) fn sweep(&mut self, swept: &mut Swept) {
        let mut kept = 0;
        for at in 0..self.rows.len() {
            if at == self.next {
                self.next = kept;
            }
            if self.rows[at].as_ref().is_some_and(|seat| !seat.has_left()) {
                self.rows.swap(kept, at);
                self.rows[kept].iter().for_each(|seat| seat.move_to(kept));
                kept += 1;
            }
        }
        self.next = self.next.min(kept);
        swept.0.extend(self.rows.drain(kept..).filter(Option::is_some));
        self.full = kept + Self::FEW.max(kept / 4);
        self.left = 0;
        self.rows.shrink_to(2 * self.full);
        self.rows.reserve(self.full - kept);
    }

    /// Takes the seat of one that has ended its wait inside.
    #[inline]
    pub(super) fn remove(&mut self, row: usize) -> Option<Arc<Seat>> {
        let seat = self.rows[row].take();
        // Under the lock: no more than a turn.
        for _ in 0..TURN {
            if !matches!(self.rows.last(), Some(None)) {
                break;
            }
            self.rows.pop();
        }
        seat
    }

    /// All waits have ended. A large table is taken away, and its room with it.
    #[inline]
    pub(super) fn clear(&mut self) -> Swept {
        if self.rows.capacity() <= 2 * Self::FEW {
            return Swept::default();
        }
        Swept(core::mem::replace(self, Self::new()).rows)
    }

    #[inline]
    pub(super) fn row(&self, row: usize) -> Option<&Seat> {
        self.rows.get(row)?.as_deref()
    }

    /// The data was changed: all are to be asked again.
    #[inline]
    pub(super) fn restart(&mut self) {
        self.next = 0;
    }

    /// Asks the rest, and returns the row of the first waiter that is due. A predicate that panics counts as one that
    /// holds.
    #[cfg(feature = "std")]
    pub(super) fn ask(&mut self, data: Data<'_>) -> Option<usize> {
        use std::panic::{AssertUnwindSafe, catch_unwind};

        match catch_unwind(AssertUnwindSafe(|| self.ask_rest(data))) {
            Ok(due) => due,
            Err(panic) => {
                let row = self.next - 1;
                if let Some(seat) = &self.rows[row] {
                    seat.keep_panic(panic);
                }
                Some(row)
            }
        }
    }

    /// Without `std` a panic cannot be caught, and leaves from here.
    #[cfg(not(feature = "std"))]
    pub(super) fn ask(&mut self, data: Data<'_>) -> Option<usize> {
        self.ask_rest(data)
    }

    fn ask_rest(&mut self, data: Data<'_>) -> Option<usize> {
        while let Some(row) = self.rows.get(self.next) {
            self.next += 1;
            if row.as_ref().is_some_and(|seat| seat.is_due(data)) {
                return Some(self.next - 1);
            }
        }
        None
    }
}

/// Seats that were left, on their way out. Their predicates are foreign: they are dropped with no lock held.
#[derive(Default)]
pub(super) struct Swept(Vec<Option<Arc<Seat>>>);

impl Drop for Swept {
    #[inline]
    fn drop(&mut self) {
        if !self.0.is_empty() {
            run_all(|| self.0.pop().is_some());
        }
    }
}
