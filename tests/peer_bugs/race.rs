//! Two or three threads at once, many times, each round at another distance.

use crate::common::{Random, watched};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::thread;

const SEED: u64 = 0x5e3_9057;

/// One round: what it runs at once meets first, and then goes on after a random pause.
pub(crate) struct Round(Random);

impl Round {
    /// Runs `left` and `right` at once, and answers both results.
    pub(crate) fn both<L: Send, R>(&mut self, left: impl FnOnce() -> L + Send, right: impl FnOnce() -> R) -> (L, R) {
        let (here, pauses) = (AtomicUsize::new(0), [self.pause(), self.pause()]);
        thread::scope(|scope| {
            let left = scope.spawn(|| {
                meet(&here, 2, pauses[0]);
                left()
            });
            meet(&here, 2, pauses[1]);
            let right = right();
            (join(left), right)
        })
    }

    /// Runs three at once, and answers all results.
    pub(crate) fn three<A: Send, B: Send, C>(
        &mut self,
        first: impl FnOnce() -> A + Send,
        second: impl FnOnce() -> B + Send,
        third: impl FnOnce() -> C,
    ) -> (A, B, C) {
        let (here, pauses) = (AtomicUsize::new(0), [self.pause(), self.pause(), self.pause()]);
        thread::scope(|scope| {
            let first = scope.spawn(|| {
                meet(&here, 3, pauses[0]);
                first()
            });
            let second = scope.spawn(|| {
                meet(&here, 3, pauses[1]);
                second()
            });
            meet(&here, 3, pauses[2]);
            let third = third();
            (join(first), join(second), third)
        })
    }

    /// The dice of this race, for what else a round decides.
    pub(crate) fn random(&mut self) -> &mut Random {
        &mut self.0
    }

    fn pause(&mut self) -> usize {
        self.0.below(120)
    }
}

fn meet(here: &AtomicUsize, all: usize, pause: usize) {
    here.fetch_add(1, SeqCst);
    let mut looks = 0;
    while here.load(SeqCst) < all {
        looks += 1;
        if looks % 64 == 0 { thread::yield_now() } else { std::hint::spin_loop() }
    }
    (0..pause).for_each(|_| std::hint::spin_loop());
}

fn join<T>(thread: thread::ScopedJoinHandle<'_, T>) -> T {
    thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}

/// Runs `body` so many `rounds`, under the watchdog: a wake-up that is lost hangs.
pub(crate) fn race(rounds: usize, mut body: impl FnMut(&mut Round)) {
    let at = Arc::new(AtomicUsize::new(0));
    let seen = Arc::clone(&at);
    watched(
        move || format!("in round {} of seed {SEED:#x}", seen.load(SeqCst)),
        || {
            let mut round = Round(Random::new(SEED));
            for i in 0..rounds {
                at.store(i, SeqCst);
                body(&mut round);
            }
        },
    );
}
