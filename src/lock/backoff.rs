//! How to wait for a few instructions of another thread, without touching what it works on.

use crate::primitive::pause::{SPINS_FIRST, SPINS_MOST, nap, spin_loop, yield_now};

/// How often a contender yields before it naps.
const YIELDS: u32 = 8;

/// Pauses for longer and longer times, then yields, and at last naps, until a look finds it `done`.
#[inline(always)]
pub(crate) fn pause_until(mut done: impl FnMut() -> bool) {
    let (mut spins, mut yields) = (SPINS_FIRST, 0);
    loop {
        for _ in 0..spins {
            spin_loop();
        }
        if done() {
            return;
        }
        if spins < SPINS_MOST {
            spins *= 2;
        } else if yields < YIELDS {
            yields += 1;
            yield_now();
        } else {
            nap();
        }
    }
}
