//! The executors, behind one trait. Each runs on as many threads as its name says, never on all that the machine has.

use std::env;
use std::future::Future;
use std::num::NonZeroUsize;
use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll};
use std::thread::{self, JoinHandle};

use tokio::runtime::{Builder, Runtime};

/// How many threads the executors with several threads have, unless one says otherwise.
pub const THREADS: NonZeroUsize = NonZeroUsize::new(2).unwrap();

static CHOSEN: OnceLock<NonZeroUsize> = OnceLock::new();

/// Says otherwise, before anything is measured.
pub fn choose_threads(threads: NonZeroUsize) {
    CHOSEN.set(threads).expect("nobody has asked before");
}

/// What was chosen. The process of a cell learns it from its environment, see [`limit_pools`].
fn threads() -> usize {
    CHOSEN.get_or_init(|| env::var(ASYNC_STD_THREADS).ok().and_then(|text| text.parse().ok()).unwrap_or(THREADS)).get()
}

/// Runs tasks. One is started for every round.
pub trait Executor: Sized + 'static {
    const NAME: &'static str;
    type Task;

    fn start() -> Self;
    fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) -> Self::Task;

    /// Returns when all `tasks` have ended.
    fn finish(&self, tasks: Vec<Self::Task>);
}

pub struct TokioMulti(Runtime);

impl Executor for TokioMulti {
    const NAME: &'static str = "tokio multi";
    type Task = tokio::task::JoinHandle<()>;

    fn start() -> Self {
        Self(Builder::new_multi_thread().worker_threads(threads()).build().expect("a runtime"))
    }

    fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) -> Self::Task {
        self.0.spawn(task)
    }

    fn finish(&self, tasks: Vec<Self::Task>) {
        finish_tokio(&self.0, tasks);
    }
}

pub struct TokioCurrent(Runtime);

impl Executor for TokioCurrent {
    const NAME: &'static str = "tokio current";
    type Task = tokio::task::JoinHandle<()>;

    fn start() -> Self {
        Self(Builder::new_current_thread().build().expect("a runtime"))
    }

    fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) -> Self::Task {
        self.0.spawn(task)
    }

    fn finish(&self, tasks: Vec<Self::Task>) {
        finish_tokio(&self.0, tasks);
    }
}

fn finish_tokio(runtime: &Runtime, tasks: Vec<tokio::task::JoinHandle<()>>) {
    runtime.block_on(async {
        for task in tasks {
            task.await.expect("no task panics");
        }
    });
}

/// smol's executor on threads of its own: its global one has a single thread unless `SMOL_THREADS` says otherwise.
pub struct Smol {
    executor: Arc<smol::Executor<'static>>,
    stop: Option<smol::channel::Sender<()>>,
    threads: Vec<JoinHandle<()>>,
}

impl Executor for Smol {
    const NAME: &'static str = "smol";
    type Task = smol::Task<()>;

    fn start() -> Self {
        let executor = Arc::new(smol::Executor::new());
        let (stop, stopped) = smol::channel::bounded::<()>(1);
        let threads = (0..threads())
            .map(|_| {
                let (executor, stopped) = (executor.clone(), stopped.clone());
                thread::spawn(move || {
                    // Ends with an error, when the other side is dropped.
                    let _ = smol::future::block_on(executor.run(stopped.recv()));
                })
            })
            .collect();
        Self { executor, stop: Some(stop), threads }
    }

    fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) -> Self::Task {
        self.executor.spawn(task)
    }

    fn finish(&self, tasks: Vec<Self::Task>) {
        smol::future::block_on(finish_smol(tasks));
    }
}

impl Drop for Smol {
    fn drop(&mut self) {
        drop(self.stop.take());
        for thread in self.threads.drain(..) {
            thread.join().expect("no thread panics");
        }
    }
}

pub struct SmolLocal(smol::LocalExecutor<'static>);

impl Executor for SmolLocal {
    const NAME: &'static str = "smol local";
    type Task = smol::Task<()>;

    fn start() -> Self {
        Self(smol::LocalExecutor::new())
    }

    fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) -> Self::Task {
        self.0.spawn(task)
    }

    fn finish(&self, tasks: Vec<Self::Task>) {
        smol::future::block_on(self.0.run(finish_smol(tasks)));
    }
}

async fn finish_smol(tasks: Vec<smol::Task<()>>) {
    for task in tasks {
        task.await;
    }
}

/// async-std's pool is global; its size comes from the environment, see [`limit_pools`].
pub struct AsyncStd;

impl Executor for AsyncStd {
    const NAME: &'static str = "async-std";
    type Task = async_std::task::JoinHandle<()>;

    fn start() -> Self {
        assert_eq!(env::var(ASYNC_STD_THREADS), Ok(threads().to_string()), "the pool is limited");
        Self
    }

    fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) -> Self::Task {
        async_std::task::spawn(task)
    }

    fn finish(&self, tasks: Vec<Self::Task>) {
        smol::future::block_on(async {
            for task in tasks {
                task.await;
            }
        });
    }
}

const ASYNC_STD_THREADS: &str = "ASYNC_STD_THREAD_COUNT";

/// The environment in which a cell's process must be started.
pub fn limit_pools() -> [(&'static str, String); 1] {
    [(ASYNC_STD_THREADS, threads().to_string())]
}

/// What a reader must know about the executors.
pub fn describe() -> String {
    let threads = threads();
    format!(
        "{} ×{threads}, {} ×1, {} ×{threads}, {} ×1, {} ×{threads}",
        TokioMulti::NAME,
        TokioCurrent::NAME,
        Smol::NAME,
        SmolLocal::NAME,
        AsyncStd::NAME
    )
}

/// Lets the others go first, on any executor.
pub fn yield_now() -> impl Future<Output = ()> + Send {
    Yield { done: false }
}

struct Yield {
    done: bool,
}

impl Future for Yield {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        if self.done {
            return Poll::Ready(());
        }
        self.done = true;
        cx.waker().wake_by_ref();
        Poll::Pending
    }
}
