//! What is suspected: circles of tasks that wait for one another. `graph.rs` finds them.

use alloc::vec::Vec;
use core::panic::Location;
use core::time::Duration;

use super::actor::Actor;
use super::snapshot::{Primitive, Waiter};

/// A circle of tasks that wait for one another.
#[derive(Clone, Debug)]
pub struct Suspect<'a> {
    pub(super) hops: Vec<Hop<'a>>,
}

/// One step of a circle: a task waits, and this is why it goes on waiting.
#[derive(Clone, Debug)]
pub struct Hop<'a> {
    pub(super) primitive: &'a Primitive,
    pub(super) waiter: &'a Waiter,
    pub(super) blocker: Blocker<'a>,
}

/// Who keeps a waiter waiting.
#[derive(Clone, Debug)]
pub struct Blocker<'a> {
    pub(super) actor: &'a Actor,
    pub(super) place: &'static Location<'static>,
    pub(super) age: Duration,
    pub(super) why: Why,
}

/// Why somebody keeps a waiter waiting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Why {
    /// It holds what the waiter wants.
    Holds,
    /// It was granted what the waiter wants, and was not polled since: a futurelock.
    Granted,
    /// It is the first in the queue in which the waiter is.
    Ahead,
    /// It received last, and so is likely to receive next (≈).
    Received,
}

impl<'a> Suspect<'a> {
    /// The steps of the circle. The blocker of each is the waiter of the next, and that of the last is the first.
    #[must_use]
    pub fn hops(&self) -> &[Hop<'a>] {
        &self.hops
    }

    /// Whether a step is a guess: a mailbox has no holder.
    #[must_use]
    pub fn is_approximate(&self) -> bool {
        self.hops.iter().any(|hop| hop.blocker.why == Why::Received)
    }

    /// For how long nothing in the circle has changed.
    #[must_use]
    pub fn age(&self) -> Duration {
        let ages = self.hops.iter().map(|hop| match hop.blocker.why {
            Why::Received => hop.waiter.waits_for_it(),
            _ => hop.waiter.waits_for_it().min(hop.blocker.age),
        });
        ages.min().unwrap_or_default()
    }
}

impl<'a> Hop<'a> {
    /// What it waits for.
    #[must_use]
    pub fn primitive(&self) -> &'a Primitive {
        self.primitive
    }

    /// Who waits, and where.
    #[must_use]
    pub fn waiter(&self) -> &'a Waiter {
        self.waiter
    }

    /// Who keeps it waiting, and where that acquired what it holds.
    #[must_use]
    pub fn blocker(&self) -> &Blocker<'a> {
        &self.blocker
    }
}

impl<'a> Blocker<'a> {
    /// Who it is.
    #[must_use]
    pub fn actor(&self) -> &'a Actor {
        self.actor
    }

    /// Where it acquired, was granted, waits, or received.
    #[must_use]
    pub fn place(&self) -> &'static Location<'static> {
        self.place
    }

    /// For how long that has been so.
    #[must_use]
    pub fn age(&self) -> Duration {
        self.age
    }

    /// Why it keeps others waiting.
    #[must_use]
    pub fn why(&self) -> Why {
        self.why
    }
}
