//! The condition variable: what the tables of all lines do not say.

use crate::c17::{WAITERS, on_a_stack_of};
use crate::common::{Bell, panic_message, pending, poll, queued, ready, second_poll_names, until, watched};
use sempost::{Condvar, Mutex, OwnedMutexGuard};
use std::sync::{self, Arc};
use std::thread;
use std::time::Duration;

static CONDVAR: Condvar = Condvar::new();

/// In KiB. Not even one byte a waiter fits on it.
const STACK: usize = 64;

fn fresh<T: Default>() -> (Condvar, Mutex<T>) {
    (Condvar::new(), Mutex::new(T::default()))
}

#[test]
fn c03_condvar_waiters_are_notified_in_their_order() {
    let (condvar, mutex) = fresh::<Vec<usize>>();
    let bells: Vec<_> = (0..5).map(|_| Bell::new()).collect();
    let line: Vec<_> = bells.iter().map(|bell| queued(condvar.wait(mutex.try_lock().unwrap()), bell)).collect();
    for (i, mut waiter) in line.into_iter().enumerate() {
        assert!(condvar.notify_one());
        let told: Vec<_> = bells.iter().map(Bell::wakes).collect();
        assert_eq!(told, (0..5).map(|j| usize::from(j <= i)).collect::<Vec<_>>());
        ready(&mut waiter, &bells[i]).push(i);
    }
    assert_eq!(*mutex.try_lock().unwrap(), [0, 1, 2, 3, 4]);
}

#[test]
fn c03_condvar_those_who_are_notified_join_the_back_of_the_mutex_in_their_order() {
    let (condvar, mutex) = fresh::<Vec<usize>>();
    let bells: Vec<_> = (0..4).map(|_| Bell::new()).collect();
    let wait = |i: usize| queued(condvar.wait(mutex.try_lock().unwrap()), &bells[i]);
    let (mut first, mut second) = (wait(0), wait(1));
    let guard = mutex.try_lock().unwrap();
    let mut earlier = queued(mutex.lock(), &bells[2]);
    assert_eq!(condvar.notify_all(), 2);
    pending(&mut first, &bells[0]);
    let mut later = queued(mutex.lock(), &bells[3]);
    bells.iter().for_each(|bell| _ = bell.take_wakes());
    drop(guard);
    let told = || bells.iter().map(Bell::wakes).collect::<Vec<_>>();
    assert_eq!(told(), [0, 0, 1, 0]);
    ready(&mut earlier, &bells[2]).push(2);
    ready(&mut first, &bells[0]).push(0);
    ready(&mut second, &bells[1]).push(1);
    ready(&mut later, &bells[3]).push(3);
    assert_eq!(told(), [1, 1, 1, 1]);
    assert_eq!(*mutex.try_lock().unwrap(), [2, 0, 1, 3]);
}

/// Kills: a first of the notified that joins the line, gets the mutex before its waker is there, and sleeps anyway.
#[test]
fn c03_condvar_a_leader_may_get_the_mutex_in_the_poll_that_joined_its_line() {
    let (condvar, mutex) = (Condvar::new(), Arc::new(Mutex::new(Vec::new())));
    let (bell, other) = (Bell::new(), Arc::new(Bell::new()));
    let mut waiting = queued(condvar.wait(mutex.try_lock().unwrap()), &bell);
    assert!(condvar.notify_one());
    let held = sync::Mutex::new(mutex.try_lock_owned());
    let behind = Arc::new(sync::Mutex::new(None));
    let (line, newcomer) = (Arc::clone(&behind), Arc::clone(&other));
    // The poll clones its waker when the leader is in line already.
    bell.on_clone(move || {
        if let Some(held) = held.lock().unwrap().take() {
            *line.lock().unwrap() = Some(queued(OwnedMutexGuard::mutex(&held).lock_owned(), &newcomer));
        }
    });
    ready(&mut waiting, &bell).push(0);
    let mut locking = behind.lock().unwrap().take().expect("the leader found it locked");
    ready(&mut locking, &other).push(1);
    assert_eq!((bell.wakes(), other.wakes(), &**mutex.try_lock().unwrap()), (1, 1, &[0, 1][..]));
}

