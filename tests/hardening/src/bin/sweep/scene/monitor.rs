//! A monitor with two conditions, and three who enter and wait.

use std::task::Poll;

use hardening::Arena;
use hardening::spec::monitor::{House, Op as Ask};
use hardening::spec::{Answer, Spec};
use sempost::{Monitor, MonitorGuard, conditions};

use crate::fault::{Kind, count, disagree, insist, same};
use crate::op::{Op, each};
use crate::task::Book;
use crate::world::{Place, Places, Scene, World, next_up};

conditions! { enum Cond { A, B } }

const CONDS: [Cond; 2] = [Cond::A, Cond::B];

type Guard<'a> = MonitorGuard<'a, u32, Cond>;

pub struct Monitors {
    /// Whether two wait for A at first, and somebody is inside: it takes many letters to get there.
    pub waiting: bool,
}

impl Scene for Monitors {
    fn name(&self) -> String {
        if self.waiting { "monitor-waiting".to_owned() } else { "monitor".to_owned() }
    }

    fn alphabet(&self) -> Vec<Op> {
        let inside =
            [Op::Wait(0), Op::Wait(1), Op::Turn(0), Op::One(0), Op::One(1), Op::All(0), Op::Signal(0), Op::Signal(1)];
        each(&[Op::Poll, Op::Swap, Op::Drop, Op::Forget]).chain([Op::Try, Op::Release]).chain(inside).collect()
    }

    fn play(&self, arena: &mut Arena, body: &mut dyn FnMut(&mut dyn World)) {
        let monitor = Monitor::new(0);
        let (places, guard) = ([None, None, None], None);
        let mut world =
            Monitored { monitor: &monitor, arena, model: House::default(), book: Book::new(), places, guard };
        if self.waiting {
            [Op::Try, Op::Wait(0), Op::Try, Op::Wait(0), Op::Try].into_iter().for_each(|op| assert!(world.step(op)));
        }
        body(&mut world);
    }
}

struct Monitored<'a> {
    monitor: &'a Monitor<u32, Cond>,
    arena: &'a mut Arena,
    model: House,
    book: Book,
    places: Places<Place<dyn Future<Output = Guard<'a>> + 'a>>,
    guard: Option<Guard<'a>>,
}

impl<'a> Monitored<'a> {
    /// What somebody who has entered sees: how often it was left.
    fn entered(&mut self, guard: Guard<'a>) -> Answer {
        insist(self.guard.is_none(), Kind::Doubled, || "two are inside".to_owned());
        Answer::Value(**self.guard.insert(guard))
    }

    fn poll(&mut self, at: usize) {
        let (place, ask) = match self.places[at].take() {
            Some(place) => {
                let id = place.id;
                (place, Ask::Poll { id })
            }
            None => {
                let id = self.book.add();
                (Place { future: Box::pin(self.monitor.enter()) as _, id }, Ask::Enter { id })
            }
        };
        self.poll_as(at, place, ask);
    }

    fn poll_as(&mut self, at: usize, mut place: Place<dyn Future<Output = Guard<'a>> + 'a>, ask: Ask) {
        let due = self.model.apply(&ask);
        match place.poll(&mut self.book) {
            Poll::Ready(guard) => same("polled", self.entered(guard), due),
            Poll::Pending if due == Answer::Pending => self.places[at] = Some(place),
            answer => disagree(&answer, due),
        }
    }

    fn drop(&mut self, at: usize) {
        let id = self.places[at].take().expect("it is there").id;
        self.book.leaves(id);
        self.model.apply(&Ask::Cancel { id });
    }

    /// What only whoever is inside may do.
    fn inside(&mut self, op: Op) -> bool {
        let free = self.places.iter().position(Option::is_none);
        let Some(mut guard) = self.guard.take() else { return false };
        if matches!(op, Op::Wait(_)) && free.is_none() {
            self.guard = Some(guard);
            return false;
        }
        *guard += u32::from(!matches!(op, Op::One(_) | Op::All(_)));
        let (answer, ask) = match op {
            Op::Release => {
                drop(guard);
                (Answer::Ok, Ask::Leave)
            }
            Op::Turn(condition) => {
                drop(guard.wait(CONDS[condition]));
                (Answer::Ok, Ask::Leave)
            }
            Op::Wait(condition) => {
                let id = self.book.add();
                let future = Box::pin(guard.wait(CONDS[condition]));
                let at = free.expect("there is a place");
                self.poll_as(at, Place { future: future as _, id }, Ask::Wait { id, condition });
                return true;
            }
            Op::One(condition) => {
                let answer = guard.notify_one(CONDS[condition]).into();
                self.guard = Some(guard);
                (answer, Ask::NotifyOne { condition })
            }
            Op::All(condition) => {
                let answer = Answer::Count(guard.notify_all(CONDS[condition]));
                self.guard = Some(guard);
                (answer, Ask::NotifyAll { condition })
            }
            Op::Signal(condition) => {
                (guard.signal_and_leave(CONDS[condition]).into(), Ask::SignalAndLeave { condition })
            }
            _ => unreachable!("no such operation"),
        };
        same("inside", answer, self.model.apply(&ask));
        true
    }
}

impl World for Monitored<'_> {
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
            Op::Try => {
                let guard = self.monitor.try_enter();
                let answer = guard.map_or(Answer::Refused, |guard| self.entered(guard));
                same("try_enter", answer, self.model.apply(&Ask::Try));
            }
            inside => return self.inside(inside),
        }
        true
    }

    fn observe(&mut self) {
        self.book.observe();
    }

    fn check(&mut self) {
        let counts = [
            (Ask::IsOccupied, usize::from(self.monitor.is_occupied())),
            (Ask::AtTheDoor, self.monitor.entering()),
            (Ask::Waiters { condition: 0 }, self.monitor.waiters(Cond::A)),
            (Ask::Waiters { condition: 1 }, self.monitor.waiters(Cond::B)),
        ];
        for (ask, real) in counts {
            count(&ask, real, self.model.apply(&ask));
        }
        self.book.check(|waiting| self.model.is_at_rest(waiting));
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
        format!("{:?} {:?}", self.monitor, self.model)
    }
}
