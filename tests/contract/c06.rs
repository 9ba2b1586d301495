//! C6: no foreign code runs under a lock. A waker, a destructor or a closure may come back to the
//! primitive; under a lock it would hang, and the watchdog ends the test.

use crate::common::lines::Cond::{self, A};
use crate::common::lines::Line;
use crate::common::{Bell, now, poll, queued, ready, watched};
use crate::table::on_each_primitive;
use sempost::{Monitor, Mutex, MutexGuard, Semaphore};
use std::sync::Arc;

/// Queues, re-polls by another task, grants and cancels with wakers that come back.
fn wakers_come_back(line: Line) {
    let touch = line.touch.clone();
    watched(
        || "a waker came back and hangs".to_owned(),
        || {
            let bell = || {
                let (bell, wake, clone, drop) = (Bell::new(), touch.clone(), touch.clone(), touch.clone());
                bell.on_wake(move || wake());
                bell.on_clone(move || clone());
                bell.on_drop(move || drop());
                bell
            };
            let bells = [bell(), bell(), bell(), bell()];
            let mut first = line.queue(&bells[0]);
            let mut second = line.queue(&bells[1]);
            assert!(first.poll(&bells[2]).is_pending(), "the old waker's drop came back");
            drop(line.queue(&bells[3]));
            (line.one)();
            drop(first);
            drop(second.poll(&bells[1]));
        },
    );
}

on_each_primitive! {
    [c06_semaphore_futures c06_mutex_futures c06_monitor_futures
     c06_mailbox_futures c06_condvar_futures c06_oneshot_futures
     c06_credits_futures c06_ports_futures c06_rwlock_futures
     c06_latch_futures c06_barrier_futures]
    wakers_come_back
}

#[test]
fn c06_semaphore_a_waker_called_by_close_closes_and_asks() {
    let semaphore = Arc::new(Semaphore::new(0));
    let (bell, again) = (Bell::new(), semaphore.clone());
    bell.on_wake(move || {
        assert!(!again.close(), "it is closed already");
        assert!(again.is_closed() && again.try_acquire().is_err());
    });
    let mut waiter = queued(semaphore.acquire(), &bell);
    watched(String::new, || assert!(semaphore.close()));
    assert_eq!(bell.wakes(), 1);
    assert!(ready(&mut waiter, &bell).is_err());
}

#[test]
fn c06_semaphore_a_waker_may_poll_another_waiter_inline() {
    let semaphore = &*crate::common::leak(Semaphore::new(0));
    let outer = Bell::new();
    let inner = Arc::new(Bell::new());
    let second = std::sync::Mutex::new(Box::pin(semaphore.acquire()));
    let bell = inner.clone();
    outer.on_wake(move || assert!(poll(&mut second.lock().unwrap(), &bell).is_pending()));
    let _first = queued(semaphore.acquire(), &outer);
    watched(String::new, || semaphore.add_permits(1));
    assert_eq!((outer.wakes(), semaphore.waiters()), (1, 1));
}

#[test]
fn c06_semaphore_a_waker_may_drop_the_last_handle_on_it() {
    let semaphore = Arc::new(Semaphore::new(0));
    let bell = Bell::new();
    let waiting = queued(semaphore.acquire_owned(), &bell);
    let slot = Arc::new(std::sync::Mutex::new(Some(waiting)));
    let hand = slot.clone();
    bell.on_wake(move || drop(hand.lock().unwrap().take()));
    let weak = Arc::downgrade(&semaphore);
    watched(String::new, || semaphore.add_permits(1));
    assert_eq!((bell.wakes(), semaphore.available_permits()), (1, 1));
    drop(semaphore);
    assert!(weak.upgrade().is_none());
}

#[test]
fn c06_mutex_a_map_closure_may_ask_the_mutex() {
    let mutex = Mutex::new((1, 2));
    watched(String::new, || {
        let guard = now(mutex.lock());
        let mut mapped = MutexGuard::map(guard, |pair| {
            assert!(mutex.is_locked() && mutex.try_lock().is_none());
            &mut pair.1
        });
        *mapped = 3;
    });
    assert_eq!(*mutex.try_lock().unwrap(), (1, 3));
}

#[test]
fn c06_mutex_a_value_dropped_with_it_may_own_another_guard() {
    let other = Arc::new(Mutex::new(()));
    let guard = other.try_lock_owned().unwrap();
    let mutex = Mutex::new(guard);
    watched(String::new, || drop(mutex));
    assert!(!other.is_locked());
}

#[test]
fn c06_monitor_a_predicate_may_ask_the_monitor() {
    let monitor = Monitor::<_, Cond>::new(0);
    let bell = Bell::new();
    let mut waiting = queued(
        monitor.try_enter().unwrap().wait_while(A, |n| {
            assert!(monitor.is_occupied() && monitor.try_enter().is_none());
            assert_eq!(monitor.waiters(A), 0);
            *n == 0
        }),
        &bell,
    );
    watched(String::new, || {
        let mut inside = monitor.try_enter().unwrap();
        *inside = 1;
        inside.notify_one(A);
        drop(inside);
        drop(ready(&mut waiting, &bell));
    });
}

#[test]
fn c06_monitor_a_waker_called_by_signal_and_leave_comes_back() {
    let monitor = &*crate::common::leak(Monitor::<u32, Cond>::new(0));
    let bell = Bell::new();
    bell.on_wake(move || {
        assert!(monitor.try_enter().is_none(), "it is the signalled waiter's");
        assert_eq!(monitor.waiters(A), 0);
    });
    let mut waiting = queued(monitor.try_enter().unwrap().wait(A), &bell);
    watched(String::new, || assert!(monitor.try_enter().unwrap().signal_and_leave(A)));
    drop(ready(&mut waiting, &bell));
}
