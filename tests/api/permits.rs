//! Send permits: a slot in hand.

use crate::common::{Bell, now, queued, ready};
use sempost::mailbox::{self, SendError, TryReserveError, TrySendError};

#[test]
fn a_permit_always_sends_while_a_receiver_is_left() {
    let (tx, rx) = mailbox::bounded(1);
    let permit = now(tx.reserve()).unwrap();
    assert!(tx.try_send(9).is_err());
    permit.send(1).unwrap();
    assert_eq!(rx.try_recv(), Ok(1));
}

#[test]
fn a_permit_sent_wakes_a_receiver() {
    let (tx, rx) = mailbox::bounded(1);
    let permit = now(tx.reserve()).unwrap();
    let bell = Bell::new();
    let mut waiting = queued(rx.recv(), &bell);
    permit.send(1).unwrap();
    assert_eq!((bell.wakes(), ready(&mut waiting, &bell)), (1, Some(1)));
}

#[test]
fn the_place_in_the_queue_is_taken_by_the_send_not_by_the_permit() {
    let (tx, rx) = mailbox::bounded(2);
    let permit = now(tx.reserve()).unwrap();
    tx.try_send(1).unwrap();
    permit.send(2).unwrap();
    assert_eq!((rx.try_recv(), rx.try_recv()), (Ok(1), Ok(2)));
}

#[test]
fn reserve_many_yields_so_many_permits() {
    let (tx, rx) = mailbox::bounded(3);
    let permits = now(tx.reserve_many(3)).unwrap();
    assert_eq!((permits.len(), permits.size_hint()), (3, (3, Some(3))));
    permits.zip(0..).for_each(|(permit, i)| permit.send(i).unwrap());
    assert_eq!((rx.try_recv(), rx.try_recv(), rx.try_recv()), (Ok(0), Ok(1), Ok(2)));
}

#[test]
fn reserving_nothing_succeeds_at_once_unless_closed() {
    let (tx, rx) = mailbox::bounded(1);
    tx.try_send(1).unwrap();
    let _line = queued(tx.reserve(), &Bell::new());
    assert_eq!(now(tx.reserve_many(0)).unwrap().len(), 0);
    assert_eq!(tx.try_reserve_many(0).unwrap().len(), 0);
    rx.close();
    assert!(now(tx.reserve_many(0)).is_err());
    assert!(matches!(tx.try_reserve_many(0), Err(TryReserveError::Closed)));
}

#[test]
fn permits_of_a_batch_may_outlive_the_iterator() {
    let (tx, rx) = mailbox::bounded(3);
    let mut permits = now(tx.reserve_many(3)).unwrap();
    let first = permits.next().unwrap();
    drop(permits);
    assert_eq!(tx.remaining(), 2);
    first.send(1).unwrap();
    assert_eq!(rx.try_recv(), Ok(1));
}

#[test]
fn an_owned_permit_gives_the_sender_back() {
    let (tx, rx) = mailbox::bounded(1);
    let permit = now(tx.reserve_owned()).unwrap();
    assert_eq!(rx.sender_count(), 1);
    let tx = permit.send(1).unwrap();
    assert_eq!(rx.try_recv(), Ok(1));
    let tx = tx.try_reserve_owned().map_err(|(_, error)| error).unwrap().release();
    assert_eq!((tx.remaining(), rx.sender_count(), rx.is_closed()), (1, 1, false));
}

#[test]
fn an_owned_permit_that_cannot_send_gives_message_and_sender_back() {
    let (tx, rx) = mailbox::bounded(1);
    let permit = now(tx.reserve_owned()).unwrap();
    let weak = rx.downgrade();
    drop(rx);
    let (tx, refused) = permit.send(1).unwrap_err();
    assert_eq!((refused, tx.sender_count(), tx.is_closed()), (SendError(1), 1, true));
    assert_eq!(tx.try_send(2), Err(TrySendError::Closed(2)));
    assert!(weak.upgrade().is_none());
}

#[test]
fn a_released_owned_permit_wakes_the_next_sender() {
    let (tx, _rx) = mailbox::bounded(1);
    let permit = now(tx.clone().reserve_owned()).unwrap();
    let bell = Bell::new();
    let mut waiting = queued(tx.send(1), &bell);
    drop(permit.release());
    assert_eq!(bell.wakes(), 1);
    ready(&mut waiting, &bell).unwrap();
}

#[test]
fn the_last_owned_permit_dropped_closes() {
    let (tx, rx) = mailbox::bounded::<u32>(1);
    let bell = Bell::new();
    let mut waiting = queued(rx.recv(), &bell);
    let permit = now(tx.reserve_owned()).unwrap();
    assert_eq!(bell.wakes(), 0);
    drop(permit);
    assert_eq!((bell.wakes(), ready(&mut waiting, &bell)), (1, None));
}

#[test]
fn a_waiting_reserve_may_be_served_by_an_eviction_free_mailbox_only_when_a_slot_is_free() {
    let (tx, rx) = mailbox::bounded(1);
    let bell = Bell::new();
    tx.try_send(1).unwrap();
    let mut reserving = queued(tx.reserve(), &bell);
    tx.force_send(2).unwrap();
    assert_eq!(bell.wakes(), 0);
    assert_eq!(rx.try_recv(), Ok(2));
    ready(&mut reserving, &bell).unwrap().send(3).unwrap();
    assert_eq!(rx.try_recv(), Ok(3));
}

#[test]
fn a_poll_reserve_gives_permits_one_after_the_other() {
    let (mut tx, rx) = mailbox::bounded(2);
    let bell = Bell::new();
    for i in 0..2 {
        let permit = crate::common::expect_ready(tx.poll_reserve(&mut bell.context())).unwrap();
        permit.send(i).unwrap();
    }
    assert!(tx.poll_reserve(&mut bell.context()).is_pending());
    assert_eq!(rx.try_recv(), Ok(0));
    assert_eq!(bell.wakes(), 1);
    rx.close();
    assert!(crate::common::expect_ready(tx.poll_reserve(&mut bell.context())).is_err());
}

#[test]
fn no_more_slots_of_an_unbounded_mailbox_are_reserved_than_can_be_counted() {
    let (tx, rx) = mailbox::unbounded();
    let mut permits = Vec::new();
    while let Ok(more) = tx.try_reserve_many(mailbox::MAX_CAPACITY) {
        permits.push(more);
        assert!(permits.len() <= 7, "eight times as many wrap");
    }
    tx.try_send(1).unwrap();
    rx.close();
    assert_eq!((rx.try_recv(), rx.try_recv()), (Ok(1), Err(mailbox::TryRecvError::Empty)));
    drop(permits);
    assert_eq!(rx.try_recv(), Err(mailbox::TryRecvError::Closed));
}
