//! futures: mpsc, and a mutex that lets in whoever is there.

use std::future::{self, Future};

use futures::channel::mpsc::{self, Receiver, Sender, UnboundedReceiver, UnboundedSender};
use futures::sink::SinkExt;
use futures::stream::StreamExt;

use crate::kinds::{Closing, Gate, Line, Mailbox, Message, Order, Received, Reply, Sent};

const NAME: &str = "futures";

pub struct Mpsc;

impl<T: Message> Mailbox<T> for Mpsc {
    const NAME: &'static str = NAME;
    const OWN_SLOTS: bool = true;
    type Sender = Sender<T>;
    type Receiver = Receiver<T>;

    /// Every sender has a slot of its own, in addition to those that are asked for.
    fn serves(line: Line) -> bool {
        line.capacity.is_some_and(|capacity| capacity >= line.senders) && line.receivers == 1
    }
    fn open(line: Line) -> (Sender<T>, Receiver<T>) {
        mpsc::channel(line.bound() - line.senders)
    }
    fn another_sender(sender: &Sender<T>) -> Sender<T> {
        sender.clone()
    }
    /// `feed`, because `send` also waits until the channel has room for the next message.
    fn send(sender: &mut Sender<T>, message: T) -> impl Future<Output: Sent> + Send {
        sender.feed(message)
    }
    fn recv(receiver: &mut Receiver<T>) -> impl Future<Output: Received<T>> + Send {
        receiver.next()
    }
}

pub struct UnboundedMpsc;

impl<T: Message> Mailbox<T> for UnboundedMpsc {
    const NAME: &'static str = NAME;
    type Sender = UnboundedSender<T>;
    type Receiver = UnboundedReceiver<T>;

    fn serves(line: Line) -> bool {
        line.is_unbounded() && line.receivers == 1
    }
    fn open(_: Line) -> (UnboundedSender<T>, UnboundedReceiver<T>) {
        mpsc::unbounded()
    }
    fn another_sender(sender: &UnboundedSender<T>) -> UnboundedSender<T> {
        sender.clone()
    }
    fn send(sender: &mut UnboundedSender<T>, message: T) -> impl Future<Output: Sent> + Send {
        future::ready(sender.unbounded_send(message))
    }
    fn recv(receiver: &mut UnboundedReceiver<T>) -> impl Future<Output: Received<T>> + Send {
        receiver.next()
    }
}

/// Not so the bounded one: closed by a sender, it lets other senders wait for room as before.
impl Closing for UnboundedMpsc {
    fn close(sender: &mut UnboundedSender<u64>) {
        sender.close_channel();
    }
}

pub type Mutex = futures::lock::Mutex<u64>;

impl Gate for Mutex {
    const NAME: &'static str = NAME;
    const WHAT: &'static str = "mutex";
    const ORDER: Order = Order::Barging;

    fn new(_: usize) -> Self {
        Self::new(0)
    }
    fn enter(&self) -> impl Future<Output: Send> + Send {
        self.lock()
    }
    fn try_enter(&self) -> Option<impl Send> {
        self.try_lock()
    }
}

pub struct Oneshot;

impl Reply for Oneshot {
    const NAME: &'static str = NAME;
    type Sender = futures::channel::oneshot::Sender<u64>;
    type Receiver = futures::channel::oneshot::Receiver<u64>;

    fn open() -> (Self::Sender, Self::Receiver) {
        futures::channel::oneshot::channel()
    }
    fn send(sender: Self::Sender, value: u64) -> impl Sent {
        sender.send(value)
    }
    fn recv(receiver: Self::Receiver) -> impl Future<Output: Received<u64>> + Send {
        receiver
    }
}
