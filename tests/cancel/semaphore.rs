//! Giving up an acquire: what it was granted goes to the next, the debt first.

use crate::common::{Bell, now, pending, poll, queued, ready};
use sempost::{Semaphore, TryAcquireError};
use std::sync::Arc;

#[test]
fn a_dropped_head_lets_those_through_that_now_fit() {
    let semaphore = Semaphore::new(1);
    let bells = [Bell::new(), Bell::new(), Bell::new()];
    let head = queued(semaphore.acquire_many(3), &bells[0]);
    let mut fits = queued(semaphore.acquire(), &bells[1]);
    let waits = queued(semaphore.acquire(), &bells[2]);
    drop(head);
    assert_eq!(bells.each_ref().map(Bell::wakes), [0, 1, 0]);
    assert_eq!(ready(&mut fits, &bells[1]).unwrap().num_permits(), 1);
    drop(waits);
}

#[test]
fn a_dropped_head_wakes_nobody_who_still_does_not_fit() {
    let semaphore = Semaphore::new(1);
    let (a, b, c) = (Bell::new(), Bell::new(), Bell::new());
    let head = queued(semaphore.acquire_many(3), &a);
    let mut second = queued(semaphore.acquire_many(2), &b);
    let mut third = queued(semaphore.acquire(), &c);
    drop(head);
    assert_eq!((b.wakes(), c.wakes()), (0, 0), "the new head does not fit, and nobody passes it");
    pending(&mut second, &b);
    pending(&mut third, &c);
    drop(second);
    assert_eq!(c.wakes(), 1);
    assert!(ready(&mut third, &c).is_ok());
}

#[test]
fn a_dropped_grant_of_many_serves_several_small_ones() {
    let semaphore = Semaphore::new(0);
    let bells = [Bell::new(), Bell::new(), Bell::new(), Bell::new()];
    let big = queued(semaphore.acquire_many(3), &bells[0]);
    let small = [1, 2, 3].map(|i| queued(semaphore.acquire(), &bells[i]));
    semaphore.add_permits(3);
    assert_eq!(bells.each_ref().map(Bell::wakes), [1, 0, 0, 0]);
    drop(big);
    assert_eq!(bells.each_ref().map(Bell::wakes), [1, 1, 1, 1]);
    for (i, mut waiter) in small.into_iter().enumerate() {
        ready(&mut waiter, &bells[i + 1]).unwrap().forget();
    }
    assert_eq!(semaphore.available_permits(), 0);
}

#[test]
fn a_dropped_grant_goes_from_hand_to_hand_to_the_last() {
    let semaphore = Semaphore::new(0);
    let bells: Vec<_> = (0..10).map(|_| Bell::new()).collect();
    let mut line: Vec<_> = bells.iter().map(|b| Some(queued(semaphore.acquire(), b))).collect();
    semaphore.add_permits(1);
    for i in 0..9 {
        line[i] = None;
        assert_eq!((bells[i].wakes(), bells[i + 1].wakes()), (1, 1));
    }
    line[9] = None;
    assert_eq!((semaphore.available_permits(), semaphore.waiters()), (1, 0));
}

#[test]
fn a_dropped_grant_repays_the_debt_before_the_next_is_served() {
    let semaphore = Semaphore::new(0);
    let (a, b) = (Bell::new(), Bell::new());
    let granted = queued(semaphore.acquire(), &a);
    let mut next = queued(semaphore.acquire(), &b);
    semaphore.add_permits(1);
    semaphore.reduce_permits(1);
    drop(granted);
    assert_eq!(b.wakes(), 0, "the permit paid the debt");
    pending(&mut next, &b);
    semaphore.add_permits(1);
    assert!(ready(&mut next, &b).is_ok());
}

