//! The specification of a mailbox with slots.

use std::collections::VecDeque;

use super::super::{Answer, Id};
use super::line::{Line, Stage, Waiter, Want};
use sempost::Fairness;

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Slots {
    /// `None` is without bound.
    capacity: Option<usize>,
    /// Of the senders.
    fairness: Fairness,
    pub closed: bool,
    /// No receiver is left.
    deaf: bool,
    pub queue: VecDeque<u32>,
    permits: usize,
    /// Slots that sinks hold. When the mailbox closes, these are void, and so is what was granted to senders.
    held: usize,
    pub senders: Line,
    pub receivers: Line,
    /// Slots and messages that are left to seats which were told of them.
    slots_left: usize,
    messages_left: usize,
}

impl Slots {
    pub fn new(capacity: Option<usize>, fairness: Fairness) -> Self {
        Self {
            capacity,
            fairness,
            closed: false,
            deaf: false,
            queue: VecDeque::new(),
            permits: 0,
            held: 0,
            senders: Line::default(),
            receivers: Line::default(),
            slots_left: 0,
            messages_left: 0,
        }
    }

    pub fn free(&self) -> usize {
        let granted = || self.senders.at(Stage::Granted).map(|sender| sender.want.need()).sum::<usize>();
        let promised = if self.closed { 0 } else { self.held + granted() };
        let in_use = self.queue.len() + self.permits + promised;
        self.capacity.map_or(usize::MAX, |capacity| capacity.saturating_sub(in_use))
    }

    /// Messages that no receiver was granted.
    fn available(&self) -> usize {
        self.queue.len() - self.receivers.at(Stage::Granted).count()
    }

    fn is_terminal(&self) -> bool {
        self.closed && self.queue.is_empty() && self.permits == 0
    }

    fn push(&mut self, message: u32) -> Answer {
        self.queue.push_back(message);
        self.serve();
        Answer::Ok
    }

    fn pop(&mut self) -> Answer {
        let message = self.queue.pop_front().expect("there is one");
        self.serve();
        Answer::Value(message)
    }

    /// Grants what is there to those who wait, or tells them; ends the waits of those for whom there will be nothing.
    fn serve(&mut self) {
        if self.closed {
            self.senders.end();
            if self.is_terminal() {
                return self.receivers.end();
            }
        }
        self.slots_left = self.slots_left.min(self.free());
        self.messages_left = self.messages_left.min(self.available());
        loop {
            // After a close nothing is left to anybody: there may be no other wake-up.
            let left = if self.closed { 0 } else { self.messages_left };
            let there = self.available() > left;
            let Some(first) = self.receivers.sleeper().filter(|_| there) else { break };
            first.stage = if first.seat { Stage::Told } else { Stage::Granted };
            self.messages_left += usize::from(first.seat);
        }
        if self.barges() {
            return self.tell();
        }
        loop {
            let free = self.free().saturating_sub(self.slots_left);
            let Some(first) = self.senders.sleeper().filter(|first| first.want.need() <= free) else { break };
            first.stage = if first.seat { Stage::Told } else { Stage::Granted };
            self.slots_left += usize::from(first.seat);
        }
    }

    fn barges(&self) -> bool {
        self.fairness != Fairness::Fifo
    }

    /// Tells those in line, in order, of what is free: at most one for each half of the slots.
    fn tell(&mut self) {
        let free = if self.closed { 0 } else { self.free() };
        while self.senders.told_of() > free {
            self.senders.untell();
        }
        let each = (self.capacity.expect("it has slots") / 2).max(1);
        while free > self.senders.told_of() * each {
            let rest = free - self.senders.told_of();
            let Some(next) = self.senders.untold().filter(|next| next.want.need() <= rest) else { break };
            next.stage = Stage::Told;
        }
    }

    fn may_be_overtaken(&self) -> bool {
        match (self.senders.in_line().next(), self.fairness) {
            (None, _) | (_, Fairness::Unfair) => true,
            (Some(first), Fairness::Barging { overtakes }) => first.overtaken < overtakes,
            _ => false,
        }
    }

    /// A newcomer asks for slots. It passes nobody who sleeps, but for what is left to one who was told.
    pub fn ask(&mut self, want: Want) -> Answer {
        let need = want.need();
        if self.closed {
            Answer::Closed
        } else if need > 0 && self.barges() {
            if need > self.free() || !self.may_be_overtaken() {
                return Answer::Refused;
            }
            self.senders.overtake();
            self.fill(want)
        } else if need > self.free() || need > self.slots_left && self.senders.sleeper().is_some() {
            Answer::Refused
        } else {
            // Beside a sleeper it takes what was left to one who was told.
            let taken = if self.senders.sleeper().is_some() { need } else { 0 };
            self.slots_left = self.slots_left.saturating_sub(taken);
            self.fill(want)
        }
    }

