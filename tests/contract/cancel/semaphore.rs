//! Giving up an acquire: what it was granted goes to the next, the debt first.

use crate::common::{Bell, now, queued, ready};
use crate::spec::gate::semaphore::Pool;
use crate::spec::story::stories;
use sempost::Semaphore;
use std::sync::Arc;

stories! {
    Semaphore;

    a_dropped_head_lets_those_through_that_now_fit(Pool::of(1)):
        "acquire a 3; acquire b; acquire c; drop a; poll b: ok; poll c: waits"

    a_dropped_head_wakes_nobody_who_still_does_not_fit(Pool::of(1)):
        "acquire a 3; acquire b 2; acquire c; drop a; poll b: waits; poll c: waits; drop b; poll c: ok"

    a_dropped_grant_of_many_serves_several_small_ones(Pool::of(0)):
        "acquire a 3; acquire b; acquire c; acquire d; add 3; drop a; poll b: ok; poll c: ok; poll d: ok; available: 0"

    a_dropped_grant_goes_from_hand_to_hand_to_the_last(Pool::of(0)):
        "acquire a; acquire b; acquire c; acquire d; add 1; drop a; drop b; drop c; drop d; available: 1; waiters: 0"

    a_dropped_grant_repays_the_debt_before_the_next_is_served(Pool::of(0)):
        "acquire a; acquire b; add 1; reduce 1; drop a; poll b: waits; add 1; poll b: ok"

    a_grant_made_before_close_returns_to_the_pool_when_dropped(Pool::of(0)):
        "acquire a; add 1; close; drop a; available: 1; try_acquire: closed"
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
fn a_zero_acquire_that_was_dropped_unpolled_leaves_nothing() {
    let semaphore = Semaphore::new(0);
    drop(semaphore.acquire_many(0));
    assert_eq!(now(semaphore.acquire_many(0)).unwrap().num_permits(), 0);
    assert_eq!(semaphore.waiters(), 0);
}
