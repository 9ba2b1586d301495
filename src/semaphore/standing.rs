//! What the common case has not: debt, a limit, a close. All three are one word, so that a release asks one question.

/// The most permits that can be issued.
pub(super) const MAX_PERMITS: usize = usize::MAX >> 3;

const CLOSED: usize = 1 << (usize::BITS - 1);
const LIMITED: usize = CLOSED >> 1;
const _: () = assert!(MAX_PERMITS < LIMITED, "the debt has room below the flags");

/// The debt of a pool, whether it has a limit, and whether it is closed.
#[derive(Clone, Copy)]
pub(super) struct Standing(usize);

impl Standing {
    pub(super) const fn new(limited: bool) -> Self {
        Self(if limited { LIMITED } else { 0 })
    }

    /// Neither debt nor a limit, and not closed.
    #[inline(always)]
    pub(super) fn is_plain(self) -> bool {
        self.0 == 0
    }

    /// No debt, and not closed.
    #[inline(always)]
    pub(super) fn owes_nothing(self) -> bool {
        self.0 & !LIMITED == 0
    }

    #[inline(always)]
    pub(super) fn is_closed(self) -> bool {
        self.0 & CLOSED != 0
    }

    /// Closes. Returns whether it was open.
    pub(super) fn close(&mut self) -> bool {
        let first = !self.is_closed();
        self.0 |= CLOSED;
        first
    }

    #[inline(always)]
    pub(super) fn debt(self) -> usize {
        self.0 & (LIMITED - 1)
    }

    /// The caller keeps the debt within `MAX_PERMITS`.
    pub(super) fn owe(&mut self, more: usize) {
        self.0 += more;
    }

    /// Repays as much debt as `permits` suffice for. Returns how much that is.
    pub(super) fn repay(&mut self, permits: usize) -> usize {
        let repaid = self.debt().min(permits);
        self.0 -= repaid;
        repaid
    }
}
