//! futures-intrusive: channel, semaphore and mutex, the latter two fair or not.

use std::future::Future;

use futures_intrusive::channel::shared::{self, Receiver, Sender};

use crate::kinds::{Gate, Line, Mailbox, Message, Order, Received, Sent, Weighted};

const NAME: &str = "futures-intrusive";

pub struct Channel;

impl<T: Message> Mailbox<T> for Channel {
    const NAME: &'static str = NAME;
    type Sender = Sender<T>;
    type Receiver = Receiver<T>;

    /// Its buffer grows up to the capacity, so a capacity out of reach is none.
    fn serves(_: Line) -> bool {
        true
    }
    fn open(line: Line) -> (Sender<T>, Receiver<T>) {
        match line.capacity {
            Some(0) => shared::unbuffered_channel(),
            Some(capacity) => shared::channel(capacity),
            None => shared::channel(usize::MAX),
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
        receiver.receive()
    }
}

pub struct FairSemaphore(futures_intrusive::sync::Semaphore);

impl Gate for FairSemaphore {
    const NAME: &'static str = NAME;
    const ORDER: Order = Order::Fifo;

    fn new(permits: usize) -> Self {
        Self(futures_intrusive::sync::Semaphore::new(true, permits))
    }
    fn enter(&self) -> impl Future<Output: Send> + Send {
        self.0.acquire(1)
    }
}

impl Weighted for FairSemaphore {
    fn enter_many(&self, permits: usize) -> impl Future<Output: Send> + Send {
        self.0.acquire(permits)
    }
}

pub struct UnfairSemaphore(futures_intrusive::sync::Semaphore);

impl Gate for UnfairSemaphore {
    const NAME: &'static str = "futures-intrusive (unfair)";
    const ORDER: Order = Order::Barging;

    fn new(permits: usize) -> Self {
        Self(futures_intrusive::sync::Semaphore::new(false, permits))
    }
    fn enter(&self) -> impl Future<Output: Send> + Send {
        self.0.acquire(1)
    }
}

pub struct FairMutex(futures_intrusive::sync::Mutex<u64>);

impl Gate for FairMutex {
    const NAME: &'static str = NAME;
    const ORDER: Order = Order::Fifo;

    fn new(_: usize) -> Self {
        Self(futures_intrusive::sync::Mutex::new(0, true))
    }
    fn enter(&self) -> impl Future<Output: Send> + Send {
        self.0.lock()
    }
}

pub struct UnfairMutex(futures_intrusive::sync::Mutex<u64>);

impl Gate for UnfairMutex {
    const NAME: &'static str = "futures-intrusive (unfair)";
    const ORDER: Order = Order::Barging;

    fn new(_: usize) -> Self {
        Self(futures_intrusive::sync::Mutex::new(0, false))
    }
    fn enter(&self) -> impl Future<Output: Send> + Send {
        self.0.lock()
    }
}
