//! Permits: none lost, none doubled, in the order of the line.

use std::sync::Arc;

use super::{queued, run};
use crate::primitive::{model, pick, spawn};
use crate::{Semaphore, TryAcquireError};

fn with(permits: usize) -> Arc<Semaphore> {
    Arc::new(Semaphore::new(permits))
}

/// Kills: a release that sees no waiter although one has joined.
#[test]
fn release_and_acquire_by_two_threads() {
    model("semaphore: release ∥ acquire", || {
        let semaphore = with(1);
        let other = Arc::clone(&semaphore);
        let thread = spawn(move || (0..pick(2, 3)).for_each(|_| drop(other.acquire_blocking().unwrap())));
        (0..pick(2, 3)).for_each(|_| drop(run(semaphore.acquire()).unwrap()));
        thread.join().unwrap();
        assert_eq!((semaphore.available_permits(), semaphore.waiters()), (1, 0));
    });
}

/// Kills: a release that wakes the second waiter, or nobody, while three share one permit.
#[test]
fn three_threads_share_one_permit() {
    model("semaphore: three threads, one permit", || {
        let semaphore = with(1);
        let threads = [(); 2].map(|()| {
            let semaphore = Arc::clone(&semaphore);
            spawn(move || drop(semaphore.acquire_blocking().unwrap()))
        });
        drop(run(semaphore.acquire()).unwrap());
        threads.into_iter().for_each(|thread| thread.join().unwrap());
        assert_eq!((semaphore.available_permits(), semaphore.waiters()), (1, 0));
    });
}

/// Kills: a `try_acquire` that does not look at the line, or sees permits that were granted.
/// (`semaphore_newcomer_passes_the_line`)
#[test]
fn a_try_never_takes_what_a_waiter_waits_for() {
    model("semaphore: try ∥ release", || {
        let semaphore = with(0);
        let waiter = queued(semaphore.acquire_many_owned(2));
        let granter = Arc::clone(&semaphore);
        let thread = spawn(move || {
            granter.add_permits(1);
            granter.add_permits(1);
        });
        for _ in 0..2 {
            assert_eq!(semaphore.try_acquire().unwrap_err(), TryAcquireError::NoPermits);
        }
        run(waiter).unwrap().forget();
        thread.join().unwrap();
        assert_eq!(semaphore.available_permits(), 0);
    });
}

/// Kills: a cancel at the head that does not look at the line again (`semaphore_head_leaves_without_a_look`).
#[test]
fn small_ones_behind_a_head_that_leaves_are_served() {
    model("semaphore: head cancelled ∥ small ones behind", || {
        let semaphore = with(1);
        let head = queued(semaphore.acquire_many_owned(2));
        let other = Arc::clone(&semaphore);
        let threads = [spawn(move || drop(head)), spawn(move || drop(other.acquire_blocking().unwrap()))];
        drop(run(semaphore.acquire()).unwrap());
        threads.into_iter().for_each(|thread| thread.join().unwrap());
        assert_eq!((semaphore.available_permits(), semaphore.waiters()), (1, 0));
    });
}

/// Kills: the head's cancel that serves those behind it twice, together with the release that races with it.
#[test]
fn a_head_that_leaves_while_its_permits_come_loses_none() {
    model("semaphore: head cancelled ∥ its permits released", || {
        let semaphore = with(1);
        let head = queued(semaphore.acquire_many_owned(2));
        let behind = queued(semaphore.acquire_owned());
        let granter = Arc::clone(&semaphore);
        let threads = [spawn(move || _ = granter.add_permits(1)), spawn(move || drop(head))];
        let permit = run(behind).unwrap();
        threads.into_iter().for_each(|thread| thread.join().unwrap());
        assert_eq!(semaphore.available_permits(), 1);
        drop(permit);
        assert_eq!(semaphore.available_permits(), 2);
    });
}

