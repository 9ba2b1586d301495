//! A snapshot: what the records say at one moment.

use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::panic::Location;
use core::time::Duration;
use std::time::Instant;

use super::actor::Actor;
use crate::record::{CLOSE, Counts, Entry, Kind, Record, Role, Step, entries};

/// Who holds and who waits, at one moment. Made by [`snapshot`](super::snapshot()).
///
/// It lists the primitives that have a holder or a waiter, in the order in which they were first used. It is a copy:
/// it holds nothing up, and does not change.
#[derive(Clone, Debug)]
pub struct Snapshot {
    pub(super) primitives: Vec<Primitive>,
}

/// A primitive that has a holder or a waiter.
#[derive(Clone, Debug)]
pub struct Primitive {
    pub(super) id: u64,
    pub(super) kind: Kind,
    pub(super) name: Option<String>,
    pub(super) made: Option<&'static Location<'static>>,
    pub(super) holders: Vec<Holder>,
    pub(super) waiters: Vec<Waiter>,
    pub(super) received: Option<Holder>,
    pub(super) counts: Counts,
}

/// Who holds a part of a primitive: a guard, permits, credits, or reserved slots.
#[derive(Clone, Debug)]
pub struct Holder {
    pub(super) place: &'static Location<'static>,
    pub(super) actor: Actor,
    pub(super) age: Duration,
    pub(super) amount: usize,
    pub(super) sent: bool,
}

/// Who waits for a primitive.
#[derive(Clone, Debug)]
pub struct Waiter {
    pub(super) place: &'static Location<'static>,
    pub(super) actor: Actor,
    pub(super) age: Duration,
    pub(super) wants: Wants,
    pub(super) state: State,
    pub(super) quiet: Duration,
    pub(super) amount: usize,
    /// The primitive that it waits for once it is notified of a condition.
    pub(super) door: Option<u64>,
}

/// What a waiter waits for.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Wants {
    /// So many permits of a semaphore, or credits of a mailbox.
    Permits(usize),
    /// A mutex, or to enter a monitor.
    Lock,
    /// To read.
    Read,
    /// To write.
    Write,
    /// So many slots of a mailbox: to send, or to reserve.
    Slots(usize),
    /// A message.
    Message,
    /// The value of a oneshot.
    Value,
    /// That a semaphore or a mailbox is closed, that no message will come any more, or that a receiver is gone.
    Close,
    /// To be notified of a condition, which has a name in a monitor.
    Condition(Option<String>),
    /// That a latch opens, or that the other tasks come to a barrier.
    Others,
}

/// How far a wait has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum State {
    /// In the queue, and asleep.
    Queued,
    /// In the queue. It was woken to retry, and was not polled since.
    Woken,
    /// Notified of a condition. It waits for the mutex.
    Notified,
    /// Served: it owns what it waited for, and was not polled since.
    Granted,
    /// The primitive was closed. It was not polled since.
    Ended,
}

impl Snapshot {
    pub(super) fn take() -> Self {
        let entries = entries();
        let now = Instant::now();
        let primitives = entries.iter().map(|entry| Primitive::of(entry, now));
        Self { primitives: primitives.filter(|one| !one.holders.is_empty() || !one.waiters.is_empty()).collect() }
    }

    /// The primitives that have a holder or a waiter.
    pub fn primitives(&self) -> impl Iterator<Item = &Primitive> {
        self.primitives.iter()
    }

    /// All holders.
    pub fn holders(&self) -> impl Iterator<Item = (&Primitive, &Holder)> {
        self.primitives.iter().flat_map(|one| one.holders.iter().map(move |holder| (one, holder)))
    }

    /// All waiters.
    pub fn waiters(&self) -> impl Iterator<Item = (&Primitive, &Waiter)> {
        self.primitives.iter().flat_map(|one| one.waiters.iter().map(move |waiter| (one, waiter)))
    }

    /// Whether nobody holds and nobody waits.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.primitives.is_empty()
    }

    /// The waits that were granted, and not polled for `older_than`: each is a *futurelock* if its task waits for
    /// something else. What was granted is kept from all others.
    ///
    /// A task that is ready to run, on a runtime that is busy, looks the same for a moment.
    pub fn futurelocks(&self, older_than: Duration) -> impl Iterator<Item = (&Primitive, &Waiter)> {
        self.waiters().filter(move |(_, waiter)| waiter.state == State::Granted && waiter.quiet >= older_than)
    }

    pub(super) fn find(&self, id: u64) -> Option<&Primitive> {
        self.primitives.binary_search_by_key(&id, |one| one.id).ok().map(|at| &self.primitives[at])
    }
}

impl Primitive {
    fn of(entry: &Entry, now: Instant) -> Self {
        let (mut holders, mut waiters) = (Vec::new(), Vec::new());
        for record in entry.rows() {
            match &record.role {
                Role::Holds if record.amount() == 0 => {}
                Role::Holds => holders.push(Holder::of(&record, now)),
                role => waiters.push(Waiter::of(&record, entry.kind, role, now)),
            }
        }
        let received = entry.received().map(|record| Holder::of(&record, now));
        let (id, kind, name, made, counts) = (entry.id, entry.kind, entry.name(), entry.made, entry.counts());
        Self { id, kind, name, made, holders, waiters, received, counts }
    }

