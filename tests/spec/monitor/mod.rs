//! The monitor: a door, two conditions, predicates, and data that counts how often somebody left.

mod house;
mod seats;

use std::cell::Cell;
use std::pin::Pin;

use sempost::{Monitor, MonitorGuard};

use super::subject::{Hand, Lend, Mix, Pick, Subject, Waits};
use super::{Answer, Id, Operation};
pub use house::House;

sempost::conditions! {
    /// What one can wait for.
    pub enum Condition { Even, Odd }
}

/// What it protects. Only what predicates are about is changed by `&mut`, or with a touch.
#[derive(Debug, Default)]
pub struct Data {
    pub leaves: Cell<u32>,
    pub level: Cell<u32>,
}

impl Data {
    pub fn leave(&self) {
        self.leaves.set(self.leaves.get() + 1);
    }
}

/// A predicate: any of these bits.
pub fn any_of(need: u32) -> impl Fn(&Data) -> bool + Send + Sync + 'static {
    move |data| data.level.get() & need != 0
}

const CONDITIONS: [Condition; 2] = [Condition::Even, Condition::Odd];

pub type Hall = Monitor<Data, Condition>;
type Guard<'a> = MonitorGuard<'a, Data, Condition>;

#[derive(Clone, Copy, Debug)]
pub enum Op {
    Enter {
        id: Id,
    },
    /// Enters when one of these bits is set.
    EnterWhen {
        id: Id,
        need: u32,
    },
    Block {
        id: Id,
    },
    Try,
    TryWhen {
        need: u32,
    },
    /// Leaves, and waits: one step.
    Wait {
        id: Id,
        condition: usize,
    },
    /// Leaves, and waits, unless one of these bits is set.
    WaitFor {
        id: Id,
        need: u32,
    },
    /// Changes what predicates are about, by `&mut`.
    Set {
        level: u32,
    },
    /// The same by `&`, and says so.
    SetAndTouch {
        level: u32,
    },
    Poll {
        id: Id,
    },
    Cancel {
        id: Id,
    },
    NotifyOne {
        condition: usize,
    },
    NotifyMany {
        condition: usize,
        most: usize,
    },
    NotifyAll {
        condition: usize,
    },
    SignalAndLeave {
        condition: usize,
    },
    Leave,
    /// The same: waits, but the wait is dropped before its first poll.
    Turn,
    IsOccupied,
    AtTheDoor,
    Waiters {
        condition: usize,
    },
    Predicates,
}

impl Operation for Op {
    fn halves(&self) -> Option<(Self, Self)> {
        match *self {
            Self::Block { id } => Some((Self::Enter { id }, Self::Poll { id })),
            // The first of the notified joins the line at the door if it finds the monitor occupied, and then looks
            // whether it has been let in already. To all others the first step changes nothing.
            Self::Poll { .. } => Some((*self, *self)),
            _ => None,
        }
    }
}

impl Subject for Hall {
    // To enter, to wait, to be notified and to give up are four already.
    const OPERATIONS: usize = 5;

    /// Whether predicates are waited for.
    type Setup = bool;
    type Op = Op;
    type Spec = House;
    type Hand<'a> = Grip<'a>;

    fn new(_: bool) -> Self {
        Self::default()
    }

    fn spec(_: bool) -> House {
        House::default()
    }

    fn hand(&self, predicates: bool, thread: usize) -> Grip<'_> {
        Grip { hall: self, predicates, guard: None, waits: Waits::of(thread) }
    }

    fn looks() -> Vec<Op> {
        let waiters = [0, 1].map(|condition| Op::Waiters { condition });
        [Op::IsOccupied, Op::AtTheDoor, Op::Predicates].into_iter().chain(waiters).collect()
    }
}

/// The guard and the waits of one thread.
pub struct Grip<'a> {
    hall: &'a Hall,
    predicates: bool,
    guard: Option<Guard<'a>>,
    waits: Waits<dyn Future<Output = Guard<'a>> + 'a>,
}

impl<'a> Lend for Grip<'a> {
    type Wait = dyn Future<Output = Guard<'a>> + 'a;

    fn begin(&mut self, op: &Op) -> Pin<Box<Self::Wait>> {
        match *op {
            Op::EnterWhen { need, .. } => Box::pin(self.hall.enter_when(any_of(need))),
            Op::Wait { condition, .. } => Box::pin(self.leaving().wait(CONDITIONS[condition])),
            Op::WaitFor { need, .. } => Box::pin(self.leaving().wait_for(any_of(need))),
            _ => Box::pin(self.hall.enter()),
        }
    }

    fn end(&mut self, guard: Guard<'a>) -> Answer {
        let seen = guard.leaves.get();
        assert!(self.guard.replace(guard).is_none(), "two are inside");
        Answer::Value(seen)
    }

    fn cancel_of(id: Id) -> Op {
        Op::Cancel { id }
    }
}

