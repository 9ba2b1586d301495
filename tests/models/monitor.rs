//! Conditions: a notification reaches one who waited when it was given, exactly once, and nobody is locked out.

use std::sync::Arc;

use super::{glance, queued, run};
use crate::primitive::{model, pick, spawn};
use crate::{Monitor, conditions};

conditions! { enum Cond { A, B } }
use Cond::{A, B};

type Shop = Monitor<u32, Cond>;

fn fresh() -> Arc<Shop> {
    Arc::new(Monitor::new(0))
}

/// A waiter for `A`, in line.
fn waiting(monitor: &Arc<Shop>) -> std::pin::Pin<Box<crate::Waiting<Arc<Shop>, u32, Cond>>> {
    queued(monitor.try_enter_owned().unwrap().wait(A))
}

/// Kills: leaving the monitor before joining the condition's line, so that a notification falls in between.
#[test]
fn no_notification_falls_between_leaving_and_waiting() {
    model("monitor: notify ∥ wait", || {
        let monitor = fresh();
        let other = Arc::clone(&monitor);
        let thread = spawn(move || {
            let mut inside = other.enter_blocking();
            *inside = 1;
            inside.notify_one(A);
        });
        let third = Arc::clone(&monitor);
        let passer = spawn(move || drop(third.enter_blocking()));
        let inside = run(monitor.enter());
        *run(inside.wait_while(A, |n| *n == 0)) += 1;
        thread.join().unwrap();
        passer.join().unwrap();
        assert_eq!(*monitor.try_enter().unwrap(), 2);
    });
}

/// Kills: a notified waiter that is dropped and takes the notification along.
#[test]
fn a_notified_waiter_that_leaves_passes_its_notification_on() {
    model("monitor: notified waiter dropped ∥ another waits", || {
        let monitor = fresh();
        let (gone, stays) = (waiting(&monitor), waiting(&monitor));
        let inside = monitor.try_enter_owned().unwrap();
        let threads = [
            spawn(move || {
                assert!(inside.notify_one(A));
            }),
            spawn(move || drop(gone)),
        ];
        *run(stays) += 1;
        threads.into_iter().for_each(|thread| thread.join().unwrap());
        assert_eq!((monitor.is_occupied(), monitor.entering(), monitor.waiters(A)), (false, 0, 0));
    });
}

/// Kills: a notification passed on to one who came after it, or held back from one who came before.
#[test]
fn a_notification_is_for_those_who_waited() {
    model("monitor: notified waiter dropped ∥ a newcomer waits", || {
        let monitor = fresh();
        let gone = waiting(&monitor);
        monitor.try_enter().unwrap().notify_one(A);
        let other = Arc::clone(&monitor);
        let thread = spawn(move || {
            let mut late = Box::pin(other.enter_blocking().wait(A));
            let before = glance(&mut late).is_some();
            before || glance(&mut late).is_some()
        });
        drop(gone);
        *monitor.enter_blocking() += 1;
        *run(monitor.enter()) += 1;
        assert!(!thread.join().unwrap(), "woken by a notification given before it waited");
        assert_eq!((monitor.is_occupied(), monitor.entering(), monitor.waiters(A)), (false, 0, 0));
    });
}

/// Kills: a signalled waiter that is dropped and leaves the monitor locked, or the door unserved.
#[test]
fn a_signalled_waiter_that_leaves_lets_the_door_in() {
    model("monitor: signal_and_leave ∥ cancel ∥ enter", || {
        let monitor = fresh();
        let gone = waiting(&monitor);
        let inside = monitor.try_enter_owned().unwrap();
        let threads = [spawn(move || _ = inside.signal_and_leave(A)), spawn(move || drop(gone))];
        *run(monitor.enter()) += 1;
        threads.into_iter().for_each(|thread| thread.join().unwrap());
        assert_eq!((monitor.is_occupied(), monitor.entering(), monitor.waiters(A)), (false, 0, 0));
    });
}

/// Kills: a signal that goes to the door before the next who waited at the time.
#[test]
fn a_signal_goes_to_the_next_who_waited() {
    model("monitor: signal_and_leave ∥ cancel ∥ the next of two", || {
        let monitor = fresh();
        let (gone, stays) = (waiting(&monitor), waiting(&monitor));
        let inside = monitor.try_enter_owned().unwrap();
        let thread = spawn(move || assert!(inside.signal_and_leave(A)));
        let leaver = spawn(move || drop(gone));
        *run(stays) += 1;
        thread.join().unwrap();
        leaver.join().unwrap();
        assert_eq!((monitor.is_occupied(), monitor.entering(), monitor.waiters(A)), (false, 0, 0));
    });
}