    /// A slot is used for what it was wanted for.
    fn fill(&mut self, want: Want) -> Answer {
        match want {
            Want::Permits(slots) => self.permits += slots,
            Want::Slot => self.held += 1,
            Want::Send(message) => self.queue.push_back(message),
            Want::Receive => unreachable!("it wants a message"),
        }
        self.serve();
        Answer::Ok
    }

    pub fn receive(&mut self) -> Answer {
        if self.available() > 0 {
            self.pop()
        } else if self.is_terminal() {
            Answer::Closed
        } else {
            Answer::Refused
        }
    }

    pub fn receive_many(&mut self, limit: usize) -> Answer {
        let there = self.available();
        if limit > 0 && there == 0 {
            return if self.is_terminal() { Answer::Closed } else { Answer::Refused };
        }
        let messages = self.queue.drain(..limit.min(there)).collect();
        self.serve();
        Answer::Values(messages)
    }

    fn line(&mut self, receives: bool) -> &mut Line {
        if receives { &mut self.receivers } else { &mut self.senders }
    }

    pub fn start(&mut self, id: Id, want: Want, seat: bool) -> Answer {
        let answer = if want.receives() { self.receive() } else { self.ask(want) };
        if answer != Answer::Refused {
            return answer;
        }
        self.line(want.receives()).join(id, want, seat);
        if self.barges() {
            self.serve();
        }
        Answer::Pending
    }

    /// Where newcomers may pass, one who was not told of anything is like a newcomer to those before it.
    fn look(&mut self, sender: Waiter) -> bool {
        let told = sender.stage == Stage::Told;
        let first = self.senders.in_line().next().map(|first| first.id) == Some(sender.id);
        let may = told || !self.closed && sender.want.need() <= self.free() && (first || self.may_be_overtaken());
        if !may {
            self.senders.find(sender.id).expect("it waits").stage = Stage::Asleep;
        } else if !told && !first {
            self.senders.overtake();
        }
        may
    }

    /// What was left to one who was told is left to nobody any more.
    fn forget_told(&mut self, receives: bool) {
        let left = if receives { &mut self.messages_left } else { &mut self.slots_left };
        *left = left.saturating_sub(1);
    }

    pub fn poll(&mut self, id: Id) -> Answer {
        let waiter = *self.senders.find(id).or_else(|| self.receivers.find(id)).expect("it waits");
        let receives = waiter.want.receives();
        match waiter.stage {
            _ if !receives && self.barges() && waiter.is_in_line() => {
                if !self.look(waiter) {
                    return Answer::Pending;
                }
            }
            Stage::Asleep | Stage::Awake => return Answer::Pending,
            Stage::Told => {
                self.forget_told(receives);
                let there = if receives { self.available() } else { self.free() };
                if there == 0 {
                    self.line(receives).find(id).expect("it waits").stage = Stage::Asleep;
                    return Answer::Pending;
                }
            }
            Stage::Granted | Stage::Ended => {}
        }
        self.line(receives).remove(id);
        if waiter.stage == Stage::Ended || self.closed && !receives {
            Answer::Closed
        } else if receives {
            self.pop()
        } else {
            self.fill(waiter.want)
        }
    }

    pub fn cancel(&mut self, id: Id) -> bool {
        let waiter = *self.senders.find(id).or_else(|| self.receivers.find(id)).expect("it waits");
        let receives = waiter.want.receives();
        if waiter.stage == Stage::Told && (receives || !self.barges()) {
            self.forget_told(receives);
        }
        self.line(receives).remove(id);
        self.serve();
        false
    }

    pub fn is_told(&mut self, id: Id) -> bool {
        self.senders.find(id).is_some_and(|sender| matches!(sender.stage, Stage::Told | Stage::Awake))
    }

    /// Where there is no slot the oldest message makes way.
    pub fn force(&mut self, message: u32) -> Answer {
        if self.closed {
            return Answer::Closed;
        }
        let evicted = if self.free() > 0 { None } else { Some(self.queue.pop_front()) };
        match evicted {
            Some(None) => return Answer::Refused,
            _ => self.push(message),
        };
        evicted.flatten().map_or(Answer::Ok, Answer::Value)
    }

    pub fn use_held(&mut self, message: Option<u32>) {
        self.held -= 1;
        self.queue.extend(message);
        self.serve();
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
        let receiver = self.receivers.at(Stage::Asleep).next();
        if self.barges() {
            let first = self.senders.in_line().next();
            return first.is_none_or(|first| first.stage != Stage::Asleep || self.free() < first.want.need());
        }
        let sender = self.senders.at(Stage::Asleep).next();
        receiver.is_none_or(|_| self.available() <= self.receivers.told())
            && sender.is_none_or(|first| !self.closed && self.free() < first.want.need() + self.senders.told())
    }

    pub fn is_at_rest(&self, waiting: &[(Id, bool)]) -> bool {
        // In an unfair line one who was woken and does not come is not waited for: who else is woken is left open.
        let open = |waiter: &Waiter| self.fairness == Fairness::Unfair && !waiter.want.receives();
        Line::are_right([&self.senders, &self.receivers], waiting, open) && self.wakes_all_it_can()
    }
}
