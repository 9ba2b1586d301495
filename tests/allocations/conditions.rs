//! C4 and C13 of waits for conditions and for predicates.

use super::*;
use sempost::{Condvar, Monitor, Mutex};
use std::pin::pin;
use std::sync::Arc;

#[test]
fn c04_condvar_many_waits_allocate_nothing() {
    let (condvar, mutex, bell) = (Condvar::new(), Mutex::new(0), Bell::new());
    let wait = || common::queued(condvar.wait(mutex.try_lock().unwrap()), &bell);
    let mut waiters: Vec<_> = (0..1_000).map(|_| wait()).collect();
    let (count, ()) = allocations(|| {
        assert_eq!(condvar.notify_all(), 1_000);
        // The first takes the others along; each lets the next in.
        waiters.iter_mut().for_each(|waiter| *common::ready(waiter, &bell) += 1);
    });
    assert_eq!((count, *mutex.try_lock().unwrap()), (0, 1_000));
}

#[test]
fn c04_monitor_a_predicate_that_holds_allocates_nothing() {
    let (monitor, bell) = (Monitor::plain(1), Bell::new());
    let (count, ()) = allocations(|| {
        for _ in 0..100 {
            let inside = expect_ready(pin!(monitor.enter_when(|n| *n == 1)).poll(&mut bell.context()));
            drop(expect_ready(pin!(inside.wait_for(|n| *n == 1)).poll(&mut bell.context())));
        }
    });
    assert_eq!(count, 0);
}

/// The seat: its predicate, its waiter's queue and its place in the table. (The table itself grows now and then.)
#[test]
fn c04_monitor_a_wait_for_a_predicate_allocates_once() {
    let (monitor, bell, other) = (Monitor::plain(0), Bell::new(), Bell::new());
    let room: Vec<_> = (0..7).map(|_| common::queued(monitor.enter_when(|n| *n > 9), &bell)).collect();
    let mut when = Box::pin(monitor.enter_when(|n| *n > 0));
    let (count, pending) = allocations(|| common::poll(&mut when, &bell).is_pending());
    assert_eq!((count, pending), (1, true), "the first wait");
    let (count, ()) = allocations(|| {
        for _ in 0..100 {
            *monitor.try_enter().unwrap() = 1;
            *monitor.try_enter().unwrap() = 0;
            // It was called in vain, and goes back to its place.
            assert!(common::poll(&mut when, &other).is_pending());
        }
        *monitor.try_enter().unwrap() = 1;
        drop(common::ready(&mut when, &other));
    });
    assert_eq!(count, 0, "every later one");
    drop(room);
}

/// Kills: a small table that is given back when it is empty, or grows at every wait.
#[test]
fn c04_monitor_the_table_of_few_predicates_stays() {
    let (monitor, bell) = (Monitor::plain(0), Bell::new());
    let round = || {
        let mut line: Vec<_> = (0..16).map(|_| Box::pin(monitor.enter_when(|n| *n > 0))).collect();
        let (count, ()) = allocations(|| {
            line.iter_mut().for_each(|waiting| assert!(common::poll(waiting, &bell).is_pending()));
            *monitor.try_enter().unwrap() = 1;
            line.iter_mut().for_each(|waiting| drop(common::ready(waiting, &bell)));
            *monitor.try_enter().unwrap() = 0;
        });
        count
    };
    round();
    assert_eq!(round(), 16);
}

/// Kills: a table that takes room for much more than it has to hold, or again and again.
#[test]
fn c13_monitor_the_table_of_predicates_grows_by_doubling() {
    const WAITS: usize = 1_001;
    let (monitor, bell) = (Monitor::plain(0), Bell::new());
    let mut line: Vec<_> = (0..WAITS).map(|_| Box::pin(monitor.enter_when(|n| *n > 0))).collect();
    let mut wait = |i: usize| {
        let before = BYTES.get();
        let (count, pending) = allocations(|| common::poll(&mut line[i], &bell).is_pending());
        assert!(pending);
        (count, grown_since(before))
    };
    wait(0);
    // The second finds room.
    let (count, seat) = wait(1);
    assert_eq!(count, 1);
    let (count, bytes) = (2..WAITS).map(wait).fold((0, 0), |(count, bytes), one| (count + one.0, bytes + one.1));
    assert!(count <= WAITS - 2 + 8, "{count} allocations");
    let table = bytes - (WAITS as isize - 2) * seat;
    // A row is two words, and up to half of them are room.
    assert!(table <= 40 * WAITS as isize, "{table} bytes of a table");
}

/// Kills: a table that keeps seats that were left, or its room, after a burst.
/// (`c13_monitor_seats_that_were_left_are_never_swept`)
#[test]
fn c13_monitor_the_table_of_predicates_follows_the_load() {
    let (monitor, bell) = (Arc::new(Monitor::plain(0)), Bell::new());
    let before = BYTES.get();
    let line: Vec<_> = (0..10_000).map(|_| common::queued(monitor.enter_when(|n| *n > 0), &bell)).collect();
    let full = grown_since(before);
    assert!(full <= 10_000 * 1_024, "{full} bytes for 10,000 waits");
    let sleeps = common::queued(monitor.enter_when(|n| *n > 9), &bell);
    drop(line);
    *monitor.try_enter().unwrap() = 1;
    let kept = grown_since(before);
    assert!(kept <= 1_024, "{kept} bytes kept beside one that sleeps");
    drop(sleeps);
    *monitor.try_enter().unwrap() = 0;
    let line: Vec<_> = (0..10_000).map(|_| common::queued(monitor.enter_when(|n| *n > 0), &bell)).collect();
    drop(line);
    let kept = grown_since(before);
    assert!(kept <= 1_024, "{kept} bytes kept when all have given up");
    for _ in 0..10_000 {
        drop(common::queued(monitor.enter_when_owned(|n| *n > 0), &bell));
    }
    let kept = grown_since(before);
    assert!(kept <= 4_096, "{kept} bytes kept by waits that came and went");
}
