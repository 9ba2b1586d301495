//! `mailbox` on every runtime: closing, ends, and weak handles.

use crate::mailbox::{assert_each_once, assert_senders_in_order, mailbox_of};
use sempost::mailbox::{self, SendError};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Every message that a send accepted arrives, though `close` falls in between.
async fn close_in_between(rt: crate::common::Rt, capacity: Option<usize>, by_receiver: bool) {
    let (tx, rx) = mailbox_of(capacity);
    let accepted = Arc::new(AtomicUsize::new(0));
    let mut senders = Vec::new();
    for sender in 0..4 {
        let (tx, accepted) = (tx.clone(), accepted.clone());
        senders.push(rt.spawn(async move {
            for id in 0.. {
                match tx.send((sender, id)).await {
                    Ok(()) => drop(accepted.fetch_add(1, Ordering::SeqCst)),
                    Err(SendError(back)) => {
                        assert_eq!(back, (sender, id), "the value comes back");
                        return;
                    }
                }
                rt.yield_now().await;
            }
        }));
    }
    let mut consumers = Vec::new();
    for _ in 0..2 {
        let rx = rx.clone();
        consumers.push(rt.spawn(async move {
            let mut got = Vec::new();
            while let Some(message) = rx.recv().await {
                got.push(message);
            }
            got
        }));
    }
    rt.until(|| accepted.load(Ordering::SeqCst) >= 100).await;
    assert!(if by_receiver { rx.close() } else { tx.close_mailbox() });
    for sender in senders {
        sender.await;
    }
    let mut received = 0;
    for consumer in consumers {
        let got = consumer.await;
        assert_senders_in_order(&got, 4);
        received += got.len();
    }
    assert_eq!(received, accepted.load(Ordering::SeqCst));
    rx.drained().await;
}

runtime_matrix! {
    async fn close_by_the_receiver_loses_nothing_at_capacity_0(rt) {
        close_in_between(rt, Some(0), true).await;
    }

    async fn close_by_the_receiver_loses_nothing_at_capacity_1(rt) {
        close_in_between(rt, Some(1), true).await;
    }

    async fn close_by_the_receiver_loses_nothing_unbounded(rt) {
        close_in_between(rt, None, true).await;
    }

    async fn close_by_a_sender_loses_nothing_at_capacity_0(rt) {
        close_in_between(rt, Some(0), false).await;
    }

    async fn close_by_a_sender_loses_nothing_at_capacity_3(rt) {
        close_in_between(rt, Some(3), false).await;
    }

    async fn closed_ends_on_both_ends(rt) {
        let (tx, rx) = mailbox::bounded::<u8>(1);
        let (sender, receiver) = (tx.clone(), rx.clone());
        let at_sender = rt.spawn(async move { sender.closed().await });
        let at_receiver = rt.spawn(async move { receiver.closed().await });
        rt.until(|| tx.sender_count() == 2).await;
        assert!(rx.close());
        at_sender.await;
        at_receiver.await;
    }

    async fn drained_waits_for_the_last_message(rt) {
        let (tx, rx) = mailbox::bounded(8);
        for id in 0..8 {
            tx.send((0, id)).await.unwrap();
        }
        drop(tx);
        let onlooker = rx.clone();
        let drained = rt.spawn(async move {
            onlooker.drained().await;
            onlooker.len()
        });
        let mut got = Vec::new();
        while let Some(message) = rx.recv().await {
            got.push(message);
            rt.yield_now().await;
        }
        assert_eq!(drained.await, 0);
        assert_each_once(got, 1, 8);
    }

    async fn the_last_sender_to_go_ends_every_receiver(rt) {
        let (tx, rx) = mailbox::bounded::<u8>(1);
        let mut receivers = Vec::new();
        for _ in 0..8 {
            let rx = rx.clone();
            receivers.push(rt.spawn(async move { rx.recv().await }));
        }
        let other = tx.clone();
        drop(tx);
        rt.yield_now().await;
        drop(other);
        for receiver in receivers {
            assert_eq!(receiver.await, None);
        }
    }

    async fn weak_handles_do_not_keep_the_mailbox_open(rt) {
        let (tx, rx) = mailbox::bounded::<u8>(1);
        let (weak_tx, weak_rx) = (tx.downgrade(), rx.downgrade());
        let receiver = rt.spawn(async move { rx.recv().await });
        let second = weak_tx.upgrade().expect("a sender lives");
        drop(tx);
        second.send(1).await.unwrap();
        drop(second);
        assert_eq!(receiver.await, Some(1));
        assert!(weak_tx.upgrade().is_none());
        assert!(weak_rx.upgrade().is_none());
    }
}
