//! Condition variables with deadlines: whoever is late answers the guard, and loses no notification.

use crate::common::{Bell, Deadline, leak, now, panic_message, pending, poll, queued, ready};
use sempost::{Condvar, Mutex, WaitTimeoutResult};
use std::task::Poll;
use std::time::Duration;

fn fresh() -> (&'static Condvar, &'static Mutex<u32>) {
    (leak(Condvar::new()), leak(Mutex::new(0)))
}

#[test]
fn a_wait_that_is_late_answers_the_guard() {
    let (condvar, mutex) = fresh();
    let deadline = Deadline::new();
    let bell = Bell::new();
    let mut waiting = queued(condvar.wait(mutex.try_lock().unwrap()).until(deadline.clone()), &bell);
    assert!(!mutex.is_locked());
    deadline.come();
    let (guard, ended) = ready(&mut waiting, &bell);
    assert_eq!((ended, mutex.is_locked(), condvar.waiters()), (WaitTimeoutResult::TimedOut, true, 0));
    drop(guard);
    assert!(!mutex.is_locked());
}

#[test]
fn a_deadline_that_has_come_before_still_gives_others_a_turn() {
    let (condvar, mutex) = fresh();
    let guard = mutex.try_lock().unwrap();
    let bell = Bell::new();
    let mut locking = queued(mutex.lock(), &bell);
    let mut waiting = Box::pin(condvar.wait(guard).until(Deadline::past()));
    pending(&mut waiting, &Bell::new());
    drop(ready(&mut locking, &bell));
    assert!(ready(&mut waiting, &Bell::new()).1.timed_out());
}

#[test]
fn who_is_late_waits_for_the_mutex_in_its_line() {
    let (condvar, mutex) = fresh();
    let deadline = Deadline::new();
    let bells = [Bell::new(), Bell::new()];
    let mut waiting = queued(condvar.wait(mutex.try_lock().unwrap()).until(deadline.clone()), &bells[0]);
    let held = mutex.try_lock().unwrap();
    let mut earlier = queued(mutex.lock(), &bells[1]);
    deadline.come();
    pending(&mut waiting, &bells[0]);
    assert_eq!((condvar.waiters(), mutex.waiters()), (0, 2));
    assert_eq!(condvar.notify_all(), 0, "nobody notifies it any more");
    drop(held);
    assert_eq!(bells.each_ref().map(Bell::wakes), [0, 1]);
    drop(ready(&mut earlier, &bells[1]));
    assert_eq!(bells[0].wakes(), 1);
    assert!(ready(&mut waiting, &bells[0]).1.timed_out());
}

#[test]
fn one_that_was_notified_first_counts_as_notified() {
    let (condvar, mutex) = fresh();
    let deadline = Deadline::new();
    let bell = Bell::new();
    let mut waiting = queued(condvar.wait(mutex.try_lock().unwrap()).until(deadline.clone()), &bell);
    assert!(condvar.notify_one());
    deadline.come();
    assert_eq!(ready(&mut waiting, &bell).1, WaitTimeoutResult::Notified);
}

#[test]
fn one_that_was_moved_to_the_mutex_counts_as_notified_and_keeps_its_place() {
    let (condvar, mutex) = fresh();
    let deadline = Deadline::new();
    let bells = [Bell::new(), Bell::new(), Bell::new()];
    let mut first = queued(condvar.wait(mutex.try_lock().unwrap()), &bells[0]);
    let mut second = queued(condvar.wait(mutex.try_lock().unwrap()).until(deadline.clone()), &bells[1]);
    assert_eq!(condvar.notify_all(), 2);
    let held = ready(&mut first, &bells[0]);
    let _behind = queued(mutex.lock(), &bells[2]);
    deadline.come();
    pending(&mut second, &bells[1]);
    drop(held);
    assert_eq!(bells.each_ref().map(Bell::wakes), [1, 1, 0]);
    assert_eq!(ready(&mut second, &bells[1]).1, WaitTimeoutResult::Notified);
}

/// Kills: a deadline that takes a notification away from a waiter that has it.
#[test]
fn a_wait_that_was_notified_is_not_late_any_more() {
    let (condvar, mutex) = fresh();
    let deadline = Deadline::new();
    let bells = [Bell::new(), Bell::new(), Bell::new()];
    let mut first = queued(condvar.wait(mutex.try_lock().unwrap()), &bells[0]);
    let mut late = queued(condvar.wait(mutex.try_lock().unwrap()).until(deadline.clone()), &bells[1]);
    let _third = queued(condvar.wait(mutex.try_lock().unwrap()), &bells[2]);
    assert_eq!(condvar.notify_many(2), 2);
    // The first has not taken it to the mutex yet.
    deadline.come();
    pending(&mut late, &bells[1]);
    drop(ready(&mut first, &bells[0]));
    assert_eq!(ready(&mut late, &bells[1]).1, WaitTimeoutResult::Notified);
    assert_eq!((condvar.waiters(), bells[2].wakes()), (1, 0), "its notification was its own");
}

