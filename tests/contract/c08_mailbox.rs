//! C8 on the mailbox.

use crate::common::{Bell, queued, watched};
use sempost::mailbox::{self, TryRecvError, TryReserveError, TrySendError};

#[test]
fn c08_mailbox_a_failed_try_send_gives_the_value_back_at_once() {
    let (tx, rx) = mailbox::bounded(1);
    tx.try_send(1).unwrap();
    watched(String::new, || {
        assert_eq!(tx.try_send(2), Err(TrySendError::Full(2)));
        assert!(matches!(tx.try_reserve(), Err(TryReserveError::Full)));
        assert!(matches!(tx.try_reserve_many(1), Err(TryReserveError::Full)));
        let refused = tx.clone().try_reserve_owned();
        assert!(matches!(refused, Err((back, TryReserveError::Full)) if back.same_mailbox(&tx)));
    });
    assert_eq!(rx.try_recv(), Ok(1));
    assert_eq!(tx.try_send(3), Ok(()), "nobody stands in line");
}

#[test]
fn c08_mailbox_a_failed_try_recv_leaves_nobody_in_line() {
    let (tx, rx) = mailbox::bounded(0);
    watched(String::new, || {
        let mut taken: Vec<u32> = Vec::new();
        assert_eq!(rx.try_recv(), Err(TryRecvError::Empty));
        assert_eq!(rx.try_recv_many(&mut taken, 3), Err(TryRecvError::Empty));
    });
    assert_eq!(tx.try_send(1), Err(TrySendError::Full(1)), "no receiver waits");
}

#[test]
fn c08_mailbox_a_closed_one_says_so() {
    let (tx, rx) = mailbox::bounded(1);
    rx.close();
    assert_eq!(tx.try_send(1), Err(TrySendError::Closed(1)));
    assert_eq!(tx.force_send(1), Err(TrySendError::Closed(1)));
    assert!(matches!(tx.try_reserve(), Err(TryReserveError::Closed)));
    assert!(matches!(tx.try_reserve_owned(), Err((_, TryReserveError::Closed))));
    assert_eq!(rx.try_recv(), Err(TryRecvError::Closed));
}

#[test]
fn c08_mailbox_an_unbounded_one_is_never_full() {
    let (tx, rx) = mailbox::unbounded();
    (0..10_000).for_each(|i| assert_eq!(tx.try_send(i), Ok(())));
    assert!(!tx.is_full());
    assert_eq!((rx.len(), rx.capacity()), (10_000, None));
}

#[test]
fn c08_mailbox_a_try_recv_behind_a_claim_answers_at_once() {
    let (tx, rx) = mailbox::bounded(2);
    let waiting = queued(rx.recv(), &Bell::new());
    tx.try_send(1).unwrap();
    watched(String::new, || assert_eq!(rx.try_recv(), Err(TryRecvError::Empty)));
    drop(waiting);
    assert_eq!(rx.try_recv(), Ok(1));
}
