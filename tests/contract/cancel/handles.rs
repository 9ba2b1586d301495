//! Giving up through a handle: its waiter is nudged, keeps its place, and passes the nudge on.

use crate::common::{Bell, expect_ready, pending, queued, ready};
use futures::sink::Sink;
use futures::stream::StreamExt;
use sempost::mailbox::{self, TryRecvError};
use std::pin::Pin;
use std::task::Poll;

#[test]
fn a_dropped_next_is_no_cancel() {
    let (tx, mut rx) = mailbox::bounded(1);
    let bell = Bell::new();
    drop(queued(rx.next(), &bell));
    assert_eq!(bell.held(), 1, "the waiter belongs to the handle");
    tx.try_send(1).unwrap();
    assert_eq!(bell.wakes(), 1);
    assert_eq!(rx.poll_recv(&mut bell.context()), Poll::Ready(Some(1)));
}

#[test]
fn an_abandoned_handle_withholds_no_message() {
    let (tx, mut rx) = mailbox::bounded(1);
    let bell = Bell::new();
    let other = rx.clone();
    assert!(rx.poll_recv(&mut bell.context()).is_pending());
    tx.try_send(1).unwrap();
    assert_eq!(bell.wakes(), 1);
    assert_eq!(other.try_recv(), Ok(1));
}

#[test]
fn an_abandoned_handle_sits_on_one_wake_up_at_most() {
    let (tx, mut rx) = mailbox::bounded(4);
    let (abandoned, live) = (Bell::new(), Bell::new());
    let other = rx.clone();
    assert!(rx.poll_recv(&mut abandoned.context()).is_pending());
    let mut waiting = queued(other.recv(), &live);
    tx.try_send(1).unwrap();
    assert_eq!((abandoned.wakes(), live.wakes()), (1, 0));
    tx.try_send(2).unwrap();
    assert_eq!((abandoned.wakes(), live.wakes()), (1, 1));
    assert_eq!(ready(&mut waiting, &live), Some(1));
}

#[test]
fn a_dropped_handle_passes_its_nudge_to_the_next() {
    let (tx, mut rx) = mailbox::bounded(4);
    let (gone, live) = (Bell::new(), Bell::new());
    let other = rx.clone();
    assert!(rx.poll_recv(&mut gone.context()).is_pending());
    let mut waiting = queued(other.recv(), &live);
    tx.try_send(1).unwrap();
    assert_eq!((gone.wakes(), live.wakes()), (1, 0));
    drop(rx);
    assert_eq!((gone.held(), live.wakes()), (0, 1));
    assert_eq!(ready(&mut waiting, &live), Some(1));
}

#[test]
fn a_dropped_handle_passes_its_nudge_to_another_handle() {
    let (tx, mut rx) = mailbox::bounded(4);
    let (gone, live) = (Bell::new(), Bell::new());
    let mut other = rx.clone();
    assert!(rx.poll_recv(&mut gone.context()).is_pending());
    assert!(other.poll_recv(&mut live.context()).is_pending());
    tx.try_send(1).unwrap();
    drop(rx);
    assert_eq!(live.wakes(), 1);
    assert_eq!(other.poll_recv(&mut live.context()), Poll::Ready(Some(1)));
}

#[test]
fn a_nudged_handle_that_finds_nothing_keeps_its_place() {
    let (tx, mut rx) = mailbox::bounded(4);
    let (first, second) = (Bell::new(), Bell::new());
    let mut other = rx.clone();
    assert!(rx.poll_recv(&mut first.context()).is_pending());
    assert!(other.poll_recv(&mut second.context()).is_pending());
    tx.try_send(1).unwrap();
    assert_eq!(other.try_recv(), Ok(1));
    assert!(other.poll_recv(&mut second.context()).is_pending());
    assert!(rx.poll_recv(&mut first.context()).is_pending());
    first.take_wakes();
    second.take_wakes();
    tx.try_send(2).unwrap();
    assert_eq!((first.wakes(), second.wakes()), (1, 0));
}

#[test]
fn a_recv_through_the_same_handle_withdraws_its_waiter() {
    let (tx, mut rx) = mailbox::bounded(4);
    let (handle, other_bell, bell) = (Bell::new(), Bell::new(), Bell::new());
    let other = rx.clone();
    assert!(rx.poll_recv(&mut handle.context()).is_pending());
    let mut waiting = queued(other.recv(), &other_bell);
    let mut again = queued(rx.recv(), &bell);
    tx.try_send(1).unwrap();
    assert_eq!((handle.wakes(), other_bell.wakes(), bell.wakes()), (0, 1, 0));
    assert_eq!(ready(&mut waiting, &other_bell), Some(1));
    tx.try_send(2).unwrap();
    assert_eq!(ready(&mut again, &bell), Some(2));
}