#[test]
fn c03_condvar_a_waiter_whose_predicate_still_holds_waits_again_at_the_back() {
    let (condvar, mutex) = fresh::<u32>();
    let (a, b) = (Bell::new(), Bell::new());
    let mut first = queued(condvar.wait_while(mutex.try_lock().unwrap(), |n| *n < 2), &a);
    let mut second = queued(condvar.wait_while(mutex.try_lock().unwrap(), |n| *n < 1), &b);
    *mutex.try_lock().unwrap() = 1;
    assert!(condvar.notify_one());
    pending(&mut first, &a);
    assert!(condvar.notify_one());
    assert_eq!((a.wakes(), b.wakes()), (1, 1), "now the second is the longest waiter");
    assert_eq!(*ready(&mut second, &b), 1);
}

#[test]
fn c06_condvar_a_predicate_may_ask_and_notify() {
    let (condvar, mutex) = fresh::<u32>();
    let bell = Bell::new();
    let holds = |n: &mut u32| {
        assert!(mutex.is_locked() && mutex.try_lock().is_none());
        assert_eq!((condvar.waiters(), condvar.notify_all()), (0, 0));
        *n == 0
    };
    let mut waiting = queued(condvar.wait_while(mutex.try_lock().unwrap(), holds), &bell);
    watched(String::new, || {
        *mutex.try_lock().unwrap() = 1;
        assert!(condvar.notify_one());
        drop(ready(&mut waiting, &bell));
    });
}

#[test]
fn c06_condvar_a_waker_may_drop_the_last_handle_on_it() {
    let (condvar, mutex) = (Arc::new(Condvar::new()), Arc::new(Mutex::new(0)));
    let bell = Bell::new();
    let waiting = queued(condvar.wait_owned(mutex.try_lock_owned().unwrap()), &bell);
    let slot = Arc::new(std::sync::Mutex::new(Some((waiting, Arc::clone(&mutex)))));
    bell.on_wake(move || drop(slot.lock().unwrap().take()));
    let weak = (Arc::downgrade(&condvar), Arc::downgrade(&mutex));
    drop(mutex);
    watched(String::new, || assert!(condvar.notify_one()));
    assert!(weak.1.upgrade().is_none());
    drop(condvar);
    assert!(bell.wakes() == 1 && weak.0.upgrade().is_none());
}

#[test]
fn c07_condvar_a_notify_whose_wake_panics_has_notified_all() {
    let (condvar, mutex) = fresh::<usize>();
    let bells = [Bell::panicking(), Bell::new(), Bell::new()];
    let line = bells.each_ref().map(|bell| queued(condvar.wait(mutex.try_lock().unwrap()), bell));
    assert_eq!(panic_message(|| condvar.notify_all()), "this waker panics");
    assert_eq!((condvar.waiters(), mutex.is_locked()), (0, false));
    for (mut waiter, bell) in line.into_iter().zip(&bells) {
        assert_eq!(bell.wakes(), 1);
        *ready(&mut waiter, &Bell::new()) += 1;
    }
    assert_eq!(*mutex.try_lock().unwrap(), 3);
}

#[test]
fn c07_condvar_a_wait_whose_unlock_panics_is_in_line() {
    let (condvar, mutex) = fresh::<u32>();
    let (hostile, bell) = (Bell::panicking(), Bell::new());
    let guard = mutex.try_lock().unwrap();
    let mut locking = queued(mutex.lock(), &hostile);
    let mut waiting = Box::pin(condvar.wait(guard));
    assert_eq!(panic_message(|| poll(&mut waiting, &bell).is_ready()), "this waker panics");
    assert_eq!(condvar.waiters(), 1);
    drop(ready(&mut locking, &Bell::new()));
    assert!(condvar.notify_one() && bell.wakes() == 1);
    drop(ready(&mut waiting, &bell));
}

#[test]
fn c07_condvar_a_cancel_whose_wake_panics_has_passed_both_on() {
    let (condvar, mutex) = fresh::<u32>();
    let bells = [Bell::new(), Bell::new(), Bell::panicking(), Bell::new()];
    let [mut first, second, mut third] = [0, 1, 3].map(|i| queued(condvar.wait(mutex.try_lock().unwrap()), &bells[i]));
    assert_eq!(condvar.notify_many(2), 2);
    let guard = ready(&mut first, &bells[0]);
    let mut locking = queued(mutex.lock(), &bells[2]);
    drop(guard);
    // It has the mutex and a notification: the one goes to whoever locks, who panics, the other to the third.
    assert_eq!(panic_message(|| drop(second)), "this waker panics");
    drop(ready(&mut locking, &Bell::new()));
    assert_eq!(bells.each_ref().map(Bell::wakes), [1, 1, 1, 1]);
    drop(ready(&mut third, &bells[3]));
    assert!(!mutex.is_locked());
}

