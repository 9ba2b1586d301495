//! Permits, debt, and nothing at all.

use crate::common::{Bell, now, pending, queued, ready};
use sempost::{Fairness, OwnedPermit, Semaphore, TryAcquireError};
use std::sync::Arc;

#[test]
fn a_dropped_permit_gives_back_by_itself() {
    let semaphore = Semaphore::new(3);
    let two = semaphore.try_acquire_many(2).unwrap();
    assert_eq!((semaphore.available_permits(), two.num_permits()), (1, 2));
    drop(two);
    assert_eq!(semaphore.available_permits(), 3);
}

#[test]
fn wait_and_signal_of_the_notes() {
    let semaphore = Semaphore::new(0);
    semaphore.add_permits(1); // signal
    now(semaphore.acquire()).unwrap().forget(); // wait
    assert!(matches!(semaphore.try_acquire(), Err(TryAcquireError::NoPermits)));
}

#[test]
fn a_permit_that_comes_back_repays_a_debt_before_whoever_waits() {
    for fairness in [Fairness::Fifo, Fairness::Barging { overtakes: 8 }, Fairness::Unfair] {
        let semaphore = Semaphore::with_fairness(1, fairness);
        let held = semaphore.try_acquire().unwrap();
        semaphore.reduce_permits(1);
        let bell = Bell::new();
        let mut waits = queued(semaphore.acquire(), &bell);
        drop(held);
        assert_eq!((semaphore.available_permits(), bell.wakes()), (0, 0), "{fairness:?}");
        semaphore.add_permits(1);
        assert_eq!(bell.wakes(), 1, "{fairness:?}");
        drop(ready(&mut waits, &bell).unwrap());
    }
}

#[test]
fn permits_stay_in_the_pool_until_the_head_fits() {
    let semaphore = Semaphore::new(0);
    let bell = Bell::new();
    let mut head = queued(semaphore.acquire_many(3), &bell);
    semaphore.add_permits(2);
    assert_eq!((semaphore.available_permits(), bell.wakes()), (2, 0));
    pending(&mut head, &bell);
    semaphore.add_permits(1);
    assert_eq!((semaphore.available_permits(), bell.wakes()), (0, 1));
    assert_eq!(ready(&mut head, &bell).unwrap().num_permits(), 3);
}

#[test]
fn a_head_that_can_never_be_satisfied_blocks_the_line_and_shows() {
    let semaphore = Semaphore::new(1);
    let _head = queued(semaphore.acquire_many(Semaphore::MAX_PERMITS), &Bell::new());
    let _behind = queued(semaphore.acquire(), &Bell::new());
    semaphore.add_permits(1);
    assert_eq!((semaphore.waiters(), semaphore.available_permits()), (2, 2));
}

#[test]
fn zero_permits_succeed_at_once_and_join_no_line() {
    let semaphore = Arc::new(Semaphore::new(0));
    let _head = queued(semaphore.acquire(), &Bell::new());
    assert_eq!(now(semaphore.acquire_many(0)).unwrap().num_permits(), 0);
    assert_eq!(semaphore.try_acquire_many(0).unwrap().num_permits(), 0);
    assert_eq!(now(semaphore.acquire_many_owned(0)).unwrap().num_permits(), 0);
    assert_eq!(semaphore.waiters(), 1);
    semaphore.close();
    assert!(now(semaphore.acquire_many(0)).is_err());
}

#[test]
fn zero_permits_succeed_even_in_debt() {
    let semaphore = Semaphore::new(0);
    semaphore.reduce_permits(3);
    assert!(semaphore.try_acquire_many(0).is_ok());
}

#[test]
fn add_zero_wakes_nobody() {
    let semaphore = Semaphore::new(0);
    let bell = Bell::new();
    let _waiter = queued(semaphore.acquire(), &bell);
    semaphore.add_permits(0);
    assert_eq!(bell.wakes(), 0);
}

#[test]
fn a_debt_is_repaid_by_a_dropped_permit_first() {
    let semaphore = Semaphore::new(2);
    let held = semaphore.try_acquire_many(2).unwrap();
    let bell = Bell::new();
    let mut waiter = queued(semaphore.acquire(), &bell);
    semaphore.reduce_permits(1);
    assert_eq!(semaphore.available_permits(), 0);
    drop(held);
    assert_eq!((bell.wakes(), semaphore.available_permits()), (1, 0), "one paid, one served");
    assert!(ready(&mut waiter, &bell).is_ok());
}

#[test]
fn a_debt_is_repaid_by_add_permits_first() {
    let semaphore = Semaphore::new(0);
    let bell = Bell::new();
    let mut waiter = queued(semaphore.acquire(), &bell);
    semaphore.reduce_permits(2);
    semaphore.add_permits(2);
    assert_eq!((bell.wakes(), semaphore.available_permits()), (0, 0));
    semaphore.add_permits(1);
    assert_eq!(bell.wakes(), 1);
    assert!(ready(&mut waiter, &bell).is_ok());
}

#[test]
fn reduce_takes_what_is_available_before_it_makes_a_debt() {
    let semaphore = Semaphore::new(5);
    semaphore.reduce_permits(3);
    assert_eq!(semaphore.available_permits(), 2);
    semaphore.reduce_permits(3);
    assert_eq!(semaphore.available_permits(), 0);
    semaphore.add_permits(1);
    assert_eq!(semaphore.available_permits(), 0, "that paid the debt");
    semaphore.add_permits(1);
    assert_eq!(semaphore.available_permits(), 1);
}

