//! The counts of a mailbox: one snapshot, in which claims, grants and permits have their places.

use crate::common::{Bell, now, queued, ready};
use sempost::mailbox::{self, Receiver, Sender, TryRecvError};

/// `len`, `remaining`, `is_empty`, `is_full`, the same on both ends.
fn counts<T>(tx: &Sender<T>, rx: &Receiver<T>) -> (usize, usize, bool, bool) {
    let at_sender = (tx.len(), tx.remaining(), tx.is_empty(), tx.is_full());
    assert_eq!(at_sender, (rx.len(), rx.remaining(), rx.is_empty(), rx.is_full()));
    at_sender
}

#[test]
fn queued_messages_count() {
    let (tx, rx) = mailbox::bounded(2);
    assert_eq!(counts(&tx, &rx), (0, 2, true, false));
    tx.try_send(1).unwrap();
    assert_eq!(counts(&tx, &rx), (1, 1, false, false));
    tx.try_send(2).unwrap();
    assert_eq!(counts(&tx, &rx), (2, 0, false, true));
}

#[test]
fn claimed_messages_count_as_queued() {
    let (tx, rx) = mailbox::bounded(1);
    let bell = Bell::new();
    let mut claimed = queued(rx.recv(), &bell);
    tx.try_send(1).unwrap();
    assert_eq!(counts(&tx, &rx), (1, 0, false, true));
    ready(&mut claimed, &bell);
    assert_eq!(counts(&tx, &rx), (0, 1, true, false));
}

#[test]
fn live_permits_use_slots_but_are_no_messages() {
    let (tx, rx) = mailbox::bounded(3);
    let permits = tx.try_reserve_many(2).unwrap();
    assert_eq!(counts(&tx, &rx), (0, 1, true, false));
    let one = tx.try_reserve().unwrap();
    assert_eq!(counts(&tx, &rx), (0, 0, true, true));
    one.send(1).unwrap();
    assert_eq!(counts(&tx, &rx), (1, 0, false, true));
    drop(permits);
    assert_eq!(counts(&tx, &rx), (1, 2, false, false));
}

#[test]
fn capacity_grants_use_slots() {
    let (tx, rx) = mailbox::bounded(1);
    let bell = Bell::new();
    tx.try_send(1).unwrap();
    let mut granted = queued(tx.send(2), &bell);
    assert_eq!(rx.try_recv(), Ok(1));
    assert_eq!(counts(&tx, &rx), (0, 0, true, true));
    ready(&mut granted, &bell).unwrap();
    assert_eq!(counts(&tx, &rx), (1, 0, false, true));
}

#[test]
fn senders_in_line_use_no_slots() {
    let (tx, rx) = mailbox::bounded(2);
    tx.try_send(1).unwrap();
    let _waiting = queued(tx.reserve_many(2), &Bell::new());
    assert_eq!(counts(&tx, &rx), (1, 1, false, false));
}

#[test]
fn at_capacity_0_it_is_empty_and_full() {
    let (tx, rx) = mailbox::bounded::<u32>(0);
    assert_eq!(counts(&tx, &rx), (0, 0, true, true));
    let _parked = queued(tx.send(1), &Bell::new());
    assert_eq!(counts(&tx, &rx), (0, 0, true, true));
}

#[test]
fn an_unbounded_mailbox_is_never_full() {
    let (tx, rx) = mailbox::unbounded();
    (0..100).for_each(|i| tx.try_send(i).unwrap());
    assert_eq!((tx.capacity(), tx.len(), rx.is_full(), rx.is_empty()), (None, 100, false, false));
    assert!(tx.remaining() > 1 << 20);
    let permits = tx.try_reserve_many(5).unwrap();
    assert_eq!(permits.map(|permit| permit.send(0)).filter(Result::is_ok).count(), 5);
}

#[test]
fn capacity_is_exact_and_independent_of_the_number_of_senders() {
    let (tx, rx) = mailbox::bounded(3);
    let senders: Vec<_> = (0..10).map(|_| tx.clone()).collect();
    assert_eq!(senders.iter().filter(|tx| tx.try_send(1).is_ok()).count(), 3);
    assert_eq!((tx.sender_count(), rx.capacity()), (11, Some(3)));
}

