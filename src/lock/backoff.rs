//! How to wait for a few instructions of another thread, without touching what it works on.

use crate::primitive::pause::{SPINS_FIRST, SPINS_MOST, SPINS_SHORT, nap, spin_loop};

/// How often a contender looks between two naps.
const LOOKS: u32 = 16;

/// Pauses for longer and longer times until a look finds it `done`. After that the holder has been preempted, or others come
/// again and again: it looks often for a while, naps, and so on.
///
/// It never yields. Where other threads are busy, a thread that yields comes back when all of them have had their turn,
/// which takes milliseconds; one that naps comes back when its time is up.
#[inline(always)]
pub(crate) fn pause_until(mut done: impl FnMut() -> bool) {
    let mut spins = SPINS_FIRST;
    while spins <= SPINS_MOST {
        spin(spins);
        if done() {
            return;
        }
        spins *= 2;
    }
    loop {
        for _ in 0..LOOKS {
            spin(SPINS_SHORT);
            if done() {
                return;
            }
        }
        nap();
    }
}

/// Leaves the lock alone for a moment, for those who wait for it.
#[cold]
pub(super) fn stand_back() {
    spin(8);
}

#[inline(always)]
fn spin(times: u32) {
    for _ in 0..times {
        spin_loop();
    }
}
