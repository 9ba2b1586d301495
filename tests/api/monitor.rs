//! Notifications without memory, and the baton.

use crate::common::lines::Cond::{self, A, B};
use crate::common::{Bell, now, pending, queued, ready};
use sempost::{Monitor, conditions};
use std::sync::Arc;

fn monitor() -> Monitor<u32, Cond> {
    Monitor::new(0)
}

#[test]
fn a_wait_leaves_the_monitor_at_its_first_poll() {
    let monitor = monitor();
    let mut waiting = Box::pin(monitor.try_enter().unwrap().wait(A));
    assert!(monitor.is_occupied(), "inert until polled");
    pending(&mut waiting, &Bell::new());
    assert!(!monitor.is_occupied());
    assert_eq!(monitor.waiters(A), 1);
}

#[test]
fn a_wait_lets_the_next_enter() {
    let monitor = monitor();
    let bell = Bell::new();
    let inside = monitor.try_enter().unwrap();
    let mut entering = queued(monitor.enter(), &bell);
    let _waiting = queued(inside.wait(A), &Bell::new());
    assert_eq!(bell.wakes(), 1);
    drop(ready(&mut entering, &bell));
}

#[test]
fn a_notification_nobody_waits_for_is_lost() {
    let monitor = monitor();
    let inside = monitor.try_enter().unwrap();
    assert!(!inside.notify_one(A));
    assert_eq!((inside.notify_many(A, 5), inside.notify_all(A)), (0, 0));
    let bell = Bell::new();
    let mut waiting = queued(inside.wait(A), &bell);
    pending(&mut waiting, &bell);
    assert_eq!((bell.wakes(), monitor.waiters(A)), (0, 1));
}

#[test]
fn a_notified_waiter_is_moved_and_woken_only_when_it_may_enter() {
    let monitor = monitor();
    let bell = Bell::new();
    let mut waiting = queued(monitor.try_enter().unwrap().wait(A), &bell);
    let inside = monitor.try_enter().unwrap();
    assert!(inside.notify_one(A));
    assert_eq!((monitor.waiters(A), monitor.entering(), bell.wakes()), (0, 1, 0));
    drop(inside);
    assert_eq!(bell.wakes(), 1);
    drop(ready(&mut waiting, &bell));
}

#[test]
fn notify_many_moves_so_many() {
    let monitor = monitor();
    let bell = Bell::new();
    let _line: Vec<_> = (0..5).map(|_| queued(monitor.try_enter().unwrap().wait(A), &bell)).collect();
    let inside = monitor.try_enter().unwrap();
    assert_eq!(inside.notify_many(A, 0), 0);
    assert_eq!(inside.notify_many(A, 3), 3);
    assert_eq!((monitor.waiters(A), monitor.entering()), (2, 3));
    assert_eq!(inside.notify_many(A, usize::MAX), 2);
    drop(inside);
}

#[test]
fn a_notification_reaches_only_its_condition() {
    let monitor = monitor();
    let (a, b) = (Bell::new(), Bell::new());
    let _at_a = queued(monitor.try_enter().unwrap().wait(A), &a);
    let _at_b = queued(monitor.try_enter().unwrap().wait(B), &b);
    assert_eq!(monitor.try_enter().unwrap().notify_all(B), 1);
    assert_eq!((a.wakes(), b.wakes()), (0, 1));
}

#[test]
fn there_are_no_spurious_wake_ups() {
    let monitor = monitor();
    let bell = Bell::new();
    let mut waiting = queued(monitor.try_enter().unwrap().wait(A), &bell);
    for _ in 0..100 {
        drop(now(monitor.enter()));
        pending(&mut waiting, &bell);
    }
    assert_eq!((bell.wakes(), monitor.waiters(A)), (0, 1));
}

#[test]
fn wait_while_returns_at_once_if_the_predicate_does_not_hold() {
    let monitor = monitor();
    let inside = now(monitor.try_enter().unwrap().wait_while(A, |n| *n > 0));
    assert_eq!(*inside, 0);
    assert!(monitor.is_occupied());
}

