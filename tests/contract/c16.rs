//! C16: threads are guests too, in the same line as the tasks.

use crate::common::lines::Cond::{self, A};
use crate::common::{Bell, queued, ready, until, watched};
use sempost::{Elapsed, Monitor, Mutex, Semaphore};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

#[test]
fn c16_semaphore_every_future_waits_on_a_thread() {
    let semaphore = Arc::new(Semaphore::new(0));
    let shown = semaphore.clone();
    watched(
        move || format!("{shown:?}"),
        || {
            thread::scope(|scope| {
                scope.spawn(|| semaphore.acquire().wait().unwrap().forget());
                scope.spawn(|| semaphore.acquire_many(2).wait().unwrap().forget());
                scope.spawn(|| semaphore.acquire_owned().wait().unwrap().forget());
                scope.spawn(|| semaphore.acquire_many_owned(3).wait().unwrap().forget());
                scope.spawn(|| semaphore.acquire_blocking().unwrap().forget());
                until(|| semaphore.waiters() == 5);
                semaphore.add_permits(8);
            });
            assert_eq!((semaphore.available_permits(), semaphore.waiters()), (0, 0));
        },
    );
}

#[test]
fn c16_semaphore_tasks_and_threads_are_served_in_one_order() {
    let semaphore = Arc::new(Semaphore::new(0));
    let shown = semaphore.clone();
    watched(
        move || format!("{shown:?}"),
        || {
            let (first_bell, last_bell) = (Bell::new(), Bell::new());
            let mut first = queued(semaphore.acquire(), &first_bell);
            thread::scope(|scope| {
                let thread = scope.spawn(|| semaphore.acquire_blocking().unwrap().forget());
                until(|| semaphore.waiters() == 2);
                let mut last = queued(semaphore.acquire(), &last_bell);
                semaphore.add_permits(1);
                assert!(!thread.is_finished());
                ready(&mut first, &first_bell).unwrap().forget();
                semaphore.add_permits(1);
                thread.join().unwrap();
                assert_eq!(last_bell.wakes(), 0);
                semaphore.add_permits(1);
                ready(&mut last, &last_bell).unwrap().forget();
            });
        },
    );
}

#[test]
fn c16_semaphore_close_ends_waiting_threads() {
    let semaphore = Semaphore::new(0);
    watched(String::new, || {
        thread::scope(|scope| {
            let acquire = scope.spawn(|| semaphore.acquire_blocking().is_err());
            let closed = scope.spawn(|| semaphore.closed().wait());
            until(|| semaphore.waiters() == 1);
            semaphore.close();
            assert!(acquire.join().unwrap());
            closed.join().unwrap();
        });
    });
}

#[test]
fn c16_semaphore_a_stale_unpark_is_no_grant() {
    let semaphore = Semaphore::new(0);
    watched(String::new, || {
        thread::scope(|scope| {
            let waiting = scope.spawn(|| semaphore.acquire_blocking().unwrap().forget());
            until(|| semaphore.waiters() == 1);
            for _ in 0..1_000 {
                waiting.thread().unpark();
                thread::yield_now();
            }
            assert_eq!(semaphore.waiters(), 1);
            semaphore.add_permits(1);
            waiting.join().unwrap();
        });
    });
    assert_eq!(semaphore.available_permits(), 0);
}

#[test]
fn c16_semaphore_a_future_polled_by_a_task_may_be_finished_by_a_thread() {
    let semaphore = Semaphore::new(1);
    assert!(semaphore.acquire().wait().is_ok());
    assert!(semaphore.acquire_many(0).wait().is_ok());
    semaphore.close();
    assert!(semaphore.acquire().wait().is_err());
    semaphore.closed().wait();
}

#[test]
fn c16_mutex_every_future_waits_on_a_thread() {
    let mutex = Arc::new(Mutex::new(0));
    watched(String::new, || {
        let mut guard = mutex.try_lock().unwrap();
        thread::scope(|scope| {
            scope.spawn(|| *mutex.lock().wait() += 1);
            scope.spawn(|| *mutex.lock_owned().wait() += 1);
            scope.spawn(|| *mutex.lock_blocking() += 1);
            until(|| mutex.waiters() == 3);
            *guard = 10;
            drop(guard);
        });
        assert_eq!(*mutex.lock_blocking(), 13);
    });
}

#[test]
fn c16_mutex_tasks_and_threads_are_served_in_one_order() {
    let mutex = Mutex::new(Vec::new());
    watched(String::new, || {
        let guard = mutex.try_lock().unwrap();
        let (a, b) = (Bell::new(), Bell::new());
        let mut first = queued(mutex.lock(), &a);
        thread::scope(|scope| {
            scope.spawn(|| mutex.lock_blocking().push(2));
            until(|| mutex.waiters() == 2);
            let mut last = queued(mutex.lock(), &b);
            drop(guard);
            ready(&mut first, &a).push(1);
            until(|| b.wakes() == 1);
            ready(&mut last, &b).push(3);
        });
        assert_eq!(*mutex.lock_blocking(), [1, 2, 3]);
    });
}

#[test]
fn c16_monitor_every_future_waits_on_a_thread() {
    let monitor = Arc::new(Monitor::<u32, Cond>::new(0));
    let shown = monitor.clone();
    watched(
        move || format!("{shown:?}"),
        || {
            thread::scope(|scope| {
                scope.spawn(|| *monitor.enter_blocking().wait(A).wait() += 1);
                scope.spawn(|| *monitor.enter().wait().wait_while(A, |n| *n == 0).wait() += 1);
                scope.spawn(|| *monitor.enter_owned().wait().wait(A).wait() += 1);
                until(|| monitor.waiters(A) == 3);
                let mut inside = monitor.enter_blocking();
                *inside = 10;
                assert_eq!(inside.notify_all(A), 3);
            });
            assert_eq!(*monitor.enter_blocking(), 13);
        },
    );
}

#[test]
fn c16_monitor_signal_and_leave_hands_over_to_a_thread() {
    let monitor = Monitor::<u32, Cond>::new(0);
    watched(String::new, || {
        thread::scope(|scope| {
            let waiting = scope.spawn(|| *monitor.enter_blocking().wait(A).wait());
            until(|| monitor.waiters(A) == 1);
            let mut inside = monitor.enter_blocking();
            *inside = 7;
            assert!(inside.signal_and_leave(A));
            assert_eq!(waiting.join().unwrap(), 7);
        });
    });
}

#[test]
fn c16_monitor_a_stale_unpark_is_no_notification() {
    let monitor = Monitor::<u32, Cond>::new(0);
    watched(String::new, || {
        thread::scope(|scope| {
            let waiting = scope.spawn(|| *monitor.enter_blocking().wait(A).wait());
            until(|| monitor.waiters(A) == 1);
            for _ in 0..1_000 {
                waiting.thread().unpark();
                thread::yield_now();
            }
            assert_eq!(monitor.waiters(A), 1);
            monitor.enter_blocking().notify_one(A);
            waiting.join().unwrap();
        });
    });
}

#[test]
fn c16_semaphore_closed_waits_no_longer_than_it_is_told() {
    let semaphore = Semaphore::new(0);
    watched(String::new, || {
        assert_eq!(semaphore.closed().wait_timeout(Duration::from_millis(2)), Err(Elapsed));
        thread::scope(|scope| {
            let waiting = scope.spawn(|| semaphore.closed().wait_timeout(Duration::from_secs(3_600)));
            semaphore.close();
            assert_eq!(waiting.join().unwrap(), Ok(()));
        });
        assert_eq!(semaphore.closed().wait_timeout(Duration::ZERO), Ok(()));
    });
}
