//! Giving up in a monitor: exclusion, notifications and the baton pass on.

use crate::common::lines::Cond;
use crate::common::lines::Cond::{A, B};
use crate::common::{Bell, poll, queued, ready};
use sempost::Monitor;
use std::sync::Arc;

fn monitor() -> Monitor<u32, Cond> {
    Monitor::new(0)
}

#[test]
fn a_wait_dropped_before_its_first_poll_has_left_the_monitor() {
    let monitor = monitor();
    let waiting = monitor.try_enter().unwrap().wait(A);
    drop(waiting);
    assert!(!monitor.is_occupied());
    assert_eq!(monitor.waiters(A), 0);
}

#[test]
fn a_wait_while_dropped_before_its_first_poll_has_left_the_monitor() {
    let monitor = monitor();
    drop(monitor.try_enter().unwrap().wait_while(A, |_| true));
    assert!(!monitor.is_occupied());
}

#[test]
fn a_wait_dropped_unpolled_lets_the_next_enter() {
    let monitor = monitor();
    let bell = Bell::new();
    let waiting = monitor.try_enter().unwrap().wait(A);
    let mut entering = queued(monitor.enter(), &bell);
    drop(waiting);
    assert_eq!(bell.wakes(), 1);
    drop(ready(&mut entering, &bell));
}

#[test]
fn a_dropped_wait_does_not_re_enter() {
    let monitor = monitor();
    let waiting = queued(monitor.try_enter().unwrap().wait(A), &Bell::new());
    let inside = monitor.try_enter().expect("the waiter is outside");
    drop(waiting);
    assert!(monitor.try_enter().is_none(), "somebody else is inside");
    drop(inside);
    assert!(!monitor.is_occupied());
}

#[test]
fn a_notified_waiter_dropped_at_the_door_passes_its_notification_on() {
    let monitor = monitor();
    let (a, b) = (Bell::new(), Bell::new());
    let first = queued(monitor.try_enter().unwrap().wait(A), &a);
    let mut second = queued(monitor.try_enter().unwrap().wait(A), &b);
    let inside = monitor.try_enter().unwrap();
    assert!(inside.notify_one(A));
    assert_eq!((monitor.waiters(A), monitor.entering()), (1, 1));
    drop(first); // notified, still at the door
    assert_eq!((monitor.waiters(A), monitor.entering()), (0, 1));
    drop(inside);
    assert_eq!((a.wakes(), b.wakes()), (0, 1));
    drop(ready(&mut second, &b));
}

#[test]
fn a_notified_waiter_dropped_with_the_monitor_in_hand_passes_both_on() {
    let monitor = monitor();
    let (a, b) = (Bell::new(), Bell::new());
    let first = queued(monitor.try_enter().unwrap().wait(A), &a);
    let mut second = queued(monitor.try_enter().unwrap().wait(A), &b);
    monitor.try_enter().unwrap().notify_one(A);
    assert_eq!((a.wakes(), b.wakes()), (1, 0));
    drop(first);
    assert_eq!(b.wakes(), 1);
    drop(ready(&mut second, &b));
}

#[test]
fn a_passed_on_notification_goes_to_the_longest_waiter() {
    let monitor = monitor();
    let bells = [Bell::new(), Bell::new(), Bell::new()];
    let [first, second, third] = [0, 1, 2].map(|i| queued(monitor.try_enter().unwrap().wait(A), &bells[i]));
    monitor.try_enter().unwrap().notify_one(A);
    drop(first);
    assert_eq!(bells.each_ref().map(Bell::wakes), [1, 1, 0]);
    drop(second);
    assert_eq!(bells.each_ref().map(Bell::wakes), [1, 1, 1]);
    drop(third);
    assert!(!monitor.is_occupied());
}

#[test]
fn a_notification_is_not_passed_on_to_who_came_after_it() {
    let monitor = monitor();
    let (a, b) = (Bell::new(), Bell::new());
    let notified = queued(monitor.try_enter().unwrap().wait(A), &a);
    let inside = monitor.try_enter().unwrap();
    inside.notify_one(A);
    let mut late = queued(inside.wait(A), &b); // joined after the notification was given
    drop(notified);
    assert_eq!(b.wakes(), 0);
    assert!(poll(&mut late, &b).is_pending());
    assert!(!monitor.is_occupied());
    assert_eq!(monitor.waiters(A), 1);
}

