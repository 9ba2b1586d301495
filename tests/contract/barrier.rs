//! What the contract asks of a barrier beside what it asks of every future.

use crate::c05::cancelled_in_random_order;
use crate::c17::{WAITERS, on_a_small_stack};
use crate::common::lines::barrier_of_many;
use crate::common::{Bell, Random, now, panic_message, pending, queued, ready, second_poll_names, until, watched};
use sempost::Barrier;
use std::sync::{Arc, Mutex};
use std::thread;

/// Kills: one that left and is counted, before or after its generation was complete, and a generation too many.
#[test]
fn c02_barrier_random_cancels_keep_the_count() {
    for seed in 0..200 {
        let (mut random, bell) = (Random::new(seed), Bell::new());
        let size = 2 + random.below(5);
        let barrier = Barrier::new(size);
        let (mut arrived, mut granted) = (Vec::new(), Vec::new());
        for _ in 0..100 {
            match random.below(4) {
                0 if !arrived.is_empty() => drop(arrived.swap_remove(random.below(arrived.len()))),
                1 if !granted.is_empty() => drop(granted.swap_remove(random.below(granted.len()))),
                2 if !granted.is_empty() => {
                    let mut waiter = granted.swap_remove(random.below(granted.len()));
                    assert!(!ready::<sempost::BarrierWaiting<&Barrier>>(&mut waiter, &bell).is_leader());
                }
                _ if arrived.len() + 1 < size => arrived.push(queued(barrier.wait(), &bell)),
                _ => {
                    assert!(now(barrier.wait()).is_leader());
                    granted.append(&mut arrived);
                }
            }
            assert_eq!(barrier.waiters(), arrived.len());
            arrived.iter_mut().for_each(|waiter| pending(waiter, &bell));
        }
    }
}

#[test]
fn c03_barrier_waiters_are_woken_in_their_order() {
    let (barrier, order) = (Barrier::new(201), Arc::new(Mutex::new(Vec::new())));
    let bells: Vec<_> = (0..200).map(|_| Bell::new()).collect();
    for (i, bell) in bells.iter().enumerate() {
        let order = order.clone();
        bell.on_wake(move || order.lock().unwrap().push(i));
    }
    let _line: Vec<_> = bells.iter().map(|bell| queued(barrier.wait(), bell)).collect();
    assert!(now(barrier.wait()).is_leader());
    assert_eq!(*order.lock().unwrap(), (0..200).collect::<Vec<_>>());
}

#[test]
fn c05_barrier_many_cancels_in_random_order() {
    cancelled_in_random_order(barrier_of_many);
}

/// Kills: a waker that comes back, is the first of the next generation, and is let go with this one.
#[test]
fn c06_barrier_a_waker_may_begin_the_next_generation() {
    for others in [1, 2, 100] {
        let (barrier, bell) = (&*crate::common::leak(Barrier::new(others + 1)), Bell::new());
        let next = Arc::new(Mutex::new(None));
        let slot = next.clone();
        bell.on_wake(move || _ = slot.lock().unwrap().replace(queued(barrier.wait(), &Bell::new())));
        let _head = queued(barrier.wait(), &bell);
        let _rest: Vec<_> = (1..others).map(|_| queued(barrier.wait(), &Bell::new())).collect();
        watched(String::new, || assert!(now(barrier.wait()).is_leader()));
        assert_eq!((bell.wakes(), barrier.waiters()), (1, 1));
        pending(next.lock().unwrap().as_mut().unwrap(), &Bell::new());
    }
}

#[test]
fn c06_barrier_a_waker_may_drop_the_last_handle_on_it() {
    let (barrier, bell) = (Arc::new(Barrier::new(2)), Bell::new());
    let slot = Arc::new(Mutex::new(Some(queued(barrier.wait_owned(), &bell))));
    let hand = slot.clone();
    bell.on_wake(move || drop(hand.lock().unwrap().take()));
    let weak = Arc::downgrade(&barrier);
    watched(String::new, || assert!(now(barrier.wait_owned()).is_leader()));
    drop(barrier);
    assert!(bell.wakes() == 1 && weak.upgrade().is_none());
}

