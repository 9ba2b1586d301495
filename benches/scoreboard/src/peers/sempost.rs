//! Ourselves, by the same rules as everybody.

mod threads;

use std::future::Future;
use std::marker::PhantomData;

use sempost::mailbox::{self, Receiver, Sender};
use sempost::{Condvar, Fairness, conditions};

use crate::kinds::{
    self, Batch, Closable, Closing, Condition, Event, Gate, Growing, Line, Message, Order, Received, Sent, Shared,
    Weighted,
};
use crate::peers::{OURS, OURS_BARGING, OURS_UNFAIR};

pub type Mailbox = MailboxOf<Fifo>;

/// Senders may pass those that wait as `B` says, or as they like where the line asks for it.
pub struct MailboxOf<B>(PhantomData<B>);

fn open<T, B: Bounds>(line: Line) -> (Sender<T>, Receiver<T>) {
    let fairness = if line.barging { Fairness::Unfair } else { B::FAIRNESS };
    line.capacity.map_or_else(mailbox::unbounded, |capacity| mailbox::bounded_with(capacity, fairness))
}

impl<T: Message, B: Bounds> kinds::Mailbox<T> for MailboxOf<B> {
    const NAME: &'static str = B::NAME;
    type Sender = Sender<T>;
    type Receiver = Receiver<T>;

