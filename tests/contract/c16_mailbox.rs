//! C16 on the mailbox.

use crate::common::{until, watched};
use sempost::mailbox::{self, SendError};
use std::thread;

#[test]
fn c16_mailbox_every_receiving_future_waits_on_a_thread() {
    let (tx, rx) = mailbox::bounded(8);
    watched(String::new, || {
        thread::scope(|scope| {
            let recv = scope.spawn(|| rx.recv().wait());
            let blocking = scope.spawn(|| rx.recv_blocking());
            let many = scope.spawn(|| {
                let mut taken = Vec::new();
                (rx.recv_many(&mut taken, 1).wait(), taken.len())
            });
            for i in 0..3 {
                tx.send_blocking(i).unwrap();
            }
            let (a, b) = (recv.join().unwrap().unwrap(), blocking.join().unwrap().unwrap());
            assert!(a != b && a < 3 && b < 3);
            assert_eq!(many.join().unwrap(), (1, 1));
        });
    });
    assert!(rx.is_empty());
}

#[test]
fn c16_mailbox_every_sending_future_waits_on_a_thread() {
    let (tx, rx) = mailbox::bounded(1);
    watched(String::new, || {
        thread::scope(|scope| {
            scope.spawn(|| tx.send(1).wait().unwrap());
            scope.spawn(|| tx.send_blocking(1).unwrap());
            scope.spawn(|| tx.reserve().wait().unwrap().send(1).unwrap());
            scope.spawn(|| {
                tx.reserve_many(1).wait().unwrap().for_each(|permit| permit.send(1).unwrap());
            });
            scope.spawn(|| drop(tx.clone().reserve_owned().wait().unwrap().send(1).unwrap()));
            assert_eq!((0..5).map(|_| rx.recv_blocking().unwrap()).sum::<u32>(), 5);
        });
    });
    assert!(rx.is_empty());
}

#[test]
fn c16_mailbox_close_ends_waiting_threads() {
    let (tx, rx) = mailbox::bounded::<u32>(1);
    tx.try_send(0).unwrap();
    watched(String::new, || {
        thread::scope(|scope| {
            let send = scope.spawn(|| tx.send_blocking(7));
            let closed = scope.spawn(|| tx.closed().wait());
            let drained = scope.spawn(|| rx.drained().wait());
            thread::yield_now();
            rx.close();
            assert_eq!(send.join().unwrap(), Err(SendError(7)));
            closed.join().unwrap();
            assert!(!drained.is_finished());
            assert_eq!(rx.recv_blocking(), Some(0));
            drained.join().unwrap();
            assert_eq!(rx.recv_blocking(), None);
        });
    });
}

#[test]
fn c16_mailbox_threads_meet_at_capacity_0() {
    let (tx, rx) = mailbox::bounded(0);
    watched(String::new, || {
        thread::scope(|scope| {
            scope.spawn(|| (0..1_000).for_each(|i| tx.send_blocking(i).unwrap()));
            (0..1_000).for_each(|i| assert_eq!(rx.recv_blocking(), Some(i)));
        });
    });
}

#[test]
fn c16_mailbox_a_thread_that_waits_counts_as_a_waiting_receiver() {
    let (tx, rx) = mailbox::bounded(0);
    watched(String::new, || {
        thread::scope(|scope| {
            let waiting = scope.spawn(|| rx.recv_blocking());
            until(|| tx.try_send(7).is_ok());
            assert_eq!(waiting.join().unwrap(), Some(7));
        });
    });
}
