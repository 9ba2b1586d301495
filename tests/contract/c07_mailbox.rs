//! C7 on the mailbox: panicking wakers on every path that wakes several, and panicking messages.

use crate::common::{Bell, Dropped, panic_message, queued, ready};
use futures::sink::Sink;
use sempost::mailbox::{self, TryRecvError};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

const PANIC: &str = "this waker panics";

fn first_of_three_panics() -> [Bell; 3] {
    [Bell::panicking(), Bell::new(), Bell::new()]
}

fn assert_all_woken(bells: &[Bell; 3]) {
    assert_eq!(bells.each_ref().map(Bell::wakes), [1, 1, 1]);
}

#[test]
fn c07_mailbox_close_wakes_the_rest_of_the_receivers() {
    let (tx, rx) = mailbox::bounded::<u32>(1);
    let bells = first_of_three_panics();
    let line = bells.each_ref().map(|bell| queued(rx.recv(), bell));
    assert_eq!(panic_message(|| tx.close_mailbox()), PANIC);
    assert_all_woken(&bells);
    line.into_iter().for_each(|mut w| assert_eq!(ready(&mut w, &Bell::new()), None));
}

#[test]
fn c07_mailbox_close_wakes_the_rest_of_the_senders() {
    let (tx, rx) = mailbox::bounded(1);
    tx.try_send(0).unwrap();
    let bells = first_of_three_panics();
    let line = bells.each_ref().map(|bell| queued(tx.send(7), bell));
    assert_eq!(panic_message(|| rx.close()), PANIC);
    assert_all_woken(&bells);
    line.into_iter().for_each(|mut w| assert_eq!(ready(&mut w, &Bell::new()).unwrap_err().0, 7));
    assert_eq!((rx.try_recv(), rx.try_recv()), (Ok(0), Err(TryRecvError::Closed)));
}

#[test]
fn c07_mailbox_close_wakes_the_rest_of_the_onlookers() {
    let (tx, rx) = mailbox::bounded::<u32>(1);
    let (closed, drained) = (first_of_three_panics(), first_of_three_panics());
    let _closed = closed.each_ref().map(|bell| queued(tx.closed(), bell));
    let _drained = drained.each_ref().map(|bell| queued(rx.drained(), bell));
    assert_eq!(panic_message(|| rx.close()), PANIC);
    assert_all_woken(&closed);
    assert_all_woken(&drained);
}

#[test]
fn c07_mailbox_the_last_senders_drop_wakes_the_rest() {
    let (tx, rx) = mailbox::bounded::<u32>(1);
    let bells = first_of_three_panics();
    let _line = bells.each_ref().map(|bell| queued(rx.recv(), bell));
    assert_eq!(panic_message(|| drop(tx)), PANIC);
    assert_all_woken(&bells);
    assert_eq!(rx.sender_count(), 0);
}

#[test]
fn c07_mailbox_the_last_receivers_drop_wakes_the_rest() {
    let (tx, rx) = mailbox::bounded(1);
    tx.try_send(0).unwrap();
    let bells = first_of_three_panics();
    let _line = bells.each_ref().map(|bell| queued(tx.send(7), bell));
    assert_eq!(panic_message(|| drop(rx)), PANIC);
    assert_all_woken(&bells);
    assert_eq!((tx.receiver_count(), tx.len()), (0, 0));
}

#[test]
fn c07_mailbox_a_batch_received_wakes_the_rest() {
    let (tx, rx) = mailbox::bounded(3);
    (0..3).for_each(|i| tx.try_send(i).unwrap());
    let bells = first_of_three_panics();
    let line = bells.each_ref().map(|bell| queued(tx.send(7), bell));
    let mut taken = Vec::new();
    assert_eq!(panic_message(|| rx.try_recv_many(&mut taken, 3)), PANIC);
    assert_all_woken(&bells);
    line.into_iter().for_each(|mut w| assert!(ready(&mut w, &Bell::new()).is_ok()));
}

#[test]
fn c07_mailbox_dropped_permits_wake_the_rest() {
    let (tx, _rx) = mailbox::bounded::<u32>(3);
    let permits = tx.try_reserve_many(3).unwrap();
    let bells = first_of_three_panics();
    let line = bells.each_ref().map(|bell| queued(tx.reserve(), bell));
    assert_eq!(panic_message(|| drop(permits)), PANIC);
    assert_all_woken(&bells);
    line.into_iter().for_each(|mut w| assert!(ready(&mut w, &Bell::new()).is_ok()));
}

#[test]
fn c07_mailbox_a_send_whose_wake_panics_was_sent() {
    let (tx, rx) = mailbox::bounded(1);
    let hostile = Bell::panicking();
    let mut waiting = queued(rx.recv(), &hostile);
    assert_eq!(panic_message(|| tx.try_send(1)), PANIC);
    assert_eq!(rx.len(), 1);
    assert_eq!(ready(&mut waiting, &Bell::new()), Some(1));
}

