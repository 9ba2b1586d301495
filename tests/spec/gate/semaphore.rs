//! The semaphore: permits, demands, debt, and close.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;

use sempost::{AcquireError, Acquiring, Fairness, Permit, Semaphore, TryAcquireError};

use super::super::story::{Told, id, number};
use super::super::subject::{Hand, Lend, Mix, Pick, Subject, Waits};
use super::super::{Answer, Id, Operation, Spec};
use super::line::Gate;

/// How many permits there are in the beginning, and how many are asked for at most.
#[derive(Clone, Copy, Debug)]
pub struct Pool {
    pub permits: usize,
    pub most: usize,
    pub fairness: Fairness,
    /// How many may be available.
    pub limit: Option<usize>,
}

impl Pool {
    /// First come, first served.
    pub fn of(permits: usize) -> Self {
        Self::fair(permits, Fairness::Fifo)
    }

    pub fn fair(permits: usize, fairness: Fairness) -> Self {
        Self { permits, most: permits.max(3), fairness, limit: None }
    }

    /// First come, first served, and never more than so many available.
    pub fn limited(permits: usize, limit: usize) -> Self {
        Self { permits, most: limit, fairness: Fairness::Fifo, limit: Some(limit) }
    }

    /// A number of permits: any, or one of those at which something could give way.
    fn demand(self, pick: &mut Pick<'_>) -> usize {
        match self.most {
            // Mostly small ones: of large ones only the first is ever told.
            most @ 0..=64 => 1 + pick(most).min(pick(most)),
            most => [1, 2, most / 3, most / 2, most - 1, most][pick(6)],
        }
    }
}

#[derive(Clone, Copy, Debug)]
pub enum Op {
    Start {
        id: Id,
        need: usize,
    },
    Poll {
        id: Id,
    },
    Cancel {
        id: Id,
    },
    Block {
        id: Id,
        need: usize,
    },
    Try {
        need: usize,
    },
    Release {
        permits: usize,
    },
    Forget {
        permits: usize,
    },
    /// Splits so many off a permit.
    Split {
        permits: usize,
        off: usize,
    },
    /// One permit takes another over.
    Merge,
    Add {
        permits: usize,
    },
    /// The same where there is a limit.
    AddWithinLimit {
        permits: usize,
    },
    ForgetFree {
        most: usize,
    },
    Reduce {
        permits: usize,
    },
    Close,
    Available,
    Waiters,
}

impl Told for Op {
    fn told(words: &[&str]) -> Option<Self> {
        Some(match *words {
            ["acquire", a, ref need @ ..] => Self::Start { id: id(a)?, need: number(need)? },
            ["poll", a] => Self::Poll { id: id(a)? },
            ["drop", a] => Self::Cancel { id: id(a)? },
            ["try_acquire", ref need @ ..] => Self::Try { need: number(need)? },
            ["permit_drop", ref permits @ ..] => Self::Release { permits: number(permits)? },
            ["permit_forget", ref permits @ ..] => Self::Forget { permits: number(permits)? },
            ["add", permits] => Self::Add { permits: permits.parse().ok()? },
            ["add_within_limit", permits] => Self::AddWithinLimit { permits: permits.parse().ok()? },
            ["forget", most] => Self::ForgetFree { most: most.parse().ok()? },
            ["reduce", permits] => Self::Reduce { permits: permits.parse().ok()? },
            ["close"] => Self::Close,
            ["available"] => Self::Available,
            ["waiters"] => Self::Waiters,
            _ => return None,
        })
    }
}

impl Operation for Op {
    fn halves(&self) -> Option<(Self, Self)> {
        match *self {
            Self::Block { id, need } => Some((Self::Start { id, need }, Self::Poll { id })),
            _ => None,
        }
    }
}

impl Spec for Gate {
    type Op = Op;

