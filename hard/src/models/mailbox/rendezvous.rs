//! The specification of a mailbox without slots.
//!
//! A sender holds its message out until a receiver takes it. A receiver is *called*, never granted: it looks when it is
//! polled, and keeps its place if there is nothing. A reservation sets one receiver aside, so that a message that does not
//! wait can be sent to it.

use std::collections::VecDeque;

use super::Op;
use super::spec::Want;
use crate::models::{Answer, Id, Spec, take};

#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Rendezvous {
    closed: bool,
    /// What was sent to a receiver that waited, and not taken yet.
    queue: VecDeque<u32>,
    permits: usize,
    senders: VecDeque<(Id, Want)>,
    /// Who sleeps, and when it came.
    receivers: Vec<(u32, Id)>,
    called: Vec<(u32, Id)>,
    came: u32,
    /// Senders whose message was taken.
    taken: Vec<Id>,
    /// Reservations that a receiver is set aside for. When the mailbox closes, that is void.
    set_aside: Vec<Id>,
    /// Whose wait was ended by the close.
    ended: Vec<Id>,
}

impl Rendezvous {
    fn kept(&self) -> usize {
        self.permits + if self.closed { 0 } else { self.set_aside.len() }
    }

    /// Messages that are held out before the first reservation; only the head counts when there is one.
    fn held_out(&self) -> usize {
        let is_offer = |sender: &(Id, Want)| sender.1.message().is_some();
        if self.senders.iter().all(is_offer) {
            self.senders.len()
        } else {
            usize::from(self.senders.front().is_some_and(is_offer))
        }
    }

    /// Receivers that nobody has set aside or sent something to.
    fn receivers_left(&self) -> usize {
        (self.receivers.len() + self.called.len()).saturating_sub(self.queue.len() + self.kept())
    }

    fn may_meet(&self) -> bool {
        self.senders.is_empty() && self.receivers_left() > 0
    }

    fn is_terminal(&self) -> bool {
        self.closed && self.queue.is_empty() && self.permits == 0
    }

    fn serve(&mut self) {
        if self.closed {
            self.ended.extend(self.senders.drain(..).map(|sender| sender.0));
            if self.is_terminal() {
                let gone = self.receivers.drain(..).chain(self.called.drain(..));
                self.ended.extend(gone.map(|receiver| receiver.1));
            }
        }
        while self.set_one_aside() || self.call_one() {}
    }

    fn set_one_aside(&mut self) -> bool {
        match self.senders.front() {
            Some(&(id, Want::Permits(_))) if self.receivers_left() > 0 => {
                self.senders.pop_front();
                self.set_aside.push(id);
                true
            }
            _ => false,
        }
    }

    /// For a queued message anybody is called, for one that is held out only who is not kept for a permit.
    fn call_one(&mut self) -> bool {
        let called = self.called.len();
        let wanted = self.queue.len() > called
            || self.receivers.len() > self.kept() && self.queue.len() + self.held_out() > called;
        let calls = wanted && !self.receivers.is_empty();
        if calls {
            self.called.push(self.receivers.remove(0));
        }
        calls
    }

    fn take_oldest(&mut self) -> Answer {
        let message = self.queue.pop_front().unwrap_or_else(|| {
            let (id, want) = self.senders.pop_front().expect("there is a message");
            self.taken.push(id);
            want.message().expect("it holds one out")
        });
        self.serve();
        Answer::Value(message)
    }

    /// How many messages a newcomer may take.
    fn offered(&self) -> usize {
        let held_out = if self.receivers.len() <= self.kept() { self.held_out() } else { 0 };
        (self.queue.len() + held_out).saturating_sub(self.called.len())
    }

    fn receive_many(&mut self, limit: usize) -> Answer {
        let there = self.offered().min(limit);
        if limit > 0 && there == 0 {
            return if self.is_terminal() { Answer::Closed } else { Answer::Refused };
        }
        let taken = (0..there).map(|_| match self.take_oldest() {
            Answer::Value(message) => message,
            other => unreachable!("{other:?} is no message"),
        });
        Answer::Values(taken.collect())
    }

    fn receive(&mut self) -> Answer {
        if self.offered() > 0 {
            self.take_oldest()
        } else if self.is_terminal() {
            Answer::Closed
        } else {
            Answer::Refused
        }
    }

