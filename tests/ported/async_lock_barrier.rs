//! async-lock's `barrier` (3.5.0), as `Barrier`.
//!
//! | origin | scenarios | tested here | differ |
//! |---|---|---|---|
//! | barrier | 2 | 2 | 0 |

use crate::common::{now, until, watched};
use sempost::Barrier;
use std::sync::{Arc, mpsc};
use std::thread;

const SIZE: usize = 10;

/// Ten rounds of nine threads and this one: while one is missing nobody goes on, and one of the ten leads.
fn ten_rounds(wait: fn(&Barrier) -> bool, wait_here: fn(&Barrier) -> bool) {
    watched(String::new, move || {
        let barrier = Arc::new(Barrier::new(SIZE));
        for _ in 0..10 {
            let (tell, told) = mpsc::channel();
            for _ in 0..SIZE - 1 {
                let (barrier, tell) = (barrier.clone(), tell.clone());
                thread::spawn(move || tell.send(wait(&barrier)).unwrap());
            }
            until(|| barrier.waiters() == SIZE - 1);
            assert!(told.try_recv().is_err());
            let led = usize::from(wait_here(&barrier));
            let others = told.iter().take(SIZE - 1).filter(|led| *led).count();
            assert_eq!(led + others, 1);
        }
    });
}

/// barrier: smoke
#[test]
fn ten_meet_ten_times() {
    ten_rounds(|barrier| smol::block_on(barrier.wait()).is_leader(), |barrier| now(barrier.wait()).is_leader());
}

/// barrier: smoke_blocking
#[test]
fn ten_threads_meet_ten_times() {
    let wait = |barrier: &Barrier| barrier.wait_blocking().is_leader();
    ten_rounds(wait, wait);
}
