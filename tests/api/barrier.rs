//! The barrier: what each method answers, when.

use crate::common::{Bell, leak, now, pending, queued, ready};
use sempost::{Barrier, BarrierWaiting, Elapsed};
use std::future;
use std::pin::Pin;
use std::sync::{Arc, Mutex};

#[test]
fn the_last_one_leads_and_does_not_wait() {
    let (barrier, bell) = (Barrier::new(3), Bell::new());
    for _generation in 0..3 {
        let mut first = queued(barrier.wait(), &bell);
        let mut second = queued(barrier.wait(), &bell);
        assert_eq!((barrier.waiters(), bell.wakes()), (2, 0));
        assert!(now(barrier.wait()).is_leader());
        assert_eq!((barrier.waiters(), bell.take_wakes()), (0, 2));
        assert!(!ready(&mut second, &bell).is_leader() && !ready(&mut first, &bell).is_leader());
    }
}

#[test]
fn of_none_or_one_it_never_waits_and_everyone_leads() {
    for size in [0, 1] {
        let barrier = Arc::new(Barrier::new(size));
        assert_eq!(barrier.size(), size);
        assert!(now(barrier.wait()).is_leader() && now(barrier.wait_owned()).is_leader());
        assert!(barrier.wait_blocking().is_leader());
        assert_eq!(now(barrier.wait().until(future::pending::<()>())).map(|waited| waited.is_leader()), Ok(true));
    }
}

#[test]
fn of_two_the_second_wakes_the_first() {
    let (barrier, bell) = (Barrier::new(2), Bell::new());
    let mut first = queued(barrier.wait(), &bell);
    assert!(now(barrier.wait()).is_leader());
    assert_eq!((bell.wakes(), bell.held()), (1, 0));
    assert!(!ready(&mut first, &bell).is_leader());
    pending(&mut Box::pin(barrier.wait()), &bell);
}

/// Kills: a waiter that left and is still counted.
#[test]
fn one_that_leaves_before_the_last_has_come_is_not_counted() {
    let (barrier, bell) = (Barrier::new(3), Bell::new());
    let mut stays = queued(barrier.wait(), &bell);
    drop(queued(barrier.wait(), &bell));
    assert_eq!(barrier.waiters(), 1);
    let mut third = queued(barrier.wait(), &bell);
    pending(&mut stays, &bell);
    assert!(now(barrier.wait()).is_leader());
    assert!(!ready(&mut stays, &bell).is_leader() && !ready(&mut third, &bell).is_leader());
}

/// Kills: a granted waiter that is taken out of the next generation's count when it is dropped.
#[test]
fn one_that_is_dropped_after_the_last_has_come_changes_nothing() {
    let (barrier, bell) = (Barrier::new(2), Bell::new());
    let gone = queued(barrier.wait(), &bell);
    assert!(now(barrier.wait()).is_leader());
    let mut next = queued(barrier.wait(), &bell);
    drop(gone);
    assert_eq!(barrier.waiters(), 1);
    pending(&mut next, &bell);
    assert!(now(barrier.wait()).is_leader());
    assert!(!ready(&mut next, &bell).is_leader());
}

/// Kills: generations that mix while the waiters of the last one have not been polled.
#[test]
fn who_comes_while_a_thousand_are_granted_belongs_to_the_next_generation() {
    let (barrier, bell, next) = (Barrier::new(1_001), Bell::new(), Bell::new());
    let mut granted: Vec<_> = (0..1_000).map(|_| queued(barrier.wait(), &bell)).collect();
    assert!(now(barrier.wait()).is_leader());
    assert_eq!(bell.wakes(), 1_000);
    let mut new: Vec<_> = (0..1_000).map(|_| queued(barrier.wait(), &next)).collect();
    assert_eq!((barrier.waiters(), next.wakes()), (1_000, 0));
    granted.truncate(500);
    assert!(granted.iter_mut().all(|waiter| !ready(waiter, &bell).is_leader()));
    assert!(now(barrier.wait()).is_leader());
    assert!(new.iter_mut().all(|waiter| !ready(waiter, &next).is_leader()));
}

