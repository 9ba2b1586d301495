//! Who waits, who is woken, and what an idle one keeps.

use crate::common::{Bell, now, pending, queued, ready};
use sempost::mailbox::{self, SendError, TryRecvError, TrySendError};

/// bounded: try_send
#[test]
fn to_try_is_full_then_sent_then_closed() {
    let (tx, rx) = mailbox::bounded(1);
    tx.try_send(1).unwrap();
    assert_eq!(tx.try_send(2), Err(TrySendError::Full(2)));
    assert_eq!((rx.try_recv(), rx.try_recv()), (Ok(1), Err(TryRecvError::Empty)));
    let bell = Bell::new();
    let mut waiting = queued(rx.recv(), &bell);
    tx.try_send(3).unwrap();
    assert_eq!((bell.wakes(), ready(&mut waiting, &bell)), (1, Some(3)));
    drop(waiting);
    drop(rx);
    assert_eq!(tx.try_send(4), Err(TrySendError::Closed(4)));
}

/// bounded: send
#[test]
fn a_send_waits_while_the_slot_is_taken_and_the_last_may_stay() {
    let (tx, rx) = mailbox::bounded(1);
    now(tx.send(7)).unwrap();
    for (next, expected) in [(8, 7), (9, 8), (10, 9)] {
        let bell = Bell::new();
        let mut sending = queued(tx.send(next), &bell);
        assert_eq!((now(rx.recv()), bell.wakes()), (Some(expected), 1));
        ready(&mut sending, &bell).unwrap();
    }
    assert_eq!(tx.len(), 1);
}

/// bounded: closed
#[test]
fn whoever_asks_is_told_of_the_close_before_and_after_it() {
    let (tx, rx) = mailbox::bounded(1);
    now(tx.send(7)).unwrap();
    let bell = Bell::new();
    let mut before = queued(tx.closed(), &bell);
    assert_eq!(now(rx.recv()), Some(7));
    pending(&mut before, &bell);
    drop(rx);
    assert_eq!(bell.wakes(), 1);
    ready(&mut before, &bell);
    now(tx.closed());
}

/// bounded: force_send
#[test]
fn a_forced_message_takes_the_place_of_the_oldest() {
    let (tx, rx) = mailbox::bounded(1);
    assert_eq!(tx.force_send(7), Ok(None));
    for next in [8, 9, 10] {
        assert_eq!(tx.force_send(next), Ok((next == 8).then_some(7)));
        assert_eq!(now(rx.recv()), Some(next));
    }
}

/// bounded: close_wakes_sender
#[test]
fn the_last_receiver_wakes_the_sender_who_waits_and_gives_its_message_back() {
    let (tx, rx) = mailbox::bounded(1);
    now(tx.send(1)).unwrap();
    let bell = Bell::new();
    let mut sending = queued(tx.send(2), &bell);
    drop(rx);
    assert_eq!((bell.wakes(), ready(&mut sending, &bell)), (1, Err(SendError(2))));
}

/// bounded: forget_blocked_sender
#[test]
fn a_send_that_is_left_lying_keeps_one_slot_and_no_other() {
    let (tx, rx) = mailbox::bounded(2);
    [3, 7].into_iter().for_each(|message| now(tx.send(message)).unwrap());
    let (idle, live) = (Bell::new(), Bell::new());
    let lying = queued(tx.send(13), &idle);
    let mut sending = queued(tx.send(42), &live);
    assert_eq!((now(rx.recv()), now(rx.recv())), (Some(3), Some(7)));
    assert_eq!((idle.wakes(), live.wakes()), (1, 1));
    ready(&mut sending, &live).unwrap();
    assert_eq!(rx.try_recv(), Ok(42));
    drop(lying);
    assert_eq!(tx.remaining(), 2);
}

/// bounded: forget_blocked_receiver
#[test]
fn a_receive_that_is_left_lying_keeps_no_message_from_the_next() {
    let (tx, rx) = mailbox::bounded(2);
    let (idle, live) = (Bell::new(), Bell::new());
    let lying = queued(rx.recv(), &idle);
    let mut receiving = queued(rx.recv(), &live);
    [3, 7].into_iter().for_each(|message| now(tx.send(message)).unwrap());
    assert_eq!((live.wakes(), ready(&mut receiving, &live)), (1, Some(3)));
    tx.try_send(42).unwrap();
    drop(lying);
    assert_eq!((now(rx.recv()), now(rx.recv())), (Some(7), Some(42)));
}
