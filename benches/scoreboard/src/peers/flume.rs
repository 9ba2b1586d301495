//! flume: one channel for tasks and threads.

use std::future::Future;

use flume::{Receiver, Sender, TryRecvError, TrySendError};

use crate::kinds::{Blocking, Line, Mailbox, Message, Received, Refusal, Sent, Trying};

const NAME: &str = "flume";

pub struct Channel;

fn open<T>(line: Line) -> (Sender<T>, Receiver<T>) {
    match line.capacity {
        Some(capacity) => flume::bounded(capacity),
        None => flume::unbounded(),
    }
}

impl<T: Message> Mailbox<T> for Channel {
    const NAME: &'static str = NAME;
    type Sender = Sender<T>;
    type Receiver = Receiver<T>;

    fn serves(_: Line) -> bool {
        true
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
        sender.send_async(message)
    }
    fn recv(receiver: &mut Receiver<T>) -> impl Future<Output: Received<T>> + Send {
        receiver.recv_async()
    }
}

impl Blocking for Channel {
    const NAME: &'static str = NAME;
    type Sender = Sender<u64>;
    type Receiver = Receiver<u64>;

    fn serves(_: Line) -> bool {
        true
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
        sender.send(message).expect("the channel is open");
    }
    fn recv(receiver: &mut Receiver<u64>) -> Option<u64> {
        receiver.recv().ok()
    }
}

impl Trying for Channel {
    fn try_send(sender: &Sender<u64>, message: u64) -> Result<(), Refusal> {
        sender.try_send(message).map_err(|error| Refusal::closed_if(matches!(error, TrySendError::Disconnected(_))))
    }
    fn try_recv(receiver: &mut Receiver<u64>) -> Result<u64, Refusal> {
        receiver.try_recv().map_err(|error| Refusal::closed_if(error == TryRecvError::Disconnected))
    }
}