#[test]
fn wait_while_may_change_the_data() {
    let monitor = monitor();
    let inside = now(monitor.try_enter().unwrap().wait_while(A, |n| {
        *n = 9;
        false
    }));
    assert_eq!(*inside, 9);
}

#[test]
fn wait_while_waits_until_the_predicate_is_false() {
    let monitor = monitor();
    let bell = Bell::new();
    let mut waiting = queued(monitor.try_enter().unwrap().wait_while(A, |n| *n < 3), &bell);
    for round in 1..=3 {
        let mut inside = monitor.try_enter().unwrap();
        *inside += 1;
        inside.notify_one(A);
        drop(inside);
        assert_eq!(bell.wakes(), round);
        if round < 3 {
            pending(&mut waiting, &bell);
        }
    }
    assert_eq!(*ready(&mut waiting, &bell), 3);
}

#[test]
fn signal_and_leave_without_waiters_is_a_plain_leave() {
    let monitor = monitor();
    let bell = Bell::new();
    let inside = monitor.try_enter().unwrap();
    let mut entering = queued(monitor.enter(), &bell);
    assert!(!inside.signal_and_leave(A));
    assert_eq!(bell.wakes(), 1);
    drop(ready(&mut entering, &bell));
    assert!(!monitor.try_enter().unwrap().signal_and_leave(B));
    assert!(!monitor.is_occupied());
}

#[test]
fn between_signal_and_the_signalled_nobody_gets_in() {
    let monitor = monitor();
    let bell = Bell::new();
    let mut waiting = queued(monitor.try_enter().unwrap().wait(A), &bell);
    let mut inside = monitor.try_enter().unwrap();
    let mut entering = queued(monitor.enter(), &Bell::new());
    *inside = 7;
    assert!(inside.signal_and_leave(A));
    assert!(monitor.is_occupied() && monitor.try_enter().is_none());
    let inside = ready(&mut waiting, &bell);
    assert_eq!(*inside, 7, "as the signaller left it");
    drop(inside);
    drop(ready(&mut entering, &Bell::new()));
}

#[test]
fn a_dropped_signalled_waiter_hands_over_only_to_who_was_waiting_at_the_signal() {
    let monitor = monitor();
    let (signalled_bell, entering_bell, late_bell) = (Bell::new(), Bell::new(), Bell::new());
    let signalled = queued(monitor.try_enter().unwrap().wait(A), &signalled_bell);
    let inside = monitor.try_enter().unwrap();
    // A newcomer waits at the door, and will wait for the condition only after the signal.
    let mut entering = queued(monitor.enter(), &entering_bell);
    assert!(inside.signal_and_leave(A));
    drop(signalled);
    assert_eq!(entering_bell.wakes(), 1, "to the entry queue");
    let late = queued(ready(&mut entering, &entering_bell).wait(A), &late_bell);
    assert_eq!((late_bell.wakes(), monitor.is_occupied()), (0, false), "the signal is gone");
    drop(late);
}

#[test]
fn a_notified_waiter_dropped_at_the_door_tells_nobody_who_came_later() {
    let monitor = monitor();
    let (first, second, late) = (Bell::new(), Bell::new(), Bell::new());
    let notified = queued(monitor.try_enter().unwrap().wait(A), &first);
    let waiting = queued(monitor.try_enter().unwrap().wait(A), &second);
    let inside = monitor.try_enter().unwrap();
    assert_eq!(inside.notify_all(A), 2);
    let latecomer = queued(inside.wait(A), &late);
    drop(notified);
    drop(waiting);
    assert_eq!((late.wakes(), monitor.waiters(A)), (0, 1), "both notifications are lost");
    assert!(!monitor.is_occupied());
    drop(latecomer);
}

#[test]
fn two_notifications_dropped_reach_two_older_waiters() {
    let monitor = monitor();
    let bells: Vec<_> = (0..4).map(|_| Bell::new()).collect();
    let mut line: Vec<_> = bells.iter().map(|b| Some(queued(monitor.try_enter().unwrap().wait(A), b))).collect();
    let inside = monitor.try_enter().unwrap();
    assert_eq!(inside.notify_many(A, 2), 2);
    line[1] = None;
    line[0] = None;
    assert_eq!((monitor.waiters(A), monitor.entering()), (0, 2));
    drop(inside);
    assert_eq!(bells[2].wakes() + bells[3].wakes(), 1, "one enters, the other is next");
}

