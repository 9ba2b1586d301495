//! Reply ports: one value, once.

use std::future::Future;

use super::{Received, Sent};

pub trait Reply: 'static {
    const NAME: &'static str;
    type Sender: Send + 'static;
    type Receiver: Send + 'static;

    fn open() -> (Self::Sender, Self::Receiver);
    fn send(sender: Self::Sender, value: u64) -> impl Sent;
    fn recv(receiver: Self::Receiver) -> impl Future<Output: Received<u64>> + Send;
}
