//! The specification of a monitor: a door, two conditions, and those that were notified.

use std::collections::VecDeque;

use super::super::{Answer, Id, Spec, take};
use super::Op;

/// What a waiter was given; it goes on if the waiter is cancelled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Gift {
    /// It came to the door by itself.
    Nothing,
    /// A notification of this condition.
    Notification(usize),
    /// The same, with the monitor.
    Signal(usize),
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct House {
    occupied: bool,
    leaves: u32,
    door: VecDeque<(Id, Gift)>,
    /// Those that wait, and when the wait began.
    conditions: [VecDeque<(Id, u32)>; 2],
    begun: u32,
    /// Of each condition: how many waits had begun at its latest notification.
    latest: [u32; 2],
    /// Those that were notified, and of what.
    notified: VecDeque<(Id, usize)>,
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
        self.door.extend(self.notified.drain(..).map(|(id, condition)| (id, Gift::Notification(condition))));
    }

    /// A leave lets in the first at the door, which the notified join before. If none is there, it wakes the first of
    /// these.
    fn pass(&mut self) {
        if self.door.is_empty() {
            self.occupied = false;
            return self.wake_first();
        }
        self.requeue();
        self.admitted.extend(self.door.pop_front());
    }

    /// The first that waits for it, if it did so already at the latest notification.
    fn first(&mut self, condition: usize) -> Option<Id> {
        let line = &mut self.conditions[condition];
        if line.front()?.1 > self.latest[condition] { None } else { line.pop_front().map(|(id, _)| id) }
    }

    fn notify_many(&mut self, condition: usize, most: usize) -> usize {
        self.latest[condition] = self.begun;
        let notified: Vec<_> = (0..most).map_while(|_| self.first(condition)).collect();
        self.notified.extend(notified.iter().map(|&id| (id, condition)));
        notified.len()
    }

    fn pass_on(&mut self, condition: usize) {
        if let Some(heir) = self.first(condition) {
            self.notified.push_back((heir, condition));
        }
        if !self.occupied {
            self.wake_first();
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
            return self.seen();
        }
        let woken = take(&mut self.woken, |woken| *woken == id).is_some();
        match self.notified.front() {
            Some(&(first, condition)) if woken && first == id => {
                self.notified.pop_front();
                let locks = self.enter();
                if !locks {
                    self.door.push_back((id, Gift::Notification(condition)));
                }
                self.requeue();
                if locks { self.seen() } else { Answer::Pending }
            }
            _ => Answer::Pending,
        }
    }

    fn cancel(&mut self, id: Id) {
        self.woken.retain(|&woken| woken != id);
        self.conditions.iter_mut().for_each(|line| line.retain(|waiter| waiter.0 != id));
        if let Some(at) = self.notified.iter().position(|waiter| waiter.0 == id) {
            let (_, condition) = self.notified.remove(at).expect("it is there");
            self.pass_on(condition);
        }
        if let Some(at) = self.door.iter().position(|waiter| waiter.0 == id) {
            if let Some((_, Gift::Notification(condition))) = self.door.remove(at) {
                self.pass_on(condition);
            }
        }
        match take(&mut self.admitted, |admitted| admitted.0 == id).map(|admitted| admitted.1) {
            None => {}
            Some(Gift::Nothing) => self.pass(),
            Some(Gift::Notification(condition)) => {
                self.pass_on(condition);
                self.pass();
            }
            Some(Gift::Signal(condition)) => {
                self.signal(condition);
            }
        }
    }
}

impl Spec for House {
    type Op = Op;

    fn apply(&mut self, op: &Op) -> Answer {
        match *op {
            Op::Enter { .. } | Op::Try if self.enter() => self.seen(),
            Op::Try => Answer::Refused,
            Op::Enter { id } => {
                self.door.push_back((id, Gift::Nothing));
                Answer::Pending
            }
            Op::Block { .. } => unreachable!("it happens in halves"),
            Op::Wait { id, condition } => {
                self.begun += 1;
                self.leaves += 1;
                self.conditions[condition].push_back((id, self.begun));
                self.pass();
                Answer::Pending
            }
            Op::Poll { id } => self.poll(id),
            Op::Cancel { id } => {
                self.cancel(id);
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
            Op::Leave => {
                self.leaves += 1;
                self.pass();
                Answer::Ok
            }
            Op::IsOccupied => self.occupied.into(),
            Op::AtTheDoor => Answer::Count(self.door.len() + self.notified.len()),
            Op::Waiters { condition } => Answer::Count(self.conditions[condition].len()),
        }
    }

    // No waiter is woken for nothing: one that was notified is woken to lead, or when it is its turn to enter.
    fn is_at_rest(&self, waiting: &[(Id, bool)]) -> bool {
        let conditions = self.conditions.iter().map(VecDeque::len).sum::<usize>();
        let known = self.door.len() + conditions + self.notified.len() + self.admitted.len();
        let woken = |id| self.woken.contains(&id) || self.admitted.iter().any(|admitted| admitted.0 == id);
        known == waiting.len() && waiting.iter().all(|&(id, is_woken)| is_woken == woken(id))
    }
}
