//! Giving up a reservation, before and after it became permits.

use crate::common::{Bell, now, pending, queued, ready};
use sempost::mailbox::{self, TryRecvError, TryReserveError};

#[test]
fn a_dropped_grant_of_a_reserve_goes_to_a_waiting_send() {
    let (tx, rx) = mailbox::bounded(1);
    let (a, b) = (Bell::new(), Bell::new());
    tx.try_send(1).unwrap();
    let reserving = queued(tx.reserve(), &a);
    let mut sending = queued(tx.send(2), &b);
    assert_eq!(rx.try_recv(), Ok(1));
    drop(reserving);
    assert_eq!((a.wakes(), b.wakes()), (1, 1));
    assert_eq!(ready(&mut sending, &b), Ok(()));
}

#[test]
fn a_dropped_permit_goes_to_a_waiting_send() {
    let (tx, _rx) = mailbox::bounded(1);
    let bell = Bell::new();
    let permit = tx.try_reserve().unwrap();
    let mut sending = queued(tx.send(2), &bell);
    drop(permit);
    assert_eq!(bell.wakes(), 1);
    assert_eq!(ready(&mut sending, &bell), Ok(()));
}

#[test]
fn a_dropped_head_of_many_lets_smaller_ones_through() {
    let (tx, _rx) = mailbox::bounded(3);
    let (a, b) = (Bell::new(), Bell::new());
    tx.try_send(1).unwrap();
    let head = queued(tx.reserve_many(3), &Bell::new());
    let mut one = queued(tx.reserve(), &a);
    let mut two = queued(tx.reserve_many(2), &b);
    drop(head);
    assert_eq!((a.wakes(), b.wakes()), (1, 0));
    drop(ready(&mut one, &a).unwrap());
    assert_eq!(b.wakes(), 1);
    assert_eq!(ready(&mut two, &b).unwrap().len(), 2);
}

#[test]
fn a_dropped_grant_of_many_serves_several() {
    let (tx, rx) = mailbox::bounded(2);
    let (a, b) = (Bell::new(), Bell::new());
    tx.try_send(1).unwrap();
    tx.try_send(2).unwrap();
    let many = queued(tx.reserve_many(2), &Bell::new());
    let mut sending = queued(tx.send(3), &a);
    let mut reserving = queued(tx.reserve(), &b);
    assert_eq!((rx.try_recv(), rx.try_recv()), (Ok(1), Ok(2)));
    drop(many);
    assert_eq!((a.wakes(), b.wakes()), (1, 1));
    assert_eq!(ready(&mut sending, &a), Ok(()));
    assert!(ready(&mut reserving, &b).is_ok());
}

#[test]
fn the_rest_of_a_dropped_batch_goes_to_the_next() {
    let (tx, rx) = mailbox::bounded(3);
    let bell = Bell::new();
    let mut permits = now(tx.reserve_many(3)).unwrap();
    permits.next().unwrap().send(1).unwrap();
    let mut next = queued(tx.reserve_many(2), &bell);
    assert_eq!(permits.len(), 2);
    drop(permits);
    assert_eq!(bell.wakes(), 1);
    assert_eq!(ready(&mut next, &bell).unwrap().len(), 2);
    assert_eq!(rx.try_recv(), Ok(1));
}

#[test]
fn a_granted_reserve_is_revoked_by_close() {
    let (tx, rx) = mailbox::bounded(1);
    let bell = Bell::new();
    tx.try_send(1).unwrap();
    let mut granted = queued(tx.reserve(), &bell);
    assert_eq!(rx.try_recv(), Ok(1));
    rx.close();
    assert!(ready(&mut granted, &bell).is_err());
    assert_eq!(rx.try_recv(), Err(TryRecvError::Closed));
}

#[test]
fn a_granted_reserve_revoked_and_dropped_unseen_leaves_the_mailbox_terminal() {
    let (tx, rx) = mailbox::bounded(1);
    let (a, b) = (Bell::new(), Bell::new());
    tx.try_send(1).unwrap();
    let granted = queued(tx.reserve(), &a);
    assert_eq!(rx.try_recv(), Ok(1));
    let mut drained = queued(rx.drained(), &b);
    rx.close();
    ready(&mut drained, &b);
    drop(granted);
    assert_eq!(now(rx.recv()), None);
}

#[test]
fn a_dropped_owned_reserve_takes_its_sender_along() {
    let (tx, rx) = mailbox::bounded(1);
    let bell = Bell::new();
    tx.try_send(1).unwrap();
    let reserving = queued(tx.clone().reserve_owned(), &bell);
    assert_eq!(rx.sender_count(), 2);
    drop(reserving);
    assert_eq!(rx.sender_count(), 1);
}

#[test]
fn the_last_owned_reserve_dropped_in_line_closes_the_mailbox() {
    let (tx, rx) = mailbox::bounded(1);
    let bell = Bell::new();
    tx.try_send(1).unwrap();
    let reserving = queued(tx.reserve_owned(), &Bell::new());
    assert_eq!(rx.try_recv(), Ok(1));
    let mut waiting = queued(rx.recv(), &bell);
    drop(reserving);
    assert_eq!(bell.wakes(), 1);
    assert_eq!(ready(&mut waiting, &bell), None);
}

#[test]
fn an_unpolled_owned_reserve_dropped_closes_the_mailbox() {
    let (tx, rx) = mailbox::bounded::<u32>(1);
    let bell = Bell::new();
    let mut waiting = queued(rx.recv(), &bell);
    drop(tx.reserve_owned());
    assert_eq!(ready(&mut waiting, &bell), None);
}

#[test]
fn a_dropped_owned_permit_gives_its_slot_and_its_sender_up() {
    let (tx, rx) = mailbox::bounded(1);
    let bell = Bell::new();
    let other = tx.clone();
    let permit = now(tx.reserve_owned()).unwrap();
    assert_eq!(rx.sender_count(), 2, "an owned permit counts as a sender");
    let mut sending = queued(other.send(2), &bell);
    drop(permit);
    assert_eq!((rx.sender_count(), bell.wakes()), (1, 1));
    assert_eq!(ready(&mut sending, &bell), Ok(()));
}

#[test]
fn at_capacity_0_a_reserve_in_line_that_is_dropped_sets_nobody_aside() {
    let (tx, rx) = mailbox::bounded(0);
    let bell = Bell::new();
    drop(queued(tx.reserve(), &Bell::new()));
    let mut waiting = queued(rx.recv(), &bell);
    assert_eq!(tx.try_send(1), Ok(()));
    assert_eq!(ready(&mut waiting, &bell), Some(1));
}

#[test]
fn at_capacity_0_a_dropped_permit_gives_its_receiver_back() {
    let (tx, rx) = mailbox::bounded(0);
    let bell = Bell::new();
    let mut waiting = queued(rx.recv(), &bell);
    let permit = tx.try_reserve().unwrap();
    assert!(tx.try_send(1).is_err(), "the receiver is set aside");
    drop(permit);
    pending(&mut waiting, &bell);
    assert_eq!(tx.try_send(1), Ok(()));
    assert_eq!(ready(&mut waiting, &bell), Some(1));
}

#[test]
fn a_reserve_dropped_in_line_leaves_the_mailbox_as_full_as_it_was() {
    let (tx, rx) = mailbox::bounded(1);
    tx.try_send(1).unwrap();
    drop(queued(tx.reserve(), &Bell::new()));
    assert!(matches!(tx.try_reserve(), Err(TryReserveError::Full)));
    assert_eq!((rx.len(), rx.remaining()), (1, 0));
}
