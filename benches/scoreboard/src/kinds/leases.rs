//! Mailboxes that bound what is queued and in work: what a receiver gets holds its place until it is dropped.

use std::future::Future;

pub trait Leases: Send + 'static {
    const NAME: &'static str;
    type Sender: Clone + Send + Sync + 'static;
    type Receiver: Clone + Send + Sync + 'static;

    fn open(limit: usize) -> (Self::Sender, Self::Receiver);
    fn send(sender: &Self::Sender, message: u64) -> impl Future<Output = ()> + Send;

    /// Whether there was a message. Its place is given back at once.
    fn recv(receiver: &Self::Receiver) -> impl Future<Output = bool> + Send;
}
