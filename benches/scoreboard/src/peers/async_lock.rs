//! async-lock: semaphore and mutex, both barging; a monitor from mutex and event-listener.

use std::future::Future;

use event_listener::Event;

use crate::kinds::{self, Condition, Gate, Growing, Lock, Order, Shared};

const NAME: &str = "async-lock";

pub type Semaphore = async_lock::Semaphore;

impl Gate for Semaphore {
    const NAME: &'static str = NAME;
    const WHAT: &'static str = "semaphore";
    const ORDER: Order = Order::Barging;

    fn new(permits: usize) -> Self {
        Self::new(permits)
    }
    fn enter(&self) -> impl Future<Output: Send> + Send {
        self.acquire()
    }
    fn try_enter(&self) -> Option<impl Send> {
        self.try_acquire()
    }
}

impl Growing for Semaphore {
    fn add(&self, permits: usize) {
        self.add_permits(permits);
    }
}

pub type Mutex = async_lock::Mutex<u64>;

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

impl Lock for Mutex {
    const NAME: &'static str = NAME;

    fn new() -> Self {
        Self::new(0)
    }
    fn lock(&self) -> impl Sized {
        self.lock_blocking()
    }
}

pub struct Monitor {
    mutex: async_lock::Mutex<Shared>,
    conditions: [Event; 2],
}

impl kinds::Monitor for Monitor {
    const NAME: &'static str = "async-lock+event-listener";
    type Guard<'a> = async_lock::MutexGuard<'a, Shared>;

    fn new() -> Self {
        Self { mutex: async_lock::Mutex::default(), conditions: [Event::new(), Event::new()] }
    }
    fn enter(&self) -> impl Future<Output = Self::Guard<'_>> + Send {
        self.mutex.lock()
    }
    async fn wait<'a>(&'a self, guard: Self::Guard<'a>, condition: Condition) -> Self::Guard<'a> {
        let listener = self.conditions[condition as usize].listen();
        drop(guard);
        listener.await;
        self.mutex.lock().await
    }
    fn leave_and_notify_one(&self, guard: Self::Guard<'_>, condition: Condition) {
        drop(guard);
        // A plain `notify(1)` does nothing while somebody else who was notified has not run yet.
        self.conditions[condition as usize].notify_additional(1);
    }
    fn leave_and_notify_all(&self, guard: Self::Guard<'_>, condition: Condition) {
        drop(guard);
        self.conditions[condition as usize].notify(usize::MAX);
    }
}

pub type Barrier = async_lock::Barrier;

impl kinds::Barrier for Barrier {
    const NAME: &'static str = NAME;

    fn new(size: usize) -> Self {
        Self::new(size)
    }
    fn wait(&self) -> impl Future<Output: Send> + Send {
        self.wait()
    }
}
