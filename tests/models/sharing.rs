//! Permits that are split, merged, forgotten and owed, where newcomers pass and where they do not.

use std::sync::Arc;

use super::{glance, queued, run};
use crate::primitive::{model, pick, spawn};
use crate::{Fairness, Mutex, Semaphore};

fn with(permits: usize, fairness: Fairness) -> Arc<Semaphore> {
    Arc::new(Semaphore::with_fairness(permits, fairness))
}

const BARGING: Fairness = Fairness::Barging { overtakes: 1 };

/// Kills: a waiter that abandoned its future and keeps more than one wake-up from the others.
#[test]
fn an_abandoned_waiter_stops_nobody_where_anybody_may_pass() {
    model("sharing: unbounded, release ∥ acquire, one abandoned", || {
        let semaphore = with(0, Fairness::Unfair);
        let abandoned = queued(semaphore.acquire_owned());
        let (granter, other) = (Arc::clone(&semaphore), Arc::clone(&semaphore));
        let threads =
            [spawn(move || (0..2).for_each(|_| _ = granter.add_permits(1))), spawn(move || drop(other.try_acquire()))];
        (0..pick(1, 2)).for_each(|_| drop(run(semaphore.acquire()).unwrap()));
        threads.into_iter().for_each(|thread| thread.join().unwrap());
        drop(abandoned);
        assert_eq!((semaphore.available_permits(), semaphore.waiters()), (2, 0));
    });
}

/// Kills: a nudge that goes with the waiter that leaves, while another asks for the same permit.
#[test]
fn three_want_one_permit_and_one_leaves() {
    model("sharing: unbounded, release ∥ cancel ∥ acquire", || {
        let semaphore = with(0, Fairness::Unfair);
        let (gone, stays) = (queued(semaphore.acquire_owned()), queued(semaphore.acquire_owned()));
        let other = Arc::clone(&semaphore);
        let threads = [spawn(move || drop(gone)), spawn(move || drop(other.acquire_blocking().unwrap()))];
        semaphore.add_permits(1);
        drop(run(stays).unwrap());
        threads.into_iter().for_each(|thread| thread.join().unwrap());
        assert_eq!((semaphore.available_permits(), semaphore.waiters()), (1, 0));
    });
}

/// Kills: a large head that was told of permits which a newcomer then took, and is not told again
/// (`sharing_taken_permits_stay_promised`).
#[test]
fn a_large_head_is_told_again_after_an_overtake() {
    model("sharing: barging, a head of two ∥ newcomers ∥ release", || {
        let semaphore = with(1, BARGING);
        let head = queued(semaphore.acquire_many_owned(2));
        let (newcomer, granter) = (Arc::clone(&semaphore), Arc::clone(&semaphore));
        let threads = [
            spawn(move || (0..pick(1, 2)).for_each(|_| drop(newcomer.try_acquire()))),
            spawn(move || _ = granter.add_permits(1)),
        ];
        drop(run(head).unwrap());
        threads.into_iter().for_each(|thread| thread.join().unwrap());
        assert_eq!((semaphore.available_permits(), semaphore.waiters()), (2, 0));
    });
}

/// Kills: permits taken out of the pool that a nudged waiter still counts on
/// (`sharing_forgotten_permits_stay_promised`).
#[test]
fn permits_that_are_forgotten_are_promised_no_more() {
    model("sharing: barging, forget ∥ a nudged waiter looks ∥ release", || {
        let semaphore = with(0, BARGING);
        let waiter = queued(semaphore.acquire_owned());
        semaphore.add_permits(1);
        let (forgetter, granter) = (Arc::clone(&semaphore), Arc::clone(&semaphore));
        let threads = [
            spawn(move || forgetter.forget_permits(1)),
            spawn(move || {
                granter.add_permits(1);
                0
            }),
        ];
        drop(run(waiter).unwrap());
        let [forgotten, _] = threads.map(|thread| thread.join().unwrap());
        assert_eq!(semaphore.available_permits() + forgotten, 2);
    });
}

/// Kills: debt that a nudged waiter takes for permits, or that is repaid twice.
#[test]
fn debt_is_repaid_before_a_nudged_waiter_takes() {
    model("sharing: barging, reduce ∥ a nudged waiter looks ∥ release", || {
        let semaphore = with(0, BARGING);
        let waiter = queued(semaphore.acquire_owned());
        semaphore.add_permits(1);
        let (reducer, granter) = (Arc::clone(&semaphore), Arc::clone(&semaphore));
        let threads = [spawn(move || reducer.reduce_permits(1)), spawn(move || _ = granter.add_permits(1))];
        drop(run(waiter).unwrap());
        threads.into_iter().for_each(|thread| thread.join().unwrap());
        assert_eq!(semaphore.available_permits(), 1);
    });
}

