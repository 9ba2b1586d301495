//! Three runtimes behind one small trait. `sempost` itself names none of them.

use std::future::Future;
use std::sync::Arc;
use std::thread::{self, JoinHandle};

use sempost::Semaphore;

pub trait Runtime {
    /// Starts a task; the future returned waits for its result.
    fn spawn<T: Send + 'static>(&self, task: impl Future<Output = T> + Send + 'static) -> impl Future<Output = T>;

    fn block_on<T>(&self, future: impl Future<Output = T>) -> T;
}

pub struct Tokio(tokio::runtime::Runtime);

impl Tokio {
    pub fn start() -> Self {
        Tokio(tokio::runtime::Runtime::new().expect("tokio starts its threads"))
    }
}

impl Runtime for Tokio {
    fn spawn<T: Send + 'static>(&self, task: impl Future<Output = T> + Send + 'static) -> impl Future<Output = T> {
        let handle = self.0.spawn(task);
        async { handle.await.expect("no task panics") }
    }

    fn block_on<T>(&self, future: impl Future<Output = T>) -> T {
        self.0.block_on(future)
    }
}

/// async-std keeps its threads for the whole life of the process.
pub struct AsyncStd;

impl Runtime for AsyncStd {
    fn spawn<T: Send + 'static>(&self, task: impl Future<Output = T> + Send + 'static) -> impl Future<Output = T> {
        async_std::task::spawn(task)
    }

    fn block_on<T>(&self, future: impl Future<Output = T>) -> T {
        async_std::task::block_on(future)
    }
}

/// smol's executor brings no threads, so it gets some; a semaphore that is closed ends them.
pub struct Smol {
    executor: Arc<smol::Executor<'static>>,
    stop: Arc<Semaphore>,
    threads: Vec<JoinHandle<()>>,
}

impl Smol {
    pub fn start() -> Self {
        let executor = Arc::new(smol::Executor::new());
        let stop = Arc::new(Semaphore::new(0));
        let threads = (0..thread::available_parallelism().map_or(1, usize::from))
            .map(|_| {
                let (executor, stop) = (executor.clone(), stop.clone());
                thread::spawn(move || smol::block_on(executor.run(stop.closed())))
            })
            .collect();
        Smol { executor, stop, threads }
    }
}

impl Runtime for Smol {
    fn spawn<T: Send + 'static>(&self, task: impl Future<Output = T> + Send + 'static) -> impl Future<Output = T> {
        self.executor.spawn(task)
    }

    fn block_on<T>(&self, future: impl Future<Output = T>) -> T {
        smol::block_on(future)
    }
}

impl Drop for Smol {
    fn drop(&mut self) {
        self.stop.close();
        for thread in self.threads.drain(..) {
            thread.join().expect("no task panics");
        }
    }
}
