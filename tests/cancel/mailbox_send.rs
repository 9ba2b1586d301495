//! Giving up a send: it was not sent, its value comes back, its slot goes to the next.

use crate::common::{Bell, Dropped, now, pending, queued, ready};
use sempost::mailbox::{self, SendError, TryRecvError, TrySendError};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

#[test]
fn cancel_before_the_first_poll_gives_the_value_back() {
    let (tx, rx) = mailbox::bounded(1);
    let mut sending = Box::pin(tx.send(7));
    assert_eq!(sending.as_mut().cancel(), Some(7));
    drop(sending);
    assert_eq!(rx.try_recv(), Err(TryRecvError::Empty));
}

#[test]
fn cancel_in_line_gives_the_value_back() {
    let (tx, rx) = mailbox::bounded(1);
    let bell = Bell::new();
    tx.try_send(1).unwrap();
    let mut sending = queued(tx.send(2), &bell);
    assert_eq!(sending.as_mut().cancel(), Some(2));
    assert_eq!(bell.held(), 0);
    assert_eq!(rx.try_recv(), Ok(1));
    assert_eq!(rx.try_recv(), Err(TryRecvError::Empty));
}

#[test]
fn cancel_after_the_grant_gives_the_value_back_and_passes_the_slot_on() {
    let (tx, rx) = mailbox::bounded(1);
    let (a, b) = (Bell::new(), Bell::new());
    tx.try_send(1).unwrap();
    let mut first = queued(tx.send(2), &a);
    let mut second = queued(tx.send(3), &b);
    assert_eq!(rx.try_recv(), Ok(1));
    assert_eq!(first.as_mut().cancel(), Some(2));
    assert_eq!((a.wakes(), b.wakes()), (1, 1));
    assert_eq!(ready(&mut second, &b), Ok(()));
    assert_eq!(rx.try_recv(), Ok(3));
}

#[test]
fn cancel_after_the_send_gives_nothing() {
    let (tx, rx) = mailbox::bounded(1);
    let mut sending = Box::pin(tx.send(7));
    assert_eq!(ready(&mut sending, &Bell::new()), Ok(()));
    assert_eq!(sending.as_mut().cancel(), None);
    assert_eq!(rx.try_recv(), Ok(7));
}

#[test]
fn cancel_twice_gives_the_value_once() {
    let (tx, _rx) = mailbox::bounded(1);
    let mut sending = Box::pin(tx.send(7));
    assert_eq!(sending.as_mut().cancel(), Some(7));
    assert_eq!(sending.as_mut().cancel(), None);
}

#[test]
fn a_dropped_send_was_not_sent() {
    let (tx, rx) = mailbox::bounded(1);
    tx.try_send(1).unwrap();
    drop(queued(tx.send(2), &Bell::new()));
    assert_eq!(rx.try_recv(), Ok(1));
    assert_eq!(rx.try_recv(), Err(TryRecvError::Empty));
}

#[test]
fn a_send_dropped_with_its_slot_was_not_sent() {
    let (tx, rx) = mailbox::bounded(1);
    let bell = Bell::new();
    tx.try_send(1).unwrap();
    let granted = queued(tx.send(2), &bell);
    assert_eq!(rx.try_recv(), Ok(1));
    assert_eq!(bell.wakes(), 1);
    assert_eq!((tx.len(), tx.remaining()), (0, 0), "the slot is in use");
    drop(granted);
    assert_eq!((tx.len(), tx.remaining()), (0, 1));
    assert_eq!(rx.try_recv(), Err(TryRecvError::Empty));
}

#[test]
fn a_dropped_send_drops_its_value_once() {
    let count = Arc::new(AtomicUsize::new(0));
    let (tx, rx) = mailbox::bounded(1);
    drop(tx.send(Dropped::new(0, &count)));
    assert_eq!(count.load(Ordering::SeqCst), 1);
    tx.try_send(Dropped::new(1, &count)).unwrap();
    drop(queued(tx.send(Dropped::new(2, &count)), &Bell::new()));
    assert_eq!(count.load(Ordering::SeqCst), 2);
    let granted = queued(tx.send(Dropped::new(3, &count)), &Bell::new());
    drop(rx.try_recv());
    drop(granted);
    assert_eq!(count.load(Ordering::SeqCst), 4);
}

#[test]
fn a_granted_send_is_revoked_by_close_and_gives_the_value_back() {
    let (tx, rx) = mailbox::bounded(1);
    let bell = Bell::new();
    tx.try_send(1).unwrap();
    let mut granted = queued(tx.send(2), &bell);
    assert_eq!(rx.try_recv(), Ok(1));
    rx.close();
    assert_eq!(ready(&mut granted, &bell), Err(SendError(2)));
    assert_eq!(rx.try_recv(), Err(TryRecvError::Closed));
}

