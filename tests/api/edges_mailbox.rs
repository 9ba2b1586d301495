//! Edges of a mailbox that a single changed operator would move: what is left to those who were nudged, and how it is
//! counted.

use crate::common::{Bell, now, panic_message, pending, poll, queued, ready};
use futures::sink::Sink;
use sempost::mailbox::{self, Receiver, Sender, TryRecvError};
use std::pin::Pin;
use std::task::Poll;

/// A handle that was polled and sleeps.
#[track_caller]
fn polled<T>(receiver: &Receiver<T>, bell: &Bell) -> Receiver<T> {
    let mut handle = receiver.clone();
    assert!(handle.poll_recv(&mut bell.context()).is_pending());
    handle
}

#[track_caller]
fn polled_to_send<T>(sender: &Sender<T>, bell: &Bell) -> Sender<T> {
    let mut handle = sender.clone();
    assert!(Pin::new(&mut handle).poll_ready(&mut bell.context()).is_pending());
    handle
}

#[test]
fn what_only_a_nudge_covers_is_for_whoever_comes_first() {
    let (tx, rx) = mailbox::bounded(1);
    let (nudged, sleeping) = (Bell::new(), Bell::new());
    tx.try_send(1).unwrap();
    let _handles = [polled_to_send(&tx, &nudged), polled_to_send(&tx, &sleeping)];
    assert_eq!((rx.try_recv(), nudged.wakes(), sleeping.wakes()), (Ok(1), 1, 0));
    assert_eq!(tx.try_send(2), Ok(()), "somebody sleeps, and yet the slot was left to the one who was nudged");
}

#[test]
fn a_message_that_a_newcomer_received_is_left_to_nobody() {
    let (tx, rx) = mailbox::bounded(4);
    let (nudged, next) = (Bell::new(), Bell::new());
    let _abandoned = polled(&rx, &nudged);
    tx.try_send(1).unwrap();
    assert_eq!((nudged.wakes(), now(rx.recv())), (1, Some(1)));
    let _next = polled(&rx, &next);
    tx.try_send(2).unwrap();
    assert_eq!(next.wakes(), 1);
}

#[test]
fn a_message_that_a_newcomer_took_beside_a_claim_is_left_to_nobody() {
    for many in [false, true] {
        let (tx, rx) = mailbox::bounded(4);
        let (nudged, granted, next) = (Bell::new(), Bell::new(), Bell::new());
        let _abandoned = polled(&rx, &nudged);
        let mut future = queued(rx.recv(), &granted);
        (1..=2).for_each(|message| tx.try_send(message).unwrap());
        assert_eq!((nudged.wakes(), granted.wakes()), (1, 1));
        if many {
            assert_eq!(rx.try_recv_many(&mut Vec::new(), 4), Ok(1));
        } else {
            assert_eq!(rx.try_recv(), Ok(1));
        }
        let _next = polled(&rx, &next);
        tx.try_send(3).unwrap();
        assert_eq!(next.wakes(), 1, "many: {many}");
        assert_eq!(ready(&mut future, &granted), Some(2));
    }
}

#[test]
fn who_was_nudged_is_counted_as_waiting() {
    let (tx, rx) = mailbox::bounded(1);
    let bell = Bell::new();
    let handle = polled(&rx, &bell);
    let future = queued(rx.recv(), &Bell::new());
    tx.try_send(1).unwrap();
    assert_eq!((bell.wakes(), rx.waiting_receivers()), (1, 2));
    drop(future);
    assert_eq!(rx.waiting_receivers(), 1);
    drop(handle);
    assert_eq!(rx.waiting_receivers(), 0);
}

#[test]
fn a_batch_out_of_meetings_leaves_the_rest_to_those_who_were_nudged() {
    let (tx, rx) = mailbox::bounded(0);
    let bells = [(); 3].map(|()| Bell::new());
    let _handles = bells.each_ref().map(|bell| polled(&rx, bell));
    let mut senders = [1, 2].map(|message| queued(tx.send(message), &Bell::new()));
    assert_eq!(bells.each_ref().map(Bell::wakes), [1, 1, 0]);
    let mut list = Vec::new();
    assert_eq!((rx.try_recv_many(&mut list, 1), list), (Ok(1), vec![1]));
    assert_eq!(bells.each_ref().map(Bell::wakes), [1, 1, 0], "the second message is left to one who is awake");
    assert!(poll(&mut senders[0], &Bell::new()).is_ready());
    pending(&mut senders[1], &Bell::new());
}

