//! kanal: one channel with handles for tasks and for threads.

use std::future::Future;

use kanal::{AsyncReceiver, AsyncSender, Receiver, Sender};

use crate::kinds::{Blocking, BlockingClosing, Closing, Line, Mailbox, Message, Received, Refusal, Sent, Trying};

const NAME: &str = "kanal";

pub struct Channel;

impl<T: Message> Mailbox<T> for Channel {
    const NAME: &'static str = NAME;
    type Sender = AsyncSender<T>;
    type Receiver = AsyncReceiver<T>;

    fn serves(_: Line) -> bool {
        true
    }
    fn open(line: Line) -> (AsyncSender<T>, AsyncReceiver<T>) {
        match line.capacity {
            Some(capacity) => kanal::bounded_async(capacity),
            None => kanal::unbounded_async(),
        }
    }
    fn another_sender(sender: &AsyncSender<T>) -> AsyncSender<T> {
        sender.clone()
    }
    fn another_receiver(receiver: &AsyncReceiver<T>) -> AsyncReceiver<T> {
        receiver.clone()
    }
    fn send(sender: &mut AsyncSender<T>, message: T) -> impl Future<Output: Sent> + Send {
        sender.send(message)
    }
    fn recv(receiver: &mut AsyncReceiver<T>) -> impl Future<Output: Received<T>> + Send {
        receiver.recv()
    }
}

impl Closing for Channel {
    fn close(sender: &mut AsyncSender<u64>) {
        sender.close().expect("the channel is open");
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
        match line.capacity {
            Some(capacity) => kanal::bounded(capacity),
            None => kanal::unbounded(),
        }
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
        match sender.try_send(message) {
            Ok(true) => Ok(()),
            Ok(false) => Err(Refusal::NotNow),
            Err(_) => Err(Refusal::Closed),
        }
    }
    fn try_recv(receiver: &mut Receiver<u64>) -> Result<u64, Refusal> {
        receiver.try_recv().map_err(|_| Refusal::Closed)?.ok_or(Refusal::NotNow)
    }
}

impl BlockingClosing for Channel {
    fn close(sender: &Sender<u64>) {
        sender.close().expect("the channel is open");
    }
}
