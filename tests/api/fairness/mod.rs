//! Newcomers and those who wait: how many may pass whom, and who is told.

mod ends;
mod senders;

use crate::common::{Bell, now, pending, poll, queued, ready};
use std::task::Poll;

use sempost::Fairness::{self, Barging, Fifo, Unfair};
use sempost::{Mutex, Semaphore, TryAcquireError};

fn barging(permits: usize, overtakes: usize) -> Semaphore {
    Semaphore::with_fairness(permits, Barging { overtakes })
}

/// Takes a permit as a newcomer and gives it back; answers whether that succeeded. Every other one waits for it.
fn passes(semaphore: &Semaphore, turn: usize) -> bool {
    if turn % 2 == 0 {
        semaphore.try_acquire().is_ok()
    } else {
        poll(&mut Box::pin(semaphore.acquire()), &Bell::new()).is_ready()
    }
}

#[test]
fn the_default_is_first_come_first_served() {
    assert_eq!(Fairness::default(), Fifo);
    for semaphore in [Semaphore::new(0), Semaphore::with_fairness(0, Fifo)] {
        let bell = Bell::new();
        let mut head = queued(semaphore.acquire(), &bell);
        semaphore.add_permits(1);
        assert_eq!((semaphore.available_permits(), semaphore.waiters()), (0, 0), "handed over");
        drop(ready(&mut head, &bell));
    }
}

#[test]
fn what_comes_free_stays_free_and_the_first_is_nudged() {
    for fairness in [Barging { overtakes: 0 }, Barging { overtakes: 3 }, Unfair] {
        let semaphore = Semaphore::with_fairness(0, fairness);
        let (a, b) = (Bell::new(), Bell::new());
        let (mut head, _second) = (queued(semaphore.acquire(), &a), queued(semaphore.acquire(), &b));
        semaphore.add_permits(1);
        assert_eq!((semaphore.available_permits(), semaphore.waiters()), (1, 2));
        assert_eq!((a.wakes(), b.wakes()), (1, 0));
        let permit = ready(&mut head, &a).unwrap();
        assert_eq!((semaphore.available_permits(), semaphore.waiters(), b.wakes()), (0, 1, 0));
        drop(permit);
        assert_eq!(b.wakes(), 1);
    }
}

#[test]
fn so_many_newcomers_pass_a_waiter_and_no_more() {
    for k in [0, 1, 2, 7] {
        let semaphore = barging(1, k);
        let held = semaphore.try_acquire().unwrap();
        let bell = Bell::new();
        let mut head = queued(semaphore.acquire(), &bell);
        drop(held);
        for turn in 0..k {
            assert!(passes(&semaphore, turn), "newcomer {turn} of {k}");
        }
        assert!(!passes(&semaphore, 0) && !passes(&semaphore, 1), "all {k} are used up");
        assert_eq!(semaphore.available_permits(), 1, "it waits for the head");
        assert!(ready(&mut head, &bell).is_ok());
        assert_eq!((bell.wakes(), semaphore.waiters()), (1, 0), "told once: it was awake all the time");
    }
}

#[test]
fn a_newcomer_that_may_not_pass_stands_behind() {
    let semaphore = barging(0, 1);
    let (a, b) = (Bell::new(), Bell::new());
    let mut head = queued(semaphore.acquire(), &a);
    semaphore.add_permits(1);
    assert!(passes(&semaphore, 1));
    let mut late = queued(semaphore.acquire(), &b);
    let permit = ready(&mut head, &a).unwrap();
    pending(&mut late, &b);
    drop(permit);
    assert!(ready(&mut late, &b).is_ok());
}

#[test]
fn each_waiter_counts_from_its_own_joining() {
    let semaphore = barging(1, 2);
    let held = semaphore.try_acquire().unwrap();
    let (a, b) = (Bell::new(), Bell::new());
    let mut first = queued(semaphore.acquire(), &a);
    drop(held);
    // One passes the first, while nobody else is there.
    let held = semaphore.try_acquire().unwrap();
    let mut second = queued(semaphore.acquire(), &b);
    drop(held);
    // One passes both.
    assert!(passes(&semaphore, 1));
    assert!(!passes(&semaphore, 0), "the first was overtaken twice");
    drop(ready(&mut first, &a));
    assert!(passes(&semaphore, 0), "the second only once");
    assert!(!passes(&semaphore, 0));
    assert!(ready(&mut second, &b).is_ok());
}

