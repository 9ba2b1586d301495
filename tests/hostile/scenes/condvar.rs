//! Waiting for a condition variable, and then for its mutex.

use std::ops::Deref;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use sempost::{Condvar, Fairness, Guard, Mutex};

use super::Operation;
use super::monitor::{MEMORY, Visits};
use crate::common::{Bell, poll};
use crate::loan::lend;
use crate::scene::{Scene, awaiting};

/// A condition variable, and the mutex that all wait with.
pub(super) type Pair = (Condvar, Mutex<u32>);

pub(super) fn pair(fairness: Fairness) -> Pair {
    (Condvar::new(), Mutex::with_fairness(0, fairness))
}

pub(super) fn touch((condvar, mutex): &Pair) {
    drop(mutex.try_lock());
    assert_eq!(condvar.notify_many(0), 0);
    assert!(!format!("{condvar:?} {mutex:?} {}", condvar.waiters() + mutex.waiters()).is_empty());
    drop(poll(&mut Box::pin(mutex.lock()), &Bell::new()));
}

/// Nobody waits, the mutex is free, and everybody who had it counted once.
pub(super) fn audit((condvar, mutex): &Pair, visits: &Visits) {
    assert_eq!((condvar.waiters(), mutex.waiters(), condvar.notify_all()), (0, 0, 0));
    let data = mutex.try_lock().expect("everybody has left");
    assert_eq!(*data, visits.count());
}

pub(super) fn lock_now<H: Deref<Target = Mutex<u32>>>(guard: Option<Guard<H>>) -> Guard<H> {
    guard.expect("nobody has it")
}

/// `tell` is how one is notified.
fn wait(pair: Pair, tell: impl Fn(&Pair) + 'static) -> Scene {
    let (pair, loan): (&'static Pair, _) = lend(pair);
    let visits = Visits::default();
    let books = visits.clone();
    let make = move || {
        let visits = visits.clone();
        awaiting(pair.0.wait(lock_now(pair.1.try_lock())), move |guard| visits.note(guard))
    };
    let scene = Scene::new(make, move || tell(pair)).in_turn().forgets(MEMORY);
    let scene = scene.batch(move || _ = pair.0.notify_all());
    scene.touch(move || touch(pair)).audit(move || audit(pair, &books)).lent(loan)
}

pub(super) fn notify((condvar, _): &Pair) {
    condvar.notify_one();
}

/// With the mutex in hand, if nobody has it: whoever is woken has to wait for it.
fn notify_inside((condvar, mutex): &Pair) {
    let _guard = mutex.try_lock();
    condvar.notify_one();
}

/// Two by every other call: the first of them carries the second into the mutex's line.
fn notify_pairs() -> impl Fn(&Pair) {
    let calls = AtomicUsize::new(0);
    move |(condvar, _)| {
        if calls.fetch_add(1, Ordering::Relaxed) % 2 == 0 {
            condvar.notify_many(2);
        }
    }
}

fn wait_owned() -> Scene {
    let (condvar, mutex) = (Arc::new(Condvar::new()), Arc::new(Mutex::new(0)));
    let [one, all] = [0; 2].map(|_| Arc::clone(&condvar));
    let [a, b] = [0; 2].map(|_| (Arc::clone(&condvar), Arc::clone(&mutex)));
    let visits = Visits::default();
    let books = visits.clone();
    let make = move || {
        let visits = visits.clone();
        awaiting(condvar.wait_owned(lock_now(mutex.try_lock_owned())), move |guard| visits.note(guard))
    };
    let scene = Scene::new(make, move || _ = one.notify_one()).in_turn().forgets(MEMORY);
    scene
        .batch(move || _ = all.notify_all())
        .touch(move || {
            drop(a.1.try_lock_owned());
            assert!(!format!("{a:?} {} {}", a.0.waiters(), a.1.waiters()).is_empty());
        })
        .audit(move || {
            assert_eq!((b.0.waiters(), b.1.waiters()), (0, 0));
            assert_eq!(*b.1.try_lock().expect("everybody has left"), books.count());
        })
}

/// The predicate holds until the next notification is given.
fn wait_while() -> Scene {
    let (pair, loan): (&'static Pair, _) = lend(pair(Fairness::Fifo));
    let visits = Visits::default();
    let books = visits.clone();
    let given = Arc::new(AtomicUsize::new(0));
    let (seen, once, all) = (Arc::clone(&given), Arc::clone(&given), given);
    let make = move || {
        let (visits, seen, before) = (visits.clone(), Arc::clone(&seen), seen.load(Ordering::Relaxed));
        let holds = move |_: &mut u32| seen.load(Ordering::Relaxed) == before;
        awaiting(pair.0.wait_while(lock_now(pair.1.try_lock()), holds), move |guard| visits.note(guard))
    };
    let one = move || {
        once.fetch_add(1, Ordering::Relaxed);
        notify(pair);
    };
    let batch = move || {
        all.fetch_add(1, Ordering::Relaxed);
        pair.0.notify_all();
    };
    let scene = Scene::new(make, one).in_turn().forgets(MEMORY).batch(batch);
    scene.touch(move || touch(pair)).audit(move || audit(pair, &books)).lent(loan)
}

pub(super) const ALL: &[Operation] = &[
    ("Condvar::wait", || wait(pair(Fairness::Fifo), notify)),
    ("Condvar::wait, notified with the mutex in hand", || wait(pair(Fairness::Fifo), notify_inside)),
    ("Condvar::wait, two at a time", || wait(pair(Fairness::Fifo), notify_pairs())),
    ("Condvar::wait, Barging", || wait(pair(Fairness::Barging { overtakes: 1_000 }), notify)),
    ("Condvar::wait, Unfair", || wait(pair(Fairness::Unfair), notify_inside)),
    ("Condvar::wait_owned", wait_owned),
    ("Condvar::wait_while", wait_while),
];
