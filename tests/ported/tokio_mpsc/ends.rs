//! How it ends: closed, dropped, with permits out, with messages left.

use crate::common::{Bell, Dropped, now, panic_message, queued, ready, with};
use crate::open;
use sempost::mailbox::{self, Receiver, SendError, TryRecvError, TryReserveError, TrySendError};
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::SeqCst;

/// Closes a mailbox with a permit out, and insists that the receiver waits until `end`, and then gets `last`.
fn ends_with<T>(rx: &Receiver<()>, last: Option<()>, end: impl FnOnce() -> T) {
    rx.close();
    let bell = Bell::new();
    let mut waiting = queued(rx.recv(), &bell);
    let _sender = end();
    assert_eq!((bell.wakes(), ready(&mut waiting, &bell)), (1, last));
}

/// sync_mpsc: recv_close_gets_none_idle
#[test]
fn a_closed_mailbox_that_is_idle_is_at_its_end() {
    let (tx, rx) = mailbox::bounded(10);
    rx.close();
    assert_eq!((now(rx.recv()), now(tx.send(1))), (None, Err(SendError(1))));
}

/// sync_mpsc: recv_close_gets_none_reserved
#[test]
fn close_refuses_who_waits_and_lets_a_permit_send() {
    let (tx, rx) = mailbox::bounded(1);
    let permit = now(tx.reserve()).unwrap();
    let (refused, receiver) = (Bell::new(), Bell::new());
    let mut waiting = queued(tx.reserve(), &refused);
    rx.close();
    assert_eq!(refused.wakes(), 1);
    assert!(ready(&mut waiting, &refused).is_err());
    let mut receiving = queued(rx.recv(), &receiver);
    permit.send(123).unwrap();
    assert_eq!((receiver.wakes(), ready(&mut receiving, &receiver)), (1, Some(123)));
    assert_eq!(now(rx.recv()), None);
}

/// sync_mpsc: failed_reserve_many_wakes_closed_receiver
#[test]
fn a_reservation_that_close_refused_keeps_nothing_from_the_receiver() {
    let (tx, rx) = mailbox::bounded(2);
    let permit = tx.try_reserve().unwrap();
    let bell = Bell::new();
    let mut waiting = queued(tx.reserve_many(2), &bell);
    ends_with(&rx, None, || drop(permit));
    assert!(ready(&mut waiting, &bell).is_err());
}

/// sync_mpsc: cancelled_reserve_many_wakes_closed_receiver
#[test]
fn a_reservation_that_is_dropped_after_close_keeps_nothing_from_the_receiver() {
    let (tx, rx) = mailbox::bounded(2);
    let permit = tx.try_reserve().unwrap();
    let waiting = queued(tx.reserve_many(2), &Bell::new());
    ends_with(&rx, None, || drop(permit));
    drop(waiting);
    assert_eq!(now(rx.recv()), None);
}

/// sync_mpsc: failed_reserve_wakes_closed_receiver
#[test]
fn close_takes_back_a_slot_that_was_granted_and_not_yet_fetched() {
    let (tx, rx) = mailbox::bounded::<()>(1);
    let permit = tx.try_reserve().unwrap();
    let bell = Bell::new();
    let mut waiting = queued(tx.reserve(), &bell);
    drop(permit);
    assert_eq!(bell.wakes(), 1);
    rx.close();
    assert_eq!(now(rx.recv()), None);
    assert!(ready(&mut waiting, &bell).is_err());
    assert_eq!(now(rx.recv()), None);
}

/// sync_mpsc: cancelled_reserve_wakes_closed_receiver
#[test]
fn a_granted_slot_that_is_dropped_after_close_changes_nothing_any_more() {
    let (tx, rx) = mailbox::bounded::<()>(1);
    let permit = tx.try_reserve().unwrap();
    let bell = Bell::new();
    let waiting = queued(tx.reserve(), &bell);
    drop(permit);
    assert_eq!(bell.wakes(), 1);
    rx.close();
    assert_eq!(now(rx.recv()), None);
    drop(waiting);
    assert_eq!((now(rx.recv()), rx.try_recv()), (None, Err(TryRecvError::Closed)));
}

/// sync_mpsc: tx_close_gets_none
#[test]
fn without_a_sender_there_is_nothing_to_wait_for() {
    let (_, rx) = mailbox::bounded::<()>(10);
    assert_eq!(now(rx.recv()), None);
}

/// sync_mpsc: dropping_last_permit_wakes_closed_receiver
#[test]
fn the_last_permit_of_a_closed_mailbox_wakes_the_receiver_when_it_is_dropped() {
    let (tx, rx) = mailbox::bounded(100);
    let permit = tx.try_reserve().unwrap();
    ends_with(&rx, None, || drop(permit));
}

/// sync_mpsc: dropping_last_owned_permit_wakes_closed_receiver
#[test]
fn so_does_the_last_owned_one() {
    let (tx, rx) = mailbox::bounded(100);
    let permit = tx.try_reserve_owned().unwrap();
    ends_with(&rx, None, || drop(permit));
}

/// sync_mpsc: dropping_last_permit_iterator_wakes_closed_receiver
#[test]
fn so_does_the_last_batch() {
    let (tx, rx) = mailbox::bounded(100);
    let permits = tx.try_reserve_many(1).unwrap();
    ends_with(&rx, None, || drop(permits));
}

/// sync_mpsc: sending_last_permit_wakes_closed_receiver
#[test]
fn the_last_permit_of_a_closed_mailbox_wakes_the_receiver_when_it_sends() {
    let (tx, rx) = mailbox::bounded(100);
    let permit = tx.try_reserve().unwrap();
    ends_with(&rx, Some(()), || permit.send(()).unwrap());
}

