//! The error of a permit. The others are those of the mailbox.

use core::error::Error;
use core::fmt;

/// Why a [`CreditPermit`](super::CreditPermit) did not send. It holds the message. The credits have come back.
///
/// The enum is exhaustive, so a `match` needs no `_` arm, which would hide `Closed`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum PermitSendError<T> {
    /// The message weighs more than was reserved.
    TooHeavy(T),
    /// The last receiver is gone.
    Closed(T),
}

impl<T> PermitSendError<T> {
    /// Returns the message.
    pub fn into_inner(self) -> T {
        match self {
            Self::TooHeavy(message) | Self::Closed(message) => message,
        }
    }

    /// Returns whether it is [`TooHeavy`](Self::TooHeavy).
    pub fn is_too_heavy(&self) -> bool {
        matches!(self, Self::TooHeavy(_))
    }

    /// Returns whether it is [`Closed`](Self::Closed).
    pub fn is_closed(&self) -> bool {
        matches!(self, Self::Closed(_))
    }
}

impl<T> fmt::Display for PermitSendError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::TooHeavy(_) => "message heavier than reserved",
            Self::Closed(_) => "mailbox closed",
        })
    }
}

impl<T> fmt::Debug for PermitSendError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::TooHeavy(_) => "TooHeavy(..)",
            Self::Closed(_) => "Closed(..)",
        })
    }
}

impl<T> Error for PermitSendError<T> {}
