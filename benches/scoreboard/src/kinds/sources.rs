//! One receiver for many sources, each with a queue of its own.

use std::future::Future;

pub trait Sources: Send + 'static {
    const NAME: &'static str;
    type Sender: Send + 'static;
    type Receiver: Send + 'static;

    /// So many sources, with so many slots each.
    fn open(sources: usize, capacity: usize) -> (Vec<Self::Sender>, Self::Receiver);
    fn send(sender: &mut Self::Sender, message: u64) -> impl Future<Output = ()> + Send;

    /// Whether there was a message.
    fn recv(receiver: &mut Self::Receiver) -> impl Future<Output = bool> + Send;
}