type Waiter = Pin<Box<BarrierWaiting<&'static Barrier>>>;

/// Completes a generation of 101. In the wake of its first waiter, after a turn of 64, `act` gets the barrier and the
/// last waiter.
fn between_two_turns(act: impl FnOnce(&'static Barrier, Waiter) + Send + 'static) {
    let barrier: &'static Barrier = leak(Barrier::new(101));
    let (first, rest) = (Bell::new(), Bell::new());
    let head = queued(barrier.wait(), &first);
    let mut waiters: Vec<_> = (0..99).map(|_| queued(barrier.wait(), &rest)).collect();
    let what = Mutex::new(Some((act, waiters.pop().unwrap())));
    first.on_wake(move || {
        let (act, last) = what.lock().unwrap().take().unwrap();
        act(barrier, last);
    });
    assert!(now(barrier.wait()).is_leader());
    assert_eq!((first.wakes(), rest.wakes(), rest.held()), (1, 98, 0));
    waiters.iter_mut().for_each(|waiter| assert!(!ready(waiter, &rest).is_leader()));
    drop(head);
}

/// Kills: a waiter behind the first turn that does not see, when it is polled, that its generation is complete.
#[test]
fn a_poll_between_two_turns_sees_the_complete_generation() {
    between_two_turns(|_, mut last| assert!(!ready(&mut last, &Bell::new()).is_leader()));
}

/// Kills: a waiter of a complete generation that is taken out of the count of the next one.
#[test]
fn a_drop_between_two_turns_is_not_taken_out_of_the_next_generation() {
    between_two_turns(|barrier, last| {
        let _next = queued(barrier.wait(), &Bell::new());
        assert_eq!(barrier.waiters(), 1);
        drop(last);
        assert_eq!(barrier.waiters(), 1);
    });
}

/// Kills: a deadline that comes after the last one, and takes a waiter away that the others have counted.
#[test]
fn a_deadline_before_the_last_is_late_and_one_after_it_is_not() {
    let (barrier, bell) = (Arc::new(Barrier::new(2)), Bell::new());
    assert_eq!(now(barrier.wait().until(future::ready(()))), Err(Elapsed));
    assert_eq!(barrier.waiters(), 0);
    let opener = barrier.clone();
    // The last one comes after the wait was polled, in the poll of the deadline.
    let meanwhile = future::poll_fn(move |_| {
        assert!(now(opener.wait()).is_leader());
        std::task::Poll::Ready(())
    });
    let waited = ready(&mut Box::pin(barrier.wait().until(meanwhile)), &bell);
    assert_eq!(waited.map(|waited| waited.is_leader()), Ok(false));
}

#[test]
fn it_is_const_and_shows_its_state() {
    static MEETING: Barrier = Barrier::new(2);
    let mut waiting = queued(MEETING.wait(), &Bell::new());
    assert_eq!(format!("{MEETING:?} {waiting:?}"), "Barrier { size: 2, waiters: 1 } BarrierWaiting(Queued)");
    assert_eq!(format!("{:?}", now(MEETING.wait())), "BarrierWaitResult(true)");
    assert_eq!(format!("{MEETING:?} {waiting:?}"), "Barrier { size: 2, waiters: 0 } BarrierWaiting(Granted)");
    ready(&mut waiting, &Bell::new());
}

#[test]
fn threads_meet_in_every_round() {
    let barrier = Arc::new(Barrier::new(4));
    let threads = [(); 4].map(|()| {
        let barrier = barrier.clone();
        std::thread::spawn(move || (0..100).filter(|_| barrier.wait_blocking().is_leader()).count())
    });
    assert_eq!(threads.map(|thread| thread.join().unwrap()).iter().sum::<usize>(), 100);
}
