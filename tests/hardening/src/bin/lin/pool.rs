//! Threads that start together, again and again.

use std::hint;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;

/// How many threads take part in a scenario.
pub const THREADS: usize = 3;

/// Where all threads wait for each other. It spins, so that they leave it together.
#[derive(Default)]
pub struct Barrier {
    arrived: AtomicUsize,
    round: AtomicUsize,
    broken: AtomicBool,
}

impl Barrier {
    const SPINS: u32 = 200;

    /// Waits for the others.
    ///
    /// # Panics
    /// If one of them did.
    pub fn wait(&self) {
        let round = self.round.load(Ordering::SeqCst);
        if self.arrived.fetch_add(1, Ordering::SeqCst) + 1 == THREADS {
            self.arrived.store(0, Ordering::SeqCst);
            self.round.store(round + 1, Ordering::SeqCst);
            return;
        }
        let mut spins = 0;
        while self.round.load(Ordering::SeqCst) == round {
            assert!(!self.broken.load(Ordering::SeqCst), "another thread panicked");
            spins += 1;
            if spins < Self::SPINS {
                hint::spin_loop();
            } else {
                thread::yield_now();
            }
        }
    }
}

/// Breaks the barrier when its thread panics, so that nobody waits for it.
struct Alarm<'a>(&'a Barrier);

impl Drop for Alarm<'_> {
    fn drop(&mut self) {
        if thread::panicking() {
            self.0.broken.store(true, Ordering::SeqCst);
        }
    }
}

/// Runs `body` on all threads at once, and answers what they did.
pub fn together<R: Send>(barrier: &Barrier, body: impl Fn(usize) -> R + Sync) -> [R; THREADS] {
    thread::scope(|scope| {
        let body = &body;
        let threads: [_; THREADS] = std::array::from_fn(|me| {
            scope.spawn(move || {
                let _alarm = Alarm(barrier);
                let result = body(me);
                // They leave together, too: a race detector does not see how a scope waits for them.
                barrier.wait();
                result
            })
        });
        threads.map(|thread| thread.join().unwrap_or_else(|payload| std::panic::resume_unwind(payload)))
    })
}