/// sync_mpsc: sending_last_owned_permit_wakes_closed_receiver
#[test]
fn so_does_the_last_owned_one_when_it_sends() {
    let (tx, rx) = mailbox::bounded(100);
    let permit = tx.try_reserve_owned().unwrap();
    ends_with(&rx, Some(()), || permit.send(()).unwrap());
}

/// sync_mpsc: releasing_last_owned_permit_wakes_closed_receiver
#[test]
fn the_sender_that_a_released_permit_leaves_does_not_keep_the_receiver_waiting() {
    let (tx, rx) = mailbox::bounded(100);
    let permit = tx.try_reserve_owned().unwrap();
    ends_with(&rx, None, || permit.release());
}

/// sync_mpsc: ready_close_cancel_bounded
#[test]
fn after_close_it_is_the_permit_that_is_waited_for_and_no_sender() {
    let (tx, rx) = mailbox::bounded(100);
    let _other = tx.clone();
    let permit = now(tx.reserve()).unwrap();
    ends_with(&rx, None, || drop(permit));
}

/// sync_mpsc: permit_available_not_acquired_close
#[test]
fn a_reservation_that_nobody_polls_any_more_does_not_hold_up_the_end() {
    let (tx, rx) = mailbox::bounded::<()>(1);
    let permit = now(tx.reserve()).unwrap();
    let bell = Bell::new();
    let waiting = queued(tx.reserve(), &bell);
    rx.close();
    drop(permit);
    assert_eq!(bell.wakes(), 1);
    drop(waiting);
    assert_eq!(now(rx.recv()), None);
}

/// sync_mpsc: dropping_rx_closes_channel
#[test]
fn the_last_receiver_takes_the_messages_along_and_refuses_reservations() {
    let (tx, rx) = mailbox::bounded(100);
    let message = Arc::new(());
    tx.try_send(message.clone()).unwrap();
    drop(rx);
    assert!(now(tx.reserve()).is_err() && now(tx.reserve_many(10)).is_err());
    assert_eq!(Arc::strong_count(&message), 1);
}

/// sync_mpsc: dropping_rx_closes_channel_for_try
#[test]
fn without_a_receiver_whatever_is_tried_is_closed() {
    let (tx, rx) = mailbox::bounded(100);
    let message = Arc::new(());
    tx.try_send(message.clone()).unwrap();
    drop(rx);
    assert!(matches!(tx.try_send(message.clone()), Err(TrySendError::Closed(_))));
    assert_eq!(tx.try_reserve().unwrap_err(), TryReserveError::Closed);
    assert_eq!(tx.try_reserve_owned().unwrap_err().1, TryReserveError::Closed);
    assert_eq!(Arc::strong_count(&message), 1);
}

/// sync_mpsc: unconsumed_messages_are_dropped
#[test]
fn messages_that_nobody_took_are_dropped_with_the_mailbox() {
    let (tx, rx) = mailbox::bounded(100);
    let message = Arc::new(());
    tx.try_send(message.clone()).unwrap();
    assert_eq!(Arc::strong_count(&message), 2);
    drop((tx, rx));
    assert_eq!(Arc::strong_count(&message), 1);
}

/// sync_mpsc: try_recv_after_receiver_close
#[test]
fn to_try_after_close_is_the_end() {
    let (_tx, rx) = mailbox::bounded::<()>(5);
    assert_eq!(rx.try_recv(), Err(TryRecvError::Empty));
    rx.close();
    assert_eq!(rx.try_recv(), Err(TryRecvError::Closed));
}

/// sync_mpsc: try_recv_after_receiver_close_with_permit
#[test]
fn to_try_after_close_is_no_end_while_a_permit_is_out() {
    let (tx, rx) = mailbox::bounded::<()>(5);
    let permit = tx.try_reserve().unwrap();
    assert_eq!(rx.try_recv(), Err(TryRecvError::Empty));
    rx.close();
    assert_eq!(rx.try_recv(), Err(TryRecvError::Empty));
    drop(permit);
    assert_eq!(rx.try_recv(), Err(TryRecvError::Closed));
}

/// sync_mpsc: try_recv_close_while_empty_bounded
/// sync_mpsc: try_recv_close_while_empty_unbounded
#[test]
fn to_try_after_the_last_sender_is_the_end() {
    for capacity in super::BOTH {
        let (tx, rx) = open::<()>(capacity);
        assert_eq!(rx.try_recv(), Err(TryRecvError::Empty));
        drop(tx);
        assert_eq!(rx.try_recv(), Err(TryRecvError::Closed));
    }
}

/// sync_mpsc: drop_all_elements_during_panic
#[test]
fn a_message_that_panics_in_its_drop_keeps_no_other_from_being_dropped() {
    let count = Arc::new(AtomicUsize::new(0));
    let (tx, rx) = mailbox::unbounded();
    let messages = [Dropped::panicking(1, &count), Dropped::new(2, &count), Dropped::new(3, &count)];
    messages.into_iter().for_each(|message| tx.try_send(message).unwrap());
    assert!(panic_message(|| drop(rx)).contains("message 1"));
    assert_eq!(count.load(SeqCst), 3, "with the receiver, not with the last sender");
    drop(tx);
}

/// sync_mpsc: release_waker_on_rx_drop
#[test]
fn a_receiver_that_was_polled_lets_go_of_the_waker_when_it_is_dropped() {
    let (_tx, mut rx) = mailbox::bounded::<()>(1);
    let bell = Bell::new();
    assert!(with(&bell, |cx| rx.poll_recv(cx)).is_pending());
    assert_eq!(bell.held(), 1);
    drop(rx);
    assert_eq!(bell.held(), 0);
}