    /// A number that no other primitive of this process has had.
    #[must_use]
    pub fn id(&self) -> u64 {
        self.id
    }

    /// What it is.
    #[must_use]
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// Its name, if [`name`](super::name) gave it one.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// Where it was made. In a `const` or a `static` that is where it is defined.
    #[must_use]
    pub fn made(&self) -> Option<&'static Location<'static>> {
        self.made
    }

    /// What was free at the last unlock: permits, credits, slots, or 1 for a mutex that is not locked.
    #[must_use]
    pub fn available(&self) -> usize {
        self.counts.free
    }

    /// How many messages were queued at the last unlock, or how many had arrived at the barrier.
    #[must_use]
    pub fn queued(&self) -> usize {
        self.counts.queued
    }

    /// Whether it is closed.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.counts.closed
    }

    /// Who holds it, in the order in which they acquired.
    #[must_use]
    pub fn holders(&self) -> &[Holder] {
        &self.holders
    }

    /// Who waits for it, in the order in which they joined.
    #[must_use]
    pub fn waiters(&self) -> &[Waiter] {
        &self.waiters
    }

    /// Who received a message of this mailbox last, where and when. Also of the mailbox that credits belong to.
    #[must_use]
    pub fn last_receiver(&self) -> Option<&Holder> {
        self.received.as_ref()
    }
}

impl Holder {
    fn of(record: &Record, now: Instant) -> Self {
        Self {
            place: record.place,
            actor: Actor::of(record),
            age: now.saturating_duration_since(record.changed()),
            amount: record.amount(),
            sent: record.step() == Step::Sent,
        }
    }

    /// Where it was acquired: the line that made the future, or called a `try_` form.
    #[must_use]
    pub fn place(&self) -> &'static Location<'static> {
        self.place
    }

    /// Who acquired it. **It may have been moved since**: a move runs no code.
    #[must_use]
    pub fn actor(&self) -> &Actor {
        &self.actor
    }

    /// For how long it has been held.
    #[must_use]
    pub fn age(&self) -> Duration {
        self.age
    }

    /// How many permits, credits or slots. 1 for the guard of a mutex or a monitor. For an `RwLock` of at most `n`
    /// readers 2 for a reader, and 2`n` + 1 for a writer.
    #[must_use]
    pub fn amount(&self) -> usize {
        self.amount
    }

    /// Whether these are credits of a message that was sent: in the queue, or leased. Then place and actor are those of
    /// its sender, and **who has the message now is not known**.
    #[must_use]
    pub fn was_sent(&self) -> bool {
        self.sent
    }
}

impl Waiter {
    fn of(record: &Arc<Record>, kind: Kind, role: &Role, now: Instant) -> Self {
        let amount = record.amount();
        let wants = match (role, kind) {
            (Role::Waits { side: CLOSE }, _) => Wants::Close,
            (Role::Condition(name), _) => Wants::Condition(name.clone()),
            (_, Kind::Mutex | Kind::Monitor) => Wants::Lock,
            (_, Kind::RwLock) if amount == READER => Wants::Read,
            (_, Kind::RwLock) => Wants::Write,
            (Role::Waits { side: 1 }, Kind::Mailbox) => Wants::Slots(amount),
            (_, Kind::Mailbox | Kind::Ports) => Wants::Message,
            (_, Kind::Oneshot) => Wants::Value,
            (_, Kind::Latch | Kind::Barrier) => Wants::Others,
            _ => Wants::Permits(amount),
        };
        let state = match record.step() {
            Step::Queued => State::Queued,
            Step::Woken => State::Woken,
            Step::Notified => State::Notified,
            Step::Granted => State::Granted,
            Step::Ended | Step::Left | Step::Sent => State::Ended,
        };
        Self {
            place: record.place,
            actor: Actor::of(record),
            age: now.saturating_duration_since(record.since),
            wants,
            state,
            amount,
            quiet: now.saturating_duration_since(record.changed()),
            door: record.door,
        }
    }

    /// Where it began to wait: the line that made the future.
    #[must_use]
    pub fn place(&self) -> &'static Location<'static> {
        self.place
    }

    /// Who polled it last.
    #[must_use]
    pub fn actor(&self) -> &Actor {
        &self.actor
    }

    /// For how long it has waited.
    #[must_use]
    pub fn age(&self) -> Duration {
        self.age
    }

    /// What it waits for.
    #[must_use]
    pub fn wants(&self) -> &Wants {
        &self.wants
    }

    /// How far it has come.
    #[must_use]
    pub fn state(&self) -> State {
        self.state
    }

    /// For how long it has waited for what it waits for now: once notified, for the mutex.
    pub(super) fn waits_for_it(&self) -> Duration {
        if self.state == State::Notified { self.quiet } else { self.age }
    }

    /// For how long its state has been the same.
    #[must_use]
    pub fn unchanged(&self) -> Duration {
        self.quiet
    }
}

/// A reader of an `RwLock` takes two permits, and a writer all of them.
pub(super) const READER: usize = 2;
