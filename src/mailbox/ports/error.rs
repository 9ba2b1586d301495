//! Errors of opening a port.

use core::error::Error;
use core::fmt;

use crate::mailbox::Receiver;

/// Why a port was not opened.
///
/// The enum is exhaustive, so a `match` needs no `_` arm.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OpenError {
    /// The key is open already.
    Open,
    /// The key was open before, and its last messages were not received yet, or a permit may still send one.
    Draining,
    /// The receivers are closed, or gone.
    Closed,
}

/// Why a mailbox was not adopted. It gives the receiver back.
///
/// The enum is exhaustive, so a `match` needs no `_` arm.
pub enum AdoptError<T> {
    /// The key cannot be opened.
    Refused(OpenError, Receiver<T>),
    /// The mailbox has other receivers, which would take messages past the port.
    Shared(Receiver<T>),
    /// The mailbox has capacity 0. There a message needs a receiver that waits, and a port has none.
    Rendezvous(Receiver<T>),
}

impl<T> AdoptError<T> {
    /// Returns the receiver.
    pub fn into_inner(self) -> Receiver<T> {
        match self {
            Self::Refused(_, receiver) | Self::Shared(receiver) | Self::Rendezvous(receiver) => receiver,
        }
    }
}

impl<T> fmt::Debug for AdoptError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(why, _) => f.debug_tuple("Refused").field(why).finish_non_exhaustive(),
            Self::Shared(_) => f.write_str("Shared(..)"),
            Self::Rendezvous(_) => f.write_str("Rendezvous(..)"),
        }
    }
}

impl fmt::Display for OpenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Open => "port open already",
            Self::Draining => "port still draining",
            Self::Closed => "ports closed",
        })
    }
}

impl<T> fmt::Display for AdoptError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(..) => f.write_str("port not opened"),
            Self::Shared(_) => f.write_str("mailbox has other receivers"),
            Self::Rendezvous(_) => f.write_str("mailbox has capacity 0"),
        }
    }
}

impl Error for OpenError {}
impl<T> Error for AdoptError<T> {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Refused(why, _) => Some(why),
            Self::Shared(_) | Self::Rendezvous(_) => None,
        }
    }
}
