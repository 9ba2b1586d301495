//! Latches: nobody sleeps beside an open one.

use std::future::ready;
use std::sync::Arc;

use super::{queued, run};
use crate::primitive::{Claim, model, pick, spawn};
use crate::{Elapsed, Latch};

fn of(count: usize) -> Arc<Latch> {
    Arc::new(Latch::new(count))
}

/// Kills: a waiter that joins after the last count, and an opening that wakes nobody (`latch_opens_and_wakes_nobody`).
#[test]
fn the_last_count_and_a_wait() {
    model("latch: count_down ∥ count_down ∥ wait", || {
        let latch = of(2);
        let threads = [(); 2].map(|()| {
            let latch = Arc::clone(&latch);
            spawn(move || latch.count_down())
        });
        run(latch.wait());
        assert!(latch.is_open());
        let opened = threads.map(|thread| thread.join().unwrap());
        assert!(opened[0] != opened[1], "one of them opened it");
        assert_eq!(latch.waiters(), 0);
    });
}

/// Kills: a flag that is set before the count is at 0 (`latch_is_at_0_before_it_is_open`), or after those who wait
/// were woken.
#[test]
fn who_sees_it_open_does_not_wait() {
    model("latch: count_down ∥ count_down ∥ is_open", || {
        let latch = of(2);
        let threads = [(); 2].map(|()| {
            let latch = Arc::clone(&latch);
            spawn(move || latch.count_down())
        });
        if latch.is_open() {
            assert!(super::glance(&mut Box::pin(latch.wait())).is_some());
        } else {
            run(latch.wait());
        }
        assert_eq!(latch.count(), 0);
        let opened = threads.map(|thread| thread.join().unwrap());
        assert!(opened[0] != opened[1]);
    });
}

/// Kills: a wait that returns before it has seen what came before the counts.
#[test]
fn what_comes_before_a_count_is_seen_after_the_wait() {
    model("latch: claims before the counts ∥ after the wait, or the look", || {
        let latch = of(2);
        let claims = [(); 2].map(|()| Arc::new(Claim::new()));
        let threads = claims.clone().map(|claim| {
            let latch = Arc::clone(&latch);
            spawn(move || {
                claim.exercise();
                latch.count_down();
            })
        });
        if !latch.is_open() {
            run(latch.wait());
        }
        claims.iter().for_each(|claim| claim.exercise());
        threads.into_iter().for_each(|thread| thread.join().unwrap());
    });
}

/// Kills: a wait that is dropped while the latch opens, and takes another's wake along.
#[test]
fn a_wait_that_leaves_while_it_opens() {
    model("latch: cancel ∥ count_down ∥ wait", || {
        let latch = of(1);
        let gone = queued(latch.wait_owned());
        let opener = Arc::clone(&latch);
        let threads = [spawn(move || drop(gone)), spawn(move || _ = opener.count_down())];
        (0..pick(1, 2)).for_each(|_| latch.wait_blocking());
        threads.into_iter().for_each(|thread| thread.join().unwrap());
        assert_eq!(latch.waiters(), 0);
    });
}

/// Kills: a late wait that stays in the list of an open latch.
#[test]
fn a_late_wait_leaves() {
    model("latch: deadline ∥ count_down ∥ count_down", || {
        let latch = of(2);
        let threads = [(); 2].map(|()| {
            let latch = Arc::clone(&latch);
            spawn(move || latch.count_down())
        });
        let waited = run(latch.wait().until(ready(())));
        threads.into_iter().for_each(|thread| _ = thread.join().unwrap());
        assert!(matches!(waited, Ok(()) | Err(Elapsed)));
        assert!(latch.waiters() == 0 && latch.is_open());
    });
}

/// Kills: two calls that both say that they have opened it (`latch_two_have_opened_it`).
#[test]
fn of_several_last_counts_one_opens_it() {
    model("latch: count_down ∥ count_down ∥ count_down, of one", || {
        let latch = of(1);
        let threads = [(); 2].map(|()| {
            let latch = Arc::clone(&latch);
            spawn(move || latch.count_down())
        });
        let mut opened = usize::from(latch.count_down());
        threads.into_iter().for_each(|thread| opened += usize::from(thread.join().unwrap()));
        assert_eq!(opened, 1);
    });
}
