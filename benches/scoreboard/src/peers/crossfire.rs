//! crossfire: spsc, mpsc and mpmc have queues of their own, bounded and not; for tasks and for threads.

use std::future::{self, Future};

use crossfire::{AsyncRx, AsyncTx, MAsyncRx, MAsyncTx, MRx, MTx, Rx, TryRecvError, TrySendError, Tx, mpmc, mpsc, spsc};

use crate::kinds::{self, Line, Mailbox, Message, Received, Refusal, Sent, Trying};

const NAME: &str = "crossfire";

pub struct Spsc;

impl<T: Message> Mailbox<T> for Spsc {
    const NAME: &'static str = NAME;
    type Sender = AsyncTx<spsc::Array<T>>;
    type Receiver = AsyncRx<spsc::Array<T>>;

    fn serves(line: Line) -> bool {
        line.is_buffered() && line.senders == 1 && line.receivers == 1
    }
    fn open(line: Line) -> (Self::Sender, Self::Receiver) {
        spsc::bounded_async(line.bound())
    }
    fn send(sender: &mut Self::Sender, message: T) -> impl Future<Output: Sent> + Send {
        sender.send(message)
    }
    fn recv(receiver: &mut Self::Receiver) -> impl Future<Output: Received<T>> + Send {
        receiver.recv()
    }
}

pub struct UnboundedSpsc;

impl<T: Message> Mailbox<T> for UnboundedSpsc {
    const NAME: &'static str = NAME;
    type Sender = Tx<spsc::List<T>>;
    type Receiver = AsyncRx<spsc::List<T>>;

    fn serves(line: Line) -> bool {
        line.is_unbounded() && line.senders == 1 && line.receivers == 1
    }
    fn open(_: Line) -> (Self::Sender, Self::Receiver) {
        spsc::unbounded_async()
    }
    fn send(sender: &mut Self::Sender, message: T) -> impl Future<Output: Sent> + Send {
        future::ready(sender.send(message))
    }
    fn recv(receiver: &mut Self::Receiver) -> impl Future<Output: Received<T>> + Send {
        receiver.recv()
    }
}

pub struct Mpsc;

impl<T: Message> Mailbox<T> for Mpsc {
    const NAME: &'static str = NAME;
    type Sender = MAsyncTx<mpsc::Array<T>>;
    type Receiver = AsyncRx<mpsc::Array<T>>;

    fn serves(line: Line) -> bool {
        line.is_buffered() && line.senders > 1 && line.receivers == 1
    }
    fn open(line: Line) -> (Self::Sender, Self::Receiver) {
        mpsc::bounded_async(line.bound())
    }
    fn another_sender(sender: &Self::Sender) -> Self::Sender {
        sender.clone()
    }
    fn send(sender: &mut Self::Sender, message: T) -> impl Future<Output: Sent> + Send {
        sender.send(message)
    }
    fn recv(receiver: &mut Self::Receiver) -> impl Future<Output: Received<T>> + Send {
        receiver.recv()
    }
}

pub struct UnboundedMpsc;

impl<T: Message> Mailbox<T> for UnboundedMpsc {
    const NAME: &'static str = NAME;
    type Sender = MTx<mpsc::List<T>>;
    type Receiver = AsyncRx<mpsc::List<T>>;

    fn serves(line: Line) -> bool {
        line.is_unbounded() && line.senders > 1 && line.receivers == 1
    }
    fn open(_: Line) -> (Self::Sender, Self::Receiver) {
        mpsc::unbounded_async()
    }
    fn another_sender(sender: &Self::Sender) -> Self::Sender {
        sender.clone()
    }
    fn send(sender: &mut Self::Sender, message: T) -> impl Future<Output: Sent> + Send {
        future::ready(sender.send(message))
    }
    fn recv(receiver: &mut Self::Receiver) -> impl Future<Output: Received<T>> + Send {
        receiver.recv()
    }
}

pub struct Mpmc;

impl<T: Message> Mailbox<T> for Mpmc {
    const NAME: &'static str = NAME;
    type Sender = MAsyncTx<mpmc::Array<T>>;
    type Receiver = MAsyncRx<mpmc::Array<T>>;

    fn serves(line: Line) -> bool {
        line.is_buffered() && line.receivers > 1
    }
    fn open(line: Line) -> (Self::Sender, Self::Receiver) {
        mpmc::bounded_async(line.bound())
    }
    fn another_sender(sender: &Self::Sender) -> Self::Sender {
        sender.clone()
    }
    fn another_receiver(receiver: &Self::Receiver) -> Self::Receiver {
        receiver.clone()
    }
    fn send(sender: &mut Self::Sender, message: T) -> impl Future<Output: Sent> + Send {
        sender.send(message)
    }
    fn recv(receiver: &mut Self::Receiver) -> impl Future<Output: Received<T>> + Send {
        receiver.recv()
    }
}

pub struct UnboundedMpmc;

impl<T: Message> Mailbox<T> for UnboundedMpmc {
    const NAME: &'static str = NAME;
    type Sender = MTx<mpmc::List<T>>;
    type Receiver = MAsyncRx<mpmc::List<T>>;

