//! tokio's `sync_rwlock` (tokio 1.54.1), as `RwLock`.
//!
//! | origin | scenarios | tested here | differ |
//! |---|---|---|---|
//! | sync_rwlock | 19 | 19 | 3 |
//!
//! # Spelled otherwise
//! | there | here |
//! |---|---|
//! | `try_read()`, `try_write()` are a `Result` | they are an `Option`: there is but one reason |
//! | `read_owned`, `write_owned` and their `try_` forms take the `Arc` | they borrow it, and clone it |
//! | `with_max_readers(value, u32)` | the number is a `usize` |
//! | `RwLockWriteGuard::into_mapped` | `RwLockWriteGuard::map` with the identity |
//!
//! # Differences
//! | scenario | what holds here, and why |
//! |---|---|
//! | `sync_rwlock: zero_max_readers_const` | `with_max_readers` is `const` itself: there is one test for both |
//! | `sync_rwlock: downgrade_map` | it is `map` after `downgrade`, two steps that exist: a reader may come in before the part is chosen, which changes nothing for it |
//! | `sync_rwlock: try_downgrade_map` | the part is asked for while writing; what fails leaves a writer, and what succeeds is asked for once more after `downgrade` |

use crate::common::{Bell, now, panic_message, pending, queued, ready};
use futures::FutureExt;
use sempost::{OwnedRwLockReadGuard, OwnedRwLockWriteGuard, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::sync::Arc;

/// sync_rwlock: into_inner
#[test]
fn the_data_comes_out() {
    assert_eq!(RwLock::new(42).into_inner(), 42);
}

/// sync_rwlock: read_shared
#[test]
fn two_read_at_a_time() {
    let lock = Arc::new(RwLock::new(100));
    let (_first, _second) = (now(lock.read()), now(lock.read()));
    let (_third, _fourth) = (now(lock.read_owned()), now(lock.read_owned()));
    assert_eq!(lock.readers(), 4);
}

/// sync_rwlock: write_shared_pending
#[test]
fn nobody_writes_while_one_reads() {
    let lock = RwLock::new(100);
    let _reader = now(lock.read());
    drop(queued(lock.write(), &Bell::new()));
}

/// sync_rwlock: read_exclusive_pending
#[test]
fn nobody_reads_while_one_writes() {
    let lock = Arc::new(RwLock::new(100));
    let _writer = now(lock.write_owned());
    drop(queued(lock.read(), &Bell::new()));
    drop(queued(lock.read_owned(), &Bell::new()));
}

/// sync_rwlock: exhaust_reading
#[test]
fn one_reader_more_than_may_is_let_in_when_one_leaves() {
    let lock = RwLock::with_max_readers(100, 1_024);
    let mut readers: Vec<_> = std::iter::from_fn(|| lock.read().now_or_never()).collect();
    assert_eq!(readers.len(), 1_024);
    let bell = Bell::new();
    let mut waiting = queued(lock.read(), &bell);
    drop(readers.pop());
    assert_eq!((bell.wakes(), *ready(&mut waiting, &bell)), (1, 100));
}

/// sync_rwlock: zero_max_readers
#[test]
fn a_lock_for_no_reader_is_refused() {
    assert_eq!(panic_message(|| RwLock::with_max_readers(100, 0)), "a lock for no reader");
}

/// sync_rwlock: zero_max_readers_const
#[test]
fn a_lock_for_two_readers_is_made_at_compile_time() {
    static LOCK: RwLock<i32> = RwLock::with_max_readers(100, 2);
    let (_one, _two) = (now(LOCK.read()), now(LOCK.read()));
    assert!(LOCK.try_read().is_none());
}

/// sync_rwlock: write_exclusive_pending
#[test]
fn nobody_writes_while_one_writes() {
    let lock = RwLock::new(100);
    let _writer = now(lock.write());
    drop(queued(lock.write(), &Bell::new()));
}

/// sync_rwlock: write_shared_drop
#[test]
fn a_writer_is_woken_when_the_reader_leaves() {
    let lock = RwLock::new(100);
    let reader = now(lock.read());
    let bell = Bell::new();
    let mut waiting = queued(lock.write(), &bell);
    drop(reader);
    assert_eq!(bell.wakes(), 1);
    *ready(&mut waiting, &bell) += 1;
    assert_eq!(*now(lock.read()), 101);
}

/// sync_rwlock: write_read_shared_pending
#[test]
fn a_reader_waits_behind_a_writer() {
    let lock = RwLock::new(100);
    let _readers = [now(lock.read()), now(lock.read())];
    let bell = Bell::new();
    let _writer = queued(lock.write(), &bell);
    drop(queued(lock.read(), &bell));
}

/// sync_rwlock: write_read_shared_drop_pending
#[test]
fn a_reader_is_woken_when_the_writer_before_it_is_given_up() {
    let lock = RwLock::new(100);
    let _reader = now(lock.read());
    let (gone, bell) = (Bell::new(), Bell::new());
    let writer = queued(lock.write(), &gone);
    let mut waiting = queued(lock.read(), &bell);
    drop(writer);
    assert_eq!((gone.wakes(), bell.wakes()), (0, 1));
    drop(ready(&mut waiting, &bell));
}

runtime_matrix! {
    /// sync_rwlock: read_uncontested
    async fn one_alone_reads(rt) {
        let lock = RwLock::new(100);
        assert_eq!(*lock.read().await, 100, "{rt:?}");
    }

    /// sync_rwlock: write_uncontested
    async fn one_alone_writes(rt) {
        let lock = RwLock::new(100);
        let mut guard = lock.write().await;
        *guard += 50;
        assert_eq!(*guard, 150, "{rt:?}");
    }

    /// sync_rwlock: write_order
    async fn who_is_polled_first_writes_first(rt) {
        let lock = RwLock::new(Vec::new());
        let second = async { lock.write().await.push(2) };
        let first = async { lock.write().await.push(1) };
        first.await;
        second.await;
        assert_eq!(*lock.read().await, [1, 2], "{rt:?}");
    }

    /// sync_rwlock: multithreaded
    async fn four_tasks_write_a_thousand_times_each(rt) {
        let lock = Arc::new(RwLock::new(0));
        let mut tasks = Vec::new();
        for add in [2, 3, 5, 7] {
            let lock = lock.clone();
            tasks.push(rt.spawn(async move {
                for _ in 0..1_000 {
                    *lock.write().await += add;
                }
            }));
        }
        for task in tasks {
            task.await;
        }
        assert_eq!(*lock.read().await, 17_000);
    }

    /// sync_rwlock: try_write
    async fn to_try_to_write_fails_while_one_reads(rt) {
        let lock = RwLock::new(0);
        let reader = lock.read().await;
        assert!(lock.try_write().is_none(), "{rt:?}");
        drop(reader);
        assert!(lock.try_write().is_some());
    }
}

/// sync_rwlock: try_read_try_write
#[test]
fn to_try_says_who_is_inside() {
    let lock = Arc::new(RwLock::new(15));
    {
        let (first, second) = (lock.try_read().unwrap(), lock.try_read_owned().unwrap());
        assert_eq!((*first, *second), (15, 15));
        assert!(lock.try_write().is_none() && lock.try_write_owned().is_none());
    }
    {
        *lock.try_write_owned().unwrap() = 1_515;
        let _writer = lock.try_write().unwrap();
        assert!(lock.try_read().is_none() && lock.try_read_owned().is_none());
    }
    assert_eq!(*lock.try_read().unwrap(), 1_515);
}

/// sync_rwlock: downgrade_map
#[test]
fn a_downgrade_lets_the_reader_in_and_both_see_the_same() {
    let lock = RwLock::new((0, 1));
    let writer = now(lock.write());
    let bell = Bell::new();
    let mut waiting = queued(lock.read(), &bell);
    let part = RwLockReadGuard::map(RwLockWriteGuard::downgrade(writer), |pair| &pair.1);
    assert!(std::ptr::eq(&*part, &ready(&mut waiting, &bell).1));
    let lock = Arc::new(RwLock::new((0, 1)));
    let writer = now(lock.write_owned());
    let mut waiting = queued(lock.read_owned(), &bell);
    let part = OwnedRwLockReadGuard::map(OwnedRwLockWriteGuard::downgrade(writer), |pair| &pair.1);
    assert!(std::ptr::eq(&*part, &ready(&mut waiting, &bell).1));
}

/// sync_rwlock: try_downgrade_map
#[test]
fn a_downgrade_that_finds_no_part_leaves_a_writer() {
    let lock = RwLock::new(vec![0]);
    let bell = Bell::new();
    let mut writer = now(lock.write());
    let mut waiting = queued(lock.read(), &bell);
    let wanted = writer.get(1).is_some();
    assert!(!wanted);
    pending(&mut waiting, &bell);
    writer.push(7);
    let part = RwLockReadGuard::try_map(RwLockWriteGuard::downgrade(writer), |list| list.get(1)).unwrap();
    assert!(std::ptr::eq(&*part, &ready(&mut waiting, &bell)[1]));
}
