//! tokio's `sync_barrier` (tokio 1.54.1), as `Barrier`.
//!
//! | origin | scenarios | tested here | differ |
//! |---|---|---|---|
//! | sync_barrier | 5 | 5 | 0 |
//!
//! # Spelled otherwise
//! | there | here |
//! |---|---|
//! | a dropped `wait` that was polled stays counted | it is not counted, unless the last had come |

use crate::common::{Bell, now, pending, queued, ready};
use sempost::Barrier;

/// sync_barrier: barrier_future_is_send
#[test]
fn a_barrier_and_its_future_are_send() {
    fn is_send<T: Send>(_: &T) {}
    fn is_sync<T: Sync>(_: &T) {}
    let barrier = Barrier::new(0);
    is_send(&barrier);
    is_sync(&barrier);
    is_send(&barrier.wait());
}

/// sync_barrier: zero_does_not_block
#[test]
fn of_none_it_waits_for_nobody() {
    let barrier = Barrier::new(0);
    assert!(now(barrier.wait()).is_leader());
    assert!(now(barrier.wait()).is_leader());
}

/// sync_barrier: single
#[test]
fn of_one_each_is_a_leader() {
    let barrier = Barrier::new(1);
    for _ in 0..3 {
        assert!(now(barrier.wait()).is_leader());
    }
}

/// sync_barrier: tango
#[test]
fn of_two_the_second_leads_and_the_first_follows() {
    let (barrier, bell) = (Barrier::new(2), Bell::new());
    let mut first = queued(barrier.wait(), &bell);
    let second = now(barrier.wait());
    assert_eq!(bell.wakes(), 1);
    assert!(second.is_leader() && !ready(&mut first, &bell).is_leader());
}

/// sync_barrier: lots
#[test]
fn a_hundred_meet_ten_times() {
    let (barrier, bell) = (Barrier::new(100), Bell::new());
    for _ in 0..10 {
        let mut line: Vec<_> = (0..99).map(|_| queued(barrier.wait(), &bell)).collect();
        line.iter_mut().for_each(|waiter| pending(waiter, &bell));
        assert!(now(barrier.wait()).is_leader());
        assert_eq!(bell.take_wakes(), 99);
        assert!(line.iter_mut().all(|waiter| !ready(waiter, &bell).is_leader()));
    }
}
