//! C15 on the mailbox.

use crate::common::{Bell, queued};
use sempost::mailbox::{self, SendError, TryRecvError, TrySendError};
use std::error::Error;

#[test]
fn c15_mailbox_debug_shows_state_and_waiters() {
    let (tx, rx) = mailbox::bounded(41);
    let fresh = format!("{tx:?}");
    assert!(fresh.contains("Sender") && fresh.contains("41"), "{fresh}");
    assert!(format!("{rx:?}").contains("Receiver"));
    let _waiters = [0; 23].map(|_| queued(rx.recv(), &Bell::new()));
    assert!(format!("{rx:?}").contains("23"), "{rx:?}");
    (0..37).for_each(|i| tx.try_send(i).unwrap());
    assert!(format!("{tx:?}").contains("37"), "{tx:?}");
    let open = format!("{tx:?}");
    tx.close_mailbox();
    assert_ne!(format!("{tx:?}"), open);
}

#[test]
fn c15_mailbox_futures_permits_and_weak_handles_have_a_debug() {
    let (tx, rx) = mailbox::bounded::<u32>(4);
    let mut taken = Vec::new();
    let texts = [
        format!("{:?}", tx.send(1)),
        format!("{:?}", tx.reserve()),
        format!("{:?}", tx.reserve_many(1)),
        format!("{:?}", tx.clone().reserve_owned()),
        format!("{:?}", tx.try_reserve().unwrap()),
        format!("{:?}", tx.try_reserve_many(2).unwrap()),
        format!("{:?}", rx.recv()),
        format!("{:?}", rx.recv_many(&mut taken, 1)),
        format!("{:?}", rx.drained()),
        format!("{:?}", tx.downgrade()),
        format!("{:?}", rx.downgrade()),
    ];
    assert!(texts.iter().all(|text| !text.is_empty()));
}

#[test]
fn c15_mailbox_debug_needs_no_debug_of_the_message() {
    struct Opaque;
    let (tx, rx) = mailbox::bounded::<Opaque>(1);
    assert!(tx.try_send(Opaque).is_ok());
    assert!(!format!("{tx:?}{rx:?}{:?}", tx.try_send(Opaque).err()).is_empty());
}

#[test]
fn c15_mailbox_errors_say_what_happened_and_give_the_value_back() {
    let (tx, rx) = mailbox::bounded(1);
    tx.try_send(1).unwrap();
    let full = tx.try_send(2).unwrap_err();
    let empty = rx.try_recv().and_then(|_| rx.try_recv()).unwrap_err();
    rx.close();
    let closed = tx.try_send(3).unwrap_err();
    let ended = rx.try_recv().unwrap_err();
    let errors: [&dyn Error; 5] = [&full, &empty, &closed, &ended, &SendError(4)];
    assert!(errors.iter().all(|error| !error.to_string().is_empty()));
    assert_ne!(full.to_string(), closed.to_string());
    assert_ne!(empty.to_string(), ended.to_string());
    assert_eq!((full.into_inner(), closed.into_inner(), SendError(4).into_inner()), (2, 3, 4));
}

#[test]
fn c15_mailbox_errors_of_messages_without_debug_are_errors() {
    struct Opaque;
    fn error<E: Error>(_: &E) {}
    error(&SendError(Opaque));
    error(&TrySendError::Full(Opaque));
    error(&TryRecvError::Empty);
}

#[test]
fn c15_mailbox_handles_of_one_mailbox_know_each_other() {
    let (tx, rx) = mailbox::bounded::<u32>(1);
    let (other_tx, other_rx) = mailbox::bounded::<u32>(1);
    assert!(tx.same_mailbox(&tx.clone()) && rx.same_mailbox(&rx.clone()));
    assert!(!tx.same_mailbox(&other_tx) && !rx.same_mailbox(&other_rx));
}

#[test]
fn c15_mailbox_both_lines_are_counted() {
    let (tx, mut rx) = mailbox::bounded(1);
    let bell = Bell::new();
    let other = rx.clone();
    assert_eq!((tx.waiting_senders(), rx.waiting_receivers()), (0, 0));
    assert!(rx.poll_recv(&mut bell.context()).is_pending());
    let waiting = queued(other.recv(), &bell);
    assert_eq!((tx.waiting_senders(), tx.waiting_receivers()), (0, 2));
    drop((waiting, rx));
    tx.try_send(1).unwrap();
    let _sending = queued(tx.send(2), &bell);
    let _reserving = queued(tx.reserve(), &bell);
    assert_eq!((other.waiting_senders(), other.waiting_receivers()), (2, 0));
    tx.close_mailbox();
    assert_eq!(other.waiting_senders(), 0);
}
