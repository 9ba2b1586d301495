//! The condition variable: a notification reaches one who waits, exactly once, whoever leaves meanwhile, and nothing of
//! a mutex is touched that may be gone.

use std::pin::Pin;
use std::sync::Arc;

use super::{Bell, glance, poll, queued, run};
use crate::primitive::{model, pick, spawn};
use crate::{Condvar, CondvarWaiting, Fairness, Mutex};

type Pair = Arc<(Arc<Condvar>, Arc<Mutex<u32>>)>;

fn fresh() -> Pair {
    with(Fairness::Fifo)
}

fn with(fairness: Fairness) -> Pair {
    Arc::new((Arc::new(Condvar::new()), Arc::new(Mutex::with_fairness(0, fairness))))
}

/// A waiter, in line.
fn waiting(pair: &Pair) -> Pin<Box<CondvarWaiting<Arc<Mutex<u32>>, Arc<Condvar>, u32>>> {
    queued(pair.0.wait_owned(pair.1.try_lock_owned().unwrap()))
}

/// Nobody has the mutex, nobody waits.
fn assert_idle(pair: &Pair) {
    let (condvar, mutex) = &**pair;
    assert_eq!((mutex.is_locked(), mutex.waiters(), condvar.waiters(), condvar.notify_all()), (false, 0, 0, 0));
}

/// Kills: releasing the mutex before joining the line, so that a notification falls in between
/// (`condvar_the_mutex_is_released_before_the_line_is_joined`).
#[test]
fn no_notification_falls_between_releasing_and_waiting() {
    model("condvar: notify ∥ wait", || {
        let pair = fresh();
        let other = Arc::clone(&pair);
        let thread = spawn(move || {
            *other.1.lock_blocking() = 1;
            other.0.notify_one();
        });
        let third = Arc::clone(&pair);
        let passer = spawn(move || drop(third.1.lock_blocking()));
        let guard = run(pair.1.lock());
        *run(pair.0.wait_while(guard, |n| *n == 0)) += 1;
        thread.join().unwrap();
        passer.join().unwrap();
        assert_eq!(*pair.1.try_lock().unwrap(), 2);
        assert_idle(&pair);
    });
}

/// Kills: a carrier told twice or not at all when notifications come while it is on its way.
#[test]
fn two_notifications_reach_two() {
    model("condvar: notify ∥ notify ∥ two wait", || {
        let pair = fresh();
        let waiters = [waiting(&pair), waiting(&pair)];
        let threads = [Arc::clone(&pair), Arc::clone(&pair)].map(|pair| spawn(move || assert!(pair.0.notify_one())));
        for waiter in waiters {
            *run(waiter) += 1;
        }
        threads.into_iter().for_each(|thread| thread.join().unwrap());
        assert_eq!(*pair.1.try_lock().unwrap(), 2);
        assert_idle(&pair);
    });
}

/// Kills: a notified waiter that is dropped and takes the notification along, in either line
/// (`condvar_a_notification_leaves_with_its_waiter`).
#[test]
fn a_notified_waiter_that_leaves_passes_its_notification_on() {
    model("condvar: notify ∥ cancel ∥ another waits", || {
        let pair = fresh();
        let (gone, stays) = (waiting(&pair), waiting(&pair));
        let other = Arc::clone(&pair);
        let threads = [spawn(move || assert!(other.0.notify_one())), spawn(move || drop(gone))];
        // The leaver may have left before it was notified; the notification is then the other's anyway.
        *run(stays) += 1;
        threads.into_iter().for_each(|thread| thread.join().unwrap());
        assert_idle(&pair);
    });
}

/// Kills: a cancel that looks for its waiter in the line it has just been moved from
/// (`condvar_a_moved_waiter_is_looked_for_where_it_was`).
#[test]
fn a_waiter_leaves_the_line_it_is_in() {
    model("condvar: carry ∥ cancel of one who is carried", || {
        let pair = fresh();
        let (carrier, gone) = (waiting(&pair), waiting(&pair));
        assert_eq!(pair.0.notify_all(), 2);
        let (thread, third) = (spawn(move || drop(gone)), Arc::clone(&pair));
        let passer = spawn(move || drop(third.1.lock_blocking()));
        *run(carrier) += 1;
        thread.join().unwrap();
        passer.join().unwrap();
        assert_idle(&pair);
    });
}

