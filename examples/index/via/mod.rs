//! The bounded buffer between two stages, in three ways of communicating.
//!
//! Each end has two doors: one for tasks, and one for threads, which block.

use std::future::Future;
use std::sync::Arc;

use crate::budget::Peak;

pub mod mailbox;
pub mod monitor;
pub mod semaphore;

/// The measures of a buffer.
pub struct Shape {
    pub slots: usize,
    pub producers: usize,
    pub consumers: usize,
    /// Where the longest queue is noted.
    pub peak: Arc<Peak>,
}

/// The two sides of a buffer: one end for each producer, one for each consumer.
pub type Ends<V, T> = (Vec<<V as Via>::Put<T>>, Vec<<V as Via>::Get<T>>);

pub trait Via: Sized {
    type Put<T: Send + 'static>: Put<T>;
    type Get<T: Send + 'static>: Get<T>;

    fn buffer<T: Send + 'static>(shape: Shape) -> Ends<Self, T>;
}

/// The end of a producer, who says once that nothing more will come.
pub trait Put<T>: Send + 'static {
    fn put(&mut self, item: T) -> impl Future<Output = ()> + Send;
    fn put_blocking(&mut self, item: T);
    fn end(self) -> impl Future<Output = ()> + Send;
    fn end_blocking(self);
}

/// The end of a consumer, who is told once that nothing more will come.
pub trait Get<T>: Send + 'static {
    fn get(&mut self) -> impl Future<Output = Option<T>> + Send;
    fn get_blocking(&mut self) -> Option<T>;
}
