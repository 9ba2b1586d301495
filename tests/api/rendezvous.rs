//! Capacity 0: sender and receiver meet.

use crate::common::{Bell, now, pending, poll, queued, ready, with};
use sempost::mailbox::{self, TryRecvError, TryReserveError, TrySendError};
use std::task::Poll;

#[test]
fn a_send_completes_when_its_value_is_taken() {
    let (tx, rx) = mailbox::bounded(0);
    let bell = Bell::new();
    let mut sending = queued(tx.send(7), &bell);
    assert_eq!(now(rx.recv()), Some(7));
    assert_eq!((bell.wakes(), ready(&mut sending, &bell)), (1, Ok(())));
}

#[test]
fn a_sender_at_the_head_wakes_a_waiting_receiver() {
    let (tx, rx) = mailbox::bounded(0);
    let (receiver, sender) = (Bell::new(), Bell::new());
    let mut receiving = queued(rx.recv(), &receiver);
    let mut sending = Box::pin(tx.send(7));
    let first = poll(&mut sending, &sender);
    assert_eq!(receiver.wakes(), 1);
    assert_eq!(ready(&mut receiving, &receiver), Some(7));
    if first.is_pending() {
        assert_eq!((sender.wakes(), poll(&mut sending, &sender)), (1, Poll::Ready(Ok(()))));
    }
}

#[test]
fn a_send_is_not_done_before_its_value_is_taken() {
    let (tx, rx) = mailbox::bounded(0);
    let receiver = Bell::new();
    let _receiving = queued(rx.recv(), &receiver);
    let mut sending = Box::pin(tx.send(7));
    pending(&mut sending, &Bell::new());
    pending(&mut sending, &Bell::new());
}

#[test]
fn try_recv_succeeds_iff_a_sender_waits() {
    let (tx, rx) = mailbox::bounded(0);
    assert_eq!(rx.try_recv(), Err(TryRecvError::Empty));
    let bell = Bell::new();
    let mut sending = queued(tx.send(7), &bell);
    assert_eq!(rx.try_recv(), Ok(7));
    assert_eq!((bell.wakes(), ready(&mut sending, &bell)), (1, Ok(())));
    assert_eq!(rx.try_recv(), Err(TryRecvError::Empty));
}

#[test]
fn try_recv_many_takes_from_several_waiting_senders() {
    let (tx, rx) = mailbox::bounded(0);
    let bells: Vec<_> = (0..3).map(|_| Bell::new()).collect();
    let line: Vec<_> = bells.iter().zip(0..).map(|(b, i)| queued(tx.send(i), b)).collect();
    let mut taken = Vec::new();
    while taken.len() < 3 {
        assert!(rx.try_recv_many(&mut taken, 1).unwrap() > 0);
    }
    assert_eq!(taken, [0, 1, 2]);
    for (mut sending, bell) in line.into_iter().zip(&bells) {
        assert_eq!(ready(&mut sending, bell), Ok(()));
    }
}

#[test]
fn try_send_succeeds_iff_a_receiver_waits() {
    let (tx, rx) = mailbox::bounded(0);
    assert_eq!(tx.try_send(1), Err(TrySendError::Full(1)));
    let bell = Bell::new();
    let mut receiving = queued(rx.recv(), &bell);
    assert_eq!(tx.try_send(2), Ok(()));
    assert_eq!(tx.try_send(3), Err(TrySendError::Full(3)), "that receiver is matched");
    assert_eq!((bell.wakes(), tx.len()), (1, 1));
    assert_eq!(ready(&mut receiving, &bell), Some(2));
    assert_eq!(tx.len(), 0);
}

#[test]
fn try_send_does_not_count_the_waiter_of_a_handle() {
    let (tx, mut rx) = mailbox::bounded(0);
    let bell = Bell::new();
    assert!(rx.poll_recv(&mut bell.context()).is_pending());
    assert_eq!(tx.try_send(1), Err(TrySendError::Full(1)));
    assert!(matches!(tx.try_reserve(), Err(TryReserveError::Full)));
    assert_eq!(tx.force_send(1), Err(TrySendError::Full(1)));
}

#[test]
fn a_handle_takes_from_a_waiting_sender() {
    let (tx, mut rx) = mailbox::bounded(0);
    let (receiver, sender) = (Bell::new(), Bell::new());
    assert!(rx.poll_recv(&mut receiver.context()).is_pending());
    let mut sending = queued(tx.send(7), &sender);
    assert_eq!(receiver.wakes(), 1);
    assert_eq!(rx.poll_recv(&mut receiver.context()), Poll::Ready(Some(7)));
    assert_eq!(ready(&mut sending, &sender), Ok(()));
}

#[test]
fn force_send_succeeds_iff_a_receiver_waits() {
    let (tx, rx) = mailbox::bounded(0);
    assert_eq!(tx.force_send(1), Err(TrySendError::Full(1)));
    let bell = Bell::new();
    let mut receiving = queued(rx.recv(), &bell);
    assert_eq!(tx.force_send(2), Ok(None));
    assert_eq!(ready(&mut receiving, &bell), Some(2));
}

#[test]
fn a_reserve_sets_one_waiting_receiver_aside() {
    let (tx, rx) = mailbox::bounded(0);
    let (a, b) = (Bell::new(), Bell::new());
    let mut first = queued(rx.recv(), &a);
    let mut second = queued(rx.recv(), &b);
    let permit = now(tx.reserve()).unwrap();
    assert_eq!(tx.try_send(2), Ok(()), "the second receiver is still there");
    assert_eq!(tx.try_send(3), Err(TrySendError::Full(3)), "the first is set aside");
    permit.send(1).unwrap();
    assert_eq!((a.wakes(), b.wakes()), (1, 1));
    let mut got = [ready(&mut first, &a).unwrap(), ready(&mut second, &b).unwrap()];
    got.sort_unstable();
    assert_eq!(got, [1, 2]);
}

