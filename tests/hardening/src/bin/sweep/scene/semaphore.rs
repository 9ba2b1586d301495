//! A semaphore of one permit, and waiters for 1, 2 and 1.

use std::task::Poll;

use hardening::Arena;
use hardening::spec::Answer;
use hardening::spec::gate::line::Gate;
use sempost::{Acquiring, Fairness, Permit, Semaphore, TryAcquireError};

use crate::fault::{balance, disagree, same};
use crate::op::{Op, each};
use crate::task::Book;
use crate::world::{Place, Places, Scene, World, next_up};

const NEEDS: [usize; 3] = [1, 2, 1];
const LIMIT: usize = 2;

/// With its fairness, and a limit of two or none.
pub struct Semaphores(pub Fairness, pub bool);

impl Scene for Semaphores {
    fn name(&self) -> String {
        match self.0 {
            Fairness::Fifo if self.1 => "limited-semaphore".to_owned(),
            Fairness::Fifo => "semaphore".to_owned(),
            Fairness::Unfair => "unbounded-semaphore".to_owned(),
            _ => "barging-semaphore".to_owned(),
        }
    }

    fn alphabet(&self) -> Vec<Op> {
        let rest = [Op::Try, Op::TryTwo, Op::Release, Op::Add, Op::Reduce, Op::Lose, Op::Close];
        each(&[Op::Poll, Op::Swap, Op::Drop, Op::Forget]).chain(rest).collect()
    }

    fn play(&self, arena: &mut Arena, body: &mut dyn FnMut(&mut dyn World)) {
        let (semaphore, model) = match self.1 {
            true => (Semaphore::with_limit(1, LIMIT), Gate::new(1, self.0).with_limit(LIMIT)),
            false => (Semaphore::with_fairness(1, self.0), Gate::new(1, self.0)),
        };
        body(&mut Semaphored {
            semaphore: &semaphore,
            arena,
            model,
            book: Book::new(),
            places: [None, None, None],
            held: Vec::new(),
        });
    }
}

struct Semaphored<'a> {
    semaphore: &'a Semaphore,
    arena: &'a mut Arena,
    model: Gate,
    book: Book,
    places: Places<Place<Acquiring<&'a Semaphore>>>,
    held: Vec<Permit<'a>>,
}

impl<'a> Semaphored<'a> {
    fn poll(&mut self, at: usize) {
        let (mut place, due) = match self.places[at].take() {
            Some(place) => {
                let due = self.model.poll(place.id);
                (place, due)
            }
            None => {
                let id = self.book.add();
                let due = self.model.start(id, NEEDS[at]);
                (Place::new(self.semaphore.acquire_many(NEEDS[at]), id), due)
            }
        };
        match (place.poll(&mut self.book), due) {
            (Poll::Ready(Ok(permit)), Answer::Ok) => self.held.push(permit),
            (Poll::Ready(Err(_)), Answer::Closed) => {}
            (Poll::Pending, Answer::Pending) => self.places[at] = Some(place),
            (answer, due) => disagree(&answer, due),
        }
    }

    fn attempt(&mut self, need: usize) {
        match (self.semaphore.try_acquire_many(need), self.model.attempt(need)) {
            (Ok(permit), Answer::Ok) => self.held.push(permit),
            (Err(TryAcquireError::Closed), Answer::Closed) => {}
            (Err(TryAcquireError::NoPermits), Answer::Refused) => {}
            (answer, due) => same("try_acquire", format!("{answer:?}"), format!("{due:?}")),
        }
    }

    fn drop(&mut self, at: usize) {
        let id = self.places[at].take().expect("it is there").id;
        self.book.leaves(id);
        self.model.cancel(id);
    }
}

impl World for Semaphored<'_> {
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
            Op::Try => self.attempt(1),
            Op::TryTwo => self.attempt(2),
            Op::Release if !self.held.is_empty() => {
                self.model.give_back(self.held[0].num_permits());
                drop(self.held.remove(0));
            }
            // One more than the line may want.
            Op::Add if self.semaphore.limit() == LIMIT => {
                let added = Answer::Count(self.semaphore.add_permits(2));
                same("add_permits", added, self.model.add_within_limit(2));
            }
            Op::Add => {
                self.model.add(1);
                self.semaphore.add_permits(1);
            }
            Op::Reduce => {
                self.model.reduce(1);
                self.semaphore.reduce_permits(1);
            }
            Op::Lose => {
                let lost = Answer::Count(self.semaphore.forget_permits(1));
                same("forget_permits", lost, self.model.forget_free(1));
            }
            Op::Close => same("close", self.semaphore.close().into(), self.model.close()),
            _ => return false,
        }
        true
    }

    fn observe(&mut self) {
        self.book.observe();
    }

    fn check(&mut self) {
        balance("permits", self.semaphore.available_permits(), self.model.available);
        balance("waiters", self.semaphore.waiters(), self.model.waiters());
        self.book.check(|waiting| self.model.is_at_rest(waiting) && self.model.wakes_nobody_else(waiting));
    }

    fn wind_up(&mut self) -> bool {
        match next_up(&self.places, |place| !self.book.is_asleep(place.id)) {
            Some((at, true)) => self.poll(at),
            Some((at, false)) => self.drop(at),
            None => return self.step(Op::Release),
        }
        true
    }

    fn state(&self) -> String {
        format!("{:?} {:?}", self.semaphore, self.model)
    }
}
