//! `force_send` evicts the oldest message, claimed or not.

use crate::common::{Bell, now, queued, ready};
use sempost::mailbox::{self, TrySendError};

#[test]
fn with_room_it_evicts_nothing() {
    let (tx, rx) = mailbox::bounded(2);
    assert_eq!((tx.force_send(1), tx.force_send(2)), (Ok(None), Ok(None)));
    assert_eq!((rx.try_recv(), rx.try_recv()), (Ok(1), Ok(2)));
}

#[test]
fn without_room_it_evicts_the_oldest() {
    let (tx, rx) = mailbox::bounded(2);
    tx.try_send(1).unwrap();
    tx.try_send(2).unwrap();
    assert_eq!(tx.force_send(3), Ok(Some(1)));
    assert_eq!(rx.len(), 2);
    assert_eq!((rx.try_recv(), rx.try_recv()), (Ok(2), Ok(3)));
}

#[test]
fn a_claimed_message_may_be_evicted_and_the_claim_holds() {
    let (tx, rx) = mailbox::bounded(1);
    let bell = Bell::new();
    let mut claimed = queued(rx.recv(), &bell);
    tx.try_send(1).unwrap();
    assert_eq!(tx.force_send(2), Ok(Some(1)));
    assert_eq!((bell.wakes(), rx.len()), (1, 1));
    assert_eq!(ready(&mut claimed, &bell), Some(2));
}

#[test]
fn it_wakes_a_waiting_receiver() {
    let (tx, rx) = mailbox::bounded(1);
    let bell = Bell::new();
    let mut waiting = queued(rx.recv(), &bell);
    assert_eq!(tx.force_send(1), Ok(None));
    assert_eq!((bell.wakes(), ready(&mut waiting, &bell)), (1, Some(1)));
}

#[test]
fn it_answers_full_when_every_slot_is_reserved() {
    let (tx, rx) = mailbox::bounded(2);
    let permits = tx.try_reserve_many(2).unwrap();
    assert_eq!(tx.force_send(1), Err(TrySendError::Full(1)));
    drop(permits);
    assert_eq!(tx.force_send(1), Ok(None));
    assert_eq!(rx.len(), 1);
}

#[test]
fn it_evicts_beside_a_reserved_slot() {
    let (tx, rx) = mailbox::bounded(2);
    tx.try_send(1).unwrap();
    let permit = tx.try_reserve().unwrap();
    assert_eq!(tx.force_send(2), Ok(Some(1)));
    permit.send(3).unwrap();
    assert_eq!((rx.try_recv(), rx.try_recv()), (Ok(2), Ok(3)));
}

#[test]
fn it_answers_full_when_every_slot_is_granted() {
    let (tx, rx) = mailbox::bounded(1);
    tx.try_send(1).unwrap();
    let _granted = queued(tx.send(2), &Bell::new());
    rx.try_recv().unwrap();
    assert_eq!(tx.force_send(3), Err(TrySendError::Full(3)));
}

#[test]
fn it_is_no_help_to_waiting_senders() {
    let (tx, rx) = mailbox::bounded(1);
    tx.try_send(1).unwrap();
    let bell = Bell::new();
    let mut waiting = queued(tx.send(2), &bell);
    assert_eq!(tx.force_send(3), Ok(Some(1)));
    assert_eq!(bell.wakes(), 0);
    assert_eq!(rx.try_recv(), Ok(3));
    ready(&mut waiting, &bell).unwrap();
}

#[test]
fn on_an_unbounded_mailbox_it_never_evicts() {
    let (tx, rx) = mailbox::unbounded();
    (0..1_000).for_each(|i| assert_eq!(tx.force_send(i), Ok(None)));
    assert_eq!((rx.len(), now(rx.recv())), (1_000, Some(0)));
}

#[test]
fn on_a_closed_mailbox_it_gives_the_value_back() {
    let (tx, rx) = mailbox::bounded(1);
    tx.try_send(1).unwrap();
    rx.close();
    assert_eq!(tx.force_send(2), Err(TrySendError::Closed(2)));
    assert_eq!(rx.try_recv(), Ok(1));
}