#[test]
fn a_send_in_line_at_close_gives_the_value_back_to_cancel() {
    let (tx, rx) = mailbox::bounded(1);
    let bell = Bell::new();
    tx.try_send(1).unwrap();
    let mut waiting = queued(tx.send(2), &bell);
    rx.close();
    assert_eq!(bell.wakes(), 1);
    assert_eq!(waiting.as_mut().cancel(), Some(2));
}

#[test]
fn at_capacity_0_cancel_in_line_gives_the_value_back() {
    let (tx, rx) = mailbox::bounded(0);
    let mut sending = queued(tx.send(7), &Bell::new());
    assert_eq!(sending.as_mut().cancel(), Some(7));
    assert_eq!(rx.try_recv(), Err(TryRecvError::Empty));
}

#[test]
fn at_capacity_0_cancel_after_try_recv_took_the_value_comes_too_late() {
    let (tx, rx) = mailbox::bounded(0);
    let bell = Bell::new();
    let mut sending = queued(tx.send(7), &bell);
    assert_eq!(rx.try_recv(), Ok(7));
    assert_eq!(bell.wakes(), 1);
    assert_eq!(sending.as_mut().cancel(), None);
}

#[test]
fn at_capacity_0_a_send_taken_and_then_dropped_loses_nothing() {
    let count = Arc::new(AtomicUsize::new(0));
    let (tx, rx) = mailbox::bounded(0);
    let sending = queued(tx.send(Dropped::new(7, &count)), &Bell::new());
    let taken = rx.try_recv().unwrap();
    drop(sending);
    assert_eq!((taken.id, count.load(Ordering::SeqCst)), (7, 0));
}

#[test]
fn at_capacity_0_a_dropped_head_lets_the_next_sender_meet_the_receiver() {
    let (tx, rx) = mailbox::bounded(0);
    let bell = Bell::new();
    let head = queued(tx.send(1), &Bell::new());
    let mut next = queued(tx.send(2), &bell);
    drop(head);
    assert_eq!(rx.try_recv(), Ok(2));
    assert_eq!(ready(&mut next, &bell), Ok(()));
}

#[test]
fn at_capacity_0_a_sender_that_leaves_lets_the_woken_receiver_keep_its_place() {
    let (tx, rx) = mailbox::bounded(0);
    let bells = [Bell::new(), Bell::new(), Bell::new()];
    let mut first = queued(rx.recv(), &bells[0]);
    let mut second = queued(rx.recv(), &bells[1]);
    let mut sending = Box::pin(tx.send(1));
    let _ = crate::common::poll(&mut sending, &bells[2]);
    assert_eq!(bells[0].wakes(), 1, "the sender at the head wakes a waiting receiver");
    drop(sending);
    pending(&mut first, &bells[0]);
    let mut again = Box::pin(tx.send(2));
    let _ = crate::common::poll(&mut again, &bells[2]);
    assert_eq!(ready(&mut first, &bells[0]), Some(2), "still ahead of the second");
    pending(&mut second, &bells[1]);
}

#[test]
fn a_dropped_head_that_asked_for_many_lets_a_send_through() {
    let (tx, _rx) = mailbox::bounded(2);
    let bell = Bell::new();
    tx.try_send(1).unwrap();
    let head = queued(tx.reserve_many(2), &Bell::new());
    let mut sending = queued(tx.send(2), &bell);
    assert_eq!(tx.try_send(3), Err(TrySendError::Full(3)), "senders wait");
    drop(head);
    assert_eq!(bell.wakes(), 1);
    assert_eq!(ready(&mut sending, &bell), Ok(()));
}

#[test]
fn a_cancelled_send_makes_room_for_a_try_send() {
    let (tx, rx) = mailbox::bounded(1);
    tx.try_send(1).unwrap();
    let granted = queued(tx.send(2), &Bell::new());
    assert_eq!(rx.try_recv(), Ok(1));
    assert_eq!(tx.try_send(3), Err(TrySendError::Full(3)));
    drop(granted);
    assert_eq!(tx.try_send(3), Ok(()));
}

#[test]
fn on_an_unbounded_mailbox_send_is_done_at_its_first_poll() {
    let (tx, rx) = mailbox::unbounded();
    (0..100).for_each(|i| assert_eq!(now(tx.send(i)), Ok(())));
    drop(tx.send(100));
    assert_eq!(rx.len(), 100);
}
