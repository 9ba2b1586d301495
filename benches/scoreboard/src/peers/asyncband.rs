//! asyncband: mpsc, mpmc, semaphore, mutex and condition variable.

use std::future::{self, Future};

use asyncband::condvar::Condvar;
use asyncband::{mpmc, mpsc};

use crate::kinds::{self, Condition, Gate, Growing, Line, Mailbox, Message, Order, Received, Sent, Shared, Weighted};

const NAME: &str = "asyncband";

pub struct Mpsc;

impl<T: Message> Mailbox<T> for Mpsc {
    const NAME: &'static str = NAME;
    type Sender = mpsc::BoundedSender<T>;
    type Receiver = mpsc::BoundedReceiver<T>;

    fn serves(line: Line) -> bool {
        line.is_buffered() && line.receivers == 1
    }
    fn open(line: Line) -> (Self::Sender, Self::Receiver) {
        mpsc::bounded(line.bound())
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
    type Sender = mpsc::UnboundedSender<T>;
    type Receiver = mpsc::UnboundedReceiver<T>;

    fn serves(line: Line) -> bool {
        line.is_unbounded() && line.receivers == 1
    }
    fn open(_: Line) -> (Self::Sender, Self::Receiver) {
        mpsc::unbounded()
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
    type Sender = mpmc::BoundedSender<T>;
    type Receiver = mpmc::BoundedReceiver<T>;

    fn serves(line: Line) -> bool {
        line.is_buffered() && line.receivers > 1
    }
    fn open(line: Line) -> (Self::Sender, Self::Receiver) {
        mpmc::bounded(line.bound())
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
    type Sender = mpmc::UnboundedSender<T>;
    type Receiver = mpmc::UnboundedReceiver<T>;

    fn serves(line: Line) -> bool {
        line.is_unbounded() && line.receivers > 1
    }
    fn open(_: Line) -> (Self::Sender, Self::Receiver) {
        mpmc::unbounded()
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

pub type Semaphore = asyncband::semaphore::Semaphore;

impl Gate for Semaphore {
    const NAME: &'static str = NAME;
    const WHAT: &'static str = "semaphore";
    const ORDER: Order = Order::Fifo;

    fn new(permits: usize) -> Self {
        Self::new(permits)
    }
    fn enter(&self) -> impl Future<Output: Send> + Send {
        self.acquire(1)
    }
    fn try_enter(&self) -> Option<impl Send> {
        self.try_acquire(1)
    }
}

impl Growing for Semaphore {
    fn add(&self, permits: usize) {
        self.release(permits);
    }
}

impl Weighted for Semaphore {
    fn enter_many(&self, permits: usize) -> impl Future<Output: Send> + Send {
        self.acquire(permits)
    }
}

pub type Mutex = asyncband::mutex::Mutex<u64>;

impl Gate for Mutex {
    const NAME: &'static str = NAME;
    const WHAT: &'static str = "mutex";
    const ORDER: Order = Order::Fifo;

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

pub struct Monitor {
    mutex: asyncband::mutex::Mutex<Shared>,
    conditions: [Condvar; 2],
}

impl kinds::Monitor for Monitor {
    const NAME: &'static str = NAME;
    type Guard<'a> = asyncband::mutex::MutexGuard<'a, Shared>;

    fn new() -> Self {
        Self { mutex: asyncband::mutex::Mutex::default(), conditions: [Condvar::new(), Condvar::new()] }
    }
    fn enter(&self) -> impl Future<Output = Self::Guard<'_>> + Send {
        self.mutex.lock()
    }
    fn wait<'a>(
        &'a self,
        guard: Self::Guard<'a>,
        condition: Condition,
    ) -> impl Future<Output = Self::Guard<'a>> + Send {
        self.conditions[condition as usize].wait(guard)
    }
    fn leave_and_notify_one(&self, guard: Self::Guard<'_>, condition: Condition) {
        drop(guard);
        self.conditions[condition as usize].notify_one();
    }
    fn leave_and_notify_all(&self, guard: Self::Guard<'_>, condition: Condition) {
        drop(guard);
        self.conditions[condition as usize].notify_all();
    }
}

pub type Barrier = asyncband::barrier::Barrier;

impl kinds::Barrier for Barrier {
    const NAME: &'static str = NAME;

    fn new(size: usize) -> Self {
        Self::new(size as u32)
    }
    fn wait(&self) -> impl Future<Output: Send> + Send {
        self.wait()
    }
}

pub type Latch = asyncband::latch::Latch;

impl kinds::Latch for Latch {
    const NAME: &'static str = NAME;

    fn new(count: usize) -> Self {
        Self::new(count as u32)
    }
    fn count_down(&self) {
        self.count_down();
    }
    fn wait(&self) -> impl Future<Output = ()> + Send {
        self.wait()
    }
}
