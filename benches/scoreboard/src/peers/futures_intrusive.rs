//! futures-intrusive: channel, semaphore and mutex, the latter two fair or not.

use std::future::Future;

use futures_intrusive::channel::shared::{self, Receiver, Sender};

use crate::kinds::{Closing, Event, Gate, Growing, Line, Mailbox, Message, Order, Received, Sent, Weighted};

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

impl Closing for Channel {
    fn close(sender: &mut Sender<u64>) {
        sender.close();
    }
}

pub struct FairSemaphore(futures_intrusive::sync::Semaphore);

impl Gate for FairSemaphore {
    const NAME: &'static str = NAME;
    const WHAT: &'static str = "semaphore, fair";
    const ORDER: Order = Order::Fifo;

    fn new(permits: usize) -> Self {
        Self(futures_intrusive::sync::Semaphore::new(true, permits))
    }
    fn enter(&self) -> impl Future<Output: Send> + Send {
        self.0.acquire(1)
    }
    fn try_enter(&self) -> Option<impl Send> {
        self.0.try_acquire(1)
    }
}

impl Growing for FairSemaphore {
    fn add(&self, permits: usize) {
        self.0.release(permits);
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
    const WHAT: &'static str = "semaphore, unfair";
    const ORDER: Order = Order::Barging;

    fn new(permits: usize) -> Self {
        Self(futures_intrusive::sync::Semaphore::new(false, permits))
    }
    fn enter(&self) -> impl Future<Output: Send> + Send {
        self.0.acquire(1)
    }
    fn try_enter(&self) -> Option<impl Send> {
        self.0.try_acquire(1)
    }
}

impl Growing for UnfairSemaphore {
    fn add(&self, permits: usize) {
        self.0.release(permits);
    }
}

pub struct FairMutex(futures_intrusive::sync::Mutex<u64>);

impl Gate for FairMutex {
    const NAME: &'static str = NAME;
    const WHAT: &'static str = "mutex, fair";
    const ORDER: Order = Order::Fifo;

    fn new(_: usize) -> Self {
        Self(futures_intrusive::sync::Mutex::new(0, true))
    }
    fn enter(&self) -> impl Future<Output: Send> + Send {
        self.0.lock()
    }
    fn try_enter(&self) -> Option<impl Send> {
        self.0.try_lock()
    }
}

pub struct UnfairMutex(futures_intrusive::sync::Mutex<u64>);

impl Gate for UnfairMutex {
    const NAME: &'static str = "futures-intrusive (unfair)";
    const WHAT: &'static str = "mutex, unfair";
    const ORDER: Order = Order::Barging;

    fn new(_: usize) -> Self {
        Self(futures_intrusive::sync::Mutex::new(0, false))
    }
    fn enter(&self) -> impl Future<Output: Send> + Send {
        self.0.lock()
    }
    fn try_enter(&self) -> Option<impl Send> {
        self.0.try_lock()
    }
}

pub struct ManualResetEvent(futures_intrusive::sync::ManualResetEvent);

impl Event for ManualResetEvent {
    const NAME: &'static str = NAME;
    const WHAT: &'static str = "ManualResetEvent";
    const ONE_BY_ONE: bool = false;

    fn new() -> Self {
        Self(futures_intrusive::sync::ManualResetEvent::new(false))
    }
    fn wait(&self) -> impl Future<Output: Send> + Send {
        self.0.wait()
    }
    fn happen(&self, _: usize) {
        self.0.set();
    }
}
