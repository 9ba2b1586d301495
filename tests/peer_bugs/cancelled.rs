//! Section 2.1, first half: a cancelled or finished waiter keeps what it was given.

use crate::common::lines::Cond::{self, A};
use crate::common::{Bell, Random, pending, poll, queued, ready, watched};
use crate::on_every_line;
use sempost::mailbox;
use sempost::{Fairness, Monitor, Mutex, Semaphore};
use std::collections::VecDeque;
use std::sync::Arc;
use std::task::Poll;

const FAIRNESS: [Fairness; 3] = [Fairness::Fifo, Fairness::Barging { overtakes: 2 }, Fairness::Unfair];

/// tokio#904: a permit dropped while its node was queued was never released; here a waiter leaves before and after the
/// release, and the next one is served or the sum comes back.
#[test]
fn b001_a_waiter_that_leaves_keeps_no_permit() {
    for after in [false, true] {
        on_every_line(|line| {
            let (gone, stays) = (Bell::new(), Bell::new());
            let mut first = Some(line.queue(&gone));
            let mut second = line.queue(&stays);
            if !after {
                drop(first.take());
            }
            (line.one)();
            drop(first);
            assert_eq!((gone.wakes(), gone.held(), stays.wakes()), (usize::from(after), 0, 1));
            assert!(second.finished(&stays));
        });
        for (fairness, n) in FAIRNESS.into_iter().zip(1..) {
            let semaphore = Semaphore::with_fairness(0, fairness);
            let mut first = Some(queued(semaphore.acquire_many(n), &Bell::new()));
            let second = queued(semaphore.acquire_many(n), &Bell::new());
            if !after {
                drop(first.take());
            }
            semaphore.add_permits(n);
            drop((first, second));
            assert_eq!((semaphore.available_permits(), semaphore.waiters()), (n, 0));
        }
    }
}

/// tokio#1898: a `lock()` future dropped early left the mutex locked for ever; here it and the monitor are free again.
#[test]
fn b002_a_dropped_lock_future_leaves_it_unlocked() {
    for fairness in FAIRNESS {
        let mutex = Arc::new(Mutex::with_fairness((), fairness));
        let held = mutex.try_lock_owned().unwrap();
        let waiters = (queued(mutex.lock(), &Bell::new()), queued(mutex.lock_owned(), &Bell::new()));
        drop(held);
        assert!(matches!(fairness, Fairness::Unfair) || mutex.waiters() > 0 || mutex.is_locked());
        drop((mutex.lock(), waiters));
        assert!(mutex.try_lock().is_some());
    }
    let monitor = Arc::new(Monitor::<_, Cond>::new(()));
    let inside = monitor.try_enter_owned().unwrap();
    let waiters = (queued(monitor.enter(), &Bell::new()), queued(monitor.enter_owned(), &Bell::new()));
    drop(inside);
    drop((monitor.enter(), waiters));
    drop(monitor.try_enter().unwrap().wait(A));
    assert!(monitor.try_enter().is_some());
}

/// tokio#3652: a `Notified` dropped after it was notified lost the notification; here it goes to the next, whether its
/// owner stood at the door, was let in, or was handed the monitor.
#[test]
fn b006_a_notification_dropped_is_passed_on() {
    watched(String::new, || {
        for moment in ["at the door", "let in", "signalled"] {
            let monitor = Monitor::<_, Cond>::new(false);
            let (gone, stays) = (Bell::new(), Bell::new());
            let first = queued(monitor.try_enter().unwrap().wait(A), &gone);
            let mut second = queued(monitor.try_enter().unwrap().wait_while(A, |told| !*told), &stays);
            let mut inside = monitor.try_enter().unwrap();
            *inside = true;
            match moment {
                "at the door" => {
                    assert!(inside.notify_one(A));
                    drop(first);
                    drop(inside);
                }
                "let in" => {
                    assert!(inside.notify_one(A));
                    drop(inside);
                    drop(first);
                }
                _ => {
                    assert!(inside.signal_and_leave(A));
                    drop(first);
                }
            }
            assert_eq!((gone.held(), stays.wakes()), (0, 1), "{moment}");
            drop(ready(&mut second, &stays));
            assert!(!monitor.is_occupied());
        }
    });
}

/// golang/sync 43a5402: a big head cancelled, and smaller ones that fit stayed asleep; here they are told at once.
#[test]
fn b007_a_big_head_that_leaves_lets_the_small_ones_through() {
    for fairness in [Fairness::Fifo, Fairness::Barging { overtakes: 0 }] {
        let semaphore = Semaphore::with_fairness(1, fairness);
        let bell = Bell::new();
        let head = queued(semaphore.acquire_many(2), &Bell::new());
        let mut small = queued(semaphore.acquire(), &bell);
        drop(head);
        assert_eq!(bell.wakes(), 1, "{fairness:?}");
        assert!(ready(&mut small, &bell).is_ok());
    }
    let (tx, _rx) = mailbox::bounded(2);
    let bell = Bell::new();
    tx.try_send(0).unwrap();
    let head = queued(tx.reserve_many(2), &Bell::new());
    let mut small = queued(tx.send(1), &bell);
    drop(head);
    assert_eq!((bell.wakes(), ready(&mut small, &bell)), (1, Ok(())));
}

