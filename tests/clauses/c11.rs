//! C11: close is one moment.

use crate::common::{Bell, now, queued, ready};
use sempost::{Semaphore, TryAcquireError};
use std::sync::Arc;
use std::thread;

#[test]
fn c11_semaphore_nothing_is_granted_after_close() {
    let semaphore = Arc::new(Semaphore::new(5));
    assert!(!semaphore.is_closed());
    assert!(semaphore.close());
    assert!(semaphore.is_closed());
    assert!(now(semaphore.acquire()).is_err());
    assert!(now(semaphore.acquire_many(0)).is_err());
    assert!(now(semaphore.acquire_owned()).is_err());
    assert!(matches!(semaphore.try_acquire(), Err(TryAcquireError::Closed)));
    assert_eq!(semaphore.available_permits(), 5, "closed beats available");
}

#[test]
fn c11_semaphore_only_one_close_says_true() {
    let semaphore = Semaphore::new(0);
    assert_eq!([semaphore.close(), semaphore.close(), semaphore.close()], [true, false, false]);
    let shared = Arc::new(Semaphore::new(0));
    let threads: Vec<_> = (0..8)
        .map(|_| {
            let shared = shared.clone();
            thread::spawn(move || usize::from(shared.close()))
        })
        .collect();
    assert_eq!(threads.into_iter().map(|t| t.join().unwrap()).sum::<usize>(), 1);
}

#[test]
fn c11_semaphore_grants_made_before_stand() {
    let semaphore = Semaphore::new(0);
    let bell = Bell::new();
    let mut granted = queued(semaphore.acquire(), &bell);
    semaphore.add_permits(1);
    semaphore.close();
    assert_eq!(bell.wakes(), 1);
    assert_eq!(ready(&mut granted, &bell).unwrap().num_permits(), 1);
}

#[test]
fn c11_semaphore_permits_given_back_after_close_reopen_nothing() {
    let semaphore = Semaphore::new(1);
    let permit = semaphore.try_acquire().unwrap();
    semaphore.close();
    drop(permit);
    semaphore.add_permits(3);
    semaphore.forget_permits(1);
    semaphore.reduce_permits(1);
    assert!(semaphore.is_closed());
    assert!(matches!(semaphore.try_acquire(), Err(TryAcquireError::Closed)));
}

#[test]
fn c11_semaphore_closed_is_ready_from_then_on() {
    let semaphore = Semaphore::new(0);
    semaphore.close();
    now(semaphore.closed());
    now(semaphore.closed());
}

#[test]
fn c11_semaphore_close_wakes_everybody_once() {
    let semaphore = Semaphore::new(0);
    let bells: Vec<_> = (0..200).map(|_| Bell::new()).collect();
    let _line: Vec<_> = bells.iter().map(|bell| queued(semaphore.acquire(), bell)).collect();
    semaphore.close();
    semaphore.close();
    assert!(bells.iter().all(|bell| bell.wakes() == 1));
    assert_eq!(semaphore.waiters(), 0);
}
