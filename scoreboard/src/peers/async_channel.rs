//! async-channel.

use std::future::Future;

use async_channel::{Receiver, Sender};

use crate::kinds::{Closing, Line, Mailbox, Message, Received, Sent};

pub struct Channel;

impl<T: Message> Mailbox<T> for Channel {
    const NAME: &'static str = "async-channel";
    type Sender = Sender<T>;
    type Receiver = Receiver<T>;

    fn serves(line: Line) -> bool {
        line.capacity != Some(0)
    }
    fn open(line: Line) -> (Sender<T>, Receiver<T>) {
        match line.capacity {
            Some(capacity) => async_channel::bounded(capacity),
            None => async_channel::unbounded(),
        }
    }
    fn another_sender(sender: &Sender<T>) -> Sender<T> {
        sender.clone()
    }
    fn another_receiver(receiver: &Receiver<T>) -> Receiver<T> {
        receiver.clone()
    }
    fn send(sender: &mut Sender<T>, message: T) -> impl Future<Output: Sent> + Send {
        sender.send(message)
    }
    fn recv(receiver: &mut Receiver<T>) -> impl Future<Output: Received<T>> + Send {
        receiver.recv()
    }
}

impl Closing for Channel {
    fn close(sender: &mut Sender<u64>) {
        sender.close();
    }
}
