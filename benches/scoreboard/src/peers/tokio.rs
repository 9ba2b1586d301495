//! `tokio::sync`: mpsc, semaphore and mutex; a monitor from mutex and `Notify`.

mod threads;

use std::future::{self, Future};
use std::pin::pin;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::{AcqRel, Acquire};

pub use tokio::sync::Notify;
use tokio::sync::mpsc::{self, Receiver, Sender, UnboundedReceiver, UnboundedSender};
use tokio::sync::watch;

use crate::kinds::{
    self, Batch, Closable, Condition, Event, Gate, Growing, Line, Mailbox, Message, Order, Received, Sent, Shared,
    Weighted,
};
use crate::peers::TOKIO;

pub struct Mpsc;

impl<T: Message> Mailbox<T> for Mpsc {
    const NAME: &'static str = TOKIO;
    type Sender = Sender<T>;
    type Receiver = Receiver<T>;

    fn serves(line: Line) -> bool {
        line.is_buffered() && line.receivers == 1
    }
    fn open(line: Line) -> (Sender<T>, Receiver<T>) {
        mpsc::channel(line.bound())
    }
    fn another_sender(sender: &Sender<T>) -> Sender<T> {
        sender.clone()
    }
    fn send(sender: &mut Sender<T>, message: T) -> impl Future<Output: Sent> + Send {
        sender.send(message)
    }
    fn recv(receiver: &mut Receiver<T>) -> impl Future<Output: Received<T>> + Send {
        receiver.recv()
    }
}

impl Batch for Mpsc {
    async fn send_many(sender: &mut Sender<u64>, count: usize) {
        for (n, permit) in sender.reserve_many(count).await.expect("the channel is open").enumerate() {
            permit.send(n as u64);
        }
    }
    fn recv_many<'a>(
        receiver: &'a mut Receiver<u64>,
        into: &'a mut Vec<u64>,
        limit: usize,
    ) -> impl Future<Output = usize> + Send {
        receiver.recv_many(into, limit)
    }
}

pub struct UnboundedMpsc;

impl<T: Message> Mailbox<T> for UnboundedMpsc {
    const NAME: &'static str = TOKIO;
    type Sender = UnboundedSender<T>;
    type Receiver = UnboundedReceiver<T>;

    fn serves(line: Line) -> bool {
        line.is_unbounded() && line.receivers == 1
    }
    fn open(_: Line) -> (UnboundedSender<T>, UnboundedReceiver<T>) {
        mpsc::unbounded_channel()
    }
    fn another_sender(sender: &UnboundedSender<T>) -> UnboundedSender<T> {
        sender.clone()
    }
    fn send(sender: &mut UnboundedSender<T>, message: T) -> impl Future<Output: Sent> + Send {
        future::ready(sender.send(message))
    }
    fn recv(receiver: &mut UnboundedReceiver<T>) -> impl Future<Output: Received<T>> + Send {
        receiver.recv()
    }
}

pub type Semaphore = tokio::sync::Semaphore;

impl Gate for Semaphore {
    const NAME: &'static str = TOKIO;
    const WHAT: &'static str = "semaphore";
    const ORDER: Order = Order::Fifo;

    fn new(permits: usize) -> Self {
        Self::new(permits)
    }
    fn enter(&self) -> impl Future<Output: Send> + Send {
        self.acquire()
    }
    fn try_enter(&self) -> Option<impl Send> {
        self.try_acquire().ok()
    }
}

impl Growing for Semaphore {
    fn add(&self, permits: usize) {
        self.add_permits(permits);
    }
}

impl Closable for Semaphore {
    fn close(&self) {
        self.close();
    }
}

impl Weighted for Semaphore {
    fn enter_many(&self, permits: usize) -> impl Future<Output: Send> + Send {
        self.acquire_many(permits as u32)
    }
}

pub type Mutex = tokio::sync::Mutex<u64>;

impl Gate for Mutex {
    const NAME: &'static str = TOKIO;
    const WHAT: &'static str = "mutex";
    const ORDER: Order = Order::Fifo;

