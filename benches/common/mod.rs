//! What the benchmarks share: one poll, and rounds of tasks on one thread.

#![allow(dead_code, reason = "each benchmark uses its part")]

use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use tokio::runtime::{Builder, Runtime};

/// Polls once, with a waker that does nothing.
pub(crate) fn poll_once<F: Future>(future: F) -> Option<F::Output> {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => Some(output),
        Poll::Pending => None,
    }
}

/// The plainest executor that all contenders know.
pub(crate) fn runtime() -> Runtime {
    Builder::new_current_thread().build().expect("a runtime")
}

/// Spawns `tasks` tasks that each run `round` 64 times, and waits for them.
pub(crate) fn rounds<F>(runtime: &Runtime, tasks: usize, round: impl Fn(usize) -> F + Clone + Send + 'static)
where
    F: Future<Output = ()> + Send,
{
    runtime.block_on(async {
        let tasks: Vec<_> = (0..tasks)
            .map(|task| {
                let round = round.clone();
                tokio::spawn(async move {
                    for _ in 0..64 {
                        round(task).await;
                    }
                })
            })
            .collect();
        for task in tasks {
            task.await.expect("no task panics");
        }
    });
}
