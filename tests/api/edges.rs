//! Edges of a semaphore and of a mutex that a single changed operator would move.

use crate::common::{Bell, panic_message, pending, queued, ready};
use sempost::{Fairness, Mutex, Semaphore};

const MAX: usize = Semaphore::MAX_PERMITS;

#[test]
fn a_dropped_permit_repays_a_debt_though_nobody_waits() {
    let semaphore = Semaphore::new(1);
    let held = semaphore.try_acquire().unwrap();
    semaphore.reduce_permits(1);
    drop(held);
    assert_eq!(semaphore.available_permits(), 0);
    semaphore.add_permits(1);
    assert_eq!(semaphore.available_permits(), 1, "the debt was repaid once");
}

#[test]
fn permits_add_up_for_the_head_and_do_not_multiply() {
    let semaphore = Semaphore::new(5);
    let held = semaphore.try_acquire_many(3).unwrap();
    let bell = Bell::new();
    let mut head = queued(semaphore.acquire_many(6), &bell);
    drop(held);
    assert_eq!((bell.wakes(), semaphore.available_permits()), (0, 5), "three and two are five");
    pending(&mut head, &bell);
    semaphore.add_permits(1);
    assert_eq!(ready(&mut head, &bell).unwrap().num_permits(), 6);
}

#[test]
fn a_debt_may_reach_the_limit_and_not_pass_it() {
    let semaphore = Semaphore::new(2);
    semaphore.reduce_permits(MAX);
    assert!(panic_message(|| semaphore.reduce_permits(3)).contains("MAX_PERMITS"));
    semaphore.reduce_permits(2);
    assert!(panic_message(|| semaphore.reduce_permits(1)).contains("MAX_PERMITS"));
    semaphore.add_permits(MAX);
    semaphore.add_permits(1);
    assert_eq!(semaphore.available_permits(), 1, "what was refused left no debt");
}

/// The first was told of a turn that a newcomer took, so of the next turn it is told, and nobody else.
#[test]
fn a_turn_that_a_newcomer_took_is_announced_to_nobody_else() {
    let mutex = Mutex::with_fairness((), Fairness::Barging { overtakes: 2 });
    let held = mutex.try_lock().unwrap();
    let bells = [(); 2].map(|()| Bell::new());
    let mut line = bells.each_ref().map(|bell| queued(mutex.lock(), bell));
    drop(held);
    for _ in 0..2 {
        drop(mutex.try_lock().expect("a newcomer may pass"));
        assert_eq!(bells.each_ref().map(Bell::wakes), [1, 0]);
    }
    pending(&mut line[1], &bells[1]);
    drop(ready(&mut line[0], &bells[0]));
    assert_eq!(bells.each_ref().map(Bell::wakes), [1, 1]);
    drop(ready(&mut line[1], &bells[1]));
}