    fn new(_: usize) -> Self {
        Self::new(0)
    }
    fn enter(&self) -> impl Future<Output: Send> + Send {
        self.lock()
    }
    fn try_enter(&self) -> Option<impl Send> {
        self.try_lock().ok()
    }
}

impl Event for Notify {
    const NAME: &'static str = TOKIO;
    const WHAT: &'static str = "Notify";
    const ONE_BY_ONE: bool = true;

    fn new() -> Self {
        Self::new()
    }
    fn wait(&self) -> impl Future<Output: Send> + Send {
        self.notified()
    }
    fn happen(&self, many: usize) {
        if many == 1 { self.notify_one() } else { self.notify_waiters() }
    }
}

pub struct Monitor {
    mutex: tokio::sync::Mutex<Shared>,
    conditions: [Notify; 2],
}

impl kinds::Monitor for Monitor {
    const NAME: &'static str = TOKIO;
    type Guard<'a> = tokio::sync::MutexGuard<'a, Shared>;

    fn new() -> Self {
        Self { mutex: tokio::sync::Mutex::default(), conditions: [Notify::new(), Notify::new()] }
    }
    fn enter(&self) -> impl Future<Output = Self::Guard<'_>> + Send {
        self.mutex.lock()
    }
    async fn wait<'a>(&'a self, guard: Self::Guard<'a>, condition: Condition) -> Self::Guard<'a> {
        {
            let mut notified = pin!(self.conditions[condition as usize].notified());
            notified.as_mut().enable();
            drop(guard);
            notified.await;
        }
        self.mutex.lock().await
    }
    fn leave_and_notify_one(&self, guard: Self::Guard<'_>, condition: Condition) {
        drop(guard);
        self.conditions[condition as usize].notify_one();
    }
    fn leave_and_notify_all(&self, guard: Self::Guard<'_>, condition: Condition) {
        drop(guard);
        self.conditions[condition as usize].notify_waiters();
    }
}

pub struct Oneshot;

impl kinds::Reply for Oneshot {
    const NAME: &'static str = TOKIO;
    type Sender = tokio::sync::oneshot::Sender<u64>;
    type Receiver = tokio::sync::oneshot::Receiver<u64>;

    fn open() -> (Self::Sender, Self::Receiver) {
        tokio::sync::oneshot::channel()
    }
    fn send(sender: Self::Sender, value: u64) -> impl Sent {
        sender.send(value)
    }
    fn recv(receiver: Self::Receiver) -> impl Future<Output: Received<u64>> + Send {
        receiver
    }
}

pub type Barrier = tokio::sync::Barrier;

impl kinds::Barrier for Barrier {
    const NAME: &'static str = TOKIO;

    fn new(size: usize) -> Self {
        Self::new(size)
    }
    fn wait(&self) -> impl Future<Output: Send> + Send {
        self.wait()
    }
}

/// A count and a `Notify`, as in tokio-util's `CancellationToken`.
pub struct Latch {
    count: AtomicUsize,
    open: Notify,
}

impl kinds::Latch for Latch {
    const NAME: &'static str = TOKIO;

    fn new(count: usize) -> Self {
        Self { count: AtomicUsize::new(count), open: Notify::new() }
    }
    fn count_down(&self) {
        if self.count.fetch_sub(1, AcqRel) == 1 {
            self.open.notify_waiters();
        }
    }
    async fn wait(&self) {
        let notified = self.open.notified();
        if self.count.load(Acquire) > 0 {
            notified.await;
        }
    }
}

/// A count in a `watch` channel.
pub struct Watched(watch::Sender<usize>);

impl kinds::Latch for Watched {
    const NAME: &'static str = "tokio watch";

    fn new(count: usize) -> Self {
        Self(watch::Sender::new(count))
    }
    fn count_down(&self) {
        self.0.send_if_modified(|count| {
            *count -= 1;
            *count == 0
        });
    }
    async fn wait(&self) {
        let mut receiver = self.0.subscribe();
        receiver.wait_for(|count| *count == 0).await.expect("the sender lives");
    }
}
