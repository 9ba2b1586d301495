//! What can be asked of a mailbox with credits.

use super::super::{Id, Operation};

/// The last digit of a message is its weight.
pub fn weight(message: u32) -> usize {
    (message % 10) as usize
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Op {
    Send {
        id: Id,
        message: u32,
    },
    Reserve {
        id: Id,
        weight: usize,
    },
    Receive {
        id: Id,
    },
    Poll {
        id: Id,
    },
    Cancel {
        id: Id,
    },
    BlockSend {
        id: Id,
        message: u32,
    },
    BlockReceive {
        id: Id,
    },
    TrySend {
        id: Id,
        message: u32,
    },
    TryReserve {
        id: Id,
        weight: usize,
    },
    TryReceive,
    ReceiveMany {
        limit: usize,
    },
    /// A permit for so many credits is used, or dropped.
    UsePermit {
        id: Id,
        weight: usize,
        message: u32,
    },
    DropPermit {
        id: Id,
        weight: usize,
    },
    /// A lease of so many credits ends.
    EndLease {
        weight: usize,
    },
    Close {
        id: Id,
    },
    /// The second moment of what was begun under this name.
    Finish {
        id: Id,
    },
    /// A sink sends: what finds no credits waits for them in its outbox, under this name.
    Feed {
        id: Id,
        message: u32,
    },
    /// Whether the outbox of this name is empty: `Closed` gives the message back.
    Flush {
        id: Id,
    },
    /// The last receiver goes.
    Deafen,
    Len,
    Available,
    Granted,
    Senders,
    Receivers,
}

impl Operation for Op {
    fn halves(&self) -> Option<(Self, Self)> {
        let first = match *self {
            Self::BlockSend { id, message } => Self::Send { id, message },
            Self::BlockReceive { id } => return Some((Self::Receive { id }, Self::Poll { id })),
            first => first,
        };
        first.begins().map(|id| (first, Self::Finish { id }))
    }
}

impl Op {
    /// The name of what may have two moments.
    pub(super) fn begins(self) -> Option<Id> {
        match self {
            Self::Send { id, .. }
            | Self::Reserve { id, .. }
            | Self::TrySend { id, .. }
            | Self::TryReserve { id, .. }
            | Self::UsePermit { id, .. }
            | Self::DropPermit { id, .. }
            | Self::Close { id } => Some(id),
            _ => None,
        }
    }
}
