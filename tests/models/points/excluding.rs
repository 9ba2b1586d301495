//! Rows of what excludes: semaphores, mutexes and monitors.

use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex as Slot};

use super::super::glance;
use super::waiter::owning;
use super::{Kind, Stand};
use crate::{Fairness, Monitor, Mutex, Semaphore, conditions};

const BARGING: Fairness = Fairness::Barging { overtakes: 1 };

pub(super) static KINDS: [Kind; 10] = [
    Kind::new("Acquiring", || permits(Fairness::Fifo, 1)),
    Kind::new("Acquiring two", || permits(Fairness::Fifo, 2)),
    Kind::new("Acquiring, barging", || permits(BARGING, 1)).nudging(),
    Kind::new("Acquiring, unbounded", || permits(Fairness::Unfair, 1)).nudging(),
    Kind::new("Locking", || exclusion(Fairness::Fifo)).exclusive().once(),
    Kind::new("Locking, barging", || exclusion(BARGING)).nudging().exclusive().once(),
    Kind::new("Locking, unbounded", || exclusion(Fairness::Unfair)).nudging().exclusive().once(),
    Kind::new("Entering", entrance).exclusive().once(),
    Kind::new("Waiting", || condition(false)).exclusive(),
    Kind::new("WaitingWhile", || condition(true)).exclusive(),
];

/// `n` permits at a time.
fn permits(fairness: Fairness, n: usize) -> Stand {
    let pool = Arc::new(Semaphore::with_fairness(0, fairness));
    let (a, b, c, d) = (Arc::clone(&pool), Arc::clone(&pool), Arc::clone(&pool), Arc::clone(&pool));
    let (e, f) = (Arc::clone(&pool), Arc::clone(&pool));
    let issued = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&issued);
    Stand {
        waiter: Box::new(move || owning(a.acquire_many_owned(n), drop)),
        grant: Arc::new(move |times| {
            counted.fetch_add(n * times, SeqCst);
            (0..times).for_each(|_| _ = b.add_permits(n));
        }),
        close: Some(Arc::new(move || _ = c.close())),
        newcomer: Arc::new(move || drop(d.try_acquire_many(n))),
        gone: None,
        there: Box::new(move || e.available_permits() / n),
        line: Box::new(move || f.waiters()),
        audit: Box::new(move || assert_eq!(pool.available_permits(), issued.load(SeqCst))),
    }
}

/// A mutex that is held until the grant.
fn exclusion(fairness: Fairness) -> Stand {
    let mutex = Arc::new(Mutex::with_fairness(0, fairness));
    let (a, b, c, d) = (Arc::clone(&mutex), Arc::clone(&mutex), Arc::clone(&mutex), Arc::clone(&mutex));
    let held = Arc::new(Slot::new(mutex.try_lock_owned()));
    let ours = Arc::clone(&held);
    Stand {
        waiter: Box::new(move || owning(Arc::clone(&a).lock_owned(), |mut guard| *guard += 1)),
        grant: Arc::new(move |_| drop(take(&ours))),
        close: None,
        newcomer: Arc::new(move || drop(b.try_lock())),
        gone: None,
        there: Box::new(move || usize::from(!c.is_locked())),
        line: Box::new(move || d.waiters()),
        audit: Box::new(move || assert_eq!(mutex.is_locked(), take(&held).is_some())),
    }
}

/// What lies in a slot. It is dropped by the caller, and not under the slot's lock.
fn take<T>(slot: &Slot<Option<T>>) -> Option<T> {
    slot.try_lock().expect("one at a time").take()
}

conditions! { enum Cond { Called } }
use Cond::Called;

/// A monitor that is occupied until the grant.
fn entrance() -> Stand {
    let monitor: Arc<Monitor<u32, Cond>> = Arc::new(Monitor::new(0));
    let (a, b, c, d) = (Arc::clone(&monitor), Arc::clone(&monitor), Arc::clone(&monitor), Arc::clone(&monitor));
    let held = Arc::new(Slot::new(monitor.try_enter_owned()));
    let ours = Arc::clone(&held);
    Stand {
        waiter: Box::new(move || owning(Arc::clone(&a).enter_owned(), |mut guard| *guard += 1)),
        grant: Arc::new(move |_| drop(take(&ours))),
        close: None,
        newcomer: Arc::new(move || drop(b.try_enter())),
        gone: None,
        there: Box::new(move || usize::from(!c.is_occupied())),
        line: Box::new(move || d.entering()),
        audit: Box::new(move || assert_eq!(monitor.is_occupied(), take(&held).is_some())),
    }
}

/// A condition, with or without a predicate. A notification that reached somebody is one that somebody gets.
fn condition(predicate: bool) -> Stand {
    let monitor: Arc<Monitor<u32, Cond>> = Arc::new(Monitor::new(0));
    let (a, b, c, d) = (Arc::clone(&monitor), Arc::clone(&monitor), Arc::clone(&monitor), Arc::clone(&monitor));
    let [given, got] = [(); 2].map(|()| Arc::new(AtomicUsize::new(0)));
    let (gives, gets) = (Arc::clone(&given), Arc::clone(&got));
    Stand {
        waiter: Box::new(move || {
            let inside = a.try_enter_owned().expect("nobody is inside");
            let gets = Arc::clone(&gets);
            let note = move |_| _ = gets.fetch_add(1, SeqCst);
            if predicate {
                owning(inside.wait_while(Called, |n| *n == 0), note)
            } else {
                owning(inside.wait(Called), note)
            }
        }),
        // All in one visit, for whoever is notified comes in with the notifier's leaving and stays until it is polled;
        // for the same reason a notifier that finds somebody inside leaves the door again.
        grant: Arc::new(move |times| {
            let mut entering = Box::pin(b.enter());
            let Some(mut inside) = glance(&mut entering) else { return };
            *inside = 1;
            gives.fetch_add((0..times).filter(|_| inside.notify_one(Called)).count(), SeqCst);
        }),
        close: None,
        newcomer: Arc::new(move || drop(c.try_enter())),
        gone: None,
        there: Box::new(move || {
            let door = usize::from(!d.is_occupied() && d.entering() > 0);
            door + given.load(SeqCst).saturating_sub(got.load(SeqCst))
        }),
        line: {
            let monitor = Arc::clone(&monitor);
            Box::new(move || monitor.entering() + monitor.waiters(Called))
        },
        audit: Box::new(move || assert!(!monitor.is_occupied())),
    }
}
