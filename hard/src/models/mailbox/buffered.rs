//! The specification of a mailbox with slots.

use std::collections::VecDeque;

use super::Op;
use super::spec::Want;
use crate::models::{Answer, Id, Spec, take};

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Buffered {
    /// `None` is without bound.
    capacity: Option<usize>,
    closed: bool,
    queue: VecDeque<u32>,
    permits: usize,
    senders: VecDeque<(Id, Want)>,
    receivers: VecDeque<Id>,
    /// Senders that were granted a slot. When the mailbox closes, that is void.
    slots: Vec<(Id, Want)>,
    /// Receivers that were granted whatever is then at the front.
    claims: Vec<Id>,
    /// Whose wait was ended by the close.
    ended: Vec<Id>,
}

impl Buffered {
    pub fn new(capacity: Option<usize>) -> Self {
        Self {
            capacity,
            closed: false,
            queue: VecDeque::new(),
            permits: 0,
            senders: VecDeque::new(),
            receivers: VecDeque::new(),
            slots: Vec::new(),
            claims: Vec::new(),
            ended: Vec::new(),
        }
    }

    fn in_use(&self) -> usize {
        self.queue.len()
            + self.permits
            + if self.closed { 0 } else { self.slots.iter().map(|slot| slot.1.need()).sum() }
    }

    fn free(&self) -> usize {
        self.capacity.map_or(usize::MAX, |capacity| capacity.saturating_sub(self.in_use()))
    }

    fn push(&mut self, message: u32) {
        self.queue.push_back(message);
        self.serve();
    }

    fn pop(&mut self) -> Answer {
        let message = self.queue.pop_front().expect("there is one");
        self.serve();
        Answer::Value(message)
    }

    fn pop_many(&mut self, limit: usize) -> Answer {
        let there = self.queue.len() - self.claims.len();
        if limit > 0 && there == 0 {
            return if self.is_terminal() { Answer::Closed } else { Answer::Refused };
        }
        let messages = self.queue.drain(..limit.min(there)).collect();
        self.serve();
        Answer::Values(messages)
    }

    /// Grants what is there to those who wait; ends the waits of those for whom there will be nothing.
    fn serve(&mut self) {
        if self.closed {
            self.ended.extend(self.senders.drain(..).map(|sender| sender.0));
            if self.is_terminal() {
                self.ended.extend(self.receivers.drain(..));
            }
        }
        while self.queue.len() > self.claims.len() {
            let Some(id) = self.receivers.pop_front() else { break };
            self.claims.push(id);
        }
        while self.senders.front().is_some_and(|first| first.1.need() <= self.free()) {
            self.slots.extend(self.senders.pop_front());
        }
    }

    fn is_terminal(&self) -> bool {
        self.closed && self.queue.is_empty() && self.permits == 0
    }

    /// A newcomer asks for a slot.
    fn ask(&mut self, want: Want) -> Answer {
        // Without bound there is always a slot.
        if self.closed {
            Answer::Closed
        } else if want.need() > self.free() || want.need() > 0 && !self.senders.is_empty() {
            Answer::Refused
        } else {
            self.fill(want)
        }
    }

    /// A slot is used for what it was wanted for.
    fn fill(&mut self, want: Want) -> Answer {
        match want {
            Want::Permits(slots) => self.permits += slots,
            Want::Send(message) => self.push(message),
        }
        Answer::Ok
    }

    fn start(&mut self, id: Id, want: Want) -> Answer {
        match self.ask(want) {
            Answer::Refused => {
                self.senders.push_back((id, want));
                Answer::Pending
            }
            answer => answer,
        }
    }

    fn receive(&mut self) -> Answer {
        if self.queue.len() > self.claims.len() {
            self.pop()
        } else if self.is_terminal() {
            Answer::Closed
        } else {
            Answer::Refused
        }
    }

    fn poll(&mut self, id: Id) -> Answer {
        if let Some((_, want)) = take(&mut self.slots, |slot| slot.0 == id) {
            return if self.closed { Answer::Closed } else { self.fill(want) };
        }
        if take(&mut self.claims, |claim| *claim == id).is_some() {
            return self.pop();
        }
        if take(&mut self.ended, |ended| *ended == id).is_some() { Answer::Closed } else { Answer::Pending }
    }

    fn cancel(&mut self, id: Id) {
        self.senders.retain(|sender| sender.0 != id);
        self.receivers.retain(|receiver| *receiver != id);
        self.slots.retain(|slot| slot.0 != id);
        self.claims.retain(|claim| *claim != id);
        self.ended.retain(|ended| *ended != id);
        self.serve();
    }
}

impl Spec for Buffered {
    type Op = Op;

    fn apply(&mut self, op: &Op) -> Answer {
        match *op {
            Op::Send { id, message } => self.start(id, Want::Send(message)),
            Op::Reserve { id, need } => self.start(id, Want::Permits(need)),
            Op::Receive { id } => match self.receive() {
                Answer::Refused => {
                    self.receivers.push_back(id);
                    Answer::Pending
                }
                answer => answer,
            },
            Op::Poll { id } => self.poll(id),
            Op::Cancel { id } => {
                self.cancel(id);
                Answer::Ok
            }
            Op::BlockSend { .. } | Op::BlockReceive { .. } => unreachable!("they happen in halves"),
            Op::TrySend { message } => self.ask(Want::Send(message)),
            Op::TryReserve { need } => self.ask(Want::Permits(need)),
            Op::TryReceive => self.receive(),
            Op::ReceiveMany { limit, .. } => self.pop_many(limit),
            Op::Force { .. } if self.closed => Answer::Closed,
            Op::Force { message } => {
                let evicted = if self.free() > 0 { None } else { Some(self.queue.pop_front()) };
                match evicted {
                    Some(None) => return Answer::Refused,
                    _ => self.push(message),
                }
                evicted.flatten().map_or(Answer::Ok, Answer::Value)
            }
            Op::UsePermit { message } => {
                self.permits -= 1;
                self.push(message);
                Answer::Ok
            }
            Op::DropPermits { slots } => {
                self.permits -= slots;
                self.serve();
                Answer::Ok
            }
            Op::Close => {
                let first = !std::mem::replace(&mut self.closed, true);
                self.serve();
                first.into()
            }
            Op::Len => Answer::Count(self.queue.len()),
            Op::Remaining => Answer::Count(self.free()),
            Op::Senders => Answer::Count(self.senders.len()),
            Op::Receivers => Answer::Count(self.receivers.len()),
        }
    }

    // Nobody is woken for nothing.
    fn is_at_rest(&self, waiting: &[(Id, bool)]) -> bool {
        let told = |id: Id| {
            self.slots.iter().any(|slot| slot.0 == id) || self.claims.contains(&id) || self.ended.contains(&id)
        };
        let known = self.slots.len() + self.claims.len() + self.ended.len();
        known + self.senders.len() + self.receivers.len() == waiting.len()
            && waiting.iter().all(|(id, woken)| *woken == told(*id))
    }
}
