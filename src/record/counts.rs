//! What is seen of the state of a primitive.

/// The counts of a state. What a primitive has not is 0.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Counts {
    /// What is free: permits, slots, the mutex itself.
    pub(crate) free: usize,
    /// Queued messages, or those who have arrived at a barrier.
    pub(crate) queued: usize,
    /// Permits that were taken away and have not come back.
    pub(crate) owed: usize,
    pub(crate) closed: bool,
    pub(crate) senders: usize,
    pub(crate) receivers: usize,
}

impl Counts {
    pub(super) fn to_words(self) -> [usize; 6] {
        let Self { free, queued, owed, closed, senders, receivers } = self;
        [free, queued, owed, usize::from(closed), senders, receivers]
    }

    pub(super) fn of_words([free, queued, owed, closed, senders, receivers]: [usize; 6]) -> Self {
        Self { free, queued, owed, closed: closed != 0, senders, receivers }
    }
}
