//! C5: cancelling costs the same whatever the number of waiters.
//!
//! There is no clock here. With a scan of the line per cancel these numbers are 2·10^10 steps, and
//! the watchdog ends the test.

use crate::common::lines::{
    Line, acquiring, acquiring_barging, acquiring_unbounded, awaiting_barging, awaiting_fifo, awaiting_unbounded,
    awaiting_while, closed_semaphore, drained, entering, locking, locking_barging, locking_unbounded, receiving,
    reserving, sending, waiting,
};
use crate::common::{Bell, Random, poll, queued, ready, watched};
use sempost::{Condvar, Fairness, Mutex, Semaphore};

const WAITERS: usize = 200_000;

pub(crate) fn cancelled_in_random_order(line: fn() -> Line) {
    watched(String::new, || {
        let (line, bell) = (line(), Bell::new());
        let mut waiters: Vec<_> = (0..WAITERS).map(|_| line.queue(&bell)).collect();
        line.assert_waiters(WAITERS);
        Random::new(7).shuffle(&mut waiters);
        let last = waiters.split_off(WAITERS - 10);
        drop(waiters);
        line.assert_waiters(10);
        drop(last);
        line.assert_waiters(0);
        assert_eq!((bell.wakes(), bell.held()), (0, 0));
    });
}

#[test]
fn c05_semaphore_many_cancels_in_random_order() {
    cancelled_in_random_order(acquiring);
    cancelled_in_random_order(acquiring_barging);
    cancelled_in_random_order(acquiring_unbounded);
    cancelled_in_random_order(closed_semaphore);
}

#[test]
fn c05_mutex_many_cancels_in_random_order() {
    cancelled_in_random_order(locking);
    cancelled_in_random_order(locking_barging);
    cancelled_in_random_order(locking_unbounded);
}

#[test]
fn c05_monitor_many_cancels_in_random_order() {
    cancelled_in_random_order(entering);
    cancelled_in_random_order(waiting);
}

#[test]
fn c05_mailbox_many_cancels_in_random_order() {
    cancelled_in_random_order(sending);
    cancelled_in_random_order(reserving);
    cancelled_in_random_order(receiving);
    cancelled_in_random_order(drained);
}

#[test]
fn c05_condvar_many_cancels_in_random_order() {
    cancelled_in_random_order(awaiting_fifo);
    cancelled_in_random_order(awaiting_barging);
    cancelled_in_random_order(awaiting_unbounded);
    cancelled_in_random_order(awaiting_while);
}

#[test]
fn c05_semaphore_a_granted_line_is_cancelled_from_hand_to_hand() {
    watched(String::new, || {
        let (line, bell) = (acquiring(), Bell::new());
        let waiters: Vec<_> = (0..WAITERS).map(|_| line.queue(&bell)).collect();
        (line.one)();
        drop(waiters); // front to back: each passes the one permit on
        assert_eq!((bell.wakes(), bell.held()), (WAITERS, 0));
    });
}

#[test]
fn c05_semaphore_nudged_waiters_are_cancelled_without_a_scan() {
    for fairness in [Fairness::Barging { overtakes: 1 }, Fairness::Unfair] {
        watched(String::new, || {
            let (semaphore, bell) = (Semaphore::with_fairness(0, fairness), Bell::new());
            let mut line: Vec<_> = (0..WAITERS).map(|_| queued(semaphore.acquire(), &bell)).collect();
            semaphore.add_permits(WAITERS);
            assert_eq!(bell.take_wakes(), WAITERS);
            // Half of them find nothing and sleep again, scattered over the line.
            let taken = semaphore.try_acquire_many(WAITERS).unwrap();
            Random::new(7).shuffle(&mut line);
            for waiter in &mut line[..WAITERS / 2] {
                assert!(poll(waiter, &bell).is_pending());
            }
            drop(taken);
            drop(line);
            assert_eq!((bell.held(), semaphore.waiters(), semaphore.available_permits()), (0, 0, WAITERS));
        });
    }
}

#[test]
fn c05_mutex_a_nudge_is_cancelled_from_hand_to_hand() {
    for line in [locking_barging, locking_unbounded] {
        watched(String::new, || {
            let (line, bell) = (line(), Bell::new());
            let waiters: Vec<_> = (0..WAITERS).map(|_| line.queue(&bell)).collect();
            (line.one)();
            drop(waiters);
            assert_eq!((bell.wakes(), bell.held()), (WAITERS, 0));
        });
    }
}

/// One is given something, and each that has it gives up.
fn hand_on_without_a_scan(make: fn() -> Line) {
    watched(String::new, || {
        let (line, bell) = (make(), Bell::new());
        let waiters: Vec<_> = (0..WAITERS).map(|_| line.queue(&bell)).collect();
        (line.one)();
        drop(waiters);
        assert_eq!((bell.wakes(), bell.held()), (WAITERS, 0));
        line.assert_waiters(0);
    });
}

#[test]
fn c05_monitor_cancelled_signalled_waiters_hand_on_without_a_scan() {
    hand_on_without_a_scan(waiting);
}

#[test]
fn c05_condvar_cancelled_notified_waiters_hand_on_without_a_scan() {
    hand_on_without_a_scan(awaiting_fifo);
}

/// In each of the two lines: notified, and moved on to the mutex's.
#[test]
fn c05_condvar_many_that_were_notified_cancel_in_random_order() {
    for moved in [false, true] {
        watched(String::new, || {
            let (condvar, mutex, bell) = (Condvar::new(), Mutex::new(0), Bell::new());
            let wait = || queued(condvar.wait(mutex.try_lock().unwrap()), &bell);
            let mut first = wait();
            let mut line: Vec<_> = (0..WAITERS).map(|_| wait()).collect();
            // Every other one stays behind, so that notifications are passed on, too.
            assert_eq!(condvar.notify_many(WAITERS / 2), WAITERS / 2);
            let guard = moved.then(|| ready(&mut first, &bell));
            Random::new(7).shuffle(&mut line);
            drop(line);
            assert_eq!((condvar.waiters(), mutex.waiters()), (0, 0));
            drop((guard, first));
            assert!(bell.wakes() <= WAITERS + 1 && bell.held() == 0, "each is woken once at most");
        });
    }
}