/// Kills: a waiter that is polled while it is moved and puts its waker where nobody looks.
#[test]
fn a_waiter_polled_while_it_is_moved_is_woken() {
    model("condvar: carry ∥ poll of one who is carried", || {
        let pair = fresh();
        let (carrier, other) = (waiting(&pair), waiting(&pair));
        assert_eq!(pair.0.notify_all(), 2);
        let thread = spawn(move || *run(other) += 1);
        *run(carrier) += 1;
        thread.join().unwrap();
        assert_eq!(*pair.1.try_lock().unwrap(), 2);
        assert_idle(&pair);
    });
}

/// Kills: a carrier that leaves while it is told, and leaves those behind it asleep
/// (`condvar_a_carrier_leaves_the_others`).
#[test]
fn a_carrier_that_leaves_leaves_the_carrying_to_the_next() {
    model("condvar: notify_all ∥ cancel of the first ∥ the second", || {
        let pair = fresh();
        let (gone, stays) = (waiting(&pair), waiting(&pair));
        let other = Arc::clone(&pair);
        let threads = [spawn(move || _ = other.0.notify_all()), spawn(move || drop(gone))];
        *run(stays) += 1;
        threads.into_iter().for_each(|thread| thread.join().unwrap());
        assert_idle(&pair);
    });
}

/// Kills: whoever notifies touching the mutex, which may go with the last waiter.
#[test]
fn a_mutex_may_go_with_its_last_waiter() {
    model("condvar: notify ∥ the last waiter leaves, and the mutex with it", || {
        let condvar = Arc::new(Condvar::new());
        let mutex = Arc::new(Mutex::new(0));
        let line = [0, 1].map(|_| queued(condvar.wait_owned(mutex.try_lock_owned().unwrap())));
        drop(mutex);
        let other = Arc::clone(&condvar);
        let notifier = spawn(move || _ = (other.notify_one(), other.notify_all()));
        let [first, second] = line;
        let leaver = spawn(move || drop(first));
        drop(second);
        leaver.join().unwrap();
        notifier.join().unwrap();
        assert_eq!((condvar.waiters(), condvar.notify_all()), (0, 0));
    });
}

/// Kills: a wait with another mutex that is let in beside the first, or refused after it.
#[test]
fn another_mutex_may_be_used_when_all_have_left() {
    model("condvar: notify_all ∥ a wait with another mutex", || {
        let pair = fresh();
        let first = waiting(&pair);
        let other = Arc::clone(&pair);
        let thread = spawn(move || assert!(other.0.notify_all() > 0));
        let third = Arc::clone(&pair);
        let passer = spawn(move || *third.1.lock_blocking() += 1);
        *run(first) += 1;
        // It has left. Whoever notifies may be about it still.
        let second = Mutex::new(0);
        let mut waits = queued(pair.0.wait(second.try_lock().unwrap()));
        thread.join().unwrap();
        passer.join().unwrap();
        assert!(glance(&mut waits).is_none(), "that notification was the first's");
        assert!(pair.0.notify_one());
        assert!(glance(&mut waits).is_some());
        assert_idle(&pair);
    });
}

/// Kills: a carrier that goes on carrying when all have left and others have come, with another mutex: it would put
/// them into the line of its own (`condvar_carrier_takes_those_of_another_mutex`).
#[test]
fn a_carrier_leaves_those_alone_who_came_after_with_another_mutex() {
    model("condvar: carry ∥ a wait with another mutex, notified", || {
        let pair = fresh();
        let first = waiting(&pair);
        assert!(pair.0.notify_one());
        let other = Arc::clone(&pair);
        let thread = spawn(move || {
            // The first has been led to its mutex, and nobody else waits.
            if !other.1.is_locked() {
                return;
            }
            let second = Mutex::new(0);
            let mut waits = queued(other.0.wait(second.try_lock().unwrap()));
            assert!(other.0.notify_one());
            assert!(second.try_lock().is_some());
            assert!(glance(&mut waits).is_some(), "its mutex is free, and it was notified");
        });
        let third = Arc::clone(&pair);
        let looks = spawn(move || assert!(third.0.waiters() + third.1.waiters() <= 2));
        *run(first) += 1;
        thread.join().unwrap();
        looks.join().unwrap();
        assert_idle(&pair);
    });
}

