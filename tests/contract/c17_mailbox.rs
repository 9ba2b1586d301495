//! C17 on the mailbox.

use crate::c17::{WAITERS, on_a_small_stack};
use crate::common::{Bell, queued, ready};
use sempost::mailbox;

#[test]
fn c17_mailbox_receivers_are_ended_in_one_close() {
    on_a_small_stack(|| {
        let (tx, rx) = mailbox::bounded::<u32>(1);
        let bell = Bell::new();
        let mut line: Vec<_> = (0..WAITERS).map(|_| queued(rx.recv(), &bell)).collect();
        tx.close_mailbox();
        assert_eq!(bell.wakes(), WAITERS);
        assert!(line.iter_mut().all(|waiter| ready(waiter, &bell).is_none()));
    });
}

#[test]
fn c17_mailbox_receivers_are_ended_by_a_dropped_permit() {
    on_a_small_stack(|| {
        let (tx, rx) = mailbox::bounded::<u32>(1);
        let bell = Bell::new();
        let permit = tx.try_reserve().unwrap();
        tx.close_mailbox();
        let mut line: Vec<_> = (0..WAITERS).map(|_| queued(rx.recv(), &bell)).collect();
        drop(permit);
        assert_eq!(bell.wakes(), WAITERS);
        assert!(line.iter_mut().all(|waiter| ready(waiter, &bell).is_none()));
    });
}

#[test]
fn c17_mailbox_senders_are_refused_in_one_close() {
    on_a_small_stack(|| {
        let (tx, rx) = mailbox::bounded(0);
        let bell = Bell::new();
        let mut line: Vec<_> = (0..WAITERS).map(|i| queued(tx.send(i), &bell)).collect();
        rx.close();
        assert_eq!(bell.wakes(), WAITERS);
        assert!(line.iter_mut().all(|waiter| ready(waiter, &bell).is_err()));
    });
}

#[test]
fn c17_mailbox_senders_are_granted_in_one_call() {
    on_a_small_stack(|| {
        let (tx, rx) = mailbox::bounded(WAITERS);
        let bell = Bell::new();
        let permits = tx.try_reserve_many(WAITERS).unwrap();
        let mut line: Vec<_> = (0..WAITERS).map(|i| queued(tx.send(i), &bell)).collect();
        drop(permits);
        assert_eq!(bell.wakes(), WAITERS);
        assert!(line.iter_mut().all(|waiter| ready(waiter, &bell).is_ok()));
        assert_eq!(rx.len(), WAITERS);
    });
}

#[test]
fn c17_mailbox_messages_are_dropped_flat() {
    on_a_small_stack(|| {
        let (tx, rx) = mailbox::unbounded();
        (0..WAITERS).for_each(|i| assert!(tx.try_send(Box::new(i)).is_ok()));
        drop(rx);
        assert_eq!(tx.len(), 0);
    });
}

#[test]
fn c17_mailbox_messages_are_received_in_one_call() {
    on_a_small_stack(|| {
        let (tx, rx) = mailbox::unbounded();
        (0..WAITERS).for_each(|i| assert!(tx.try_send(Box::new(i)).is_ok()));
        let mut taken = Vec::new();
        let mut total = 0;
        while let Ok(n) = rx.try_recv_many(&mut taken, usize::MAX) {
            total += n;
        }
        assert_eq!((total, taken.len()), (WAITERS, WAITERS));
        assert!(taken.iter().enumerate().all(|(i, message)| i == **message));
    });
}

#[test]
fn c17_mailbox_handles_are_ended_in_one_close() {
    on_a_small_stack(|| {
        let (tx, rx) = mailbox::bounded::<u32>(1);
        let bell = Bell::new();
        let mut handles: Vec<_> = (0..WAITERS).map(|_| rx.clone()).collect();
        for handle in &mut handles {
            assert!(handle.poll_recv(&mut bell.context()).is_pending());
        }
        tx.close_mailbox();
        assert_eq!(bell.wakes(), WAITERS);
        drop(handles);
        assert_eq!((bell.held(), rx.receiver_count()), (0, 1));
    });
}
