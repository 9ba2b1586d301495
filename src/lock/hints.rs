//! What a lock remembers of how it was used, for the next waiter.
//!
//! These are hints, all but `redeemed`, and nothing is deduced from them: a wrong one costs time, never a message. So
//! every ordering here is Relaxed, lost updates do no harm, and the model checker sees none of it.

use core::sync::atomic::AtomicU8;

use crate::primitive::Ordering::Relaxed;

/// How many threads have to park before the hint of a prompt service is gone.
#[cfg(feature = "std")]
const PROMPT: u8 = 16;

/// How many threads that wait do not rest, before one tries anew whether the other side runs on another core.
#[cfg(feature = "std")]
const ELSEWHERE: u8 = 240;

/// How many threads have to rest in vain before that.
#[cfg(feature = "std")]
const BESIDE: u8 = ELSEWHERE + 8;

/// Two queues can wait at one lock, to send and to receive. Every other lock has one.
pub(crate) struct Hints {
    waited: [AtomicU8; 2],
    redeemed: AtomicU8,
    #[cfg(feature = "std")]
    prompt: AtomicU8,
    #[cfg(feature = "std")]
    beside: AtomicU8,
}

impl Hints {
    pub(super) const fn new() -> Self {
        Self {
            waited: [const { AtomicU8::new(0) }; 2],
            redeemed: AtomicU8::new(0),
            #[cfg(feature = "std")]
            prompt: AtomicU8::new(0),
            #[cfg(feature = "std")]
            beside: AtomicU8::new(0),
        }
    }

    /// Whether the last operation of this queue that could not be served at once had to wait.
    ///
    /// If so, the next one clones its waker before it takes the lock, and takes the lock only once.
    #[inline(always)]
    pub(crate) fn expects_wait(&self, line: usize) -> bool {
        // ORDERING: Relaxed, without a partner; see above.
        self.waited[line].load(Relaxed) != 0
    }

    #[inline(always)]
    pub(crate) fn record(&self, line: usize, waited: bool) {
        // What is known already is not written again: the cache line may belong to another core by now.
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
    pub(crate) fn record_prompt(&self, prompt: bool) {
        // ORDERING: Relaxed, without a partner; see above.
        let before = self.prompt.load(Relaxed);
        let after = if prompt { PROMPT } else { before.saturating_sub(1) };
        if after != before {
            // ORDERING: Relaxed, without a partner; see above.
            self.prompt.store(after, Relaxed);
        }
    }

    /// Whether the other side seems to run on another core: some of the last threads that rested on their own core were
    /// served meanwhile, or none has rested for long.
    #[cfg(feature = "std")]
    pub(crate) fn is_beside(&self) -> bool {
        // ORDERING: Relaxed, without a partner; see above.
        let beside = self.beside.load(Relaxed);
        beside == 0 || beside > ELSEWHERE
    }

    /// Whether a thread that waited was served while it rested.
    #[cfg(feature = "std")]
    pub(crate) fn record_beside(&self, served: bool) {
        // ORDERING: Relaxed, without a partner; see above.
        let before = self.beside.load(Relaxed);
        let after = if served { BESIDE } else { before.checked_sub(1).unwrap_or(ELSEWHERE) };
        if after != before {
            // ORDERING: Relaxed, without a partner; see above.
            self.beside.store(after, Relaxed);
        }
    }

    /// How many waiters have taken note that they were handed the mutex. It wraps. This is exact, not a hint: only the
    /// holder of the mutex writes it, and it became the holder under the lock.
    pub(crate) fn redeemed(&self) -> u8 {
        // ORDERING: Relaxed, without a partner; see above.
        self.redeemed.load(Relaxed)
    }

    /// Counts a waiter that takes the mutex that it was handed. It is the holder, so no other thread writes meanwhile.
    #[inline(always)]
    pub(crate) fn redeem(&self) {
        // ORDERING: Relaxed, without a partner; see above.
        self.redeemed.store(self.redeemed.load(Relaxed).wrapping_add(1), Relaxed);
    }
}

#[cfg(all(test, feature = "std", not(sempost_loom), not(sempost_shuttle)))]
mod tests {
    use alloc::vec::Vec;

    use super::*;

    /// Kills: threads that rest for ever although nobody comes meanwhile, and threads that never try it again.
    #[test]
    fn threads_rest_as_long_as_some_of_them_are_served() {
        let hints = Hints::new();
        assert!(hints.is_beside(), "it is tried first");
        hints.record_beside(true);
        for served in [false, true, false] {
            hints.record_beside(served);
            assert!(hints.is_beside());
        }
        let rested = (0..1000).map(|_| {
            let rests = hints.is_beside();
            hints.record_beside(false);
            rests
        });
        let rested: Vec<_> = rested.collect();
        assert!(!rested[usize::from(BESIDE)], "in vain");
        let again = rested.iter().filter(|rests| **rests).count();
        assert!((2..50).contains(&again), "{again} of 1000");
    }
}
