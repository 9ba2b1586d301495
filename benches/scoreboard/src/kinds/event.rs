//! Events: something that happens, and those who wait for it.

use std::future::Future;

pub trait Event: Send + Sync + 'static {
    const NAME: &'static str;
    /// What its authors call it.
    const WHAT: &'static str;
    /// Whether it can let one go and keep the others.
    const ONE_BY_ONE: bool;

    fn new() -> Self;
    fn wait(&self) -> impl Future<Output: Send> + Send;

    /// Lets so many of those who wait go, or all of them.
    fn happen(&self, many: usize);
}
