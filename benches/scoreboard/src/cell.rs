//! What a cell is: one question, and those who answer it.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// A stretch of work and how long it took.
pub struct Lap {
    pub operations: u64,
    pub time: Duration,
}

impl Lap {
    pub fn nanos_each(&self) -> f64 {
        self.time.as_nanos() as f64 / self.operations as f64
    }
}

/// One answer to the question of a cell.
pub struct Contender {
    pub name: &'static str,
    pub run: Run,
}

pub enum Run {
    /// Performs about as many operations as asked, and times them.
    Timed(Box<dyn FnMut(u64) -> Lap>),
    /// Counts bytes.
    Weighed(Box<dyn FnMut() -> f64>),
    /// Works for about as long as asked, and returns the figure.
    Limited(Box<dyn FnMut(Duration) -> f64>),
}

impl Contender {
    pub fn timed(name: &'static str, run: impl FnMut(u64) -> Lap + 'static) -> Self {
        Self { name, run: Run::Timed(Box::new(run)) }
    }

    pub fn weighed(name: &'static str, run: impl FnMut() -> f64 + 'static) -> Self {
        Self { name, run: Run::Weighed(Box::new(run)) }
    }

    pub fn limited(name: &'static str, run: impl FnMut(Duration) -> f64 + 'static) -> Self {
        Self { name, run: Run::Limited(Box::new(run)) }
    }
}

/// The rows of the table of floors and goals, see [`crate::verdict`].
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Group {
    AloneMailbox,
    AloneGate,
    PingPong,
    Flow,
    /// Where senders may pass those that wait.
    BargingFlow,
    /// With messages of 256 bytes.
    LargeFlow,
    /// Between threads.
    Threads,
    CapacityOne,
    CapacityZero,
    Fifo,
    Barging,
    Monitor,
    Condvar,
    ReceiveMany,
    Reply,
    /// To make and to drop.
    Life,
    /// What merges sources, and what lends: held against what users write by hand, and no part of the geometric means.
    OnePort,
    Ports,
    IdlePorts,
    Credits,
    /// What waits for predicates, against what signals.
    Predicates,
    Turns,
    /// Readers-writer locks: reported, and no part of the geometric means.
    Library,
    /// Reported only, and no part of the geometric means of all timed cells.
    Starvation,
    /// Reported only.
    Other,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub enum Unit {
    /// Nanoseconds for one operation.
    #[default]
    Nanos,
    /// The argument is how many, and fewer, count as nothing.
    Bytes(u32),
    /// Nanoseconds of the longest wait in a round, or of nearly the longest: the cell says which.
    Worst,
    /// How many times what the least served gets goes into a fair share: 1 is fair.
    Unfairness,
}

impl Unit {
    pub fn is_nanos(&self) -> bool {
        *self == Self::Nanos
    }
}

pub struct Cell {
    pub name: String,
    pub group: Group,
    pub unit: Unit,
    /// Part of `--quick`.
    pub quick: bool,
    /// Made in the process that runs them.
    pub contenders: Box<dyn Fn() -> Vec<Contender>>,
}

impl Cell {
    pub fn new(group: Group, name: impl Into<String>, contenders: impl Fn() -> Vec<Contender> + 'static) -> Self {
        Self { name: name.into(), group, unit: Unit::Nanos, quick: false, contenders: Box::new(contenders) }
    }

    pub fn unit(self, unit: Unit) -> Self {
        Self { unit, ..self }
    }

    pub fn quick(self) -> Self {
        Self { quick: true, ..self }
    }
}
