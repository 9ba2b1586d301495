//! One thread, polled by hand: order, room, ends, handles.

use crate::common::{Bell, now, pending, queued, ready};
use futures::executor::block_on_stream;
use futures::future::{Either, select};
use sempost::mailbox::{self, SendError, TryRecvError, TrySendError};
use std::error::Error;
use std::iter;

/// basic: send_recv
#[test]
fn a_thousand_messages_are_found_in_order() {
    let (tx, rx) = mailbox::unbounded();
    (0..1000).for_each(|i| tx.try_send(i).unwrap());
    (0..1000).for_each(|i| assert_eq!(rx.try_recv(), Ok(i)));
    assert!(rx.try_recv().is_err());
}

/// basic: iter
#[test]
fn a_stream_is_walked_through_by_a_thread_up_to_its_end() {
    let (tx, rx) = mailbox::unbounded();
    (0..1000).for_each(|i| tx.try_send(i).unwrap());
    drop(tx);
    assert!(block_on_stream(rx).eq(0..1000));
}

/// basic: try_iter
#[test]
fn what_is_there_is_walked_through_without_an_end() {
    let (tx, rx) = mailbox::unbounded();
    (0..1000).for_each(|i| tx.try_send(i).unwrap());
    assert!(iter::from_fn(|| rx.try_recv().ok()).eq(0..1000));
    assert!(!tx.is_closed());
}

/// basic: send_timeout
#[test]
fn a_send_that_is_late_is_cancelled_and_afterwards_there_is_room() {
    let (tx, rx) = mailbox::bounded(1);
    now(tx.send(42)).unwrap();
    let mut late = queued(tx.send(43), &Bell::new());
    assert_eq!(late.as_mut().cancel(), Some(43));
    let mut got = Vec::new();
    assert_eq!(rx.try_recv_many(&mut got, usize::MAX), Ok(1));
    assert_eq!((got, tx.remaining()), (vec![42], 1));
    drop(rx);
    assert_eq!(now(tx.send(42)), Err(SendError(42)));
}

/// basic: recv_timeout
/// basic: recv_deadline
#[test]
fn a_receive_that_is_late_is_dropped_and_the_next_is_done_at_once() {
    let (tx, rx) = mailbox::unbounded();
    drop(queued(rx.recv(), &Bell::new()));
    assert_eq!(rx.waiting_receivers(), 0);
    tx.try_send(42).unwrap();
    assert_eq!(now(rx.recv()), Some(42));
}

/// basic: recv_timeout_missed_send
#[test]
fn a_receive_that_was_given_up_takes_no_message_along() {
    let (tx, rx) = mailbox::bounded(10);
    drop(queued(rx.recv(), &Bell::new()));
    tx.try_send(42).unwrap();
    assert_eq!(rx.recv_blocking(), Some(42));
}

/// basic: disconnect_tx
#[test]
fn without_a_sender_a_thread_does_not_wait() {
    let (tx, rx) = mailbox::unbounded::<()>();
    drop(tx);
    assert_eq!(rx.recv_blocking(), None);
}

/// basic: disconnect_rx
#[test]
fn without_a_receiver_a_message_comes_back() {
    let (tx, rx) = mailbox::unbounded();
    drop(rx);
    assert_eq!(tx.send_blocking(0), Err(SendError(0)));
}

/// basic: drain
#[test]
fn all_there_is_may_be_taken_at_once_and_the_rest_is_in_order() {
    let (tx, rx) = mailbox::unbounded();
    let send = || (0..100).for_each(|i| tx.try_send(i).unwrap());
    send();
    let mut got = Vec::new();
    assert_eq!(rx.try_recv_many(&mut got, usize::MAX), Ok(100));
    assert!(got.into_iter().eq(0..100));
    send();
    send();
    assert_eq!(rx.try_recv(), Ok(0));
    assert!(iter::from_fn(|| rx.try_recv().ok()).eq((1..100).chain(0..100)));
}

/// basic: try_send
#[test]
fn to_try_fits_again_after_a_receive_and_never_after_the_receiver() {
    let (tx, rx) = mailbox::bounded(5);
    (0..5).for_each(|i| tx.try_send(i).unwrap());
    assert_eq!(tx.try_send(42), Err(TrySendError::Full(42)));
    assert_eq!(now(rx.recv()), Some(0));
    tx.try_send(42).unwrap();
    assert_eq!(now(rx.recv()), Some(1));
    drop(rx);
    assert_eq!(tx.try_send(42), Err(TrySendError::Closed(42)));
}

