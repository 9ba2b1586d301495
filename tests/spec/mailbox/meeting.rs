//! The specification of a mailbox without slots.
//!
//! A sender holds its message out until a receiver takes it. A receiver is *told*, never granted: it looks when it is
//! polled, and keeps its place if there is nothing. A reservation sets one receiver aside, so that a message that does
//! not wait can be sent to it.

use std::collections::VecDeque;

use super::super::{Answer, Id};
use super::line::{Line, Stage, Want};

#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Meeting {
    pub closed: bool,
    /// No receiver is left.
    deaf: bool,
    /// What was sent to a receiver that waited, and not taken yet.
    pub queue: VecDeque<u32>,
    permits: usize,
    /// One who is granted has had its message taken, or has a receiver set aside. When the mailbox closes, the latter
    /// is void.
    pub senders: Line,
    pub receivers: Line,
}

impl Meeting {
    /// Receivers that are kept for permits, and for reservations that are granted and not permits yet.
    fn kept(&self) -> usize {
        let set_aside = self.senders.at(Stage::Granted).filter(|sender| sender.want.message().is_none()).count();
        self.permits + if self.closed { 0 } else { set_aside }
    }

    /// Messages that are held out before the first reservation; only the head counts when there is one.
    fn held_out(&self) -> usize {
        let mut offers = self.senders.in_line().map(|sender| sender.want.message().is_some());
        if offers.clone().all(|offer| offer) { offers.count() } else { usize::from(offers.next() == Some(true)) }
    }

    /// Receivers that nobody has set aside or sent something to.
    fn receivers_left(&self) -> usize {
        self.receivers.waiting().saturating_sub(self.queue.len() + self.kept())
    }

    pub fn free(&self) -> usize {
        0
    }

    fn may_meet(&self) -> bool {
        self.senders.waiting() == 0 && self.receivers_left() > 0
    }

    fn is_terminal(&self) -> bool {
        self.closed && self.queue.is_empty() && self.permits == 0
    }

    fn serve(&mut self) {
        if self.closed {
            self.senders.end();
            if self.is_terminal() {
                return self.receivers.end();
            }
        }
        while self.set_one_aside() || self.tell_one() {}
    }

    fn set_one_aside(&mut self) -> bool {
        let left = self.receivers_left() > 0;
        let head = self.senders.head().filter(|head| left && head.want.message().is_none());
        head.map(|head| head.stage = Stage::Granted).is_some()
    }

    /// For a queued message anybody is told, for one that is held out only who is not kept for a permit.
    fn tell_one(&mut self) -> bool {
        let told = self.receivers.told();
        let asleep = self.receivers.waiting() - told;
        let wanted = self.queue.len() > told || asleep > self.kept() && self.queue.len() + self.held_out() > told;
        let first = self.receivers.sleeper().filter(|_| wanted);
        first.map(|first| first.stage = Stage::Told).is_some()
    }

    fn take_oldest(&mut self) -> u32 {
        let message = self.queue.pop_front().unwrap_or_else(|| {
            let head = self.senders.head().expect("there is a message");
            head.stage = Stage::Granted;
            head.want.message().expect("it holds one out")
        });
        self.serve();
        message
    }

    /// How many messages a newcomer may take: what nobody was told of.
    fn offered(&self) -> usize {
        let told = self.receivers.told();
        let all_kept = self.receivers.waiting() - told <= self.kept();
        let held_out = if all_kept { self.held_out() } else { 0 };
        (self.queue.len() + held_out).saturating_sub(told)
    }

    pub fn receive_many(&mut self, limit: usize) -> Answer {
        let there = self.offered().min(limit);
        if limit > 0 && there == 0 {
            return if self.is_terminal() { Answer::Closed } else { Answer::Refused };
        }
        Answer::Values((0..there).map(|_| self.take_oldest()).collect())
    }

    pub fn receive(&mut self) -> Answer {
        if self.offered() > 0 {
            Answer::Value(self.take_oldest())
        } else if self.is_terminal() {
            Answer::Closed
        } else {
            Answer::Refused
        }
    }

