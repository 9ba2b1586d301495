//! One primitive: its name, its rows, and who received last. All primitives: the registry.

use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::panic::{Location, RefUnwindSafe, UnwindSafe};
use core::sync::atomic::{AtomicU64, AtomicUsize};
// The host's own, whatever checks the rest: no model looks in here.
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use super::counts::Counts;
use super::kind::Kind;
use super::origin::{Origin, Place};
use super::row::{Record, Role, Step};
use crate::primitive::Ordering::Relaxed;

/// A primitive that was used.
pub(crate) struct Entry {
    pub(crate) id: u64,
    pub(crate) kind: Kind,
    /// Where it was made.
    pub(crate) made: Option<&'static Location<'static>>,
    name: Mutex<Option<String>>,
    rows: Mutex<Rows>,
    received: Mutex<Option<Arc<Record>>>,
    /// Of credits: the mailbox whose messages hold them.
    carrier: OnceLock<Arc<Entry>>,
    counts: [AtomicUsize; 6],
}

// A panic never leaves it half-changed: its own code does not panic, and nothing foreign runs under its locks.
impl UnwindSafe for Entry {}
impl RefUnwindSafe for Entry {}

/// A table that is not larger keeps its memory.
const SMALL: usize = 64;

struct Rows {
    rows: Vec<Option<(u64, Arc<Record>)>>,
    vacant: Vec<usize>,
    /// Rows are numbered in the order in which they came.
    last: u64,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// An entry leaves it with its primitive. Guards that were forgotten may keep the entry itself.
static REGISTRY: Mutex<BTreeMap<u64, Arc<Entry>>> = Mutex::new(BTreeMap::new());

/// All primitives that were used and are still there, by number.
pub(crate) fn entries() -> Vec<Arc<Entry>> {
    lock(&REGISTRY).values().map(Arc::clone).collect()
}

impl Entry {
    pub(super) fn new(kind: Kind, made: Place) -> Arc<Self> {
        static LAST: AtomicU64 = AtomicU64::new(0);

        // ORDERING: Relaxed, without a partner; the numbers only have to differ.
        let id = LAST.fetch_add(1, Relaxed) + 1;
        let rows = Mutex::new(Rows { rows: Vec::new(), vacant: Vec::new(), last: 0 });
        let (name, received) = (Mutex::new(None), Mutex::new(None));
        let (carrier, counts) = (OnceLock::new(), [const { AtomicUsize::new(0) }; 6]);
        let entry = Arc::new(Self { id, kind, made: made.0, name, rows, received, carrier, counts });
        lock(&REGISTRY).insert(id, Arc::clone(&entry));
        entry
    }

    /// The primitive is gone.
    pub(super) fn end(&self) {
        // It may be the last reference, so it is dropped after the lock.
        let _entry = lock(&REGISTRY).remove(&self.id);
    }

    pub(super) fn set_carrier(&self, mailbox: &Arc<Self>) {
        _ = self.carrier.set(Arc::clone(mailbox));
    }

    pub(crate) fn name(&self) -> Option<String> {
        lock(&self.name).clone()
    }

    pub(crate) fn set_name(&self, name: String) {
        if let Some(mailbox) = self.carrier.get() {
            mailbox.set_name(name.clone());
        }
        let mut name = Some(name);
        core::mem::swap(&mut *lock(&self.name), &mut name);
    }

    /// A copy of the rows, in the order in which they came. Without those who have left.
    pub(crate) fn rows(&self) -> Vec<Arc<Record>> {
        let mut rows: Vec<_> = lock(&self.rows).rows.iter().flatten().cloned().collect();
        rows.sort_unstable_by_key(|(number, _)| *number);
        rows.into_iter().map(|(_, record)| record).filter(|record| record.step() != Step::Left).collect()
    }

    pub(crate) fn counts(&self) -> Counts {
        // ORDERING: Relaxed, without a partner: the counts are only shown.
        Counts::of_words(self.counts.each_ref().map(|count| count.load(Relaxed)))
    }

    pub(super) fn set_counts(&self, counts: Counts) {
        // ORDERING: Relaxed; as in `counts`.
        self.counts.iter().zip(counts.to_words()).for_each(|(count, word)| count.store(word, Relaxed));
    }

    pub(super) fn add(&self, record: Arc<Record>) -> usize {
        let mut rows = lock(&self.rows);
        rows.last += 1;
        let row = Some((rows.last, record));
        match rows.vacant.pop() {
            Some(at) => {
                rows.rows[at] = row;
                at
            }
            None => {
                rows.rows.push(row);
                rows.rows.len() - 1
            }
        }
    }

    pub(super) fn remove(&self, at: usize) {
        // The record is dropped after the lock: it may hold the last reference to the entry.
        let _removed = {
            let mut rows = lock(&self.rows);
            let row = rows.rows[at].take();
            rows.vacant.push(at);
            if rows.vacant.len() == rows.rows.len() && rows.rows.len() > SMALL {
                // After a burst it gives its memory back.
                (rows.rows, rows.vacant) = (Vec::new(), Vec::new());
            }
            row
        };
    }

    /// Who took the last message, also of the mailbox that credits belong to.
    pub(crate) fn received(&self) -> Option<Arc<Record>> {
        lock(&self.carrier.get().map_or(self, |mailbox| mailbox).received).clone()
    }

    pub(super) fn set_received(&self, origin: Origin<'_>, place: &'static Location<'static>) {
        let known = lock(&self.received).clone();
        if let Some(record) = known.filter(|record| core::ptr::eq(record.place, place)) {
            // The usual receiver, which allocates nothing.
            return record.set_again(origin);
        }
        let record = Arc::new(Record::new(origin, place, 1, Role::Holds));
        let _before = lock(&self.received).replace(record);
    }
}