#[test]
fn c07_condvar_a_panicking_predicate_leaves_the_mutex_free() {
    let (condvar, mutex) = fresh::<u32>();
    let bell = Bell::new();
    let holds = |n: &mut u32| {
        assert!(*n == 0, "the predicate panics");
        true
    };
    let mut waiting = queued(condvar.wait_while(mutex.try_lock().unwrap(), holds), &bell);
    *mutex.try_lock().unwrap() = 1;
    assert!(condvar.notify_one());
    assert_eq!(panic_message(|| poll(&mut waiting, &bell).is_ready()), "the predicate panics");
    drop(waiting);
    assert_eq!((mutex.is_locked(), condvar.waiters(), bell.held()), (false, 0, 0));
}

#[test]
fn c10_condvar_ready_at_the_first_poll_it_panics_at_the_second() {
    let (condvar, mutex) = (Arc::new(Condvar::new()), Mutex::new(0));
    second_poll_names(condvar.wait_while(mutex.try_lock().unwrap(), |_| false), "CondvarWaitingWhile");
    second_poll_names(condvar.wait_while_owned(mutex.try_lock().unwrap(), |_| false), "CondvarWaitingWhile");
}

#[test]
fn c14_condvar_any_number_may_be_notified() {
    let (condvar, mutex) = fresh::<u32>();
    let bell = Bell::new();
    assert_eq!([0, 1, usize::MAX].map(|n| condvar.notify_many(n)), [0, 0, 0]);
    let line = [0; 3].map(|_| queued(condvar.wait(mutex.try_lock().unwrap()), &bell));
    assert_eq!([0, 2, usize::MAX, usize::MAX].map(|n| condvar.notify_many(n)), [0, 2, 1, 0]);
    assert_eq!(condvar.waiters(), 0);
    drop(line);
    assert_eq!(condvar.notify_many(usize::MAX), 0, "what was not used is lost, not kept");
}

#[test]
fn c15_condvar_new_is_const_and_the_default() {
    assert_eq!((CONDVAR.waiters(), Condvar::default().waiters()), (0, 0));
}

#[test]
fn c15_condvar_debug_shows_who_waits() {
    let (condvar, mutex) = fresh::<u32>();
    let _waiters = [0; 23].map(|_| queued(condvar.wait(mutex.try_lock().unwrap()), &Bell::new()));
    let (shown, pretty) = (format!("{condvar:?}"), format!("{condvar:#?}"));
    assert!(shown.contains("Condvar") && shown.contains("23") && pretty.contains("23"), "{shown}");
    assert!(format!("{:?}", condvar.wait(mutex.try_lock().unwrap())).contains("CondvarWaiting"));
    let waiting = condvar.wait_while(mutex.try_lock().unwrap(), |_| true);
    assert!(format!("{waiting:?}").contains("CondvarWaitingWhile"));
}

#[test]
fn c15_condvar_waiters_counts_those_who_were_not_notified() {
    let (condvar, mutex) = fresh::<u32>();
    let bell = Bell::new();
    let mut line = [0; 3].map(|_| queued(condvar.wait(mutex.try_lock().unwrap()), &bell));
    assert_eq!(condvar.waiters(), 3);
    assert_eq!((condvar.notify_many(2), condvar.waiters()), (2, 1));
    let guard = ready(&mut line[0], &bell);
    assert_eq!((condvar.waiters(), mutex.waiters()), (1, 1));
    drop(guard);
    drop(line);
    assert_eq!((condvar.waiters(), mutex.waiters()), (0, 0));
}

#[test]
fn c15_condvar_is_not_poisoned() {
    let (condvar, mutex) = fresh::<u32>();
    let bell = Bell::new();
    let mut waiting = queued(condvar.wait(mutex.try_lock().unwrap()), &bell);
    panic_message(|| {
        *mutex.try_lock().unwrap() = 1;
        let _guard = mutex.try_lock().unwrap();
        condvar.notify_one();
        panic!("half-changed");
    });
    assert_eq!(*ready(&mut waiting, &bell), 1);
}

