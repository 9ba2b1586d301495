//! A semaphore of one permit, and waiters for 1, 2 and 1.

use std::task::Poll;

use hard::Arena;
use sempost::{Acquiring, Fairness, Permit, Semaphore, TryAcquireError};

use crate::fault::{balance, disagree, same};
use crate::model::permits::{Answer, Permits};
use crate::op::{Op, each};
use crate::world::{Place, Places, Scene, World, next_up};

const NEEDS: [usize; 3] = [1, 2, 1];

pub struct Semaphores(pub Fairness);

impl Scene for Semaphores {
    fn name(&self) -> String {
        match self.0 {
            Fairness::Fifo => "semaphore".to_owned(),
            Fairness::Unbounded => "unbounded-semaphore".to_owned(),
            _ => "barging-semaphore".to_owned(),
        }
    }

    fn alphabet(&self) -> Vec<Op> {
        let rest = [Op::Try, Op::TryTwo, Op::Release, Op::Add, Op::Reduce, Op::Lose, Op::Close];
        each(&[Op::Poll, Op::Swap, Op::Drop, Op::Forget]).chain(rest).collect()
    }

    fn play(&self, arena: &mut Arena, body: &mut dyn FnMut(&mut dyn World)) {
        let semaphore = Semaphore::with_fairness(1, self.0);
        let model = Permits::new(1, self.0);
        body(&mut Semaphored { semaphore: &semaphore, arena, model, places: [None, None, None], held: Vec::new() });
    }
}

struct Semaphored<'a> {
    semaphore: &'a Semaphore,
    arena: &'a mut Arena,
    model: Permits,
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
                let (id, due) = self.model.arrive(NEEDS[at]);
                (Place::new(self.semaphore.acquire_many(NEEDS[at]), id), due)
            }
        };
        match (place.poll(&self.model.book), due) {
            (Poll::Ready(Ok(permit)), Answer::Served) => self.held.push(permit),
            (Poll::Ready(Err(_)), Answer::Closed) => {}
            (Poll::Pending, Answer::Waits) => self.places[at] = Some(place),
            (answer, due) => disagree(&answer, due),
        }
    }

    fn attempt(&mut self, need: usize) {
        match (self.semaphore.try_acquire_many(need), self.model.ask(need)) {
            (Ok(permit), Answer::Served) => self.held.push(permit),
            (Err(TryAcquireError::Closed), Answer::Closed) => {}
            (Err(TryAcquireError::NoPermits), Answer::Waits) => {}
            (answer, due) => same("try_acquire", format!("{answer:?}"), format!("{due:?}")),
        }
    }

    fn drop(&mut self, at: usize) {
        self.model.drop(self.places[at].take().expect("it is there").id);
    }
}

impl World for Semaphored<'_> {
    fn step(&mut self, op: Op) -> bool {
        match op {
            Op::Poll(at) => self.poll(at),
            Op::Swap(at) | Op::Drop(at) | Op::Forget(at) if self.places[at].is_none() => return false,
            Op::Swap(at) => {
                self.places[at].iter().for_each(|place| self.model.book.swap(place.id));
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
            Op::Add => {
                self.model.give_back(1);
                self.semaphore.add_permits(1);
            }
            Op::Reduce => {
                self.model.reduce(1);
                self.semaphore.reduce_permits(1);
            }
            Op::Lose => {
                let lost = self.model.available.min(1);
                self.model.reduce(lost);
                same("forget_permits", self.semaphore.forget_permits(1), lost);
            }
            Op::Close => same("close", self.semaphore.close(), self.model.close()),
            _ => return false,
        }
        true
    }

    fn observe(&mut self) {
        self.model.observe();
    }

    fn check(&mut self) {
        balance("permits", self.semaphore.available_permits(), self.model.available);
        balance("waiters", self.semaphore.waiters(), self.model.waiting());
        self.model.check();
    }

    fn wind_up(&mut self) -> bool {
        match next_up(&self.places, |place| !self.model.book.is_asleep(place.id)) {
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
