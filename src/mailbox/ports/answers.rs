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

/// What a receiver finds.
pub(super) enum Next<H> {
    Port(Taken<H>),
    /// No port is ready.
    Nothing,
    End,
}

/// A port that a receiver polls.
pub(super) struct Taken<H> {
    pub(super) handle: H,
    /// How many messages its turn has left.
    pub(super) turn: u32,
    pub(super) class: u8,
}

/// What a seeker finds.
pub(super) enum Sought<H> {
    Port(Taken<H>),
    Nothing,
    /// The port is gone.
    Ended,
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