/// Kills: a signal that lets somebody from the door in between, so that `if` would not be enough.
#[test]
fn what_the_signaller_established_holds() {
    model("monitor: signal_and_leave ∥ a thief at the door", || {
        let monitor = fresh();
        let waiter = waiting(&monitor);
        let thief = Arc::clone(&monitor);
        let giver = Arc::clone(&monitor);
        let threads = [
            spawn(move || *thief.enter_blocking() = 0),
            spawn(move || {
                let mut inside = giver.enter_blocking();
                *inside = 7;
                assert!(inside.signal_and_leave(A));
            }),
        ];
        assert_eq!(*run(waiter), 7);
        threads.into_iter().for_each(|thread| thread.join().unwrap());
    });
}

/// Kills: `notify_all` that moves only some, or moves one twice.
#[test]
fn everybody_notified_enters_once() {
    model("monitor: notify_all ∥ enter", || {
        let monitor = fresh();
        let waiters = [waiting(&monitor), waiting(&monitor)];
        let inside = monitor.try_enter_owned().unwrap();
        let other = Arc::clone(&monitor);
        let thread = spawn(move || {
            assert_eq!(inside.notify_all(A), 2);
            drop(inside);
            *other.enter_blocking() += 2;
        });
        for waiter in waiters {
            *run(waiter) += 1;
        }
        thread.join().unwrap();
        assert_eq!((*monitor.try_enter().unwrap(), monitor.entering()), (4, 0));
    });
}

/// Kills: a lost notification between two conditions of one monitor.
#[test]
fn a_buffer_of_one_passes_every_item() {
    model("monitor: put ∥ take, a buffer of one", || {
        let monitor = fresh();
        let other = Arc::clone(&monitor);
        let thread = spawn(move || {
            for item in 1..=pick(2, 3) {
                let mut inside = other.enter_blocking().wait_while(B, |n| *n != 0).wait();
                *inside = item;
                inside.signal_and_leave(A);
            }
        });
        for item in 1..=pick(2, 3) {
            let mut inside = run(run(monitor.enter()).wait_while(A, |n| *n == 0));
            assert_eq!(std::mem::take(&mut *inside), item);
            inside.signal_and_leave(B);
        }
        thread.join().unwrap();
        assert_eq!((monitor.entering(), monitor.waiters(A), monitor.waiters(B)), (0, 0, 0));
    });
}

/// Kills: a wait that is dropped before its first poll and keeps the monitor.
/// (`monitor_a_wait_joins_after_it_has_left`)
#[test]
fn a_wait_that_never_began_has_left() {
    model("monitor: a wait dropped unpolled ∥ enter", || {
        let monitor = fresh();
        let unpolled = monitor.try_enter_owned().unwrap().wait(A);
        let other = Arc::clone(&monitor);
        let threads = [spawn(move || drop(unpolled)), spawn(move || *other.enter_blocking() += 1)];
        *run(monitor.enter()) += 1;
        threads.into_iter().for_each(|thread| thread.join().unwrap());
        assert_eq!((*monitor.try_enter().unwrap(), monitor.waiters(A)), (2, 0));
    });
}

/// Kills: a cancelled entering that keeps the monitor it was handed, or takes a notified waiter's place along.
#[test]
fn an_entering_that_leaves_lets_the_notified_in() {
    model("monitor: leave ∥ cancel of entering ∥ a notified waiter", || {
        let monitor = fresh();
        let waiter = waiting(&monitor);
        let inside = monitor.try_enter_owned().unwrap();
        let entering = queued(monitor.enter_owned());
        inside.notify_one(A);
        let threads = [spawn(move || drop(inside)), spawn(move || drop(entering))];
        *run(waiter) += 1;
        threads.into_iter().for_each(|thread| thread.join().unwrap());
        assert_eq!((monitor.is_occupied(), monitor.entering(), monitor.waiters(A)), (false, 0, 0));
    });
}

/// Kills: a waiter whose predicate still holds that is not in line again before it leaves.
#[test]
fn a_predicate_that_still_holds_waits_again() {
    model("monitor: wait_while ∥ two notifications", || {
        let monitor = fresh();
        let other = Arc::clone(&monitor);
        let thread = spawn(move || {
            for n in [1, 2] {
                let mut inside = other.enter_blocking();
                *inside = n;
                inside.notify_one(A);
            }
        });
        let inside = monitor.enter_blocking();
        assert_eq!(*inside.wait_while(A, |n| *n < 2).wait(), 2);
        thread.join().unwrap();
        assert_eq!((monitor.entering(), monitor.waiters(A)), (0, 0));
    });
}
