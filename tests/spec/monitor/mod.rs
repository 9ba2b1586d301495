//! The monitor: a door, two conditions, and data that counts how often somebody left.

mod house;

use sempost::{Entering, Monitor, MonitorGuard, Waiting};

use super::subject::{Hand, Mix, Pick, Subject, Waits};
use super::{Answer, Id, Operation};
pub use house::House;

sempost::conditions! {
    /// What one can wait for.
    pub enum Condition { Even, Odd }
}

const CONDITIONS: [Condition; 2] = [Condition::Even, Condition::Odd];

type Hall = Monitor<u32, Condition>;

#[derive(Clone, Copy, Debug)]
pub enum Op {
    Enter {
        id: Id,
    },
    Block {
        id: Id,
    },
    Try,
    /// Leaves, and waits: one step.
    Wait {
        id: Id,
        condition: usize,
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
    IsOccupied,
    AtTheDoor,
    Waiters {
        condition: usize,
    },
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

    type Setup = ();
    type Op = Op;
    type Spec = House;
    type Hand<'a> = Grip<'a>;

    fn new((): ()) -> Self {
        Self::new(0)
    }

    fn spec((): ()) -> House {
        House::default()
    }

    fn hand(&self, (): (), thread: usize) -> Grip<'_> {
        Grip {
            hall: self,
            guard: None,
            names: Waits::of(thread),
            entering: Waits::of(thread),
            waiting: Waits::of(thread),
        }
    }

    fn looks() -> Vec<Op> {
        vec![Op::IsOccupied, Op::AtTheDoor, Op::Waiters { condition: 0 }, Op::Waiters { condition: 1 }]
    }
}

/// The guard and the waits of one thread.
pub struct Grip<'a> {
    hall: &'a Hall,
    guard: Option<MonitorGuard<'a, u32, Condition>>,
    /// Both kinds of wait take their names here.
    names: Waits<Entering<&'a Hall, u32, Condition>>,
    entering: Waits<Entering<&'a Hall, u32, Condition>>,
    waiting: Waits<Waiting<&'a Hall, u32, Condition>>,
}

impl<'a> Grip<'a> {
    fn entered(&mut self, guard: Option<MonitorGuard<'a, u32, Condition>>, otherwise: Answer) -> Answer {
        let Some(guard) = guard else { return otherwise };
        let seen = *guard;
        assert!(self.guard.replace(guard).is_none(), "this thread is inside already");
        Answer::Value(seen)
    }

    /// Counts, and takes the guard.
    fn leaving(&mut self) -> MonitorGuard<'a, u32, Condition> {
        let mut guard = self.guard.take().expect("this thread is inside");
        *guard += 1;
        guard
    }

    fn inside(&self) -> &MonitorGuard<'a, u32, Condition> {
        self.guard.as_ref().expect("this thread is inside")
    }

    fn is_entering(&self, id: Id) -> bool {
        self.entering.list.iter().any(|wait| wait.id == id)
    }
}

impl Hand for Grip<'_> {
    type Op = Op;

    fn choose(&mut self, pick: &mut Pick<'_>, mix: Mix) -> Op {
        let condition = usize::from(pick(4) == 0);
        let inside = self.guard.is_some();
        let id = self.waiting.any(pick).filter(|_| pick(2) == 0).or_else(|| self.entering.any(pick));
        match (pick(24), id) {
            (0..=7, _) if inside => Op::Wait { id: self.names.name(), condition },
            (8..=11, _) if inside => Op::NotifyOne { condition },
            (12, _) if inside => Op::NotifyMany { condition, most: pick(3) },
            (13, _) if inside => Op::NotifyAll { condition },
            (14..=17, _) if inside => Op::SignalAndLeave { condition },
            (18..=19, _) if inside => Op::Leave,
            (0..=7, Some(id)) => Op::Poll { id },
            (8..=11, Some(id)) if mix.cancel => Op::Cancel { id },
            (0..=13, None) if mix.blocking && !inside && self.waiting.is_empty() => Op::Block { id: self.names.name() },
            (20, _) => Op::AtTheDoor,
            (21, _) => Op::Waiters { condition },
            (14..=19, _) => Op::Try,
            _ => Op::Enter { id: self.names.name() },
        }
    }

    fn perform(&mut self, op: &Op) -> Answer {
        match *op {
            Op::Enter { id } => {
                let guard = self.entering.start(id, self.hall.enter());
                self.entered(guard, Answer::Pending)
            }
            Op::Block { .. } => {
                let guard = self.hall.enter_blocking();
                self.entered(Some(guard), Answer::Pending)
            }
            Op::Try => {
                let guard = self.hall.try_enter();
                self.entered(guard, Answer::Refused)
            }
            Op::Wait { id, condition } => {
                let future = self.leaving().wait(CONDITIONS[condition]);
                let guard = self.waiting.start(id, future);
                self.entered(guard, Answer::Pending)
            }
            Op::Poll { id } => {
                let guard = if self.is_entering(id) { self.entering.poll(id) } else { self.waiting.poll(id) };
                self.entered(guard, Answer::Pending)
            }
            Op::Cancel { id } if self.is_entering(id) => {
                drop(self.entering.take(id));
                Answer::Ok
            }
            Op::Cancel { id } => {
                drop(self.waiting.take(id));
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
        }
    }

    fn waiting(&self) -> Vec<(Id, bool)> {
        [self.entering.waiting(), self.waiting.waiting()].concat()
    }

    fn poll_of(id: Id) -> Op {
        Op::Poll { id }
    }

    fn let_go(&self) -> Option<Op> {
        let held = self.guard.as_ref().map(|_| Op::Leave);
        let first = self.waiting.list.first().map(|wait| wait.id);
        let first = first.or_else(|| self.entering.list.first().map(|wait| wait.id));
        held.or_else(|| first.map(|id| Op::Cancel { id }))
    }
}
