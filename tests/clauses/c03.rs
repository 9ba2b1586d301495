//! C3: first come, first served, and newcomers never pass a waiter.

use crate::common::lines::Cond::{self, A};
use crate::common::{Bell, pending, queued, ready};
use sempost::{Monitor, Mutex, Semaphore, TryAcquireError};

#[test]
fn c03_semaphore_waiters_are_served_in_their_order() {
    let semaphore = Semaphore::new(0);
    let bells: Vec<_> = (0..5).map(|_| Bell::new()).collect();
    let _line: Vec<_> = bells.iter().map(|bell| queued(semaphore.acquire(), bell)).collect();
    for i in 0..5 {
        semaphore.add_permits(1);
        let told: Vec<_> = bells.iter().map(Bell::wakes).collect();
        assert_eq!(told, (0..5).map(|j| usize::from(j <= i)).collect::<Vec<_>>());
    }
}

#[test]
fn c03_semaphore_a_newcomer_does_not_pass_a_head_that_does_not_fit() {
    let semaphore = Semaphore::new(1);
    let head = queued(semaphore.acquire_many(2), &Bell::new());
    assert_eq!(semaphore.available_permits(), 1);
    assert!(matches!(semaphore.try_acquire(), Err(TryAcquireError::NoPermits)));
    pending(&mut Box::pin(semaphore.acquire()), &Bell::new());
    drop(head);
    assert!(semaphore.try_acquire().is_ok());
}

#[test]
fn c03_semaphore_a_released_permit_is_the_waiters_before_it_runs() {
    let semaphore = Semaphore::new(1);
    let permit = semaphore.try_acquire().unwrap();
    let bell = Bell::new();
    let mut waiter = queued(semaphore.acquire(), &bell);
    drop(permit);
    assert!(semaphore.try_acquire().is_err(), "no newcomer steals it");
    assert!(ready(&mut waiter, &bell).is_ok());
}

#[test]
fn c03_semaphore_completions_may_differ_from_grants() {
    let semaphore = Semaphore::new(0);
    let (a, b) = (Bell::new(), Bell::new());
    let mut first = queued(semaphore.acquire(), &a);
    let mut second = queued(semaphore.acquire(), &b);
    semaphore.add_permits(2);
    let later = ready(&mut second, &b).unwrap();
    let earlier = ready(&mut first, &a).unwrap();
    assert_eq!(later.num_permits() + earlier.num_permits(), 2);
}

#[test]
fn c03_mutex_waiters_are_served_in_their_order() {
    let mutex = Mutex::new(Vec::new());
    let bells: Vec<_> = (0..5).map(|_| Bell::new()).collect();
    let guard = mutex.try_lock().unwrap();
    let line: Vec<_> = bells.iter().map(|bell| queued(mutex.lock(), bell)).collect();
    drop(guard);
    for (i, mut waiter) in line.into_iter().enumerate() {
        assert!(bells[i + 1..].iter().all(|bell| bell.wakes() == 0));
        ready(&mut waiter, &bells[i]).push(i);
    }
    assert_eq!(*mutex.try_lock().unwrap(), [0, 1, 2, 3, 4]);
}

#[test]
fn c03_mutex_an_unlock_with_waiters_lets_no_newcomer_in() {
    let mutex = Mutex::new(());
    let guard = mutex.try_lock().unwrap();
    let bell = Bell::new();
    let mut waiter = queued(mutex.lock(), &bell);
    drop(guard);
    assert!(mutex.try_lock().is_none());
    pending(&mut Box::pin(mutex.lock()), &Bell::new());
    drop(ready(&mut waiter, &bell));
    assert!(mutex.try_lock().is_some());
}