    fn serves(_: Line) -> bool {
        true
    }
    fn open(line: Line) -> (Sender<T>, Receiver<T>) {
        open::<T, B>(line)
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

impl Closing for Mailbox {
    fn close(sender: &mut Sender<u64>) {
        sender.close_mailbox();
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

pub type Semaphore = sempost::Semaphore;

impl Gate for Semaphore {
    const NAME: &'static str = OURS;
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
        self.acquire_many(permits)
    }
}

/// How far newcomers may pass.
pub trait Bounds: Send + Sync + 'static {
    const NAME: &'static str;
    const FAIRNESS: Fairness;
}

pub struct Fifo;

impl Bounds for Fifo {
    const NAME: &'static str = OURS;
    const FAIRNESS: Fairness = Fairness::Fifo;
}

pub struct Bounded;

impl Bounds for Bounded {
    const NAME: &'static str = OURS_BARGING;
    const FAIRNESS: Fairness = Fairness::Barging { overtakes: 8 };
}

pub struct Unfair;

impl Bounds for Unfair {
    const NAME: &'static str = OURS_UNFAIR;
    const FAIRNESS: Fairness = Fairness::Unfair;
}

pub struct BargingSemaphore<B>(sempost::Semaphore, PhantomData<B>);

impl<B: Bounds> Gate for BargingSemaphore<B> {
    const NAME: &'static str = B::NAME;
    const WHAT: &'static str = "semaphore";
    const ORDER: Order = Order::Barging;

    fn new(permits: usize) -> Self {
        Self(sempost::Semaphore::with_fairness(permits, B::FAIRNESS), PhantomData)
    }
    fn enter(&self) -> impl Future<Output: Send> + Send {
        self.0.acquire()
    }
    fn try_enter(&self) -> Option<impl Send> {
        self.0.try_acquire().ok()
    }
}

impl<B: Bounds> Weighted for BargingSemaphore<B> {
    fn enter_many(&self, permits: usize) -> impl Future<Output: Send> + Send {
        self.0.acquire_many(permits)
    }
}

impl<B: Bounds> Growing for BargingSemaphore<B> {
    fn add(&self, permits: usize) {
        self.0.add_permits(permits);
    }
}

impl<B: Bounds> Closable for BargingSemaphore<B> {
    fn close(&self) {
        self.0.close();
    }
}

pub type Mutex = sempost::Mutex<u64>;

impl Gate for Mutex {
    const NAME: &'static str = OURS;
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

pub struct BargingMutex<B>(sempost::Mutex<u64>, PhantomData<B>);

impl<B: Bounds> Gate for BargingMutex<B> {
    const NAME: &'static str = B::NAME;
    const WHAT: &'static str = "mutex";
    const ORDER: Order = Order::Barging;

    fn new(_: usize) -> Self {
        Self(sempost::Mutex::with_fairness(0, B::FAIRNESS), PhantomData)
    }
    fn enter(&self) -> impl Future<Output: Send> + Send {
        self.0.lock()
    }
    fn try_enter(&self) -> Option<impl Send> {
        self.0.try_lock()
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

/// What those build who bring their own mutex.
pub struct MutexAndCondvars {
    mutex: sempost::Mutex<Shared>,
    conditions: [Condvar; 2],
}

impl kinds::Monitor for MutexAndCondvars {
    const NAME: &'static str = OURS;
    const WHAT: &'static str = "condition variable";
    type Guard<'a> = sempost::MutexGuard<'a, Shared>;

    fn new() -> Self {
        Self { mutex: sempost::Mutex::default(), conditions: [Condvar::new(), Condvar::new()] }
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

/// A monitor as a mutex: without its conditions.
pub struct Entry(Monitor);

impl Gate for Entry {
    const NAME: &'static str = OURS;
    const WHAT: &'static str = "monitor";
    const ORDER: Order = Order::Fifo;

    fn new(_: usize) -> Self {
        Self(Monitor::new(Shared::default()))
    }
    fn enter(&self) -> impl Future<Output: Send> + Send {
        self.0.enter()
    }
    fn try_enter(&self) -> Option<impl Send> {
        self.0.try_enter()
    }
}

/// The end of a semaphore.
pub struct SemaphoreClosed(sempost::Semaphore);

impl Event for SemaphoreClosed {
    const NAME: &'static str = OURS;
    const WHAT: &'static str = "semaphore, closed()";
    const ONE_BY_ONE: bool = false;

    fn new() -> Self {
        Self(sempost::Semaphore::new(0))
    }
    fn wait(&self) -> impl Future<Output: Send> + Send {
        self.0.closed()
    }
    fn happen(&self, _: usize) {
        self.0.close();
    }
}

/// The moment after which a mailbox accepts nothing.
pub struct MailboxClosed(Sender<u64>, Receiver<u64>);

impl Event for MailboxClosed {
    const NAME: &'static str = OURS;
    const WHAT: &'static str = "mailbox, closed()";
    const ONE_BY_ONE: bool = false;

    fn new() -> Self {
        let (sender, receiver) = mailbox::bounded(1);
        Self(sender, receiver)
    }
    fn wait(&self) -> impl Future<Output: Send> + Send {
        self.0.closed()
    }
    fn happen(&self, _: usize) {
        self.1.close();
    }
}

/// The moment after which a mailbox has nothing left.
pub struct MailboxDrained(Receiver<u64>);

impl Event for MailboxDrained {
    const NAME: &'static str = OURS;
    const WHAT: &'static str = "mailbox, drained()";
    const ONE_BY_ONE: bool = false;

    /// Closed with a message in it, so that it is drained by whoever takes the message.
    fn new() -> Self {
        let (sender, receiver) = mailbox::bounded(1);
        sender.try_send(0).expect("there is room");
        Self(receiver)
    }
    fn wait(&self) -> impl Future<Output: Send> + Send {
        self.0.drained()
    }
    fn happen(&self, _: usize) {
        self.0.try_recv().expect("there is a message");
    }
}

pub struct Oneshot;

impl kinds::Reply for Oneshot {
    const NAME: &'static str = OURS;
    type Sender = sempost::oneshot::Sender<u64>;
    type Receiver = sempost::oneshot::Receiver<u64>;

    fn open() -> (Self::Sender, Self::Receiver) {
        sempost::oneshot::channel()
    }
    fn send(sender: Self::Sender, value: u64) -> impl Sent {
        sender.send(value)
    }
    fn recv(receiver: Self::Receiver) -> impl Future<Output: Received<u64>> + Send {
        receiver
    }
}

pub type Barrier = sempost::Barrier;

impl kinds::Barrier for Barrier {
    const NAME: &'static str = OURS;

    fn new(size: usize) -> Self {
        Self::new(size)
    }
    fn wait(&self) -> impl Future<Output: Send> + Send {
        self.wait()
    }
}

pub type Latch = sempost::Latch;

impl kinds::Latch for Latch {
    const NAME: &'static str = OURS;

    fn new(count: usize) -> Self {
        Self::new(count)
    }
    fn count_down(&self) {
        self.count_down();
    }
    fn wait(&self) -> impl Future<Output = ()> + Send {
        self.wait()
    }
}