    fn apply(&mut self, op: &Op) -> Answer {
        match *op {
            Op::Start { id, need } => self.start(id, need),
            Op::Poll { id } => self.poll(id),
            Op::Cancel { id } => self.cancel(id),
            Op::Block { .. } => unreachable!("it happens in halves"),
            Op::Try { need } => self.attempt(need),
            Op::Release { permits } => {
                self.give_back(permits);
                Answer::Ok
            }
            Op::Forget { permits } => self.forget(permits),
            Op::Split { permits, off } => {
                if off > permits {
                    Answer::Refused
                } else {
                    Answer::Ok
                }
            }
            Op::Merge => Answer::Ok,
            Op::Add { permits } => self.add(permits),
            Op::AddWithinLimit { permits } => self.add_within_limit(permits),
            Op::ForgetFree { most } => self.forget_free(most),
            Op::Reduce { permits } => self.reduce(permits),
            Op::Close => self.close(),
            Op::Available => Answer::Count(self.available),
            Op::Waiters => Answer::Count(self.waiters()),
        }
    }

    fn is_at_rest(&self, waiting: &[(Id, bool)]) -> bool {
        self.is_at_rest(waiting)
    }

    fn wakes_nobody_else(&self, waiting: &[(Id, bool)]) -> bool {
        self.wakes_nobody_else(waiting)
    }
}

impl Subject for Semaphore {
    type Setup = Pool;
    type Op = Op;
    type Spec = Gate;
    type Hand<'a> = Grip<'a>;

    fn new(pool: Pool) -> Self {
        match pool.limit {
            Some(limit) => Self::with_limit(pool.permits, limit),
            None => Self::with_fairness(pool.permits, pool.fairness),
        }
    }

    fn spec(pool: Pool) -> Gate {
        let gate = Gate::new(pool.permits, pool.fairness);
        pool.limit.into_iter().fold(gate, Gate::with_limit)
    }

    fn hand(&self, pool: Pool, thread: usize) -> Grip<'_> {
        Grip { semaphore: self, pool, permits: Vec::new(), waits: Waits::of(thread) }
    }

    fn looks() -> Vec<Op> {
        vec![Op::Available, Op::Waiters]
    }
}

/// Permits and waits of one thread.
pub struct Grip<'a> {
    semaphore: &'a Semaphore,
    pool: Pool,
    permits: Vec<Permit<'a>>,
    waits: Waits<Acquiring<&'a Semaphore>>,
}

impl<'a> Lend for Grip<'a> {
    type Wait = Acquiring<&'a Semaphore>;

    fn begin(&mut self, op: &Op) -> Pin<Box<Self::Wait>> {
        let Op::Start { need, .. } = *op else { unreachable!("only an acquire waits") };
        Box::pin(self.semaphore.acquire_many(need))
    }

    fn end(&mut self, result: Result<Permit<'a>, AcquireError>) -> Answer {
        let Ok(permit) = result else { return Answer::Closed };
        self.permits.extend((permit.num_permits() > 0).then_some(permit));
        Answer::Ok
    }

    fn cancel_of(id: Id) -> Op {
        Op::Cancel { id }
    }
}

impl<'a> Grip<'a> {
    fn take_permit(&mut self, permits: usize) -> Permit<'a> {
        let at = self.permits.iter().position(|permit| permit.num_permits() == permits).expect("it is held");
        self.permits.remove(at)
    }
}

/// Beyond what can be counted, the call panics before anything has changed.
fn unless_it_panics(call: impl FnOnce()) -> Answer {
    catch_unwind(AssertUnwindSafe(call)).map_or(Answer::Refused, |()| Answer::Ok)
}

