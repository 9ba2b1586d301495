//! How to wait for a few instructions of another thread, without touching what it works on.

use crate::primitive::pause::{SPINS_MOST, SPINS_SHORT, nap, spin};

/// How often a contender looks between two naps.
const LOOKS: u32 = 16;

/// Pauses for longer and longer times, from `first` on, until a look finds it `done`. After that the holder has been
/// preempted, or others come again and again: it looks often for a while, naps, and so on.
///
/// It never yields. Where other threads are busy, a thread that yields comes back when all of them have had their turn,
/// which takes milliseconds; one that naps comes back when its time is up.
#[inline(always)]
pub(crate) fn pause_until(first: u32, mut done: impl FnMut(Next) -> bool) {
    let mut spins = first;
    while spins <= SPINS_MOST {
        spin(spins);
        if done(Next::Look) {
            return;
        }
        spins *= 2;
    }
    loop {
        for _ in 0..LOOKS {
            spin(SPINS_SHORT);
            if done(Next::Look) {
                return;
            }
        }
        if done(Next::Nap) {
            return;
        }
        nap();
    }
}

/// What a contender does if a look is in vain.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Next {
    /// Looks again in a moment.
    Look,
    /// Naps.
    Nap,
}