#[test]
fn who_takes_the_place_of_a_head_that_left_has_its_own_count() {
    let semaphore = barging(1, 1);
    let held = semaphore.try_acquire().unwrap();
    let (a, b) = (Bell::new(), Bell::new());
    let first = queued(semaphore.acquire(), &a);
    drop(held);
    let held = semaphore.try_acquire().unwrap();
    let mut second = queued(semaphore.acquire(), &b);
    drop(held);
    assert!(!passes(&semaphore, 0));
    drop(first);
    assert_eq!(b.wakes(), 1);
    assert!(passes(&semaphore, 0) && !passes(&semaphore, 0));
    assert!(ready(&mut second, &b).is_ok());
}

#[test]
fn a_mutex_lets_as_many_pass() {
    for k in [0, 1, 5] {
        let mutex = Mutex::with_fairness(0, Barging { overtakes: k });
        let held = mutex.try_lock().unwrap();
        let bell = Bell::new();
        let mut head = queued(mutex.lock(), &bell);
        drop(held);
        assert!(!mutex.is_locked());
        for turn in 0..k {
            let guard = if turn % 2 == 0 { mutex.try_lock().unwrap() } else { now(mutex.lock()) };
            assert!(mutex.is_locked());
            drop(guard);
        }
        assert!(mutex.try_lock().is_none());
        assert_eq!((bell.wakes(), mutex.waiters()), (1, 1));
        *ready(&mut head, &bell) += 1;
        assert_eq!(*mutex.try_lock().unwrap(), 1);
    }
}

#[test]
fn an_unbounded_semaphore_never_refuses_what_is_free() {
    let semaphore = Semaphore::with_fairness(1, Unfair);
    let held = semaphore.try_acquire().unwrap();
    let bell = Bell::new();
    let mut head = queued(semaphore.acquire(), &bell);
    drop(held);
    assert!((0..1_000).all(|turn| passes(&semaphore, turn)));
    assert!(ready(&mut head, &bell).is_ok());
}

#[test]
fn without_bound_whoever_is_polled_takes_what_is_there() {
    let semaphore = Semaphore::with_fairness(0, Unfair);
    let bells = [Bell::new(), Bell::new(), Bell::new()];
    let [mut first, _second, mut third] = [0, 1, 2].map(|i| queued(semaphore.acquire(), &bells[i]));
    semaphore.add_permits(1);
    // Nobody told the third, and its waker is still in its place.
    let permit = ready(&mut third, &bells[2]).unwrap();
    assert_eq!((bells.each_ref().map(Bell::wakes), bells[2].held()), ([1, 0, 0], 0));
    pending(&mut first, &bells[0]);
    drop(permit);
    assert_eq!(bells.each_ref().map(Bell::wakes), [2, 0, 0], "the first sleeps in its old place");
    assert!(ready(&mut first, &bells[0]).is_ok());
}

#[test]
fn a_waiter_in_the_middle_passes_as_a_newcomer_does() {
    let semaphore = barging(0, 1);
    let bells = [Bell::new(), Bell::new(), Bell::new()];
    let [mut head, mut second, mut third] = [0, 1, 2].map(|i| queued(semaphore.acquire(), &bells[i]));
    semaphore.add_permits(1);
    let permit = ready(&mut second, &bells[1]).unwrap();
    semaphore.add_permits(1);
    pending(&mut third, &bells[2]);
    assert!(semaphore.try_acquire().is_err(), "the head was passed once, by whom does not matter");
    let first = ready(&mut head, &bells[0]).unwrap();
    drop(permit);
    assert_eq!(bells.each_ref().map(Bell::wakes), [1, 0, 1]);
    assert!(ready(&mut third, &bells[2]).is_ok());
    drop(first);
}

#[test]
fn a_waiter_in_the_middle_does_not_barge_past_a_head_that_was_passed_often_enough() {
    let semaphore = barging(0, 0);
    let (a, b) = (Bell::new(), Bell::new());
    let (mut head, mut second) = (queued(semaphore.acquire(), &a), queued(semaphore.acquire(), &b));
    semaphore.add_permits(1);
    pending(&mut second, &b);
    semaphore.add_permits(1);
    // Now there is enough for both, so the order in which they are polled is theirs.
    assert_eq!((a.wakes(), b.wakes()), (1, 1));
    assert!(ready(&mut second, &b).is_ok() && ready(&mut head, &a).is_ok());
}

#[test]
fn who_was_told_of_what_somebody_else_took_is_told_no_more() {
    let semaphore = barging(0, 1);
    let (a, b) = (Bell::new(), Bell::new());
    let (mut head, mut second) = (queued(semaphore.acquire(), &a), queued(semaphore.acquire(), &b));
    semaphore.add_permits(2);
    let taken = semaphore.try_acquire().unwrap();
    // One is left, and it is the head's.
    pending(&mut second, &b);
    let permit = ready(&mut head, &a).unwrap();
    pending(&mut second, &b);
    drop(taken);
    assert_eq!((a.wakes(), b.wakes()), (1, 2));
    assert!(ready(&mut second, &b).is_ok());
    drop(permit);
}

