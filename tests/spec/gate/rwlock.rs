//! The readers-writer lock: a gate for so many readers or one writer, and data that counts how often it was written.

use std::future::Future;
use std::pin::Pin;

use sempost::{Fairness, RwLock, RwLockReadGuard, RwLockWriteGuard};

use super::super::story::{Told, id};
use super::super::subject::{Hand, Lend, Mix, Pick, Subject, Waits};
use super::super::{Answer, Id, Operation, Spec, take};
use super::line::Gate;

#[derive(Clone, Copy, Debug)]
pub enum Op {
    Read {
        id: Id,
    },
    Write {
        id: Id,
    },
    Poll {
        id: Id,
    },
    Cancel {
        id: Id,
    },
    BlockToRead {
        id: Id,
    },
    BlockToWrite {
        id: Id,
    },
    TryRead,
    TryWrite,
    EndRead,
    /// Counts, and unlocks.
    EndWrite,
    Downgrade,
    Readers,
    IsWriteLocked,
    Waiters,
}

impl Told for Op {
    fn told(words: &[&str]) -> Option<Self> {
        Some(match *words {
            ["read", a] => Self::Read { id: id(a)? },
            ["write", a] => Self::Write { id: id(a)? },
            ["poll", a] => Self::Poll { id: id(a)? },
            ["drop", a] => Self::Cancel { id: id(a)? },
            ["try_read"] => Self::TryRead,
            ["try_write"] => Self::TryWrite,
            ["end_read"] => Self::EndRead,
            ["end_write"] => Self::EndWrite,
            ["downgrade"] => Self::Downgrade,
            ["readers"] => Self::Readers,
            ["write_locked"] => Self::IsWriteLocked,
            ["waiters"] => Self::Waiters,
            _ => return None,
        })
    }
}

impl Operation for Op {
    fn halves(&self) -> Option<(Self, Self)> {
        match *self {
            Self::BlockToRead { id } => Some((Self::Read { id }, Self::Poll { id })),
            Self::BlockToWrite { id } => Some((Self::Write { id }, Self::Poll { id })),
            _ => None,
        }
    }
}

/// A gate with a permit for each reader, all of which a writer takes.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Shelf {
    pub gate: Gate,
    most: usize,
    /// Of those who wait, or were granted and have not come, who wants to write.
    writers: Vec<Id>,
    readers: usize,
    written: bool,
    writes: u32,
}

impl Shelf {
    pub fn new(most: usize) -> Self {
        let gate = Gate::new(most, Fairness::Fifo);
        Self { gate, most, writers: Vec::new(), readers: 0, written: false, writes: 0 }
    }

    fn need(&self, writes: bool) -> usize {
        if writes { self.most } else { 1 }
    }

    pub fn attempt(&mut self, writes: bool) -> Answer {
        let answer = self.gate.attempt(self.need(writes));
        self.entered(writes, answer)
    }

    pub fn start(&mut self, id: Id, writes: bool) -> Answer {
        let answer = self.gate.start(id, self.need(writes));
        if writes && answer == Answer::Pending {
            self.writers.push(id);
        }
        self.entered(writes, answer)
    }

    pub fn poll(&mut self, id: Id) -> Answer {
        let answer = self.gate.poll(id);
        if answer == Answer::Pending {
            return answer;
        }
        let writes = take(&mut self.writers, |writer| *writer == id).is_some();
        self.entered(writes, answer)
    }

    pub fn cancel(&mut self, id: Id) -> Answer {
        take(&mut self.writers, |writer| *writer == id);
        self.gate.cancel(id)
    }

    /// Whoever comes in sees what all before it have left.
    fn entered(&mut self, writes: bool, answer: Answer) -> Answer {
        if answer != Answer::Ok {
            return answer;
        }
        self.readers += usize::from(!writes);
        self.written |= writes;
        Answer::Value(self.writes)
    }

    pub fn end_read(&mut self) {
        self.readers -= 1;
        self.gate.give_back(1);
    }

    pub fn end_write(&mut self) {
        (self.written, self.writes) = (false, self.writes + 1);
        self.gate.give_back(self.most);
    }

    pub fn downgrade(&mut self) {
        (self.written, self.readers) = (false, self.readers + 1);
        self.gate.give_back(self.most - 1);
    }

    /// Those to whom it was handed count.
    pub fn readers(&self) -> usize {
        self.readers + self.gate.granted_to().filter(|id| !self.writers.contains(id)).count()
    }

    pub fn is_written(&self) -> bool {
        self.written || self.gate.granted_to().any(|id| self.writers.contains(&id))
    }
}

impl Spec for Shelf {
    type Op = Op;

    fn apply(&mut self, op: &Op) -> Answer {
        match *op {
            Op::Read { id } => return self.start(id, false),
            Op::Write { id } => return self.start(id, true),
            Op::Poll { id } => return self.poll(id),
            Op::Cancel { id } => return self.cancel(id),
            Op::BlockToRead { .. } | Op::BlockToWrite { .. } => unreachable!("it happens in halves"),
            Op::TryRead => return self.attempt(false),
            Op::TryWrite => return self.attempt(true),
            Op::EndRead => self.end_read(),
            Op::EndWrite => self.end_write(),
            Op::Downgrade => self.downgrade(),
            Op::Readers => return Answer::Count(self.readers()),
            Op::IsWriteLocked => return self.is_written().into(),
            Op::Waiters => return Answer::Count(self.gate.waiters()),
        }
        Answer::Ok
    }

    fn is_at_rest(&self, waiting: &[(Id, bool)]) -> bool {
        self.gate.is_at_rest(waiting)
    }

