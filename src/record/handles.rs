//! What a guard or a waiter keeps of its record. When it is dropped, the row is gone.

use alloc::string::String;
use alloc::sync::Arc;
use core::mem::take;
use std::sync::{Mutex, PoisonError};

use super::entry::Entry;
use super::origin::Origin;
use super::row::{Record, Role, Step};
use super::tag::Tag;

struct Row {
    entry: Arc<Entry>,
    record: Arc<Record>,
    at: usize,
}

impl Row {
    fn new(entry: &Arc<Entry>, record: Record) -> Self {
        let record = Arc::new(record);
        let at = entry.add(Arc::clone(&record));
        Self { entry: Arc::clone(entry), record, at }
    }
}

impl Drop for Row {
    fn drop(&mut self) {
        self.entry.remove(self.at);
    }
}

/// The record of something that is held: a guard, a permit, a lease. Empty for what is part of something else.
#[derive(Default)]
pub(crate) struct Hold(Option<Row>);

impl Hold {
    #[inline]
    pub(crate) fn new(tag: &Tag, origin: Origin<'_>, amount: usize) -> Self {
        let record = |place| Record::new(origin, place, amount, Role::Holds);
        Self(origin.place.0.filter(|_| amount > 0).map(|place| Row::new(tag.entry(), record(place))))
    }

    /// A part of it becomes a hold of its own, of the same origin.
    pub(crate) fn split(&self, amount: usize) -> Self {
        let row = self.0.as_ref().filter(|_| amount > 0);
        Self(row.map(|row| Row::new(&row.entry, row.record.like(amount))))
    }

    /// Takes another one in. Together they hold so much.
    pub(crate) fn merge(&mut self, other: &mut Self, amount: usize) {
        if self.0.is_none() {
            self.0 = other.0.take();
        }
        self.set_amount(amount);
    }

    /// It holds more or less from now on. What holds nothing is not shown.
    pub(crate) fn set_amount(&self, amount: usize) {
        if let Some(row) = &self.0 {
            row.record.set_amount(amount);
        }
    }

    /// The message that it belongs to was sent.
    pub(crate) fn send(&self) {
        if let Some(row) = self.0.as_ref().filter(|row| row.record.step() != Step::Sent) {
            row.record.set_step(Step::Sent);
        }
    }

    /// Ends before what it is about does: what is given back must not be seen with two holders.
    #[inline]
    pub(crate) fn end(&mut self) {
        self.0 = None;
    }

    /// Takes it out, for a guard that takes the place of this one.
    pub(crate) fn take(&mut self) -> Self {
        take(self)
    }
}

/// The record of what a shared handle holds.
pub(crate) struct SharedHold(Mutex<Hold>);

impl SharedHold {
    pub(crate) fn new() -> Self {
        Self(Mutex::new(Hold(None)))
    }

    pub(crate) fn begin(&self, tag: &Tag, origin: Origin<'_>) {
        self.replace(Hold::new(tag, origin, 1));
    }

    pub(crate) fn end(&self) {
        self.replace(Hold(None));
    }

    fn replace(&self, hold: Hold) {
        let before = core::mem::replace(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner), hold);
        // Its row goes after the lock.
        drop(before);
    }
}

/// The record of a wait. Empty until the waiter is about to join a queue.
#[derive(Default)]
pub(crate) struct WaitRecord(Option<Row>);

impl WaitRecord {
    pub(crate) const fn new() -> Self {
        Self(None)
    }

    /// Begins, with no lock held.
    pub(crate) fn begin(&mut self, tag: &Tag, origin: Origin<'_>, amount: usize, side: usize) {
        self.open(tag, origin, amount, Role::Waits { side }, None);
    }

    /// Begins a wait for a condition, which ends with the mutex `door`.
    pub(crate) fn begin_condition(
        &mut self,
        tag: &Tag,
        door: &Tag,
        origin: Origin<'_>,
        name: impl FnOnce() -> Option<String>,
    ) {
        self.open(tag, origin, 1, Role::Condition(name()), Some(door.entry().id));
    }

    fn open(&mut self, tag: &Tag, origin: Origin<'_>, amount: usize, role: Role, door: Option<u64>) {
        self.0 = origin.place.0.map(|place| {
            let mut record = Record::new(origin, place, amount, role);
            record.door = door;
            Row::new(tag.entry(), record)
        });
    }

    /// A poll that is pending: the first begins the record.
    pub(crate) fn poll(&mut self, tag: &Tag, origin: Origin<'_>, side: usize) {
        match self.0 {
            None => self.begin(tag, origin, 1, side),
            Some(_) => self.polled(origin),
        }
    }

    /// How far it has come. Called under the lock of the queue, too.
    pub(crate) fn step(&self, step: Step) {
        if let Some(row) = &self.0 {
            row.record.set_step(step);
        }
    }

    /// It was polled, and waits on.
    pub(crate) fn polled(&self, origin: Origin<'_>) {
        if let Some(row) = &self.0 {
            row.record.set_actor(origin);
            if row.record.step() == Step::Woken {
                row.record.set_step(Step::Queued);
            }
        }
    }

    pub(crate) fn end(&mut self) {
        self.0 = None;
    }
}