    fn serves(line: Line) -> bool {
        line.is_unbounded() && line.receivers > 1
    }
    fn open(_: Line) -> (Self::Sender, Self::Receiver) {
        mpmc::unbounded_async()
    }
    fn another_sender(sender: &Self::Sender) -> Self::Sender {
        sender.clone()
    }
    fn another_receiver(receiver: &Self::Receiver) -> Self::Receiver {
        receiver.clone()
    }
    fn send(sender: &mut Self::Sender, message: T) -> impl Future<Output: Sent> + Send {
        future::ready(sender.send(message))
    }
    fn recv(receiver: &mut Self::Receiver) -> impl Future<Output: Received<T>> + Send {
        receiver.recv()
    }
}

pub struct Blocking;

impl kinds::Blocking for Blocking {
    const NAME: &'static str = NAME;
    type Sender = MTx<mpmc::Array<u64>>;
    type Receiver = MRx<mpmc::Array<u64>>;

    fn serves(line: Line) -> bool {
        line.is_buffered()
    }
    fn open(line: Line) -> (Self::Sender, Self::Receiver) {
        mpmc::bounded_blocking(line.bound())
    }
    fn another_sender(sender: &Self::Sender) -> Self::Sender {
        sender.clone()
    }
    fn another_receiver(receiver: &Self::Receiver) -> Self::Receiver {
        receiver.clone()
    }
    fn send(sender: &Self::Sender, message: u64) {
        sender.send(message).expect("the channel is open");
    }
    fn recv(receiver: &mut Self::Receiver) -> Option<u64> {
        receiver.recv().ok()
    }
}

pub struct UnboundedBlocking;

impl kinds::Blocking for UnboundedBlocking {
    const NAME: &'static str = NAME;
    type Sender = MTx<mpmc::List<u64>>;
    type Receiver = MRx<mpmc::List<u64>>;

    fn serves(line: Line) -> bool {
        line.is_unbounded()
    }
    fn open(_: Line) -> (Self::Sender, Self::Receiver) {
        mpmc::unbounded_blocking()
    }
    fn another_sender(sender: &Self::Sender) -> Self::Sender {
        sender.clone()
    }
    fn another_receiver(receiver: &Self::Receiver) -> Self::Receiver {
        receiver.clone()
    }
    fn send(sender: &Self::Sender, message: u64) {
        sender.send(message).expect("the channel is open");
    }
    fn recv(receiver: &mut Self::Receiver) -> Option<u64> {
        receiver.recv().ok()
    }
}

pub struct BlockingSpsc;

impl kinds::Blocking for BlockingSpsc {
    const NAME: &'static str = NAME;
    type Sender = Tx<spsc::Array<u64>>;
    type Receiver = Rx<spsc::Array<u64>>;

    fn serves(line: Line) -> bool {
        line.is_buffered() && line.senders == 1 && line.receivers == 1
    }
    fn open(line: Line) -> (Self::Sender, Self::Receiver) {
        spsc::bounded_blocking(line.bound())
    }
    fn send(sender: &Self::Sender, message: u64) {
        sender.send(message).expect("the channel is open");
    }
    fn recv(receiver: &mut Self::Receiver) -> Option<u64> {
        receiver.recv().ok()
    }
}

impl Trying for BlockingSpsc {
    fn try_send(sender: &Self::Sender, message: u64) -> Result<(), Refusal> {
        sender.try_send(message).map_err(|error| Refusal::closed_if(matches!(error, TrySendError::Disconnected(_))))
    }
    fn try_recv(receiver: &mut Self::Receiver) -> Result<u64, Refusal> {
        receiver.try_recv().map_err(|error| Refusal::closed_if(error == TryRecvError::Disconnected))
    }
}

pub struct UnboundedBlockingSpsc;

impl kinds::Blocking for UnboundedBlockingSpsc {
    const NAME: &'static str = NAME;
    type Sender = Tx<spsc::List<u64>>;
    type Receiver = Rx<spsc::List<u64>>;

    fn serves(line: Line) -> bool {
        line.is_unbounded() && line.senders == 1 && line.receivers == 1
    }
    fn open(_: Line) -> (Self::Sender, Self::Receiver) {
        spsc::unbounded_blocking()
    }
    fn send(sender: &Self::Sender, message: u64) {
        sender.send(message).expect("the channel is open");
    }
    fn recv(receiver: &mut Self::Receiver) -> Option<u64> {
        receiver.recv().ok()
    }
}

impl Trying for UnboundedBlockingSpsc {
    fn try_send(sender: &Self::Sender, message: u64) -> Result<(), Refusal> {
        sender.try_send(message).map_err(|error| Refusal::closed_if(matches!(error, TrySendError::Disconnected(_))))
    }
    fn try_recv(receiver: &mut Self::Receiver) -> Result<u64, Refusal> {
        receiver.try_recv().map_err(|error| Refusal::closed_if(error == TryRecvError::Disconnected))
    }
}
