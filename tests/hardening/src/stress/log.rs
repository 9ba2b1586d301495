//! What everybody notes for itself, and what comes of it.

use std::ops::AddAssign;

use super::Bitmap;
use super::watchdog::progress;

/// Counts; the last four are what must not be.
#[derive(Clone, Copy, Debug, Default)]
pub struct Tally {
    /// Messages received.
    pub messages: u64,
    /// Permits, guards and entries got.
    pub acquires: u64,
    /// Waits given up after they had been polled.
    pub cancels: u64,
    /// Calls of `close` that closed.
    pub closes: u64,
    /// Messages or items that nobody got and nobody dropped.
    pub lost: u64,
    /// What was got twice, or although it was not sent.
    pub dup: u64,
    /// Messages that one receiver got from one sender in another order than they were sent in.
    pub reordered: u64,
    /// Anything else: two inside, permits that do not add up, a message accepted after the close.
    pub broken: u64,
}

impl Tally {
    /// How much went wrong.
    pub fn violations(&self) -> u64 {
        self.lost + self.dup + self.reordered + self.broken
    }
}

impl AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.messages += other.messages;
        self.acquires += other.acquires;
        self.cancels += other.cancels;
        self.closes += other.closes;
        self.lost += other.lost;
        self.dup += other.dup;
        self.reordered += other.reordered;
        self.broken += other.broken;
    }
}

/// The notes of one task or thread.
#[derive(Clone, Debug, Default)]
pub struct Log {
    /// Its counts.
    pub tally: Tally,
    /// What was accepted from it.
    pub sent: Bitmap,
    /// What it let go of without learning whether it had been taken: futures that were dropped.
    pub dropped: Bitmap,
    /// What it received.
    pub got: Bitmap,
}

impl Log {
    /// Counts a message.
    pub fn received(&mut self) {
        self.tally.messages += 1;
        self.tick();
    }

    /// Counts an acquire.
    pub fn acquired(&mut self) {
        self.tally.acquires += 1;
        self.tick();
    }

    fn tick(&self) {
        // Seldom, so that the watchdog's count does not become what everybody waits for.
        if (self.tally.messages + self.tally.acquires).is_multiple_of(64) {
            progress();
        }
    }

    /// Adds another one's notes. What both got, both lost or both sent is noted as got twice.
    pub fn merge(&mut self, other: &Self) {
        self.tally += other.tally;
        self.tally.dup += self.got.add(&other.got);
        self.tally.broken += self.sent.add(&other.sent) + self.dropped.add(&other.dropped);
    }
}