impl Hand for Grip<'_> {
    type Op = Op;

    fn choose(&mut self, pick: &mut Pick<'_>, mix: Mix) -> Op {
        let need = self.pool.demand(pick);
        let (id, held) = (self.waits.any(pick), self.permits.first().map(Permit::num_permits));
        match (pick(22), id, held) {
            (0..=4, Some(id), _) => Op::Poll { id },
            (5..=6, Some(id), _) if mix.cancel => Op::Cancel { id },
            (0..=6, _, Some(permits)) => Op::Release { permits },
            (7, _, Some(permits)) if !mix.blocking => Op::Forget { permits },
            (8, ..) if !mix.blocking => Op::Reduce { permits: need },
            (9, ..) if !mix.blocking => Op::ForgetFree { most: need },
            (10, ..) if self.pool.limit.is_some() => Op::AddWithinLimit { permits: need + pick(3) },
            (10, ..) => Op::Add { permits: need },
            (11..=12, ..) if mix.closes(pick) => Op::Close,
            (13, ..) => Op::Available,
            (14, ..) => Op::Waiters,
            (15..=16, ..) => Op::Try { need },
            (17, _, Some(permits)) => Op::Split { permits, off: need },
            (18, _, Some(_)) if self.permits.len() > 1 => Op::Merge,
            (0..=14, None, None) if mix.blocking => Op::Block { id: self.waits.name(), need },
            _ => Op::Start { id: self.waits.name(), need: if pick(16) == 0 { 0 } else { need } },
        }
    }

    fn perform(&mut self, op: &Op) -> Answer {
        match *op {
            Op::Start { id, .. } => {
                let wait = self.begin(op);
                let result = self.waits.start_boxed(id, wait);
                self.polled(result)
            }
            Op::Poll { id } => {
                let result = self.waits.poll(id);
                self.polled(result)
            }
            Op::Cancel { id } => {
                drop(self.waits.take(id));
                Answer::Ok
            }
            Op::Block { need, .. } => self.end(self.semaphore.acquire_many(need).wait()),
            Op::Try { need } => match self.semaphore.try_acquire_many(need) {
                Ok(permit) => self.end(Ok(permit)),
                Err(TryAcquireError::Closed) => Answer::Closed,
                Err(_) => Answer::Refused,
            },
            Op::Release { permits } => {
                drop(self.take_permit(permits));
                Answer::Ok
            }
            Op::Forget { permits } => {
                self.take_permit(permits).forget();
                Answer::Ok
            }
            Op::Split { permits, off } => {
                let mut whole = self.take_permit(permits);
                let part = whole.split(off);
                let answer = if part.is_some() { Answer::Ok } else { Answer::Refused };
                let total: usize = part.iter().chain([&whole]).map(Permit::num_permits).sum();
                assert_eq!(total, permits, "a split makes and loses nothing");
                self.permits.extend(part.into_iter().chain([whole]).filter(|permit| permit.num_permits() > 0));
                answer
            }
            Op::Merge => {
                let (mut one, other) = (self.permits.remove(0), self.permits.remove(0));
                let total = one.num_permits() + other.num_permits();
                let merged = one.merge(other).is_ok() && one.num_permits() == total;
                self.permits.push(one);
                if merged { Answer::Ok } else { Answer::Refused }
            }
            Op::AddWithinLimit { permits } => Answer::Count(self.semaphore.add_permits(permits)),
            Op::Add { permits } => unless_it_panics(|| _ = self.semaphore.add_permits(permits)),
            Op::ForgetFree { most } => Answer::Count(self.semaphore.forget_permits(most)),
            Op::Reduce { permits } => unless_it_panics(|| self.semaphore.reduce_permits(permits)),
            Op::Close => self.semaphore.close().into(),
            Op::Available => Answer::Count(self.semaphore.available_permits()),
            Op::Waiters => Answer::Count(self.semaphore.waiters()),
        }
    }

    fn waiting(&self) -> Vec<(Id, bool)> {
        self.waits.waiting()
    }

    fn poll_of(id: Id) -> Op {
        Op::Poll { id }
    }

    fn let_go(&self) -> Option<Op> {
        let held = self.permits.first().map(|permit| Op::Release { permits: permit.num_permits() });
        held.or_else(|| self.waits.list.first().map(|wait| Op::Cancel { id: wait.id }))
    }
}
