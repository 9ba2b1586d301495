//! The latch: a count that only falls, and those that wait for its end.

use std::pin::Pin;

use sempost::{Latch, LatchWaiting};

use super::subject::{Hand, Lend, Mix, Pick, Subject, Waits};
use super::{Answer, Id, Operation, Spec, take};

#[derive(Clone, Copy, Debug)]
pub enum Op {
    Start { id: Id },
    Poll { id: Id },
    Cancel { id: Id },
    Block { id: Id },
    CountDown { n: usize },
    IsOpen,
    Count,
    Waiters,
}

impl Operation for Op {
    fn halves(&self) -> Option<(Self, Self)> {
        match *self {
            Self::Block { id } => Some((Self::Start { id }, Self::Poll { id })),
            _ => None,
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Countdown {
    count: usize,
    line: Vec<Id>,
    /// Those that were let go, and do not know it yet.
    gone: Vec<Id>,
}

impl Countdown {
    pub fn new(count: usize) -> Self {
        Self { count, line: Vec::new(), gone: Vec::new() }
    }

    fn count_down(&mut self, n: usize) -> bool {
        let was_open = self.count == 0;
        self.count = self.count.saturating_sub(n);
        let opens = self.count == 0 && !was_open;
        if opens {
            self.gone.append(&mut self.line);
        }
        opens
    }
}

impl Spec for Countdown {
    type Op = Op;

    fn apply(&mut self, op: &Op) -> Answer {
        match *op {
            Op::Start { .. } if self.count == 0 => Answer::Ok,
            Op::Start { id } => {
                self.line.push(id);
                Answer::Pending
            }
            Op::Poll { id } => match take(&mut self.gone, |gone| *gone == id) {
                Some(_) => Answer::Ok,
                None => Answer::Pending,
            },
            Op::Cancel { id } => {
                take(&mut self.line, |waiter| *waiter == id);
                take(&mut self.gone, |gone| *gone == id);
                Answer::Ok
            }
            Op::Block { .. } => unreachable!("it happens in halves"),
            Op::CountDown { n } => self.count_down(n).into(),
            Op::IsOpen => (self.count == 0).into(),
            Op::Count => Answer::Count(self.count),
            Op::Waiters => Answer::Count(self.line.len()),
        }
    }

    fn is_at_rest(&self, waiting: &[(Id, bool)]) -> bool {
        let known = self.line.len() + self.gone.len();
        known == waiting.len() && waiting.iter().all(|&(id, woken)| woken == self.gone.contains(&id))
    }
}

impl Subject for Latch {
    /// How many have to count down.
    type Setup = usize;
    type Op = Op;
    type Spec = Countdown;
    type Hand<'a> = Grip<'a>;

    fn new(count: usize) -> Self {
        Self::new(count)
    }

    fn spec(count: usize) -> Countdown {
        Countdown::new(count)
    }

    fn hand(&self, _: usize, thread: usize) -> Grip<'_> {
        Grip { latch: self, opens: thread == 0, waits: Waits::of(thread) }
    }

    fn looks() -> Vec<Op> {
        vec![Op::IsOpen, Op::Count, Op::Waiters]
    }
}

/// The waits of one thread.
pub struct Grip<'a> {
    latch: &'a Latch,
    /// Where some threads block, this one does not, and opens the latch in the end.
    opens: bool,
    waits: Waits<LatchWaiting<&'a Latch>>,
}

impl<'a> Lend for Grip<'a> {
    type Wait = LatchWaiting<&'a Latch>;

    fn begin(&mut self, _: &Op) -> Pin<Box<Self::Wait>> {
        Box::pin(self.latch.wait())
    }

    fn end(&mut self, (): ()) -> Answer {
        Answer::Ok
    }

    fn cancel_of(id: Id) -> Op {
        Op::Cancel { id }
    }
}

impl Hand for Grip<'_> {
    type Op = Op;

    fn choose(&mut self, pick: &mut Pick<'_>, mix: Mix) -> Op {
        match (pick(16), self.waits.any(pick)) {
            (0..=4, Some(id)) => Op::Poll { id },
            (5..=7, Some(id)) if mix.cancel => Op::Cancel { id },
            (8..=9, _) => Op::CountDown { n: pick(3) },
            (10, _) => Op::IsOpen,
            (11, _) => Op::Count,
            (12, _) => Op::Waiters,
            (0..=7, None) if mix.blocking && !self.opens => Op::Block { id: self.waits.name() },
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
            Op::Block { .. } => {
                self.latch.wait_blocking();
                Answer::Ok
            }
            Op::CountDown { n: 1 } => self.latch.count_down().into(),
            Op::CountDown { n } => self.latch.count_down_many(n).into(),
            Op::IsOpen => self.latch.is_open().into(),
            Op::Count => Answer::Count(self.latch.count()),
            Op::Waiters => Answer::Count(self.latch.waiters()),
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

    fn farewell(&self) -> Option<Op> {
        self.opens.then_some(Op::CountDown { n: usize::MAX })
    }
}
