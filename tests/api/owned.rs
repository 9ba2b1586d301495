//! Futures that keep their handle.

use crate::common::{Bell, Dropped, now, queued, ready};
use futures::FutureExt;
use sempost::mailbox::{self, ReceivingOwned, SendingOwned};
use std::sync::Arc;
use std::sync::atomic::Ordering::SeqCst;

#[test]
fn they_answer_what_the_borrowing_forms_answer_and_the_handle() {
    let (tx, rx) = mailbox::bounded(1);
    let sending: SendingOwned<u32> = tx.send_owned(1);
    let (sent, tx) = now(sending);
    assert!(sent.is_ok());
    let receiving: ReceivingOwned<u32> = rx.recv_owned();
    let (message, rx) = now(receiving);
    assert_eq!((message, tx.sender_count(), tx.receiver_count()), (Some(1), 1, 1));
    rx.close();
    let (sent, tx) = now(tx.send_owned(2));
    assert_eq!(sent.unwrap_err().into_inner(), 2);
    let (message, rx) = now(rx.recv_owned());
    assert_eq!(message, None);
    assert!(tx.is_closed() && rx.is_empty());
}

#[test]
fn dropped_in_line_they_drop_the_handle_and_nothing_else() {
    let (tx, rx) = mailbox::bounded(1);
    drop(queued(rx.clone().recv_owned(), &Bell::new()));
    assert_eq!((tx.receiver_count(), tx.waiting_receivers()), (1, 0));
    tx.try_send(1).unwrap();
    drop(queued(tx.clone().send_owned(2), &Bell::new()));
    assert_eq!((tx.sender_count(), tx.waiting_senders(), tx.len()), (1, 0, 1));
}

#[test]
fn unpolled_they_drop_the_handle() {
    let (tx, rx) = mailbox::bounded::<u32>(1);
    drop(rx.recv_owned());
    assert!(tx.is_closed(), "it was the last");
}

#[test]
fn dropped_after_their_grant_they_pass_it_on() {
    let (tx, rx) = mailbox::bounded(1);
    let bell = Bell::new();
    let first = queued(rx.clone().recv_owned(), &Bell::new());
    let mut second = queued(rx.recv_owned(), &bell);
    tx.try_send(1).unwrap();
    drop(first);
    assert_eq!(bell.wakes(), 1);
    assert_eq!(ready(&mut second, &bell).0, Some(1));
}

#[test]
fn the_last_sender_in_a_future_keeps_the_mailbox_open() {
    let (tx, rx) = mailbox::bounded(1);
    tx.try_send(0).unwrap();
    let bell = Bell::new();
    let mut sending = queued(tx.send_owned(1), &bell);
    assert!(!rx.is_closed());
    assert_eq!(rx.try_recv(), Ok(0));
    drop(ready(&mut sending, &bell));
    assert!(rx.is_closed());
    assert_eq!(rx.try_recv(), Ok(1));
}

#[test]
fn cancel_gives_the_message_back_and_drops_the_sender() {
    let (tx, rx) = mailbox::bounded(1);
    let count = Arc::default();
    tx.try_send(Dropped::new(0, &count)).unwrap();
    let mut sending = queued(tx.send_owned(Dropped::new(1, &count)), &Bell::new());
    let back = sending.as_mut().cancel().expect("it was not sent");
    assert_eq!((back.id, count.load(SeqCst), rx.sender_count(), rx.waiting_senders()), (1, 0, 0, 0));
    assert!(sending.as_mut().cancel().is_none());
    drop(back);
    assert_eq!(count.load(SeqCst), 1);
}

#[test]
fn at_capacity_0_they_meet() {
    let (tx, rx) = mailbox::bounded(0);
    let bells = [Bell::new(), Bell::new()];
    let mut receiving = queued(rx.recv_owned(), &bells[0]);
    let mut sending = queued(tx.send_owned(7), &bells[1]);
    let (message, _rx) = ready(&mut receiving, &bells[0]);
    assert_eq!(message, Some(7));
    assert!(ready(&mut sending, &bells[1]).0.is_ok());
}

/// What a poll of the handle had begun is over when the handle goes into a future.
#[test]
fn a_handle_that_was_polled_leaves_its_seat_first() {
    let (tx, mut rx) = mailbox::bounded::<u32>(1);
    let bell = Bell::new();
    assert!(rx.poll_recv(&mut bell.context()).is_pending());
    let receiving = rx.recv_owned();
    assert_eq!(tx.waiting_receivers(), 0);
    tx.try_send(1).unwrap();
    assert_eq!(bell.wakes(), 0);
    assert_eq!(now(receiving).0, Some(1));
}

#[test]
fn threads_wait_in_them_too() {
    let (tx, rx) = mailbox::bounded(1);
    let receiver = std::thread::spawn(move || rx.recv_owned().wait().0);
    let (sent, tx) = tx.send_owned(1).wait();
    assert!(sent.is_ok());
    assert_eq!(receiver.join().unwrap(), Some(1));
    assert!(tx.send_owned(2).now_or_never().unwrap().0.is_err());
}
