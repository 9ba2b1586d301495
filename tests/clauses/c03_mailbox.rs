//! C3 on the mailbox: senders and receivers in their order, and messages, too.

use crate::common::{Bell, pending, queued, ready};
use sempost::mailbox::{self, TryRecvError, TryReserveError, TrySendError};

#[test]
fn c03_mailbox_receivers_are_served_in_their_order() {
    let (tx, rx) = mailbox::bounded(8);
    let bells: Vec<_> = (0..4).map(|_| Bell::new()).collect();
    let line: Vec<_> = bells.iter().map(|bell| queued(rx.recv(), bell)).collect();
    for i in 0..4 {
        tx.try_send(i).unwrap();
        let told: Vec<_> = bells.iter().map(Bell::wakes).collect();
        assert_eq!(told, (0..4).map(|j| usize::from(j <= i)).collect::<Vec<_>>());
    }
    for (i, mut waiter) in line.into_iter().enumerate() {
        assert_eq!(ready(&mut waiter, &bells[i]), Some(i));
    }
}

#[test]
fn c03_mailbox_senders_are_served_in_their_order() {
    let (tx, rx) = mailbox::bounded(1);
    let bells: Vec<_> = (0..4).map(|_| Bell::new()).collect();
    tx.try_send(9).unwrap();
    let line: Vec<_> = bells.iter().enumerate().map(|(i, b)| queued(tx.send(i), b)).collect();
    assert_eq!(rx.try_recv(), Ok(9));
    for (i, mut waiter) in line.into_iter().enumerate() {
        assert_eq!(bells.iter().map(Bell::wakes).sum::<usize>(), i + 1);
        assert_eq!(ready(&mut waiter, &bells[i]), Ok(()));
        assert_eq!(rx.try_recv(), Ok(i));
    }
}

#[test]
fn c03_mailbox_a_try_send_does_not_pass_a_waiting_sender() {
    let (tx, rx) = mailbox::bounded(1);
    let bell = Bell::new();
    tx.try_send(1).unwrap();
    let mut waiting = queued(tx.send(2), &bell);
    assert_eq!(rx.try_recv(), Ok(1));
    assert_eq!(tx.try_send(3), Err(TrySendError::Full(3)));
    assert!(matches!(tx.try_reserve(), Err(TryReserveError::Full)));
    pending(&mut Box::pin(tx.send(4)), &Bell::new());
    assert_eq!(ready(&mut waiting, &bell), Ok(()));
}

#[test]
fn c03_mailbox_a_small_demand_does_not_pass_a_large_one() {
    let (tx, _rx) = mailbox::bounded(2);
    tx.try_send(1).unwrap();
    let large = queued(tx.reserve_many(2), &Bell::new());
    assert_eq!(tx.remaining(), 1);
    assert_eq!(tx.try_send(2), Err(TrySendError::Full(2)));
    let mut small = queued(tx.reserve(), &Bell::new());
    drop(large);
    assert!(ready(&mut small, &Bell::new()).is_ok());
}

#[test]
fn c03_mailbox_a_try_recv_takes_no_claimed_message() {
    let (tx, rx) = mailbox::bounded(4);
    let bell = Bell::new();
    let mut waiting = queued(rx.recv(), &bell);
    tx.try_send(1).unwrap();
    assert_eq!((rx.len(), rx.try_recv()), (1, Err(TryRecvError::Empty)));
    pending(&mut Box::pin(rx.recv()), &Bell::new());
    assert_eq!(ready(&mut waiting, &bell), Some(1));
}

#[test]
fn c03_mailbox_messages_leave_in_the_order_they_came() {
    let (tx, rx) = mailbox::unbounded();
    (0..1_000).for_each(|i| tx.try_send(i).unwrap());
    (0..1_000).for_each(|i| assert_eq!(rx.try_recv(), Ok(i)));
}

#[test]
fn c03_mailbox_at_capacity_0_senders_and_receivers_meet_in_their_order() {
    let (tx, rx) = mailbox::bounded(0);
    let bells: Vec<_> = (0..3).map(|_| Bell::new()).collect();
    let line: Vec<_> = bells.iter().enumerate().map(|(i, b)| queued(tx.send(i), b)).collect();
    for i in 0..3 {
        assert_eq!(rx.try_recv(), Ok(i));
        assert_eq!(bells.iter().map(Bell::wakes).sum::<usize>(), i + 1);
    }
    for (mut waiter, bell) in line.into_iter().zip(&bells) {
        assert_eq!(ready(&mut waiter, bell), Ok(()));
    }
}

#[test]
fn c03_mailbox_force_send_is_the_exception_that_passes_waiting_senders() {
    let (tx, rx) = mailbox::bounded(1);
    tx.try_send(1).unwrap();
    let bell = Bell::new();
    let waiting = queued(tx.send(2), &bell);
    assert_eq!(tx.force_send(3), Ok(Some(1)));
    assert_eq!((bell.wakes(), rx.try_recv()), (0, Ok(3)));
    drop(waiting);
}

#[test]
fn c03_mailbox_a_handle_in_line_is_nudged_in_its_turn() {
    let (tx, mut rx) = mailbox::bounded(4);
    let other = rx.clone();
    let (first, handle, last) = (Bell::new(), Bell::new(), Bell::new());
    let _first = queued(other.recv(), &first);
    assert!(rx.poll_recv(&mut handle.context()).is_pending());
    let _last = queued(other.recv(), &last);
    tx.try_send(1).unwrap();
    assert_eq!((first.wakes(), handle.wakes(), last.wakes()), (1, 0, 0));
    tx.try_send(2).unwrap();
    assert_eq!((first.wakes(), handle.wakes(), last.wakes()), (1, 1, 0));
    tx.try_send(3).unwrap();
    assert_eq!((first.wakes(), handle.wakes(), last.wakes()), (1, 1, 1));
}

#[test]
fn c03_mailbox_at_capacity_0_a_try_send_does_not_pass_a_sender_who_waits_to_be_met() {
    let (tx, rx) = mailbox::bounded(0);
    let (receiver, sender) = (Bell::new(), Bell::new());
    let mut receiving = queued(rx.recv(), &receiver);
    let mut sending = queued(tx.send(1), &sender);
    assert_eq!(receiver.wakes(), 1);
    assert_eq!(tx.try_send(2), Err(TrySendError::Full(2)));
    assert_eq!(tx.force_send(3), Err(TrySendError::Full(3)));
    assert!(matches!(tx.try_reserve(), Err(TryReserveError::Full)));
    assert_eq!(ready(&mut receiving, &receiver), Some(1));
    assert_eq!(ready(&mut sending, &sender), Ok(()));
}

#[test]
fn c03_mailbox_at_capacity_0_a_try_recv_does_not_pass_a_called_receiver() {
    let (tx, rx) = mailbox::bounded(0);
    let (receiver, sender) = (Bell::new(), Bell::new());
    let mut receiving = queued(rx.recv(), &receiver);
    let _sending = queued(tx.send(1), &sender);
    assert_eq!(rx.try_recv(), Err(TryRecvError::Empty), "the sender is the receiver's");
    assert_eq!(ready(&mut receiving, &receiver), Some(1));
}
