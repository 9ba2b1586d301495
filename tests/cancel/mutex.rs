//! Giving up a lock: it never stays locked, and the next gets it.

use crate::common::{Bell, queued, ready};
use sempost::Mutex;
use std::sync::Arc;

#[test]
fn a_dropped_grant_unlocks() {
    let mutex = Mutex::new(0);
    let bell = Bell::new();
    let guard = mutex.try_lock().unwrap();
    let waiting = queued(mutex.lock(), &bell);
    drop(guard);
    assert!(mutex.is_locked(), "it is the waiter's");
    assert!(mutex.try_lock().is_none());
    drop(waiting);
    assert!(!mutex.is_locked());
    assert!(mutex.try_lock().is_some());
}

#[test]
fn a_waiter_dropped_before_the_unlock_leaves_it_unlockable() {
    let mutex = Mutex::new(0);
    let guard = mutex.try_lock().unwrap();
    drop(queued(mutex.lock(), &Bell::new()));
    drop(guard);
    assert!(mutex.try_lock().is_some());
}

#[test]
fn an_unpolled_future_made_while_locked_locks_nothing() {
    let mutex = Mutex::new(0);
    let guard = mutex.try_lock().unwrap();
    let unpolled = mutex.lock();
    drop(guard);
    drop(unpolled);
    assert!(!mutex.is_locked());
}

#[test]
fn a_dropped_grant_passes_over_those_who_left() {
    let mutex = Mutex::new(0);
    let bells = [Bell::new(), Bell::new(), Bell::new()];
    let guard = mutex.try_lock().unwrap();
    let [first, second, mut third] = [0, 1, 2].map(|i| queued(mutex.lock(), &bells[i]));
    drop(guard);
    drop(second);
    drop(first);
    assert_eq!(bells.each_ref().map(Bell::wakes), [1, 0, 1]);
    *ready(&mut third, &bells[2]) += 1;
    assert_eq!(*mutex.try_lock().unwrap(), 1);
}

#[test]
fn a_dropped_owned_future_lets_the_mutex_go() {
    let mutex = Arc::new(Mutex::new(0));
    let guard = mutex.try_lock_owned().unwrap();
    let waiting = queued(mutex.lock_owned(), &Bell::new());
    drop(guard);
    drop(waiting);
    assert_eq!(Arc::strong_count(&mutex), 1);
    assert!(!mutex.is_locked());
}

#[test]
fn random_drops_always_leave_it_to_somebody() {
    let mutex = Mutex::new(());
    let mut random = crate::common::Random::new(5);
    for _ in 0..2_000 {
        let guard = mutex.try_lock().expect("free at the start of a round");
        let bells: Vec<_> = (0..6).map(|_| Bell::new()).collect();
        let mut line: Vec<_> = bells.iter().map(|bell| queued(mutex.lock(), bell)).collect();
        let mut keys: Vec<_> = (0..6).collect();
        let mut guard = Some(guard);
        while !line.is_empty() {
            if random.one_in(3) {
                guard = None;
            }
            let gone = random.below(line.len());
            drop(line.remove(gone));
            keys.remove(gone);
            match keys.first() {
                Some(&head) if guard.is_none() => {
                    assert_eq!(bells[head].wakes(), 1, "the head was told");
                }
                _ => {}
            }
        }
        drop(guard);
        assert_eq!(mutex.waiters(), 0);
    }
}
