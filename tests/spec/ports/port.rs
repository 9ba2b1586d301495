//! One port: its queue, and the line of those who wait for this source alone.

use super::super::mailbox::{Mailbox, Op};
use super::super::{Answer, Id, Spec};

/// Where it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Stand {
    /// It had no message at the last look.
    Idle,
    /// It may have messages, for anybody.
    Ready,
    /// It may have messages, for those who wait for this source.
    Kept,
    /// It has ended.
    Gone,
}

/// How far one is who waits for this source.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Stage {
    /// Others are before it.
    InLine,
    /// It has become the first, and does not know.
    First,
    /// The first, which has looked and waits.
    Looked,
    /// The first, which was called.
    Called,
    /// There will be nothing.
    Ended,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Port {
    pub key: usize,
    pub class: u8,
    pub queue: Mailbox,
    pub stand: Stand,
    /// How many messages its turn has left.
    pub turn: usize,
    /// The first comes first.
    pub line: Vec<(Id, Stage)>,
}

impl Port {
    pub fn new(key: usize, class: u8, capacity: usize) -> Self {
        Self { key, class, queue: Mailbox::new(Some(capacity)), stand: Stand::Idle, turn: 0, line: Vec::new() }
    }

    pub fn len(&self) -> usize {
        self.queue.len()
    }

    /// Whether nothing will come any more.
    pub fn is_over(&self) -> bool {
        self.queue.is_closed() && self.queue.is_empty()
    }

    pub fn pop(&mut self) -> Option<u32> {
        match self.queue.apply(&Op::TryReceive) {
            Answer::Value(message) => Some(message),
            _ => None,
        }
    }

    /// The next in line is the first, if it was not before.
    pub fn advance(&mut self) {
        if let Some((_, stage @ Stage::InLine)) = self.line.first_mut() {
            *stage = Stage::First;
        }
    }

    /// Whether those who wait for it are woken or asleep as they should.
    pub fn is_at_rest(&self, waiting: &[(Id, bool)]) -> bool {
        let rests = |stage| matches!(stage, Stage::InLine | Stage::Looked);
        let right = |&(id, stage): &(Id, Stage)| waiting.contains(&(id, !rests(stage)));
        self.line.len() == waiting.len() && self.line.iter().all(right)
    }
}
