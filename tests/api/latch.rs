//! The latch: what each method answers, when.

use crate::common::{Bell, now, pending, queued, ready};
use sempost::{Elapsed, Latch};
use std::future;
use std::sync::Arc;

#[test]
fn it_opens_at_the_last_count_and_stays_open() {
    let (latch, bell) = (Latch::new(2), Bell::new());
    let mut waiting = queued(latch.wait(), &bell);
    assert!(!latch.count_down());
    pending(&mut waiting, &bell);
    assert_eq!((latch.count(), latch.is_open(), latch.waiters(), bell.wakes()), (1, false, 1, 0));
    assert!(latch.count_down());
    assert_eq!((latch.count(), latch.is_open(), latch.waiters(), bell.wakes()), (0, true, 0, 1));
    ready(&mut waiting, &bell);
    now(latch.wait());
    assert!(!latch.count_down() && latch.is_open(), "what is too much is ignored");
}

#[test]
fn of_count_0_it_is_open() {
    let latch = Latch::new(0);
    assert!(latch.is_open() && !latch.count_down());
    now(latch.wait());
    latch.wait_blocking();
}

#[test]
fn many_counts_at_once_stop_at_0() {
    let latch = Latch::new(usize::MAX);
    assert!(!latch.count_down_many(0) && !latch.count_down_many(usize::MAX - 3));
    assert_eq!(latch.count(), 3);
    assert!(latch.count_down_many(usize::MAX));
    assert_eq!((latch.count(), latch.is_open()), (0, true));
    assert!(!latch.count_down_many(usize::MAX));
}

#[test]
fn a_deadline_comes_first_or_the_latch_does() {
    let latch = Arc::new(Latch::new(1));
    assert_eq!(now(latch.wait().until(future::ready(()))), Err(Elapsed));
    assert_eq!(latch.waiters(), 0);
    latch.count_down();
    assert_eq!(now(latch.wait_owned().until(future::ready(()))), Ok(()));
}

/// Kills: an opening that wakes somebody twice, or leaves somebody in the list.
#[test]
fn a_thousand_are_woken_once_each() {
    let (latch, bell) = (Latch::new(1), Bell::new());
    let mut waiters: Vec<_> = (0..1_000).map(|_| queued(latch.wait(), &bell)).collect();
    assert!(latch.count_down());
    assert_eq!((bell.wakes(), bell.held(), latch.waiters()), (1_000, 0, 0));
    waiters.iter_mut().for_each(|waiter| ready(waiter, &bell));
}

/// Kills: a waiter behind the first turn of 64 that does not see the open latch when it is polled before its own turn.
#[test]
fn a_poll_between_two_turns_sees_the_open_latch() {
    let latch = Arc::new(Latch::new(1));
    let (first, rest) = (Bell::new(), Bell::new());
    let head = queued(latch.wait(), &first);
    let mut waiters: Vec<_> = (0..99).map(|_| queued(latch.wait_owned(), &rest)).collect();
    let last = std::sync::Mutex::new(waiters.pop());
    let asked = latch.clone();
    first.on_wake(move || {
        let mut last = last.lock().unwrap().take().unwrap();
        assert!(asked.is_open() && asked.waiters() == 36);
        ready(&mut last, &Bell::new());
        assert_eq!(asked.waiters(), 35, "it has left before its turn");
    });
    assert!(latch.count_down());
    assert_eq!((first.wakes(), rest.wakes(), rest.held(), latch.waiters()), (1, 98, 0, 0));
    drop(head);
}

#[test]
fn it_is_const_and_shows_its_state() {
    static STOP: Latch = Latch::new(2);
    let mut waiting = queued(STOP.wait(), &Bell::new());
    assert_eq!(format!("{STOP:?} {waiting:?}"), "Latch { count: 2, waiters: 1 } LatchWaiting(Queued)");
    STOP.count_down_many(2);
    assert_eq!(format!("{STOP:?} {waiting:?}"), "Latch { count: 0, waiters: 0 } LatchWaiting(Granted)");
    ready(&mut waiting, &Bell::new());
}

#[test]
fn a_task_and_a_thread_wait_for_one_latch() {
    let latch = Arc::new(Latch::new(3));
    let threads = [(); 3].map(|()| {
        let latch = latch.clone();
        std::thread::spawn(move || latch.count_down())
    });
    latch.wait_blocking();
    let opened = threads.map(|thread| thread.join().unwrap());
    assert_eq!(opened.iter().filter(|opened| **opened).count(), 1);
    now(latch.wait());
}