#[test]
fn a_reservation_at_a_meeting_waits_for_a_receiver() {
    let (tx, rx) = mailbox::bounded::<u32>(0);
    let bell = Bell::new();
    let mut reserving = queued(tx.reserve(), &bell);
    assert_eq!(bell.wakes(), 0);
    pending(&mut reserving, &bell);
    let _receiving = queued(rx.recv(), &Bell::new());
    assert_eq!(bell.wakes(), 1);
    assert!(ready(&mut reserving, &bell).is_ok());
}

/// The message is taken, which ends the mailbox; the waker of the other receiver, who is told so, panics.
#[test]
fn a_message_torn_down_after_the_end_was_announced_does_not_come_back() {
    let (tx, rx) = mailbox::bounded(1);
    let (first, second) = (Bell::new(), Bell::panicking());
    let mut taking = queued(rx.recv(), &first);
    let mut told = queued(rx.recv(), &second);
    tx.try_send(1).unwrap();
    tx.close_mailbox();
    assert_eq!((first.wakes(), second.wakes()), (1, 0));
    assert_eq!(panic_message(|| poll(&mut taking, &first).is_ready()), "this waker panics");
    assert_eq!(poll(&mut told, &Bell::new()), Poll::Ready(None));
    assert_eq!((rx.try_recv(), rx.len()), (Err(TryRecvError::Closed), 0));
}

#[test]
fn one_receiver_is_set_aside_for_one_reservation() {
    let (tx, rx) = mailbox::bounded::<u32>(0);
    let bells = [(); 2].map(|()| Bell::new());
    let mut line = bells.each_ref().map(|bell| queued(tx.reserve(), bell));
    let _receiving = queued(rx.recv(), &Bell::new());
    assert_eq!(bells.each_ref().map(Bell::wakes), [1, 0]);
    let permit = ready(&mut line[0], &bells[0]).unwrap();
    pending(&mut line[1], &bells[1]);
    drop(permit);
    assert_eq!(bells[1].wakes(), 1, "the receiver is free again");
}

/// The waker of a nudged sender takes the slot for a message of its own, and panics: there is no slot to put back into.
#[test]
fn a_message_goes_back_to_the_front_of_a_full_block() {
    let (tx, rx) = mailbox::bounded(1);
    let bell = Bell::new();
    tx.try_send(1).unwrap();
    let _handle = polled_to_send(&tx, &bell);
    bell.on_wake(move || {
        tx.try_send(2).unwrap();
        panic!("this waker sends and panics");
    });
    assert_eq!(panic_message(|| now(rx.recv())), "this waker sends and panics");
    assert_eq!((rx.len(), rx.try_recv(), rx.try_recv()), (2, Ok(1), Ok(2)));
}

/// The same with several blocks: the one that came free is in use again, and the first is full.
#[test]
fn a_message_goes_back_before_a_full_first_block() {
    let (tx, rx) = mailbox::bounded::<[u16; 128]>(9);
    let bell = Bell::new();
    // Four fill a block: nine are in the last of one block, a full one, and another full one.
    (0..9).for_each(|n| tx.try_send([n; 128]).unwrap());
    (0..3).for_each(|n| assert_eq!(rx.try_recv(), Ok([n; 128])));
    (9..12).for_each(|n| tx.try_send([n; 128]).unwrap());
    let _handle = polled_to_send(&tx, &bell);
    bell.on_wake(move || {
        tx.try_send([12; 128]).unwrap();
        panic!("this waker sends and panics");
    });
    assert_eq!(panic_message(|| now(rx.recv())), "this waker sends and panics");
    (3..13).for_each(|n| assert_eq!(rx.try_recv(), Ok([n; 128])));
    assert!(rx.is_empty());
}

/// What was put back fills its slot again: what is sent next goes behind it, into a new block.
#[test]
fn a_message_that_went_back_fills_its_slot() {
    let (tx, rx) = mailbox::bounded::<[u16; 128]>(9);
    let bell = Bell::panicking();
    (0..4).for_each(|n| tx.try_send([n; 128]).unwrap());
    let reserving = queued(tx.reserve_many(6), &bell);
    assert_eq!(panic_message(|| now(rx.recv())), "this waker panics");
    drop(reserving);
    (4..9).for_each(|n| tx.try_send([n; 128]).unwrap());
    (0..9).for_each(|n| assert_eq!(rx.try_recv(), Ok([n; 128])));
}
