//! The lines of the mailbox with credits.

use super::{Line, leak};
use sempost::mailbox;
use sempost::mailbox::credits::{CreditReceiver, CreditSender};
use std::future::pending;

/// A mailbox whose `limit` credits are all held, by messages of one credit each.
fn spent(limit: usize) -> (&'static CreditSender<u32>, &'static CreditReceiver<u32>) {
    let (tx, rx) = idle(limit);
    (0..limit).for_each(|i| tx.try_send(i as u32).unwrap());
    (tx, rx)
}

/// A mailbox with nothing in it but a spare block.
fn idle(limit: usize) -> (&'static CreditSender<u32>, &'static CreditReceiver<u32>) {
    let (tx, rx) = mailbox::credits(limit, |_| 1);
    tx.try_send(0).unwrap();
    drop(rx.try_recv().unwrap());
    (leak(tx), leak(rx))
}

/// Comes back without taking or leaving a message.
fn touch(tx: &CreditSender<u32>, rx: &CreditReceiver<u32>) {
    drop(tx.try_reserve(1));
    drop(tx.try_reserve(usize::MAX));
    drop(tx.clone().try_reserve_owned(1));
    let counts = (tx.len(), tx.leased(), tx.granted_credits(), rx.sender_count(), tx.is_closed());
    assert!(!format!("{tx:?} {rx:?} {counts:?}").is_empty());
    let (tx, rx) = (tx.clone(), rx.clone());
    drop(super::super::poll(&mut Box::pin(tx.reserve(1)), &super::Bell::new()));
    assert!(rx.try_recv_many(&mut Vec::new(), 0).is_ok() || rx.is_closed());
}

pub fn sending_for_credits() -> Line {
    let (tx, rx) = spent(2);
    let finish = || drop(rx.try_recv().unwrap());
    Line::new("CreditSending", || tx.send(7), finish)
        .next(finish)
        .waiters(|| tx.waiting_senders())
        .touch(|| touch(tx, rx))
}

/// Each is heavier than the limit.
pub fn sending_alone() -> Line {
    let (tx, rx) = mailbox::credits(3, |_| usize::MAX);
    let (tx, rx) = (leak(tx), leak(rx));
    tx.try_send(0).unwrap();
    let finish = || drop(rx.try_recv().unwrap());
    Line::new("CreditSending", || tx.send(7), finish)
        .next(finish)
        .waiters(|| tx.waiting_senders())
        .touch(|| touch(tx, rx))
}

pub fn sending_for_credits_owned() -> Line {
    let (tx, rx) = spent(2);
    let finish = || drop(rx.try_recv().unwrap());
    Line::new("CreditSendingOwned", || tx.clone().send_owned(7), finish)
        .next(finish)
        .waiters(|| tx.waiting_senders())
        .touch(|| touch(tx, rx))
}

pub fn sending_for_credits_until() -> Line {
    let (tx, rx) = spent(2);
    let finish = || drop(rx.try_recv().unwrap());
    Line::new("Until", || tx.send(7).until(pending::<()>()), finish)
        .next(finish)
        .waiters(|| tx.waiting_senders())
        .touch(|| touch(tx, rx))
}

pub fn reserving_credits() -> Line {
    let (tx, rx) = spent(2);
    let both = || (0..2).for_each(|_| drop(rx.try_recv().unwrap()));
    Line::new("CreditReserving", || tx.reserve(2), both).waiters(|| tx.waiting_senders()).touch(|| touch(tx, rx))
}

pub fn reserving_credits_owned() -> Line {
    let (tx, rx) = spent(2);
    let both = || (0..2).for_each(|_| drop(rx.try_recv().unwrap()));
    let make = || tx.clone().reserve_owned(2);
    Line::new("CreditReservingOwned", make, both).waiters(|| tx.waiting_senders()).touch(|| touch(tx, rx))
}

pub fn reserving_credits_until() -> Line {
    let (tx, rx) = spent(1);
    let make = || tx.reserve(1).until(pending::<()>());
    Line::new("Until", make, || drop(rx.try_recv().unwrap())).waiters(|| tx.waiting_senders()).touch(|| touch(tx, rx))
}

pub fn receiving_leases() -> Line {
    let (tx, rx) = idle(4);
    let send = || tx.try_send(7).unwrap();
    Line::new("Receiving", || rx.recv(), send).next(send).waiters(|| tx.waiting_receivers()).touch(|| touch(tx, rx))
}

pub fn receiving_leases_owned() -> Line {
    let (tx, rx) = idle(4);
    let send = || tx.try_send(7).unwrap();
    Line::new("CreditReceivingOwned", || rx.clone().recv_owned(), send)
        .next(send)
        .waiters(|| tx.waiting_receivers())
        .touch(|| touch(tx, rx))
}

pub fn receiving_leases_owned_until() -> Line {
    let (tx, rx) = idle(4);
    let send = || tx.try_send(7).unwrap();
    Line::new("Until", || rx.clone().recv_owned().until(pending::<()>()), send)
        .next(send)
        .waiters(|| tx.waiting_receivers())
        .touch(|| touch(tx, rx))
}

pub fn closed_credits() -> Line {
    let (tx, rx) = idle(1);
    Line::new("AwaitingClosed", || tx.closed(), || assert!(rx.close())).all().touch(|| touch(tx, rx))
}

pub fn drained_credits() -> Line {
    let (tx, rx) = spent(1);
    tx.close_mailbox();
    Line::new("AwaitingDrained", || rx.drained(), || drop(rx.try_recv().unwrap())).all().touch(|| touch(tx, rx))
}

/// The lines of the mailbox with credits.
pub const CREDITS: &[fn() -> Line] = &[
    sending_for_credits,
    sending_alone,
    sending_for_credits_owned,
    sending_for_credits_until,
    reserving_credits,
    reserving_credits_owned,
    reserving_credits_until,
    receiving_leases,
    receiving_leases_owned,
    receiving_leases_owned_until,
    closed_credits,
    drained_credits,
];
