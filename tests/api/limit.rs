//! A semaphore with a limit: what is added or comes back serves the line, and what is left above the limit is gone.

use crate::common::{Bell, now, panic_message, pending, queued, ready};
use sempost::{Semaphore, TryAcquireError};
use std::sync::Arc;

#[test]
fn it_keeps_as_many_as_the_limit_and_answers_how_many_it_added() {
    let semaphore = Semaphore::with_limit(1, 3);
    assert_eq!((semaphore.limit(), Semaphore::new(1).limit()), (3, Semaphore::MAX_PERMITS));
    assert_eq!((semaphore.add_permits(1), semaphore.available_permits()), (1, 2));
    assert_eq!((semaphore.add_permits(5), semaphore.available_permits()), (1, 3));
    assert_eq!((semaphore.try_add_permits(usize::MAX), semaphore.available_permits()), (Ok(0), 3));
    assert!(format!("{semaphore:?}").contains("available_permits: 3, granted_permits: 0, held_permits: 0"));
}

/// Kills: a limit that is held against what waiters take.
#[test]
fn two_signals_serve_two_waiters_before_either_is_polled() {
    let (semaphore, bell) = (Semaphore::with_limit(0, 1), Bell::new());
    let mut waiters = [(); 2].map(|()| queued(semaphore.acquire(), &bell));
    assert_eq!((semaphore.add_permits(1), semaphore.add_permits(1)), (1, 1));
    assert_eq!((bell.wakes(), semaphore.granted_permits()), (2, 2));
    assert_eq!((semaphore.add_permits(1), semaphore.add_permits(1)), (1, 0), "one is kept, not two");
    waiters.iter_mut().for_each(|waiter| ready(waiter, &bell).unwrap().forget());
    assert_eq!(semaphore.available_permits(), 1);
}

#[test]
fn one_call_serves_the_line_and_keeps_what_fits() {
    for waiters in [3, 200] {
        let (semaphore, bell) = (Semaphore::with_limit(0, 2), Bell::new());
        let mut line: Vec<_> = (0..waiters).map(|_| queued(semaphore.acquire(), &bell)).collect();
        assert_eq!(semaphore.add_permits(usize::MAX), waiters + 2);
        assert_eq!((bell.wakes(), semaphore.available_permits()), (waiters, 2));
        line.iter_mut().for_each(|waiter| ready(waiter, &bell).unwrap().forget());
    }
}

/// Kills: an addition that serves 64 waiters and no more, and one that gives the rest to those who are not there.
#[test]
fn as_many_as_suffice_for_some_serve_these() {
    let (semaphore, bell) = (Semaphore::with_limit(0, 5), Bell::new());
    let mut line: Vec<_> = (0..200).map(|_| queued(semaphore.acquire_many(2), &bell)).collect();
    assert_eq!(semaphore.add_permits(301), 301);
    assert_eq!((bell.wakes(), semaphore.available_permits(), semaphore.waiters()), (150, 1, 50));
    line.drain(150..);
    assert_eq!((semaphore.available_permits(), semaphore.add_permits(7)), (1, 4));
}

/// Kills: a returned permit that is kept above the limit.
#[test]
fn a_permit_that_comes_back_above_the_limit_is_discarded() {
    let semaphore = Semaphore::with_limit(2, 2);
    let both = semaphore.try_acquire_many(2).unwrap();
    assert_eq!(semaphore.add_permits(1), 1);
    drop(both);
    assert_eq!(semaphore.available_permits(), 2);
    let shown = format!("{semaphore:?}");
    assert!(shown.contains("held_permits: 0"), "{shown}");
    assert_eq!(semaphore.add_permits(1), 0);
}

/// Kills: what is discarded and was promised to waiters of the next turn.
#[test]
fn a_large_permit_that_comes_back_serves_all_turns_of_the_line_first() {
    let (semaphore, bell) = (Semaphore::with_limit(0, 1), Bell::new());
    let mut many: Vec<_> = (0..200).map(|_| queued(semaphore.acquire(), &bell)).collect();
    semaphore.add_permits(200);
    let mut permits = many.iter_mut().map(|waiter| ready(waiter, &bell).unwrap());
    let mut whole = permits.next().unwrap();
    permits.for_each(|permit| whole.merge(permit).unwrap());
    let mut line: Vec<_> = (0..150).map(|_| queued(semaphore.acquire(), &bell)).collect();
    bell.take_wakes();
    drop(whole);
    assert_eq!((bell.wakes(), semaphore.available_permits()), (150, 1));
    line.iter_mut().for_each(|waiter| ready(waiter, &bell).unwrap().forget());
}

