//! oneshot: one value, once, by a small lock-free machine.

use std::future::Future;

use oneshot::{AsyncReceiver, Sender};

use crate::kinds::{Received, Reply, Sent};

pub struct Channel;

impl Reply for Channel {
    const NAME: &'static str = "oneshot";
    type Sender = Sender<u64>;
    type Receiver = AsyncReceiver<u64>;

    fn open() -> (Sender<u64>, AsyncReceiver<u64>) {
        oneshot::async_channel()
    }
    fn send(sender: Sender<u64>, value: u64) -> impl Sent {
        sender.send(value)
    }
    fn recv(receiver: AsyncReceiver<u64>) -> impl Future<Output: Received<u64>> + Send {
        receiver
    }
}
