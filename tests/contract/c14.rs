//! C14: nothing wraps. Bounded is what was issued; a panic changes nothing; no drop panics.

use crate::common::{Bell, now, panic_message, queued, ready};
use sempost::{Permit, Semaphore, TryAcquireError};
use std::sync::Arc;

const MAX: usize = Semaphore::MAX_PERMITS;

#[test]
fn c14_semaphore_the_limit_is_what_it_says() {
    assert_eq!(MAX, usize::MAX >> 3);
    assert_eq!(Semaphore::new(MAX).available_permits(), MAX);
}

#[test]
fn c14_semaphore_new_panics_above_the_limit() {
    for n in [MAX + 1, usize::MAX - 1, usize::MAX] {
        let message = panic_message(|| Semaphore::new(n));
        assert!(message.contains(&MAX.to_string()) || message.contains("MAX_PERMITS"), "{message}");
    }
}

#[test]
fn c14_semaphore_asking_for_too_many_panics_at_the_call() {
    let semaphore = Arc::new(Semaphore::new(1));
    for n in [MAX + 1, usize::MAX] {
        panic_message(|| drop(semaphore.acquire_many(n)));
        panic_message(|| drop(semaphore.acquire_many_owned(n)));
        panic_message(|| drop(semaphore.try_acquire_many(n)));
        panic_message(|| drop(semaphore.try_acquire_many_owned(n)));
    }
    assert_eq!((semaphore.waiters(), semaphore.available_permits()), (0, 1));
    drop(semaphore.acquire_many(MAX));
    assert!(matches!(semaphore.try_acquire_many(MAX), Err(TryAcquireError::NoPermits)));
}

#[test]
fn c14_semaphore_add_permits_panics_above_the_limit_and_changes_nothing() {
    for (start, add) in [(0, MAX + 1), (1, MAX), (MAX, 1), (2, usize::MAX), (MAX, usize::MAX)] {
        let semaphore = Semaphore::new(start);
        panic_message(|| semaphore.add_permits(add));
        assert_eq!(semaphore.available_permits(), start);
    }
    let semaphore = Semaphore::new(1);
    semaphore.add_permits(MAX - 1);
    semaphore.add_permits(0);
    assert_eq!(semaphore.available_permits(), MAX);
}

#[test]
fn c14_semaphore_held_permits_count_as_issued() {
    let semaphore = Semaphore::new(MAX);
    let held = semaphore.try_acquire_many(MAX).unwrap();
    assert_eq!(semaphore.available_permits(), 0);
    panic_message(|| semaphore.add_permits(1));
    drop(held);
    assert_eq!(semaphore.available_permits(), MAX);
}

#[test]
fn c14_semaphore_granted_permits_count_as_issued() {
    let semaphore = Semaphore::new(0);
    let bell = Bell::new();
    let mut granted = queued(semaphore.acquire_many(MAX), &bell);
    semaphore.add_permits(MAX);
    panic_message(|| semaphore.add_permits(1));
    assert_eq!(ready(&mut granted, &bell).unwrap().num_permits(), MAX);
    drop(granted);
    assert_eq!(semaphore.available_permits(), MAX);
}

#[test]
fn c14_semaphore_forgotten_permits_make_room() {
    let semaphore = Semaphore::new(MAX);
    semaphore.try_acquire_many(MAX).unwrap().forget();
    semaphore.add_permits(MAX);
    assert_eq!(semaphore.forget_permits(usize::MAX), MAX);
    assert_eq!(semaphore.forget_permits(1), 0);
    semaphore.add_permits(MAX);
    assert_eq!(semaphore.available_permits(), MAX);
}

#[test]
fn c14_semaphore_a_debt_lowers_what_was_issued() {
    let semaphore = Semaphore::new(0);
    semaphore.reduce_permits(5);
    semaphore.add_permits(MAX);
    assert_eq!(semaphore.available_permits(), MAX - 5);
    semaphore.add_permits(5);
    assert_eq!(semaphore.available_permits(), MAX);
    panic_message(|| semaphore.add_permits(1));
}

#[test]
fn c14_semaphore_no_drop_panics_at_the_limit() {
    let semaphore = Semaphore::new(MAX);
    let mut permit = now(semaphore.acquire_many(MAX)).unwrap();
    let part = permit.split(MAX / 2).unwrap();
    let zero = permit.split(0).unwrap();
    permit.merge(zero).unwrap();
    assert!(permit.split(MAX).is_none());
    drop(part);
    drop(permit);
    assert_eq!(semaphore.available_permits(), MAX);
}

#[test]
fn c14_semaphore_merge_takes_only_its_own() {
    let (one, other) = (Semaphore::new(2), Semaphore::new(2));
    let mut mine: Permit<'_> = one.try_acquire().unwrap();
    let foreign = other.try_acquire().unwrap();
    let foreign = mine.merge(foreign).unwrap_err();
    assert_eq!((mine.num_permits(), foreign.num_permits()), (1, 1));
    mine.merge(one.try_acquire().unwrap()).unwrap();
    assert_eq!(mine.num_permits(), 2);
    drop((mine, foreign));
    assert_eq!((one.available_permits(), other.available_permits()), (2, 2));
}

#[test]
fn c14_semaphore_a_huge_debt_does_not_wrap() {
    let semaphore = Semaphore::new(3);
    for n in [MAX, MAX] {
        // Either answer is fine, a wrap is not.
        drop(std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            semaphore.reduce_permits(n);
        })));
        assert_eq!(semaphore.available_permits(), 0);
    }
    semaphore.add_permits(1);
    assert_eq!(semaphore.available_permits(), 0);
}