#[test]
fn a_passed_on_notification_stays_with_its_condition() {
    let monitor = monitor();
    let (a, b) = (Bell::new(), Bell::new());
    let first = queued(monitor.try_enter().unwrap().wait(A), &a);
    let other = queued(monitor.try_enter().unwrap().wait(B), &b);
    monitor.try_enter().unwrap().notify_one(A);
    drop(first);
    assert_eq!((b.wakes(), monitor.waiters(B)), (0, 1));
    drop(other);
}

#[test]
fn a_dropped_entry_passes_the_monitor_on() {
    let monitor = monitor();
    let (a, b) = (Bell::new(), Bell::new());
    let inside = monitor.try_enter().unwrap();
    let first = queued(monitor.enter(), &a);
    let mut second = queued(monitor.enter(), &b);
    drop(inside);
    drop(first);
    assert_eq!((a.wakes(), b.wakes()), (1, 1));
    drop(ready(&mut second, &b));
    assert!(!monitor.is_occupied());
}

#[test]
fn a_signalled_waiter_that_is_dropped_hands_the_monitor_to_the_next_of_its_condition() {
    let monitor = monitor();
    let bells = [Bell::new(), Bell::new(), Bell::new()];
    let first = queued(monitor.try_enter().unwrap().wait(A), &bells[0]);
    let mut second = queued(monitor.try_enter().unwrap().wait(A), &bells[1]);
    let inside = monitor.try_enter().unwrap();
    let mut entering = queued(monitor.enter(), &bells[2]);
    assert!(inside.signal_and_leave(A));
    assert_eq!(bells.each_ref().map(Bell::wakes), [1, 0, 0]);
    drop(first);
    assert_eq!(bells.each_ref().map(Bell::wakes), [1, 1, 0], "ahead of the entry queue");
    drop(ready(&mut second, &bells[1]));
    drop(ready(&mut entering, &bells[2]));
}

#[test]
fn a_signalled_waiter_that_was_alone_hands_the_monitor_to_the_entry_queue() {
    let monitor = monitor();
    let (a, b) = (Bell::new(), Bell::new());
    let signalled = queued(monitor.try_enter().unwrap().wait(A), &a);
    let inside = monitor.try_enter().unwrap();
    let mut entering = queued(monitor.enter(), &b);
    assert!(inside.signal_and_leave(A));
    assert_eq!((a.wakes(), b.wakes()), (1, 0));
    drop(signalled);
    assert_eq!(b.wakes(), 1);
    drop(ready(&mut entering, &b));
}

#[test]
fn a_signalled_waiter_with_nobody_behind_it_leaves_the_monitor_free() {
    let monitor = monitor();
    let signalled = queued(monitor.try_enter().unwrap().wait(A), &Bell::new());
    assert!(monitor.try_enter().unwrap().signal_and_leave(A));
    assert!(monitor.is_occupied());
    drop(signalled);
    assert!(!monitor.is_occupied());
}

#[test]
fn a_wait_while_dropped_with_its_notification_passes_it_on() {
    let monitor = monitor();
    let (a, b) = (Bell::new(), Bell::new());
    let wait = || monitor.try_enter().unwrap().wait_while(A, |n| *n == 0);
    let first = queued(wait(), &a);
    let mut second = queued(wait(), &b);
    let mut inside = monitor.try_enter().unwrap();
    *inside = 1;
    inside.notify_one(A);
    drop(inside);
    drop(first);
    assert_eq!(b.wakes(), 1);
    assert_eq!(*ready(&mut second, &b), 1);
}

#[test]
fn a_wait_while_that_waits_again_may_be_dropped() {
    let monitor = monitor();
    let bell = Bell::new();
    let mut waiting = queued(monitor.try_enter().unwrap().wait_while(A, |n| *n == 0), &bell);
    monitor.try_enter().unwrap().notify_one(A);
    assert!(poll(&mut waiting, &bell).is_pending(), "the predicate still holds");
    assert_eq!((monitor.waiters(A), monitor.is_occupied()), (1, false));
    drop(waiting);
    assert_eq!((monitor.waiters(A), bell.held()), (0, 0));
}

#[test]
fn dropped_owned_futures_let_the_monitor_go() {
    let monitor = Arc::new(monitor());
    let bell = Bell::new();
    drop(queued(monitor.try_enter_owned().unwrap().wait(A), &bell));
    drop(queued(monitor.try_enter_owned().unwrap().wait_while(A, |_| true), &bell));
    let inside = monitor.try_enter_owned().unwrap();
    drop(queued(monitor.enter_owned(), &bell));
    drop(inside);
    assert_eq!(Arc::strong_count(&monitor), 1);
}