/// awslabs/shuttle#167: the same in a strictly fair semaphore; here the new head does not fit, so nobody passes it.
#[test]
fn b008_behind_a_head_that_leaves_nobody_passes_the_new_one() {
    let semaphore = Semaphore::new(1);
    let bells = [Bell::new(), Bell::new(), Bell::new()];
    let head = queued(semaphore.acquire_many(3), &bells[0]);
    let second = queued(semaphore.acquire_many(2), &bells[1]);
    let mut third = queued(semaphore.acquire(), &bells[2]);
    drop(head);
    assert_eq!(bells.each_ref().map(Bell::wakes), [0, 0, 0]);
    assert!(semaphore.try_acquire().is_err());
    pending(&mut third, &bells[2]);
    drop(second);
    assert_eq!(bells[2].wakes(), 1);

    let (tx, rx) = mailbox::bounded(2);
    tx.try_send(0).unwrap();
    let _head = queued(tx.reserve_many(2), &Bell::new());
    assert!(tx.try_send(1).is_err() && tx.try_reserve().is_err() && tx.clone().try_reserve_owned().is_err());
    let bell = Bell::new();
    let _behind = (queued(tx.send(1), &bell), queued(tx.reserve(), &bell));
    assert_eq!((rx.try_recv(), bell.wakes()), (Ok(0), 0), "both slots are the head's");
}

/// embassy#6964 and #2766: the same twice, on the path of a cancel and on that of a completion; here on both.
#[test]
fn b009_what_a_head_leaves_over_is_served_whether_it_cancels_or_completes() {
    let semaphore = Semaphore::new(0);
    let bells = [Bell::new(), Bell::new(), Bell::new()];
    let mut big = queued(semaphore.acquire_many(2), &bells[0]);
    let mut small = queued(semaphore.acquire(), &bells[1]);
    let last = queued(semaphore.acquire_many(2), &bells[2]);
    semaphore.add_permits(3);
    assert_eq!(bells.each_ref().map(Bell::wakes), [1, 1, 0], "one permit is left over by the big one");
    ready(&mut big, &bells[0]).unwrap().forget();
    drop(big);
    ready(&mut small, &bells[1]).unwrap().forget();
    semaphore.add_permits(3);
    assert_eq!((bells[2].wakes(), semaphore.available_permits()), (1, 1));
    let mut fits = queued(semaphore.acquire_many(3), &bells[1]);
    drop(last);
    assert_eq!(ready(&mut fits, &bells[1]).unwrap().num_permits(), 3, "granted and cancelled");
}

/// cpython#90155 and three more: a waiter cancelled when it had just been woken hung the others, four times in nine
/// years; here 10,000 random steps on a mutex leave nobody asleep beside a free lock.
#[test]
fn b010_cancelling_the_woken_never_hangs_the_rest() {
    for fairness in FAIRNESS {
        let mutex = Mutex::with_fairness((), fairness);
        let mut random = Random::new(10);
        let mut held = mutex.try_lock();
        let mut line = VecDeque::new();
        for step in 0..10_000 {
            match random.below(5) {
                0 => {
                    let (mut future, bell) = (Box::pin(mutex.lock()), Bell::new());
                    match poll(&mut future, &bell) {
                        Poll::Ready(guard) => assert!(held.replace(guard).is_none(), "two inside"),
                        Poll::Pending => line.push_back((future, bell)),
                    }
                }
                1 if !line.is_empty() => drop(line.remove(random.below(line.len()))),
                2 => held = None,
                3 => {
                    // Cancels whoever was woken.
                    line.retain(|(_, bell)| bell.wakes() == 0);
                }
                _ => {
                    let woken = line.iter().position(|(_, bell)| bell.wakes() > 0);
                    let Some((mut future, bell)) = woken.and_then(|at| line.remove(at)) else { continue };
                    bell.take_wakes();
                    match poll(&mut future, &bell) {
                        Poll::Ready(guard) => assert!(held.replace(guard).is_none(), "two inside"),
                        Poll::Pending => line.push_back((future, bell)),
                    }
                }
            }
            let awake = line.iter().any(|(_, bell)| bell.wakes() > 0);
            assert!(held.is_some() || line.is_empty() || awake, "{fairness:?}: all asleep after step {step}");
        }
    }
}

/// anyio#1145: `release()` skipped a cancelled waiter and orphaned the live one behind it; here whoever is left is
/// told.
#[test]
fn b011_a_release_finds_the_live_one_behind_those_who_left() {
    on_every_line(|line| {
        let bells = [Bell::new(), Bell::new(), Bell::new(), Bell::new()];
        let [first, second, third, mut last] = bells.each_ref().map(|bell| line.queue(bell));
        drop(second);
        drop(first);
        drop(third);
        (line.one)();
        assert_eq!(bells.each_ref().map(Bell::wakes), [0, 0, usize::from(line.moves_up), 1]);
        assert!(last.finished(&bells[3]));
        line.assert_waiters(0);
    });
}
