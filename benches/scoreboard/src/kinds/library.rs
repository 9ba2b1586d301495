//! Readers-writer locks.

use std::future::Future;

/// A number that many read, or one writes.
pub trait Library: Send + Sync + 'static {
    const NAME: &'static str;

    fn new() -> Self;

    /// Dropping the output leaves.
    fn read(&self) -> impl Future<Output: Send> + Send;

    /// Dropping the output leaves.
    fn write(&self) -> impl Future<Output: Send> + Send;
}
