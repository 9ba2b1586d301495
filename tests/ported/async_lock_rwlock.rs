//! async-lock's `rwlock` (async-lock 3.5.0), as `RwLock`.
//!
//! | origin | scenarios | tested here | differ |
//! |---|---|---|---|
//! | rwlock | 23 | 15 | 10 |
//!
//! # Spelled otherwise
//! | there | here |
//! |---|---|
//! | `read_arc`, `write_arc` | `read_owned`, `write_owned` |
//! | `read_arc_blocking`, `write_arc_blocking` | `read_owned().wait()`, `write_owned().wait()` |
//! | a writer is preferred to readers that wait | the order is that of arrival |
//!
//! # Differences
//! | scenario | what holds here, and why |
//! |---|---|
//! | `rwlock: smoke_blocking`, `rwlock: smoke_arc_blocking` | without the upgrade |
//! | `rwlock: upgrade`, `rwlock: upgrade_arc`, `rwlock: not_upgrade`, `rwlock: not_upgrade_arc`, `rwlock: upgradable_with_concurrent_writer`, `rwlock: upgradable_with_concurrent_writer_arc` | there is no upgradable read: in order of arrival it would wait for a writer that waits for it. Drop, write, look again |
//! | `rwlock: _covariance_test`, `rwlock: _covariance_test_arc` | readers and writers have one type of guard, and what a writer could write through has to be invariant |

use crate::common::{Bell, Random, Rt, now, queued, ready};
use sempost::RwLock;
use std::future::Future;
use std::ops::DerefMut;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// One of ten tasks, which writes now and then. With `owned` guards or borrowed ones.
async fn comes_and_goes(lock: Arc<RwLock<()>>, seed: u64, owned: bool) {
    let mut random = Random::new(seed);
    for _ in 0..500 {
        match (random.below(10) == 0, owned) {
            (true, false) => drop(lock.write().await),
            (true, true) => drop(lock.write_owned().await),
            (false, false) => drop(lock.read().await),
            (false, true) => drop(lock.read_owned().await),
        }
    }
}

/// Ten of them come to an end.
async fn ten_come_and_go(rt: Rt, owned: bool) {
    let lock = Arc::new(RwLock::new(()));
    let tasks: Vec<_> = (0..10).map(|seed| rt.spawn(comes_and_goes(lock.clone(), seed, owned))).collect();
    for task in tasks {
        task.await;
    }
    assert!(lock.try_write_owned().is_some());
}

/// While it writes the number is negative.
async fn writes(rt: Rt, mut number: impl DerefMut<Target = i32>) {
    for _ in 0..500 {
        let before = *number;
        *number = -1;
        rt.yield_now().await;
        *number = before + 1;
    }
}

/// Five readers never see a negative number.
async fn readers_beside_a_writer(rt: Rt, owned: bool) {
    let lock = Arc::new(RwLock::new(0));
    let ours = lock.clone();
    let writer = rt.spawn(async move {
        match owned {
            true => writes(rt, ours.write_owned().await).await,
            false => writes(rt, ours.write().await).await,
        }
    });
    let mut readers = Vec::new();
    for _ in 0..5 {
        let lock = lock.clone();
        readers.push(rt.spawn(async move {
            for _ in 0..500 {
                let number = if owned { *lock.read_owned().await } else { *lock.read().await };
                assert!(number >= 0);
            }
        }));
    }
    for reader in readers {
        reader.await;
    }
    writer.await;
    assert_eq!(*lock.read().await, 500);
}

runtime_matrix! {
    /// rwlock: smoke
    async fn readers_and_writers_come_and_go(rt) {
        let lock = RwLock::new(());
        drop(lock.read().await);
        drop(lock.write().await);
        drop((lock.read().await, lock.read().await));
        drop(lock.write().await);
        assert_eq!(lock.readers(), 0, "{rt:?}");
    }

    /// rwlock: try_write
    async fn to_try_to_write_beside_a_reader_fails(rt) {
        let lock = RwLock::new(0);
        let reader = lock.read().await;
        assert!(lock.try_write().is_none(), "{rt:?}");
        drop(reader);
    }

    /// rwlock: contention
    async fn ten_tasks_of_mostly_readers_come_to_an_end(rt) {
        ten_come_and_go(rt, false).await;
    }

    /// rwlock: contention_arc
    async fn ten_tasks_with_owned_guards_come_to_an_end(rt) {
        ten_come_and_go(rt, true).await;
    }

    /// rwlock: writer_and_readers
    async fn readers_never_catch_the_writer_in_the_act(rt) {
        readers_beside_a_writer(rt, false).await;
    }

    /// rwlock: writer_and_readers_arc
    async fn owners_never_catch_the_writer_in_the_act(rt) {
        readers_beside_a_writer(rt, true).await;
    }
}

