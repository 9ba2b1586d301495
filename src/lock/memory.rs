//! What a lock remembers of how it was used, for whoever is about to wait.
//!
//! Hints, and nothing is deduced from them: a wrong one costs time, never a message. So every ordering here is Relaxed,
//! lost updates are welcome, and the model checker is not shown any of it.

use core::fmt;
use core::sync::atomic::AtomicU8;

use crate::primitive::Ordering::Relaxed;

/// For how many waiters a lock that was found taken is remembered as contended.
const HEAT: u8 = 16;

/// Two lines can wait at one lock: to send and to receive. Everything else has one.
pub(crate) struct Memory {
    heat: AtomicU8,
    waited: [AtomicU8; 2],
}

impl Memory {
    pub(super) const fn new() -> Self {
        Self { heat: AtomicU8::new(0), waited: [const { AtomicU8::new(0) }; 2] }
    }

    /// The lock was found taken.
    #[cfg_attr(any(feature = "os-lock", sempost_loom), allow(dead_code, reason = "the host's mutex does not tell"))]
    pub(super) fn heat(&self) {
        // ORDERING: Relaxed, without a partner; see above.
        self.heat.store(HEAT, Relaxed);
    }

    /// Whether somebody found the lock taken a short while ago. Each call forgets a little of it.
    ///
    /// Then a waiter about to queue looks once more: the other side is running on another core and often has what is
    /// wanted by now. Where nobody contends that look would cost 8 ns and find nothing.
    #[inline(always)]
    pub(crate) fn was_contended(&self) -> bool {
        // ORDERING: Relaxed, without a partner; see above.
        let heat = self.heat.load(Relaxed);
        if heat > 0 {
            self.heat.store(heat - 1, Relaxed);
        }
        heat > 0
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
}

impl fmt::Debug for Memory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Memory").finish_non_exhaustive()
    }
}
