//! What the board notes of a port.

/// The link to no slot.
pub(super) const NONE: u32 = u32::MAX;

/// The links of a slot, in the list of its class.
#[derive(Clone, Copy)]
pub(super) struct Links {
    pub(super) next: u32,
    pub(super) previous: u32,
}

/// A slot, and which of its ports: slots are used again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct PortId {
    pub(super) slot: u32,
    pub(super) generation: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    Vacant,
    /// It had no message when it was polled last.
    Idle,
    /// It may have messages. It is in the list of its class.
    Ready,
    /// A receiver polls it.
    Taken,
    /// It may have messages, and is kept for those who wait for this source.
    Kept,
}

pub(super) struct Slot<H> {
    pub(super) state: State,
    pub(super) class: u8,
    pub(super) notified: bool,
    /// The first seeker waits to be called.
    pub(super) sought: bool,
    pub(super) generation: u32,
    pub(super) links: Links,
    /// What is left of the port's turn.
    pub(super) turn: u32,
    /// How many wait for this source.
    pub(super) seekers: u32,
    pub(super) handle: Option<H>,
}

impl<H> Slot<H> {
    pub(super) fn vacant() -> Self {
        Self {
            state: State::Vacant,
            class: 0,
            notified: false,
            sought: false,
            generation: 0,
            links: Links { next: NONE, previous: NONE },
            turn: 0,
            seekers: 0,
            handle: None,
        }
    }
}
