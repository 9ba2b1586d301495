//! C7: a waker, a destructor or a closure that panics leaves the state whole, and everybody else
//! who was to be woken or dropped is.

use crate::common::lines::Cond::{self, A};
use crate::common::lines::Line;
use crate::common::{Bell, now, panic_message, pending, poll, queued, ready};
use crate::table::on_each_primitive;
use sempost::{Monitor, Mutex, MutexGuard, Semaphore};

const PANIC: &str = "this waker panics";

/// Three tasks; the waker of the first panics.
fn first_of_three_panics() -> [Bell; 3] {
    [Bell::panicking(), Bell::new(), Bell::new()]
}

fn wakes(bells: &[Bell; 3]) -> [usize; 3] {
    bells.each_ref().map(Bell::wakes)
}

/// A panicking wake costs nobody the grant, the panicking task included.
fn a_panicking_wake_keeps_the_grant(line: Line) {
    let bell = Bell::panicking();
    let mut waiter = line.queue(&bell);
    assert_eq!(panic_message(|| (line.one)()), PANIC);
    assert_eq!(bell.wakes(), 1);
    assert!(waiter.finished(&Bell::new()), "the grant stands");
    line.assert_waiters(0);
}

/// A panicking clone is a poll that did not happen; the future may be polled or dropped.
fn a_panicking_clone_leaves_the_line_whole(line: Line) {
    let (hostile, bell) = (Bell::new(), Bell::new());
    hostile.on_clone(|| panic!("this clone panics"));
    let mut waiter = line.queue(&bell);
    assert_eq!(panic_message(|| waiter.poll(&hostile).is_ready()), "this clone panics");
    line.assert_waiters(1);
    assert_eq!((bell.held(), hostile.held()), (1, 0));
    (line.one)();
    assert_eq!(bell.wakes(), 1);
    assert!(waiter.finished(&bell));
}

/// A panicking drop of a replaced waker: the new one stands in line.
fn a_panicking_drop_leaves_the_line_whole(line: Line) {
    let (hostile, bell) = (Bell::new(), Bell::new());
    hostile.on_drop(|| panic!("this drop panics"));
    let mut waiter = line.queue(&hostile);
    assert_eq!(panic_message(|| waiter.poll(&bell).is_ready()), "this drop panics");
    hostile.unhook();
    line.assert_waiters(1);
    (line.one)();
    assert_eq!(bell.wakes(), 1);
    assert!(waiter.finished(&bell));
    assert_eq!((hostile.held(), bell.held()), (0, 0));
}

/// The drop of a waiter whose waker panics when dropped: it has left the line all the same.
fn a_panicking_drop_at_cancel_leaves_the_line(line: Line) {
    let (hostile, bell) = (Bell::new(), Bell::new());
    hostile.on_drop(|| panic!("this drop panics"));
    let gone = line.queue(&hostile);
    let mut waiter = line.queue(&bell);
    assert_eq!(panic_message(|| drop(gone)), "this drop panics");
    hostile.unhook();
    line.assert_waiters(1);
    (line.one)();
    assert!(bell.wakes() == 1 && waiter.finished(&bell));
}

on_each_primitive! {
    [c07_semaphore_wakers c07_mutex_wakers c07_monitor_wakers
     c07_mailbox_wakers c07_condvar_wakers c07_oneshot_wakers
     c07_credits_wakers c07_ports_wakers c07_rwlock_wakers
     c07_latch_wakers c07_barrier_wakers]
    a_panicking_wake_keeps_the_grant
    a_panicking_clone_leaves_the_line_whole
    a_panicking_drop_leaves_the_line_whole
    a_panicking_drop_at_cancel_leaves_the_line
}

#[test]
fn c07_semaphore_add_permits_wakes_the_rest() {
    let semaphore = Semaphore::new(0);
    let bells = first_of_three_panics();
    let line = bells.each_ref().map(|bell| queued(semaphore.acquire(), bell));
    assert_eq!(panic_message(|| semaphore.add_permits(3)), PANIC);
    assert_eq!(wakes(&bells), [1, 1, 1]);
    for mut waiter in line {
        assert!(ready(&mut waiter, &Bell::new()).is_ok());
    }
    assert_eq!(semaphore.available_permits(), 3);
}