#[test]
fn a_grant_made_before_close_returns_to_the_pool_when_dropped() {
    let semaphore = Semaphore::new(0);
    let bell = Bell::new();
    let granted = queued(semaphore.acquire(), &bell);
    semaphore.add_permits(1);
    semaphore.close();
    drop(granted);
    assert_eq!(semaphore.available_permits(), 1);
    assert!(matches!(semaphore.try_acquire(), Err(TryAcquireError::Closed)));
}

#[test]
fn a_refused_waiter_is_dropped_without_a_trace() {
    let semaphore = Semaphore::new(0);
    let bell = Bell::new();
    let refused = queued(semaphore.acquire(), &bell);
    semaphore.close();
    assert_eq!((bell.wakes(), semaphore.waiters()), (1, 0));
    drop(refused);
    assert_eq!(bell.held(), 0);
}

#[test]
fn a_dropped_owned_future_lets_the_semaphore_go() {
    let semaphore = Arc::new(Semaphore::new(0));
    let bell = Bell::new();
    let unpolled = semaphore.acquire_owned();
    let waiting = queued(semaphore.acquire_owned(), &bell);
    drop((unpolled, waiting));
    assert_eq!(Arc::strong_count(&semaphore), 1);
}

#[test]
fn an_owned_future_keeps_the_semaphore_alive_until_dropped() {
    let semaphore = Arc::new(Semaphore::new(0));
    let weak = Arc::downgrade(&semaphore);
    let bell = Bell::new();
    let waiting = queued(semaphore.acquire_owned(), &bell);
    drop(semaphore);
    weak.upgrade().unwrap().add_permits(1);
    assert_eq!(bell.wakes(), 1);
    drop(waiting);
    assert!(weak.upgrade().is_none());
}

#[test]
fn a_finished_future_is_dropped_without_giving_its_permit_back_twice() {
    let semaphore = Semaphore::new(1);
    let mut future = Box::pin(semaphore.acquire());
    let permit = ready(&mut future, &Bell::new()).unwrap();
    drop(future);
    assert_eq!(semaphore.available_permits(), 0);
    drop(permit);
    assert_eq!(semaphore.available_permits(), 1);
}

#[test]
fn random_drops_and_grants_keep_the_sum_of_permits() {
    let semaphore = Semaphore::new(0);
    let mut random = crate::common::Random::new(11);
    let (mut given, mut taken) = (0, 0);
    let mut line: std::collections::VecDeque<_> = Default::default();
    for _ in 0..20_000 {
        match random.below(5) {
            0 | 1 => {
                let (bell, n) = (Bell::new(), random.below(4));
                let mut future = Box::pin(semaphore.acquire_many(n));
                match poll(&mut future, &bell) {
                    std::task::Poll::Ready(permit) => {
                        taken += n;
                        permit.unwrap().forget();
                    }
                    std::task::Poll::Pending => line.push_back((future, bell, n)),
                }
            }
            2 if !line.is_empty() => drop(line.remove(random.below(line.len()))),
            3 => {
                let n = random.below(3);
                given += n;
                semaphore.add_permits(n);
            }
            _ => {}
        }
        // Whoever was woken takes what it was given, in the order of the line.
        while let Some(at) = line.iter().position(|(_, bell, _)| bell.wakes() > 0) {
            assert_eq!(at, 0, "somebody was woken before the head");
            let (mut future, bell, n) = line.pop_front().unwrap();
            ready(&mut future, &bell).unwrap().forget();
            taken += n;
        }
        assert_eq!(semaphore.available_permits() + taken, given);
        assert_eq!(semaphore.waiters(), line.len());
        if let Some((_, _, n)) = line.front() {
            assert!(semaphore.available_permits() < *n, "the head fits and was not woken");
        }
    }
}

#[test]
fn a_zero_acquire_that_was_dropped_unpolled_leaves_nothing() {
    let semaphore = Semaphore::new(0);
    drop(semaphore.acquire_many(0));
    assert_eq!(now(semaphore.acquire_many(0)).unwrap().num_permits(), 0);
    assert_eq!(semaphore.waiters(), 0);
}