#[test]
fn a_try_recv_through_the_same_handle_withdraws_its_waiter() {
    let (tx, mut rx) = mailbox::bounded(4);
    let bell = Bell::new();
    assert!(rx.poll_recv(&mut bell.context()).is_pending());
    assert_eq!(rx.try_recv(), Err(TryRecvError::Empty));
    tx.try_send(1).unwrap();
    assert_eq!(bell.wakes(), 0);
    assert_eq!(rx.try_recv(), Ok(1));
}

#[test]
fn a_withdrawn_waiter_passes_its_unused_nudge_on() {
    let (tx, mut rx) = mailbox::bounded(4);
    let (handle, live) = (Bell::new(), Bell::new());
    let other = rx.clone();
    assert!(rx.poll_recv(&mut handle.context()).is_pending());
    let mut waiting = queued(other.recv(), &live);
    tx.try_send(1).unwrap();
    assert_eq!((handle.wakes(), live.wakes()), (1, 0));
    let mut taken = Vec::new();
    drop(queued(rx.recv(), &Bell::new())); // withdraws, then joins behind `waiting`
    assert_eq!(live.wakes(), 1);
    assert_eq!(ready(&mut waiting, &live), Some(1));
    assert_eq!(rx.try_recv_many(&mut taken, 4), Err(TryRecvError::Empty));
}

#[test]
fn a_handle_polled_by_another_task_wakes_only_that_one() {
    let (tx, mut rx) = mailbox::bounded(1);
    let (old, new) = (Bell::new(), Bell::new());
    assert!(rx.poll_recv(&mut old.context()).is_pending());
    assert!(rx.poll_recv(&mut new.context()).is_pending());
    assert_eq!((old.held(), new.held()), (0, 1));
    tx.try_send(1).unwrap();
    assert_eq!((old.wakes(), new.wakes()), (0, 1));
}

#[test]
fn a_clone_of_a_waiting_handle_waits_for_nothing() {
    let (tx, mut rx) = mailbox::bounded(1);
    let bell = Bell::new();
    assert!(rx.poll_recv(&mut bell.context()).is_pending());
    let clone = rx.clone();
    drop(rx);
    assert_eq!(bell.held(), 0);
    tx.try_send(1).unwrap();
    assert_eq!((bell.wakes(), clone.try_recv()), (0, Ok(1)));
}

#[test]
fn a_dropped_poll_recv_many_took_nothing() {
    let (tx, mut rx) = mailbox::bounded(4);
    let (bell, mut taken) = (Bell::new(), Vec::new());
    assert!(rx.poll_recv_many(&mut bell.context(), &mut taken, 3).is_pending());
    (1..=3).for_each(|i| tx.try_send(i).unwrap());
    assert_eq!(bell.wakes(), 1);
    assert_eq!((taken.len(), rx.len()), (0, 3));
    assert_eq!(rx.poll_recv_many(&mut bell.context(), &mut taken, 3), Poll::Ready(3));
    assert_eq!(taken, [1, 2, 3]);
}

#[test]
fn a_ready_slot_lapses_when_the_handle_is_dropped() {
    let (mut tx, _rx) = mailbox::bounded(1);
    let (idle, bell) = (Bell::new(), Bell::new());
    let other = tx.clone();
    assert!(expect_ready(Pin::new(&mut tx).poll_ready(&mut idle.context())).is_ok());
    let mut sending = queued(other.send(1), &bell);
    drop(tx);
    assert_eq!(bell.wakes(), 1);
    assert_eq!(ready(&mut sending, &bell), Ok(()));
}

#[test]
fn a_handle_dropped_while_it_waits_to_be_ready_leaves_the_line() {
    let (mut tx, rx) = mailbox::bounded(1);
    let (gone, bell) = (Bell::new(), Bell::new());
    let other = tx.clone();
    tx.try_send(1).unwrap();
    assert!(Pin::new(&mut tx).poll_ready(&mut gone.context()).is_pending());
    let mut sending = queued(other.send(2), &bell);
    drop(tx);
    assert_eq!((gone.held(), bell.wakes()), (0, 0));
    assert_eq!(rx.try_recv(), Ok(1));
    assert_eq!((gone.wakes(), bell.wakes()), (0, 1));
    assert_eq!(ready(&mut sending, &bell), Ok(()));
}