/// Kills: a panic that keeps those behind it asleep, or a generation that is not complete because of it.
#[test]
fn c07_barrier_a_panicking_waker_costs_the_leader_and_nobody_else() {
    for others in [1, 2, 150] {
        let (barrier, hostile, bell) = (Barrier::new(others + 1), Bell::panicking(), Bell::new());
        let mut line = vec![queued(barrier.wait(), &hostile)];
        line.extend((1..others).map(|_| queued(barrier.wait(), &bell)));
        assert_eq!(panic_message(|| now(barrier.wait())), "this waker panics");
        assert_eq!((hostile.wakes(), bell.wakes(), barrier.waiters()), (1, others - 1, 0));
        line.iter_mut().for_each(|waiter| assert!(!ready(waiter, &Bell::new()).is_leader()));
        let _next: Vec<_> = (0..others).map(|_| queued(barrier.wait(), &bell)).collect();
        assert!(now(barrier.wait()).is_leader());
    }
}

#[test]
fn c10_barrier_ready_at_the_first_poll_it_panics_at_the_second() {
    let barrier = Arc::new(Barrier::new(1));
    second_poll_names(barrier.wait(), "BarrierWaiting");
    second_poll_names(barrier.wait_owned(), "BarrierWaiting");
}

#[test]
fn c14_barrier_of_all_that_can_be_counted_waits() {
    let (barrier, bell) = (Barrier::new(usize::MAX), Bell::new());
    let line: Vec<_> = (0..3).map(|_| queued(barrier.wait(), &bell)).collect();
    assert_eq!((barrier.waiters(), bell.wakes()), (3, 0));
    drop(line);
    assert_eq!(barrier.waiters(), 0);
}

#[test]
fn c15_barrier_is_const_counts_its_waiters_and_shows_them() {
    static BARRIER: Barrier = Barrier::new(9);
    let _line = [(); 3].map(|()| queued(BARRIER.wait(), &Bell::new()));
    assert_eq!((BARRIER.waiters(), format!("{BARRIER:?}").as_str()), (3, "Barrier { size: 9, waiters: 3 }"));
}

#[test]
fn c16_barrier_tasks_and_threads_meet() {
    let (barrier, bell) = (Arc::new(Barrier::new(4)), Bell::new());
    let shown = barrier.clone();
    watched(
        move || format!("{shown:?}"),
        || {
            for _round in 0..20 {
                let mut task = queued(barrier.wait(), &bell);
                let led = thread::scope(|scope| {
                    let threads =
                        [scope.spawn(|| barrier.wait_blocking()), scope.spawn(|| barrier.wait_owned().wait())];
                    until(|| barrier.waiters() == 3);
                    threads.iter().for_each(|thread| thread.thread().unpark());
                    assert!(now(barrier.wait()).is_leader());
                    threads.map(|thread| thread.join().unwrap().is_leader())
                });
                assert!(led == [false, false] && !ready(&mut task, &bell).is_leader());
            }
        },
    );
}

#[test]
fn c17_barrier_waiters_are_let_go_in_one_call_and_dropped_flat() {
    on_a_small_stack(|| {
        let (barrier, bell) = (Barrier::new(WAITERS + 1), Bell::new());
        let mut line: Vec<_> = (0..WAITERS).map(|_| queued(barrier.wait(), &bell)).collect();
        assert!(now(barrier.wait()).is_leader());
        assert_eq!((bell.wakes(), barrier.waiters()), (WAITERS, 0));
        line.drain(WAITERS / 2..);
        line.iter_mut().for_each(|waiter| assert!(!ready(waiter, &bell).is_leader()));
    });
}
