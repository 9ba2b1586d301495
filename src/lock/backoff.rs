//! How to wait for the few instructions of another thread's critical section, without disturbing it.

use crate::primitive::pause::{SPINS_MOST, SPINS_SHORT, nap, spin};

/// How often a contender tries between two naps.
const LOOKS: u32 = 16;

/// Pauses for longer and longer times, starting with `first`, until a try is `done`. If that takes long, the holder was
/// preempted, or other threads take the lock again and again. Then it tries often for a while, naps, and repeats that.
///
/// It never yields. Where other threads are busy, a thread that yields comes back after all of them have had their
/// turn, which takes milliseconds. A thread that naps comes back when its time is up.
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

/// What a contender does after a failed try.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Next {
    /// It tries again in a moment.
    Look,
    /// It naps.
    Nap,
}
