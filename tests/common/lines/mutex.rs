//! The lines of the mutex.

use super::{Line, leak};
use sempost::{Fairness, Mutex};
use std::future::pending;
use std::sync::Arc;

fn touch(m: &Mutex<i32>) {
    drop(m.try_lock());
    assert!(!format!("{m:?} {} {}", m.waiters(), m.is_locked()).is_empty());
    drop(super::super::poll(&mut Box::pin(m.lock()), &super::Bell::new()));
}

pub fn locking() -> Line {
    let m = leak(Mutex::new(0));
    let held = std::sync::Mutex::new(m.try_lock());
    Line::new("Locking", || m.lock(), move || drop(held.lock().unwrap().take()))
        .waiters(|| m.waiters())
        .touch(|| touch(m))
}

pub fn locking_owned() -> Line {
    let m = Arc::new(Mutex::new(0));
    let (count, again, held) = (m.clone(), m.clone(), std::sync::Mutex::new(m.try_lock_owned()));
    Line::new("Locking", move || m.lock_owned(), move || drop(held.lock().unwrap().take()))
        .waiters(move || count.waiters())
        .touch(move || touch(&again))
}

pub fn locking_barging() -> Line {
    let m = leak(Mutex::with_fairness(0, Fairness::Barging { overtakes: 1_000 }));
    let held = std::sync::Mutex::new(m.try_lock());
    Line::new("Locking", || m.lock(), move || drop(held.lock().unwrap().take()))
        .waiters(|| m.waiters())
        .touch(|| touch(m))
}

pub fn locking_unbounded() -> Line {
    let m = Arc::new(Mutex::with_fairness(0, Fairness::Unfair));
    let (count, again, held) = (m.clone(), m.clone(), std::sync::Mutex::new(m.try_lock_owned()));
    Line::new("Locking", move || m.lock_owned(), move || drop(held.lock().unwrap().take()))
        .waiters(move || count.waiters())
        .touch(move || touch(&again))
}

pub fn locking_until() -> Line {
    let m = leak(Mutex::new(0));
    let held = std::sync::Mutex::new(m.try_lock());
    Line::new("Until", || m.lock().until(pending::<()>()), move || drop(held.lock().unwrap().take()))
        .waiters(|| m.waiters())
        .touch(|| touch(m))
}

/// The lines of the mutex.
pub const MUTEX: &[fn() -> Line] = &[locking, locking_owned, locking_barging, locking_unbounded, locking_until];
