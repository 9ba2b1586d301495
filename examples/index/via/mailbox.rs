//! Message passing: a mailbox is the buffer. Tasks use its ends as `Sink` and `Stream`.
//!
//! Nobody counts anything here: the mailbox closes when its last sender is done, and its receivers
//! learn that after the last message.

use std::sync::Arc;

use futures::{SinkExt, StreamExt as _};
use sempost::mailbox::{self, Receiver, Sender};

use super::{Ends, Get, Put, Shape, Via};
use crate::budget::Peak;

const OPEN: &str = "the receivers stay until the end";

pub struct Mailboxes;

pub struct Out<T> {
    sender: Sender<T>,
    peak: Arc<Peak>,
}

pub struct In<T>(Receiver<T>);

impl Via for Mailboxes {
    type Put<T: Send + 'static> = Out<T>;
    type Get<T: Send + 'static> = In<T>;

    fn buffer<T: Send + 'static>(shape: Shape) -> Ends<Self, T> {
        let (sender, receiver) = mailbox::bounded(shape.slots);
        let out = || Out { sender: sender.clone(), peak: shape.peak.clone() };
        ((0..shape.producers).map(|_| out()).collect(), (0..shape.consumers).map(|_| In(receiver.clone())).collect())
    }
}

impl<T: Send + 'static> Put<T> for Out<T> {
    async fn put(&mut self, item: T) {
        SinkExt::send(&mut self.sender, item).await.expect(OPEN);
        self.peak.note(self.sender.len());
    }

    fn put_blocking(&mut self, item: T) {
        self.sender.send_blocking(item).expect(OPEN);
        self.peak.note(self.sender.len());
    }

    async fn end(mut self) {
        // The sink's `close` finishes this sender; `Sender::close` would close for all.
        SinkExt::close(&mut self.sender).await.expect(OPEN);
    }

    fn end_blocking(self) {
        drop(self.sender);
    }
}

impl<T: Send + 'static> Get<T> for In<T> {
    async fn get(&mut self) -> Option<T> {
        self.0.next().await
    }

    fn get_blocking(&mut self) -> Option<T> {
        self.0.recv_blocking()
    }
}
