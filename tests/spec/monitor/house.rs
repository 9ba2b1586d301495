//! The specification of a monitor: a door, two conditions, predicates, and those that were notified.

use std::collections::VecDeque;

use super::super::{Answer, Id, Spec, take};
use super::Op;
use super::seats::Seats;

/// What a waiter was given; it goes on if the waiter is cancelled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Gift {
    /// It came to the door by itself.
    Nothing,
    /// A notification of this condition.
    Notification(usize),
    /// The same, with the monitor.
    Signal(usize),
    /// Somebody who left found that its predicate holds.
    Call,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct House {
    occupied: bool,
    leaves: u32,
    /// What predicates are about.
    level: u32,
    door: VecDeque<(Id, Gift)>,
    /// Those that wait, and when the wait began.
    conditions: [VecDeque<(Id, u32)>; 2],
    begun: u32,
    /// Of each condition: how many waits had begun at its latest notification.
    latest: [u32; 2],
    /// Who will ask for a predicate, and has not been inside.
    hopes: Vec<(Id, u32)>,
    seats: Seats,
    /// Those that were notified, and of what.
    notified: VecDeque<(Id, Gift)>,
    /// How many of these, from the front, come before the door: they were there when one of them last entered.
    led: usize,
    /// Of these one that was woken, and has not been polled since. It may be at the door by now.
    woken: Vec<Id>,
    /// Who is inside and does not know it yet; at most one.
    admitted: Vec<(Id, Gift)>,
}

impl House {
    fn enter(&mut self) -> bool {
        !std::mem::replace(&mut self.occupied, true)
    }

    fn seen(&self) -> Answer {
        Answer::Value(self.leaves)
    }

    fn wake_first(&mut self) {
        if let Some(&(first, _)) = self.notified.front() {
            if !self.woken.contains(&first) {
                self.woken.push(first);
            }
        }
    }

    fn requeue(&mut self) {
        self.door.extend(self.notified.drain(..));
        self.led = 0;
    }

    /// A leave asks the predicates. If nobody is at the door, it wakes the first of the notified. Otherwise it lets in
    /// the first of those that come before the door, or the first at the door, which the other notified join before.
    fn pass(&mut self) {
        let called = self.seats.call(self.level);
        self.notified.extend(called.map(|id| (id, Gift::Call)));
        if self.door.is_empty() {
            self.occupied = false;
            return self.wake_first();
        }
        if self.led > 0 {
            self.led -= 1;
            return self.admitted.extend(self.notified.pop_front());
        }
        self.requeue();
        self.admitted.extend(self.door.pop_front());
    }

    /// Somebody is inside. If it waits for a predicate that does not hold, it leaves, and sleeps in its seat.
    fn inside(&mut self, id: Id) -> Answer {
        let hope = take(&mut self.hopes, |hope| hope.0 == id).map(|hope| hope.1);
        let Some(need) = hope.or(self.seats.enters(id)) else { return self.seen() };
        if self.level & need != 0 {
            self.seats.leaves(id);
            return self.seen();
        }
        self.seats.sleeps(id, need);
        self.pass();
        Answer::Pending
    }

    /// Somebody comes to the door.
    fn come(&mut self, id: Id) -> Answer {
        if self.enter() {
            return self.inside(id);
        }
        self.door.push_back((id, Gift::Nothing));
        Answer::Pending
    }

    /// The first that waits for it, if it did so already at the latest notification.
    fn first(&mut self, condition: usize) -> Option<Id> {
        let line = &mut self.conditions[condition];
        if line.front()?.1 > self.latest[condition] { None } else { line.pop_front().map(|(id, _)| id) }
    }

    fn notify_many(&mut self, condition: usize, most: usize) -> usize {
        self.latest[condition] = self.begun;
        let notified: Vec<_> = (0..most).map_while(|_| self.first(condition)).collect();
        self.notified.extend(notified.iter().map(|&id| (id, Gift::Notification(condition))));
        notified.len()
    }

    /// What was given goes on, except a call: see `cancel`.
    fn pass_on(&mut self, gift: Gift) {
        let Gift::Notification(condition) = gift else { return };
        if let Some(heir) = self.first(condition) {
            self.notified.push_back((heir, gift));
        }
    }

    fn signal(&mut self, condition: usize) -> bool {
        let first = self.first(condition);
        match first {
            Some(id) => self.admitted.push((id, Gift::Signal(condition))),
            None => self.pass(),
        }
        first.is_some()
    }