#[test]
fn c07_semaphore_a_dropped_permit_wakes_the_rest() {
    let semaphore = Semaphore::new(3);
    let bells = first_of_three_panics();
    let permit = semaphore.try_acquire_many(3).unwrap();
    let _line = bells.each_ref().map(|bell| queued(semaphore.acquire(), bell));
    assert_eq!(panic_message(|| drop(permit)), PANIC);
    assert_eq!(wakes(&bells), [1, 1, 1]);
}

#[test]
fn c07_semaphore_a_permit_dropped_in_a_panic_wakes_the_rest_and_aborts_nothing() {
    let semaphore = Semaphore::new(3);
    let bells = first_of_three_panics();
    let permit = semaphore.try_acquire_many(3).unwrap();
    let _line = bells.each_ref().map(|bell| queued(semaphore.acquire(), bell));
    let message = panic_message(|| {
        let _permit = permit;
        panic!("the first panic");
    });
    assert_eq!(message, "the first panic");
    assert_eq!(wakes(&bells), [1, 1, 1]);
}

#[test]
fn c07_semaphore_close_wakes_the_rest() {
    let semaphore = Semaphore::new(0);
    let (bells, onlookers) = (first_of_three_panics(), first_of_three_panics());
    let line = bells.each_ref().map(|bell| queued(semaphore.acquire(), bell));
    let watch = onlookers.each_ref().map(|bell| queued(semaphore.closed(), bell));
    assert_eq!(panic_message(|| semaphore.close()), PANIC);
    assert_eq!((wakes(&bells), wakes(&onlookers)), ([1, 1, 1], [1, 1, 1]));
    assert!(semaphore.is_closed());
    line.into_iter().for_each(|mut waiter| assert!(ready(&mut waiter, &Bell::new()).is_err()));
    watch.into_iter().for_each(|mut closed| ready(&mut closed, &Bell::new()));
}

#[test]
fn c07_semaphore_all_may_panic_and_the_first_payload_is_kept() {
    let semaphore = Semaphore::new(0);
    let bells: Vec<_> = (0..5).map(|_| Bell::new()).collect();
    for (i, bell) in bells.iter().enumerate() {
        bell.on_wake(move || panic!("waker {i}"));
    }
    let _line: Vec<_> = bells.iter().map(|bell| queued(semaphore.acquire(), bell)).collect();
    assert_eq!(panic_message(|| semaphore.add_permits(5)), "waker 0");
    assert!(bells.iter().all(|bell| bell.wakes() == 1));
}

#[test]
fn c07_semaphore_a_cancelled_head_wakes_the_rest() {
    let semaphore = Semaphore::new(3);
    let bells = first_of_three_panics();
    let head = queued(semaphore.acquire_many(4), &Bell::new());
    let line = bells.each_ref().map(|bell| queued(semaphore.acquire(), bell));
    assert_eq!(panic_message(|| drop(head)), PANIC);
    assert_eq!(wakes(&bells), [1, 1, 1]);
    drop(line);
    assert_eq!(semaphore.available_permits(), 3);
}

#[test]
fn c07_mutex_an_unlock_whose_wake_panics_has_unlocked() {
    let mutex = Mutex::new(0);
    let (hostile, bell) = (Bell::panicking(), Bell::new());
    let guard = mutex.try_lock().unwrap();
    let first = queued(mutex.lock(), &hostile);
    let mut second = queued(mutex.lock(), &bell);
    assert_eq!(panic_message(|| drop(guard)), PANIC);
    drop(first);
    assert_eq!(bell.wakes(), 1);
    drop(ready(&mut second, &bell));
    assert!(!mutex.is_locked());
}

#[test]
fn c07_mutex_a_panic_while_held_unlocks() {
    let mutex = Mutex::new(0);
    let bell = Bell::new();
    let mut guard = mutex.try_lock().unwrap();
    let mut waiter = queued(mutex.lock(), &bell);
    let message = panic_message(|| {
        *guard = 1;
        let _guard = guard;
        panic!("while held");
    });
    assert_eq!((message.as_str(), bell.wakes()), ("while held", 1));
    assert_eq!(*ready(&mut waiter, &bell), 1, "half-changed, not poisoned");
}

