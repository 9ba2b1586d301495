//! A handle of a mailbox with credits as a sink: its outbox, and what is finished.

use crate::common::{Bell, expect_ready, now, panic_message, queued, ready, with};
use futures::sink::{Sink, SinkExt};
use sempost::mailbox::credits::{CreditReceiver, CreditSender, Lease};
use sempost::mailbox::{self, Closed, SinkError, TryReserveError, TrySendError};
use std::pin::Pin;

/// Numbers that weigh what they say.
fn numbers(limit: usize) -> (CreditSender<usize>, CreditReceiver<usize>) {
    mailbox::credits(limit, |n| *n)
}

fn start<T: Send + 'static>(sink: &mut CreditSender<T>, message: T) -> Result<(), SinkError<T>> {
    Pin::new(sink).start_send(message)
}

/// Kills: a sink that keeps credits while it is ready and has nothing to send.
#[test]
fn an_idle_sink_keeps_no_credits() {
    let ((mut tx, rx), bell) = (numbers(2), Bell::new());
    assert!(expect_ready(with(&bell, |cx| Pin::new(&mut tx).poll_ready(cx))).is_ok());
    assert_eq!(tx.available_credits(), 2);
    start(&mut tx, 2).unwrap();
    assert!(expect_ready(with(&bell, |cx| Pin::new(&mut tx).poll_flush(cx))).is_ok());
    start(&mut tx, 1).unwrap();
    assert!(with(&bell, |cx| Pin::new(&mut tx).poll_ready(cx)).is_pending());
    assert_eq!((tx.waiting_senders(), rx.len(), bell.wakes()), (1, 1, 0));
    // Nobody polls the sink: its message enters as the credits come, and the next in line is not held up.
    let other = tx.clone();
    let mut next = queued(other.send(1), &Bell::new());
    drop(rx.try_recv().unwrap());
    assert_eq!((bell.wakes(), rx.len(), tx.granted_credits(), tx.waiting_senders()), (1, 1, 1, 0));
    ready(&mut next, &bell).unwrap();
    assert!(expect_ready(with(&bell, |cx| Pin::new(&mut tx).poll_ready(cx))).is_ok());
    assert_eq!((rx.len(), bell.held()), (2, 0));
}

#[test]
fn a_sink_gives_a_message_back_that_the_close_refused() {
    for last_receiver in [false, true] {
        let ((mut tx, rx), bell) = (numbers(1), Bell::new());
        tx.try_send(1).unwrap();
        start(&mut tx, 7).unwrap();
        assert!(with(&bell, |cx| Pin::new(&mut tx).poll_flush(cx)).is_pending());
        let lease = rx.try_recv().unwrap();
        if last_receiver {
            drop(rx);
        } else {
            assert!(rx.close());
        }
        assert_eq!(bell.wakes(), 1);
        let refused = expect_ready(with(&bell, |cx| Pin::new(&mut tx).poll_flush(cx)));
        assert_eq!(refused, expect_error(7), "last receiver: {last_receiver}");
        assert_eq!(expect_ready(with(&bell, |cx| Pin::new(&mut tx).poll_ready(cx))).unwrap_err().into_inner(), None);
        assert_eq!((start(&mut tx, 8).unwrap_err().into_inner(), bell.held()), (Some(8), 0));
        drop(lease);
        assert_eq!(tx.available_credits(), 1);
    }
}

/// The error of a sink cannot be made outside of the crate.
fn expect_error(message: usize) -> Result<(), SinkError<usize>> {
    let ((mut tx, rx), _) = (numbers(1), ());
    rx.close();
    start(&mut tx, message)
}

#[test]
fn a_sink_that_is_not_ready_takes_no_second_message() {
    let (mut tx, _rx) = numbers(1);
    tx.try_send(1).unwrap();
    start(&mut tx, 1).unwrap();
    assert!(panic_message(|| start(&mut tx, 1)).contains("poll_ready"));
    assert_eq!(tx.waiting_senders(), 1);
}