#[test]
fn c03_monitor_entries_are_served_in_their_order() {
    let monitor = Monitor::<_, Cond>::new(Vec::new());
    let bells: Vec<_> = (0..5).map(|_| Bell::new()).collect();
    let inside = monitor.try_enter().unwrap();
    let line: Vec<_> = bells.iter().map(|bell| queued(monitor.enter(), bell)).collect();
    drop(inside);
    assert!(monitor.try_enter().is_none(), "no newcomer passes");
    for (i, mut waiter) in line.into_iter().enumerate() {
        assert!(bells[i + 1..].iter().all(|bell| bell.wakes() == 0));
        ready(&mut waiter, &bells[i]).push(i);
    }
    assert_eq!(*monitor.try_enter().unwrap(), [0, 1, 2, 3, 4]);
}

#[test]
fn c03_monitor_notified_waiters_join_the_back_of_the_entry_queue() {
    let monitor = Monitor::<_, Cond>::new(Vec::new());
    let bells: Vec<_> = (0..4).map(|_| Bell::new()).collect();
    let wait = |bell| queued(monitor.try_enter().unwrap().wait(A), bell);
    let (mut w0, mut w1) = (wait(&bells[0]), wait(&bells[1]));
    let inside = monitor.try_enter().unwrap();
    let mut e2 = queued(monitor.enter(), &bells[2]);
    assert_eq!(inside.notify_all(A), 2);
    let mut e3 = queued(monitor.enter(), &bells[3]);
    drop(inside);
    let told = || bells.iter().map(Bell::wakes).collect::<Vec<_>>();
    assert_eq!(told(), [0, 0, 1, 0]);
    ready(&mut e2, &bells[2]).push(2);
    assert_eq!(told(), [1, 0, 1, 0]);
    ready(&mut w0, &bells[0]).push(0);
    ready(&mut w1, &bells[1]).push(1);
    ready(&mut e3, &bells[3]).push(3);
    assert_eq!(*monitor.try_enter().unwrap(), [2, 0, 1, 3]);
}

#[test]
fn c03_monitor_notify_one_picks_the_longest_waiter() {
    let monitor = Monitor::<_, Cond>::new(());
    let bells: Vec<_> = (0..3).map(|_| Bell::new()).collect();
    let _line: Vec<_> = bells.iter().map(|bell| queued(monitor.try_enter().unwrap().wait(A), bell)).collect();
    monitor.try_enter().unwrap().notify_one(A);
    assert_eq!(bells.iter().map(Bell::wakes).collect::<Vec<_>>(), [1, 0, 0]);
}

#[test]
fn c03_monitor_a_waiter_whose_predicate_still_holds_rejoins_at_the_back() {
    let monitor = Monitor::<_, Cond>::new(0);
    let (a, b) = (Bell::new(), Bell::new());
    let mut first = queued(monitor.try_enter().unwrap().wait_while(A, |n| *n < 2), &a);
    let mut second = queued(monitor.try_enter().unwrap().wait_while(A, |n| *n < 1), &b);
    let mut inside = monitor.try_enter().unwrap();
    *inside = 1;
    inside.notify_one(A);
    drop(inside);
    assert_eq!((a.take_wakes(), b.wakes()), (1, 0));
    pending(&mut first, &a);
    let inside = monitor.try_enter().expect("the first waits again");
    inside.notify_one(A);
    drop(inside);
    assert_eq!((a.wakes(), b.wakes()), (0, 1), "now the second is the longest waiter");
    assert_eq!(*ready(&mut second, &b), 1);
}

#[test]
fn c03_monitor_signal_and_leave_is_the_exception_that_passes_the_entry_queue() {
    let monitor = Monitor::<_, Cond>::new(());
    let (waiting, entering) = (Bell::new(), Bell::new());
    let _waiter = queued(monitor.try_enter().unwrap().wait(A), &waiting);
    let inside = monitor.try_enter().unwrap();
    let _entry = queued(monitor.enter(), &entering);
    assert!(inside.signal_and_leave(A));
    assert_eq!((waiting.wakes(), entering.wakes()), (1, 0));
}
