//! async-channel.

use std::future::Future;

use async_channel::{Receiver, Sender, TryRecvError, TrySendError};

use crate::kinds::{Blocking, BlockingClosing, Closing, Line, Mailbox, Message, Received, Refusal, Sent, Trying};

const NAME: &str = "async-channel";

pub struct Channel;

fn open<T>(line: Line) -> (Sender<T>, Receiver<T>) {
    match line.capacity {
        Some(capacity) => async_channel::bounded(capacity),
        None => async_channel::unbounded(),
    }
}

impl<T: Message> Mailbox<T> for Channel {
    const NAME: &'static str = NAME;
    type Sender = Sender<T>;
    type Receiver = Receiver<T>;

    fn serves(line: Line) -> bool {
        line.capacity != Some(0)
    }
    fn open(line: Line) -> (Sender<T>, Receiver<T>) {
        open(line)
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

impl Blocking for Channel {
    const NAME: &'static str = NAME;
    type Sender = Sender<u64>;
    type Receiver = Receiver<u64>;

    fn serves(line: Line) -> bool {
        line.capacity != Some(0)
    }
    fn open(line: Line) -> (Sender<u64>, Receiver<u64>) {
        open(line)
    }
    fn another_sender(sender: &Sender<u64>) -> Sender<u64> {
        sender.clone()
    }
    fn another_receiver(receiver: &Receiver<u64>) -> Receiver<u64> {
        receiver.clone()
    }
    fn send(sender: &Sender<u64>, message: u64) {
        sender.send_blocking(message).expect("the channel is open");
    }
    fn recv(receiver: &mut Receiver<u64>) -> Option<u64> {
        receiver.recv_blocking().ok()
    }
}

impl Trying for Channel {
    fn try_send(sender: &Sender<u64>, message: u64) -> Result<(), Refusal> {
        sender.try_send(message).map_err(|error| Refusal::closed_if(matches!(error, TrySendError::Closed(_))))
    }
    fn try_recv(receiver: &mut Receiver<u64>) -> Result<u64, Refusal> {
        receiver.try_recv().map_err(|error| Refusal::closed_if(error == TryRecvError::Closed))
    }
}

impl BlockingClosing for Channel {
    fn close(sender: &Sender<u64>) {
        sender.close();
    }
}
