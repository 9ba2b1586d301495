//! The barrier: those that have come, and those that may go on.

use std::pin::Pin;

use sempost::{Barrier, BarrierWaitResult, BarrierWaiting};

use super::subject::{Hand, Lend, Mix, Pick, Subject, Waits};
use super::{Answer, Id, Operation, Spec, take};

/// What comes back of a wait is whether it was the leader's.
#[derive(Clone, Copy, Debug)]
pub enum Op {
    Start { id: Id },
    Poll { id: Id },
    Cancel { id: Id },
    Waiters,
}

impl Operation for Op {}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Meeting {
    size: usize,
    /// Those that have come, of this generation.
    here: Vec<Id>,
    /// Those of earlier ones that do not know it yet.
    gone: Vec<Id>,
}

impl Meeting {
    pub fn new(size: usize) -> Self {
        Self { size, here: Vec::new(), gone: Vec::new() }
    }
}

impl Spec for Meeting {
    type Op = Op;

    fn apply(&mut self, op: &Op) -> Answer {
        match *op {
            Op::Start { .. } if self.here.len() + 1 >= self.size => {
                self.gone.append(&mut self.here);
                true.into()
            }
            Op::Start { id } => {
                self.here.push(id);
                Answer::Pending
            }
            Op::Poll { id } => match take(&mut self.gone, |gone| *gone == id) {
                Some(_) => false.into(),
                None => Answer::Pending,
            },
            Op::Cancel { id } => {
                take(&mut self.here, |waiter| *waiter == id);
                take(&mut self.gone, |gone| *gone == id);
                Answer::Ok
            }
            Op::Waiters => Answer::Count(self.here.len()),
        }
    }

    fn is_at_rest(&self, waiting: &[(Id, bool)]) -> bool {
        let known = self.here.len() + self.gone.len();
        known == waiting.len() && waiting.iter().all(|&(id, woken)| woken == self.gone.contains(&id))
    }
}

impl Subject for Barrier {
    /// For how many.
    type Setup = usize;
    type Op = Op;
    type Spec = Meeting;
    type Hand<'a> = Grip<'a>;

    fn new(size: usize) -> Self {
        Self::new(size)
    }

    fn spec(size: usize) -> Meeting {
        Meeting::new(size)
    }

    fn hand(&self, _: usize, thread: usize) -> Grip<'_> {
        Grip { barrier: self, waits: Waits::of(thread) }
    }

    fn looks() -> Vec<Op> {
        vec![Op::Waiters]
    }
}

/// The waits of one thread.
pub struct Grip<'a> {
    barrier: &'a Barrier,
    waits: Waits<BarrierWaiting<&'a Barrier>>,
}

impl<'a> Lend for Grip<'a> {
    type Wait = BarrierWaiting<&'a Barrier>;

    fn begin(&mut self, _: &Op) -> Pin<Box<Self::Wait>> {
        Box::pin(self.barrier.wait())
    }

    fn end(&mut self, result: BarrierWaitResult) -> Answer {
        result.is_leader().into()
    }

    fn cancel_of(id: Id) -> Op {
        Op::Cancel { id }
    }
}

impl Hand for Grip<'_> {
    type Op = Op;

    // No thread blocks: the others may have come for the last time.
    fn choose(&mut self, pick: &mut Pick<'_>, mix: Mix) -> Op {
        match (pick(16), self.waits.any(pick)) {
            (0..=5, Some(id)) => Op::Poll { id },
            (6..=8, Some(id)) if mix.cancel => Op::Cancel { id },
            (9, _) => Op::Waiters,
            _ => Op::Start { id: self.waits.name() },
        }
    }

    fn perform(&mut self, op: &Op) -> Answer {
        match *op {
            Op::Start { id } => {
                let wait = self.begin(op);
                let output = self.waits.start_boxed(id, wait);
                self.polled(output)
            }
            Op::Poll { id } => {
                let output = self.waits.poll(id);
                self.polled(output)
            }
            Op::Cancel { id } => {
                drop(self.waits.take(id));
                Answer::Ok
            }
            Op::Waiters => Answer::Count(self.barrier.waiters()),
        }
    }

    fn waiting(&self) -> Vec<(Id, bool)> {
        self.waits.waiting()
    }

    fn poll_of(id: Id) -> Op {
        Op::Poll { id }
    }

    fn let_go(&self) -> Option<Op> {
        self.waits.list.first().map(|wait| Op::Cancel { id: wait.id })
    }
}