#[test]
fn a_nudged_sender_dropped_passes_its_nudge_on() {
    let (mut tx, rx) = mailbox::bounded(1);
    let (gone, bell) = (Bell::new(), Bell::new());
    let other = tx.clone();
    tx.try_send(1).unwrap();
    assert!(Pin::new(&mut tx).poll_ready(&mut gone.context()).is_pending());
    let mut sending = queued(other.send(2), &bell);
    assert_eq!(rx.try_recv(), Ok(1));
    assert_eq!((gone.wakes(), bell.wakes()), (1, 0));
    drop(tx);
    assert_eq!(bell.wakes(), 1);
    assert_eq!(ready(&mut sending, &bell), Ok(()));
}

#[test]
fn a_send_through_the_same_handle_withdraws_its_waiter() {
    let (mut tx, rx) = mailbox::bounded(1);
    let (handle, bell) = (Bell::new(), Bell::new());
    tx.try_send(1).unwrap();
    assert!(Pin::new(&mut tx).poll_ready(&mut handle.context()).is_pending());
    let mut sending = queued(tx.send(2), &bell);
    assert_eq!(rx.try_recv(), Ok(1));
    assert_eq!((handle.wakes(), bell.wakes()), (0, 1));
    assert_eq!(ready(&mut sending, &bell), Ok(()));
}

#[test]
fn a_poll_reserve_keeps_its_place_over_polls() {
    let (mut tx, rx) = mailbox::bounded(1);
    let (old, new) = (Bell::new(), Bell::new());
    tx.try_send(1).unwrap();
    assert!(tx.poll_reserve(&mut old.context()).is_pending());
    assert!(tx.poll_reserve(&mut new.context()).is_pending());
    assert_eq!((old.held(), new.held()), (0, 1));
    assert_eq!(rx.try_recv(), Ok(1));
    assert_eq!((old.wakes(), new.wakes()), (0, 1));
    expect_ready(tx.poll_reserve(&mut new.context())).unwrap().send(2).unwrap();
    assert_eq!(rx.try_recv(), Ok(2));
}

#[test]
fn an_abandoned_poll_reserve_is_passed_on_at_drop() {
    let (mut tx, rx) = mailbox::bounded(1);
    let (gone, bell) = (Bell::new(), Bell::new());
    let other = tx.clone();
    tx.try_send(1).unwrap();
    assert!(tx.poll_reserve(&mut gone.context()).is_pending());
    let mut reserving = queued(other.reserve(), &bell);
    assert_eq!(rx.try_recv(), Ok(1));
    assert_eq!((gone.wakes(), bell.wakes()), (1, 0));
    drop(tx);
    assert!(ready(&mut reserving, &bell).is_ok());
}

#[test]
fn a_value_in_the_outbox_is_dropped_with_the_handle() {
    let count = std::sync::Arc::new(std::sync::atomic::AtomicUsize::new(0));
    let value = |id| crate::common::Dropped::new(id, &count);
    let (mut tx, rx) = mailbox::bounded(1);
    let bell = Bell::new();
    assert!(expect_ready(Pin::new(&mut tx).poll_ready(&mut bell.context())).is_ok());
    tx.try_send(value(1)).unwrap(); // the slot lapses, and this takes it
    assert!(Pin::new(&mut tx).start_send(value(2)).is_ok());
    assert!(Pin::new(&mut tx).poll_flush(&mut bell.context()).is_pending());
    assert_eq!(count.load(std::sync::atomic::Ordering::SeqCst), 0);
    drop(tx);
    assert_eq!(count.load(std::sync::atomic::Ordering::SeqCst), 1);
    assert_eq!(rx.try_recv().unwrap().id, 1);
    assert!(matches!(rx.try_recv(), Err(TryRecvError::Closed)));
}

#[test]
fn at_capacity_0_a_value_waiting_in_the_outbox_is_taken_or_dropped() {
    let (mut tx, rx) = mailbox::bounded(0);
    let bell = Bell::new();
    assert!(expect_ready(Pin::new(&mut tx).poll_ready(&mut bell.context())).is_ok());
    assert!(Pin::new(&mut tx).start_send(1).is_ok());
    assert!(Pin::new(&mut tx).poll_flush(&mut bell.context()).is_pending());
    let other = tx.clone();
    drop(tx);
    assert_eq!(rx.try_recv(), Err(TryRecvError::Empty));
    let mut waiting = queued(rx.recv(), &bell);
    other.try_send(2).unwrap();
    assert_eq!(ready(&mut waiting, &bell), Some(2));
    pending(&mut Box::pin(rx.recv()), &bell);
}

