//! The short lock under the model checker.

use std::sync::Arc;

use super::Lock;
use crate::primitive::{model, spawn};

#[test]
fn two_threads_never_hold_it_together() {
    model("lock: two threads never hold it together", || {
        let lock = Arc::new(Lock::new(0));
        let other = Arc::clone(&lock);
        let thread = spawn(move || {
            for _ in 0..2 {
                *other.lock() += 1;
            }
        });
        for _ in 0..2 {
            *lock.lock() += 1;
        }
        thread.join().unwrap();
        assert_eq!(*lock.lock(), 4);
    });
}

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