#[test]
fn c07_mutex_a_panicking_map_unlocks() {
    let mutex = Mutex::new(0);
    let guard = mutex.try_lock().unwrap();
    fn no_part(_: &mut u32) -> &mut u32 {
        panic!("no such part")
    }
    assert_eq!(panic_message(|| drop(MutexGuard::map(guard, no_part))), "no such part");
    assert!(mutex.try_lock().is_some());
}

#[test]
fn c07_monitor_a_leave_whose_wake_panics_has_left() {
    let monitor = Monitor::<_, Cond>::new(0);
    let bells = first_of_three_panics();
    let line = bells.each_ref().map(|b| queued(monitor.try_enter().unwrap().wait(A), b));
    let inside = monitor.try_enter().unwrap();
    assert_eq!(inside.notify_all(A), 3);
    assert_eq!(panic_message(|| drop(inside)), PANIC);
    for (mut waiter, bell) in line.into_iter().zip(&bells) {
        assert_eq!(bell.wakes(), 1);
        *ready(&mut waiter, &Bell::new()) += 1;
    }
    assert_eq!(*monitor.try_enter().unwrap(), 3);
}

#[test]
fn c07_monitor_a_signal_and_leave_whose_wake_panics_has_handed_over() {
    let monitor = Monitor::<_, Cond>::new(0);
    let hostile = Bell::panicking();
    let mut waiting = queued(monitor.try_enter().unwrap().wait(A), &hostile);
    let inside = monitor.try_enter().unwrap();
    assert_eq!(panic_message(|| inside.signal_and_leave(A)), PANIC);
    assert!(monitor.try_enter().is_none());
    drop(ready(&mut waiting, &Bell::new()));
    assert!(!monitor.is_occupied());
}

#[test]
fn c07_monitor_a_wait_whose_wake_panics_is_in_line() {
    let monitor = Monitor::<_, Cond>::new(0);
    let (hostile, bell) = (Bell::panicking(), Bell::new());
    let inside = monitor.try_enter().unwrap();
    let mut entering = queued(monitor.enter(), &hostile);
    let mut waiting = Box::pin(inside.wait(A));
    assert_eq!(panic_message(|| poll(&mut waiting, &bell).is_ready()), PANIC);
    assert_eq!(monitor.waiters(A), 1);
    let inside = ready(&mut entering, &Bell::new());
    assert!(inside.notify_one(A));
    drop(inside);
    assert_eq!(bell.wakes(), 1);
    drop(ready(&mut waiting, &bell));
}

#[test]
fn c07_monitor_a_panicking_predicate_leaves_the_monitor_free() {
    let monitor = Monitor::<_, Cond>::new(0);
    let (bell, next) = (Bell::new(), Bell::new());
    let mut waiting = queued(
        monitor.try_enter().unwrap().wait_while(A, |n| {
            assert!(*n == 0, "the predicate panics");
            true
        }),
        &bell,
    );
    let mut other = queued(monitor.try_enter().unwrap().wait(A), &next);
    let mut inside = monitor.try_enter().unwrap();
    *inside = 1;
    inside.notify_one(A);
    drop(inside);
    assert_eq!(panic_message(|| poll(&mut waiting, &bell).is_ready()), "the predicate panics");
    drop(waiting);
    let inside = now(monitor.enter());
    drop(inside);
    if next.wakes() == 0 {
        pending(&mut other, &next);
    }
    drop(other);
    assert!(!monitor.is_occupied());
}

#[test]
fn c07_monitor_a_panic_while_inside_leaves() {
    let monitor = Monitor::<_, Cond>::new(0);
    let bell = Bell::new();
    let inside = monitor.try_enter().unwrap();
    let mut entering = queued(monitor.enter(), &bell);
    let message = panic_message(|| {
        let _inside = inside;
        panic!("while inside");
    });
    assert_eq!((message.as_str(), bell.wakes()), ("while inside", 1));
    drop(ready(&mut entering, &bell));
}
