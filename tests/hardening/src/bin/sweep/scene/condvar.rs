//! A condition variable with its mutex, and three who lock and wait, each until its deadline.

use std::cell::Cell;
use std::pin::Pin;
use std::task::{Context, Poll};

use hardening::Arena;
use hardening::spec::Answer;
use hardening::spec::condvar::{Conditional as Model, Due};
use sempost::{Condvar, Fairness, Mutex, MutexGuard, WaitTimeoutResult};

use crate::fault::{Kind, balance, disagree, insist, same};
use crate::op::{Op, each};
use crate::task::Book;
use crate::world::{Place, Places, Scene, World, next_up};

type Guard<'a> = MutexGuard<'a, u32>;

/// What a waiter answers: the guard, unless it was late, and how its wait for the condition ended, if it was one.
type Outcome<'a> = (Option<Guard<'a>>, Option<WaitTimeoutResult>);

type Waiter<'a> = Place<dyn Future<Output = Outcome<'a>> + 'a>;

pub struct Condvars {
    pub fairness: Fairness,
    /// Whether two wait at first, and somebody has the mutex: it takes many letters to get there.
    pub waiting: bool,
}

impl Scene for Condvars {
    fn name(&self) -> String {
        let fairness = match self.fairness {
            Fairness::Fifo => "",
            Fairness::Unfair => "unbounded-",
            _ => "barging-",
        };
        format!("{fairness}condvar{}", if self.waiting { "-waiting" } else { "" })
    }

    fn alphabet(&self) -> Vec<Op> {
        let others = [Op::Try, Op::Release, Op::Wait(0), Op::Turn(0), Op::One(0), Op::Two, Op::All(0)];
        each(&[Op::Poll, Op::Swap, Op::Late, Op::Drop, Op::Forget]).chain(others).collect()
    }

    fn play(&self, arena: &mut Arena, body: &mut dyn FnMut(&mut dyn World)) {
        let (mutex, condvar) = (Mutex::with_fairness(0, self.fairness), Condvar::new());
        let due = [const { Cell::new(false) }; 3];
        let mut world = Conditional {
            mutex: &mutex,
            condvar: &condvar,
            due: &due,
            arena,
            model: Model::new(self.fairness),
            book: Book::new(),
            places: [None, None, None],
            guard: None,
            turns: 0,
        };
        if self.waiting {
            [Op::Try, Op::Wait(0), Op::Try, Op::Wait(0), Op::Try].into_iter().for_each(|op| assert!(world.step(op)));
        }
        body(&mut world);
    }
}

/// A deadline that comes when it is told to, and wakes nobody.
struct Deadline<'a>(&'a Cell<bool>);

impl Future for Deadline<'_> {
    type Output = ();

    fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
        if self.0.get() { Poll::Ready(()) } else { Poll::Pending }
    }
}

struct Conditional<'a> {
    mutex: &'a Mutex<u32>,
    condvar: &'a Condvar,
    /// Whether the deadline has come of whoever is in that place.
    due: &'a [Cell<bool>; 3],
    arena: &'a mut Arena,
    model: Model,
    book: Book,
    places: Places<Waiter<'a>>,
    guard: Option<Guard<'a>>,
    /// How often it was locked, which is what the mutex guards.
    turns: u32,
}

impl<'a> Conditional<'a> {
    fn locked(&mut self, mut guard: Guard<'a>) {
        insist(self.guard.is_none(), Kind::Doubled, || "two have the mutex".to_owned());
        *guard += 1;
        self.turns += 1;
        same("the data", *guard, self.turns);
        self.guard = Some(guard);
    }

