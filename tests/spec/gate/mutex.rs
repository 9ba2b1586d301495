//! The mutex: exclusion, and data that counts how often it was locked.

use std::pin::Pin;

use sempost::{Fairness, Locking, Mutex, MutexGuard};

use super::super::story::{Told, id};
use super::super::subject::{Hand, Lend, Mix, Pick, Subject, Waits};
use super::super::{Answer, Id, Operation, Spec};
use super::line::Gate;

#[derive(Clone, Copy, Debug)]
pub enum Op {
    Start {
        id: Id,
    },
    Poll {
        id: Id,
    },
    Cancel {
        id: Id,
    },
    Block {
        id: Id,
    },
    Try,
    /// Counts, and unlocks.
    Unlock,
    IsLocked,
    Waiters,
}

impl Told for Op {
    fn told(words: &[&str]) -> Option<Self> {
        Some(match *words {
            ["lock", a] => Self::Start { id: id(a)? },
            ["poll", a] => Self::Poll { id: id(a)? },
            ["drop", a] => Self::Cancel { id: id(a)? },
            ["try_lock"] => Self::Try,
            ["unlock"] => Self::Unlock,
            ["is_locked"] => Self::IsLocked,
            ["waiters"] => Self::Waiters,
            _ => return None,
        })
    }
}

impl Operation for Op {
    fn halves(&self) -> Option<(Self, Self)> {
        match *self {
            Self::Block { id } => Some((Self::Start { id }, Self::Poll { id })),
            _ => None,
        }
    }
}

/// A gate with one permit, and what is behind it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Counted {
    gate: Gate,
    unlocks: u32,
}

impl Counted {
    /// Whoever comes in sees what all before it have left.
    fn sees(&self, entered: Answer) -> Answer {
        if entered == Answer::Ok { Answer::Value(self.unlocks) } else { entered }
    }
}

impl Spec for Counted {
    type Op = Op;

    fn apply(&mut self, op: &Op) -> Answer {
        let entered = match *op {
            Op::Start { id } => self.gate.start(id, 1),
            Op::Poll { id } => self.gate.poll(id),
            Op::Block { .. } => unreachable!("it happens in halves"),
            Op::Try => self.gate.attempt(1),
            Op::Cancel { id } => return self.gate.cancel(id),
            Op::Unlock => {
                self.unlocks += 1;
                self.gate.give_back(1);
                return Answer::Ok;
            }
            Op::IsLocked => return (self.gate.available == 0).into(),
            Op::Waiters => return Answer::Count(self.gate.waiters()),
        };
        self.sees(entered)
    }

    fn is_at_rest(&self, waiting: &[(Id, bool)]) -> bool {
        self.gate.is_at_rest(waiting)
    }

    fn wakes_nobody_else(&self, waiting: &[(Id, bool)]) -> bool {
        self.gate.wakes_nobody_else(waiting)
    }
}

impl Subject for Mutex<u32> {
    type Setup = Fairness;
    type Op = Op;
    type Spec = Counted;
    type Hand<'a> = Grip<'a>;

    fn new(fairness: Fairness) -> Self {
        Self::with_fairness(0, fairness)
    }

    fn spec(fairness: Fairness) -> Counted {
        Counted { gate: Gate::new(1, fairness), unlocks: 0 }
    }

    fn hand(&self, _: Fairness, thread: usize) -> Grip<'_> {
        Grip { mutex: self, guard: None, waits: Waits::of(thread) }
    }

    fn looks() -> Vec<Op> {
        vec![Op::IsLocked, Op::Waiters]
    }
}

/// The guard and the waits of one thread.
pub struct Grip<'a> {
    mutex: &'a Mutex<u32>,
    guard: Option<MutexGuard<'a, u32>>,
    waits: Waits<Locking<&'a Mutex<u32>, u32>>,
}

impl<'a> Lend for Grip<'a> {
    type Wait = Locking<&'a Mutex<u32>, u32>;

    fn begin(&mut self, _: &Op) -> Pin<Box<Self::Wait>> {
        Box::pin(self.mutex.lock())
    }

    fn end(&mut self, guard: MutexGuard<'a, u32>) -> Answer {
        let seen = *guard;
        assert!(self.guard.replace(guard).is_none(), "two have locked it");
        Answer::Value(seen)
    }

    fn cancel_of(id: Id) -> Op {
        Op::Cancel { id }
    }
}

impl Hand for Grip<'_> {
    type Op = Op;

    fn choose(&mut self, pick: &mut Pick<'_>, mix: Mix) -> Op {
        let id = self.waits.any(pick);
        match (pick(16), id) {
            (0..=7, _) if self.guard.is_some() => Op::Unlock,
            (0..=5, Some(id)) => Op::Poll { id },
            (6..=7, Some(id)) if mix.cancel => Op::Cancel { id },
            (8, _) => Op::IsLocked,
            (9, _) => Op::Waiters,
            (10..=12, _) => Op::Try,
            (0..=9, None) if mix.blocking && self.guard.is_none() => Op::Block { id: self.waits.name() },
            _ => Op::Start { id: self.waits.name() },
        }
    }

    fn perform(&mut self, op: &Op) -> Answer {
        match *op {
            Op::Start { id } => {
                let wait = self.begin(op);
                let guard = self.waits.start_boxed(id, wait);
                self.polled(guard)
            }
            Op::Poll { id } => {
                let guard = self.waits.poll(id);
                self.polled(guard)
            }
            Op::Cancel { id } => {
                drop(self.waits.take(id));
                Answer::Ok
            }
            Op::Block { .. } => self.end(self.mutex.lock_blocking()),
            Op::Try => match self.mutex.try_lock() {
                Some(guard) => self.end(guard),
                None => Answer::Refused,
            },
            Op::Unlock => {
                let mut guard = self.guard.take().expect("it is locked");
                *guard += 1;
                Answer::Ok
            }
            Op::IsLocked => self.mutex.is_locked().into(),
            Op::Waiters => Answer::Count(self.mutex.waiters()),
        }
    }

    fn waiting(&self) -> Vec<(Id, bool)> {
        self.waits.waiting()
    }

    fn poll_of(id: Id) -> Op {
        Op::Poll { id }
    }

    fn let_go(&self) -> Option<Op> {
        let held = self.guard.as_ref().map(|_| Op::Unlock);
        held.or_else(|| self.waits.list.first().map(|wait| Op::Cancel { id: wait.id }))
    }
}
