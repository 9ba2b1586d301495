//! C15: what was given to a waiter and not taken yet can be seen, in a count and in `Debug`.
//!
//! A primitive whose only permit, slot, message or turn was granted to a future that nobody polls looks otherwise like one
//! that is used up.

use crate::common::lines::Cond::{self, A};
use crate::common::{Bell, queued, ready};
use sempost::{Condvar, Fairness, Monitor, MonitorGuard, Mutex, MutexGuard, Semaphore};
use std::fmt::Debug;

/// Insists that `Debug` of `thing` shows `text`, spaces and lines aside.
#[track_caller]
pub(crate) fn shows(thing: &impl Debug, text: &str) {
    let shown = format!("{thing:?}");
    assert!(shown.contains(text), "{shown} does not show {text:?}");
}

#[test]
fn c15_semaphore_shows_granted_permits() {
    for fairness in [Fairness::Fifo, Fairness::Barging { overtakes: 1 }, Fairness::Unbounded] {
        let (semaphore, bells) = (Semaphore::with_fairness(1, fairness), [Bell::new(), Bell::new()]);
        let mut first = queued(semaphore.acquire_many(2), &bells[0]);
        let mut second = queued(semaphore.acquire_many(3), &bells[1]);
        shows(&semaphore, "first_wants: Some(2)");
        shows(&first, "Queued { wants: 2 }");
        semaphore.add_permits(1);
        // Where newcomers may pass, nothing is granted: what is there stays there.
        let granted = if fairness == Fairness::Fifo { 2 } else { 0 };
        assert_eq!((semaphore.granted_permits(), semaphore.available_permits()), (granted, 2 - granted));
        shows(&semaphore, &format!("granted_permits: {granted}"));
        let permits = ready(&mut first, &bells[0]).unwrap();
        assert_eq!(semaphore.granted_permits(), 0, "they are held now");
        shows(&semaphore, "first_wants: Some(3)");
        semaphore.add_permits(1);
        drop(permits);
        assert_eq!(semaphore.granted_permits(), if fairness == Fairness::Fifo { 3 } else { 0 });
        drop(ready(&mut second, &bells[1]).unwrap());
        assert_eq!((semaphore.granted_permits(), semaphore.available_permits()), (0, 3));
    }
}

#[test]
fn c15_semaphore_granted_permits_that_go_on_are_counted_once() {
    let (semaphore, bells) = (Semaphore::new(0), [Bell::new(), Bell::new()]);
    let first = queued(semaphore.acquire(), &bells[0]);
    let mut second = queued(semaphore.acquire(), &bells[1]);
    semaphore.add_permits(1);
    assert_eq!(semaphore.granted_permits(), 1);
    drop(first);
    assert_eq!(semaphore.granted_permits(), 1, "it went on");
    ready(&mut second, &bells[1]).unwrap().forget();
    assert_eq!((semaphore.granted_permits(), semaphore.available_permits()), (0, 0));
}

#[test]
fn c15_mutex_shows_that_it_was_handed_over() {
    let (mutex, bells) = (Mutex::new(0), [Bell::new(), Bell::new()]);
    for _ in 0..300 {
        let guard = mutex.try_lock().unwrap();
        let first = queued(mutex.lock(), &bells[0]);
        let mut second = queued(mutex.lock(), &bells[1]);
        assert!(!mutex.is_handed_over());
        drop(guard);
        assert!(mutex.is_handed_over() && mutex.is_locked());
        shows(&mutex, "handed_over: true");
        drop(first);
        assert!(mutex.is_handed_over(), "it went on");
        let guard = ready(&mut second, &bells[1]);
        assert!(!mutex.is_handed_over());
        shows(&mutex, "handed_over: false");
        drop(guard);
        assert!(!mutex.is_handed_over());
        // Given up with nobody behind it.
        let guard = mutex.try_lock().unwrap();
        let first = queued(mutex.lock(), &bells[0]);
        drop(guard);
        drop(first);
        assert!(!mutex.is_handed_over() && !mutex.is_locked());
    }
}

#[test]
fn c15_mutex_that_newcomers_may_take_is_never_handed_over() {
    for fairness in [Fairness::Barging { overtakes: 1 }, Fairness::Unbounded] {
        let (mutex, bell) = (Mutex::with_fairness(0, fairness), Bell::new());
        let guard = mutex.try_lock().unwrap();
        let mut waiting = queued(mutex.lock(), &bell);
        drop(guard);
        assert!(!mutex.is_handed_over());
        let guard = ready(&mut waiting, &bell);
        assert!(!mutex.is_handed_over());
        drop(guard);
    }
}

#[test]
fn c15_monitor_shows_that_it_was_handed_over() {
    type Leave = fn(MonitorGuard<'_, i32, Cond>);
    let leaves: [Leave; 2] = [|inside| _ = inside.notify_one(A), |inside| assert!(inside.signal_and_leave(A))];
    for leave in leaves {
        let (monitor, bells) = (Monitor::<_, Cond>::new(0), [Bell::new(), Bell::new(), Bell::new()]);
        let mut first = queued(monitor.try_enter().unwrap().wait(A), &bells[0]);
        let second = queued(monitor.try_enter().unwrap().wait(A), &bells[1]);
        assert!(!monitor.is_handed_over());
        leave(monitor.try_enter().unwrap());
        shows(&monitor, "handed_over: true");
        let inside = ready(&mut first, &bells[0]);
        assert!(!monitor.is_handed_over());
        leave(inside);
        assert!(monitor.is_handed_over());
        let mut entering = queued(monitor.enter(), &bells[2]);
        drop(second);
        assert!(monitor.is_handed_over(), "it went on, to the door");
        drop(ready(&mut entering, &bells[2]));
        assert!(!monitor.is_handed_over() && !monitor.is_occupied());
    }
}

#[test]
fn c15_condvar_shows_those_who_were_notified() {
    let (mutex, condvar, bells) = (Mutex::new(0), Condvar::new(), [Bell::new(), Bell::new()]);
    let wait = |bell| queued(condvar.wait(mutex.try_lock().unwrap()), bell);
    let (mut first, mut second) = (wait(&bells[0]), wait(&bells[1]));
    condvar.notify_all();
    shows(&condvar, "waiters: 0, notified: 2");
    let guard: MutexGuard<'_, i32> = ready(&mut first, &bells[0]);
    shows(&condvar, "waiters: 0, notified: 0");
    assert!(!mutex.is_handed_over());
    drop(guard);
    assert!(mutex.is_handed_over(), "to the second");
    drop(ready(&mut second, &bells[1]));
    assert!(!mutex.is_handed_over());
}
