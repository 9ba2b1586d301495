//! The errors of a semaphore.

use core::error::Error;
use core::fmt;

/// The semaphore is closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AcquireError;

impl fmt::Display for AcquireError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("semaphore closed")
    }
}

impl Error for AcquireError {}

/// Why `try_acquire` returned no permit.
///
/// The enum is exhaustive, so a `match` needs no `_` arm, which would hide `Closed`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TryAcquireError {
    /// Too few permits are available, or a waiter comes first.
    NoPermits,
    /// The semaphore is closed.
    Closed,
}

impl fmt::Display for TryAcquireError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoPermits => "no permits available",
            Self::Closed => "semaphore closed",
        })
    }
}

impl Error for TryAcquireError {}

/// Why an acquire with a deadline returned no permit.
///
/// The enum is exhaustive, so a `match` needs no `_` arm, which would hide `Closed`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AcquireUntilError {
    /// The deadline came first.
    Elapsed,
    /// The semaphore is closed.
    Closed,
}

impl fmt::Display for AcquireUntilError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Elapsed => "deadline elapsed",
            Self::Closed => "semaphore closed",
        })
    }
}

impl Error for AcquireUntilError {}

/// More than [`MAX_PERMITS`](crate::Semaphore::MAX_PERMITS) would be issued.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AddPermitsError;

impl fmt::Display for AddPermitsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("more than MAX_PERMITS = usize::MAX >> 3 would be issued")
    }
}

impl Error for AddPermitsError {}