    /// What does not wait is sent to a receiver that does.
    fn send(&mut self, message: u32) -> Answer {
        if self.closed {
            return Answer::Closed;
        }
        if !self.may_meet() {
            return Answer::Refused;
        }
        self.push(message)
    }

    fn push(&mut self, message: u32) -> Answer {
        self.queue.push_back(message);
        self.serve();
        Answer::Ok
    }

    fn reserve(&mut self, need: usize) -> Answer {
        if self.closed {
            return Answer::Closed;
        }
        if need > 0 && !self.may_meet() {
            return Answer::Refused;
        }
        self.permits += need;
        Answer::Ok
    }

    fn poll(&mut self, id: Id) -> Answer {
        if take(&mut self.ended, |ended| *ended == id).is_some() {
            return Answer::Closed;
        }
        if take(&mut self.taken, |taken| *taken == id).is_some() {
            return Answer::Ok;
        }
        if take(&mut self.set_aside, |aside| *aside == id).is_some() {
            self.permits += usize::from(!self.closed);
            return if self.closed { Answer::Closed } else { Answer::Ok };
        }
        let everybody = self.receivers.len() + self.called.len();
        let Some(called) = take(&mut self.called, |called| called.1 == id) else { return Answer::Pending };
        if !self.queue.is_empty() || everybody > self.kept() && self.held_out() > 0 {
            return self.take_oldest();
        }
        self.receivers.push(called);
        self.receivers.sort_unstable();
        self.serve();
        Answer::Pending
    }

    /// Answers whether a message that it held out was taken before.
    fn cancel(&mut self, id: Id) -> bool {
        let late = take(&mut self.taken, |taken| *taken == id).is_some();
        self.senders.retain(|sender| sender.0 != id);
        self.receivers.retain(|receiver| receiver.1 != id);
        self.called.retain(|called| called.1 != id);
        self.set_aside.retain(|aside| *aside != id);
        self.ended.retain(|ended| *ended != id);
        self.serve();
        late
    }
}

impl Spec for Rendezvous {
    type Op = Op;

    fn apply(&mut self, op: &Op) -> Answer {
        match *op {
            Op::Send { .. } if self.closed => Answer::Closed,
            // A meeting needs both: it always waits.
            Op::Send { id, message } => {
                self.senders.push_back((id, Want::Send(message)));
                self.serve();
                Answer::Pending
            }
            Op::Reserve { id, need } => match self.reserve(need) {
                Answer::Refused => {
                    self.senders.push_back((id, Want::Permits(need)));
                    Answer::Pending
                }
                answer => answer,
            },
            Op::Receive { id } => match self.receive() {
                Answer::Refused => {
                    self.came += 1;
                    self.receivers.push((self.came, id));
                    self.serve();
                    Answer::Pending
                }
                answer => answer,
            },
            Op::Poll { id } => self.poll(id),
            Op::Cancel { id } => {
                if self.cancel(id) {
                    Answer::Late
                } else {
                    Answer::Ok
                }
            }
            Op::BlockSend { .. } | Op::BlockReceive { .. } => unreachable!("they happen in halves"),
            Op::TrySend { message } | Op::Force { message } => self.send(message),
            Op::TryReserve { need } => self.reserve(need),
            Op::TryReceive => self.receive(),
            Op::ReceiveMany { limit, .. } => self.receive_many(limit),
            Op::UsePermit { message } => {
                self.permits -= 1;
                self.push(message)
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
            Op::Remaining => Answer::Count(0),
            Op::Senders => Answer::Count(self.senders.len()),
            Op::Receivers => Answer::Count(self.receivers.len() + self.called.len()),
        }
    }

    // A receiver that was called may find nothing, but it was called.
    fn is_at_rest(&self, waiting: &[(Id, bool)]) -> bool {
        let told = |id: Id| {
            self.taken.contains(&id)
                || self.set_aside.contains(&id)
                || self.ended.contains(&id)
                || self.called.iter().any(|called| called.1 == id)
        };
        let known = self.taken.len() + self.set_aside.len() + self.ended.len() + self.called.len();
        known + self.senders.len() + self.receivers.len() == waiting.len()
            && waiting.iter().all(|(id, woken)| *woken == told(*id))
    }
}