#[test]
fn c07_mailbox_a_handles_panicking_waker_is_contained() {
    let (tx, mut rx) = mailbox::bounded(2);
    let (hostile, bell) = (Bell::panicking(), Bell::new());
    let other = rx.clone();
    assert!(rx.poll_recv(&mut hostile.context()).is_pending());
    let mut waiting = queued(other.recv(), &bell);
    assert_eq!(panic_message(|| tx.try_send(1)), PANIC);
    assert_eq!(tx.try_send(2), Ok(()));
    assert_eq!(ready(&mut waiting, &bell), Some(1));
    assert_eq!(rx.try_recv(), Ok(2));
}

type Ends = (mailbox::Sender<Dropped>, mailbox::Receiver<Dropped>);

fn queue_of_three(panicking: [bool; 3]) -> (Ends, Arc<AtomicUsize>) {
    let count = Arc::new(AtomicUsize::new(0));
    let (tx, rx) = mailbox::unbounded();
    for (id, panics) in panicking.into_iter().enumerate() {
        let message = if panics { Dropped::panicking } else { Dropped::new };
        assert!(tx.try_send(message(id as u32, &count)).is_ok());
    }
    ((tx, rx), count)
}

#[test]
fn c07_mailbox_the_first_message_panics_and_the_rest_are_dropped() {
    let ((tx, rx), count) = queue_of_three([true, false, false]);
    assert_eq!(panic_message(|| drop(rx)), "message 0 panics in its drop");
    assert_eq!((count.load(Ordering::SeqCst), tx.receiver_count()), (3, 0));
}

#[test]
fn c07_mailbox_every_message_panics_and_every_one_is_dropped() {
    let ((tx, rx), count) = queue_of_three([true, true, true]);
    drop(tx);
    assert_eq!(panic_message(|| drop(rx)), "message 0 panics in its drop");
    assert_eq!(count.load(Ordering::SeqCst), 3);
}

#[test]
fn c07_mailbox_messages_dropped_in_a_panic_abort_nothing() {
    let ((_tx, rx), count) = queue_of_three([true, true, true]);
    let message = panic_message(|| {
        let _rx = rx;
        panic!("the first panic");
    });
    assert_eq!((message.as_str(), count.load(Ordering::SeqCst)), ("the first panic", 3));
}

#[test]
fn c07_mailbox_a_message_that_panics_in_the_kth_place_of_many_leaks_none() {
    for k in [0, 1, 63, 64, 65, 127, 128, 199] {
        let count = Arc::new(AtomicUsize::new(0));
        let (tx, rx) = mailbox::bounded(200);
        for id in 0..200 {
            let message = if id == k { Dropped::panicking } else { Dropped::new };
            assert!(tx.try_send(message(id, &count)).is_ok());
        }
        assert_eq!(panic_message(|| drop(rx)), format!("message {k} panics in its drop"));
        assert_eq!(count.load(Ordering::SeqCst), 200);
    }
}

#[test]
fn c07_mailbox_senders_learn_though_messages_panic() {
    let ((tx, rx), _count) = queue_of_three([true, false, false]);
    let bell = Bell::new();
    let mut closed = queued(tx.closed(), &bell);
    drop(panic_message(|| drop(rx)));
    assert_eq!(bell.wakes(), 1);
    ready(&mut closed, &bell);
}

#[test]
fn c07_mailbox_a_cancelled_send_whose_value_panics_has_left_the_line() {
    let count = Arc::new(AtomicUsize::new(0));
    let (tx, rx) = mailbox::bounded(1);
    tx.try_send(Dropped::new(0, &count)).unwrap();
    let bell = Bell::new();
    let hostile = queued(tx.send(Dropped::panicking(1, &count)), &Bell::new());
    let mut next = queued(tx.send(Dropped::new(2, &count)), &bell);
    assert_eq!(rx.try_recv().unwrap().id, 0);
    assert_eq!(panic_message(|| drop(hostile)), "message 1 panics in its drop");
    assert_eq!(bell.wakes(), 1, "the slot goes on");
    assert!(ready(&mut next, &bell).is_ok());
}

#[test]
fn c07_mailbox_a_panicking_value_in_the_outbox_closes_its_handle_all_the_same() {
    let count = Arc::new(AtomicUsize::new(0));
    let (mut tx, rx) = mailbox::bounded(1);
    let bell = Bell::new();
    assert!(Pin::new(&mut tx).poll_ready(&mut bell.context()).is_ready());
    tx.try_send(Dropped::new(0, &count)).unwrap();
    assert!(Pin::new(&mut tx).start_send(Dropped::panicking(1, &count)).is_ok());
    assert_eq!(panic_message(|| drop(tx)), "message 1 panics in its drop");
    assert_eq!((rx.sender_count(), rx.is_closed()), (0, true));
    assert_eq!(rx.try_recv().unwrap().id, 0);
}
