//! Those who wait for each other, or for a count.

use std::future::Future;

/// A barrier: each waits until all have come.
pub trait Barrier: Send + Sync + 'static {
    const NAME: &'static str;

    fn new(size: usize) -> Self;
    fn wait(&self) -> impl Future<Output: Send> + Send;
}

/// A latch: it opens when it was counted down so often.
pub trait Latch: Send + Sync + 'static {
    const NAME: &'static str;

    fn new(count: usize) -> Self;
    fn count_down(&self);
    fn wait(&self) -> impl Future<Output = ()> + Send;
}
