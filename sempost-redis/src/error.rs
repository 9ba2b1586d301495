//! What can go wrong, one type for all.

use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;

use redis::{ErrorKind, RedisError, ServerErrorKind};

/// Why an operation failed.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Error {
    /// The mailbox was configured with what cannot be: a capacity of 0, a lease of no length, a name with braces.
    Config(&'static str),
    /// The server could not be reached for as long as [`patience`](crate::RemoteMailbox::patience) says. **What was
    /// asked of it may have been done.**
    Unreachable(RedisError),
    /// The server said no: a wrong password, a key of another type, no permission, no memory, a full disk.
    Refused(RedisError),
    /// The mailbox is closed, and the message was not sent.
    Closed,
    /// The server has forgotten messages that it had accepted from this process: it lost them in a crash, as
    /// `appendfsync everysec` allows. Some of them may have been received before. The message of this call was *not*
    /// sent.
    Forgotten {
        /// How many messages, at most.
        messages: u64,
    },
    /// The lease ran out, so the message or permit is another's now, or it is gone.
    LeaseLost,
    /// A payload could not be encoded, and was not sent.
    Encode(Arc<dyn StdError + Send + Sync>),
    /// A payload could not be decoded. The message becomes a dead letter.
    Decode {
        /// The number that the server gave the message.
        id: String,
        /// Why.
        source: Arc<dyn StdError + Send + Sync>,
    },
}

impl Error {
    pub(crate) fn of(error: RedisError) -> Self {
        if is_transient(&error) { Error::Unreachable(error) } else { Error::Refused(error) }
    }
}

/// Whether the same may succeed later. A server that restarts is first unreachable and then loads its data.
pub(crate) fn is_transient(error: &RedisError) -> bool {
    match error.kind() {
        ErrorKind::Io | ErrorKind::ClusterConnectionNotFound => true,
        ErrorKind::Server(
            ServerErrorKind::BusyLoading
            | ServerErrorKind::TryAgain
            | ServerErrorKind::ClusterDown
            | ServerErrorKind::MasterDown
            | ServerErrorKind::ReadOnly
            | ServerErrorKind::Moved
            | ServerErrorKind::Ask,
        ) => true,
        _ => matches!(error.code(), Some("BUSY" | "NOGROUP" | "UNBLOCKED")),
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::Config(what) => f.write_str(what),
            Error::Unreachable(error) => write!(f, "the server cannot be reached: {error}"),
            Error::Refused(error) => write!(f, "the server refused: {error}"),
            Error::Closed => f.write_str("the mailbox is closed"),
            Error::Forgotten { messages } => {
                write!(f, "the server has forgotten up to {messages} messages that it had accepted")
            }
            Error::LeaseLost => f.write_str("the lease ran out"),
            Error::Encode(error) => write!(f, "the payload cannot be encoded: {error}"),
            Error::Decode { id, source } => write!(f, "the payload of message {id} cannot be decoded: {source}"),
        }
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        match self {
            Error::Unreachable(error) | Error::Refused(error) => Some(error),
            Error::Encode(source) | Error::Decode { source, .. } => Some(&**source),
            Error::Config(_) | Error::Closed | Error::Forgotten { .. } | Error::LeaseLost => None,
        }
    }
}

/// Why a message was not sent, and the message.
#[derive(Clone)]
pub struct SendError<T> {
    /// What went wrong.
    pub error: Error,
    /// The message, if it was certainly not sent. `None` if the server became unreachable in between.
    pub message: Option<T>,
}

impl<T> fmt::Debug for SendError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SendError").field("error", &self.error).field("sent", &self.message.is_none()).finish()
    }
}

impl<T> fmt::Display for SendError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.error.fmt(f)
    }
}

impl<T> StdError for SendError<T> {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        Some(&self.error)
    }
}

impl<T> From<SendError<T>> for Error {
    fn from(error: SendError<T>) -> Self {
        error.error
    }
}
