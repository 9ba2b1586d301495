//! What a waiter keeps in its node, for the queue that it is in: a number, and flags.
//!
//! It is one word, because a new future that is written to memory in pieces costs more than the rest of a receive.

/// A number in an order that its queue keeps, and flags.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Ticket(u64);

impl Ticket {
    /// The waiter belongs to a handle, not to a future.
    const HANDLE: u64 = 1;
    /// Its handle was finished: its sends fail, even in an open mailbox.
    const FINISHED: u64 = 2;
    /// It was woken to retry, and has not been polled since. In a line: it stands before `next`.
    const WOKEN: u64 = 4;
    /// Something that is free was announced to it.
    const NOTIFIED: u64 = 8;
    const FLAGS: u32 = 4;

    #[inline(always)]
    pub(crate) const fn new() -> Self {
        Self(0)
    }

    #[inline(always)]
    pub(crate) fn of(handle: bool, finished: bool) -> Self {
        Self(if handle { Self::HANDLE } else { 0 } | if finished { Self::FINISHED } else { 0 })
    }

    /// A ticket with a number, and no flags.
    #[inline(always)]
    pub(crate) fn numbered(number: u64) -> Self {
        Self(number << Self::FLAGS)
    }

    /// The number of a waiter that joins a queue. Whether it is a handle, and finished, stays.
    #[inline(always)]
    pub(crate) fn set_number(&mut self, number: u64) {
        self.0 = (number << Self::FLAGS) | (self.0 & (Self::HANDLE | Self::FINISHED));
    }

    #[inline(always)]
    pub(crate) fn number(self) -> u64 {
        self.0 >> Self::FLAGS
    }

    pub(crate) fn set_handle(&mut self, handle: bool) {
        self.set(Self::HANDLE, handle);
    }

    pub(crate) fn is_handle(self) -> bool {
        self.0 & Self::HANDLE != 0
    }

    #[inline(always)]
    pub(crate) fn is_finished(self) -> bool {
        self.0 & Self::FINISHED != 0
    }

    pub(crate) fn set_woken(&mut self, woken: bool) {
        self.set(Self::WOKEN, woken);
    }

    pub(crate) fn is_woken(self) -> bool {
        self.0 & Self::WOKEN != 0
    }

    pub(super) fn is_notified(self) -> bool {
        self.0 & Self::NOTIFIED != 0
    }

    pub(super) fn skip(&mut self, notified: bool) {
        self.0 |= Self::WOKEN | if notified { Self::NOTIFIED } else { 0 };
    }

    pub(super) fn unskip(&mut self) {
        self.0 &= !(Self::WOKEN | Self::NOTIFIED);
    }

    fn set(&mut self, flag: u64, on: bool) {
        self.0 = if on { self.0 | flag } else { self.0 & !flag };
    }
}

impl AsMut<Ticket> for Ticket {
    #[inline(always)]
    fn as_mut(&mut self) -> &mut Ticket {
        self
    }
}

/// A waiter that keeps nothing but its ticket waits for one.
impl AsRef<usize> for Ticket {
    #[inline(always)]
    fn as_ref(&self) -> &usize {
        &1
    }
}