/// Kills: `forget_permits` that takes permits which have just been granted, or counts what it did not take.
#[test]
fn forgotten_permits_were_there() {
    model("semaphore: forget ∥ release ∥ acquire", || {
        let semaphore = with(0);
        let (waiter, granter) = (queued(semaphore.acquire_owned()), Arc::clone(&semaphore));
        let thread = spawn(move || {
            granter.add_permits(1);
            granter.add_permits(1);
        });
        let forgotten = semaphore.forget_permits(2) + semaphore.forget_permits(2);
        run(waiter).unwrap().forget();
        thread.join().unwrap();
        assert_eq!(semaphore.available_permits() + forgotten, 1);
    });
}

/// Kills: a release that serves the line before the debt, or repays it twice.
#[test]
fn debt_is_repaid_before_a_waiter_is_served() {
    model("semaphore: reduce ∥ release", || {
        let semaphore = with(2);
        let [one, two] = [1, 1].map(|n| semaphore.try_acquire_many_owned(n).unwrap());
        let reducer = Arc::clone(&semaphore);
        let threads = [spawn(move || reducer.reduce_permits(1)), spawn(move || drop(one))];
        drop(two);
        drop(run(semaphore.acquire()).unwrap());
        threads.into_iter().for_each(|thread| thread.join().unwrap());
        assert_eq!(semaphore.available_permits(), 1);
    });
}

/// Kills: a cancelled grant that goes past the debt to the next in line.
#[test]
fn a_cancelled_grant_repays_debt_made_meanwhile() {
    model("semaphore: reduce ∥ cancel of a grant", || {
        let semaphore = with(0);
        let (gone, next) = (queued(semaphore.acquire_owned()), queued(semaphore.acquire_owned()));
        semaphore.add_permits(1);
        let reducer = Arc::clone(&semaphore);
        let threads = [spawn(move || reducer.reduce_permits(1)), spawn(move || drop(gone))];
        semaphore.add_permits(1);
        run(next).unwrap().forget();
        threads.into_iter().for_each(|thread| thread.join().unwrap());
        assert_eq!(semaphore.available_permits(), 0);
    });
}

/// Kills: permits gathered for a head piece by piece, or a head that fits only after two releases and is not woken.
#[test]
fn two_releases_serve_one_large_demand() {
    model("semaphore: release ∥ release ∥ acquire_many", || {
        let semaphore = with(0);
        let threads = [(); 2].map(|()| {
            let semaphore = Arc::clone(&semaphore);
            spawn(move || _ = semaphore.add_permits(1))
        });
        drop(semaphore.acquire_many(2).wait().unwrap());
        threads.into_iter().for_each(|thread| thread.join().unwrap());
        assert_eq!(semaphore.available_permits(), 2);
    });
}

/// Kills: halves of a split permit that give back more or less than they are.
#[test]
fn halves_of_a_permit_come_back_from_two_threads() {
    model("semaphore: split halves dropped ∥ acquire_many", || {
        let semaphore = with(2);
        let mut whole = semaphore.try_acquire_many_owned(2).unwrap();
        let half = whole.split(1).unwrap();
        let threads = [spawn(move || drop(whole)), spawn(move || drop(half))];
        drop(semaphore.acquire_many(2).wait().unwrap());
        threads.into_iter().for_each(|thread| thread.join().unwrap());
        assert_eq!(semaphore.available_permits(), 2);
    });
}

/// Kills: a semaphore that still hands out permits to those who ask after close, or says twice that it closed.
#[test]
fn of_two_closes_one_is_the_first() {
    model("semaphore: close ∥ close ∥ try", || {
        let semaphore = with(1);
        let closer = Arc::clone(&semaphore);
        let thread = spawn(move || (closer.close(), closer.try_acquire().is_err()));
        let taken = semaphore.try_acquire().map(drop);
        let first = semaphore.close();
        assert_eq!(semaphore.try_acquire().unwrap_err(), TryAcquireError::Closed);
        let (other, refused) = thread.join().unwrap();
        assert!(first != other && refused);
        assert!(taken.is_ok() || other);
        assert_eq!(semaphore.available_permits(), 1);
    });
}
