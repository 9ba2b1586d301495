//! The specification of a channel for one value, and of its two ends.

use super::{Answer, Id};

/// The two who may wait.
pub const RECEIVER: Id = 0;
pub const SENDER: Id = 1;

#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Oneshot {
    /// The value, from when it was sent until it is taken or dropped.
    pub value: Option<u32>,
    /// The sender has sent or left.
    over: bool,
    /// The receiver had closed, or was gone, before that.
    pub closed: bool,
    /// The receiver has had its answer.
    pub answered: bool,
    /// Who sleeps.
    asleep: [bool; 2],
}

impl Oneshot {
    /// What an open receiver shows.
    pub fn shown(&self) -> &'static str {
        match (self.closed, self.over, self.value) {
            _ if self.answered => "Done",
            (true, ..) | (_, true, None) => "Closed",
            (_, false, _) => "Open",
            (_, true, Some(_)) => "Sent",
        }
    }

    /// `Refused`: the value stays with the sender.
    pub fn send(&mut self, value: u32) -> Answer {
        if !self.closed {
            self.value = Some(value);
        }
        self.leave();
        if self.closed { Answer::Refused } else { Answer::Ok }
    }

    /// The sender is gone.
    pub fn leave(&mut self) {
        (self.over, self.asleep) = (true, [false; 2]);
    }

    /// Whether the sender has nobody to send to any more; if it has, it watches.
    pub fn poll_closed(&mut self) -> Answer {
        self.asleep[usize::from(SENDER)] = !self.closed;
        if self.closed { Answer::Ok } else { Answer::Pending }
    }

    pub fn poll(&mut self) -> Answer {
        match self.try_recv() {
            Answer::Refused => {
                self.asleep[usize::from(RECEIVER)] = true;
                Answer::Pending
            }
            answer => answer,
        }
    }

    pub fn try_recv(&mut self) -> Answer {
        let answer = match self.value.take() {
            Some(value) => Answer::Value(value),
            None if self.closed || self.over => Answer::Closed,
            None => Answer::Refused,
        };
        self.answered |= answer != Answer::Refused;
        answer
    }

    pub fn close(&mut self) {
        self.asleep[usize::from(RECEIVER)] = false;
        if !self.over {
            self.closed = true;
            self.asleep = [false; 2];
        }
    }

    /// The receiver is gone, and takes the value along.
    pub fn hang_up(&mut self) {
        self.close();
        self.value = None;
    }

    /// Whether those who wait are woken or asleep as they should. The receiver sleeps only while nothing has happened.
    pub fn is_at_rest(&self, waiting: &[(Id, bool)]) -> bool {
        let sleeps = |id: Id| self.asleep[usize::from(id)];
        waiting.iter().all(|&(id, woken)| woken != sleeps(id)) && (!sleeps(RECEIVER) || self.shown() == "Open")
    }
}
