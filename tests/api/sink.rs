//! A sender as `Sink`: the slot that lapses, the outbox, and the end of one handle.

use crate::common::{Bell, expect_ready, now, queued, ready};
use futures::sink::Sink;
use sempost::mailbox::{self, Sender, SinkError, TryRecvError, TrySendError};
use std::pin::Pin;
use std::task::Poll;

type Answer<T> = Poll<Result<(), SinkError<T>>>;

fn poll_ready<T>(tx: &mut Sender<T>, bell: &Bell) -> Answer<T> {
    Pin::new(tx).poll_ready(&mut bell.context())
}

fn poll_flush<T>(tx: &mut Sender<T>, bell: &Bell) -> Answer<T> {
    Pin::new(tx).poll_flush(&mut bell.context())
}

fn poll_close<T>(tx: &mut Sender<T>, bell: &Bell) -> Answer<T> {
    Pin::new(tx).poll_close(&mut bell.context())
}

#[track_caller]
fn get_ready<T: std::fmt::Debug>(tx: &mut Sender<T>) {
    expect_ready(poll_ready(tx, &Bell::new())).unwrap();
}

#[track_caller]
fn start_send<T: std::fmt::Debug>(tx: &mut Sender<T>, value: T) {
    Pin::new(tx).start_send(value).unwrap();
}

#[test]
fn start_send_pushes() {
    let (mut tx, rx) = mailbox::bounded(1);
    get_ready(&mut tx);
    start_send(&mut tx, 1);
    assert_eq!(rx.try_recv(), Ok(1), "no flush was needed");
}

#[test]
fn ready_holds_a_slot() {
    let (mut tx, rx) = mailbox::bounded(1);
    let other = tx.clone();
    get_ready(&mut tx);
    assert_eq!(other.try_send(9), Err(TrySendError::Full(9)));
    assert_eq!((rx.remaining(), rx.is_empty()), (0, true));
    get_ready(&mut tx);
    assert_eq!(rx.remaining(), 0, "ready twice is one slot");
    start_send(&mut tx, 1);
    assert_eq!((rx.try_recv(), rx.remaining()), (Ok(1), 1));
}

#[test]
fn a_full_mailbox_is_pending_and_tells_when_there_is_room() {
    let (mut tx, rx) = mailbox::bounded(1);
    let bell = Bell::new();
    tx.try_send(1).unwrap();
    assert!(poll_ready(&mut tx, &bell).is_pending());
    assert_eq!(rx.try_recv(), Ok(1));
    assert_eq!(bell.wakes(), 1);
    get_ready(&mut tx);
}

#[test]
fn the_slot_lapses_at_flush() {
    let (mut tx, rx) = mailbox::bounded(1);
    let bell = Bell::new();
    let other = tx.clone();
    get_ready(&mut tx);
    let mut waiting = queued(other.send(1), &bell);
    expect_ready(poll_flush(&mut tx, &Bell::new())).unwrap();
    assert_eq!(bell.wakes(), 1);
    assert_eq!(ready(&mut waiting, &bell), Ok(()));
    assert_eq!(rx.len(), 1);
}

#[test]
fn the_slot_lapses_at_any_other_send_through_the_handle() {
    let (mut tx, rx) = mailbox::bounded(1);
    get_ready(&mut tx);
    assert_eq!(tx.try_send(1), Ok(()), "it takes the slot that lapsed");
    assert_eq!(rx.len(), 1);
    let (mut tx, rx) = mailbox::bounded(1);
    get_ready(&mut tx);
    assert_eq!(now(tx.send(1)), Ok(()));
    assert_eq!(rx.try_recv(), Ok(1));
    get_ready(&mut tx);
    now(tx.reserve()).unwrap().send(2).unwrap();
    assert_eq!(rx.try_recv(), Ok(2));
    get_ready(&mut tx);
    assert_eq!(tx.force_send(3), Ok(None));
    assert_eq!(rx.try_recv(), Ok(3));
}

#[test]
fn the_slot_lapses_at_poll_close() {
    let (mut tx, _rx) = mailbox::bounded(1);
    let other = tx.clone();
    get_ready(&mut tx);
    expect_ready(poll_close(&mut tx, &Bell::new())).unwrap();
    assert_eq!(other.try_send(1), Ok(()));
}