/// basic: rendezvous
#[test]
fn at_capacity_0_to_try_fails_and_a_send_is_done_when_it_is_received() {
    let (tx, rx) = mailbox::bounded(0);
    for i in 0..5 {
        assert_eq!(tx.try_send(i), Err(TrySendError::Full(i)));
        let bell = Bell::new();
        let mut sending = queued(tx.send(i), &bell);
        pending(&mut sending, &bell);
        assert_eq!((now(rx.recv()), bell.wakes()), (Some(i), 1));
        ready(&mut sending, &bell).unwrap();
    }
}

/// basic: select_general
#[test]
fn of_several_futures_one_is_selected_and_the_others_lose_nothing() {
    let ((tx0, rx0), (tx1, rx1)) = (mailbox::bounded(1), mailbox::unbounded());
    let bell = Bell::new();
    let mut first = queued(select(Box::pin(rx0.recv()), Box::pin(rx1.recv())), &bell);
    tx1.try_send(1).unwrap();
    tx0.try_send(0).unwrap();
    assert!(bell.wakes() > 0);
    // A loser that was woken keeps its claim until it is dropped.
    match ready(&mut first, &bell) {
        Either::Left((got, loser)) => {
            drop(loser);
            assert_eq!((got, rx1.try_recv()), (Some(0), Ok(1)));
        }
        Either::Right((got, loser)) => {
            drop(loser);
            assert_eq!((got, rx0.try_recv()), (Some(1), Ok(0)));
        }
    }
    drop(first);
    tx0.try_send(42).unwrap();
    let mut sending = queued(select(Box::pin(tx0.send(43)), Box::pin(rx1.recv())), &bell);
    assert_eq!(now(rx0.recv()), Some(42));
    assert!(matches!(ready(&mut sending, &bell), Either::Left((Ok(()), _))));
    assert_eq!(now(rx0.recv()), Some(43));
}

/// basic: std_error_without_debug
#[test]
fn errors_are_errors_whatever_the_message_is() {
    struct Plain;
    fn is_error<T, E: Error + 'static>(answer: Result<T, E>) {
        let error: Box<dyn Error> = answer.err().unwrap().into();
        assert!(error.to_string().starts_with("mailbox"));
    }
    let (tx, rx) = mailbox::bounded(1);
    is_error(rx.try_recv());
    assert!(tx.try_send(Plain).is_ok());
    is_error(tx.try_send(Plain));
    drop(rx);
    is_error(tx.try_send(Plain));
    is_error(now(tx.send(Plain)));
    is_error(now(tx.reserve()).map(drop));
}

/// basic: weak_close
#[test]
fn a_weak_sender_does_not_keep_the_mailbox_open() {
    let (tx, rx) = mailbox::unbounded::<()>();
    let weak = tx.downgrade();
    drop(tx);
    assert!(weak.upgrade().is_none() && rx.is_closed());
    assert_eq!(rx.try_recv(), Err(TryRecvError::Closed));
}

/// basic: weak_upgrade
#[test]
fn a_weak_sender_that_was_upgraded_keeps_the_mailbox_open() {
    let (tx, rx) = mailbox::unbounded();
    let again = tx.downgrade().upgrade().unwrap();
    drop(tx);
    assert!(!rx.is_closed());
    again.try_send(()).unwrap();
    assert_eq!(rx.try_recv(), Ok(()));
}

/// check_same_channel: same_sender
/// check_same_channel: same_send_sink
#[test]
fn senders_know_whether_they_are_of_one_mailbox() {
    let ((tx, _rx), (stranger, _other)) = (mailbox::unbounded::<()>(), mailbox::unbounded());
    let clone = tx.clone();
    assert!(tx.same_mailbox(&clone));
    assert!(!tx.same_mailbox(&stranger) && !clone.same_mailbox(&stranger));
}

/// check_same_channel: same_receiver
/// check_same_channel: same_recv_stream
#[test]
fn receivers_know_whether_they_are_of_one_mailbox() {
    let ((_tx, rx), (_other, stranger)) = (mailbox::unbounded::<()>(), mailbox::unbounded());
    let clone = rx.clone();
    assert!(rx.same_mailbox(&clone));
    assert!(!rx.same_mailbox(&stranger) && !clone.same_mailbox(&stranger));
}

/// method_sharing: sender
#[test]
fn a_handle_tells_of_its_mailbox_also_while_a_future_borrows_it() {
    let (tx, rx) = mailbox::bounded(1);
    let _receiving = rx.recv();
    let _sending = tx.send(());
    assert_eq!((tx.is_closed(), tx.is_empty(), tx.is_full()), (false, true, false));
    assert_eq!((tx.len(), tx.capacity()), (rx.len(), rx.capacity()));
    assert_eq!((rx.is_closed(), rx.is_empty(), rx.is_full()), (false, true, false));
}
