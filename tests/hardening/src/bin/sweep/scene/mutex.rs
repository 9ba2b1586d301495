//! A mutex, and three who want it.

use std::task::Poll;

use hardening::Arena;
use hardening::spec::Answer;
use hardening::spec::gate::line::Gate;
use sempost::{Fairness, Locking, Mutex, MutexGuard};

use crate::fault::{Kind, balance, disagree, insist, same};
use crate::op::{Op, each};
use crate::task::Book;
use crate::world::{Place, Places, Scene, World, next_up};

pub struct Mutexes(pub Fairness);

impl Scene for Mutexes {
    fn name(&self) -> String {
        let fifo = self.0 == Fairness::Fifo;
        if fifo { "mutex".to_owned() } else { "barging-mutex".to_owned() }
    }

    fn alphabet(&self) -> Vec<Op> {
        each(&[Op::Poll, Op::Swap, Op::Drop, Op::Forget]).chain([Op::Try, Op::Release]).collect()
    }

    fn play(&self, arena: &mut Arena, body: &mut dyn FnMut(&mut dyn World)) {
        let mutex = Mutex::with_fairness(0, self.0);
        let model = Gate::new(1, self.0);
        body(&mut Mutexed {
            mutex: &mutex,
            arena,
            model,
            book: Book::new(),
            places: [None, None, None],
            guard: None,
            turns: 0,
        });
    }
}

struct Mutexed<'a> {
    mutex: &'a Mutex<u32>,
    arena: &'a mut Arena,
    model: Gate,
    book: Book,
    places: Places<Place<Locking<&'a Mutex<u32>, u32>>>,
    guard: Option<MutexGuard<'a, u32>>,
    /// How often it was locked, which is what it guards.
    turns: u32,
}

impl<'a> Mutexed<'a> {
    fn locked(&mut self, mut guard: MutexGuard<'a, u32>) {
        insist(self.guard.is_none(), Kind::Doubled, || "two are inside".to_owned());
        *guard += 1;
        self.turns += 1;
        same("the data", *guard, self.turns);
        self.guard = Some(guard);
    }

    fn poll(&mut self, at: usize) {
        let (mut place, due) = match self.places[at].take() {
            Some(place) => {
                let due = self.model.poll(place.id);
                (place, due)
            }
            None => {
                let id = self.book.add();
                let due = self.model.start(id, 1);
                (Place::new(self.mutex.lock(), id), due)
            }
        };
        match (place.poll(&mut self.book), due) {
            (Poll::Ready(guard), Answer::Ok) => self.locked(guard),
            (Poll::Pending, Answer::Pending) => self.places[at] = Some(place),
            (answer, due) => disagree(&answer, due),
        }
    }

    fn drop(&mut self, at: usize) {
        let id = self.places[at].take().expect("it is there").id;
        self.book.leaves(id);
        self.model.cancel(id);
    }
}

impl World for Mutexed<'_> {
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
            Op::Try => match (self.mutex.try_lock(), self.model.attempt(1)) {
                (Some(guard), Answer::Ok) => self.locked(guard),
                (None, Answer::Refused) => {}
                (guard, due) => same("try_lock", format!("{guard:?}"), format!("{due:?}")),
            },
            Op::Release if self.guard.is_some() => {
                self.guard = None;
                self.model.give_back(1);
            }
            _ => return false,
        }
        true
    }

    fn observe(&mut self) {
        self.book.observe();
    }

    fn check(&mut self) {
        balance("whether it is free", usize::from(!self.mutex.is_locked()), self.model.available);
        balance("waiters", self.mutex.waiters(), self.model.waiters());
        self.book.check(|waiting| self.model.is_at_rest(waiting) && self.model.wakes_nobody_else(waiting));
    }

    fn wind_up(&mut self) -> bool {
        match next_up(&self.places, |place| !self.book.is_asleep(place.id)) {
            Some((_, true)) if self.guard.is_some() => return self.step(Op::Release),
            Some((at, true)) => self.poll(at),
            Some((at, false)) => self.drop(at),
            None => return self.step(Op::Release),
        }
        true
    }

    fn state(&self) -> String {
        format!("{:?} {:?}", self.mutex, self.model)
    }
}
