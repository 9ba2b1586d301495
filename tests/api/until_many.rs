//! Deadlines of the owned and the many forms.

use crate::common::{Bell, Deadline, now, pending, queued, ready};
use sempost::mailbox::{SendUntilError, bounded};
use sempost::{Elapsed, PollSemaphore, Semaphore, oneshot};
use std::sync::Arc;

#[test]
fn the_owned_forms_answer_in_time() {
    let (tx, rx) = bounded(1);
    let (sent, tx) = now(tx.send_owned(1).until(Deadline::new()));
    assert_eq!(sent, Ok(()));
    let (message, rx) = now(rx.recv_owned().until(Deadline::new()));
    assert_eq!(message, Ok(Some(1)));
    rx.close();
    let (sent, _tx) = now(tx.send_owned(2).until(Deadline::new()));
    assert_eq!(sent, Err(SendUntilError::Closed(2)));
}

#[test]
fn the_owned_forms_are_late_and_give_everything_back() {
    let (tx, rx) = bounded(1);
    let (message, rx) = {
        let deadline = Deadline::new();
        let mut waiting = queued(rx.recv_owned().until(deadline.clone()), &Bell::new());
        deadline.come();
        ready(&mut waiting, &Bell::new())
    };
    assert_eq!(message, Err(Elapsed));
    tx.try_send(1).unwrap();
    let (sent, tx) = now(tx.send_owned(2).until(Deadline::past()));
    assert_eq!(sent, Err(SendUntilError::Elapsed(2)));
    drop(tx);
    assert_eq!((rx.try_recv(), now(rx.recv())), (Ok(1), None));
}

#[test]
fn many_are_received_in_time_or_none() {
    let (tx, rx) = bounded(4);
    let mut taken = Vec::new();
    assert_eq!(now(rx.recv_many(&mut taken, 3).until(Deadline::past())), Err(Elapsed));
    (0..3).for_each(|n| tx.try_send(n).unwrap());
    assert_eq!(now(rx.recv_many(&mut taken, 3).until(Deadline::past())), Ok(3));
    assert_eq!(taken, [0, 1, 2]);
}

#[test]
fn what_is_late_of_many_comes_back() {
    let (tx, rx) = bounded(2);
    let deadline = Deadline::new();
    let bell = Bell::new();
    let mut sending = Box::pin(tx.send_many(0..5).until(deadline.clone()));
    pending(&mut sending, &bell);
    deadline.come();
    match ready(&mut sending, &bell) {
        Err(SendUntilError::Elapsed(rest)) => assert_eq!(rest.collect::<Vec<_>>(), [2, 3, 4]),
        other => panic!("{other:?}"),
    }
    drop(sending);
    assert_eq!((rx.try_recv(), rx.try_recv(), rx.len()), (Ok(0), Ok(1), 0));
    rx.close();
    match now(tx.send_many(5..7).until(Deadline::new())) {
        Err(SendUntilError::Closed(rest)) => assert_eq!(rest.collect::<Vec<_>>(), [5, 6]),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_polled_semaphore_and_a_receiver_that_is_done_show_themselves() {
    let semaphore = Arc::new(Semaphore::new(1));
    let handle = PollSemaphore::from(Arc::clone(&semaphore));
    assert!(Arc::ptr_eq(handle.semaphore(), &semaphore));
    assert_eq!(sempost::AcquireUntilError::Elapsed.to_string(), "deadline elapsed");
    let (tx, _rx) = bounded::<u8>(1);
    let permit = tx.try_reserve_owned().unwrap();
    assert!(format!("{permit:?}").contains("capacity: Some(1)"));
    let (tx, mut rx) = oneshot::channel();
    tx.send(1).unwrap();
    assert_eq!(rx.try_recv(), Ok(1));
    assert_eq!(format!("{rx:?}"), "Receiver(Done)");
}