impl<'a> Grip<'a> {
    /// Counts, and takes the guard.
    fn leaving(&mut self) -> Guard<'a> {
        let guard = self.guard.take().expect("this thread is inside");
        guard.leave();
        guard
    }

    pub fn is_inside(&self) -> bool {
        self.guard.is_some()
    }

    fn inside(&mut self) -> &mut Guard<'a> {
        self.guard.as_mut().expect("this thread is inside")
    }

    /// What has to do with predicates.
    fn choose_predicate(&mut self, pick: &mut Pick<'_>, mix: Mix) -> Option<Op> {
        let (need, level, inside) = (1 + pick(3) as u32, pick(4) as u32, self.guard.is_some());
        Some(match pick(16) {
            0..=3 if inside => Op::WaitFor { id: self.waits.name(), need },
            4..=7 if inside => Op::Set { level },
            8 if inside => Op::SetAndTouch { level },
            0..=3 if !mix.blocking => Op::EnterWhen { id: self.waits.name(), need },
            9 => Op::TryWhen { need },
            10 => Op::Predicates,
            _ => return None,
        })
    }
}

impl Hand for Grip<'_> {
    type Op = Op;

    fn choose(&mut self, pick: &mut Pick<'_>, mix: Mix) -> Op {
        if let Some(op) = self.predicates.then(|| self.choose_predicate(pick, mix)).flatten() {
            return op;
        }
        let condition = usize::from(pick(4) == 0);
        let inside = self.guard.is_some();
        let id = self.waits.any(pick);
        match (pick(24), id) {
            (0..=7, _) if inside && !self.predicates => Op::Wait { id: self.waits.name(), condition },
            (0, _) if inside => Op::Wait { id: self.waits.name(), condition },
            (8..=11, _) if inside => Op::NotifyOne { condition },
            (12, _) if inside => Op::NotifyMany { condition, most: pick(3) },
            (13, _) if inside => Op::NotifyAll { condition },
            (14..=17, _) if inside => Op::SignalAndLeave { condition },
            (18..=19, _) if inside => Op::Leave,
            (0..=7, Some(id)) => Op::Poll { id },
            (8..=11, Some(id)) if mix.cancel => Op::Cancel { id },
            (0..=13, None) if mix.blocking && !inside => Op::Block { id: self.waits.name() },
            (20, _) => Op::AtTheDoor,
            (21, _) => Op::Waiters { condition },
            (14..=19, _) => Op::Try,
            _ => Op::Enter { id: self.waits.name() },
        }
    }

    fn perform(&mut self, op: &Op) -> Answer {
        match *op {
            Op::Enter { id } | Op::EnterWhen { id, .. } | Op::Wait { id, .. } | Op::WaitFor { id, .. } => {
                let wait = self.begin(op);
                let guard = self.waits.start_boxed(id, wait);
                self.polled(guard)
            }
            Op::Block { .. } => self.end(self.hall.enter_blocking()),
            Op::Try => self.hall.try_enter().map_or(Answer::Refused, |guard| self.end(guard)),
            Op::TryWhen { need } => {
                self.hall.try_enter_when(any_of(need)).map_or(Answer::Refused, |guard| self.end(guard))
            }
            Op::Turn => {
                drop(self.leaving().wait(Condition::Even));
                Answer::Ok
            }
            Op::Poll { id } => {
                let guard = self.waits.poll(id);
                self.polled(guard)
            }
            Op::Cancel { id } => {
                drop(self.waits.take(id));
                Answer::Ok
            }
            Op::Set { level } => {
                *self.inside().level.get_mut() = level;
                Answer::Ok
            }
            Op::SetAndTouch { level } => {
                self.inside().level.set(level);
                self.inside().touch();
                Answer::Ok
            }
            Op::NotifyOne { condition } => self.inside().notify_one(CONDITIONS[condition]).into(),
            Op::NotifyMany { condition, most } => Answer::Count(self.inside().notify_many(CONDITIONS[condition], most)),
            Op::NotifyAll { condition } => Answer::Count(self.inside().notify_all(CONDITIONS[condition])),
            Op::SignalAndLeave { condition } => self.leaving().signal_and_leave(CONDITIONS[condition]).into(),
            Op::Leave => {
                drop(self.leaving());
                Answer::Ok
            }
            Op::IsOccupied => self.hall.is_occupied().into(),
            Op::AtTheDoor => Answer::Count(self.hall.entering()),
            Op::Waiters { condition } => Answer::Count(self.hall.waiters(CONDITIONS[condition])),
            Op::Predicates => Answer::Count(self.hall.predicates()),
        }
    }

    fn waiting(&self) -> Vec<(Id, bool)> {
        self.waits.waiting()
    }

    fn poll_of(id: Id) -> Op {
        Op::Poll { id }
    }

    fn let_go(&self) -> Option<Op> {
        let held = self.guard.as_ref().map(|_| Op::Leave);
        held.or_else(|| self.waits.list.first().map(|wait| Op::Cancel { id: wait.id }))
    }
}
