//! What a lock remembers of how it was used, for whoever is about to wait.
//!
//! Hints, and nothing is deduced from them: a wrong one costs time, never a message. So every ordering here is Relaxed,
//! lost updates are welcome, and the model checker is not shown any of it.

use core::sync::atomic::AtomicU8;

use crate::primitive::Ordering::Relaxed;

/// How many threads may park before nobody counts on being served before it parks.
#[cfg(feature = "std")]
const PROMPT: u8 = 16;

/// Two lines can wait at one lock: to send and to receive. Everything else has one.
pub(crate) struct Memory {
    waited: [AtomicU8; 2],
    redeemed: AtomicU8,
    #[cfg(feature = "std")]
    prompt: AtomicU8,
}

impl Memory {
    pub(super) const fn new() -> Self {
        Self {
            waited: [const { AtomicU8::new(0) }; 2],
            redeemed: AtomicU8::new(0),
            #[cfg(feature = "std")]
            prompt: AtomicU8::new(0),
        }
    }

    /// Whether the last one of this line who could not be served at once had to wait.
    ///
    /// Then the next clones its waker before it takes the lock, and needs to take it only once.
    #[inline(always)]
    pub(crate) fn expects_wait(&self, line: usize) -> bool {
        // ORDERING: Relaxed, without a partner; see above.
        self.waited[line].load(Relaxed) != 0
    }

    #[inline(always)]
    pub(crate) fn learn(&self, line: usize, waited: bool) {
        // What is known already is not written again: the line may be another core's by now.
        if self.expects_wait(line) != waited {
            // ORDERING: Relaxed, without a partner; see above.
            self.waited[line].store(u8::from(waited), Relaxed);
        }
    }

    /// Whether one of the last threads that waited here was served before it parked.
    #[cfg(feature = "std")]
    pub(crate) fn is_prompt(&self) -> bool {
        // ORDERING: Relaxed, without a partner; see above.
        self.prompt.load(Relaxed) != 0
    }

    #[cfg(feature = "std")]
    pub(crate) fn note_prompt(&self, prompt: bool) {
        // ORDERING: Relaxed, without a partner; see above.
        let before = self.prompt.load(Relaxed);
        let after = if prompt { PROMPT } else { before.saturating_sub(1) };
        if after != before {
            // ORDERING: Relaxed, without a partner; see above.
            self.prompt.store(after, Relaxed);
        }
    }

    /// How often one that was handed the exclusion has taken note of it. It wraps. This is no hint, but exact: the one who
    /// has the exclusion alone writes it, and got that under the lock.
    pub(crate) fn redeemed(&self) -> u8 {
        // ORDERING: Relaxed, without a partner; see above.
        self.redeemed.load(Relaxed)
    }

    /// Notes that a waiter takes the exclusion that it was handed. It has it, so nobody else does this meanwhile.
    #[inline(always)]
    pub(crate) fn redeem(&self) {
        // ORDERING: Relaxed, without a partner; see above.
        self.redeemed.store(self.redeemed.load(Relaxed).wrapping_add(1), Relaxed);
    }
}
