//! Giving up at a condition variable: the mutex and the notification pass on.

use crate::common::{Bell, Random, panic_message, pending, poll, queued, ready, watched};
use sempost::{Condvar, CondvarWaiting, Fairness, Mutex};
use std::pin::Pin;

const FAIRNESS: [Fairness; 3] = [Fairness::Fifo, Fairness::Barging { overtakes: 1_000 }, Fairness::Unfair];

type Waiting<'a> = Pin<Box<CondvarWaiting<&'a Mutex<u32>, &'a Condvar, u32>>>;

fn fresh() -> (Condvar, Mutex<u32>) {
    (Condvar::new(), Mutex::new(0))
}

fn wait<'a>(condvar: &'a Condvar, mutex: &'a Mutex<u32>, bell: &Bell) -> Waiting<'a> {
    queued(condvar.wait(mutex.try_lock().unwrap()), bell)
}

/// Nobody has the mutex, nobody waits.
fn assert_idle(condvar: &Condvar, mutex: &Mutex<u32>) {
    assert_eq!((mutex.is_locked(), mutex.waiters(), condvar.waiters(), condvar.notify_all()), (false, 0, 0, 0));
}

#[test]
fn a_wait_dropped_before_its_first_poll_has_released_the_mutex() {
    let (condvar, mutex) = fresh();
    let bell = Bell::new();
    let waiting = condvar.wait(mutex.try_lock().unwrap());
    let mut locking = queued(mutex.lock(), &bell);
    drop(waiting);
    assert_eq!(bell.wakes(), 1);
    drop(ready(&mut locking, &bell));
    drop(condvar.wait_while(mutex.try_lock().unwrap(), |_| true));
    assert_idle(&condvar, &mutex);
}

#[test]
fn a_dropped_wait_does_not_lock_again() {
    let (condvar, mutex) = fresh();
    let bell = Bell::new();
    let waiting = wait(&condvar, &mutex, &bell);
    let guard = mutex.try_lock().expect("the waiter has released it");
    drop(waiting);
    assert!(mutex.is_locked(), "it is somebody else's");
    drop(guard);
    assert_eq!((bell.wakes(), bell.held()), (0, 0));
    assert_idle(&condvar, &mutex);
}

#[test]
fn the_carrier_that_leaves_passes_its_notification_on() {
    for fairness in FAIRNESS {
        let (condvar, mutex) = (Condvar::new(), Mutex::with_fairness(0, fairness));
        let (a, b) = (Bell::new(), Bell::new());
        let first = wait(&condvar, &mutex, &a);
        let mut second = wait(&condvar, &mutex, &b);
        assert!(condvar.notify_one());
        drop(first);
        assert_eq!((a.wakes(), b.wakes(), condvar.waiters()), (1, 1, 0));
        drop(ready(&mut second, &b));
        assert_idle(&condvar, &mutex);
    }
}

#[test]
fn the_carrier_that_leaves_leaves_the_carrying_to_the_next() {
    let (condvar, mutex) = fresh();
    let bells = [Bell::new(), Bell::new(), Bell::new()];
    let told = || bells.each_ref().map(Bell::wakes);
    let [first, mut second, mut third] = bells.each_ref().map(|bell| wait(&condvar, &mutex, bell));
    assert_eq!(condvar.notify_all(), 3);
    drop(first);
    assert_eq!(told(), [1, 1, 0], "nobody else waits: its notification is lost");
    let guard = ready(&mut second, &bells[1]);
    assert_eq!(mutex.waiters(), 1);
    drop(guard);
    drop(ready(&mut third, &bells[2]));
    assert_eq!(told(), [1, 1, 1]);
    assert_idle(&condvar, &mutex);
}

#[test]
fn who_leaves_unnotified_takes_no_notification_along() {
    let (condvar, mutex) = fresh();
    let bells = [Bell::new(), Bell::new(), Bell::new()];
    let [mut first, second, mut third] = bells.each_ref().map(|bell| wait(&condvar, &mutex, bell));
    assert!(condvar.notify_one());
    drop(second);
    pending(&mut third, &bells[2]);
    drop(ready(&mut first, &bells[0]));
    pending(&mut third, &bells[2]);
    assert!(condvar.notify_one());
    drop(ready(&mut third, &bells[2]));
    assert_eq!(bells.each_ref().map(Bell::wakes), [1, 0, 1]);
    assert_idle(&condvar, &mutex);
}

#[test]
fn a_notified_waiter_that_leaves_behind_the_carrier_passes_its_notification_on() {
    let (condvar, mutex) = fresh();
    let bells = [Bell::new(), Bell::new(), Bell::new()];
    let [mut first, second, mut third] = bells.each_ref().map(|bell| wait(&condvar, &mutex, bell));
    assert_eq!(condvar.notify_many(2), 2);
    assert_eq!(condvar.waiters(), 1);
    drop(second);
    assert_eq!(condvar.waiters(), 0, "the third is notified in its place");
    drop(ready(&mut first, &bells[0]));
    drop(ready(&mut third, &bells[2]));
    assert_eq!(bells.each_ref().map(Bell::wakes), [1, 0, 1]);
    assert_idle(&condvar, &mutex);
}

