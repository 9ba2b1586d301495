//! What can go wrong for a receiver. A sender gets its value back, and that says it all.

use core::error::Error;
use core::fmt;

use super::Receiver;

/// The sender was dropped without a value, or this receiver was closed before it sent one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RecvError;

/// Why there is no value to receive.
///
/// Exhaustive: a match needs no `_` arm, which would swallow `Closed`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TryRecvError {
    /// None was sent so far.
    Empty,
    /// None will come, or it was received before.
    Closed,
}

/// Why a receive with a deadline has no value.
///
/// Exhaustive: a match needs no `_` arm, which would swallow `Closed`.
pub enum RecvUntilError<T> {
    /// The deadline came first. Here is the receiver: the value may still come.
    Elapsed(Receiver<T>),
    /// The sender was dropped without a value, or the receiver was closed before it sent one.
    Closed,
}

impl<T> RecvUntilError<T> {
    /// The receiver, if the deadline came first.
    pub fn into_receiver(self) -> Option<Receiver<T>> {
        match self {
            Self::Elapsed(receiver) => Some(receiver),
            Self::Closed => None,
        }
    }

    /// Whether it is [`Elapsed`](Self::Elapsed).
    pub fn is_elapsed(&self) -> bool {
        matches!(self, Self::Elapsed(_))
    }

    /// Whether it is [`Closed`](Self::Closed).
    pub fn is_closed(&self) -> bool {
        matches!(self, Self::Closed)
    }
}

impl<T> fmt::Debug for RecvUntilError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Elapsed(_) => "Elapsed(..)",
            Self::Closed => "Closed",
        })
    }
}

impl<T> fmt::Display for RecvUntilError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Elapsed(_) => "deadline elapsed",
            Self::Closed => "channel closed",
        })
    }
}

impl fmt::Display for RecvError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("channel closed")
    }
}

impl fmt::Display for TryRecvError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Empty => "channel empty",
            Self::Closed => "channel closed",
        })
    }
}

impl Error for RecvError {}
impl Error for TryRecvError {}
impl<T> Error for RecvUntilError<T> {}
