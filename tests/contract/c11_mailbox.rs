//! C11 on the mailbox: what stands after close, what is revoked, and when the end is reached.

use crate::common::{Bell, expect_ready, now, queued, ready};
use crate::spec::mailbox::{Ends, Room};
use crate::spec::story::stories;
use futures::sink::Sink;
use futures::stream::{FusedStream, Stream};
use sempost::mailbox::{self, SendError, TryRecvError, TryReserveError, TrySendError};
use std::pin::Pin;
use std::task::Poll;

stories! {
    Ends<u32>;

    c11_mailbox_messages_sent_before_are_delivered(Room::of(4)):
        "try_send 1; try_send 2; close: 1; recv a: 1; recv a: 2; recv a: closed; try_recv: closed"

    c11_mailbox_a_capacity_grant_is_revoked_and_the_value_comes_back(Room::of(1)):
        "try_send 1; send a 2; try_recv: 1; close; try_recv: closed; poll a: closed"

    c11_mailbox_a_claim_stands(Room::of(1)):
        "recv a; try_send 1; close; try_recv: no; poll a: 1; try_recv: closed"

    c11_mailbox_the_last_message_taken_after_close_wakes_every_waiting_receiver(Room::of(2)):
        "recv a; try_send 1; close; recv b: waits; poll a: 1; poll b: closed"

    c11_mailbox_at_capacity_0_parked_senders_get_their_value_back(Room::of(0)):
        "send a 7; close; poll a: closed; try_recv: closed"

    c11_mailbox_closed_before_terminal_recv_waits(Room::of(1)):
        "try_reserve; close; recv a: waits; permit_drop; poll a: closed"
}

#[test]
fn c11_mailbox_nothing_is_accepted_after_close() {
    let (tx, rx) = mailbox::bounded(4);
    assert!(rx.close());
    assert_eq!(now(tx.send(1)), Err(SendError(1)));
    assert_eq!(tx.try_send(2), Err(TrySendError::Closed(2)));
    assert_eq!(tx.force_send(3), Err(TrySendError::Closed(3)));
    assert!(now(tx.reserve()).is_err());
    assert!(now(tx.reserve_many(2)).is_err());
    assert!(matches!(tx.try_reserve(), Err(TryReserveError::Closed)));
    assert!(now(tx.clone().reserve_owned()).is_err());
    assert_eq!(rx.len(), 0);
}

#[test]
fn c11_mailbox_only_one_close_says_true() {
    let (tx, rx) = mailbox::bounded::<u32>(4);
    assert_eq!([tx.close_mailbox(), rx.close(), tx.close_mailbox()], [true, false, false]);
    assert!(tx.is_closed() && rx.is_closed());
}

#[test]
fn c11_mailbox_a_live_permit_stands_and_holds_the_end_back() {
    let (tx, rx) = mailbox::bounded(2);
    let bell = Bell::new();
    let permit = tx.try_reserve().unwrap();
    tx.close_mailbox();
    assert_eq!(rx.try_recv(), Err(TryRecvError::Empty));
    let mut waiting = queued(rx.recv(), &bell);
    let mut drained = queued(rx.drained(), &Bell::new());
    permit.send(7).unwrap();
    assert_eq!(bell.wakes(), 1);
    assert_eq!(ready(&mut waiting, &bell), Some(7));
    assert_eq!(now(rx.recv()), None);
    ready(&mut drained, &Bell::new());
}

#[test]
fn c11_mailbox_a_permit_dropped_after_close_wakes_every_waiting_receiver() {
    let (tx, rx) = mailbox::bounded::<u32>(2);
    let bells = [Bell::new(), Bell::new(), Bell::new()];
    let permit = tx.try_reserve().unwrap();
    tx.close_mailbox();
    let mut first = queued(rx.recv(), &bells[0]);
    let mut second = queued(rx.recv(), &bells[1]);
    let mut drained = queued(rx.drained(), &bells[2]);
    drop(permit);
    assert_eq!(bells.each_ref().map(Bell::wakes), [1, 1, 1]);
    assert_eq!((ready(&mut first, &bells[0]), ready(&mut second, &bells[1])), (None, None));
    ready(&mut drained, &bells[2]);
}

#[test]
fn c11_mailbox_owned_permits_hold_the_end_back_too() {
    let (tx, rx) = mailbox::bounded(1);
    let permit = now(tx.reserve_owned()).unwrap();
    rx.close();
    let bell = Bell::new();
    let mut waiting = queued(rx.recv(), &bell);
    let tx = permit.release();
    assert_eq!(ready(&mut waiting, &bell), None);
    assert_eq!(tx.try_send(1), Err(TrySendError::Closed(1)));
}

