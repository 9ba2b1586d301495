//! Handles that are polled: they are nudged, never granted, and may be abandoned.

use futures::{SinkExt, StreamExt};

use super::{Book, below, impatient, schedule, task};
use crate::mailbox;
use shuttle::future::block_on;

#[test]
fn streams_share_what_comes() {
    schedule("handles: three streams, two senders", || {
        let ((tx, rx), book) = (mailbox::bounded(1), Book::new());
        let mut all = Vec::new();
        for _ in 0..3 {
            let (mut stream, book) = (rx.clone(), book.clone());
            all.push(task(async move {
                while let Some(message) = stream.next().await {
                    book.arrived(message);
                }
            }));
        }
        for i in 0..2 {
            let (tx, book) = (tx.clone(), book.clone());
            all.push(task(async move {
                for n in 0..2 {
                    tx.send((i, n)).await.unwrap();
                    book.sent((i, n));
                }
            }));
        }
        drop((tx, rx));
        all.into_iter().for_each(|one| block_on(one).expect("no task fails"));
        book.balance();
    });
}

#[test]
fn an_abandoned_stream_sits_on_no_message() {
    schedule("handles: abandoned streams beside a receiver", || {
        // Room for a message more than there are abandoned handles: each of them may sit on one wake-up.
        let ((tx, rx), book) = (mailbox::bounded(3), Book::new());
        let mut all = Vec::new();
        for _ in 0..2 {
            let (mut stream, book) = (rx.clone(), book.clone());
            all.push(task(async move {
                if let Some(Some(message)) = impatient(stream.next()).await {
                    book.arrived(message);
                }
                if below(2) == 0 {
                    // Kept for ever, and its waiter with it.
                    std::mem::forget(stream);
                }
            }));
        }
        for i in 0..2 {
            let (tx, book) = (tx.clone(), book.clone());
            all.push(task(async move {
                for n in 0..2 {
                    tx.send((i, n)).await.unwrap();
                    book.sent((i, n));
                }
            }));
        }
        let receiver = (rx, book.clone());
        drop(tx);
        all.push(task(async move {
            while let Some(message) = receiver.0.recv().await {
                receiver.1.arrived(message);
            }
        }));
        all.into_iter().for_each(|one| block_on(one).expect("no task fails"));
        book.balance();
    });
}

/// At which capacity three sinks feed one stream.
fn sinks(capacity: usize) {
    let ((tx, rx), book) = (mailbox::bounded(capacity), Book::new());
    let mut all = Vec::new();
    for i in 0..3 {
        let (mut sink, book) = (tx.clone(), book.clone());
        all.push(task(async move {
            for n in 0..2 {
                SinkExt::send(&mut sink, (i, n)).await.unwrap();
                book.sent((i, n));
            }
            SinkExt::close(&mut sink).await.unwrap();
        }));
    }
    drop(tx);
    let (mut stream, log) = (rx, book.clone());
    all.push(task(async move {
        while let Some(message) = stream.next().await {
            log.arrived(message);
        }
    }));
    all.into_iter().for_each(|one| block_on(one).expect("no task fails"));
    book.balance();
    book.in_order();
}

#[test]
fn three_sinks_into_one_slot() {
    schedule("handles: three sinks, capacity 1", || sinks(1));
}

#[test]
fn three_sinks_without_a_slot() {
    schedule("handles: three sinks, capacity 0", || sinks(0));
}

#[test]
fn sinks_forward_and_finish_themselves_only() {
    schedule("handles: forward by three", || {
        let ((tx, rx), book) = (mailbox::bounded(2), Book::new());
        let mut all = Vec::new();
        for i in 0..3 {
            let (sink, book) = (tx.clone(), book.clone());
            all.push(task(async move {
                let source = futures::stream::iter((0..2).map(|n| Ok((i, n))));
                source.forward(sink).await.unwrap();
                (0..2).for_each(|n| book.sent((i, n)));
            }));
        }
        drop(tx);
        let receiver = (rx, book.clone());
        all.push(task(async move {
            while let Some(message) = receiver.0.recv().await {
                receiver.1.arrived(message);
            }
        }));
        all.into_iter().for_each(|one| block_on(one).expect("no task fails"));
        book.balance();
        book.in_order();
    });
}