#[test]
fn reduce_zero_changes_nothing() {
    let semaphore = Semaphore::new(1);
    semaphore.reduce_permits(0);
    assert_eq!(semaphore.available_permits(), 1);
}

#[test]
fn forget_and_forget_permits_never_touch_debt() {
    let semaphore = Semaphore::new(2);
    let held = semaphore.try_acquire_many(2).unwrap();
    semaphore.reduce_permits(1);
    assert_eq!(semaphore.forget_permits(5), 0);
    held.forget();
    semaphore.add_permits(1);
    assert_eq!(semaphore.available_permits(), 0, "the debt was still there");
    semaphore.add_permits(1);
    assert_eq!(semaphore.available_permits(), 1);
}

#[test]
fn forget_permits_takes_only_what_is_available() {
    let semaphore = Semaphore::new(5);
    let held = semaphore.try_acquire_many(2).unwrap();
    assert_eq!(semaphore.forget_permits(2), 2);
    assert_eq!(semaphore.forget_permits(9), 1);
    assert_eq!(semaphore.forget_permits(9), 0);
    drop(held);
    assert_eq!(semaphore.available_permits(), 2);
}

#[test]
fn forget_permits_takes_what_waits_in_the_pool_for_a_head() {
    let semaphore = Semaphore::new(1);
    let bell = Bell::new();
    let _head = queued(semaphore.acquire_many(2), &bell);
    assert_eq!(semaphore.forget_permits(1), 1);
    semaphore.add_permits(1);
    assert_eq!(bell.wakes(), 0);
    semaphore.add_permits(1);
    assert_eq!(bell.wakes(), 1);
}

#[test]
fn a_reduce_takes_what_waits_in_the_pool_for_a_head() {
    let semaphore = Semaphore::new(1);
    let bell = Bell::new();
    let _head = queued(semaphore.acquire_many(2), &bell);
    semaphore.reduce_permits(1);
    semaphore.add_permits(1);
    assert_eq!((bell.wakes(), semaphore.available_permits()), (0, 1));
    semaphore.add_permits(1);
    assert_eq!(bell.wakes(), 1);
}

#[test]
fn split_takes_a_part_and_leaves_the_rest() {
    let semaphore = Semaphore::new(5);
    let mut permit = semaphore.try_acquire_many(5).unwrap();
    let two = permit.split(2).unwrap();
    assert_eq!((permit.num_permits(), two.num_permits()), (3, 2));
    assert!(permit.split(4).is_none());
    assert_eq!(permit.num_permits(), 3);
    let all = permit.split(3).unwrap();
    assert_eq!((permit.num_permits(), all.num_permits()), (0, 3));
    let none = permit.split(0).unwrap();
    assert_eq!(none.num_permits(), 0);
    drop((permit, none, two));
    assert_eq!(semaphore.available_permits(), 2);
    drop(all);
    assert_eq!(semaphore.available_permits(), 5);
}

#[test]
fn owned_permits_split_and_merge_too() {
    let semaphore = Arc::new(Semaphore::new(3));
    let mut permit: OwnedPermit = semaphore.try_acquire_many_owned(3).unwrap();
    let part = permit.split(1).unwrap();
    assert!(Arc::ptr_eq(part.semaphore(), &semaphore));
    permit.merge(part).unwrap();
    let elsewhere = Arc::new(Semaphore::new(1));
    let foreign = elsewhere.try_acquire_owned().unwrap();
    assert!(permit.merge(foreign).is_err());
    assert_eq!(elsewhere.available_permits(), 1, "the refused permit was given back here");
    permit.forget();
    assert_eq!(semaphore.available_permits(), 0);
    assert_eq!(Arc::strong_count(&semaphore), 1, "a forgotten permit lets the semaphore go");
}

#[test]
fn a_permit_knows_its_semaphore() {
    let semaphore = Semaphore::new(1);
    let permit = semaphore.try_acquire().unwrap();
    // Copied out of the permit, the reference outlives it.
    let known = *permit.semaphore();
    drop(permit);
    assert!(std::ptr::eq(known, &semaphore));
}

#[test]
fn an_owned_permit_gives_its_handle_to_whoever_asks() {
    let permit = Arc::new(Semaphore::new(2)).try_acquire_owned().unwrap();
    let semaphore = Arc::clone(permit.semaphore());
    let other = semaphore.try_acquire_owned().unwrap();
    drop((permit, other));
    assert_eq!(semaphore.available_permits(), 2);
}

#[test]
fn waiters_of_different_demands_are_served_as_far_as_it_goes() {
    let semaphore = Semaphore::new(0);
    let bells: Vec<_> = (0..4).map(|_| Bell::new()).collect();
    let demands = [1, 2, 3, 1];
    let _line: Vec<_> = demands.iter().zip(&bells).map(|(n, b)| queued(semaphore.acquire_many(*n), b)).collect();
    semaphore.add_permits(5);
    assert_eq!(bells.iter().map(Bell::wakes).collect::<Vec<_>>(), [1, 1, 0, 0]);
    assert_eq!(semaphore.available_permits(), 2, "the last one would fit, but does not pass");
}
