//! Close, debt, forgetting, panics and leaving, where newcomers may pass.

use super::*;
use crate::common::panic_message;

#[test]
fn close_ends_everybody_nudged_or_not() {
    for fairness in [Barging { overtakes: 1 }, Unfair] {
        let semaphore = Semaphore::with_fairness(0, fairness);
        let bells = [Bell::new(), Bell::new(), Bell::new()];
        let mut line = [0, 1, 2].map(|i| queued(semaphore.acquire(), &bells[i]));
        semaphore.add_permits(1);
        semaphore.close();
        assert_eq!((bells.each_ref().map(Bell::wakes), semaphore.waiters()), ([1, 1, 1], 0));
        for (waiter, bell) in line.iter_mut().zip(&bells) {
            assert!(ready(waiter, bell).is_err());
        }
        assert_eq!(semaphore.available_permits(), 1);
        assert_eq!(semaphore.try_acquire().unwrap_err(), TryAcquireError::Closed);
    }
}

#[test]
fn a_debt_is_repaid_before_anybody_is_told() {
    for fairness in [Barging { overtakes: 1 }, Unfair] {
        let semaphore = Semaphore::with_fairness(0, fairness);
        let bell = Bell::new();
        let mut head = queued(semaphore.acquire(), &bell);
        semaphore.reduce_permits(2);
        semaphore.add_permits(2);
        assert_eq!((bell.wakes(), semaphore.available_permits()), (0, 0));
        semaphore.add_permits(1);
        assert_eq!(bell.wakes(), 1);
        assert!(ready(&mut head, &bell).is_ok());
    }
}

#[test]
fn permits_that_are_forgotten_are_nobodys_though_they_were_told_of() {
    for fairness in [Barging { overtakes: 1 }, Unfair] {
        let semaphore = Semaphore::with_fairness(0, fairness);
        let bell = Bell::new();
        let mut head = queued(semaphore.acquire_many(2), &bell);
        semaphore.add_permits(2);
        assert_eq!(semaphore.forget_permits(1), 1);
        pending(&mut head, &bell);
        semaphore.add_permits(1);
        assert_eq!(bell.wakes(), 2);
        semaphore.reduce_permits(1);
        pending(&mut head, &bell);
        semaphore.add_permits(1);
        assert_eq!(ready(&mut head, &bell).unwrap().num_permits(), 2);
    }
}

#[test]
fn a_nudged_waiter_whose_waker_panics_loses_nothing() {
    for fairness in [Barging { overtakes: 0 }, Unfair] {
        let mutex = Mutex::with_fairness((), fairness);
        let held = mutex.try_lock().unwrap();
        let bell = Bell::panicking();
        let mut head = queued(mutex.lock(), &bell);
        assert_eq!(panic_message(|| drop(held)), "this waker panics");
        assert_eq!((mutex.is_locked(), mutex.waiters()), (false, 1));
        drop(ready(&mut head, &bell));

        let semaphore = Semaphore::with_fairness(0, fairness);
        let calm = Bell::new();
        let mut line = [&bell, &bell, &calm].map(|bell| queued(semaphore.acquire(), bell));
        assert_eq!(panic_message(|| semaphore.add_permits(3)), "this waker panics");
        assert_eq!((calm.wakes(), semaphore.available_permits()), (1, 3));
        line.iter_mut().for_each(|waiter| ready(waiter, &calm).unwrap().forget());
    }
}

#[test]
fn a_dropped_nudge_whose_heir_panics_is_not_lost() {
    let mutex = Mutex::with_fairness((), Barging { overtakes: 0 });
    let held = mutex.try_lock().unwrap();
    let (bell, heir) = (Bell::new(), Bell::panicking());
    let (head, mut second) = (queued(mutex.lock(), &bell), queued(mutex.lock(), &heir));
    drop(held);
    assert_eq!(panic_message(|| drop(head)), "this waker panics");
    assert_eq!(mutex.waiters(), 1);
    drop(ready(&mut second, &heir));
    assert!(mutex.try_lock().is_some());
}

#[test]
fn a_nudged_waiter_that_is_dropped_passes_its_nudge_on() {
    for fairness in [Barging { overtakes: 1 }, Unfair] {
        let semaphore = Semaphore::with_fairness(0, fairness);
        let mutex = Mutex::with_fairness((), fairness);
        let held = mutex.try_lock().unwrap();
        let bells = [Bell::new(), Bell::new()];
        let [first, mut second] = [0, 1].map(|i| queued(semaphore.acquire(), &bells[i]));
        let [third, mut fourth] = [0, 1].map(|i| queued(mutex.lock(), &bells[i]));
        semaphore.add_permits(1);
        drop(held);
        assert_eq!(bells.each_ref().map(Bell::wakes), [2, 0]);
        drop((first, third));
        assert_eq!(bells.each_ref().map(Bell::wakes), [2, 2]);
        assert!(ready(&mut second, &bells[1]).is_ok());
        drop(ready(&mut fourth, &bells[1]));
        assert!(!mutex.is_locked());
    }
}

#[test]
fn when_the_last_nudged_waiter_leaves_it_is_simply_free() {
    let mutex = Mutex::with_fairness((), Barging { overtakes: 0 });
    let held = mutex.try_lock().unwrap();
    let head = queued(mutex.lock(), &Bell::new());
    drop(held);
    assert!(mutex.try_lock().is_none());
    drop(head);
    assert!(mutex.try_lock().is_some());
}
