//! A readers-writer lock for two readers, and three who want it: a writer among readers, or a reader among writers.

use std::future::Future;
use std::pin::Pin;
use std::task::Poll;

use hardening::Arena;
use hardening::spec::Answer;
use hardening::spec::gate::rwlock::{Guard, Shelf};
use sempost::{RwLock, RwLockReadGuard, RwLockWriteGuard};

use crate::fault::{Kind, balance, disagree, insist, same};
use crate::op::{Op, each};
use crate::task::Book;
use crate::world::{Place, Places, Scene, World, next_up};

const READERS: usize = 2;

/// Who of the three writes.
pub struct RwLocks(pub [bool; 3]);

impl Scene for RwLocks {
    fn name(&self) -> String {
        let roles: String = self.0.iter().map(|writes| if *writes { 'w' } else { 'r' }).collect();
        format!("rwlock-{roles}")
    }

    fn alphabet(&self) -> Vec<Op> {
        each(&[Op::Poll, Op::Swap, Op::Drop, Op::Forget]).chain([Op::Try, Op::TryTwo, Op::Release, Op::Lose]).collect()
    }

    fn play(&self, arena: &mut Arena, body: &mut dyn FnMut(&mut dyn World)) {
        let lock = RwLock::with_max_readers(0, READERS);
        body(&mut RwLocked {
            lock: &lock,
            arena,
            writes: self.0,
            model: Shelf::new(READERS),
            book: Book::new(),
            places: [None, None, None],
            readers: Vec::new(),
            writer: None,
            turns: 0,
        });
    }
}

type Wait<'a> = Pin<Box<dyn Future<Output = Guard<'a>> + 'a>>;

struct RwLocked<'a> {
    lock: &'a RwLock<u32>,
    arena: &'a mut Arena,
    writes: [bool; 3],
    model: Shelf,
    book: Book,
    places: Places<Place<Wait<'a>>>,
    readers: Vec<RwLockReadGuard<'a, u32>>,
    writer: Option<RwLockWriteGuard<'a, u32>>,
    /// How often somebody wrote, which is what it guards.
    turns: u32,
}

impl<'a> RwLocked<'a> {
    fn entered(&mut self, guard: Guard<'a>) {
        insist(self.writer.is_none(), Kind::Doubled, || "somebody is beside a writer".to_owned());
        match guard {
            Guard::Reads(guard) => {
                same("the data", *guard, self.turns);
                self.readers.push(guard);
            }
            Guard::Writes(mut guard) => {
                insist(self.readers.is_empty(), Kind::Doubled, || "a writer is beside readers".to_owned());
                *guard += 1;
                self.turns += 1;
                same("the data", *guard, self.turns);
                self.writer = Some(guard);
            }
        }
    }

    fn wait(&self, at: usize) -> Wait<'a> {
        let lock = self.lock;
        if self.writes[at] {
            let writing = lock.write();
            Box::pin(async { Guard::Writes(writing.await) })
        } else {
            let reading = lock.read();
            Box::pin(async { Guard::Reads(reading.await) })
        }
    }

    fn poll(&mut self, at: usize) {
        let (mut place, due) = match self.places[at].take() {
            Some(place) => {
                let due = self.model.poll(place.id);
                (place, due)
            }
            None => {
                let id = self.book.add();
                let due = self.model.start(id, self.writes[at]);
                (Place::new(self.wait(at), id), due)
            }
        };
        match (place.poll(&mut self.book), due) {
            (Poll::Ready(guard), Answer::Value(_)) => self.entered(guard),
            (Poll::Pending, Answer::Pending) => self.places[at] = Some(place),
            (answer, due) => disagree(&answer.map(|_| "a guard"), due),
        }
    }

    fn attempt(&mut self, writes: bool) {
        let guard = match writes {
            true => self.lock.try_write().map(Guard::Writes),
            false => self.lock.try_read().map(Guard::Reads),
        };
        match (guard, self.model.attempt(writes)) {
            (Some(guard), Answer::Value(_)) => self.entered(guard),
            (None, Answer::Refused) => {}
            (guard, due) => same("try", format!("{}", guard.is_some()), format!("{due:?}")),
        }
    }

    fn drop(&mut self, at: usize) {
        let id = self.places[at].take().expect("it is there").id;
        self.book.leaves(id);
        self.model.cancel(id);
    }
}

impl World for RwLocked<'_> {
    fn step(&mut self, op: Op) -> bool {
        match op {
            Op::Poll(at) => self.poll(at),
            Op::Swap(at) | Op::Drop(at) | Op::Forget(at) if self.places[at].is_none() => return false,
            Op::Swap(at) => {
                self.places[at].iter().for_each(|place| self.book.swap(place.id));
                self.poll(at);
            }
            Op::Drop(at) => self.drop(at),
            Op::Forget(at) => self.places[at].take().into_iter().for_each(|place| self.arena.forget(place.future)),
            Op::Try => self.attempt(false),
            Op::TryTwo => self.attempt(true),
            Op::Release if self.writer.is_some() => {
                self.writer = None;
                self.model.end_write();
            }
            Op::Release if !self.readers.is_empty() => {
                drop(self.readers.remove(0));
                self.model.end_read();
            }
            // What a writer loses here is the right to write.
            Op::Lose if self.writer.is_some() => {
                self.readers.extend(self.writer.take().map(RwLockWriteGuard::downgrade));
                self.model.downgrade();
            }
            _ => return false,
        }
        true
    }

    fn observe(&mut self) {
        self.book.observe();
    }

    fn check(&mut self) {
        balance("readers", self.lock.readers(), self.model.readers());
        same("whether one writes", self.lock.is_write_locked(), self.model.is_written());
        balance("waiters", self.lock.waiters(), self.model.gate.waiters());
        let gate = &self.model.gate;
        self.book.check(|waiting| gate.is_at_rest(waiting) && gate.wakes_nobody_else(waiting));
    }

    fn wind_up(&mut self) -> bool {
        let holds = self.writer.is_some() || !self.readers.is_empty();
        match next_up(&self.places, |place| !self.book.is_asleep(place.id)) {
            Some((_, true)) if holds => return self.step(Op::Release),
            Some((at, true)) => self.poll(at),
            Some((at, false)) => self.drop(at),
            None => return self.step(Op::Release),
        }
        true
    }

    fn state(&self) -> String {
        format!("{:?} {:?}", self.lock, self.model)
    }
}