#[test]
fn a_cancelled_grant_goes_to_the_next_or_is_kept_within_the_limit() {
    let (semaphore, bell) = (Semaphore::with_limit(0, 1), Bell::new());
    let [gone, mut next, last] = [(); 3].map(|()| queued(semaphore.acquire(), &bell));
    assert_eq!(semaphore.add_permits(1), 1);
    drop(gone);
    ready(&mut next, &bell).unwrap().forget();
    assert_eq!(semaphore.add_permits(2), 2, "one for the last, and one is kept");
    drop(last);
    assert_eq!((semaphore.available_permits(), semaphore.granted_permits()), (1, 0));
}

#[test]
fn debt_is_repaid_before_anything_is_discarded() {
    let semaphore = Semaphore::with_limit(1, 1);
    semaphore.reduce_permits(4);
    assert_eq!((semaphore.add_permits(9), semaphore.available_permits()), (4, 1));
}

#[test]
fn what_can_never_be_met_is_refused_at_the_call() {
    let semaphore = Arc::new(Semaphore::with_limit(1, 2));
    let mut whole = queued(semaphore.acquire_many(2), &Bell::new());
    for call in [
        panic_message(|| drop(semaphore.acquire_many(3))),
        panic_message(|| drop(semaphore.acquire_many_owned(3))),
        panic_message(|| drop(semaphore.try_acquire_many(3))),
    ] {
        assert!(call.contains("the limit"), "{call}");
    }
    semaphore.add_permits(1);
    drop(ready(&mut whole, &Bell::new()).unwrap());
    assert_eq!(semaphore.available_permits(), 2);
}

#[test]
fn closed_it_keeps_what_fits_and_serves_nobody() {
    let (semaphore, bell) = (Semaphore::with_limit(1, 1), Bell::new());
    let held = now(semaphore.acquire()).unwrap();
    let mut waiting = queued(semaphore.acquire(), &bell);
    assert!(semaphore.close());
    assert!(ready(&mut waiting, &bell).is_err());
    assert_eq!(semaphore.add_permits(3), 1);
    drop(held);
    assert_eq!(semaphore.available_permits(), 1);
    assert_eq!(semaphore.try_acquire().unwrap_err(), TryAcquireError::Closed);
}

#[test]
fn a_limit_of_all_that_can_be_issued_is_none() {
    let semaphore = Semaphore::with_limit(1, Semaphore::MAX_PERMITS);
    assert_eq!(semaphore.add_permits(2), 2);
    assert!(semaphore.try_add_permits(Semaphore::MAX_PERMITS).is_err());
    static LIMITED: Semaphore = Semaphore::with_limit(0, Semaphore::MAX_PERMITS - 1);
    assert_eq!(LIMITED.add_permits(usize::MAX), Semaphore::MAX_PERMITS - 1);
    now(LIMITED.acquire_many(Semaphore::MAX_PERMITS - 1)).unwrap().forget();
    let held = LIMITED.add_permits(9);
    assert_eq!((held, LIMITED.available_permits()), (9, 9));
}

/// As many are issued as can be counted, and no more.
#[test]
fn it_issues_no_more_than_can_be_counted() {
    let semaphore = Semaphore::with_limit(0, Semaphore::MAX_PERMITS - 1);
    semaphore.add_permits(usize::MAX);
    let _held = now(semaphore.acquire_many(Semaphore::MAX_PERMITS - 1)).unwrap();
    assert_eq!(semaphore.add_permits(usize::MAX), 1);
    assert_eq!(semaphore.add_permits(usize::MAX), 0);
}

/// A hundred signals while nobody is there are one, which is the first waiter's.
#[test]
fn a_signal_is_kept_for_one_waiter() {
    let (semaphore, bell) = (Semaphore::with_limit(0, 1), Bell::new());
    (0..100).for_each(|_| _ = semaphore.add_permits(1));
    now(semaphore.acquire()).unwrap().forget();
    pending(&mut Box::pin(semaphore.acquire()), &bell);
}