    /// Who comes here waits no longer than the place's deadline.
    fn deadline(&self, at: usize) -> Deadline<'a> {
        Deadline(&self.due[at])
    }

    /// Polls a waiter; one that is not there wants the mutex.
    fn poll(&mut self, at: usize, late: bool) {
        let (place, due) = match self.places[at].take() {
            Some(place) => {
                let due = self.model.poll(place.id);
                (place, due)
            }
            None => {
                let id = self.book.add();
                let due = self.model.lock(id);
                let waiting = self.mutex.lock().until(self.deadline(at));
                let future = Box::pin(async { (waiting.await.ok(), None) });
                (Place { future: future as _, id }, due)
            }
        };
        self.due[at].set(late);
        let due = if late && due.is_pending() { self.model.expire(place.id) } else { due };
        self.poll_as(at, place, due);
    }

    fn poll_as(&mut self, at: usize, mut place: Waiter<'a>, due: Due) {
        let answer = place.poll(&mut self.book);
        let real = match &answer {
            Poll::Ready((guard, ended)) => Poll::Ready((guard.is_some(), *ended)),
            Poll::Pending => Poll::Pending,
        };
        if real != due {
            disagree(&real, due);
        }
        match answer {
            Poll::Ready((guard, _)) => guard.into_iter().for_each(|guard| self.locked(guard)),
            Poll::Pending => self.places[at] = Some(place),
        }
    }

    fn drop(&mut self, at: usize) {
        let id = self.places[at].take().expect("it is there").id;
        self.book.leaves(id);
        self.model.cancel(id);
    }

    /// What only whoever has the mutex may do.
    fn inside(&mut self, op: Op) -> bool {
        let free = self.places.iter().position(Option::is_none);
        let Some(guard) = self.guard.take() else { return false };
        match op {
            Op::Release => {
                drop(guard);
                self.model.mutex.give_back(1);
            }
            Op::Turn(_) => {
                drop(self.condvar.wait(guard));
                self.model.mutex.give_back(1);
            }
            _ => {
                let Some(at) = free else {
                    self.guard = Some(guard);
                    return false;
                };
                let id = self.book.add();
                self.model.wait(id);
                self.due[at].set(false);
                let waiting = self.condvar.wait(guard).until(self.deadline(at));
                let future = Box::pin(async {
                    let (guard, ended) = waiting.await;
                    (Some(guard), Some(ended))
                });
                self.poll_as(at, Place { future: future as _, id }, Poll::Pending);
            }
        }
        true
    }
}

impl World for Conditional<'_> {
    fn step(&mut self, op: Op) -> bool {
        match op {
            Op::Poll(at) => self.poll(at, false),
            Op::Swap(at) | Op::Drop(at) | Op::Forget(at) if self.places[at].is_none() => return false,
            Op::Late(at) if self.places[at].is_none() => return false,
            Op::Late(at) => self.poll(at, true),
            Op::Swap(at) => {
                self.places[at].iter().for_each(|place| self.book.swap(place.id));
                self.poll(at, false);
            }
            Op::Drop(at) => self.drop(at),
            Op::Forget(at) => self.places[at].take().into_iter().for_each(|place| self.arena.forget(place.future)),
            Op::Try => match (self.mutex.try_lock(), self.model.mutex.attempt(1)) {
                (Some(guard), Answer::Ok) => self.locked(guard),
                (None, Answer::Refused) => {}
                (guard, due) => same("try_lock", format!("{guard:?}"), format!("{due:?}")),
            },
            Op::One(_) => same("notify_one", self.condvar.notify_one(), self.model.notify(1) == 1),
            Op::Two => same("notify_many(2)", self.condvar.notify_many(2), self.model.notify(2)),
            Op::All(_) => same("notify_all", self.condvar.notify_all(), self.model.notify(usize::MAX)),
            inside => return self.inside(inside),
        }
        true
    }

    fn observe(&mut self) {
        self.book.observe();
    }

    fn check(&mut self) {
        balance("whether it is free", usize::from(!self.mutex.is_locked()), self.model.mutex.available);
        balance("who waits for the mutex", self.mutex.waiters(), self.model.mutex.waiters());
        balance("who waits for the condition", self.condvar.waiters(), self.model.waiting());
        self.book.check(|waiting| self.model.is_at_rest(waiting));
    }

    fn wind_up(&mut self) -> bool {
        match next_up(&self.places, |place| !self.book.is_asleep(place.id)) {
            Some((_, true)) if self.guard.is_some() => return self.step(Op::Release),
            Some((at, true)) => self.poll(at, false),
            Some((at, false)) => self.drop(at),
            None => return self.step(Op::Release),
        }
        true
    }

    fn state(&self) -> String {
        format!("{:?} {:?} {:?}", self.mutex, self.condvar, self.model)
    }
}