#[test]
fn a_value_whose_slot_lapsed_waits_in_the_outbox() {
    let (mut tx, rx) = mailbox::bounded(1);
    let (bell, other) = (Bell::new(), tx.clone());
    get_ready(&mut tx);
    expect_ready(poll_flush(&mut tx, &bell)).unwrap();
    other.try_send(1).unwrap();
    start_send(&mut tx, 2);
    assert!(poll_flush(&mut tx, &bell).is_pending());
    assert!(poll_ready(&mut tx, &bell).is_pending(), "ready only with an empty outbox");
    assert_eq!(rx.try_recv(), Ok(1));
    assert!(bell.wakes() >= 1);
    expect_ready(poll_flush(&mut tx, &bell)).unwrap();
    assert_eq!(rx.try_recv(), Ok(2));
}

#[test]
fn a_value_whose_slot_lapsed_is_pushed_if_one_is_free() {
    let (mut tx, rx) = mailbox::bounded(1);
    get_ready(&mut tx);
    expect_ready(poll_flush(&mut tx, &Bell::new())).unwrap();
    start_send(&mut tx, 1);
    assert_eq!(rx.try_recv(), Ok(1));
}

#[test]
fn a_value_in_the_outbox_stands_in_line() {
    let (mut tx, rx) = mailbox::bounded(1);
    let (handle, bell, other) = (Bell::new(), Bell::new(), tx.clone());
    get_ready(&mut tx);
    expect_ready(poll_flush(&mut tx, &handle)).unwrap();
    other.try_send(1).unwrap();
    start_send(&mut tx, 2);
    assert!(poll_flush(&mut tx, &handle).is_pending());
    let mut later = queued(other.send(3), &bell);
    assert_eq!(rx.try_recv(), Ok(1));
    assert_eq!((handle.wakes(), bell.wakes()), (1, 0), "the handle came first");
    expect_ready(poll_flush(&mut tx, &handle)).unwrap();
    assert_eq!(rx.try_recv(), Ok(2));
    assert_eq!(ready(&mut later, &bell), Ok(()));
}

#[test]
fn at_capacity_0_flushed_means_taken() {
    let (mut tx, rx) = mailbox::bounded(0);
    let bell = Bell::new();
    get_ready(&mut tx);
    start_send(&mut tx, 7);
    assert!(poll_flush(&mut tx, &bell).is_pending());
    assert!(poll_ready(&mut tx, &bell).is_pending());
    assert_eq!(now(rx.recv()), Some(7));
    assert!(bell.wakes() >= 1);
    expect_ready(poll_flush(&mut tx, &bell)).unwrap();
    get_ready(&mut tx);
}

#[test]
fn at_capacity_0_a_value_in_the_outbox_wakes_a_waiting_receiver() {
    let (mut tx, rx) = mailbox::bounded(0);
    let (sender, receiver) = (Bell::new(), Bell::new());
    let mut receiving = queued(rx.recv(), &receiver);
    get_ready(&mut tx);
    start_send(&mut tx, 7);
    let _ = poll_flush(&mut tx, &sender);
    assert_eq!((receiver.wakes(), ready(&mut receiving, &receiver)), (1, Some(7)));
    expect_ready(poll_flush(&mut tx, &sender)).unwrap();
}

#[test]
fn poll_close_flushes_first() {
    let (mut tx, rx) = mailbox::bounded(1);
    let bell = Bell::new();
    get_ready(&mut tx);
    expect_ready(poll_flush(&mut tx, &bell)).unwrap();
    tx.try_send(1).unwrap();
    start_send(&mut tx, 2);
    assert!(poll_close(&mut tx, &bell).is_pending());
    assert!(!rx.is_closed());
    assert_eq!(rx.try_recv(), Ok(1));
    expect_ready(poll_close(&mut tx, &bell)).unwrap();
    assert_eq!((rx.try_recv(), rx.try_recv()), (Ok(2), Err(TryRecvError::Closed)));
}

#[test]
fn poll_close_finishes_this_handle_only() {
    let (mut tx, rx) = mailbox::bounded(4);
    let other = tx.clone();
    expect_ready(poll_close(&mut tx, &Bell::new())).unwrap();
    assert_eq!((rx.sender_count(), rx.is_closed()), (1, false));
    other.try_send(1).unwrap();
    drop(other);
    assert_eq!((now(rx.recv()), now(rx.recv())), (Some(1), None));
    drop(tx);
    assert_eq!(rx.sender_count(), 0);
}