#[test]
fn a_nudged_waiter_that_finds_nothing_keeps_its_place() {
    for fairness in [Barging { overtakes: 1 }, Unfair] {
        let mutex = Mutex::with_fairness((), fairness);
        let held = mutex.try_lock().unwrap();
        let (a, b) = (Bell::new(), Bell::new());
        let (mut head, _second) = (queued(mutex.lock(), &a), queued(mutex.lock(), &b));
        drop(held);
        let held = mutex.try_lock().unwrap();
        pending(&mut head, &a);
        assert_eq!((a.held(), a.wakes(), mutex.waiters()), (1, 1, 2));
        drop(held);
        assert_eq!((a.wakes(), b.wakes()), (2, 0), "the head again");
        drop(ready(&mut head, &a));
        assert_eq!(b.wakes(), 1);
    }
}

#[test]
fn waiters_that_find_nothing_are_nudged_in_the_order_of_the_line() {
    let semaphore = Semaphore::with_fairness(0, Unfair);
    let bells: Vec<_> = (0..4).map(|_| Bell::new()).collect();
    let mut line: Vec<_> = bells.iter().map(|bell| queued(semaphore.acquire(), bell)).collect();
    semaphore.add_permits(4);
    assert!(bells.iter().all(|bell| bell.take_wakes() == 1));
    let all = semaphore.try_acquire_many(4).unwrap();
    for i in [2, 0, 3, 1] {
        pending(&mut line[i], &bells[i]);
    }
    drop(all);
    assert!(bells.iter().all(|bell| bell.take_wakes() == 1));
    let all = semaphore.try_acquire_many(4).unwrap();
    for i in [3, 1, 2, 0] {
        pending(&mut line[i], &bells[i]);
        semaphore.add_permits(0);
    }
    all.forget();
    for told in 0..4 {
        semaphore.add_permits(1);
        let wakes: Vec<_> = bells.iter().map(Bell::take_wakes).collect();
        assert!(wakes.iter().enumerate().all(|(i, &n)| n == usize::from(i == told)), "{told}: {wakes:?}");
    }
}

/// A task holds a `lock` that waits in line, polls it no more, and awaits another one.
#[test]
fn a_task_that_holds_a_queued_lock_gets_another_one_as_often_as_newcomers_may_pass() {
    for (fairness, times) in [(Fifo, 0), (Barging { overtakes: 9 }, 9), (Unfair, 20)] {
        let mutex = Mutex::with_fairness((), fairness);
        let mut held = mutex.try_lock();
        let task = Bell::new();
        let abandoned = queued(mutex.lock(), &task);
        for turn in 0..20 {
            let mut awaited = queued(mutex.lock(), &task);
            drop(held.take());
            assert!(turn > 0 || task.wakes() == 1, "the task is woken, and polls what it awaits");
            match poll(&mut awaited, &task) {
                Poll::Ready(guard) => held = Some(guard),
                Poll::Pending => {
                    assert_eq!(turn, times, "{fairness:?}");
                    // Only when the abandoned one is dropped the others come to it.
                    drop(abandoned);
                    drop(ready(&mut awaited, &task));
                    break;
                }
            }
            assert!(turn < times, "{fairness:?}");
        }
    }
}

#[test]
fn a_task_that_holds_a_queued_acquire_gets_another_one_where_newcomers_may_pass() {
    for (fairness, free) in
        [(Fifo, false), (Barging { overtakes: 0 }, false), (Barging { overtakes: 1 }, true), (Unfair, true)]
    {
        let semaphore = Semaphore::with_fairness(0, fairness);
        let task = Bell::new();
        let abandoned = queued(semaphore.acquire_many(2), &task);
        let mut awaited = queued(semaphore.acquire(), &task);
        semaphore.add_permits(2);
        assert_eq!(task.wakes(), 1);
        assert_eq!(poll(&mut awaited, &task).is_ready(), free, "{fairness:?}");
        drop(abandoned);
        assert!(free || poll(&mut awaited, &task).is_ready());
    }
}

#[test]
fn without_bound_an_abandoned_waiter_sits_on_one_nudge_alone() {
    let mutex = Mutex::with_fairness((), Unfair);
    let held = mutex.try_lock().unwrap();
    let (a, b) = (Bell::new(), Bell::new());
    let (mut abandoned, mut other) = (queued(mutex.lock(), &a), queued(mutex.lock(), &b));
    drop(held);
    assert_eq!((a.wakes(), b.wakes()), (1, 0));
    drop(mutex.try_lock().unwrap());
    assert_eq!((a.wakes(), b.wakes()), (1, 1), "what was taken meanwhile is announced to the next");
    // It may still come, and sleep again in its place before the others.
    let held = ready(&mut other, &b);
    pending(&mut abandoned, &a);
    drop(held);
    assert_eq!(a.wakes(), 2);
    drop(ready(&mut abandoned, &a));
}

