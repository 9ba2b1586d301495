//! How far a wait has come: its stage, which others write, and its phase, which only its owner writes.

use crate::record::Step;

/// The state of a wait, as the last holder of the lock has left it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Stage {
    /// Linked. With a waker: asleep. Without one: woken to retry, in its old place.
    Queued,
    /// Linked among those that were notified of a condition.
    Notified,
    /// Linked, by another task, in the line of a mutex, for which it waits from now on.
    Requeued,
    /// Unlinked, and owns what it was granted: permits, a slot, a claim, or the mutex.
    Granted,
    /// Unlinked, and owns the mutex, which a signal handed over.
    Signalled,
    /// Unlinked, because nothing will be granted any more.
    Closed,
    /// Unlinked by its owner.
    Withdrawn,
}

impl Stage {
    #[inline(always)]
    pub(super) fn of(byte: u8) -> Self {
        match byte {
            0 => Self::Queued,
            1 => Self::Notified,
            2 => Self::Requeued,
            3 => Self::Granted,
            4 => Self::Signalled,
            5 => Self::Closed,
            _ => Self::Withdrawn,
        }
    }

    /// What it means for the record of the wait.
    #[inline(always)]
    pub(super) fn step(self) -> Step {
        match self {
            Self::Queued => Step::Queued,
            Self::Notified | Self::Requeued => Step::Notified,
            Self::Granted | Self::Signalled => Step::Granted,
            Self::Closed => Step::Ended,
            Self::Withdrawn => Step::Left,
        }
    }

    #[inline(always)]
    pub(super) fn is_linked(self) -> bool {
        matches!(self, Self::Queued | Self::Notified | Self::Requeued)
    }
}

/// The phase of a waiter, which only its owner writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Phase {
    /// Has never waited.
    Fresh,
    /// Its links are written; its [`Stage`] says the rest.
    Joined,
    /// Over: its result was returned, or it was cancelled, or late.
    Done,
}