#[test]
fn c16_condvar_every_future_waits_on_a_thread() {
    let (condvar, mutex) = (Arc::new(Condvar::new()), Arc::new(Mutex::new(0)));
    let shown = condvar.clone();
    watched(
        move || format!("{shown:?}"),
        || {
            thread::scope(|scope| {
                scope.spawn(|| *condvar.wait(mutex.lock_blocking()).wait() += 1);
                scope.spawn(|| *condvar.wait_blocking(mutex.lock_blocking()) += 1);
                scope.spawn(|| *condvar.wait_while(mutex.lock_blocking(), |n| *n == 0).wait() += 1);
                scope.spawn(|| *condvar.wait_while_blocking(mutex.lock_blocking(), |n| *n == 0) += 1);
                scope.spawn(|| *condvar.wait_owned(mutex.lock_owned().wait()).wait() += 1);
                scope.spawn(|| *condvar.wait(mutex.lock_blocking()).wait_timeout(Duration::from_secs(3_600)).0 += 1);
                until(|| condvar.waiters() == 6);
                *mutex.lock_blocking() = 10;
                assert_eq!(condvar.notify_all(), 6);
            });
            assert_eq!(*mutex.lock_blocking(), 16);
        },
    );
}

#[test]
fn c16_condvar_tasks_and_threads_are_notified_in_one_order() {
    let (condvar, mutex) = fresh::<Vec<u32>>();
    watched(String::new, || {
        let (a, b) = (Bell::new(), Bell::new());
        let mut first = queued(condvar.wait(mutex.try_lock().unwrap()), &a);
        thread::scope(|scope| {
            scope.spawn(|| condvar.wait_blocking(mutex.lock_blocking()).push(2));
            until(|| condvar.waiters() == 2);
            let mut last = queued(condvar.wait(mutex.lock_blocking()), &b);
            assert_eq!(condvar.notify_all(), 3);
            ready(&mut first, &a).push(1);
            until(|| b.wakes() == 1);
            ready(&mut last, &b).push(3);
        });
        assert_eq!(*mutex.lock_blocking(), [1, 2, 3]);
    });
}

#[test]
fn c16_condvar_a_stale_unpark_is_no_notification() {
    let (condvar, mutex) = fresh::<u32>();
    watched(String::new, || {
        thread::scope(|scope| {
            let waiting = scope.spawn(|| *condvar.wait_blocking(mutex.lock_blocking()));
            until(|| condvar.waiters() == 1);
            for _ in 0..1_000 {
                waiting.thread().unpark();
                thread::yield_now();
            }
            assert_eq!(condvar.waiters(), 1);
            *mutex.lock_blocking() = 7;
            assert!(condvar.notify_one());
            assert_eq!(waiting.join().unwrap(), 7);
        });
    });
}

/// They are notified without a wake but one, carried in turns, and polled once each.
#[test]
fn c17_condvar_notify_all_moves_the_waiters_and_each_is_polled_once() {
    on_a_stack_of(STACK, || {
        let ((condvar, mutex), bell) = (fresh::<usize>(), Bell::new());
        let line: Vec<_> = (0..WAITERS).map(|_| queued(condvar.wait(mutex.try_lock().unwrap()), &bell)).collect();
        let guard = mutex.try_lock().unwrap();
        assert_eq!((condvar.notify_all(), bell.wakes()), (WAITERS, 1), "counted, not woken");
        drop(guard);
        for (i, mut waiter) in line.into_iter().enumerate() {
            assert_eq!(bell.wakes(), i + 1);
            *ready(&mut waiter, &bell) += 1;
        }
        assert_eq!((*mutex.try_lock().unwrap(), bell.held()), (WAITERS, 0));
    });
}

/// In line, notified, and moved to the mutex's line; from the front and from the back.
#[test]
fn c17_condvar_waiters_are_dropped_flat_in_every_state() {
    for state in 0..3 {
        for backwards in [false, true] {
            on_a_stack_of(STACK, move || {
                let ((condvar, mutex), bell) = (fresh::<u32>(), Bell::new());
                let wait = || queued(condvar.wait(mutex.try_lock().unwrap()), &bell);
                let mut first = wait();
                let mut line: Vec<_> = (0..WAITERS).map(|_| wait()).collect();
                if state > 0 {
                    assert_eq!(condvar.notify_all(), WAITERS + 1);
                }
                if state > 1 {
                    drop(ready(&mut first, &bell));
                }
                if backwards {
                    line.reverse();
                }
                drop((first, line));
                assert_eq!((bell.held(), condvar.waiters(), mutex.waiters()), (0, 0, 0));
                assert!(!mutex.is_locked());
            });
        }
    }
}
