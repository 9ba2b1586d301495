//! Handles that are polled: they are nudged, never granted, and may be abandoned.

use std::sync::Arc;

use futures::{SinkExt, StreamExt};

use super::flow::{Book, Flow, Message, receive_all, send_two};
use super::{below, impatient, schedule};
use crate::mailbox::{Receiver, Sender};

async fn stream_all(mut stream: Receiver<Message>, book: Arc<Book>) {
    while let Some(message) = stream.next().await {
        book.arrived(message);
    }
}

async fn sink_two(i: usize, mut sink: Sender<Message>, book: Arc<Book>) {
    for n in 0..2 {
        SinkExt::send(&mut sink, (i, n)).await.unwrap();
        book.sent((i, n));
    }
    SinkExt::close(&mut sink).await.unwrap();
}

#[test]
fn streams_share_what_comes() {
    schedule("handles: three streams, two senders", || {
        Flow::new(Some(1)).receivers(3, stream_all).senders(2, send_two).finish();
    });
}

#[test]
fn an_abandoned_stream_sits_on_no_message() {
    schedule("handles: abandoned streams beside a receiver", || {
        let abandon = |mut stream: Receiver<Message>, book: Arc<Book>| async move {
            if let Some(Some(message)) = impatient(stream.next()).await {
                book.arrived(message);
            }
            if below(2) == 0 {
                // Kept for ever, and its waiter with it.
                std::mem::forget(stream);
            }
        };
        // Room for a message more than there are abandoned handles: each of them may sit on one wake-up.
        Flow::new(Some(3)).receivers(2, abandon).senders(2, send_two).receivers(1, receive_all).finish();
    });
}

#[test]
fn three_sinks_into_one_slot() {
    schedule("handles: three sinks, capacity 1", || {
        Flow::new(Some(1)).senders(3, sink_two).receivers(1, stream_all).finish().in_order();
    });
}

#[test]
fn three_sinks_without_a_slot() {
    schedule("handles: three sinks, capacity 0", || {
        Flow::new(Some(0)).senders(3, sink_two).receivers(1, stream_all).finish().in_order();
    });
}

#[test]
fn sinks_forward_and_finish_themselves_only() {
    schedule("handles: forward by three", || {
        let forward = |i, sink: Sender<Message>, book: Arc<Book>| async move {
            let source = futures::stream::iter((0..2).map(|n| Ok((i, n))));
            source.forward(sink).await.unwrap();
            (0..2).for_each(|n| book.sent((i, n)));
        };
        Flow::new(Some(2)).senders(3, forward).receivers(1, receive_all).finish().in_order();
    });
}
