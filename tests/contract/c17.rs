//! C17: waking or closing 100,000 waiters needs O(1) stack, in turns of at most 64.

use crate::common::lines::Cond::{self, A};
use crate::common::lines::{
    Line, acquiring, awaiting_barging, awaiting_fifo, awaiting_while, closed_mailbox, closed_semaphore, drained,
    entering, locking, receiving, reserving, sending, waiting, waiting_while,
};
use crate::common::{Bell, queued, ready, watched};
use sempost::{Fairness, Monitor, Semaphore};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

pub(crate) const WAITERS: usize = 100_000;

/// A stack on which two bytes a waiter do not fit.
pub(crate) fn on_a_small_stack(body: impl FnOnce() + Send + 'static) {
    on_a_stack_of(192, body);
}

/// A stack of so many KiB.
pub(crate) fn on_a_stack_of(kib: usize, body: impl FnOnce() + Send + 'static) {
    watched(String::new, move || {
        thread::Builder::new().stack_size(kib * 1024).spawn(body).unwrap().join().unwrap();
    });
}

/// Cancels a granted line front to back, then a waiting one.
pub(crate) fn cancelled_flat(line: fn() -> Line) {
    on_a_small_stack(move || {
        let (line, bell) = (line(), Bell::new());
        let granted: Vec<_> = (0..WAITERS).map(|_| line.queue(&bell)).collect();
        (line.one)();
        drop(granted);
        assert_eq!(bell.held(), 0);
        line.assert_waiters(0);
    });
}

#[test]
fn c17_semaphore_waiters_are_granted_in_one_call() {
    on_a_small_stack(|| {
        let (semaphore, bell) = (Semaphore::new(0), Bell::new());
        let line: Vec<_> = (0..WAITERS).map(|_| queued(semaphore.acquire(), &bell)).collect();
        semaphore.add_permits(WAITERS);
        assert_eq!((bell.wakes(), semaphore.waiters()), (WAITERS, 0));
        for mut waiter in line {
            ready(&mut waiter, &bell).unwrap().forget();
        }
        assert_eq!(semaphore.available_permits(), 0);
    });
}

#[test]
fn c17_semaphore_waiters_are_nudged_in_one_call_and_closed_in_another() {
    for fairness in [Fairness::Barging { overtakes: 1 }, Fairness::Unfair] {
        on_a_small_stack(move || {
            let (semaphore, bell) = (Semaphore::with_fairness(0, fairness), Bell::new());
            let mut line: Vec<_> = (0..WAITERS).map(|_| queued(semaphore.acquire(), &bell)).collect();
            semaphore.add_permits(WAITERS / 2);
            assert_eq!((bell.wakes(), semaphore.waiters()), (WAITERS / 2, WAITERS));
            semaphore.close();
            assert_eq!((bell.wakes(), semaphore.waiters()), (WAITERS, 0));
            assert!(line.iter_mut().all(|waiter| ready(waiter, &bell).is_err()));
        });
    }
}

#[test]
fn c17_semaphore_waiters_are_refused_in_one_close() {
    on_a_small_stack(|| {
        let (semaphore, bell) = (Semaphore::new(0), Bell::new());
        let mut line: Vec<_> = (0..WAITERS).map(|_| queued(semaphore.acquire(), &bell)).collect();
        semaphore.close();
        assert_eq!((bell.wakes(), semaphore.waiters()), (WAITERS, 0));
        assert!(line.iter_mut().all(|waiter| ready(waiter, &bell).is_err()));
    });
}

#[test]
fn c17_semaphore_a_turn_serves_at_most_64() {
    let semaphore = Arc::new(Semaphore::new(0));
    let bells: Vec<_> = (0..1_000).map(|_| Bell::new()).collect();
    let woken = Arc::new(AtomicUsize::new(0));
    for bell in &bells {
        let (semaphore, woken) = (semaphore.clone(), woken.clone());
        bell.on_wake(move || {
            let granted = 1_000 - semaphore.waiters();
            let woken = woken.fetch_add(1, Ordering::SeqCst) + 1;
            assert!(granted <= woken + 64, "{granted} granted, {woken} woken");
        });
    }
    let line: Vec<_> = bells.iter().map(|bell| queued(semaphore.acquire(), bell)).collect();
    semaphore.add_permits(1_000);
    assert_eq!(woken.load(Ordering::SeqCst), 1_000);
    bells.iter().for_each(Bell::unhook);
    drop(line);
    assert_eq!(semaphore.available_permits(), 1_000);
}

#[test]
fn c17_semaphore_onlookers_are_told_in_one_close() {
    on_a_small_stack(|| {
        let (line, bell) = (closed_semaphore(), Bell::new());
        let mut onlookers: Vec<_> = (0..WAITERS).map(|_| line.queue(&bell)).collect();
        (line.one)();
        assert_eq!(bell.wakes(), WAITERS);
        assert!(onlookers.iter_mut().all(|onlooker| onlooker.finished(&bell)));
    });
}

#[test]
fn c17_semaphore_a_cancelled_line_is_flat() {
    cancelled_flat(acquiring);
}

#[test]
fn c17_mutex_a_cancelled_line_is_flat() {
    cancelled_flat(locking);
}

#[test]
fn c17_monitor_a_cancelled_line_is_flat() {
    cancelled_flat(entering);
    cancelled_flat(waiting);
    cancelled_flat(waiting_while);
}

#[test]
fn c17_condvar_a_cancelled_line_is_flat() {
    cancelled_flat(awaiting_fifo);
    cancelled_flat(awaiting_barging);
    cancelled_flat(awaiting_while);
}

#[test]
fn c17_monitor_notify_all_moves_the_waiters_and_each_is_polled_once() {
    on_a_small_stack(|| {
        let (monitor, bell) = (Monitor::<usize, Cond>::new(0), Bell::new());
        let line: Vec<_> = (0..WAITERS).map(|_| queued(monitor.try_enter().unwrap().wait(A), &bell)).collect();
        let inside = monitor.try_enter().unwrap();
        assert_eq!(inside.notify_all(A), WAITERS);
        assert_eq!((bell.wakes(), monitor.entering()), (0, WAITERS), "moved, not woken");
        drop(inside);
        for (i, mut waiter) in line.into_iter().enumerate() {
            assert_eq!(bell.wakes(), i + 1);
            *ready(&mut waiter, &bell) += 1;
        }
        assert_eq!(*monitor.try_enter().unwrap(), WAITERS);
    });
}

#[test]
fn c17_mailbox_a_cancelled_line_is_flat() {
    cancelled_flat(sending);
    cancelled_flat(reserving);
    cancelled_flat(receiving);
    cancelled_flat(closed_mailbox);
    cancelled_flat(drained);
}
