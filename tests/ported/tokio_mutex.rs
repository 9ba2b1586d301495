//! tokio's `sync_mutex` and `sync_mutex_owned` (tokio 1.53.1 and what its main branch had at ea91b33), as `Mutex`.
//!
//! | origin | scenarios | tested here | differ |
//! |---|---|---|---|
//! | sync_mutex | 8 | 8 | 1 |
//! | sync_mutex_owned | 6 | 6 | 0 |
//!
//! One of the eight, `lock`, is commented out there. Where they wait for a clock, a future here is given up after so
//! many polls.
//!
//! # Spelled otherwise
//! | there | here |
//! |---|---|
//! | `try_lock()` is a `Result` | it is an `Option`: there is but one reason |
//! | `lock_owned`, `try_lock_owned` take the `Arc` | they borrow it, and clone it |
//! | `blocking_lock` panics inside a runtime | `lock_blocking` knows no runtime; the docs forbid it there |
//!
//! # Differences
//! | scenario | what holds here, and why |
//! |---|---|
//! | `sync_mutex: mutex_debug` | it shows the `waiters` as well: a mutex that is stuck should say so |

use crate::common::{Abandon, Bell, now, queued, ready};
use sempost::Mutex;
use std::future::pending;
use std::sync::Arc;
use std::thread;

/// sync_mutex: straight_execution
#[test]
fn one_after_the_other_gets_in_at_once_and_sees_what_was_written() {
    let mutex = Mutex::new(100);
    for expected in [100, 99, 98] {
        let mut guard = now(mutex.lock());
        assert_eq!(*guard, expected);
        *guard -= 1;
    }
}

/// sync_mutex_owned: straight_execution
#[test]
fn one_after_the_other_gets_in_with_an_owned_guard() {
    let mutex = Arc::new(Mutex::new(100));
    for expected in [100, 99, 98] {
        let mut guard = now(mutex.lock_owned());
        assert_eq!(*guard, expected);
        *guard -= 1;
    }
}

/// sync_mutex: readiness
#[test]
fn who_waits_is_woken_by_the_unlock_and_gets_in() {
    let mutex = Mutex::new(100);
    let guard = now(mutex.lock());
    let bell = Bell::new();
    let mut waiting = queued(mutex.lock(), &bell);
    drop(guard);
    assert_eq!((bell.wakes(), *ready(&mut waiting, &bell)), (1, 100));
}

/// sync_mutex_owned: readiness
#[test]
fn who_waits_for_an_owned_guard_is_woken_by_the_unlock_and_gets_in() {
    let mutex = Arc::new(Mutex::new(100));
    let guard = now(mutex.lock_owned());
    let bell = Bell::new();
    let mut waiting = queued(mutex.lock_owned(), &bell);
    drop(guard);
    assert_eq!((bell.wakes(), *ready(&mut waiting, &bell)), (1, 100));
}

/// sync_mutex: lock
#[test]
fn what_a_thread_writes_is_read_by_the_task_that_it_wakes() {
    let mutex = Arc::new(Mutex::new(false));
    let mut guard = mutex.lock_owned().wait();
    let bell = Bell::new();
    let mut waiting = queued(mutex.lock(), &bell);
    thread::spawn(move || *guard = true).join().unwrap();
    assert_eq!(bell.wakes(), 1);
    assert!(*ready(&mut waiting, &bell));
}

runtime_matrix! {
    /// sync_mutex: aborted_future_1
    async fn a_task_that_is_given_up_inside_leaves_the_mutex_free(rt) {
        let mutex = Mutex::new(0);
        let inside = async {
            let _guard = mutex.lock().await;
            pending::<()>().await;
        };
        assert!(Abandon::after(3, inside).await.is_none());
        assert!(Abandon::after(1, mutex.lock()).await.is_some(), "{rt:?}");
    }

    /// sync_mutex_owned: aborted_future_1
    async fn a_task_that_is_given_up_with_an_owned_guard_leaves_the_mutex_free(rt) {
        let mutex = Arc::new(Mutex::new(0));
        let inside = async {
            let _guard = mutex.lock_owned().await;
            pending::<()>().await;
        };
        assert!(Abandon::after(3, inside).await.is_none());
        assert!(Abandon::after(1, mutex.lock_owned()).await.is_some(), "{rt:?}");
    }

    /// sync_mutex: aborted_future_2
    async fn who_is_given_up_in_the_line_is_not_handed_the_mutex(rt) {
        let mutex = Mutex::new(0);
        let guard = mutex.lock().await;
        assert!(Abandon::after(3, mutex.lock()).await.is_none());
        drop(guard);
        assert!(Abandon::after(1, mutex.lock()).await.is_some(), "{rt:?}");
    }

    /// sync_mutex_owned: aborted_future_2
    async fn who_is_given_up_in_the_line_for_an_owned_guard_is_not_handed_the_mutex(rt) {
        let mutex = Arc::new(Mutex::new(0));
        let guard = mutex.lock_owned().await;
        assert!(Abandon::after(3, mutex.lock_owned()).await.is_none());
        drop(guard);
        assert!(Abandon::after(1, mutex.lock_owned()).await.is_some(), "{rt:?}");
    }
}

/// sync_mutex: try_lock
#[test]
fn to_try_fails_while_a_guard_is_out() {
    let mutex = Mutex::new(0);
    {
        let _guard = mutex.try_lock().unwrap();
        assert!(mutex.try_lock().is_none());
    }
    assert!(mutex.try_lock().is_some());
}

/// sync_mutex_owned: try_lock_owned
#[test]
fn to_try_for_an_owned_guard_fails_while_one_is_out() {
    let mutex = Arc::new(Mutex::new(0));
    {
        let _guard = mutex.try_lock_owned().unwrap();
        assert!(mutex.try_lock_owned().is_none());
    }
    assert!(mutex.try_lock_owned().is_some());
}

/// sync_mutex: debug_format
#[test]
fn a_guard_is_shown_as_its_data() {
    let mutex = Mutex::new("debug".to_owned());
    assert_eq!(format!("{:?}", now(mutex.lock())), format!("{:?}", "debug"));
}

/// sync_mutex_owned: debug_format
#[test]
fn an_owned_guard_is_shown_as_its_data() {
    let mutex = Arc::new(Mutex::new("debug".to_owned()));
    assert_eq!(format!("{:?}", now(mutex.lock_owned())), format!("{:?}", "debug"));
}

/// sync_mutex: mutex_debug
#[test]
fn a_mutex_is_shown_with_its_data_or_as_locked_and_with_those_who_wait() {
    let mutex = Mutex::new("data".to_owned());
    assert_eq!(format!("{mutex:?}"), r#"Mutex { data: "data", handed_over: false, waiters: 0 }"#);
    let _guard = now(mutex.lock());
    let _waiting = queued(mutex.lock(), &Bell::new());
    assert_eq!(format!("{mutex:?}"), "Mutex { data: <locked>, handed_over: false, waiters: 1 }");
}
