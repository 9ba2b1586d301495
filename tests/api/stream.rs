//! A receiver as `Stream`.

use crate::common::{Bell, now};
use futures::stream::{FusedStream, Stream, StreamExt};
use sempost::mailbox::{self, Receiver};
use std::pin::Pin;
use std::task::Poll;

fn poll_next<T>(rx: &mut Receiver<T>, bell: &Bell) -> Poll<Option<T>> {
    Pin::new(rx).poll_next(&mut bell.context())
}

#[test]
fn it_yields_every_message_in_order_and_then_none() {
    let (tx, rx) = mailbox::bounded(8);
    (0..8).for_each(|i| tx.try_send(i).unwrap());
    drop(tx);
    assert_eq!(now(rx.collect::<Vec<_>>()), (0..8).collect::<Vec<_>>());
}

#[test]
fn it_waits_for_messages() {
    let (tx, mut rx) = mailbox::bounded(1);
    let bell = Bell::new();
    assert!(poll_next(&mut rx, &bell).is_pending());
    tx.try_send(1).unwrap();
    assert_eq!(bell.wakes(), 1);
    assert_eq!(poll_next(&mut rx, &bell), Poll::Ready(Some(1)));
    assert!(poll_next(&mut rx, &bell).is_pending());
}

#[test]
fn it_is_terminated_only_after_none() {
    let (tx, mut rx) = mailbox::bounded::<u32>(1);
    let bell = Bell::new();
    tx.try_send(1).unwrap();
    tx.close_mailbox();
    assert!(!rx.is_terminated());
    assert_eq!(poll_next(&mut rx, &bell), Poll::Ready(Some(1)));
    assert!(!rx.is_terminated());
    assert_eq!(poll_next(&mut rx, &bell), Poll::Ready(None));
    assert!(rx.is_terminated());
    assert_eq!(poll_next(&mut rx, &bell), Poll::Ready(None));
    assert!(rx.is_terminated());
}

#[test]
fn close_wakes_it() {
    let (tx, mut rx) = mailbox::bounded::<u32>(1);
    let bell = Bell::new();
    assert!(poll_next(&mut rx, &bell).is_pending());
    tx.close_mailbox();
    assert_eq!(bell.wakes(), 1);
    assert_eq!(poll_next(&mut rx, &bell), Poll::Ready(None));
}

#[test]
fn it_gives_way_to_a_claim() {
    let (tx, mut rx) = mailbox::bounded(4);
    let (stream, future) = (Bell::new(), Bell::new());
    let other = rx.clone();
    let mut claimed = crate::common::queued(other.recv(), &future);
    tx.try_send(1).unwrap();
    assert!(poll_next(&mut rx, &stream).is_pending(), "the only message is claimed");
    tx.try_send(2).unwrap();
    assert_eq!(poll_next(&mut rx, &stream), Poll::Ready(Some(1)));
    assert_eq!(crate::common::ready(&mut claimed, &future), Some(2));
}

#[test]
fn it_receives_in_batches() {
    let (tx, mut rx) = mailbox::bounded(8);
    let (bell, mut taken) = (Bell::new(), Vec::new());
    assert!(rx.poll_recv_many(&mut bell.context(), &mut taken, 3).is_pending());
    (0..5).for_each(|i| tx.try_send(i).unwrap());
    assert_eq!(rx.poll_recv_many(&mut bell.context(), &mut taken, 3), Poll::Ready(3));
    assert_eq!(rx.poll_recv_many(&mut bell.context(), &mut taken, 3), Poll::Ready(2));
    assert_eq!(rx.poll_recv_many(&mut bell.context(), &mut taken, 0), Poll::Ready(0));
    assert_eq!(taken, [0, 1, 2, 3, 4]);
    tx.close_mailbox();
    assert_eq!(rx.poll_recv_many(&mut bell.context(), &mut taken, 3), Poll::Ready(0));
}

#[test]
fn two_streams_are_woken_in_turn_and_both_end() {
    let (tx, mut rx) = mailbox::bounded(4);
    let (a, b) = (Bell::new(), Bell::new());
    let mut other = rx.clone();
    assert!(poll_next(&mut rx, &a).is_pending());
    assert!(poll_next(&mut other, &b).is_pending());
    tx.try_send(1).unwrap();
    assert_eq!((a.wakes(), b.wakes()), (1, 0));
    assert_eq!(poll_next(&mut rx, &a), Poll::Ready(Some(1)));
    assert!(poll_next(&mut rx, &a).is_pending());
    tx.try_send(2).unwrap();
    assert_eq!((a.wakes(), b.wakes()), (1, 1));
    drop(tx);
    assert_eq!(poll_next(&mut other, &b), Poll::Ready(Some(2)));
    assert_eq!(poll_next(&mut other, &b), Poll::Ready(None));
    assert_eq!(poll_next(&mut rx, &a), Poll::Ready(None));
}

#[test]
fn a_slow_stream_takes_several_messages_after_one_wake_up() {
    let (tx, mut rx) = mailbox::bounded(4);
    let bell = Bell::new();
    assert!(poll_next(&mut rx, &bell).is_pending());
    (0..4).for_each(|i| tx.try_send(i).unwrap());
    assert_eq!(bell.wakes(), 1);
    (0..4).for_each(|i| assert_eq!(poll_next(&mut rx, &bell), Poll::Ready(Some(i))));
    assert!(poll_next(&mut rx, &bell).is_pending());
}
