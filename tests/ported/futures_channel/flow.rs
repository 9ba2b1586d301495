//! Messages, slots and counts, polled by hand.

use crate::common::{Bell, expect_ready, now, panic_message, pending, queued, ready, with};
use futures::executor::block_on_stream;
use futures::{Sink, SinkExt, Stream, StreamExt};
use sempost::mailbox::{self, Sender, TryRecvError, TrySendError};
use std::pin::Pin;

/// Whether the sink is ready for a message now.
fn is_ready<T>(tx: &mut Sender<T>, bell: &Bell) -> bool {
    with(bell, |cx| Pin::new(tx).poll_ready(cx)).is_ready()
}

/// mpsc: send_recv
#[test]
fn what_a_dropped_sender_sent_is_collected() {
    let (mut tx, rx) = mailbox::bounded(16);
    now(SinkExt::send(&mut tx, 1)).unwrap();
    drop(tx);
    assert_eq!(now(rx.collect::<Vec<_>>()), [1]);
}

/// mpsc: send_recv_no_buffer
#[test]
fn a_sink_of_one_slot_is_ready_again_when_its_message_was_taken() {
    let (mut tx, mut rx) = mailbox::bounded(1);
    let bell = Bell::new();
    assert!(with(&bell, |cx| Pin::new(&mut tx).poll_flush(cx)).is_ready());
    for message in [1, 2] {
        assert!(is_ready(&mut tx, &bell));
        Pin::new(&mut tx).start_send(message).unwrap();
        assert!(!is_ready(&mut tx, &bell));
        assert_eq!(expect_ready(with(&bell, |cx| Pin::new(&mut rx).poll_next(cx))), Some(message));
        assert!(is_ready(&mut tx, &bell));
    }
    tx.try_send(3).unwrap();
    assert!(!is_ready(&mut tx, &bell));
    Pin::new(&mut tx).start_send(4).unwrap();
    assert!(panic_message(|| Pin::new(&mut tx).start_send(5)).contains("poll_ready"));
    assert_eq!(now(rx.recv()), Some(3));
    now(tx.flush()).unwrap();
    assert_eq!(now(rx.recv()), Some(4), "it was in the outbox");
}

/// mpsc: send_shared_recv
#[test]
fn clones_send_to_one_receiver() {
    let (mut tx, rx) = mailbox::bounded(16);
    let (mut other, mut rx) = (tx.clone(), block_on_stream(rx));
    now(SinkExt::send(&mut tx, 1)).unwrap();
    assert_eq!(rx.next(), Some(1));
    now(SinkExt::send(&mut other, 2)).unwrap();
    assert_eq!(rx.next(), Some(2));
}

/// mpsc: try_send_2
#[test]
fn a_sink_that_was_not_ready_may_still_send_in_another_way() {
    let (mut tx, rx) = mailbox::bounded(1);
    tx.try_send("hello").unwrap();
    assert!(!is_ready(&mut tx, &Bell::new()));
    let bell = Bell::new();
    let mut sending = Box::pin(SinkExt::send(&mut tx, "goodbye"));
    pending(&mut sending, &bell);
    assert_eq!(now(rx.recv()), Some("hello"));
    ready(&mut sending, &bell).unwrap();
    drop(sending);
    drop(tx);
    assert_eq!([now(rx.recv()), now(rx.recv())], [Some("goodbye"), None]);
}

/// mpsc: try_send_fail
#[test]
fn what_does_not_fit_comes_back_and_fits_later() {
    let (tx, rx) = mailbox::bounded(1);
    let mut rx = block_on_stream(rx);
    tx.try_send("hello").unwrap();
    assert_eq!(tx.try_send("fail"), Err(TrySendError::Full("fail")));
    assert_eq!(rx.next(), Some("hello"));
    tx.try_send("goodbye").unwrap();
    drop(tx);
    assert_eq!([rx.next(), rx.next()], [Some("goodbye"), None]);
}

/// mpsc: try_send_recv
#[test]
fn slots_are_used_over_and_over() {
    let (tx, rx) = mailbox::bounded(2);
    tx.try_send("hello").unwrap();
    tx.try_send("hello").unwrap();
    tx.try_send("hello").unwrap_err();
    assert!(rx.try_recv().is_ok() && rx.try_recv().is_ok());
    assert_eq!(rx.try_recv(), Err(TryRecvError::Empty));
    tx.try_send("hello").unwrap();
    assert_eq!((rx.try_recv(), rx.try_recv()), (Ok("hello"), Err(TryRecvError::Empty)));
}

/// mpsc: same_receiver
#[test]
fn clones_are_of_the_same_mailbox_also_when_finished_or_closed() {
    let ((mut a1, _a), (b1, _b)) = (mailbox::bounded::<i32>(1), mailbox::bounded::<i32>(1));
    let (a2, b2) = (a1.clone(), b1.clone());
    assert!(a1.same_mailbox(&a2) && b1.same_mailbox(&b2) && !a1.same_mailbox(&b1));
    now(SinkExt::close(&mut a1)).unwrap();
    b1.close_mailbox();
    assert!(a1.same_mailbox(&a2) && b1.same_mailbox(&b2) && !a1.same_mailbox(&b1));
}

/// mpsc: send_backpressure
#[test]
fn who_finds_no_slot_waits_until_one_message_was_taken() {
    let (tx, rx) = mailbox::bounded(1);
    now(tx.send(1)).unwrap();
    let bell = Bell::new();
    let mut sending = queued(tx.send(2), &bell);
    assert_eq!(bell.wakes(), 0);
    assert_eq!((now(rx.recv()), bell.wakes()), (Some(1), 1));
    ready(&mut sending, &bell).unwrap();
    assert_eq!(now(rx.recv()), Some(2));
}

/// mpsc: send_backpressure_multi_senders
#[test]
fn a_clone_that_finds_no_slot_waits_until_one_message_was_taken() {
    let (tx, mut rx) = mailbox::bounded(1);
    let mut other = tx.clone();
    now(tx.send(1)).unwrap();
    let bell = Bell::new();
    let mut sending = queued(SinkExt::send(&mut other, 2), &bell);
    assert_eq!(bell.wakes(), 0);
    assert_eq!((now(rx.next()), bell.wakes()), (Some(1), 1));
    ready(&mut sending, &bell).unwrap();
    assert_eq!(now(rx.next()), Some(2));
}

/// mpsc: unbounded_len
#[test]
fn the_length_follows_each_message() {
    let (tx, rx) = mailbox::unbounded();
    let tells = |len| assert_eq!((tx.len(), tx.is_empty()), (len, len == 0));
    tells(0);
    for message in [1, 2] {
        tx.try_send(message).unwrap();
        tells(message);
    }
    for message in [1, 2] {
        assert_eq!(now(rx.recv()), Some(message));
        tells(2 - message);
    }
}

/// mpsc-size_hint: unbounded_size_hint
/// mpsc-size_hint: channel_size_hint
#[test]
fn a_stream_promises_no_size() {
    for (tx, rx) in [mailbox::unbounded(), mailbox::bounded(10)] {
        assert_eq!(rx.size_hint(), (0, None));
        for message in [1, 2] {
            tx.try_send(message).unwrap();
            assert_eq!(rx.size_hint(), (0, None));
        }
        drop(tx);
        assert_eq!(rx.size_hint(), (0, None));
        assert_eq!((rx.try_recv(), rx.size_hint()), (Ok(1), (0, None)));
    }
}
