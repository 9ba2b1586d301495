//! A record: one hold, or one wait.

use alloc::string::String;
use core::panic::Location;
use core::sync::atomic::{AtomicU8, AtomicU64, AtomicUsize};
use std::thread::Thread;
use std::time::{Duration, Instant};

use super::origin::Origin;
use crate::primitive::Ordering::{Acquire, Relaxed, Release};

/// What a record is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    Holds,
    /// A wait on one side of a primitive: 1 is the sending side of a mailbox, [`CLOSE`](super::CLOSE) that of those who
    /// wait for the close, and all others are 0.
    Waits {
        side: usize,
    },
    /// A wait for a condition, which may have a name.
    Condition(Option<String>),
}

/// How far a wait has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Step {
    Queued,
    /// Woken to retry, and not polled since.
    Woken,
    /// It waits for the mutex from here on.
    Notified,
    /// Served, and not polled since.
    Granted,
    /// It will not be served, and was not polled since.
    Ended,
    /// It was given up. A handle keeps its record until it is used again; nobody sees it.
    Left,
    /// Of credits: their message was sent. Who has it now is not known.
    Sent,
}

impl Step {
    const ALL: [Self; 7] =
        [Self::Queued, Self::Woken, Self::Notified, Self::Granted, Self::Ended, Self::Left, Self::Sent];
}

// ORDERING: all Relaxed, without a partner, but for the step: what is read is shown, and nothing follows from it. The
// step is stored with Release after the time of its change, and loaded with Acquire before that time: a step that is
// seen with an earlier time would look old.
pub(crate) struct Record {
    /// The mutex that a wait for a condition ends with.
    pub(crate) door: Option<u64>,
    pub(crate) place: &'static Location<'static>,
    pub(crate) since: Instant,
    pub(crate) role: Role,
    pub(crate) thread: Option<Thread>,
    actor: AtomicU64,
    amount: AtomicUsize,
    step: AtomicU8,
    /// When the step changed, in nanoseconds after the beginning.
    changed: AtomicU64,
}

impl Record {
    pub(super) fn new(origin: Origin<'_>, place: &'static Location<'static>, amount: usize, role: Role) -> Self {
        let (actor, thread) = origin.actor();
        Self {
            door: None,
            place,
            since: Instant::now(),
            role,
            thread,
            actor: AtomicU64::new(actor),
            amount: AtomicUsize::new(amount),
            step: AtomicU8::new(Step::Queued as u8),
            changed: AtomicU64::new(0),
        }
    }

    /// Another one of the same origin and time.
    pub(super) fn like(&self, amount: usize) -> Self {
        Self {
            door: self.door,
            role: self.role.clone(),
            thread: self.thread.clone(),
            actor: AtomicU64::new(self.actor()),
            amount: AtomicUsize::new(amount),
            step: AtomicU8::new(self.step() as u8),
            changed: AtomicU64::new(self.changed.load(Relaxed)),
            place: self.place,
            since: self.since,
        }
    }

    pub(crate) fn actor(&self) -> u64 {
        self.actor.load(Relaxed)
    }

    pub(crate) fn amount(&self) -> usize {
        self.amount.load(Relaxed)
    }

    pub(crate) fn step(&self) -> Step {
        Step::ALL[usize::from(self.step.load(Acquire))]
    }

    /// When the step changed last.
    pub(crate) fn changed(&self) -> Instant {
        self.since + Duration::from_nanos(self.changed.load(Relaxed))
    }

    pub(super) fn set_actor(&self, origin: Origin<'_>) {
        self.actor.store(origin.actor().0, Relaxed);
    }

    /// The same happens again, now.
    pub(super) fn set_again(&self, origin: Origin<'_>) {
        self.set_actor(origin);
        self.set_step(self.step());
    }

    pub(super) fn set_amount(&self, amount: usize) {
        self.amount.store(amount, Relaxed);
    }

    pub(super) fn set_step(&self, step: Step) {
        let elapsed = self.since.elapsed().as_nanos();
        self.changed.store(u64::try_from(elapsed).unwrap_or(u64::MAX), Relaxed);
        self.step.store(step as u8, Release);
    }
}