    fn poll(&mut self, id: Id) -> Answer {
        if take(&mut self.admitted, |admitted| admitted.0 == id).is_some() {
            self.woken.retain(|&woken| woken != id);
            return self.inside(id);
        }
        let woken = take(&mut self.woken, |woken| *woken == id).is_some();
        match self.notified.front() {
            Some(&(first, gift)) if woken && first == id => {
                self.notified.pop_front();
                if self.enter() {
                    self.led = self.notified.len();
                    return self.inside(id);
                }
                self.door.push_back((id, gift));
                self.requeue();
                Answer::Pending
            }
            _ => Answer::Pending,
        }
    }

    fn cancel(&mut self, id: Id) {
        self.woken.retain(|&woken| woken != id);
        self.hopes.retain(|hope| hope.0 != id);
        self.conditions.iter_mut().for_each(|line| line.retain(|waiter| waiter.0 != id));
        self.led -= usize::from(self.notified.iter().take(self.led).any(|waiter| waiter.0 == id));
        let lines = [&mut self.notified, &mut self.door];
        let given = lines.into_iter().find_map(|line| {
            let at = line.iter().position(|waiter| waiter.0 == id)?;
            line.remove(at)
        });
        given.into_iter().for_each(|(_, gift)| self.pass_on(gift));
        if !self.occupied {
            self.wake_first();
        }
        match take(&mut self.admitted, |admitted| admitted.0 == id).map(|admitted| admitted.1) {
            None => {}
            Some(Gift::Signal(condition)) => _ = self.signal(condition),
            Some(gift) => {
                self.pass_on(gift);
                self.pass();
            }
        }
        // Whoever is inside asks. If nobody is, this one enters for that.
        if self.seats.gives_up(id) && self.enter() {
            self.pass();
        }
    }
}

impl Spec for House {
    type Op = Op;

    fn apply(&mut self, op: &Op) -> Answer {
        match *op {
            Op::Enter { id } => self.come(id),
            Op::EnterWhen { id, need } => {
                self.hopes.push((id, need));
                self.come(id)
            }
            Op::Try if self.enter() => self.seen(),
            Op::TryWhen { need } if self.enter() => {
                if self.level & need != 0 {
                    return self.seen();
                }
                self.pass();
                Answer::Refused
            }
            Op::Try | Op::TryWhen { .. } => Answer::Refused,
            Op::Block { .. } => unreachable!("it happens in halves"),
            Op::Wait { id, condition } => {
                self.begun += 1;
                self.leaves += 1;
                self.conditions[condition].push_back((id, self.begun));
                self.pass();
                Answer::Pending
            }
            Op::WaitFor { id, need } => {
                self.leaves += 1;
                self.hopes.push((id, need));
                self.inside(id)
            }
            Op::Poll { id } => self.poll(id),
            Op::Cancel { id } => {
                self.cancel(id);
                Answer::Ok
            }
            Op::Set { level } | Op::SetAndTouch { level } => {
                self.level = level;
                self.seats.touch();
                Answer::Ok
            }
            Op::NotifyOne { condition } => (self.notify_many(condition, 1) == 1).into(),
            Op::NotifyMany { condition, most } => Answer::Count(self.notify_many(condition, most)),
            Op::NotifyAll { condition } => Answer::Count(self.notify_many(condition, usize::MAX)),
            Op::SignalAndLeave { condition } => {
                self.leaves += 1;
                self.latest[condition] = self.begun;
                self.signal(condition).into()
            }
            Op::Leave | Op::Turn => {
                self.leaves += 1;
                self.pass();
                Answer::Ok
            }
            Op::IsOccupied => self.occupied.into(),
            Op::AtTheDoor => Answer::Count(self.door.len() + self.notified.len()),
            Op::Waiters { condition } => Answer::Count(self.conditions[condition].len()),
            Op::Predicates => Answer::Count(self.seats.len()),
        }
    }

    // No waiter is woken for nothing: one that was notified is woken to lead, or when it is its turn to enter.
    fn is_at_rest(&self, waiting: &[(Id, bool)]) -> bool {
        let asleep = self.conditions.iter().map(VecDeque::len).sum::<usize>() + self.seats.uncalled();
        let known = self.door.len() + asleep + self.notified.len() + self.admitted.len();
        let woken = |id| self.woken.contains(&id) || self.admitted.iter().any(|admitted| admitted.0 == id);
        known == waiting.len() && waiting.iter().all(|&(id, is_woken)| is_woken == woken(id))
    }
}
