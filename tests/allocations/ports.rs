//! C4 and C13 of mailboxes with ports.

use super::*;
use sempost::mailbox::ports::{Order, PortReceiver, Ports};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

type Ends = (Ports<u32, u64>, PortReceiver<u32, u64>);

fn fair() -> Ends {
    mailbox::ports(Order::fair())
}

#[test]
fn c04_ports_a_message_allocates_nothing() {
    let (ports, rx) = fair();
    let senders: Vec<_> = (0..10).map(|key| ports.open(key, 4).unwrap()).collect();
    let mut buffer = Vec::with_capacity(64);
    let mut pass = || {
        senders.iter().for_each(|tx| (0..4).for_each(|i| tx.try_send(i).unwrap()));
        assert_eq!(rx.try_recv(), Ok((0, 0)));
        assert_eq!(rx.try_recv_from(&7), Ok(0));
        buffer.clear();
        assert_eq!(rx.try_recv_many(&mut buffer, 64), Ok(38));
    };
    pass();
    assert_eq!(allocations(|| (0..100).for_each(|_| pass())).0, 0);
}

/// The wait of the handle, once.
#[test]
fn c04_ports_a_receiving_handle_allocates_once() {
    let ((ports, mut rx), bell) = (fair(), Bell::new());
    let tx = ports.open(1, 4).unwrap();
    let mut other = rx.clone();
    let wait = |rx: &mut PortReceiver<u32, u64>| {
        assert!(rx.poll_recv(&mut bell.context()).is_pending());
        tx.try_send(7).unwrap();
        assert_eq!(rx.poll_recv(&mut bell.context()), Poll::Ready(Some((1, 7))));
    };
    wait(&mut other);
    assert_eq!(allocations(|| wait(&mut rx)).0, 1, "the first pending poll");
    assert_eq!(allocations(|| (0..100).for_each(|_| wait(&mut rx))).0, 0, "every later one");
}

/// Catches a slot, a key or a queue that is kept for a source that is finished.
#[test]
fn c13_ports_thousands_that_come_and_go_keep_nothing() {
    let ((ports, rx), bell) = (fair(), Bell::new());
    let come_and_go = |key: u32| {
        let tx = ports.open(key, 4).unwrap();
        let mut from = common::queued(rx.recv_from(&key), &bell);
        tx.try_send(1).unwrap();
        assert_eq!(common::ready(&mut from, &bell), Some(1));
        let mut any = common::queued(rx.recv(), &bell);
        tx.try_send(2).unwrap();
        assert_eq!(common::ready(&mut any, &bell), Some((key, 2)));
        tx.try_send(3).unwrap();
        drop(tx);
        assert_eq!((rx.try_recv(), rx.try_recv().is_err()), (Ok((key, 3)), true));
    };
    (0..100).for_each(come_and_go);
    let before = BYTES.get();
    (100..5_000).for_each(come_and_go);
    assert_eq!((grown_since(before), rx.port_count(), bell.held()), (0, 0, 0));
}

/// Catches an old port that a new one of the same key leaves behind.
#[test]
fn c13_ports_a_key_that_is_opened_again_and_again_keeps_nothing() {
    let (ports, rx) = fair();
    (0..10).for_each(|_| drop(ports.open(1, 4).unwrap()));
    let before = BYTES.get();
    (0..5_000).for_each(|_| drop(ports.open(1, 4).unwrap()));
    assert_eq!((grown_since(before), rx.port_count()), (0, 1));
    assert!((0..5_000).all(|_| ports.open(1, 4).map(drop).is_ok() && rx.try_recv_from(&1).is_err()));
    drop(ports.open(1, 4).unwrap());
    assert_eq!(grown_since(before), 0);
}

/// Catches a waiter, a waker or a call that is kept of a wait that was given up.
#[test]
fn c13_ports_cancelled_waits_keep_nothing() {
    let ((ports, rx), bell) = (fair(), Bell::new());
    let tx = ports.open(1, 4).unwrap();
    let give_up = |round: u32| {
        let line = [0, 1, 2].map(|_| common::queued(rx.recv_from(&1), &bell));
        let any = [0, 1].map(|_| common::queued(rx.recv(), &bell));
        let sent = round % 2 == 0;
        if sent {
            tx.try_send(7).unwrap();
        }
        drop((any, line));
        assert_eq!(rx.try_recv().is_ok(), sent);
    };
    (0..10).for_each(give_up);
    let before = BYTES.get();
    (0..10_000).for_each(give_up);
    assert_eq!((grown_since(before), bell.held(), rx.waiting_receivers()), (0, 0, 0));
}

/// The circle of port, receiver and waker is cut when the last receiver goes, and at the end of each port.
#[test]
fn c13_ports_give_everything_back_in_the_end() {
    let count: Arc<AtomicUsize> = Arc::default();
    let bell = Bell::new();
    let before = BYTES.get();
    for receivers_first in [true, false] {
        let (ports, mut rx) = mailbox::ports::<Arc<str>, Dropped>(Order::fair());
        let mut senders = Vec::new();
        for key in 0..100 {
            senders.push(ports.open(key.to_string().into(), 4).unwrap());
        }
        let mut other = rx.clone();
        assert!(other.poll_recv(&mut bell.context()).is_pending() && rx.poll_recv(&mut bell.context()).is_pending());
        let waiting = [0, 1].map(|_| common::queued(rx.clone().recv_from_owned(&Arc::from("3")), &bell));
        for (id, tx) in (0..).zip(&senders) {
            (0..3).for_each(|_| tx.try_send(Dropped::new(id, &count)).unwrap());
        }
        drop(senders.split_off(50));
        if receivers_first {
            drop((rx, other, waiting));
            assert!(ports.is_closed() && senders.iter().all(|tx| tx.is_closed()));
            drop((ports, senders));
        } else {
            drop((ports, senders));
            drop((waiting, other, rx));
        }
    }
    assert_eq!((count.load(Ordering::SeqCst), bell.held()), (600, 0));
    assert_eq!(grown_since(before), 0);
}

#[test]
fn c13_ports_an_idle_one_costs_about_a_kilobyte() {
    let (ports, rx) = fair();
    let before = BYTES.get();
    let senders: Vec<_> = (0..1_000).map(|key| ports.open(key, 1 << 20).unwrap()).collect();
    let each = grown_since(before) / 1_000;
    assert!(each <= 1_200, "{each} bytes");
    drop((senders, rx));
}
