//! The short lock under the model checker.

use std::sync::Arc;

use super::Lock;
use crate::primitive::{model, pick, spawn};

/// Kills: a lock that two threads can hold together; a release that is not seen (`tests/hardening/orderings`).
#[test]
fn two_threads_never_hold_it_together() {
    model("lock: two threads never hold it together", || {
        let lock = Arc::new(Lock::new(0));
        let other = Arc::clone(&lock);
        let thread = spawn(move || {
            for _ in 0..pick(2, 3) {
                *other.lock() += 1;
            }
        });
        for _ in 0..pick(2, 3) {
            *lock.lock() += 1;
        }
        thread.join().unwrap();
        assert_eq!(*lock.lock(), 2 * pick(2, 3));
    });
}

/// Kills: a weaker ordering where the lock is taken, at once or after a wait, and where it is given back.
#[test]
fn what_a_holder_wrote_is_seen_by_the_next() {
    model("lock: what a holder wrote is seen by the next", || {
        let lock = Arc::new(Lock::new((0, 0)));
        let other = Arc::clone(&lock);
        let both = |pair: &mut (i32, i32)| {
            assert_eq!(pair.0, pair.1);
            pair.0 += 1;
            pair.1 += 1;
        };
        let thread = spawn(move || {
            both(&mut other.lock());
            both(&mut other.lock());
        });
        both(&mut lock.lock());
        both(&mut lock.lock());
        thread.join().unwrap();
        assert_eq!(*lock.lock(), (4, 4));
    });
}

/// Kills: a hint that guards anything. Hints are read and written outside the lock, and at worst lost.
#[test]
fn what_it_remembers_changes_nothing() {
    model("lock: hints ∥ two holders", || {
        let lock = Arc::new(Lock::new(0));
        let other = Arc::clone(&lock);
        let thread = spawn(move || {
            for waited in [true, false] {
                other.hints().record(1, waited);
                other.hints().record_beside(waited);
                other.expect_contenders();
                *other.lock() += 1;
            }
        });
        for _ in 0..pick(2, 3) {
            if !lock.hints().expects_wait(0) {
                *lock.lock() += 1;
            }
            if !lock.is_left_alone() {
                lock.stand_back();
            }
        }
        thread.join().unwrap();
        assert_eq!(*lock.lock(), 2 + pick(2, 3));
    });
}
