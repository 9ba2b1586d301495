//! C12: the last receiver takes the queue along.

use crate::common::{Bell, Dropped, now, queued, ready};
use sempost::mailbox::{self, SendError, TrySendError};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

fn three() -> (mailbox::Sender<Dropped>, mailbox::Receiver<Dropped>, Arc<AtomicUsize>) {
    let count = Arc::new(AtomicUsize::new(0));
    let (tx, rx) = mailbox::bounded(3);
    (0..3).for_each(|id| assert!(tx.try_send(Dropped::new(id, &count)).is_ok()));
    (tx, rx, count)
}

#[test]
fn c12_mailbox_the_messages_are_dropped_with_the_last_receiver() {
    let (tx, rx, count) = three();
    let other = rx.clone();
    drop(rx);
    assert_eq!(count.load(Ordering::SeqCst), 0);
    drop(other);
    assert_eq!((count.load(Ordering::SeqCst), tx.len()), (3, 0));
}

#[test]
fn c12_mailbox_senders_learn_at_once() {
    let (tx, rx, count) = three();
    let (a, b) = (Bell::new(), Bell::new());
    let mut parked = queued(tx.send(Dropped::new(3, &count)), &a);
    let mut closed = queued(tx.closed(), &b);
    drop(rx);
    assert_eq!((a.wakes(), b.wakes()), (1, 1));
    assert_eq!(ready(&mut parked, &a).unwrap_err().0.id, 3);
    ready(&mut closed, &b);
    assert!(tx.is_closed());
    let refused = tx.try_send(Dropped::new(4, &count));
    assert!(matches!(refused, Err(TrySendError::Closed(Dropped { id: 4, .. }))));
}

#[test]
fn c12_mailbox_a_permit_has_nobody_left_to_send_to() {
    let (tx, rx) = mailbox::bounded(2);
    let permit = tx.try_reserve().unwrap();
    let owned = now(tx.clone().reserve_owned()).unwrap();
    drop(rx);
    assert_eq!(permit.send(1).unwrap_err().0, 1);
    let (sender, SendError(message)) = owned.send(2).unwrap_err();
    assert_eq!((message, tx.len(), sender.sender_count()), (2, 0, 2));
}

#[test]
fn c12_mailbox_a_permit_still_sends_while_a_receiver_is_left() {
    let (tx, rx) = mailbox::bounded(2);
    let permit = tx.try_reserve().unwrap();
    let other = rx.clone();
    drop(rx);
    assert!(permit.send(1).is_ok());
    assert_eq!(other.try_recv(), Ok(1));
}

#[test]
fn c12_mailbox_a_weak_receiver_brings_nothing_back() {
    let (tx, rx, count) = three();
    let weak = rx.downgrade();
    assert!(weak.upgrade().is_some());
    assert_eq!(count.load(Ordering::SeqCst), 0);
    drop(rx);
    assert!(weak.upgrade().is_none());
    assert_eq!((count.load(Ordering::SeqCst), tx.receiver_count()), (3, 0));
}

#[test]
fn c12_mailbox_every_message_is_received_or_dropped_once() {
    let (tx, rx, count) = three();
    drop(rx.try_recv());
    drop(tx);
    assert_eq!(count.load(Ordering::SeqCst), 1);
    drop(rx);
    assert_eq!(count.load(Ordering::SeqCst), 3);
}