#[test]
fn at_capacity_0_a_handle_dropped_with_its_value_in_line_lets_the_next_sender_through() {
    let (tx, rx) = mailbox::bounded(0);
    let (bell, next) = (Bell::new(), Bell::new());
    let mut gone = tx.clone();
    assert!(expect_ready(Pin::new(&mut gone).poll_ready(&mut bell.context())).is_ok());
    assert!(Pin::new(&mut gone).start_send(1).is_ok());
    assert!(Pin::new(&mut gone).poll_flush(&mut bell.context()).is_pending());
    let mut sending = queued(tx.send(2), &next);
    drop(gone);
    assert_eq!((bell.held(), rx.try_recv()), (0, Ok(2)));
    assert_eq!(ready(&mut sending, &next), Ok(()));
}

#[test]
fn a_pending_poll_reserve_holds_no_flush_up() {
    for capacity in [0, 1] {
        let (mut tx, _rx) = mailbox::bounded(capacity);
        let bell = Bell::new();
        (0..capacity).for_each(|i| tx.try_send(i).unwrap());
        assert!(tx.poll_reserve(&mut bell.context()).is_pending());
        assert!(expect_ready(Pin::new(&mut tx).poll_flush(&mut bell.context())).is_ok());
        assert!(tx.poll_reserve(&mut bell.context()).is_pending());
        assert!(expect_ready(Pin::new(&mut tx).poll_close(&mut bell.context())).is_ok());
    }
}

#[test]
fn a_handle_that_finishes_leaves_the_line() {
    let (mut tx, rx) = mailbox::bounded(1);
    let (gone, bell) = (Bell::new(), Bell::new());
    let other = tx.clone();
    other.try_send(1).unwrap();
    assert!(tx.poll_reserve(&mut gone.context()).is_pending());
    assert!(expect_ready(Pin::new(&mut tx).poll_close(&mut gone.context())).is_ok());
    let mut sending = queued(other.send(2), &bell);
    assert_eq!(rx.try_recv(), Ok(1));
    assert_eq!((gone.wakes(), bell.wakes()), (0, 1));
    assert_eq!(ready(&mut sending, &bell), Ok(()));
}

#[test]
fn at_capacity_0_a_reservation_may_follow_a_message_that_was_taken() {
    let (mut tx, rx) = mailbox::bounded(0);
    let (sender, receiver) = (Bell::new(), Bell::new());
    assert!(expect_ready(Pin::new(&mut tx).poll_ready(&mut sender.context())).is_ok());
    assert!(Pin::new(&mut tx).start_send(1).is_ok());
    assert!(Pin::new(&mut tx).poll_flush(&mut sender.context()).is_pending());
    assert_eq!(rx.try_recv(), Ok(1));
    assert!(tx.poll_reserve(&mut sender.context()).is_pending(), "no receiver waits");
    let mut receiving = queued(rx.recv(), &receiver);
    expect_ready(tx.poll_reserve(&mut sender.context())).unwrap().send(2).unwrap();
    assert_eq!(ready(&mut receiving, &receiver), Some(2));
    assert!(expect_ready(Pin::new(&mut tx).poll_flush(&mut sender.context())).is_ok());
}

#[test]
fn at_capacity_0_a_message_in_the_outbox_is_offered_though_a_reservation_waited() {
    let (mut tx, rx) = mailbox::bounded(0);
    let bell = Bell::new();
    assert!(expect_ready(Pin::new(&mut tx).poll_ready(&mut bell.context())).is_ok());
    assert!(Pin::new(&mut tx).start_send(1).is_ok());
    let _ = tx.poll_reserve(&mut bell.context());
    assert!(Pin::new(&mut tx).poll_flush(&mut bell.context()).is_pending());
    assert_eq!(rx.try_recv(), Ok(1));
    assert!(expect_ready(Pin::new(&mut tx).poll_flush(&mut bell.context())).is_ok());
}

#[test]
fn at_capacity_0_a_called_receiver_that_is_set_aside_after_all_sends_the_handle_instead() {
    let (tx, rx) = mailbox::bounded(0);
    let [a, b, stream, sender] = [Bell::new(), Bell::new(), Bell::new(), Bell::new()];
    let mut handle = rx.clone();
    let mut first = queued(rx.recv(), &a);
    let second = queued(rx.recv(), &b);
    let _permit = tx.try_reserve().unwrap();
    assert!(handle.poll_recv(&mut stream.context()).is_pending());
    let _sending = queued(tx.send(7), &sender);
    assert_eq!((a.wakes(), b.wakes(), stream.wakes()), (1, 0, 0));
    drop(second); // now the permit needs the first, who was called for the sender
    if crate::common::poll(&mut first, &a).is_pending() {
        assert_eq!(stream.wakes(), 1, "a sender and a handle sleep side by side");
        assert_eq!(handle.poll_recv(&mut stream.context()), Poll::Ready(Some(7)));
    }
}
