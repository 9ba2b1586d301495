//! The specification of a monitor: a door, and two conditions.

use std::collections::VecDeque;

use super::Op;
use crate::models::{Answer, Id, Spec, take};

/// What ended a wait for a condition: it passes to somebody else if the waiter is cancelled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Gift {
    /// It came to the door by itself.
    Nothing,
    /// For those who waited when so many waits had begun.
    Notification { condition: usize, at: u32 },
    /// The same, with the monitor.
    Signal { condition: usize, at: u32 },
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct House {
    occupied: bool,
    leaves: u32,
    door: VecDeque<(Id, Option<Gift>)>,
    /// Who waits, and when the wait began.
    conditions: [VecDeque<(Id, u32)>; 2],
    begun: u32,
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

    /// Whoever leaves lets in the first at the door.
    fn pass(&mut self) {
        match self.door.pop_front() {
            None => self.occupied = false,
            Some((id, gift)) => self.admitted.push((id, gift.unwrap_or(Gift::Nothing))),
        }
    }

    /// The first who waits for it, if it did so already `at` that time.
    fn first(&mut self, condition: usize, at: u32) -> Option<Id> {
        let line = &mut self.conditions[condition];
        if line.front()?.1 > at { None } else { line.pop_front().map(|(id, _)| id) }
    }

    fn notify(&mut self, condition: usize, at: u32) -> bool {
        let first = self.first(condition, at);
        self.door.extend(first.map(|id| (id, Some(Gift::Notification { condition, at }))));
        first.is_some()
    }

    fn signal(&mut self, condition: usize, at: u32) -> bool {
        let first = self.first(condition, at);
        match first {
            Some(id) => self.admitted.push((id, Gift::Signal { condition, at })),
            None => self.pass(),
        }
        first.is_some()
    }

    fn cancel(&mut self, id: Id) {
        for line in &mut self.conditions {
            line.retain(|waiter| waiter.0 != id);
        }
        if let Some(&(_, gift)) = self.door.iter().find(|waiter| waiter.0 == id) {
            if let Some(Gift::Notification { condition, at }) = gift {
                self.notify(condition, at);
            }
            self.door.retain(|waiter| waiter.0 != id);
        }
        match take(&mut self.admitted, |admitted| admitted.0 == id).map(|admitted| admitted.1) {
            None => {}
            Some(Gift::Nothing) => self.pass(),
            Some(Gift::Notification { condition, at }) => {
                self.notify(condition, at);
                self.pass();
            }
            Some(Gift::Signal { condition, at }) => {
                self.signal(condition, at);
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
                self.door.push_back((id, None));
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
            Op::Poll { id } => match take(&mut self.admitted, |admitted| admitted.0 == id) {
                Some(_) => self.seen(),
                None => Answer::Pending,
            },
            Op::Cancel { id } => {
                self.cancel(id);
                Answer::Ok
            }
            Op::NotifyOne { condition } => self.notify(condition, self.begun).into(),
            Op::NotifyAll { condition } => {
                let all = (0..).take_while(|_| self.notify(condition, self.begun)).count();
                Answer::Count(all)
            }
            Op::SignalAndLeave { condition } => {
                self.leaves += 1;
                self.signal(condition, self.begun).into()
            }
            Op::Leave => {
                self.leaves += 1;
                self.pass();
                Answer::Ok
            }
            Op::IsOccupied => self.occupied.into(),
            Op::AtTheDoor => Answer::Count(self.door.len()),
            Op::Waiters { condition } => Answer::Count(self.conditions[condition].len()),
        }
    }

    // Nobody is woken for nothing: a notified waiter is woken when it is its turn to enter.
    fn is_at_rest(&self, waiting: &[(Id, bool)]) -> bool {
        let known = self.door.len() + self.conditions.iter().map(VecDeque::len).sum::<usize>() + self.admitted.len();
        known == waiting.len()
            && waiting.iter().all(|(id, woken)| *woken == self.admitted.iter().any(|admitted| admitted.0 == *id))
    }
}
