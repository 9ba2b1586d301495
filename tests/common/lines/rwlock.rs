//! The lines of the readers-writer lock.

use super::{Line, leak};
use sempost::RwLock;
use std::future::pending;
use std::sync::Arc;

fn touch(lock: &RwLock<i32>) {
    drop((lock.try_read(), lock.try_read()));
    drop(lock.try_write());
    assert!(!format!("{lock:?} {} {} {}", lock.readers(), lock.waiters(), lock.is_write_locked()).is_empty());
    drop(super::super::poll(&mut Box::pin(lock.read()), &super::Bell::new()));
    drop(super::super::poll(&mut Box::pin(lock.write()), &super::Bell::new()));
}

/// Writers behind two readers: the lock is theirs when the last of these goes.
pub fn writing() -> Line {
    let lock = leak(RwLock::new(0));
    let held = std::sync::Mutex::new([lock.try_read(), lock.try_read()]);
    let one = move || held.lock().unwrap().iter_mut().for_each(|guard| drop(guard.take()));
    Line::new("Writing", || lock.write(), one).waiters(|| lock.waiters()).touch(|| touch(lock))
}

pub fn writing_owned() -> Line {
    let lock = Arc::new(RwLock::new(0));
    let (count, again, held) = (lock.clone(), lock.clone(), std::sync::Mutex::new(lock.try_write_owned()));
    Line::new("Writing", move || lock.write_owned(), move || drop(held.lock().unwrap().take()))
        .waiters(move || count.waiters())
        .touch(move || touch(&again))
}

/// Readers behind a writer: they are let in together.
pub fn reading() -> Line {
    let lock = leak(RwLock::new(0));
    let held = std::sync::Mutex::new(lock.try_write());
    Line::new("Reading", || lock.read(), move || drop(held.lock().unwrap().take()))
        .all()
        .waiters(|| lock.waiters())
        .touch(|| touch(lock))
}

/// Readers where there is place for one.
pub fn reading_full() -> Line {
    let lock = Arc::new(RwLock::with_max_readers(0, 1));
    let (count, again, held) = (lock.clone(), lock.clone(), std::sync::Mutex::new(lock.try_read_owned()));
    Line::new("Reading", move || lock.read_owned(), move || drop(held.lock().unwrap().take()))
        .waiters(move || count.waiters())
        .touch(move || touch(&again))
}

pub fn writing_until() -> Line {
    let lock = leak(RwLock::new(0));
    let held = std::sync::Mutex::new(lock.try_read());
    Line::new("Until", || lock.write().until(pending::<()>()), move || drop(held.lock().unwrap().take()))
        .waiters(|| lock.waiters())
        .touch(|| touch(lock))
}

pub fn reading_until() -> Line {
    let lock = leak(RwLock::with_max_readers(0, 1));
    let held = std::sync::Mutex::new(lock.try_write());
    Line::new("Until", || lock.read().until(pending::<()>()), move || drop(held.lock().unwrap().take()))
        .waiters(|| lock.waiters())
        .touch(|| touch(lock))
}

/// The lines of the readers-writer lock.
pub const RWLOCK: &[fn() -> Line] = &[writing, writing_owned, reading, reading_full, writing_until, reading_until];
