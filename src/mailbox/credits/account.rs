//! What a mailbox with credits counts: the limit, how messages are weighed, and the credits.

use alloc::sync::Arc;

use super::lease::Lease;
use crate::mailbox::shared::Shared;
use crate::record::{Kind, Origin, Tag};
use crate::semaphore::{Semaphore, TryAcquireError};
use crate::wait::{DropGuarded, Primitive};

/// Every handle has a copy. The credits are shared.
pub(crate) struct Account<T> {
    pub(super) limit: usize,
    weigh: fn(&T) -> usize,
    pub(super) credits: Arc<Semaphore>,
}

impl<T> Account<T> {
    /// # Panics
    /// If the limit is 0 or above the most permits of a semaphore.
    #[track_caller]
    pub(super) fn new(limit: usize, weigh: fn(&T) -> usize) -> Self {
        assert!(limit > 0, "a limit of 0 credits lets no message pass");
        assert!(
            limit <= Semaphore::MAX_PERMITS,
            "the limit is at most Semaphore::MAX_PERMITS = usize::MAX >> 3 credits"
        );
        Self { limit, weigh, credits: Arc::new(Semaphore::of(Kind::Credits, limit)) }
    }

    /// Which primitive it is, for records.
    pub(crate) fn tag(&self) -> &Tag {
        self.credits.lock().tag()
    }

    /// Notes which mailbox carries the messages.
    pub(super) fn carried_by(&self, mailbox: &Shared<Lease<T>>) {
        self.tag().carry(mailbox.lock().tag());
    }

    /// How many credits a message needs. Calls `weigh`, which is foreign, so no lock is held.
    #[inline(always)]
    pub(super) fn weight(&self, message: &T) -> usize {
        self.capped((self.weigh)(message))
    }

    /// At least one credit, or such messages would be without limit; at most all, or it could never be sent.
    #[inline(always)]
    pub(super) fn capped(&self, weight: usize) -> usize {
        weight.clamp(1, self.limit)
    }

    /// Weighs a message and takes its credits, if they are available and no earlier sender waits.
    #[inline(always)]
    pub(super) fn try_lease(&self, message: T, origin: Origin<'_>) -> Result<Lease<T>, Refused<T>> {
        // If `weigh` panics the message is dropped, and its destructor is foreign, too.
        let mut message = DropGuarded::new(Some(message));
        let weight = message.as_ref().map_or(1, |message| self.weight(message));
        let taken = self.credits.try_acquire_by(weight, origin);
        let message = message.take().expect("it was put there above");
        match taken {
            Ok(credits) => Ok(Lease::new(message, credits)),
            Err(why) => Err(Refused { message, weight, closed: why == TryAcquireError::Closed }),
        }
    }
}

/// A message that has no credits.
pub(super) struct Refused<T> {
    pub(super) message: T,
    pub(super) weight: usize,
    pub(super) closed: bool,
}

impl<T> Clone for Account<T> {
    fn clone(&self) -> Self {
        Self { limit: self.limit, weigh: self.weigh, credits: Arc::clone(&self.credits) }
    }
}