#[test]
fn handles_are_counted() {
    let (tx, rx) = mailbox::bounded::<u32>(1);
    assert_eq!((tx.sender_count(), tx.receiver_count()), (1, 1));
    let (tx2, rx2, rx3) = (tx.clone(), rx.clone(), rx.clone());
    assert_eq!((rx.sender_count(), rx.receiver_count()), (2, 3));
    drop((tx2, rx2));
    assert_eq!((rx3.sender_count(), tx.receiver_count()), (1, 2));
    let permit = now(tx.clone().reserve_owned()).unwrap();
    assert_eq!(rx.sender_count(), 2);
    drop(permit.release());
    assert_eq!(rx.sender_count(), 1);
}

#[test]
fn weak_handles_are_not_counted_and_come_back_while_the_end_lives() {
    let (tx, rx) = mailbox::bounded::<u32>(1);
    let (weak_tx, weak_rx) = (tx.downgrade(), rx.downgrade());
    assert_eq!((tx.sender_count(), tx.receiver_count()), (1, 1));
    let second = weak_tx.upgrade().unwrap();
    assert!(second.same_mailbox(&tx));
    assert_eq!(tx.sender_count(), 2);
    drop((tx, second));
    assert!(weak_tx.upgrade().is_none());
    assert!(rx.is_closed());
    assert_eq!(weak_rx.upgrade().unwrap().receiver_count(), 2);
}

#[test]
fn a_weak_handle_of_a_closed_mailbox_still_comes_back() {
    let (tx, rx) = mailbox::bounded(2);
    tx.try_send(1).unwrap();
    let weak = rx.downgrade();
    tx.close_mailbox();
    assert_eq!(weak.upgrade().unwrap().try_recv(), Ok(1));
    assert!(tx.downgrade().upgrade().is_some());
}

#[test]
fn try_recv_takes_only_above_the_claims() {
    let (tx, rx) = mailbox::bounded(4);
    let (a, b) = (Bell::new(), Bell::new());
    let mut first = queued(rx.recv(), &a);
    let mut second = queued(rx.recv(), &b);
    (1..=3).for_each(|i| tx.try_send(i).unwrap());
    assert_eq!(rx.try_recv(), Ok(1), "one is not claimed");
    assert_eq!(rx.try_recv(), Err(TryRecvError::Empty));
    assert_eq!((ready(&mut first, &a), ready(&mut second, &b)), (Some(2), Some(3)));
}

#[test]
fn try_recv_many_takes_only_above_the_claims() {
    let (tx, rx) = mailbox::bounded(4);
    let bell = Bell::new();
    let mut claimed = queued(rx.recv(), &bell);
    (1..=4).for_each(|i| tx.try_send(i).unwrap());
    let mut taken = vec![];
    assert_eq!(rx.try_recv_many(&mut taken, 9), Ok(3));
    assert_eq!((taken, ready(&mut claimed, &bell)), (vec![1, 2, 3], Some(4)));
}

#[test]
fn recv_many_takes_up_to_the_limit_in_order() {
    let (tx, rx) = mailbox::bounded(5);
    (0..5).for_each(|i| tx.try_send(i).unwrap());
    let mut taken = vec![9];
    assert_eq!(now(rx.recv_many(&mut taken, 3)), 3);
    assert_eq!(now(rx.recv_many(&mut taken, 3)), 2);
    assert_eq!(taken, [9, 0, 1, 2, 3, 4]);
}

#[test]
fn recv_many_of_nothing_says_nothing_about_the_end() {
    let (tx, rx) = mailbox::bounded::<u32>(1);
    let mut taken = Vec::new();
    assert_eq!(now(rx.recv_many(&mut taken, 0)), 0);
    tx.try_send(1).unwrap();
    assert_eq!(now(rx.recv_many(&mut taken, 0)), 0);
    assert_eq!(rx.len(), 1);
    tx.close_mailbox();
    assert_eq!(now(rx.recv_many(&mut taken, 1)), 1);
    assert_eq!(now(rx.recv_many(&mut taken, 1)), 0, "closed");
}

#[test]
fn a_waiting_recv_many_takes_more_than_it_was_woken_for() {
    let (tx, rx) = mailbox::bounded(5);
    let (bell, mut taken) = (Bell::new(), Vec::new());
    let mut waiting = queued(rx.recv_many(&mut taken, 3), &bell);
    (0..5).for_each(|i| tx.try_send(i).unwrap());
    let n = ready(&mut waiting, &bell);
    drop(waiting);
    assert!((1..=3).contains(&n));
    assert_eq!(taken, (0..n).collect::<Vec<_>>());
    assert_eq!(rx.len(), 5 - n);
}
