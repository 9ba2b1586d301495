//! C10: futures are inert until polled, fused, and panic by name when polled after Ready.
//!
//! That they are `!Unpin` and have names is in `tests/types.rs`.

use crate::common::lines::Cond::{self, A};
use crate::common::lines::{CONDVAR, Line, MAILBOX, MONITOR, MUTEX, ONESHOT, SEMAPHORE};
use crate::common::{Bell, panic_message, second_poll_names};
use crate::table::on_each;
use sempost::{Monitor, Mutex, Semaphore, mailbox};
use std::sync::Arc;

/// Ready after a wait: fused, and a further poll names the future.
fn fused_and_named(line: Line) {
    let bell = Bell::new();
    let mut waiter = (line.make)();
    assert!(!waiter.is_terminated());
    assert!(waiter.poll(&bell).is_pending());
    assert!(!waiter.is_terminated());
    (line.one)();
    assert!(waiter.finished(&bell));
    assert!(waiter.is_terminated());
    let message = panic_message(|| waiter.finished(&bell));
    assert!(message.contains(line.name), "{message:?} does not name {}", line.name);
    assert!(waiter.is_terminated());
}

/// A future that was made first but polled last stands last.
fn inert_until_polled(line: Line) {
    if line.forgets {
        return; // made by a guard, which it keeps until the first poll
    }
    let (early, late) = (Bell::new(), Bell::new());
    let mut made_first = (line.make)();
    line.assert_waiters(0);
    let _polled_first = line.queue(&late);
    assert!(made_first.poll(&early).is_pending());
    (line.one)();
    assert_eq!((early.wakes(), late.wakes()), (usize::from(line.all), 1));
}

#[test]
fn c10_semaphore_futures_are_fused_and_named() {
    on_each(SEMAPHORE, fused_and_named);
    on_each(SEMAPHORE, inert_until_polled);
}

#[test]
fn c10_mutex_futures_are_fused_and_named() {
    on_each(MUTEX, fused_and_named);
    on_each(MUTEX, inert_until_polled);
}

#[test]
fn c10_monitor_futures_are_fused_and_named() {
    on_each(MONITOR, fused_and_named);
    on_each(MONITOR, inert_until_polled);
}

#[test]
fn c10_mailbox_futures_are_fused_and_named() {
    on_each(MAILBOX, fused_and_named);
    on_each(MAILBOX, inert_until_polled);
}

#[test]
fn c10_condvar_futures_are_fused_and_named() {
    on_each(CONDVAR, fused_and_named);
    on_each(CONDVAR, inert_until_polled);
}

#[test]
fn c10_oneshot_futures_are_fused_and_named() {
    on_each(ONESHOT, fused_and_named);
    on_each(ONESHOT, inert_until_polled);
}

#[test]
fn c10_semaphore_ready_at_the_first_poll_it_panics_at_the_second() {
    let semaphore = Arc::new(Semaphore::new(2));
    second_poll_names(semaphore.acquire(), "Acquiring");
    second_poll_names(semaphore.acquire_owned(), "Acquiring");
    second_poll_names(semaphore.acquire_many(0), "Acquiring");
    semaphore.close();
    second_poll_names(semaphore.acquire(), "Acquiring");
    second_poll_names(semaphore.closed(), "Closed");
}

#[test]
fn c10_mutex_ready_at_the_first_poll_it_panics_at_the_second() {
    let mutex = Arc::new(Mutex::new(0));
    second_poll_names(mutex.lock(), "Locking");
    second_poll_names(mutex.lock_owned(), "Locking");
}

#[test]
fn c10_monitor_ready_at_the_first_poll_it_panics_at_the_second() {
    let monitor = Arc::new(Monitor::<_, Cond>::new(0));
    second_poll_names(monitor.enter(), "Entering");
    second_poll_names(monitor.enter_owned(), "Entering");
    second_poll_names(monitor.try_enter().unwrap().wait_while(A, |_| false), "WaitingWhile");
}

#[test]
fn c10_mailbox_ready_at_the_first_poll_it_panics_at_the_second() {
    let (tx, rx) = mailbox::bounded(8);
    second_poll_names(tx.send(1), "Sending");
    second_poll_names(tx.reserve(), "Reserving");
    second_poll_names(tx.reserve_many(2), "ReservingMany");
    second_poll_names(tx.clone().reserve_owned(), "ReservingOwned");
    second_poll_names(rx.recv(), "Receiving");
    tx.try_send(2).unwrap();
    second_poll_names(rx.recv_many(&mut Vec::new(), 2), "ReceivingMany");
    tx.close();
    second_poll_names(tx.closed(), "Closed");
    second_poll_names(rx.drained(), "Drained");
    second_poll_names(tx.send(1), "Sending");
    second_poll_names(rx.recv(), "Receiving");
}