    fn push(&mut self, message: u32) -> Answer {
        self.queue.push_back(message);
        self.serve();
        Answer::Ok
    }

    /// What does not wait is sent to a receiver that does, or sets one aside.
    pub fn ask(&mut self, want: Want) -> Answer {
        match want {
            _ if self.closed => Answer::Closed,
            Want::Permits(0) => Answer::Ok,
            _ if !self.may_meet() => Answer::Refused,
            Want::Send(message) => self.push(message),
            want => {
                self.permits += want.need();
                Answer::Ok
            }
        }
    }

    pub fn force(&mut self, message: u32) -> Answer {
        self.ask(Want::Send(message))
    }

    pub fn start(&mut self, id: Id, want: Want, seat: bool) -> Answer {
        let answer = match want {
            Want::Receive => self.receive(),
            Want::Send(_) if self.closed => Answer::Closed,
            // A meeting needs both: it always waits.
            Want::Send(_) => Answer::Refused,
            want => self.ask(want),
        };
        if answer != Answer::Refused {
            return answer;
        }
        if want.receives() { &mut self.receivers } else { &mut self.senders }.join(id, want, seat);
        self.serve();
        Answer::Pending
    }

    pub fn poll(&mut self, id: Id) -> Answer {
        if let Some(&mut sender) = self.senders.find(id) {
            if sender.stage == Stage::Asleep {
                return Answer::Pending;
            }
            self.senders.remove(id);
            let void = self.closed && sender.want.message().is_none();
            if sender.stage == Stage::Ended || void {
                return Answer::Closed;
            }
            self.permits += if sender.want.message().is_none() { sender.want.need() } else { 0 };
            return Answer::Ok;
        }
        let stage = self.receivers.find(id).expect("it waits").stage;
        let for_it = self.receivers.waiting() > self.kept() && self.held_out() > 0;
        match stage {
            Stage::Ended => {
                self.receivers.remove(id);
                Answer::Closed
            }
            Stage::Told if !self.queue.is_empty() || for_it => {
                self.receivers.remove(id);
                Answer::Value(self.take_oldest())
            }
            Stage::Told => {
                self.receivers.find(id).expect("it waits").stage = Stage::Asleep;
                self.serve();
                Answer::Pending
            }
            _ => Answer::Pending,
        }
    }

    /// Answers whether a message that it held out was taken before.
    pub fn cancel(&mut self, id: Id) -> bool {
        let taken =
            |sender: &mut _| matches!(sender, super::line::Waiter { stage: Stage::Granted, want: Want::Send(_), .. });
        let late = self.senders.find(id).is_some_and(taken);
        self.senders.remove(id);
        self.receivers.remove(id);
        self.serve();
        late
    }

    pub fn is_told(&mut self, _: Id) -> bool {
        false
    }

    pub fn use_permit(&mut self, message: u32) -> Answer {
        self.permits -= 1;
        if self.deaf { Answer::Closed } else { self.push(message) }
    }

    pub fn drop_permits(&mut self, slots: usize) -> Answer {
        self.permits -= slots;
        self.serve();
        Answer::Ok
    }

    pub fn close(&mut self) -> Answer {
        let first = !std::mem::replace(&mut self.closed, true);
        self.serve();
        first.into()
    }

    pub fn deafen(&mut self) {
        self.deaf = true;
        self.queue.clear();
        self.close();
    }

    /// The specification itself leaves nobody asleep beside what it waits for.
    fn wakes_all_it_can(&self) -> bool {
        let told = self.receivers.told();
        let lone = self.kept() == 0 && self.queue.len() + self.held_out() > told;
        self.receivers.at(Stage::Asleep).next().is_none() || !lone && self.queue.len() <= told
    }

    pub fn is_at_rest(&self, waiting: &[(Id, bool)]) -> bool {
        Line::are_right([&self.senders, &self.receivers], waiting, |_| false) && self.wakes_all_it_can()
    }
}
