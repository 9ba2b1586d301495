//! C11: close is one moment.

use crate::common::{Bell, now, poll, queued, ready};
use sempost::{Fairness, Semaphore, TryAcquireError};
use std::sync::{Arc, Mutex};
use std::task::Poll;
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

/// A close of many goes in turns, and who is still in line between two of them gets nothing any more: neither what
/// comes back meanwhile, nor by looking for itself.
fn closed_in_turns(fairness: Fairness) {
    let semaphore = Arc::new(Semaphore::with_fairness(1, fairness));
    let held = Mutex::new(semaphore.clone().try_acquire_owned().ok());
    let bells: Vec<_> = (0..200).map(|_| Bell::new()).collect();
    let mut line: Vec<_> = bells.iter().map(|bell| queued(semaphore.clone().acquire_owned(), bell)).collect();
    let late = Arc::new(Mutex::new(line.split_off(100)));
    let (polled, served) = (late.clone(), Arc::new(Mutex::new(Vec::new())));
    let keep = served.clone();
    bells[0].on_wake(move || {
        drop(held.lock().unwrap().take());
        let mut late = polled.lock().unwrap();
        late.retain_mut(|waiter| match poll(waiter, &Bell::new()) {
            Poll::Ready(answer) => {
                keep.lock().unwrap().extend(answer);
                false
            }
            Poll::Pending => true,
        });
    });
    semaphore.close();
    bells[0].unhook();
    line.append(&mut late.lock().unwrap());
    let mut served = std::mem::take(&mut *served.lock().unwrap());
    served.extend(line.into_iter().filter_map(|mut waiter| ready(&mut waiter, &bells[0]).ok()));
    assert_eq!((served.len(), semaphore.available_permits()), (0, 1));
}

#[test]
fn c11_semaphore_nothing_is_granted_between_two_turns_of_a_close() {
    closed_in_turns(Fairness::Fifo);
}

#[test]
fn c11_semaphore_nobody_is_nudged_between_two_turns_of_a_close() {
    closed_in_turns(Fairness::Barging { overtakes: 1 });
}

#[test]
fn c11_semaphore_nobody_looks_between_two_turns_of_a_close() {
    closed_in_turns(Fairness::Unfair);
}