/// rwlock: smoke_blocking
#[test]
fn threads_come_and_go() {
    let lock = RwLock::new(());
    drop(lock.read_blocking());
    drop(lock.write_blocking());
    drop((lock.read_blocking(), lock.read_blocking()));
    drop(lock.write_blocking());
}

/// rwlock: smoke_arc_blocking
#[test]
fn threads_with_owned_guards_come_and_go() {
    let lock = Arc::new(RwLock::new(()));
    drop(lock.read_owned().wait());
    drop(lock.write_owned().wait());
    drop((lock.read_owned().wait(), lock.read_owned().wait()));
    drop(lock.write_owned().wait());
}

/// rwlock: into_inner
#[test]
fn what_is_in_it_comes_out() {
    assert_eq!(RwLock::new(10).into_inner(), 10);
}

/// rwlock: into_inner_and_drop
#[test]
fn what_came_out_is_dropped_once() {
    struct Counter(Arc<AtomicUsize>);
    impl Drop for Counter {
        fn drop(&mut self) {
            self.0.fetch_add(1, Ordering::SeqCst);
        }
    }
    let drops = Arc::new(AtomicUsize::new(0));
    let inner = RwLock::new(Counter(Arc::clone(&drops))).into_inner();
    assert_eq!(drops.load(Ordering::SeqCst), 0);
    drop(inner);
    assert_eq!(drops.load(Ordering::SeqCst), 1);
}

/// rwlock: get_mut
#[test]
fn the_only_user_needs_no_lock() {
    let mut lock = RwLock::new(10);
    *lock.get_mut() = 20;
    assert_eq!(lock.into_inner(), 20);
}

/// Waits behind `holder`, is polled once more, and is woken when the holder leaves.
fn waits_for<F: Future>(holder: impl Sized, waiter: F) {
    let bell = Bell::new();
    let mut waiter = queued(waiter, &bell);
    crate::common::pending(&mut waiter, &bell);
    drop(holder);
    assert_eq!(bell.wakes(), 1);
    drop(ready(&mut waiter, &bell));
}

/// rwlock: yields_when_contended
#[test]
fn who_has_to_wait_sleeps_until_the_other_leaves() {
    let lock = RwLock::new(());
    waits_for(lock.try_write().unwrap(), lock.read());
    waits_for(lock.try_write().unwrap(), lock.write());
    waits_for(lock.try_read().unwrap(), lock.write());
}

/// rwlock: yields_when_contended_arc
#[test]
fn who_waits_for_an_owned_guard_sleeps_until_the_other_leaves() {
    let lock = Arc::new(RwLock::new(()));
    waits_for(lock.try_write_owned().unwrap(), lock.read_owned());
    waits_for(lock.try_write_owned().unwrap(), lock.write_owned());
    waits_for(lock.try_read_owned().unwrap(), lock.write_owned());
}

/// rwlock: cancellation
#[test]
fn what_is_dropped_unpolled_or_done_leaves_it_free() {
    let lock = RwLock::new(());
    drop((Box::pin(lock.read()), Box::pin(lock.write())));
    drop(now(lock.read()));
    drop(now(lock.write()));
    assert_eq!((lock.readers(), lock.is_write_locked(), lock.waiters()), (0, false, 0));
}

/// rwlock: arc_rwlock_refcounts
#[test]
fn handles_are_given_back() {
    let lock = Arc::new(RwLock::new(()));
    let handles = || Arc::strong_count(&lock);
    drop((Box::pin(lock.read_owned()), Box::pin(lock.write_owned()), Box::pin(lock.write())));
    assert_eq!(handles(), 1);
    let reader = now(lock.read_owned());
    assert_eq!(handles(), 2);
    drop(reader);
    assert_eq!(handles(), 1);
    let writer = now(lock.write_owned());
    assert_eq!(handles(), 2);
    drop(writer);
    assert_eq!(handles(), 1);
}