#[test]
fn a_head_that_leaves_lets_those_who_fit_be_told() {
    for fairness in [Barging { overtakes: 0 }, Unfair] {
        let semaphore = Semaphore::with_fairness(2, fairness);
        let bells = [Bell::new(), Bell::new(), Bell::new()];
        let head = queued(semaphore.acquire_many(3), &bells[0]);
        let needs = semaphore.try_acquire_many(2).ok().map_or(2, |taken| taken.num_permits());
        // Without bound newcomers pass also the one who wants too much; so somebody holds what there is.
        let held = semaphore.forget_permits(needs);
        let [mut second, mut third] = [1, 2].map(|i| queued(semaphore.acquire(), &bells[i]));
        semaphore.add_permits(held);
        assert_eq!(bells.each_ref().map(Bell::wakes), [0, 0, 0]);
        drop(head);
        assert_eq!(bells.each_ref().map(Bell::wakes), [0, 1, 1]);
        assert!(ready(&mut third, &bells[2]).is_ok() && ready(&mut second, &bells[1]).is_ok());
    }
}

#[test]
fn a_head_is_told_only_when_all_it_wants_is_there() {
    let semaphore = barging(0, 1);
    let (a, b) = (Bell::new(), Bell::new());
    let (mut head, mut small) = (queued(semaphore.acquire_many(3), &a), queued(semaphore.acquire(), &b));
    semaphore.add_permits(2);
    assert_eq!((a.wakes(), b.wakes()), (0, 0));
    assert!(passes(&semaphore, 0) && !passes(&semaphore, 0), "one newcomer at what is too little for the head");
    semaphore.add_permits(2);
    assert_eq!((a.wakes(), b.wakes()), (1, 1), "three for the head, one for the small one");
    assert_eq!(ready(&mut head, &a).unwrap().num_permits(), 3);
    assert!(ready(&mut small, &b).is_ok());
}

#[test]
fn who_joins_though_there_is_enough_for_all_is_told_at_once() {
    let semaphore = barging(0, 0);
    let (a, b) = (Bell::new(), Bell::new());
    let mut head = queued(semaphore.acquire(), &a);
    semaphore.add_permits(2);
    assert_eq!(semaphore.try_acquire().unwrap_err(), TryAcquireError::NoPermits);
    let mut late = queued(semaphore.acquire(), &b);
    assert_eq!((a.wakes(), b.wakes()), (1, 1));
    assert!(ready(&mut late, &b).is_ok() && ready(&mut head, &a).is_ok());
}

#[test]
fn no_permits_pass_everybody_and_are_no_overtake() {
    let semaphore = barging(0, 1);
    let _head = queued(semaphore.acquire(), &Bell::new());
    assert!((0..5).all(|_| semaphore.try_acquire_many(0).is_ok()));
    semaphore.add_permits(1);
    assert!(passes(&semaphore, 0) && !passes(&semaphore, 0));
}

#[test]
fn a_fairness_is_for_constants_too() {
    static POOL: Semaphore = Semaphore::with_fairness(2, Barging { overtakes: 8 });
    static LEDGER: Mutex<u32> = Mutex::with_fairness(7, Unfair);
    assert_eq!((POOL.available_permits(), *LEDGER.try_lock().unwrap()), (2, 7));
}

/// Where whoever is awake is not waited for, one step over it may uncover room for two who sleep.
#[test]
fn in_an_unbounded_line_nobody_sleeps_beside_what_a_steal_has_uncovered() {
    let semaphore = Semaphore::with_fairness(2, Unfair);
    let (one, other) = (semaphore.try_acquire().unwrap(), semaphore.try_acquire().unwrap());
    let (a, b, c) = (Bell::new(), Bell::new(), Bell::new());
    let _never_polled = queued(semaphore.acquire_many(2), &a);
    let (mut second, mut third) = (queued(semaphore.acquire(), &b), queued(semaphore.acquire(), &c));
    drop((one, other));
    assert_eq!((a.wakes(), b.wakes(), c.wakes()), (1, 0, 0));
    let stolen = semaphore.try_acquire().unwrap();
    assert_eq!(b.wakes(), 1, "what is left is enough for the second");
    drop(stolen);
    assert_eq!(c.wakes(), 1, "and for the third");
    ready(&mut second, &b).unwrap().forget();
    ready(&mut third, &c).unwrap().forget();
    assert_eq!(semaphore.available_permits(), 0);
}
