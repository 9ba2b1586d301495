//! Barriers: all have come, one leads, and generations never mix.

use std::future::ready;
use std::sync::Arc;

use super::{glance, queued, run};
use crate::primitive::{Claim, model, pick, spawn};
use crate::{Barrier, Elapsed};

fn of(size: usize) -> Arc<Barrier> {
    Arc::new(Barrier::new(size))
}

/// Kills: a last one that sees nobody who waits, and a second leader.
#[test]
fn two_threads_meet_in_each_round() {
    model("barrier: two threads, rounds", || {
        let barrier = of(2);
        let other = Arc::clone(&barrier);
        let rounds = pick(2, 3);
        let thread = spawn(move || (0..rounds).filter(|_| other.wait_blocking().is_leader()).count());
        let led = (0..rounds).filter(|_| run(barrier.wait()).is_leader()).count();
        assert_eq!(led + thread.join().unwrap(), rounds);
        assert_eq!(barrier.waiters(), 0);
    });
}

/// Kills: a last one that wakes one of two (`barrier_the_last_wakes_one`), and one who goes on before the last has come
/// (`barrier_one_is_enough`).
#[test]
fn three_threads_meet() {
    model("barrier: three threads", || {
        let (barrier, claim) = (of(3), Arc::new(Claim::new()));
        let (other, first) = (Arc::clone(&barrier), Arc::clone(&claim));
        let threads = [
            spawn(move || {
                first.exercise();
                other.wait_blocking().is_leader()
            }),
            {
                let barrier = Arc::clone(&barrier);
                spawn(move || run(barrier.wait()).is_leader())
            },
        ];
        let led = run(barrier.wait()).is_leader();
        claim.exercise();
        let led = threads.map(|thread| thread.join().unwrap()).into_iter().chain([led]).filter(|led| *led).count();
        assert_eq!((led, barrier.waiters()), (1, 0));
    });
}

/// Kills: one that left and is counted (`barrier_one_that_left_is_counted`).
#[test]
fn one_that_leaves_is_counted_or_not_and_never_half() {
    model("barrier: cancel ∥ arrival ∥ arrival", || {
        let barrier = of(3);
        let (gone, other) = (queued(barrier.wait_owned()), Arc::clone(&barrier));
        let leaver = spawn(move || drop(gone));
        let thread = spawn(move || other.wait_blocking().is_leader());
        let mut arrival = Box::pin(barrier.wait());
        let mut waited = glance(&mut arrival);
        leaver.join().unwrap();
        // It has left. Either the generation is complete, or it was not counted, and another one has to come.
        waited = waited.or_else(|| glance(&mut arrival));
        let led = match waited {
            Some(waited) => usize::from(waited.is_leader()),
            None => [run(barrier.wait()), run(arrival)].iter().filter(|waited| waited.is_leader()).count(),
        };
        assert_eq!(led + usize::from(thread.join().unwrap()), 1);
        assert_eq!(barrier.waiters(), 0);
    });
}

/// Kills: a granted one that takes somebody of the next generation out of the count when it is dropped.
#[test]
fn one_that_leaves_when_all_have_come_is_not_of_the_next_generation() {
    model("barrier: cancel of a grant ∥ the next generation", || {
        let barrier = of(2);
        let granted = queued(barrier.wait_owned());
        assert!(run(barrier.wait()).is_leader());
        let other = Arc::clone(&barrier);
        let threads = [spawn(move || drop(granted)), spawn(move || _ = other.wait_blocking())];
        let _either = run(barrier.wait());
        threads.into_iter().for_each(|thread| thread.join().unwrap());
        assert_eq!(barrier.waiters(), 0);
    });
}

/// Kills: a deadline that takes one away whom the others have counted.
#[test]
fn a_late_one_is_counted_or_elapsed() {
    model("barrier: deadline ∥ deadline ∥ arrival", || {
        let barrier = of(2);
        let threads = [(); 2].map(|()| {
            let late = Arc::clone(&barrier);
            spawn(move || run(late.wait().until(ready(()))).map(|waited| waited.is_leader()))
        });
        let mut arrival = Box::pin(barrier.wait());
        let first = glance(&mut arrival);
        let late = threads.map(|thread| thread.join().unwrap());
        let waited = first.or_else(|| glance(&mut arrival)).ok_or(Elapsed).map(|waited| waited.is_leader());
        let all = [late[0], late[1], waited];
        let (done, led) = (all.iter().flatten().count(), all.iter().flatten().filter(|led| **led).count());
        assert!(done == 2 * led, "{all:?}");
        assert_eq!(barrier.waiters(), usize::from(waited.is_err()));
    });
}

/// Kills: the waiters of a generation that are served by those who come after it.
#[test]
fn the_next_generation_begins_before_the_last_one_has_been_polled() {
    model("barrier: granted and unpolled ∥ the next generation", || {
        let barrier = of(2);
        let granted = queued(barrier.wait_owned());
        assert!(run(barrier.wait()).is_leader());
        let other = Arc::clone(&barrier);
        let threads = [spawn(move || run(granted).is_leader()), spawn(move || other.wait_blocking().is_leader())];
        let led = run(barrier.wait()).is_leader();
        let [old, new] = threads.map(|thread| thread.join().unwrap());
        assert!(!old && led != new);
        assert_eq!(barrier.waiters(), 0);
    });
}
