//! The lines of the semaphore.

use super::{Line, leak};
use sempost::{Fairness, Semaphore};
use std::future::pending;
use std::sync::Arc;

fn touch(s: &Semaphore) {
    drop(s.try_acquire());
    drop(s.try_acquire_many(2));
    s.add_permits(0);
    assert!(!format!("{s:?} {} {}", s.waiters(), s.available_permits()).is_empty());
    drop(super::super::poll(&mut Box::pin(s.acquire()), &super::Bell::new()));
}

pub fn acquiring() -> Line {
    let s = leak(Semaphore::new(0));
    Line::new("Acquiring", || s.acquire(), || _ = s.add_permits(1)).waiters(|| s.waiters()).touch(|| touch(s))
}

pub fn acquiring_many() -> Line {
    let s = leak(Semaphore::new(1));
    Line::new("Acquiring", || s.acquire_many(3), || _ = s.add_permits(2)).waiters(|| s.waiters()).touch(|| touch(s))
}

pub fn acquiring_owned() -> Line {
    let s = Arc::new(Semaphore::new(0));
    let (give, count, again) = (s.clone(), s.clone(), s.clone());
    Line::new("Acquiring", move || s.acquire_owned(), move || _ = give.add_permits(1))
        .waiters(move || count.waiters())
        .touch(move || touch(&again))
}

pub fn acquiring_many_owned() -> Line {
    let s = Arc::new(Semaphore::new(0));
    let (give, count, again) = (s.clone(), s.clone(), s.clone());
    Line::new("Acquiring", move || s.acquire_many_owned(2), move || _ = give.add_permits(2))
        .waiters(move || count.waiters())
        .touch(move || touch(&again))
}

pub fn acquiring_barging() -> Line {
    let s = leak(Semaphore::with_fairness(0, Fairness::Barging { overtakes: 1_000 }));
    Line::new("Acquiring", || s.acquire(), || _ = s.add_permits(1)).waiters(|| s.waiters()).touch(|| touch(s))
}

pub fn acquiring_in_turn() -> Line {
    let s = leak(Semaphore::with_fairness(1, Fairness::Barging { overtakes: 0 }));
    Line::new("Acquiring", || s.acquire_many(3), || _ = s.add_permits(2)).waiters(|| s.waiters()).touch(|| touch(s))
}

pub fn acquiring_unbounded() -> Line {
    let s = Arc::new(Semaphore::with_fairness(0, Fairness::Unfair));
    let (give, count, again) = (s.clone(), s.clone(), s.clone());
    Line::new("Acquiring", move || s.acquire_many_owned(2), move || _ = give.add_permits(2))
        .waiters(move || count.waiters())
        .touch(move || touch(&again))
}

pub fn acquiring_until() -> Line {
    let s = leak(Semaphore::new(0));
    Line::new("Until", || s.acquire().until(pending::<()>()), || _ = s.add_permits(1))
        .waiters(|| s.waiters())
        .touch(|| touch(s))
}

pub fn acquiring_barging_until() -> Line {
    let s = leak(Semaphore::with_fairness(0, Fairness::Barging { overtakes: 1_000 }));
    Line::new("Until", || s.acquire_many(2).until(pending::<()>()), || _ = s.add_permits(2))
        .waiters(|| s.waiters())
        .touch(|| touch(s))
}

pub fn acquiring_limited() -> Line {
    let s = &*leak(Semaphore::with_limit(0, 1));
    Line::new("Acquiring", || s.acquire(), || assert_eq!(s.add_permits(1), 1))
        .waiters(|| s.waiters())
        .touch(move || assert!(!format!("{s:?} {} {}", s.waiters(), s.add_permits(0)).is_empty()))
}

pub fn acquiring_many_limited() -> Line {
    let s = leak(Semaphore::with_limit(1, 3));
    Line::new("Acquiring", || s.acquire_many(3), || _ = s.add_permits(2)).waiters(|| s.waiters()).touch(|| touch(s))
}

pub fn closed_semaphore() -> Line {
    let s = leak(Semaphore::new(0));
    Line::new("AwaitingClosed", || s.closed(), || assert!(s.close())).all().touch(|| touch(s))
}

/// The lines of the semaphore.
pub const SEMAPHORE: &[fn() -> Line] = &[
    acquiring,
    acquiring_many,
    acquiring_owned,
    acquiring_many_owned,
    acquiring_barging,
    acquiring_in_turn,
    acquiring_unbounded,
    acquiring_until,
    acquiring_barging_until,
    acquiring_limited,
    acquiring_many_limited,
    closed_semaphore,
];
