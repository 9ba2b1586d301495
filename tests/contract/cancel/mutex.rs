//! Giving up a lock: it never stays locked, and the next gets it.

use crate::common::{Bell, queued};
use crate::spec::story::stories;
use sempost::{Fairness, Mutex};
use std::sync::Arc;

stories! {
    Mutex<u32>;

    a_dropped_grant_unlocks(Fairness::Fifo):
        "try_lock: 0; lock a; unlock; is_locked: 1; try_lock: no; drop a; is_locked: 0; try_lock: 1"

    a_waiter_dropped_before_the_unlock_leaves_it_unlockable(Fairness::Fifo):
        "try_lock: 0; lock a; drop a; unlock; try_lock: 1"

    a_dropped_grant_passes_over_those_who_left(Fairness::Fifo):
        "try_lock: 0; lock a; lock b; lock c; unlock; drop b; drop a; poll c: 1; unlock; try_lock: 2"
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
fn a_dropped_owned_future_lets_the_mutex_go() {
    let mutex = Arc::new(Mutex::new(0));
    let guard = mutex.try_lock_owned().unwrap();
    let waiting = queued(mutex.lock_owned(), &Bell::new());
    drop(guard);
    drop(waiting);
    assert_eq!(Arc::strong_count(&mutex), 1);
    assert!(!mutex.is_locked());
}