#[test]
fn poll_close_of_the_last_sender_closes_the_mailbox() {
    let (mut tx, rx) = mailbox::bounded::<u32>(4);
    let bell = Bell::new();
    let mut receiving = queued(rx.recv(), &bell);
    expect_ready(poll_close(&mut tx, &Bell::new())).unwrap();
    assert!(rx.is_closed());
    assert_eq!((bell.wakes(), ready(&mut receiving, &bell)), (1, None));
    expect_ready(poll_close(&mut tx, &Bell::new())).unwrap();
}

#[test]
fn a_finished_handle_sends_nothing_and_has_nothing_in_hand() {
    let (mut tx, rx) = mailbox::bounded(4);
    let other = tx.clone();
    expect_ready(poll_close(&mut tx, &Bell::new())).unwrap();
    assert_eq!(tx.try_send(1), Err(TrySendError::Closed(1)));
    assert_eq!(now(tx.send(2)).unwrap_err().0, 2);
    assert!(now(tx.reserve()).is_err());
    get_ready(&mut tx);
    assert_eq!(Pin::new(&mut tx).start_send(3).unwrap_err().into_inner(), Some(3));
    expect_ready(poll_flush(&mut tx, &Bell::new())).unwrap();
    assert_eq!(other.try_send(4), Ok(()));
    assert_eq!(rx.len(), 1);
}

#[test]
fn close_through_the_handle_closes_for_all() {
    let (mut tx, rx) = mailbox::bounded(4);
    let other = tx.clone();
    get_ready(&mut tx);
    assert!(tx.close_mailbox());
    assert_eq!(other.try_send(1), Err(TrySendError::Closed(1)));
    assert!(expect_ready(poll_ready(&mut tx, &Bell::new())).is_err());
    assert_eq!(now(rx.recv()), None);
}

#[test]
fn a_sink_whose_receivers_are_gone_says_so() {
    let (mut tx, rx) = mailbox::bounded(1);
    let bell = Bell::new();
    tx.try_send(1).unwrap();
    assert!(poll_ready(&mut tx, &bell).is_pending());
    drop(rx);
    assert_eq!(bell.wakes(), 1);
    assert!(expect_ready(poll_ready(&mut tx, &bell)).is_err());
}

#[test]
fn on_an_unbounded_mailbox_it_is_always_ready() {
    let (mut tx, rx) = mailbox::unbounded();
    for i in 0..1_000 {
        get_ready(&mut tx);
        start_send(&mut tx, i);
    }
    expect_ready(poll_flush(&mut tx, &Bell::new())).unwrap();
    assert_eq!(rx.len(), 1_000);
}

#[test]
fn a_clone_starts_without_slot_and_outbox() {
    let (mut tx, rx) = mailbox::bounded(1);
    get_ready(&mut tx);
    tx.try_send(0).unwrap();
    start_send(&mut tx, 1);
    let clone = tx.clone();
    drop(tx);
    assert_eq!(rx.try_recv(), Ok(0));
    assert_eq!(rx.try_recv(), Err(TryRecvError::Empty), "the outbox went with its handle");
    assert_eq!(clone.try_send(2), Ok(()));
}

/// Catches: newcomers that take one slot after the other beside a handle that was woken, and starve who wants several.
#[test]
fn newcomers_take_what_a_handle_was_woken_for_and_no_more() {
    let (mut sink, rx) = mailbox::bounded(8);
    let (tx, a, b) = (sink.clone(), Bell::new(), Bell::new());
    (0..8).for_each(|n| tx.try_send(n).unwrap());
    assert!(poll_ready(&mut sink, &a).is_pending());
    let mut several = queued(tx.reserve_many(5), &b);
    assert_eq!((rx.try_recv(), rx.try_recv(), a.wakes()), (Ok(0), Ok(1), 1));
    tx.try_send(8).expect("what the handle was woken for");
    for n in 2..6 {
        assert_eq!((tx.try_send(9), tx.try_reserve().is_err()), (Err(TrySendError::Full(9)), true));
        assert_eq!(rx.try_recv(), Ok(n));
    }
    assert_eq!((b.wakes(), ready(&mut several, &b).map(|permits| permits.len())), (1, Ok(5)));
    assert!(poll_ready(&mut sink, &a).is_ready(), "those permits were given back");
}
