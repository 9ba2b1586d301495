//! Notifications: several conditions, several at once, and those that reach nobody.

use std::pin::Pin;
use std::sync::Arc;

use super::{glance, queued, run};
use crate::primitive::{model, pick, spawn};
use crate::{Monitor, Waiting, conditions};

conditions! { enum Cond { A, B } }
use Cond::{A, B};

type Shop = Monitor<u32, Cond>;

fn fresh() -> Arc<Shop> {
    Arc::new(Monitor::new(0))
}

fn waiting(monitor: &Arc<Shop>, condition: Cond) -> Pin<Box<Waiting<Arc<Shop>, u32, Cond>>> {
    queued(monitor.try_enter_owned().unwrap().wait(condition))
}

fn assert_idle(monitor: &Shop) {
    let waiting = (monitor.entering(), monitor.waiters(A), monitor.waiters(B));
    assert_eq!((monitor.is_occupied(), waiting), (false, (0, 0, 0)));
}

/// Kills: a notification for one condition that moves a waiter of the other (`notices_all_conditions_are_one`).
#[test]
fn each_condition_has_its_own_line() {
    model("notices: notify A and B ∥ both enter ∥ a visitor", || {
        let monitor = fresh();
        let (a, b) = (waiting(&monitor, A), waiting(&monitor, B));
        let (inside, visitor) = (monitor.try_enter_owned().unwrap(), Arc::clone(&monitor));
        let threads = [
            spawn(move || {
                assert!(inside.notify_one(B) && inside.notify_one(A));
                assert!(!inside.notify_one(A) && !inside.notify_one(B));
            }),
            spawn(move || drop(visitor.try_enter())),
        ];
        *run(b) += 1;
        *run(a) += 1;
        threads.into_iter().for_each(|thread| thread.join().unwrap());
        assert_eq!(*monitor.try_enter().unwrap(), 2);
        assert_idle(&monitor);
    });
}

/// Kills: one of several notifications that goes with the waiter which leaves
/// (`notices_a_notification_dies_at_the_door`).
#[test]
fn two_notified_and_one_leaves() {
    model("notices: notify two of three ∥ one leaves", || {
        let monitor = fresh();
        let [gone, second, third] = std::array::from_fn(|_| waiting(&monitor, A));
        let inside = monitor.try_enter_owned().unwrap();
        let threads = [
            spawn(move || {
                assert_eq!(inside.notify_many(A, 2), 2);
                drop(inside);
            }),
            spawn(move || drop(gone)),
        ];
        *run(second) += 1;
        *run(third) += 1;
        threads.into_iter().for_each(|thread| thread.join().unwrap());
        assert_idle(&monitor);
    });
}

/// Kills: `notify_all` that misses one who has left the monitor and not yet joined the line.
#[test]
fn everybody_who_waits_is_notified() {
    model("notices: two wait ∥ notify_all", || {
        let monitor = fresh();
        let first = queued(monitor.try_enter_owned().unwrap().wait_while(A, |n| *n == 0));
        let notifier = Arc::clone(&monitor);
        let threads = [
            spawn(move || *run(first) += 1),
            spawn(move || {
                let mut inside = notifier.enter_blocking();
                *inside = 1;
                inside.notify_all(A);
            }),
        ];
        *run(run(monitor.enter()).wait_while(A, |n| *n == 0)) += 1;
        threads.into_iter().for_each(|thread| thread.join().unwrap());
        assert_eq!(*monitor.try_enter().unwrap(), 3);
        assert_idle(&monitor);
    });
}

/// Kills: a notification that reaches nobody and is kept for the next (B17): conditions have no memory.
#[test]
fn a_notification_without_waiters_is_lost() {
    model("notices: notify nobody ∥ cancel ∥ a later wait", || {
        let monitor = fresh();
        let gone = waiting(&monitor, A);
        let (notifier, visitor) = (Arc::clone(&monitor), Arc::clone(&monitor));
        let threads = [
            spawn(move || drop(gone)),
            spawn(move || _ = notifier.enter_blocking().notify_one(A)),
            spawn(move || drop(visitor.enter_blocking())),
        ];
        threads.into_iter().for_each(|thread| thread.join().unwrap());
        let mut late = waiting(&monitor, A);
        assert!(glance(&mut late).is_none());
        monitor.try_enter().unwrap().notify_one(A);
        *run(late) += 1;
        assert_idle(&monitor);
    });
}

/// Kills: a signal without a waiter that leaves the monitor locked, or the door unserved
/// (`notices_a_signal_to_nobody_locks`).
#[test]
fn a_signal_to_nobody_is_a_plain_leave() {
    model("notices: signal_and_leave to nobody ∥ two enter", || {
        let monitor = fresh();
        let inside = monitor.try_enter_owned().unwrap();
        let other = Arc::clone(&monitor);
        let threads = [
            spawn(move || {
                inside.signal_and_leave(A);
            }),
            spawn(move || *other.enter_blocking() += 1),
        ];
        for _ in 0..pick(1, 2) {
            *run(monitor.enter()) += 1;
        }
        threads.into_iter().for_each(|thread| thread.join().unwrap());
        assert_idle(&monitor);
    });
}

/// Kills: a notified waiter that leaves from the door and takes the turn along (`notices_a_leaver_keeps_the_turn`).
#[test]
fn a_notified_waiter_that_is_handed_the_monitor_may_leave() {
    model("notices: leave ∥ cancel of a notified waiter ∥ enter", || {
        let monitor = fresh();
        let gone = waiting(&monitor, A);
        let inside = monitor.try_enter_owned().unwrap();
        assert!(inside.notify_one(A));
        let threads = [spawn(move || drop(inside)), spawn(move || drop(gone))];
        *run(monitor.enter()) += 1;
        threads.into_iter().for_each(|thread| thread.join().unwrap());
        assert_idle(&monitor);
    });
}

/// Kills: two signals that cross and leave both signallers outside.
#[test]
fn two_tasks_signal_each_other() {
    model("notices: signal_and_leave ∥ signal_and_leave, in turn", || {
        let monitor = fresh();
        let other = Arc::clone(&monitor);
        let turns = pick(3, 5);
        let thread = spawn(move || {
            for turn in 0..turns {
                let mut inside = other.enter_blocking().wait_while(A, |n| *n % 2 == 0).wait();
                *inside = 2 * (turn + 1);
                inside.signal_and_leave(B);
            }
        });
        for turn in 0..turns {
            let mut inside = run(run(monitor.enter()).wait_while(B, |n| *n % 2 == 1));
            *inside = 2 * turn + 1;
            inside.signal_and_leave(A);
        }
        thread.join().unwrap();
        assert_eq!(*monitor.try_enter().unwrap(), 2 * turns);
        assert_idle(&monitor);
    });
}
