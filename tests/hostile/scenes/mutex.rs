//! Waiting for a mutex.

use std::sync::{Arc, Mutex as Hand};

use sempost::{Fairness, Mutex};

use super::Operation;
use crate::common::{Bell, poll};
use crate::loan::lend;
use crate::scene::{End, Scene, awaiting};

pub(super) fn touch(mutex: &Mutex<u32>) {
    drop(mutex.try_lock());
    assert!(!format!("{mutex:?} {} {}", mutex.waiters(), mutex.is_locked()).is_empty());
    drop(poll(&mut Box::pin(mutex.lock()), &Bell::new()));
}

/// It is free, nobody waits, and everybody who was in counted once.
pub(super) fn audit(mutex: &Mutex<u32>, served: &Hand<u32>) {
    assert_eq!(mutex.waiters(), 0);
    let data = mutex.try_lock().expect("everybody has left");
    assert_eq!(*data, *served.lock().unwrap());
}

fn borrowed(mutex: Mutex<u32>) -> Scene {
    let (mutex, loan) = lend(mutex);
    let held = Hand::new(mutex.try_lock());
    let served = Arc::new(Hand::new(0));
    let count = Arc::clone(&served);
    let make = move || {
        let count = Arc::clone(&count);
        awaiting(mutex.lock(), move |mut guard| {
            *guard += 1;
            *count.lock().unwrap() += 1;
            End::Served(Box::new(guard))
        })
    };
    let free = move || {
        let held = held.lock().unwrap().take();
        drop(held);
    };
    Scene::new(make, free).in_turn().touch(move || touch(mutex)).audit(move || audit(mutex, &served)).lent(loan)
}

fn owned(mutex: Mutex<u32>) -> Scene {
    let mutex = Arc::new(mutex);
    let held = Hand::new(mutex.try_lock_owned());
    let served = Arc::new(Hand::new(0));
    let (count, [a, b]) = (Arc::clone(&served), [0; 2].map(|_| Arc::clone(&mutex)));
    let make = move || {
        let count = Arc::clone(&count);
        awaiting(mutex.lock_owned(), move |mut guard| {
            *guard += 1;
            *count.lock().unwrap() += 1;
            End::Served(Box::new(guard))
        })
    };
    let free = move || {
        let held = held.lock().unwrap().take();
        drop(held);
    };
    Scene::new(make, free).in_turn().touch(move || touch(&a)).audit(move || audit(&b, &served))
}

pub(super) const ALL: &[Operation] = &[
    ("Mutex::lock", || borrowed(Mutex::new(0))),
    ("Mutex::lock_owned", || owned(Mutex::new(0))),
    ("Mutex::lock, Barging", || borrowed(Mutex::with_fairness(0, Fairness::Barging { overtakes: 1_000 }))),
    ("Mutex::lock_owned, Unfair", || owned(Mutex::with_fairness(0, Fairness::Unfair))),
];
