//! What the board answers.

/// Whom to tell, after the unlock.
#[derive(Clone, Copy, PartialEq, Eq)]
#[must_use]
pub(super) enum Call {
    Nobody,
    /// A receiver that sleeps: a token is sent.
    Receiver,
    /// The first who waits for this source.
    Seeker,
}

/// What a receiver finds, or one who waits for a single port.
pub(super) enum Next<H> {
    Port(Taken<H>),
    /// Nothing is ready.
    Nothing,
    /// The hub has ended, or the port is gone.
    End,
}

/// A port that a receiver polls.
pub(super) struct Taken<H> {
    pub(super) handle: H,
    /// How many messages its turn has left.
    pub(super) turn: u32,
    pub(super) class: u8,
}

/// What everybody may see.
pub(super) struct Counts {
    pub(super) ports: usize,
    pub(super) openers: usize,
    pub(super) receivers: usize,
    /// Receivers that wait for any port.
    pub(super) asleep: usize,
    pub(super) closed: bool,
}
