//! Threads that wait: the blocking forms.

use crate::common::{now, until, watched};
use sempost::{AcquireError, Semaphore};
use std::sync::Arc;
use std::thread;

/// sync_semaphore: blocking_acquire
#[test]
fn a_thread_takes_a_permit_that_is_there() {
    let semaphore = Semaphore::new(1);
    let permit = semaphore.acquire_blocking().unwrap();
    assert_eq!(semaphore.available_permits(), 0);
    drop(permit);
    assert_eq!(semaphore.available_permits(), 1);
}

/// sync_semaphore: blocking_acquire_waits_for_permit
#[test]
fn a_thread_waits_for_a_permit_that_is_added() {
    let semaphore = Semaphore::new(0);
    watched(String::new, || {
        thread::scope(|scope| {
            let thread = scope.spawn(|| semaphore.acquire_blocking().is_ok());
            until(|| semaphore.waiters() == 1);
            semaphore.add_permits(1);
            assert!(thread.join().unwrap());
        });
    });
}

/// sync_semaphore: blocking_acquire_many
#[test]
fn a_thread_takes_many_permits() {
    let semaphore = Semaphore::new(5);
    let permits = semaphore.acquire_many(3).wait().unwrap();
    assert_eq!(semaphore.available_permits(), 2);
    drop(permits);
    assert_eq!(semaphore.available_permits(), 5);
}

/// sync_semaphore: blocking_acquire_owned
#[test]
fn a_thread_takes_an_owned_permit() {
    let semaphore = Arc::new(Semaphore::new(1));
    let permit = semaphore.acquire_owned().wait().unwrap();
    assert_eq!(semaphore.available_permits(), 0);
    drop(permit);
    assert_eq!(semaphore.available_permits(), 1);
}

/// sync_semaphore: blocking_acquire_many_owned
#[test]
fn a_thread_takes_many_owned_permits() {
    let semaphore = Arc::new(Semaphore::new(5));
    let permits = semaphore.acquire_many_owned(3).wait().unwrap();
    assert_eq!(semaphore.available_permits(), 2);
    drop(permits);
    assert_eq!(semaphore.available_permits(), 5);
}

/// sync_semaphore: blocking_acquire_closed
#[test]
fn a_thread_is_refused_in_every_way_after_close() {
    let semaphore = Arc::new(Semaphore::new(1));
    semaphore.close();
    assert_eq!(semaphore.acquire_blocking().unwrap_err(), now(semaphore.acquire()).unwrap_err());
    assert!(semaphore.acquire_many(2).wait().is_err());
    let refused: AcquireError = semaphore.acquire_owned().wait().unwrap_err();
    assert_eq!(semaphore.acquire_many_owned(2).wait().unwrap_err(), refused);
}