#[test]
fn a_reserve_waits_for_a_receiver() {
    let (tx, rx) = mailbox::bounded(0);
    let (sender, receiver) = (Bell::new(), Bell::new());
    let mut reserving = queued(tx.reserve(), &sender);
    let mut receiving = queued(rx.recv(), &receiver);
    assert_eq!(sender.wakes(), 1);
    ready(&mut reserving, &sender).unwrap().send(7).unwrap();
    assert_eq!(ready(&mut receiving, &receiver), Some(7));
}

#[test]
fn a_matched_value_whose_receiver_leaves_is_delivered_before_anything_else() {
    let (tx, rx) = mailbox::bounded(0);
    drop({
        let receiving = queued(rx.recv(), &Bell::new());
        tx.try_send(1).unwrap();
        receiving
    });
    assert_eq!((tx.len(), rx.len()), (1, 1), "len shows it");
    let mut sending = queued(tx.send(2), &Bell::new());
    let mut receiving = Box::pin(rx.recv());
    assert_eq!(ready(&mut receiving, &Bell::new()), Some(1));
    assert_eq!(now(rx.recv()), Some(2));
    assert_eq!(ready(&mut sending, &Bell::new()), Ok(()));
}

#[test]
fn a_matched_value_survives_close() {
    let (tx, rx) = mailbox::bounded(0);
    drop({
        let receiving = queued(rx.recv(), &Bell::new());
        tx.try_send(1).unwrap();
        receiving
    });
    tx.close_mailbox();
    assert_eq!((now(rx.recv()), now(rx.recv())), (Some(1), None));
}

#[test]
fn one_sender_meets_one_receiver() {
    let (tx, rx) = mailbox::bounded(0);
    let (a, b) = (Bell::new(), Bell::new());
    let mut first = queued(rx.recv(), &a);
    let mut second = queued(rx.recv(), &b);
    let mut sending = Box::pin(tx.send(7));
    let _ = poll(&mut sending, &Bell::new());
    assert_eq!((a.wakes(), b.wakes()), (1, 0));
    assert_eq!(ready(&mut first, &a), Some(7));
    pending(&mut second, &b);
}

#[test]
fn two_senders_wake_two_receivers() {
    let (tx, rx) = mailbox::bounded(0);
    let (a, b) = (Bell::new(), Bell::new());
    let mut first = queued(rx.recv(), &a);
    let mut second = queued(rx.recv(), &b);
    let mut one = Box::pin(tx.send(1));
    let mut two = Box::pin(tx.send(2));
    let _ = (poll(&mut one, &Bell::new()), poll(&mut two, &Bell::new()));
    assert_eq!(ready(&mut first, &a), Some(1));
    assert_eq!(b.wakes(), 1, "the second sender is at the head now");
    assert_eq!(ready(&mut second, &b), Some(2));
}

#[test]
fn a_sender_that_leaves_lets_the_receiver_wait_on() {
    let (tx, rx) = mailbox::bounded(0);
    let bell = Bell::new();
    let mut receiving = queued(rx.recv(), &bell);
    let mut sending = Box::pin(tx.send(1));
    let _ = poll(&mut sending, &Bell::new());
    assert_eq!(sending.as_mut().cancel(), Some(1));
    pending(&mut receiving, &bell);
    bell.take_wakes();
    let mut next = Box::pin(tx.send(2));
    let _ = poll(&mut next, &Bell::new());
    assert_eq!((bell.wakes(), ready(&mut receiving, &bell)), (1, Some(2)));
}

#[test]
fn a_handle_that_reserves_and_is_abandoned_keeps_nobody_from_a_later_receiver() {
    for permit in [false, true] {
        let (tx, rx) = mailbox::bounded(0);
        let mut abandoned = tx.clone();
        let [handle, early, reserver, late] = [Bell::new(), Bell::new(), Bell::new(), Bell::new()];
        assert!(with(&handle, |cx| abandoned.poll_reserve(cx).is_pending()));
        let mut first = queued(rx.recv(), &early);
        assert_eq!(handle.wakes(), 1, "it is told of the receiver, and does not come");
        let kept = if permit { Some(tx.try_reserve().unwrap()) } else { None };
        if !permit {
            tx.try_send(1).unwrap();
            assert_eq!(ready(&mut first, &early), Some(1));
        }
        let mut reserving = queued(tx.reserve(), &reserver);
        let _receiving = queued(rx.recv(), &late);
        assert_eq!(reserver.wakes(), 1);
        assert!(ready(&mut reserving, &reserver).is_ok());
        drop(kept);
    }
}

#[test]
fn a_handle_that_receives_and_is_abandoned_keeps_nobody_from_a_later_offer() {
    let (tx, rx) = mailbox::bounded(0);
    let mut abandoned = rx.clone();
    let [handle, receiver, sender] = [Bell::new(), Bell::new(), Bell::new()];
    assert!(with(&handle, |cx| abandoned.poll_recv(cx).is_pending()));
    drop(queued(tx.send(1), &sender));
    assert_eq!(handle.wakes(), 1, "it is told of the offer, which is cancelled");
    let mut receiving = queued(rx.recv(), &receiver);
    let _sending = queued(tx.send(2), &sender);
    assert_eq!(receiver.wakes(), 1);
    assert_eq!(ready(&mut receiving, &receiver), Some(2));
}
