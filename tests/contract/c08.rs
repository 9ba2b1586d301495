//! C8: `try_*` never parks in a line.

use crate::common::lines::Cond;
use crate::common::{Bell, queued, ready, watched};
use sempost::{Fairness, Monitor, Mutex, Semaphore, TryAcquireError};
use std::sync::Arc;
use std::thread;

#[test]
fn c08_semaphore_a_failed_try_leaves_nobody_in_line() {
    let semaphore = Arc::new(Semaphore::new(1));
    let _one = semaphore.try_acquire().unwrap();
    watched(String::new, || {
        assert!(matches!(semaphore.try_acquire(), Err(TryAcquireError::NoPermits)));
        assert!(matches!(semaphore.try_acquire_many(7), Err(TryAcquireError::NoPermits)));
        assert!(matches!(semaphore.try_acquire_owned(), Err(TryAcquireError::NoPermits)));
        assert!(semaphore.try_acquire_many_owned(7).is_err());
    });
    assert_eq!(semaphore.waiters(), 0);
}

#[test]
fn c08_semaphore_a_try_behind_a_waiter_answers_at_once() {
    // In the first line a look at the front is enough; in the other the slow path has to answer.
    for fairness in [Fairness::Fifo, Fairness::Barging { overtakes: 0 }] {
        let semaphore = Semaphore::with_fairness(1, fairness);
        let bell = Bell::new();
        let mut waiting = queued(semaphore.acquire_many(2), &bell);
        assert!(semaphore.try_acquire().is_err());
        assert_eq!(semaphore.waiters(), 1);
        semaphore.add_permits(1);
        assert!(ready(&mut waiting, &bell).is_ok());
    }
}

#[test]
fn c08_semaphore_a_closed_one_says_so() {
    let semaphore = Semaphore::new(1);
    semaphore.close();
    assert!(matches!(semaphore.try_acquire(), Err(TryAcquireError::Closed)));
    assert!(matches!(semaphore.try_acquire_many(0), Err(TryAcquireError::Closed)));
}

#[test]
fn c08_mutex_a_failed_try_leaves_nobody_in_line() {
    let mutex = Arc::new(Mutex::new(0));
    let guard = mutex.try_lock().unwrap();
    watched(String::new, || {
        assert!(mutex.try_lock().is_none());
        assert!(mutex.try_lock_owned().is_none());
    });
    assert_eq!(mutex.waiters(), 0);
    drop(guard);
    assert!(mutex.try_lock_owned().is_some());
}

#[test]
fn c08_mutex_tries_from_many_threads_never_wait_for_the_holder() {
    let mutex = Arc::new(Mutex::new(0));
    let guard = mutex.try_lock().unwrap();
    watched(String::new, || {
        let threads: Vec<_> = (0..4)
            .map(|_| {
                let mutex = mutex.clone();
                thread::spawn(move || (0..1_000).all(|_| mutex.try_lock().is_none()))
            })
            .collect();
        assert!(threads.into_iter().all(|thread| thread.join().unwrap()));
    });
    drop(guard);
}

#[test]
fn c08_monitor_a_failed_try_leaves_nobody_at_the_door() {
    let monitor = Arc::new(Monitor::<_, Cond>::new(0));
    let inside = monitor.try_enter().unwrap();
    watched(String::new, || {
        assert!(monitor.try_enter().is_none());
        assert!(monitor.try_enter_owned().is_none());
    });
    assert_eq!(monitor.entering(), 0);
    drop(inside);
    assert!(monitor.try_enter_owned().is_some());
}
