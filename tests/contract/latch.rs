//! What the contract asks of a latch beside what it asks of every future.

use crate::c05::cancelled_in_random_order;
use crate::c17::{WAITERS, on_a_small_stack};
use crate::common::lines::latch;
use crate::common::{Bell, now, panic_message, queued, ready, second_poll_names, until, watched};
use sempost::Latch;
use std::sync::{Arc, Mutex};
use std::thread;

/// Kills: a list that is woken from its end.
#[test]
fn c03_latch_waiters_are_woken_in_their_order() {
    let (latch, order) = (Latch::new(1), Arc::new(Mutex::new(Vec::new())));
    let bells: Vec<_> = (0..200).map(|_| Bell::new()).collect();
    for (i, bell) in bells.iter().enumerate() {
        let order = order.clone();
        bell.on_wake(move || order.lock().unwrap().push(i));
    }
    let _line: Vec<_> = bells.iter().map(|bell| queued(latch.wait(), bell)).collect();
    assert!(latch.count_down());
    assert_eq!(*order.lock().unwrap(), (0..200).collect::<Vec<_>>());
}

#[test]
fn c05_latch_many_cancels_in_random_order() {
    cancelled_in_random_order(latch);
}

#[test]
fn c06_latch_a_waker_counts_down_asks_and_waits() {
    let (latch, bell) = (Arc::new(Latch::new(1)), Bell::new());
    let again = latch.clone();
    bell.on_wake(move || {
        assert!(again.is_open() && !again.count_down());
        now(again.wait());
    });
    let _waiter = queued(latch.wait(), &bell);
    watched(String::new, || assert!(latch.count_down()));
    assert_eq!(bell.wakes(), 1);
}

#[test]
fn c06_latch_a_waker_may_drop_the_last_handle_on_it() {
    let (latch, bell) = (Arc::new(Latch::new(1)), Bell::new());
    let slot = Arc::new(Mutex::new(Some(queued(latch.wait_owned(), &bell))));
    let hand = slot.clone();
    bell.on_wake(move || drop(hand.lock().unwrap().take()));
    let weak = Arc::downgrade(&latch);
    watched(String::new, || assert!(latch.count_down()));
    drop(latch);
    assert!(bell.wakes() == 1 && weak.upgrade().is_none());
}

/// Kills: a panic that keeps those behind it asleep, in the same turn or in a later one.
#[test]
fn c07_latch_an_opening_wakes_the_rest() {
    let (latch, hostile, bell) = (Latch::new(1), Bell::panicking(), Bell::new());
    let mut line = vec![queued(latch.wait(), &hostile)];
    line.extend((0..150).map(|_| queued(latch.wait(), &bell)));
    assert_eq!(panic_message(|| latch.count_down()), "this waker panics");
    assert_eq!((hostile.wakes(), bell.wakes(), latch.waiters(), latch.is_open()), (1, 150, 0, true));
    line.iter_mut().for_each(|waiter| ready(waiter, &Bell::new()));
}

#[test]
fn c08_latch_to_ask_joins_nothing() {
    let latch = Latch::new(1);
    assert!(!latch.is_open() && !latch.count_down_many(0));
    assert_eq!((latch.waiters(), latch.count()), (0, 1));
}

#[test]
fn c10_latch_ready_at_the_first_poll_it_panics_at_the_second() {
    let latch = Arc::new(Latch::new(0));
    second_poll_names(latch.wait(), "LatchWaiting");
    second_poll_names(latch.wait_owned(), "LatchWaiting");
}

/// Kills: an opening that one asker sees and the next one does not.
#[test]
fn c11_latch_it_opens_in_one_moment_and_for_good() {
    let latch = Arc::new(Latch::new(64));
    let shown = latch.clone();
    watched(
        move || format!("{shown:?}"),
        || {
            thread::scope(|scope| {
                let openers: Vec<_> =
                    (0..4).map(|_| scope.spawn(|| (0..16).filter(|_| latch.count_down()).count())).collect();
                let asker = scope.spawn(|| {
                    until(|| latch.is_open());
                    now(latch.wait());
                    latch.count()
                });
                latch.wait_blocking();
                assert!(latch.is_open() && latch.count() == 0);
                assert_eq!(openers.into_iter().map(|opener| opener.join().unwrap()).sum::<usize>(), 1);
                assert_eq!(asker.join().unwrap(), 0);
            });
        },
    );
    assert!(!latch.count_down() && latch.is_open());
}

#[test]
fn c14_latch_counts_do_not_wrap() {
    let latch = Latch::new(usize::MAX);
    assert!(!latch.count_down_many(usize::MAX - 1));
    assert!(latch.count_down_many(usize::MAX) && !latch.count_down_many(usize::MAX));
    assert_eq!(latch.count(), 0);
}

#[test]
fn c15_latch_is_const_counts_its_waiters_and_shows_them() {
    static LATCH: Latch = Latch::new(1);
    let _line = [(); 3].map(|()| queued(LATCH.wait(), &Bell::new()));
    assert_eq!((LATCH.waiters(), format!("{LATCH:?}").as_str()), (3, "Latch { count: 1, waiters: 3 }"));
}

#[test]
fn c16_latch_tasks_and_threads_are_woken_by_one_count() {
    let (latch, bell) = (Arc::new(Latch::new(1)), Bell::new());
    let shown = latch.clone();
    watched(
        move || format!("{shown:?}"),
        || {
            let mut task = queued(latch.wait(), &bell);
            thread::scope(|scope| {
                let threads = [scope.spawn(|| latch.wait_blocking()), scope.spawn(|| latch.wait_owned().wait())];
                until(|| latch.waiters() == 3);
                threads.iter().for_each(|thread| thread.thread().unpark());
                assert!(!threads.iter().any(|thread| thread.is_finished()) && !latch.is_open());
                assert!(latch.count_down());
            });
            ready(&mut task, &bell);
        },
    );
}

#[test]
fn c17_latch_waiters_are_let_go_in_one_call_and_dropped_flat() {
    on_a_small_stack(|| {
        let (latch, bell) = (Latch::new(1), Bell::new());
        let mut line: Vec<_> = (0..WAITERS).map(|_| queued(latch.wait(), &bell)).collect();
        assert!(latch.count_down());
        assert_eq!((bell.wakes(), latch.waiters()), (WAITERS, 0));
        line.drain(WAITERS / 2..);
        line.iter_mut().for_each(|waiter| ready(waiter, &bell));
    });
}

/// Kills: an opening that holds the lock for all of its waiters.
#[test]
fn c17_latch_another_thread_gets_the_lock_between_two_turns() {
    let (latch, bell) = (Arc::new(Latch::new(1)), Bell::new());
    let (first, asked) = (Bell::new(), latch.clone());
    first.on_wake(move || assert_eq!(asked.waiters(), 200 - 64));
    let _head = queued(latch.wait(), &first);
    let _line: Vec<_> = (1..200).map(|_| queued(latch.wait(), &bell)).collect();
    watched(String::new, || assert!(latch.count_down()));
    assert_eq!((first.wakes(), bell.wakes()), (1, 199));
}
