//! Waiting to read and to write.

use std::sync::{Arc, Mutex as Hand};

use sempost::RwLock;

use super::Operation;
use crate::common::{Bell, poll};
use crate::loan::lend;
use crate::scene::{End, Scene, awaiting};

fn touch(lock: &RwLock<u32>) {
    drop((lock.try_read(), lock.try_read()));
    drop(lock.try_write());
    assert!(!format!("{lock:?} {} {} {}", lock.readers(), lock.waiters(), lock.is_write_locked()).is_empty());
    drop(poll(&mut Box::pin(lock.read()), &Bell::new()));
    drop(poll(&mut Box::pin(lock.write()), &Bell::new()));
}

/// It is free, nobody waits, and each that wrote counted once.
fn audit(lock: &RwLock<u32>, served: &Hand<u32>) {
    assert_eq!((lock.waiters(), lock.readers()), (0, 0));
    let data = lock.try_write().expect("everybody has left");
    assert_eq!(*data, *served.lock().unwrap());
}

/// Takes out what is held and drops it, with nothing locked.
fn free<G>(held: &Hand<Option<G>>) {
    let held = held.lock().unwrap().take();
    drop(held);
}

/// Writers behind a reader.
fn writing() -> Scene {
    let (lock, loan) = lend(RwLock::new(0));
    let held = Hand::new(lock.try_read());
    let served = Arc::new(Hand::new(0));
    let count = Arc::clone(&served);
    let make = move || {
        let count = Arc::clone(&count);
        awaiting(lock.write(), move |mut guard| {
            *guard += 1;
            *count.lock().unwrap() += 1;
            End::Served(Box::new(guard))
        })
    };
    Scene::new(make, move || free(&held))
        .in_turn()
        .touch(move || touch(lock))
        .audit(move || audit(lock, &served))
        .lent(loan)
}

fn writing_owned() -> Scene {
    let lock = Arc::new(RwLock::new(0));
    let held = Hand::new(lock.try_write_owned());
    let served = Arc::new(Hand::new(0));
    let (count, [a, b]) = (Arc::clone(&served), [0; 2].map(|_| Arc::clone(&lock)));
    let make = move || {
        let count = Arc::clone(&count);
        awaiting(lock.write_owned(), move |mut guard| {
            *guard += 1;
            *count.lock().unwrap() += 1;
            End::Served(Box::new(guard))
        })
    };
    Scene::new(make, move || free(&held)).in_turn().touch(move || touch(&a)).audit(move || audit(&b, &served))
}

/// Readers where there is place for one.
fn reading() -> Scene {
    let (lock, loan) = lend(RwLock::with_max_readers(0, 1));
    let held = Hand::new(lock.try_write());
    Scene::new(move || awaiting(lock.read(), |guard| End::Served(Box::new(guard))), move || free(&held))
        .in_turn()
        .touch(move || touch(lock))
        .audit(move || audit(lock, &Hand::new(0)))
        .lent(loan)
}

fn reading_owned() -> Scene {
    let lock = Arc::new(RwLock::with_max_readers(0, 1));
    let held = Hand::new(lock.try_read_owned());
    let [a, b] = [0; 2].map(|_| Arc::clone(&lock));
    Scene::new(move || awaiting(lock.read_owned(), |guard| End::Served(Box::new(guard))), move || free(&held))
        .in_turn()
        .touch(move || touch(&a))
        .audit(move || audit(&b, &Hand::new(0)))
}

pub(super) const ALL: &[Operation] = &[
    ("RwLock::write", writing),
    ("RwLock::write_owned", writing_owned),
    ("RwLock::read", reading),
    ("RwLock::read_owned", reading_owned),
];