#[test]
fn a_moved_waiter_that_leaves_passes_its_notification_on() {
    for fairness in FAIRNESS {
        for polled in [false, true] {
            let (condvar, mutex) = (Condvar::new(), Mutex::with_fairness(0, fairness));
            let bells = [Bell::new(), Bell::new(), Bell::new()];
            let [mut first, mut second, mut third] = bells.each_ref().map(|bell| wait(&condvar, &mutex, bell));
            assert_eq!(condvar.notify_many(2), 2);
            let guard = ready(&mut first, &bells[0]);
            assert_eq!(mutex.waiters(), 1);
            if polled {
                pending(&mut second, &bells[1]);
            }
            drop(second);
            assert_eq!((mutex.waiters(), condvar.waiters(), bells[1].held()), (0, 0, 0));
            assert_eq!(bells.each_ref().map(Bell::wakes), [1, 0, 1]);
            drop(guard);
            drop(ready(&mut third, &bells[2]));
            assert_idle(&condvar, &mutex);
        }
    }
}

#[test]
fn a_waiter_that_leaves_with_the_mutex_in_hand_passes_both_on() {
    for fairness in FAIRNESS {
        let (condvar, mutex) = (Condvar::new(), Mutex::with_fairness(0, fairness));
        let bells = [Bell::new(), Bell::new(), Bell::new(), Bell::new()];
        let [mut first, second, mut third] = [0, 1, 2].map(|i| wait(&condvar, &mutex, &bells[i]));
        assert_eq!(condvar.notify_many(2), 2);
        let guard = ready(&mut first, &bells[0]);
        let mut locking = queued(mutex.lock(), &bells[3]);
        drop(guard);
        assert_eq!(bells.each_ref().map(Bell::wakes), [1, 1, 0, 0]);
        drop(second);
        assert_eq!(bells.each_ref().map(Bell::wakes), [1, 1, 1, 1]);
        drop(ready(&mut locking, &bells[3]));
        drop(ready(&mut third, &bells[2]));
        assert_idle(&condvar, &mutex);
    }
}

#[test]
fn a_wait_while_that_leaves_before_it_looks_passes_both_on() {
    let (condvar, mutex) = fresh();
    let (a, b) = (Bell::new(), Bell::new());
    let first = queued(condvar.wait_while(mutex.try_lock().unwrap(), |n| *n == 0), &a);
    let mut second = queued(condvar.wait_while(mutex.try_lock().unwrap(), |n| *n == 0), &b);
    *mutex.try_lock().unwrap() = 1;
    condvar.notify_one();
    drop(first);
    assert_eq!(*ready(&mut second, &b), 1);
    drop(second);
    assert_idle(&condvar, &mutex);
}

#[test]
fn a_waker_that_panics_when_a_notification_passes_on_loses_nothing() {
    for moved in [false, true] {
        let (condvar, mutex) = fresh();
        let (bell, hostile) = (Bell::new(), Bell::panicking());
        let mut first = wait(&condvar, &mutex, &bell);
        let mut second = wait(&condvar, &mutex, &hostile);
        condvar.notify_one();
        if moved {
            let guard = mutex.try_lock().unwrap();
            pending(&mut first, &bell);
            drop(guard);
        }
        assert_eq!(panic_message(|| drop(first)), "this waker panics");
        drop(ready(&mut second, &bell));
        assert_idle(&condvar, &mutex);
    }
}

#[test]
fn a_waker_that_panics_when_the_mutex_passes_on_loses_no_notification() {
    for also in [false, true] {
        let (condvar, mutex) = fresh();
        let (bell, hostile) = (Bell::new(), Bell::new());
        hostile.on_wake(|| panic!("the next holder's"));
        let next = if also { Bell::panicking() } else { Bell::new() };
        let mut first = wait(&condvar, &mutex, &bell);
        let mut second = wait(&condvar, &mutex, &next);
        let guard = mutex.try_lock().unwrap();
        condvar.notify_one();
        pending(&mut first, &bell);
        let mut locking = queued(mutex.lock(), &hostile);
        drop(guard);
        assert_eq!(panic_message(|| drop(first)), "the next holder's", "the first panic goes on");
        assert_eq!((hostile.wakes(), next.wakes()), (1, 1));
        drop(ready(&mut locking, &bell));
        drop(ready(&mut second, &bell));
        assert_idle(&condvar, &mutex);
    }
}