/// Kills: a release that serves the line before the debt (`sharing_debt_is_repaid_last`).
#[test]
fn a_waiter_is_served_with_what_debt_has_left() {
    model("sharing: release into debt ∥ glances ∥ newcomers", || {
        let semaphore = with(1, Fairness::Fifo);
        let held = semaphore.try_acquire_owned().unwrap();
        semaphore.reduce_permits(1);
        let mut waiter = queued(semaphore.acquire_owned());
        let newcomer = Arc::clone(&semaphore);
        let threads =
            [spawn(move || drop(held)), spawn(move || (0..2).for_each(|_| assert!(newcomer.try_acquire().is_err())))];
        (0..pick(3, 4)).for_each(|_| assert!(glance(&mut waiter).is_none()));
        threads.into_iter().for_each(|thread| thread.join().unwrap());
        semaphore.add_permits(1);
        assert!(glance(&mut waiter).is_some());
        assert_eq!((semaphore.available_permits(), semaphore.waiters()), (1, 0));
    });
}

/// Kills: a merged permit that gives back one part only, or both twice.
#[test]
fn a_merged_permit_comes_back_whole() {
    model("sharing: merge and drop ∥ acquire_many ∥ release", || {
        let semaphore = with(2, Fairness::Fifo);
        let [mut one, two] = [(); 2].map(|()| semaphore.try_acquire_owned().unwrap());
        let granter = Arc::clone(&semaphore);
        let threads = [
            spawn(move || {
                one.merge(two).unwrap();
                drop(one);
            }),
            spawn(move || _ = granter.add_permits(1)),
        ];
        drop(semaphore.acquire_many(3).wait().unwrap());
        threads.into_iter().for_each(|thread| thread.join().unwrap());
        assert_eq!(semaphore.available_permits(), 3);
    });
}

/// Kills: a permit that is forgotten and comes back nevertheless.
#[test]
fn a_forgotten_permit_does_not_come_back() {
    model("sharing: forget a permit ∥ release ∥ two acquire", || {
        let semaphore = with(1, Fairness::Fifo);
        let held = semaphore.try_acquire_owned().unwrap();
        let (granter, other) = (Arc::clone(&semaphore), Arc::clone(&semaphore));
        let threads = [
            spawn(move || {
                held.forget();
                granter.add_permits(1);
            }),
            spawn(move || drop(other.acquire_blocking().unwrap())),
        ];
        drop(run(semaphore.acquire()).unwrap());
        threads.into_iter().for_each(|thread| thread.join().unwrap());
        assert_eq!((semaphore.available_permits(), semaphore.waiters()), (1, 0));
    });
}

/// Kills: a permit that comes back between two turns of a close and is granted (`sharing_a_closed_pool_grants`).
#[test]
fn a_permit_that_comes_back_after_close_is_nobodys() {
    model("sharing: close ∥ release ∥ two wait", || {
        let semaphore = with(1, Fairness::Fifo);
        let held = semaphore.try_acquire_owned().unwrap();
        let waiters = [queued(semaphore.acquire_owned()), queued(semaphore.acquire_owned())];
        let closer = Arc::clone(&semaphore);
        let threads = [spawn(move || _ = closer.close()), spawn(move || drop(held))];
        let served = waiters.map(|waiter| run(waiter).is_ok());
        threads.into_iter().for_each(|thread| thread.join().unwrap());
        assert!(served[0] || !served[1]);
        assert_eq!((semaphore.available_permits(), semaphore.waiters()), (1, 0));
    });
}

/// Kills: an unlock that offers the mutex to a waiter which is leaving, and to nobody else.
#[test]
fn an_offered_mutex_is_offered_on() {
    model("sharing: unbounded mutex, unlock ∥ cancel ∥ lock", || {
        let mutex = Arc::new(Mutex::with_fairness(0, Fairness::Unfair));
        let guard = mutex.try_lock_owned().unwrap();
        let (gone, stays) = (queued(mutex.lock_owned()), queued(mutex.lock_owned()));
        let threads = [spawn(move || drop(guard)), spawn(move || drop(gone))];
        *run(stays) += 1;
        threads.into_iter().for_each(|thread| thread.join().unwrap());
        assert_eq!((mutex.is_locked(), mutex.waiters()), (false, 0));
    });
}

/// Kills: a bargain of one overtake that a mutex forgets to keep (`sharing_overtakes_are_not_counted`).
#[test]
fn a_mutex_is_overtaken_as_often_as_agreed() {
    model("sharing: barging mutex, unlock ∥ tries of two newcomers", || {
        let mutex = Arc::new(Mutex::with_fairness(0, BARGING));
        let guard = mutex.try_lock_owned().unwrap();
        let waiter = queued(mutex.lock_owned());
        let threads = [(); 2].map(|()| {
            let mutex = Arc::clone(&mutex);
            spawn(move || (0..pick(2, 3)).filter(|_| mutex.try_lock().is_some()).count())
        });
        drop(guard);
        let overtook: usize = threads.map(|thread| thread.join().unwrap()).iter().sum();
        assert!(overtook <= 1);
        *run(waiter) += 1;
        assert_eq!((mutex.is_locked(), mutex.waiters()), (false, 0));
    });
}