#[test]
fn one_that_is_late_and_dropped_notifies_nobody() {
    let (condvar, mutex) = fresh();
    let deadline = Deadline::new();
    let bell = Bell::new();
    let mut late = queued(condvar.wait(mutex.try_lock().unwrap()).until(deadline.clone()), &Bell::new());
    let other = queued(condvar.wait(mutex.try_lock().unwrap()), &bell);
    let held = mutex.try_lock().unwrap();
    deadline.come();
    pending(&mut late, &Bell::new());
    drop(late);
    drop(held);
    assert_eq!((bell.wakes(), condvar.waiters(), mutex.is_locked()), (0, 1, false));
    drop(other);
}

#[test]
fn one_that_has_the_mutex_and_is_dropped_gives_it_on() {
    let (condvar, mutex) = fresh();
    let deadline = Deadline::new();
    let bell = Bell::new();
    let mut late = queued(condvar.wait(mutex.try_lock().unwrap()).until(deadline.clone()), &bell);
    let held = mutex.try_lock().unwrap();
    deadline.come();
    pending(&mut late, &bell);
    drop(held);
    assert_eq!(bell.wakes(), 1);
    drop(late);
    assert!(mutex.try_lock().is_some());
}

#[test]
fn a_waker_that_panics_while_one_is_late_loses_nothing() {
    let (condvar, mutex) = fresh();
    let deadline = Deadline::new();
    let bell = Bell::new();
    let carrier = queued(condvar.wait(mutex.try_lock().unwrap()).until(deadline.clone()), &Bell::new());
    let next = Bell::panicking();
    let mut second = queued(condvar.wait(mutex.try_lock().unwrap()), &next);
    assert!(condvar.notify_one());
    // Late, it would have locked; dropped, its notification goes to the one whose waker panics.
    panic_message(|| drop(carrier));
    assert_eq!(next.wakes(), 1);
    drop(ready(&mut second, &bell));
    assert!(!mutex.is_locked());
}

#[test]
fn one_that_panics_on_its_way_to_the_mutex_leaves_it_to_its_holder() {
    let (condvar, mutex) = fresh();
    let deadline = Deadline::new();
    let mut late = queued(condvar.wait(mutex.try_lock().unwrap()).until(deadline.clone()), &Bell::new());
    let held = mutex.try_lock().unwrap();
    let hostile = Bell::new();
    pending(&mut late, &hostile);
    hostile.on_clone(|| panic!("this clone panics"));
    deadline.come();
    assert_eq!(panic_message(|| poll(&mut late, &hostile).is_ready()), "this clone panics");
    drop(late);
    assert!(mutex.is_locked(), "it had left, and not asked yet");
    drop(held);
    assert_eq!((condvar.waiters(), mutex.waiters(), mutex.is_locked()), (0, 0, false));
}

#[test]
fn the_predicate_is_asked_once_more() {
    let (condvar, mutex) = fresh();
    for (value, ended) in [(0, WaitTimeoutResult::TimedOut), (7, WaitTimeoutResult::Notified)] {
        let deadline = Deadline::new();
        let bell = Bell::new();
        let guard = mutex.try_lock().unwrap();
        let mut waiting = queued(condvar.wait_while(guard, |n| *n == 0).until(deadline.clone()), &bell);
        *mutex.try_lock().unwrap() = value;
        deadline.come();
        assert_eq!(ready(&mut waiting, &bell).1, ended);
    }
    // One whose predicate does not hold at all never waits.
    let guard = mutex.try_lock().unwrap();
    assert_eq!(now(condvar.wait_while(guard, |n| *n == 0).until(Deadline::past())).1, WaitTimeoutResult::Notified);
}

#[test]
fn a_thread_comes_back_with_the_mutex() {
    let (condvar, mutex) = fresh();
    let (guard, ended) = condvar.wait(mutex.lock_blocking()).wait_timeout(Duration::from_millis(1));
    assert!(ended.timed_out() && mutex.is_locked());
    drop(guard);
    let (guard, ended) = std::thread::scope(|scope| {
        let guard = mutex.lock_blocking();
        let notifies = scope.spawn(|| {
            *mutex.lock_blocking() = 7;
            condvar.notify_one()
        });
        let (guard, ended) = condvar.wait(guard).wait_timeout(Duration::from_secs(60));
        assert!(notifies.join().unwrap());
        (guard, ended)
    });
    assert_eq!((*guard, ended), (7, WaitTimeoutResult::Notified));
}

#[test]
fn a_deadline_that_panics_leaves_the_wait_in_line() {
    let (condvar, mutex) = fresh();
    let guard = mutex.try_lock().unwrap();
    let mut waiting =
        Box::pin(condvar.wait(guard).until(std::future::poll_fn(|_| -> Poll<()> { panic!("the clock stops") })));
    let bell = Bell::new();
    panic_message(|| _ = poll(&mut waiting, &bell));
    assert_eq!((condvar.waiters(), mutex.is_locked()), (1, false));
    drop(waiting);
    assert_eq!(condvar.waiters(), 0);
}
