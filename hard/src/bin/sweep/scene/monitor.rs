//! A monitor with two conditions, and three who enter and wait.

use std::task::Poll;

use hard::Arena;
use sempost::{Monitor, MonitorGuard, conditions};

use crate::fault::{Kind, balance, disagree, insist, same};
use crate::model::monitor::Monitor as Model;
use crate::op::{Op, each};
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
        let mut world = Monitored { monitor: &monitor, arena, model: Model::new(), places, guard, turns: 0 };
        if self.waiting {
            [Op::Try, Op::Wait(0), Op::Try, Op::Wait(0), Op::Try].into_iter().for_each(|op| assert!(world.step(op)));
        }
        body(&mut world);
    }
}

struct Monitored<'a> {
    monitor: &'a Monitor<u32, Cond>,
    arena: &'a mut Arena,
    model: Model,
    places: Places<Place<dyn Future<Output = Guard<'a>> + 'a>>,
    guard: Option<Guard<'a>>,
    /// How often it was entered, which is what it guards.
    turns: u32,
}

impl<'a> Monitored<'a> {
    fn entered(&mut self, mut guard: Guard<'a>) {
        insist(self.guard.is_none(), Kind::Doubled, || "two are inside".to_owned());
        *guard += 1;
        self.turns += 1;
        same("the data", *guard, self.turns);
        self.guard = Some(guard);
    }

    fn poll(&mut self, at: usize) {
        let (place, due) = match self.places[at].take() {
            Some(place) => {
                let due = self.model.poll(place.id);
                (place, due)
            }
            None => {
                let (id, due) = self.model.enter();
                (Place { future: Box::pin(self.monitor.enter()) as _, id }, due)
            }
        };
        self.poll_as(at, place, due);
    }

    fn poll_as(&mut self, at: usize, mut place: Place<dyn Future<Output = Guard<'a>> + 'a>, due: bool) {
        match (place.poll(&self.model.book), due) {
            (Poll::Ready(guard), true) => self.entered(guard),
            (Poll::Pending, false) => self.places[at] = Some(place),
            (answer, _) => disagree(&answer, if due { "inside" } else { "waits" }),
        }
    }

    fn drop(&mut self, at: usize) {
        self.model.drop(self.places[at].take().expect("it is there").id);
    }

    /// What only whoever is inside may do.
    fn inside(&mut self, op: Op) -> bool {
        let Some(guard) = self.guard.take() else { return false };
        match op {
            Op::Release => {
                drop(guard);
                self.model.leave();
            }
            Op::Turn(cond) => {
                drop(guard.wait(CONDS[cond]));
                self.model.leave();
            }
            Op::Wait(cond) => match self.places.iter().position(Option::is_none) {
                Some(at) => {
                    let id = self.model.wait(cond);
                    self.poll_as(at, Place { future: Box::pin(guard.wait(CONDS[cond])) as _, id }, false);
                }
                None => {
                    self.guard = Some(guard);
                    return false;
                }
            },
            Op::One(cond) => {
                same("notify_one", guard.notify_one(CONDS[cond]), self.model.notify(cond, 1) == 1);
                self.guard = Some(guard);
            }
            Op::All(cond) => {
                same("notify_all", guard.notify_all(CONDS[cond]), self.model.notify(cond, usize::MAX));
                self.guard = Some(guard);
            }
            Op::Signal(cond) => {
                same("signal_and_leave", guard.signal_and_leave(CONDS[cond]), self.model.signal_and_leave(cond));
            }
            _ => unreachable!("no such operation"),
        }
        true
    }
}

impl World for Monitored<'_> {
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
            Op::Try => match (self.monitor.try_enter(), self.model.try_enter()) {
                (Some(guard), true) => self.entered(guard),
                (None, false) => {}
                (guard, due) => same("try_enter", guard.is_some(), due),
            },
            inside => return self.inside(inside),
        }
        true
    }

    fn check(&mut self) {
        let occupied = self.monitor.is_occupied();
        balance("whether it is free", usize::from(!occupied), usize::from(!self.model.occupied));
        balance("who waits at the door", self.monitor.entering(), self.model.door.len());
        balance("who waits for A", self.monitor.waiters(Cond::A), self.model.lines[0].len());
        balance("who waits for B", self.monitor.waiters(Cond::B), self.model.lines[1].len());
        insist(occupied || self.model.door.is_empty(), Kind::Asleep, || {
            "somebody is at the door, nobody inside".to_owned()
        });
        self.model.book.check();
    }

    fn wind_up(&mut self) -> bool {
        match next_up(&self.places, |place| !self.model.book.is_asleep(place.id)) {
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