#[test]
fn a_rejoined_waiter_counts_as_come_later() {
    let monitor = monitor();
    let (a, b) = (Bell::new(), Bell::new());
    let mut again = queued(monitor.try_enter().unwrap().wait_while(A, |_| true), &a);
    let notified = queued(monitor.try_enter().unwrap().wait(A), &b);
    assert_eq!(monitor.try_enter().unwrap().notify_many(A, 2), 2);
    pending(&mut again, &a); // its predicate holds: it joins anew
    a.take_wakes();
    drop(notified);
    assert_eq!((a.wakes(), monitor.waiters(A)), (0, 1), "it was not waiting when B was notified");
}

#[test]
fn get_mut_and_into_inner_need_no_entry() {
    let mut monitor = monitor();
    *monitor.get_mut() += 1;
    assert_eq!(monitor.into_inner(), 1);
}

#[test]
fn a_guard_knows_its_monitor() {
    let monitor = Arc::new(monitor());
    let inside = monitor.try_enter().unwrap();
    // Copied out of the guard, the reference outlives it.
    let known = *inside.monitor();
    drop(inside);
    assert!(std::ptr::eq(known, &*monitor));
    let inside = monitor.try_enter_owned().unwrap();
    let known: Arc<Monitor<u32, Cond>> = Arc::clone(inside.monitor());
    assert!(Arc::ptr_eq(&known, &monitor) && known.try_enter().is_none());
    assert_eq!(inside.notify_all(B), 0);
    assert!(!inside.signal_and_leave(A));
}

#[test]
fn an_owned_guard_waits_and_keeps_the_monitor_alive() {
    let monitor = Arc::new(monitor());
    let weak = Arc::downgrade(&monitor);
    let bell = Bell::new();
    let mut waiting = queued(monitor.try_enter_owned().unwrap().wait_while(A, |n| *n == 0), &bell);
    drop(monitor);
    let monitor = weak.upgrade().expect("the future keeps it");
    let mut inside = monitor.try_enter_owned().unwrap();
    *inside = 1;
    inside.signal_and_leave(A);
    drop(monitor);
    let inside = ready(&mut waiting, &bell);
    assert_eq!(*inside, 1);
    drop((inside, waiting));
    assert!(weak.upgrade().is_none());
}

#[test]
fn a_monitor_may_hold_unsized_data() {
    let monitor: Box<Monitor<[u32], Cond>> = Box::new(Monitor::new([1, 2]));
    monitor.try_enter().unwrap()[0] = 7;
    assert_eq!(monitor.try_enter().unwrap().len(), 2);
}

mod of_their_own {
    super::conditions! {
        /// Docs, visibility and any number of conditions.
        pub(super) enum Many {
            /// The first.
            C0,
            C1, C2, C3, C4, C5, C6, C7, C8, C9,
        }
    }

    super::conditions! { pub(super) enum One { Only } }
}

#[test]
fn conditions_may_be_one_or_many() {
    use of_their_own::{Many, One};
    let many = Monitor::<(), Many>::new(());
    let (first, last) = (Bell::new(), Bell::new());
    let _c0 = queued(many.try_enter().unwrap().wait(Many::C0), &first);
    let _c9 = queued(many.try_enter().unwrap().wait(Many::C9), &last);
    assert!(!many.try_enter().unwrap().notify_one(Many::C5));
    assert!(many.try_enter().unwrap().notify_one(Many::C9));
    assert_eq!((first.wakes(), last.wakes()), (0, 1));
    let _all = [Many::C1, Many::C2, Many::C3, Many::C4, Many::C6, Many::C7, Many::C8];
    let one = Monitor::<(), One>::new(());
    assert_eq!(one.waiters(One::Only), 0);
}