    fn wakes_nobody_else(&self, waiting: &[(Id, bool)]) -> bool {
        self.gate.wakes_nobody_else(waiting)
    }
}

impl Subject for RwLock<u32> {
    /// How many may read.
    type Setup = usize;
    type Op = Op;
    type Spec = Shelf;
    type Hand<'a> = Grip<'a>;

    fn new(most: usize) -> Self {
        Self::with_max_readers(0, most)
    }

    fn spec(most: usize) -> Shelf {
        Shelf::new(most)
    }

    fn hand(&self, _: usize, thread: usize) -> Grip<'_> {
        Grip { lock: self, readers: Vec::new(), writer: None, waits: Waits::of(thread) }
    }

    fn looks() -> Vec<Op> {
        vec![Op::Readers, Op::IsWriteLocked, Op::Waiters]
    }
}

/// What a wait ends with.
pub enum Guard<'a> {
    Reads(RwLockReadGuard<'a, u32>),
    Writes(RwLockWriteGuard<'a, u32>),
}

/// The guards and the waits of one thread.
pub struct Grip<'a> {
    lock: &'a RwLock<u32>,
    readers: Vec<RwLockReadGuard<'a, u32>>,
    writer: Option<RwLockWriteGuard<'a, u32>>,
    waits: Waits<dyn Future<Output = Guard<'a>> + 'a>,
}

impl<'a> Lend for Grip<'a> {
    type Wait = dyn Future<Output = Guard<'a>> + 'a;

    fn begin(&mut self, op: &Op) -> Pin<Box<Self::Wait>> {
        match op {
            Op::Read { .. } => {
                let reading = self.lock.read();
                Box::pin(async { Guard::Reads(reading.await) })
            }
            _ => {
                let writing = self.lock.write();
                Box::pin(async { Guard::Writes(writing.await) })
            }
        }
    }

    fn end(&mut self, guard: Guard<'a>) -> Answer {
        assert!(self.writer.is_none(), "somebody is beside a writer");
        match guard {
            Guard::Reads(guard) => {
                let seen = *guard;
                self.readers.push(guard);
                Answer::Value(seen)
            }
            Guard::Writes(guard) => {
                assert!(self.readers.is_empty(), "a writer is beside readers");
                let seen = *guard;
                self.writer = Some(guard);
                Answer::Value(seen)
            }
        }
    }

    fn cancel_of(id: Id) -> Op {
        Op::Cancel { id }
    }
}

impl Grip<'_> {
    fn has_nothing(&self) -> bool {
        self.writer.is_none() && self.readers.is_empty()
    }
}

impl Hand for Grip<'_> {
    type Op = Op;

    fn choose(&mut self, pick: &mut Pick<'_>, mix: Mix) -> Op {
        let id = self.waits.any(pick);
        match (pick(20), id) {
            (0..=4, _) if self.writer.is_some() => Op::EndWrite,
            (5..=6, _) if self.writer.is_some() => Op::Downgrade,
            (0..=4, _) if !self.readers.is_empty() => Op::EndRead,
            (0..=7, Some(id)) => Op::Poll { id },
            (8..=9, Some(id)) if mix.cancel => Op::Cancel { id },
            (10, _) => Op::Readers,
            (11, _) => Op::IsWriteLocked,
            (12, _) => Op::Waiters,
            (13, _) => Op::TryRead,
            (14, _) => Op::TryWrite,
            (0..=6, None) if mix.blocking && self.has_nothing() => Op::BlockToRead { id: self.waits.name() },
            (7..=9, None) if mix.blocking && self.has_nothing() => Op::BlockToWrite { id: self.waits.name() },
            (0..=17, _) => Op::Read { id: self.waits.name() },
            _ => Op::Write { id: self.waits.name() },
        }
    }

    fn perform(&mut self, op: &Op) -> Answer {
        match *op {
            Op::Read { id } | Op::Write { id } => {
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
            Op::BlockToRead { .. } => self.end(Guard::Reads(self.lock.read_blocking())),
            Op::BlockToWrite { .. } => self.end(Guard::Writes(self.lock.write_blocking())),
            Op::TryRead | Op::TryWrite => {
                let guard = match op {
                    Op::TryRead => self.lock.try_read().map(Guard::Reads),
                    _ => self.lock.try_write().map(Guard::Writes),
                };
                guard.map_or(Answer::Refused, |guard| self.end(guard))
            }
            Op::EndRead => {
                drop(self.readers.remove(0));
                Answer::Ok
            }
            Op::EndWrite => {
                let mut guard = self.writer.take().expect("it writes");
                *guard += 1;
                Answer::Ok
            }
            Op::Downgrade => {
                let guard = self.writer.take().expect("it writes");
                self.readers.push(RwLockWriteGuard::downgrade(guard));
                Answer::Ok
            }
            Op::Readers => Answer::Count(self.lock.readers()),
            Op::IsWriteLocked => self.lock.is_write_locked().into(),
            Op::Waiters => Answer::Count(self.lock.waiters()),
        }
    }

    fn waiting(&self) -> Vec<(Id, bool)> {
        self.waits.waiting()
    }

    fn poll_of(id: Id) -> Op {
        Op::Poll { id }
    }

    fn let_go(&self) -> Option<Op> {
        let written = self.writer.as_ref().map(|_| Op::EndWrite);
        let held = written.or_else(|| self.readers.first().map(|_| Op::EndRead));
        held.or_else(|| self.waits.list.first().map(|wait| Op::Cancel { id: wait.id }))
    }
}
