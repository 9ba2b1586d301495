//! The end of a mailbox, of a handle, and of messages.

use crate::common::{Bell, Dropped, expect_ready, now, with};
use futures::{Sink, SinkExt, Stream};
use sempost::mailbox::{self, Receiver, Sender, TryRecvError, TrySendError};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::SeqCst;

/// Both kinds of mailbox.
fn both<T>() -> [(Sender<T>, Receiver<T>); 2] {
    [mailbox::unbounded(), mailbox::bounded(1)]
}

/// The next of a stream that does not have to wait.
#[track_caller]
fn next<T>(rx: &mut Receiver<T>) -> Option<T> {
    expect_ready(with(&Bell::new(), |cx| Pin::new(rx).poll_next(cx)))
}

/// channel: drop_sender
#[test]
fn a_stream_without_senders_is_at_its_end() {
    let (tx, mut rx) = mailbox::bounded::<u32>(1);
    drop(tx);
    assert_eq!(next(&mut rx), None);
}

/// channel: drop_rx
#[test]
fn a_sink_without_a_receiver_refuses() {
    let (mut tx, rx) = mailbox::bounded(1);
    now(SinkExt::send(&mut tx, 1)).unwrap();
    drop(rx);
    assert!(now(SinkExt::send(&mut tx, 1)).is_err());
}

/// channel: drop_order
#[test]
fn a_message_is_dropped_with_the_receiver_and_a_refused_one_with_its_error() {
    let drops = Arc::new(AtomicUsize::new(0));
    let (tx, rx) = mailbox::bounded(1);
    now(tx.send(Dropped::new(1, &drops))).unwrap();
    assert_eq!(drops.load(SeqCst), 0);
    drop(rx);
    assert_eq!(drops.load(SeqCst), 1);
    assert!(now(tx.send(Dropped::new(2, &drops))).is_err());
    assert_eq!(drops.load(SeqCst), 2);
}

/// mpsc: recv_close_gets_none
#[test]
fn after_close_the_stream_ends_and_the_sink_is_not_ready_but_refuses() {
    let (mut tx, mut rx) = mailbox::bounded::<i32>(10);
    rx.close();
    assert_eq!(next(&mut rx), None);
    assert!(expect_ready(with(&Bell::new(), |cx| Pin::new(&mut tx).poll_ready(cx))).is_err());
}

/// mpsc: tx_close_gets_none
#[test]
fn a_stream_that_never_had_a_message_ends_with_its_sender() {
    let (_, mut rx) = mailbox::bounded::<i32>(10);
    assert_eq!(next(&mut rx), None);
}

/// mpsc: test_unbounded_recv
#[test]
fn to_receive_after_the_last_message_of_the_last_sender_is_the_end() {
    let (tx, rx) = mailbox::unbounded();
    (1..=3).for_each(|message| now(tx.send(message)).unwrap());
    drop(tx);
    assert_eq!([(); 4].map(|()| now(rx.recv())), [Some(1), Some(2), Some(3), None]);
}

/// mpsc-close: multiple_senders_disconnect
#[test]
fn a_handle_that_is_finished_or_dropped_leaves_the_others_open() {
    for (mut one, mut rx) in both() {
        let (two, mut three, four) = (one.clone(), one.clone(), one.clone());
        now(SinkExt::close(&mut one)).unwrap();
        drop(two);
        now(SinkExt::close(&mut three)).unwrap();
        assert_eq!(one.try_send(1), Err(TrySendError::Closed(1)));
        assert_eq!(three.try_send(3), Err(TrySendError::Closed(3)));
        assert_eq!((four.sender_count(), four.is_closed()), (1, false));
        now(four.send(5)).unwrap();
        assert_eq!(next(&mut rx), Some(5));
        drop(four);
        assert_eq!(next(&mut rx), None);
    }
}

/// mpsc-close: multiple_senders_close_channel
#[test]
fn close_closes_for_all_clones() {
    for (one, mut rx) in both() {
        let two = one.clone();
        one.close_mailbox();
        assert!(one.is_closed() && two.is_closed());
        assert_eq!(now(two.send(5)).unwrap_err().into_inner(), 5);
        assert_eq!(next(&mut rx), None);
    }
}

/// mpsc-close: single_receiver_drop_closes_channel_and_drains
#[test]
fn the_receiver_closes_and_takes_its_messages_along() {
    for (tx, rx) in both() {
        let message = Arc::new(0);
        let seen = Arc::downgrade(&message);
        tx.try_send(message).unwrap();
        assert!(seen.upgrade().is_some());
        drop(rx);
        assert!(tx.is_closed() && seen.upgrade().is_none());
    }
}

/// mpsc-close: unbounded_try_next_after_none
/// mpsc-close: bounded_try_next_after_none
#[test]
fn the_end_is_the_end_however_often_one_tries() {
    for (tx, rx) in both::<String>() {
        drop(tx);
        assert_eq!([rx.try_recv(), rx.try_recv()], [Err(TryRecvError::Closed), Err(TryRecvError::Closed)]);
    }
}

/// mpsc-close: unbounded_try_recv_after_none
/// mpsc-close: bounded_try_recv_after_none
#[test]
fn empty_is_another_thing_than_the_end() {
    for (tx, rx) in both::<String>() {
        assert_eq!(rx.try_recv(), Err(TryRecvError::Empty));
        drop(tx);
        assert_eq!([rx.try_recv(), rx.try_recv()], [Err(TryRecvError::Closed), Err(TryRecvError::Closed)]);
    }
}
