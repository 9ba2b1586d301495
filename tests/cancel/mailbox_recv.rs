//! Giving up a receive: the message stays where it is, and its order with it.

use crate::common::{Bell, now, pending, queued, ready};
use sempost::mailbox::{self, TryRecvError};

#[test]
fn a_dropped_claim_leaves_the_message_in_front() {
    let (tx, rx) = mailbox::bounded(4);
    let claimed = queued(rx.recv(), &Bell::new());
    tx.try_send(1).unwrap();
    tx.try_send(2).unwrap();
    assert_eq!(rx.len(), 2);
    drop(claimed);
    assert_eq!((rx.try_recv(), rx.try_recv()), (Ok(1), Ok(2)));
}

#[test]
fn a_dropped_claim_goes_to_the_next_receiver() {
    let (tx, rx) = mailbox::bounded(4);
    let bells = [Bell::new(), Bell::new(), Bell::new()];
    let first = queued(rx.recv(), &bells[0]);
    let mut second = queued(rx.recv(), &bells[1]);
    let mut third = queued(rx.recv(), &bells[2]);
    tx.try_send(1).unwrap();
    drop(first);
    assert_eq!(bells.each_ref().map(Bell::wakes), [1, 1, 0]);
    pending(&mut third, &bells[2]);
    assert_eq!(ready(&mut second, &bells[1]), Some(1));
}

#[test]
fn of_two_claims_one_dropped_after_the_other_returned_keeps_the_order() {
    let (tx, rx) = mailbox::bounded(4);
    let (a, b) = (Bell::new(), Bell::new());
    let first = queued(rx.recv(), &a);
    let mut second = queued(rx.recv(), &b);
    tx.try_send(1).unwrap();
    tx.try_send(2).unwrap();
    assert_eq!(ready(&mut second, &b), Some(1), "whatever is in front");
    drop(first);
    assert_eq!(rx.try_recv(), Ok(2));
}

#[test]
fn a_claim_dropped_at_full_capacity_overfills_nothing() {
    let (tx, rx) = mailbox::bounded(1);
    let claimed = queued(rx.recv(), &Bell::new());
    tx.try_send(1).unwrap();
    assert!(tx.try_send(2).is_err());
    drop(claimed);
    assert!(tx.try_send(2).is_err());
    assert_eq!((rx.len(), rx.try_recv()), (1, Ok(1)));
}

#[test]
fn a_claim_made_before_close_may_still_be_dropped_and_taken_by_another() {
    let (tx, rx) = mailbox::bounded(1);
    let (a, b) = (Bell::new(), Bell::new());
    let claimed = queued(rx.recv(), &a);
    let mut waiting = queued(rx.recv(), &b);
    tx.try_send(1).unwrap();
    tx.close();
    drop(claimed);
    assert!(b.wakes() >= 1);
    assert_eq!(ready(&mut waiting, &b), Some(1));
    assert_eq!(now(rx.recv()), None);
}

#[test]
fn a_dropped_recv_many_took_nothing() {
    let (tx, rx) = mailbox::bounded(4);
    let mut taken = vec![0];
    let claimed = queued(rx.recv_many(&mut taken, 3), &Bell::new());
    (1..=3).for_each(|i| tx.try_send(i).unwrap());
    drop(claimed);
    assert_eq!((taken, rx.len()), (vec![0], 3));
    assert_eq!((rx.try_recv(), rx.try_recv(), rx.try_recv()), (Ok(1), Ok(2), Ok(3)));
}

#[test]
fn a_dropped_recv_many_wakes_as_many_receivers_as_it_had_claims() {
    let (tx, rx) = mailbox::bounded(4);
    let bells = [Bell::new(), Bell::new(), Bell::new()];
    let mut taken = Vec::new();
    let many = queued(rx.recv_many(&mut taken, 2), &bells[0]);
    let mut one = queued(rx.recv(), &bells[1]);
    let mut two = queued(rx.recv(), &bells[2]);
    tx.try_send(1).unwrap();
    tx.try_send(2).unwrap();
    drop(many);
    assert_eq!((bells[1].wakes(), bells[2].wakes()), (1, 1));
    assert_eq!((ready(&mut one, &bells[1]), ready(&mut two, &bells[2])), (Some(1), Some(2)));
}

#[test]
fn a_recv_dropped_in_line_leaves_later_messages_to_others() {
    let (tx, rx) = mailbox::unbounded();
    drop(queued(rx.recv(), &Bell::new()));
    tx.try_send(1).unwrap();
    assert_eq!((rx.try_recv(), rx.try_recv()), (Ok(1), Err(TryRecvError::Empty)));
}

#[test]
fn at_capacity_0_a_matched_receiver_that_leaves_leaves_the_value_as_the_oldest() {
    let (tx, rx) = mailbox::bounded(0);
    let bell = Bell::new();
    let waiting = queued(rx.recv(), &bell);
    tx.try_send(1).unwrap();
    assert_eq!((bell.wakes(), tx.len()), (1, 1));
    drop(waiting);
    assert_eq!(rx.len(), 1);
    let mut sender = queued(tx.send(2), &Bell::new());
    assert_eq!(rx.try_recv(), Ok(1), "delivered before anything else");
    assert_eq!(rx.try_recv(), Ok(2));
    assert_eq!(ready(&mut sender, &Bell::new()), Ok(()));
}

#[test]
fn at_capacity_0_a_matched_receiver_that_leaves_passes_the_value_to_the_next() {
    let (tx, rx) = mailbox::bounded(0);
    let (a, b) = (Bell::new(), Bell::new());
    let first = queued(rx.recv(), &a);
    let mut second = queued(rx.recv(), &b);
    tx.try_send(1).unwrap();
    drop(first);
    assert_eq!((a.wakes(), b.wakes()), (1, 1));
    assert_eq!(ready(&mut second, &b), Some(1));
}

#[test]
fn at_capacity_0_a_receiver_woken_by_a_sender_wakes_the_next_when_dropped() {
    let (tx, rx) = mailbox::bounded(0);
    let (a, b) = (Bell::new(), Bell::new());
    let first = queued(rx.recv(), &a);
    let mut second = queued(rx.recv(), &b);
    let mut sending = Box::pin(tx.send(7));
    let _ = crate::common::poll(&mut sending, &Bell::new());
    assert_eq!((a.wakes(), b.wakes()), (1, 0));
    drop(first);
    assert_eq!(b.wakes(), 1);
    assert_eq!(ready(&mut second, &b), Some(7));
    assert_eq!(ready(&mut sending, &Bell::new()), Ok(()));
}

#[test]
fn dropping_every_waiting_recv_leaves_the_message_for_a_try() {
    let (tx, rx) = mailbox::bounded(8);
    let bells: Vec<_> = (0..8).map(|_| Bell::new()).collect();
    let line: Vec<_> = bells.iter().map(|bell| queued(rx.recv(), bell)).collect();
    tx.try_send(1).unwrap();
    drop(line);
    assert_eq!(rx.try_recv(), Ok(1));
    assert!(bells.iter().all(|bell| bell.held() == 0));
}
