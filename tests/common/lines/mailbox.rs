//! The lines of the mailbox.

use super::{Line, leak};
use sempost::mailbox::{self, Receiver, Sender};
use std::future::pending;

fn bounded<T>(capacity: usize) -> (&'static Sender<T>, &'static Receiver<T>) {
    let (tx, rx) = mailbox::bounded(capacity);
    (leak(tx), leak(rx))
}

/// Passes a message, so that the mailbox has its spare block.
fn warm(tx: &Sender<u32>, rx: &Receiver<u32>) {
    tx.try_send(0).unwrap();
    rx.try_recv().unwrap();
}

/// A mailbox whose `capacity` slots are all taken.
fn full(capacity: usize) -> (&'static Sender<u32>, &'static Receiver<u32>) {
    let (tx, rx) = bounded(capacity);
    (0..capacity).for_each(|i| tx.try_send(i as u32).unwrap());
    (tx, rx)
}

/// Comes back without taking or leaving a message.
fn touch(tx: &Sender<u32>, rx: &Receiver<u32>) {
    drop(tx.try_reserve());
    drop(tx.try_reserve_many(1));
    let counts = (tx.len(), rx.remaining(), tx.is_full(), rx.sender_count(), tx.is_closed());
    assert!(!format!("{tx:?} {rx:?} {counts:?}").is_empty());
    let (tx, rx) = (tx.clone(), rx.clone());
    drop(super::super::poll(&mut Box::pin(tx.reserve()), &super::Bell::new()));
    let none = &mut Vec::new();
    assert!(rx.try_recv_many(none, 0).is_ok() || rx.is_closed());
}

pub fn sending() -> Line {
    let (tx, rx) = full(2);
    let take = || assert!(rx.try_recv().is_ok());
    Line::new("Sending", || tx.send(7), take).next(take).waiters(|| tx.waiting_senders()).touch(|| touch(tx, rx))
}

pub fn reserving() -> Line {
    let (tx, rx) = full(1);
    Line::new("Reserving", || tx.reserve(), || assert!(rx.try_recv().is_ok()))
        .waiters(|| tx.waiting_senders())
        .touch(|| touch(tx, rx))
}

pub fn reserving_many() -> Line {
    let (tx, rx) = full(2);
    let take = || {
        assert!(rx.try_recv().is_ok());
        assert!(rx.try_recv().is_ok());
    };
    Line::new("ReservingMany", || tx.reserve_many(2), take).waiters(|| tx.waiting_senders()).touch(|| touch(tx, rx))
}

pub fn reserving_owned() -> Line {
    let (tx, rx) = full(1);
    let make = || tx.clone().reserve_owned();
    Line::new("ReservingOwned", make, || assert!(rx.try_recv().is_ok()))
        .waiters(|| tx.waiting_senders())
        .touch(|| touch(tx, rx))
}

pub fn receiving() -> Line {
    let (tx, rx) = bounded(4);
    warm(tx, rx);
    let send = || tx.try_send(7).unwrap();
    Line::new("Receiving", || rx.recv(), send).next(send).waiters(|| tx.waiting_receivers()).touch(|| touch(tx, rx))
}

pub fn receiving_unbounded() -> Line {
    let (tx, rx) = mailbox::unbounded();
    let (tx, rx) = (leak(tx), leak(rx));
    warm(tx, rx);
    let send = || tx.try_send(7).unwrap();
    Line::new("Receiving", || rx.recv(), send).next(send).waiters(|| tx.waiting_receivers()).touch(|| touch(tx, rx))
}

pub fn receiving_many() -> Line {
    let (tx, rx) = bounded(4);
    let send = || tx.try_send(7).unwrap();
    Line::new("ReceivingMany", || rx.recv_many(leak(Vec::new()), 3), send)
        .next(send)
        .waiters(|| tx.waiting_receivers())
        .touch(|| touch(tx, rx))
}

pub fn sending_until() -> Line {
    let (tx, rx) = full(2);
    let take = || assert!(rx.try_recv().is_ok());
    Line::new("Until", || tx.send(7).until(pending::<()>()), take)
        .next(take)
        .waiters(|| tx.waiting_senders())
        .touch(|| touch(tx, rx))
}

pub fn sending_owned() -> Line {
    let (tx, rx) = full(2);
    let take = || assert!(rx.try_recv().is_ok());
    Line::new("SendingOwned", || tx.clone().send_owned(7), take)
        .next(take)
        .waiters(|| tx.waiting_senders())
        .touch(|| touch(tx, rx))
}

pub fn sending_many() -> Line {
    let (tx, rx) = full(2);
    let take = || assert!(rx.try_recv().is_ok());
    Line::new("SendingMany", || tx.send_many([7]), take)
        .next(take)
        .waiters(|| tx.waiting_senders())
        .touch(|| touch(tx, rx))
}

pub fn reserving_until() -> Line {
    let (tx, rx) = full(1);
    Line::new("Until", || tx.reserve().until(pending::<()>()), || assert!(rx.try_recv().is_ok()))
        .waiters(|| tx.waiting_senders())
        .touch(|| touch(tx, rx))
}

pub fn receiving_until() -> Line {
    let (tx, rx) = bounded(4);
    warm(tx, rx);
    let send = || tx.try_send(7).unwrap();
    Line::new("Until", || rx.recv().until(pending::<()>()), send)
        .next(send)
        .waiters(|| tx.waiting_receivers())
        .touch(|| touch(tx, rx))
}

pub fn receiving_owned() -> Line {
    let (tx, rx) = bounded(4);
    warm(tx, rx);
    let send = || tx.try_send(7).unwrap();
    Line::new("ReceivingOwned", || rx.clone().recv_owned(), send)
        .next(send)
        .waiters(|| tx.waiting_receivers())
        .touch(|| touch(tx, rx))
}

pub fn closed_mailbox() -> Line {
    let (tx, rx) = bounded::<u32>(1);
    Line::new("AwaitingClosed", || tx.closed(), || assert!(rx.close())).all().touch(|| touch(tx, rx))
}

pub fn drained() -> Line {
    let (tx, rx) = full(1);
    tx.close_mailbox();
    Line::new("AwaitingDrained", || rx.drained(), || assert!(rx.try_recv().is_ok())).all().touch(|| touch(tx, rx))
}

/// The lines of the mailbox.
pub const MAILBOX: &[fn() -> Line] = &[
    sending,
    reserving,
    reserving_many,
    reserving_owned,
    receiving,
    receiving_unbounded,
    receiving_many,
    sending_until,
    sending_owned,
    sending_many,
    reserving_until,
    receiving_until,
    receiving_owned,
    closed_mailbox,
    drained,
];
