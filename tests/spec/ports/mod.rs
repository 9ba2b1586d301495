//! Ports: one receiver for many sources, each with a queue of its own.
//!
//! One thread alone can tell everything: [`Hub`] says which port comes next, and who is woken. Between threads a port
//! is seen once its notification has arrived, so [`PerPort`] leaves the choice of the port free.

mod hand;
mod hub;
mod per_port;
mod port;
mod waits;

use sempost::mailbox::TryRecvError;
use sempost::mailbox::ports::{OpenError, Order};

use super::{Answer, Id, Operation};
pub use hand::Sources;
pub use hub::Hub;
pub use per_port::PerPort;

/// Messages tell their source.
const SOURCE: u32 = 10_000;

/// The source of a message.
pub fn source(message: u32) -> usize {
    (message / SOURCE) as usize
}

/// A message of a source.
pub fn message(source: usize, number: u32) -> u32 {
    source as u32 * SOURCE + number
}

#[derive(Clone, Copy, Debug)]
pub enum Op {
    Send {
        id: Id,
        message: u32,
    },
    Receive {
        id: Id,
    },
    /// From this source alone.
    From {
        id: Id,
        port: usize,
    },
    /// A handle is polled, which waits under this name until its answer.
    Listen {
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
    BlockFrom {
        id: Id,
        port: usize,
    },
    TrySend {
        message: u32,
    },
    TryReceive,
    TryFrom {
        port: usize,
    },
    ReceiveMany {
        limit: usize,
    },
    Open {
        port: usize,
    },
    ClosePort {
        port: usize,
    },
    /// Closes all, and opens no more.
    Close,
    /// The last opener is dropped.
    Leave,
    /// The last sender of a port is dropped.
    HangUp {
        port: usize,
    },
    Len,
    /// How many ports there are.
    Ports,
    /// How many wait for any port.
    Receivers,
}

impl Operation for Op {
    fn halves(&self) -> Option<(Self, Self)> {
        match *self {
            Self::BlockSend { id, message } => Some((Self::Send { id, message }, Self::Poll { id })),
            Self::BlockReceive { id } => Some((Self::Receive { id }, Self::Poll { id })),
            // Also one that does not wait is in line first, and looks then.
            Self::BlockFrom { id, port } | Self::From { id, port } => {
                Some((Self::From { id, port }, Self::Poll { id }))
            }
            _ => None,
        }
    }
}

/// How many ports there are at first, and of what kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Setup {
    pub ports: usize,
    pub capacity: usize,
    /// Every second port has the smaller class; otherwise all have the same.
    pub classes: bool,
    /// Whether ports may be opened later.
    pub opener: bool,
}

impl Setup {
    pub fn class(self, port: usize) -> u8 {
        if self.classes { 1 - (port % 2) as u8 } else { 0 }
    }

    pub fn order(self) -> Order<usize> {
        if self.classes { Order::classes(|port| 1 - (port % 2) as u8) } else { Order::fair() }
    }
}

/// What a receive that does not wait answers.
pub fn taken(result: Result<u32, TryRecvError>) -> Answer {
    match result {
        Ok(message) => Answer::Value(message),
        Err(TryRecvError::Closed) => Answer::Closed,
        Err(_) => Answer::Refused,
    }
}

/// What the opening of a port answers. `Late`: its last messages were not received.
pub fn opened<T>(result: Result<T, OpenError>) -> Result<T, Answer> {
    result.map_err(|error| match error {
        OpenError::Open => Answer::Refused,
        OpenError::Draining => Answer::Late,
        OpenError::Closed => Answer::Closed,
    })
}
