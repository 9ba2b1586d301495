//! Ourselves, by the same rules as everybody.

use std::future::Future;

use sempost::mailbox::{self, Receiver, Sender};
use sempost::{Fairness, conditions};

use crate::kinds::{self, Batch, Blocking, Condition, Gate, Line, Message, Order, Received, Sent, Shared, Weighted};
use crate::peers::{OURS, OURS_UNBOUNDED};

pub struct Mailbox;

fn open<T>(line: Line) -> (Sender<T>, Receiver<T>) {
    match line.capacity {
        Some(capacity) => mailbox::bounded(capacity),
        None => mailbox::unbounded(),
    }
}

impl<T: Message> kinds::Mailbox<T> for Mailbox {
    const NAME: &'static str = OURS;
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
        sender.send(message)
    }
    fn recv(receiver: &mut Receiver<T>) -> impl Future<Output: Received<T>> + Send {
        receiver.recv()
    }
}

impl Batch for Mailbox {
    async fn send_many(sender: &mut Sender<u64>, count: usize) {
        for (n, permit) in sender.reserve_many(count).await.expect("the mailbox is open").enumerate() {
            permit.send(n as u64).expect("the mailbox is open");
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

impl Blocking for Mailbox {
    const NAME: &'static str = OURS;
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
        sender.send_blocking(message).expect("the mailbox is open");
    }
    fn recv(receiver: &Receiver<u64>) -> Option<u64> {
        receiver.recv_blocking()
    }
}

pub type Semaphore = sempost::Semaphore;

impl Gate for Semaphore {
    const NAME: &'static str = OURS;
    const ORDER: Order = Order::Fifo;

    fn new(permits: usize) -> Self {
        Self::new(permits)
    }
    fn enter(&self) -> impl Future<Output: Send> + Send {
        self.acquire()
    }
}

impl Weighted for Semaphore {
    fn enter_many(&self, permits: usize) -> impl Future<Output: Send> + Send {
        self.acquire_many(permits)
    }
}

pub struct UnboundedSemaphore(sempost::Semaphore);

impl Gate for UnboundedSemaphore {
    const NAME: &'static str = OURS_UNBOUNDED;
    const ORDER: Order = Order::Barging;

    fn new(permits: usize) -> Self {
        Self(sempost::Semaphore::with_fairness(permits, Fairness::Unbounded))
    }
    fn enter(&self) -> impl Future<Output: Send> + Send {
        self.0.acquire()
    }
}

pub type Mutex = sempost::Mutex<u64>;

impl Gate for Mutex {
    const NAME: &'static str = OURS;
    const ORDER: Order = Order::Fifo;

    fn new(_: usize) -> Self {
        Self::new(0)
    }
    fn enter(&self) -> impl Future<Output: Send> + Send {
        self.lock()
    }
}

pub struct UnboundedMutex(sempost::Mutex<u64>);

impl Gate for UnboundedMutex {
    const NAME: &'static str = OURS_UNBOUNDED;
    const ORDER: Order = Order::Barging;

    fn new(_: usize) -> Self {
        Self(sempost::Mutex::with_fairness(0, Fairness::Unbounded))
    }
    fn enter(&self) -> impl Future<Output: Send> + Send {
        self.0.lock()
    }
}

conditions! {
    pub enum Buffer { NotFull, NotEmpty }
}

impl From<Condition> for Buffer {
    fn from(condition: Condition) -> Self {
        match condition {
            Condition::NotFull => Self::NotFull,
            Condition::NotEmpty => Self::NotEmpty,
        }
    }
}

pub type Monitor = sempost::Monitor<Shared, Buffer>;

impl kinds::Monitor for Monitor {
    const NAME: &'static str = OURS;
    type Guard<'a> = sempost::MonitorGuard<'a, Shared, Buffer>;

    fn new() -> Self {
        Self::new(Shared::default())
    }
    fn enter(&self) -> impl Future<Output = Self::Guard<'_>> + Send {
        self.enter()
    }
    fn wait<'a>(
        &'a self,
        guard: Self::Guard<'a>,
        condition: Condition,
    ) -> impl Future<Output = Self::Guard<'a>> + Send {
        guard.wait(condition.into())
    }
    fn leave_and_notify_one(&self, guard: Self::Guard<'_>, condition: Condition) {
        guard.notify_one(condition.into());
    }
    fn leave_and_notify_all(&self, guard: Self::Guard<'_>, condition: Condition) {
        guard.notify_all(condition.into());
    }
}
