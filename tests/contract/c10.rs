//! C10: a future that is ready at its first poll panics by name when it is polled again. What holds after a wait is in
//! `futures.rs`, that they are `!Unpin` and have names in `tests/api/types`.

use crate::common::lines::Cond::{self, A};
use crate::common::second_poll_names;
use sempost::{Monitor, Mutex, Semaphore, mailbox};
use std::sync::Arc;

#[test]
fn c10_semaphore_ready_at_the_first_poll_it_panics_at_the_second() {
    let semaphore = Arc::new(Semaphore::new(2));
    second_poll_names(semaphore.acquire(), "Acquiring");
    second_poll_names(semaphore.acquire_owned(), "Acquiring");
    second_poll_names(semaphore.acquire_many(0), "Acquiring");
    semaphore.close();
    second_poll_names(semaphore.acquire(), "Acquiring");
    second_poll_names(semaphore.closed(), "AwaitingClosed");
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
    second_poll_names(monitor.enter_when(|_| true), "EnteringWhen");
    second_poll_names(monitor.enter_when_owned(|_| true), "EnteringWhen");
    second_poll_names(monitor.try_enter().unwrap().wait_for(|_| true), "WaitingFor");
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
    tx.close_mailbox();
    second_poll_names(tx.closed(), "AwaitingClosed");
    second_poll_names(rx.drained(), "AwaitingDrained");
    second_poll_names(tx.send(1), "Sending");
    second_poll_names(rx.recv(), "Receiving");
}