#[test]
fn c11_mailbox_an_owned_permit_sends_after_close() {
    let (tx, rx) = mailbox::bounded(1);
    let permit = now(tx.reserve_owned()).unwrap();
    rx.close();
    drop(permit.send(5).unwrap());
    assert_eq!((now(rx.recv()), now(rx.recv())), (Some(5), None));
}

#[test]
fn c11_mailbox_the_end_is_final() {
    let (tx, mut rx) = mailbox::bounded::<u32>(1);
    let bell = Bell::new();
    assert!(!rx.is_terminated());
    drop(tx);
    assert!(!rx.is_terminated(), "not before it returned None");
    assert_eq!(Pin::new(&mut rx).poll_next(&mut bell.context()), Poll::Ready(None));
    assert!(rx.is_terminated());
    assert_eq!(Pin::new(&mut rx).poll_next(&mut bell.context()), Poll::Ready(None));
    assert_eq!((now(rx.recv()), rx.try_recv()), (None, Err(TryRecvError::Closed)));
}

#[test]
fn c11_mailbox_the_last_sender_closes() {
    let (tx, rx) = mailbox::bounded(1);
    let other = tx.clone();
    drop(tx);
    assert!(!rx.is_closed());
    other.try_send(1).unwrap();
    drop(other);
    assert!(rx.is_closed());
    assert_eq!((now(rx.recv()), now(rx.recv())), (Some(1), None));
}

#[test]
fn c11_mailbox_close_wakes_every_sender_receiver_and_onlooker_once() {
    let (tx, rx) = mailbox::bounded(1);
    tx.try_send(1).unwrap();
    let bells: Vec<_> = (0..100).map(|_| Bell::new()).collect();
    let _senders: Vec<_> = bells[..50].iter().map(|bell| queued(tx.send(2), bell)).collect();
    let _onlookers: Vec<_> = bells[50..].iter().map(|bell| queued(tx.closed(), bell)).collect();
    rx.close();
    assert!(bells.iter().all(|bell| bell.wakes() == 1));
}

#[test]
fn c11_mailbox_a_slot_taken_by_poll_ready_lapses_at_close() {
    let (mut tx, rx) = mailbox::bounded(1);
    let bell = Bell::new();
    assert!(expect_ready(Pin::new(&mut tx).poll_ready(&mut bell.context())).is_ok());
    rx.close();
    assert_eq!(rx.try_recv(), Err(TryRecvError::Closed), "it is no reservation");
    let refused = Pin::new(&mut tx).start_send(7);
    assert_eq!(refused.unwrap_err().into_inner(), Some(7));
}

#[test]
fn c11_mailbox_a_value_waiting_in_the_outbox_comes_back_at_close() {
    let (mut tx, rx) = mailbox::bounded(1);
    let bell = Bell::new();
    assert!(expect_ready(Pin::new(&mut tx).poll_ready(&mut bell.context())).is_ok());
    tx.try_send(1).unwrap();
    Pin::new(&mut tx).start_send(2).unwrap();
    assert!(Pin::new(&mut tx).poll_flush(&mut bell.context()).is_pending());
    rx.close();
    assert_eq!(bell.wakes(), 1);
    let refused = expect_ready(Pin::new(&mut tx).poll_flush(&mut bell.context()));
    assert_eq!(refused.unwrap_err().into_inner(), Some(2));
}

/// Nothing is announced before somebody listens. Who asks before, in between or after hears the close and the end.
#[test]
fn c11_mailbox_who_listens_late_hears_what_came_before() {
    let (mut tx, rx) = mailbox::bounded(1);
    tx.try_send(7).unwrap();
    let (early, bell) = (tx.clone(), Bell::new());
    let asked = early.closed();
    assert!(rx.close());
    now(asked);
    now(tx.closed());
    assert!(tx.poll_closed(&mut bell.context()).is_ready());
    let mut drained = queued(rx.drained(), &bell);
    assert_eq!(rx.try_recv(), Ok(7));
    assert_eq!(bell.wakes(), 1);
    ready(&mut drained, &bell);
    now(rx.drained());
}

#[test]
fn c11_mailbox_an_end_that_nobody_heard_is_heard_later() {
    let (tx, rx) = mailbox::bounded::<u32>(1);
    drop(tx);
    assert_eq!(rx.try_recv(), Err(TryRecvError::Closed));
    now(rx.closed());
    now(rx.drained());
}

/// The last sender closes, though a receiver is the only other handle.
#[test]
fn c11_mailbox_the_last_sender_of_two_handles_closes() {
    let (tx, rx) = mailbox::bounded::<u32>(1);
    let bells = [Bell::new(), Bell::new()];
    let (mut closed, mut waiting) = (queued(rx.closed(), &bells[0]), queued(rx.recv(), &bells[1]));
    drop(tx);
    assert_eq!(bells.each_ref().map(Bell::wakes), [1, 1]);
    ready(&mut closed, &bells[0]);
    assert_eq!(ready(&mut waiting, &bells[1]), None);
}
