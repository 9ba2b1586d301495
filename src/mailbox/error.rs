//! Errors. Those of a send give the message back.

use core::error::Error;
use core::fmt;

/// The mailbox is closed. It holds the message.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct SendError<T>(pub T);

/// Why `try_send` did not send. It holds the message.
///
/// The enum is exhaustive, so a `match` needs no `_` arm, which would hide `Closed`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum TrySendError<T> {
    /// No slot is free, or an earlier sender waits for it.
    Full(T),
    /// The mailbox is closed.
    Closed(T),
}

/// Why a send with a deadline did not send. It holds the message.
///
/// The enum is exhaustive, so a `match` needs no `_` arm, which would hide `Closed`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum SendUntilError<T> {
    /// The deadline came first.
    Elapsed(T),
    /// The mailbox is closed.
    Closed(T),
}

/// Why `try_recv` has no message.
///
/// The enum is exhaustive, so a `match` needs no `_` arm, which would hide `Closed`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TryRecvError {
    /// No message is queued, or all are claimed by other receivers.
    Empty,
    /// The mailbox is closed, and no message will come any more.
    Closed,
}

/// Why `try_reserve` has no permit.
///
/// The enum is exhaustive, so a `match` needs no `_` arm, which would hide `Closed`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TryReserveError {
    /// Too few slots are free, or an earlier sender waits for them.
    Full,
    /// The mailbox is closed.
    Closed,
}

/// Why a reservation with a deadline has no permit.
///
/// The enum is exhaustive, so a `match` needs no `_` arm, which would hide `Closed`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReserveUntilError {
    /// The deadline came first.
    Elapsed,
    /// The mailbox is closed.
    Closed,
}

/// The mailbox is closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Closed;

/// The mailbox is closed, or this handle is finished. It holds the message that was not accepted, if there was one.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct SinkError<T>(pub(super) Option<T>);

impl<T> SendError<T> {
    /// Returns the message.
    pub fn into_inner(self) -> T {
        self.0
    }
}

impl<T> TrySendError<T> {
    /// Returns the message.
    pub fn into_inner(self) -> T {
        match self {
            Self::Full(message) | Self::Closed(message) => message,
        }
    }

    /// Returns whether it is [`Full`](Self::Full).
    pub fn is_full(&self) -> bool {
        matches!(self, Self::Full(_))
    }

    /// Returns whether it is [`Closed`](Self::Closed).
    pub fn is_closed(&self) -> bool {
        matches!(self, Self::Closed(_))
    }
}

impl<T> SendUntilError<T> {
    /// Returns the message.
    pub fn into_inner(self) -> T {
        match self {
            Self::Elapsed(message) | Self::Closed(message) => message,
        }
    }

    /// Returns whether it is [`Elapsed`](Self::Elapsed).
    pub fn is_elapsed(&self) -> bool {
        matches!(self, Self::Elapsed(_))
    }

    /// Returns whether it is [`Closed`](Self::Closed).
    pub fn is_closed(&self) -> bool {
        matches!(self, Self::Closed(_))
    }
}

impl<T> SinkError<T> {
    /// Returns the message that was not accepted, if there was one.
    pub fn into_inner(self) -> Option<T> {
        self.0
    }
}

macro_rules! errors {
    ($($Error:ident$(<$T:ident>)? { $($pattern:pat => $text:literal),+ $(,)? })+) => {$(
        impl$(<$T>)? fmt::Display for $Error$(<$T>)? {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(match self { $($pattern => $text),+ })
            }
        }

        impl$(<$T>)? Error for $Error$(<$T>)? {}
    )+};
}

errors! {
    SendError<T> { Self(_) => "mailbox closed" }
    TrySendError<T> { Self::Full(_) => "mailbox full", Self::Closed(_) => "mailbox closed" }
    SendUntilError<T> { Self::Elapsed(_) => "deadline elapsed", Self::Closed(_) => "mailbox closed" }
    TryRecvError { Self::Empty => "mailbox empty", Self::Closed => "mailbox closed" }
    TryReserveError { Self::Full => "mailbox full", Self::Closed => "mailbox closed" }
    ReserveUntilError { Self::Elapsed => "deadline elapsed", Self::Closed => "mailbox closed" }
    Closed { Self => "mailbox closed" }
    SinkError<T> { Self(_) => "mailbox closed" }
}

/// Errors implement `Debug` without `T: Debug`.
macro_rules! debug_without_message {
    ($($Error:ident { $($pattern:pat => $name:literal),+ $(,)? })+) => {$(
        impl<T> fmt::Debug for $Error<T> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(match self { $($pattern => $name),+ })
            }
        }
    )+};
}

debug_without_message! {
    SendError { Self(_) => "SendError(..)" }
    TrySendError { Self::Full(_) => "Full(..)", Self::Closed(_) => "Closed(..)" }
    SendUntilError { Self::Elapsed(_) => "Elapsed(..)", Self::Closed(_) => "Closed(..)" }
    SinkError { Self(Some(_)) => "SinkError(Some(..))", Self(None) => "SinkError(None)" }
}
