//! Semaphores and mutexes: something that lets so many in at a time.

use std::future::Future;

/// Whom a gate lets in next.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// First come, first served.
    Fifo,
    /// Whoever is there.
    Barging,
}

/// A semaphore, or a mutex: a semaphore of one.
pub trait Gate: Send + Sync + 'static {
    const NAME: &'static str;
    /// What its authors call it.
    const WHAT: &'static str;
    const ORDER: Order;

    fn new(permits: usize) -> Self;

    /// Dropping the output leaves.
    fn enter(&self) -> impl Future<Output: Send> + Send;
    fn try_enter(&self) -> Option<impl Send>;
}

/// A semaphore that gives out many permits at once.
pub trait Weighted: Gate {
    fn enter_many(&self, permits: usize) -> impl Future<Output: Send> + Send;
}

/// A semaphore whose permits may grow in number.
pub trait Growing: Gate {
    fn add(&self, permits: usize);
}

/// A semaphore that can be closed for good.
pub trait Closable: Gate {
    fn close(&self);
}

/// A mutex for threads.
pub trait Lock: Send + Sync + 'static {
    const NAME: &'static str;

    fn new() -> Self;

    /// Waits with the thread. Dropping the output unlocks.
    fn lock(&self) -> impl Sized;
}