#[test]
fn closing_a_sink_finishes_one_handle() {
    let ((tx, rx), bell) = (numbers(2), Bell::new());
    let mut handle = tx.clone();
    assert!(now(SinkExt::close(&mut handle)).is_ok());
    for mut handle in [handle.clone(), handle] {
        assert_eq!(
            (handle.try_send(1), now(handle.send(2)).unwrap_err().into_inner()),
            (Err(TrySendError::Closed(1)), 2)
        );
        assert_eq!(
            (now(handle.reserve(1)).unwrap_err(), handle.try_reserve(1).unwrap_err()),
            (Closed, TryReserveError::Closed)
        );
        assert_eq!(start(&mut handle, 3).unwrap_err().into_inner(), Some(3));
        for ask in [Sink::poll_ready, Sink::poll_flush, Sink::poll_close] {
            assert_eq!(expect_ready(ask(Pin::new(&mut handle), &mut bell.context())), Ok(()));
        }
    }
    assert_eq!((tx.is_closed(), tx.sender_count(), tx.available_credits()), (false, 1, 2));
    drop(tx);
    assert!(now(rx.recv()).is_none());
}

/// Kills: a finished handle that waits for credits before it says so.
#[test]
fn a_finished_handle_does_not_wait() {
    let (tx, _rx) = numbers(1);
    tx.try_send(1).unwrap();
    let mut handle = tx.clone();
    now(SinkExt::close(&mut handle)).unwrap();
    assert_eq!((handle.try_send(1), now(handle.send(1)).is_err()), (Err(TrySendError::Closed(1)), true));
    assert_eq!(
        (handle.try_reserve(1).unwrap_err(), now(handle.reserve(1)).unwrap_err()),
        (TryReserveError::Closed, Closed)
    );
    assert_eq!(start(&mut handle, 1).unwrap_err().into_inner(), Some(1));
}

/// Kills: a later message of the handle in front of that in its outbox, and a wait that is made anew each time.
#[test]
fn a_sink_sends_its_messages_in_order_as_credits_come() {
    let ((mut tx, rx), bell) = (numbers(3), Bell::new());
    let mut got = Vec::new();
    for n in [3, 1, 3, 2, 2, 1] {
        while with(&bell, |cx| Pin::new(&mut tx).poll_ready(cx)).is_pending() {
            got.push(rx.try_recv().unwrap().into_inner());
        }
        start(&mut tx, n).unwrap();
    }
    got.extend(rx.try_recv().map(Lease::into_inner));
    assert!(expect_ready(with(&bell, |cx| Pin::new(&mut tx).poll_flush(cx))).is_ok());
    while let Ok(lease) = rx.try_recv() {
        got.push(lease.into_inner());
    }
    assert_eq!((got.as_slice(), tx.available_credits(), bell.held()), ([3, 1, 3, 2, 2, 1].as_slice(), 3, 0));
}

/// Kills: an outbox that keeps the mailbox open, or its place in line, when its handle is gone.
#[test]
fn a_dropped_sink_takes_its_message_along() {
    let ((mut tx, rx), bell) = (numbers(2), Bell::new());
    tx.try_send(2).unwrap();
    let other = tx.clone();
    start(&mut tx, 2).unwrap();
    assert!(with(&bell, |cx| Pin::new(&mut tx).poll_flush(cx)).is_pending());
    let mut behind = queued(other.send(1), &Bell::new());
    drop(tx);
    assert_eq!((other.waiting_senders(), bell.held(), other.sender_count()), (1, 0, 1));
    drop(rx.try_recv().unwrap());
    ready(&mut behind, &Bell::new()).unwrap();
    assert_eq!(rx.try_recv().unwrap().into_inner(), 1);
    drop(behind);
    drop(other);
    assert!(rx.try_recv().is_err() && rx.is_closed());
}
