//! What both kinds of mailbox are specified with, and the choice between them.

use super::Op;
use super::buffered::Buffered;
use super::rendezvous::Rendezvous;
use crate::models::{Answer, Id, Spec};

/// What a sender waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Want {
    Send(u32),
    /// So many slots.
    Permits(usize),
}

impl Want {
    pub fn need(self) -> usize {
        match self {
            Self::Send(_) => 1,
            Self::Permits(need) => need,
        }
    }

    pub fn message(self) -> Option<u32> {
        match self {
            Self::Send(message) => Some(message),
            Self::Permits(_) => None,
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Mailbox {
    Buffered(Buffered),
    Rendezvous(Rendezvous),
}

impl Mailbox {
    pub fn new(capacity: Option<usize>) -> Self {
        if capacity == Some(0) {
            Self::Rendezvous(Rendezvous::default())
        } else {
            Self::Buffered(Buffered::new(capacity))
        }
    }
}

impl Spec for Mailbox {
    type Op = Op;

    fn apply(&mut self, op: &Op) -> Answer {
        match self {
            Self::Buffered(mailbox) => mailbox.apply(op),
            Self::Rendezvous(mailbox) => mailbox.apply(op),
        }
    }

    fn is_at_rest(&self, waiting: &[(Id, bool)]) -> bool {
        match self {
            Self::Buffered(mailbox) => mailbox.is_at_rest(waiting),
            Self::Rendezvous(mailbox) => mailbox.is_at_rest(waiting),
        }
    }
}
