//! A thread that finds nothing under a contended lock stands back for a moment.
//!
//! A thread that spins (`while try_send(..).is_err() {}`) takes the lock again a few instructions after it released it,
//! and its core owns the cache line. Every other thread then finds the lock taken, pauses for longer and longer, and
//! starves. So a contender leaves a note. A thread that took the lock in vain sees it and pauses shortly: it has
//! nothing to lose.
//!
//! A thread that finds something ignores the note. What it does is work, and letting it go on for a while is what makes
//! contended flows fast. Both sides of the note are hints, as in [`Hints`](super::Hints).
//!
//! A thread that is about to wait looks several times in vain, and rests in between. Most likely the contender has what
//! it looks for, so it says that contenders may come soon.

use core::sync::atomic::AtomicU8;

use crate::primitive::Ordering::Relaxed;
use crate::primitive::pause::{SPINS_FIRST, SPINS_SHORT, SPINS_SOON, spin};

/// How often other threads stand back for one note.
const TIMES: u8 = 160;

/// How often more, and each time for longer, for a contender that naps: in all for about as long as the nap.
const TIMES_FOR_A_NAP: u8 = 64;

/// How many contenders come soon after a thread has looked in vain.
#[cfg(feature = "std")]
const LOOKS: u8 = 4;

/// The note, and what contenders know.
pub(super) struct Courtesy {
    /// How often other threads are still to stand back.
    note: AtomicU8,
    /// How many contenders are still to come soon.
    looks: AtomicU8,
}

impl Courtesy {
    pub(super) const fn new() -> Self {
        Self { note: AtomicU8::new(0), looks: AtomicU8::new(0) }
    }

    /// The lock was found taken. If other threads stood back for the last note, this one counts as shown already, but
    /// only once.
    pub(super) fn ask(&self) {
        // ORDERING: Relaxed, without a partner; see above.
        let left = self.note.load(Relaxed);
        let times = if (1..TIMES - 1).contains(&left) { TIMES - 1 } else { TIMES };
        // ORDERING: Relaxed, without a partner; see above.
        self.note.store(times, Relaxed);
    }

    /// Likewise, by a contender that is about to nap. If it came back to a lock that is taken by a thread which it has
    /// just preempted, it would nap again. Another contender that asks meanwhile shortens this.
    pub(super) fn ask_for_long(&self) {
        // ORDERING: Relaxed, without a partner; see above.
        self.note.store(TIMES + TIMES_FOR_A_NAP, Relaxed);
    }

    /// Whether a contender asked a short time ago.
    #[inline(always)]
    pub(super) fn is_asked(&self) -> bool {
        // ORDERING: Relaxed, without a partner; see above.
        self.note.load(Relaxed) != 0
    }

    /// Leaves the lock alone for a moment.
    #[cold]
    pub(super) fn stand_back(&self) {
        // ORDERING: Relaxed, without a partner; see above.
        let left = self.note.load(Relaxed);
        // ORDERING: Relaxed, without a partner; see above.
        self.note.store(left.saturating_sub(1), Relaxed);
        spin(if left > TIMES { SPINS_FIRST } else { SPINS_SHORT });
    }

    /// Whether a thread has stood back since the last note. After a note for long it counts as shown from the start.
    pub(super) fn is_shown(&self) -> bool {
        // ORDERING: Relaxed, without a partner; see above.
        let left = self.note.load(Relaxed);
        left != 0 && left != TIMES
    }

    /// How long to pause before the first try: shortly if others stand back or rest, for dozens of operations if not.
    pub(super) fn first_pause(&self) -> u32 {
        if self.is_shown() {
            return SPINS_SHORT;
        }
        // ORDERING: Relaxed, without a partner; see above.
        let looks = self.looks.load(Relaxed);
        if looks == 0 {
            return SPINS_FIRST;
        }
        // ORDERING: Relaxed, without a partner; see above.
        self.looks.store(looks - 1, Relaxed);
        SPINS_SOON
    }

    /// A thread that waits has looked in vain, and rests: the next contenders come soon.
    #[cfg(feature = "std")]
    pub(super) fn look(&self) {
        // What is known already is not written again: the cache line may belong to another core by now.
        // ORDERING: Relaxed, without a partner; see above.
        if self.looks.load(Relaxed) != LOOKS {
            // ORDERING: Relaxed, without a partner; see above.
            self.looks.store(LOOKS, Relaxed);
        }
    }
}

#[cfg(all(test, not(sempost_loom), not(sempost_shuttle)))]
mod tests {
    use super::*;

    /// Kills: a contender that tries soon although others are at work, or late although they stand back.
    #[test]
    fn a_contender_looks_soon_after_another_stood_back() {
        let courtesy = Courtesy::new();
        assert!(!courtesy.is_asked() && courtesy.first_pause() == SPINS_FIRST);
        courtesy.ask();
        assert!(courtesy.is_asked() && courtesy.first_pause() == SPINS_FIRST, "nobody has shown any");
        courtesy.stand_back();
        assert!(courtesy.is_shown() && courtesy.first_pause() == SPINS_SHORT);
        courtesy.stand_back();
        courtesy.ask();
        assert!(courtesy.is_shown(), "counted on once more");
        courtesy.ask();
        assert!(!courtesy.is_shown(), "nobody has come back");
    }

    /// Kills: a contender that tries late although the holder only looks, or soon although nobody has looked for long.
    #[cfg(feature = "std")]
    #[test]
    fn contenders_come_soon_after_a_look() {
        let courtesy = Courtesy::new();
        courtesy.look();
        courtesy.look();
        assert!(!courtesy.is_shown(), "nobody stands back");
        let soon = (0..=LOOKS).filter(|_| courtesy.first_pause() == SPINS_SOON).count();
        assert_eq!((soon, courtesy.first_pause()), (LOOKS.into(), SPINS_FIRST));
    }

    /// Kills: a note that is never used up, so that a spinning thread pauses forever.
    #[test]
    fn a_note_is_used_up() {
        for ask in [Courtesy::ask, Courtesy::ask_for_long] {
            let courtesy = Courtesy::new();
            ask(&courtesy);
            let times = (0..).take_while(|_| courtesy.is_asked()).inspect(|_| courtesy.stand_back()).count();
            assert!((1..256).contains(&times), "{times} times");
            assert!(!courtesy.is_shown());
        }
    }
}