#[test]
fn a_wait_dropped_in_a_panic_passes_on_and_aborts_nothing() {
    let (condvar, mutex) = fresh();
    let (bell, hostile) = (Bell::new(), Bell::panicking());
    let first = wait(&condvar, &mutex, &bell);
    let mut second = wait(&condvar, &mutex, &hostile);
    condvar.notify_one();
    let message = panic_message(|| {
        let _first = first;
        panic!("the first panic");
    });
    assert_eq!((message.as_str(), hostile.wakes()), ("the first panic", 1));
    drop(ready(&mut second, &bell));
    assert_idle(&condvar, &mutex);
}

#[test]
fn a_waker_that_panics_when_the_mutex_is_released_leaves_the_wait_in_line() {
    let (condvar, mutex) = fresh();
    let (bell, hostile) = (Bell::new(), Bell::panicking());
    let mut waiting = Box::pin(condvar.wait(mutex.try_lock().unwrap()));
    let mut locking = queued(mutex.lock(), &hostile);
    assert_eq!(panic_message(|| poll(&mut waiting, &bell).is_ready()), "this waker panics");
    assert_eq!(condvar.waiters(), 1);
    drop(ready(&mut locking, &bell));
    condvar.notify_one();
    drop(ready(&mut waiting, &bell));
    assert_idle(&condvar, &mutex);
}

#[test]
fn a_waker_that_panics_when_notified_keeps_its_notification() {
    let (condvar, mutex) = fresh();
    let (bell, hostile) = (Bell::new(), Bell::panicking());
    let mut first = wait(&condvar, &mutex, &hostile);
    let mut second = wait(&condvar, &mutex, &bell);
    assert_eq!(panic_message(|| condvar.notify_all()), "this waker panics");
    drop(ready(&mut first, &bell));
    drop(ready(&mut second, &bell));
    assert_idle(&condvar, &mutex);
}

#[test]
fn a_panicking_predicate_releases_the_mutex() {
    let (condvar, mutex) = fresh();
    let (bell, next) = (Bell::new(), Bell::new());
    let mut waiting = queued(
        condvar.wait_while(mutex.try_lock().unwrap(), |n| match *n {
            0 => true,
            _ => panic!("the predicate panics"),
        }),
        &bell,
    );
    let mut other = wait(&condvar, &mutex, &next);
    *mutex.try_lock().unwrap() = 1;
    condvar.notify_all();
    assert_eq!(panic_message(|| poll(&mut waiting, &bell).is_ready()), "the predicate panics");
    drop(waiting);
    drop(ready(&mut other, &next));
    assert_idle(&condvar, &mutex);
}

/// Random steps against a count: every notification given to somebody ends a wait, or the wait that had it was dropped
/// when nobody else waited.
#[test]
fn random_steps_lose_and_double_nothing() {
    for seed in 0..300 {
        for fairness in FAIRNESS {
            watched(move || format!("seed {seed}, {fairness:?}"), || random_steps(seed, fairness));
        }
    }
}

fn random_steps(seed: u64, fairness: Fairness) {
    let (condvar, mutex) = (Condvar::new(), Mutex::with_fairness(0, fairness));
    let mut random = Random::new(seed);
    let mut line: Vec<(Waiting<'_>, Bell)> = Vec::new();
    let (mut owed, mut ended) = (0, 0);
    let mut held = None;
    for _ in 0..200 {
        match random.below(8) {
            0 | 1 if line.len() < 200 => {
                if let Some(guard) = held.take().or_else(|| mutex.try_lock()) {
                    let bell = Bell::new();
                    line.push((queued(condvar.wait(guard), &bell), bell));
                }
            }
            2 => owed += condvar.notify_many(random.below(4)),
            3 => owed += usize::from(condvar.notify_one()),
            4 => held = held.or_else(|| mutex.try_lock()),
            5 => held = None,
            6 if !line.is_empty() => {
                let gone = line.swap_remove(random.below(line.len()));
                drop(gone);
                // If it had been notified and nobody else waited, its notification is lost.
                owed = owed.min(ended + line.len());
            }
            _ if !line.is_empty() => {
                let at = random.below(line.len());
                let (waiter, bell) = &mut line[at];
                // Whoever is polled without having been woken goes on, too; it must only not end too often.
                if let std::task::Poll::Ready(guard) = poll(waiter, bell) {
                    assert!(held.is_none(), "two have the mutex");
                    drop(guard);
                    ended += 1;
                    drop(line.swap_remove(at));
                }
            }
            _ => {}
        }
        assert!(ended <= owed, "{ended} ended of {owed}");
    }
    drop(held);
    // Now everybody who was woken is polled, and nobody else.
    while let Some(at) = line.iter().position(|(_, bell)| bell.take_wakes() > 0) {
        let (waiter, bell) = &mut line[at];
        if poll(waiter, bell).is_ready() {
            ended += 1;
            drop(line.swap_remove(at));
        }
    }
    assert_eq!(condvar.waiters(), line.len(), "who was not notified waits");
    assert!(ended <= owed && !mutex.is_locked() && mutex.waiters() == 0);
    drop(line);
    assert_idle(&condvar, &mutex);
}
