//! The handles of a mailbox as `Sink` and `Stream` on every runtime, with the adapters of `futures`.

use crate::common::Rt;
use crate::mailbox::{assert_each_once, mailbox_of};
use futures::sink::SinkExt;
use futures::stream::{self, StreamExt};
use sempost::mailbox::{self, Receiver};

const ITEMS: usize = 200;

/// The messages of one sender, as a stream whose items a sink takes.
fn source(sender: usize) -> impl futures::Stream<Item = Result<(usize, usize), Never>> + Unpin {
    stream::iter((0..ITEMS).map(move |id| Ok((sender, id))))
}

type Never = mailbox::SinkError<(usize, usize)>;

async fn collect(rx: Receiver<(usize, usize)>) -> Vec<(usize, usize)> {
    rx.collect().await
}

/// `forward` from four producers, each with its own clone: the mailbox closes with the last.
async fn forward(rt: Rt, capacity: Option<usize>) {
    let (tx, rx) = mailbox_of(capacity);
    let mut producers = Vec::new();
    for sender in 0..4 {
        let tx = tx.clone();
        producers.push(rt.spawn(async move { source(sender).forward(tx).await.is_ok() }));
    }
    drop(tx);
    assert_each_once(collect(rx).await, 4, ITEMS);
    for producer in producers {
        assert!(producer.await);
    }
}

/// `send_all`, then an explicit end.
async fn send_all(rt: Rt, capacity: Option<usize>) {
    let (mut tx, rx) = mailbox_of(capacity);
    let producer = rt.spawn(async move {
        tx.send_all(&mut source(0)).await.unwrap();
        SinkExt::close(&mut tx).await.unwrap();
        tx.sender_count()
    });
    assert_each_once(collect(rx).await, 1, ITEMS);
    assert_eq!(producer.await, 0);
}

/// A `buffer` in front of the handle.
async fn buffer(rt: Rt, capacity: Option<usize>) {
    let (tx, rx) = mailbox_of(capacity);
    let producer = rt.spawn(async move {
        let mut buffered = tx.buffer(3);
        for id in 0..ITEMS {
            buffered.feed((0, id)).await.unwrap();
        }
        buffered.close().await.unwrap();
    });
    assert_each_once(collect(rx).await, 1, ITEMS);
    producer.await;
}

/// A `fanout` over two mailboxes, drained by two tasks.
async fn fanout(rt: Rt, capacity: Option<usize>) {
    let (left_tx, left_rx) = mailbox_of(capacity);
    let (right_tx, right_rx) = mailbox_of(capacity);
    let left = rt.spawn(collect(left_rx));
    let right = rt.spawn(collect(right_rx));
    let mut both = left_tx.fanout(right_tx);
    both.send_all(&mut source(0)).await.unwrap();
    both.close().await.unwrap();
    assert_each_once(left.await, 1, ITEMS);
    assert_each_once(right.await, 1, ITEMS);
}

/// A `fanout` of two handles of one mailbox: an idle ready half may not starve the other.
async fn fanout_of_one(rt: Rt, capacity: Option<usize>) {
    let (tx, rx) = mailbox_of(capacity);
    let got = rt.spawn(collect(rx));
    let mut both = tx.clone().fanout(tx);
    both.send_all(&mut source(0)).await.unwrap();
    both.close().await.unwrap();
    drop(both);
    let mut got = got.await;
    got.sort_unstable();
    let twice = (0..ITEMS).flat_map(|id| [(0, id), (0, id)]);
    assert!(got.into_iter().eq(twice), "each half delivers each message");
}

runtime_matrix! {
    async fn forward_at_capacity_0(rt) {
        forward(rt, Some(0)).await;
    }

    async fn forward_at_capacity_1(rt) {
        forward(rt, Some(1)).await;
    }

    async fn forward_at_capacity_2(rt) {
        forward(rt, Some(2)).await;
    }

    async fn forward_unbounded(rt) {
        forward(rt, None).await;
    }

    async fn send_all_at_capacity_0(rt) {
        send_all(rt, Some(0)).await;
    }

    async fn send_all_at_capacity_1(rt) {
        send_all(rt, Some(1)).await;
    }

    async fn send_all_at_capacity_2(rt) {
        send_all(rt, Some(2)).await;
    }

    async fn buffer_at_capacity_0(rt) {
        buffer(rt, Some(0)).await;
    }

    async fn buffer_at_capacity_1(rt) {
        buffer(rt, Some(1)).await;
    }

    async fn buffer_at_capacity_2(rt) {
        buffer(rt, Some(2)).await;
    }

    async fn fanout_at_capacity_0(rt) {
        fanout(rt, Some(0)).await;
    }

    async fn fanout_at_capacity_1(rt) {
        fanout(rt, Some(1)).await;
    }

    async fn fanout_at_capacity_2(rt) {
        fanout(rt, Some(2)).await;
    }

    async fn fanout_of_two_handles_of_one_mailbox_at_capacity_0(rt) {
        fanout_of_one(rt, Some(0)).await;
    }

    async fn fanout_of_two_handles_of_one_mailbox_at_capacity_2(rt) {
        fanout_of_one(rt, Some(2)).await;
    }

    async fn streams_share_the_messages(rt) {
        let (tx, rx) = mailbox::bounded(2);
        let mut consumers = Vec::new();
        for _ in 0..3 {
            consumers.push(rt.spawn(collect(rx.clone())));
        }
        drop(rx);
        for id in 0..ITEMS {
            tx.send((0, id)).await.unwrap();
        }
        drop(tx);
        let mut all = Vec::new();
        for consumer in consumers {
            all.extend(consumer.await);
        }
        assert_each_once(all, 1, ITEMS);
    }

    async fn streams_and_recv_share_the_messages(rt) {
        let (tx, rx) = mailbox::bounded(1);
        let plain = rx.clone();
        let stream = rt.spawn(collect(rx));
        let recv = rt.spawn(async move {
            let mut got = Vec::new();
            while let Some(message) = plain.recv().await {
                got.push(message);
            }
            got
        });
        for id in 0..ITEMS {
            tx.send((0, id)).await.unwrap();
        }
        drop(tx);
        let mut all = stream.await;
        all.extend(recv.await);
        assert_each_once(all, 1, ITEMS);
    }
}