/// Kills: a notified waiter lost between the two lines when somebody holds the mutex.
#[test]
fn a_held_mutex_is_waited_for() {
    for fairness in [Fairness::Fifo, Fairness::Barging { overtakes: 1 }, Fairness::Unfair] {
        model("condvar: carry ∥ unlock", move || {
            let pair = with(fairness);
            let waiters = [waiting(&pair), waiting(&pair)];
            let guard = pair.1.try_lock_owned().unwrap();
            let other = Arc::clone(&pair);
            let thread = spawn(move || {
                other.0.notify_all();
                drop(guard);
                *other.1.lock_blocking() += 1;
            });
            for waiter in waiters {
                *run(waiter) += 1;
            }
            thread.join().unwrap();
            assert_idle(&pair);
        });
    }
}

/// Kills: more than one wake for a notification whose waiter comes when the mutex is free, or one for whoever was
/// moved.
#[test]
fn each_is_woken_once_in_its_turn() {
    model("condvar: notify_all ∥ lock, wakes counted", || {
        let pair = fresh();
        let (bell, waker) = Bell::new();
        let (mut first, mut second) = (waiting(&pair), waiting(&pair));
        assert!(poll(&mut second, &waker).is_pending());
        let other = Arc::clone(&pair);
        let thread = spawn(move || (0..2).for_each(|_| *other.1.lock_blocking() += 1));
        assert_eq!(pair.0.notify_all(), 2);
        let guard = glance(&mut first).unwrap_or_else(|| run(first));
        assert_eq!(bell.wakes(), 0);
        drop(guard);
        // The thread stands before it, or behind it.
        let early = poll(&mut second, &waker).is_ready();
        thread.join().unwrap();
        assert_eq!(bell.wakes(), 1);
        assert!(early || poll(&mut second, &waker).is_ready());
        assert_idle(&pair);
    });
}

/// Kills: a mutex that is lost with a waiter it was granted to, after it was moved.
#[test]
fn a_moved_waiter_that_leaves_lets_the_next_in() {
    model("condvar: unlock ∥ cancel of one who was moved ∥ lock", || {
        let pair = fresh();
        let mut gone = waiting(&pair);
        let guard = pair.1.try_lock_owned().unwrap();
        pair.0.notify_one();
        assert!(glance(&mut gone).is_none());
        let threads = [spawn(move || drop(guard)), spawn(move || drop(gone))];
        *run(pair.1.lock()) += 1;
        threads.into_iter().for_each(|thread| thread.join().unwrap());
        assert_idle(&pair);
    });
}

/// Kills: a predicate that still holds and is not in line again before the mutex is released.
///
/// The mutex is held while it notifies: the checker's threads forget that they were unparked when they then block on a
/// lock, as one does that is notified between joining the line and releasing the mutex. (`rules condvar` has that on
/// real threads.)
#[test]
fn a_predicate_that_still_holds_waits_again() {
    model("condvar: wait_while ∥ two notifications", || {
        let pair = fresh();
        let other = Arc::clone(&pair);
        let thread = spawn(move || {
            for n in 1..=pick(2, 3) {
                let mut guard = other.1.lock_blocking();
                *guard = n;
                other.0.notify_one();
            }
        });
        let guard = run(pair.1.lock());
        assert_eq!(*run(pair.0.wait_while(guard, |n| *n < pick(2, 3))), pick(2, 3));
        thread.join().unwrap();
        assert_idle(&pair);
    });
}
