//! The four runtimes behind one small value, and the macro that runs one body on each.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

/// The runtime a test body runs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rt {
    TokioMulti,
    TokioCurrent,
    AsyncStd,
    Smol,
}

/// A spawned task, to be awaited.
pub type Join<T> = Pin<Box<dyn Future<Output = T> + Send>>;

impl Rt {
    /// Runs `body` to its end on this runtime.
    pub fn block_on<F: Future>(self, body: F) -> F::Output {
        match self {
            Self::TokioMulti => tokio::runtime::Builder::new_multi_thread()
                .enable_time()
                .worker_threads(2)
                .build()
                .unwrap()
                .block_on(body),
            Self::TokioCurrent => {
                tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(body)
            }
            Self::AsyncStd => async_std::task::block_on(body),
            Self::Smol => smol::block_on(body),
        }
    }

    /// Starts a task; it runs whether or not the handle is kept.
    pub fn spawn<F>(self, task: F) -> Join<F::Output>
    where
        F: Future<Output: Send> + Send + 'static,
    {
        match self {
            Self::TokioMulti | Self::TokioCurrent => {
                let join = tokio::spawn(task);
                Box::pin(async { join.await.unwrap() })
            }
            Self::AsyncStd => Box::pin(async_std::task::spawn(task)),
            Self::Smol => {
                // A dropped smol task is cancelled; the others go on.
                let (said, heard) = futures::channel::oneshot::channel();
                smol::spawn(async { drop(said.send(task.await)) }).detach();
                Box::pin(async { heard.await.expect("the task panicked") })
            }
        }
    }

    /// Lets the other tasks run.
    pub async fn yield_now(self) {
        match self {
            Self::TokioMulti | Self::TokioCurrent => tokio::task::yield_now().await,
            Self::AsyncStd => async_std::task::yield_now().await,
            Self::Smol => smol::future::yield_now().await,
        }
    }

    /// Yields until `condition` holds: how a body waits for what another task does.
    pub async fn until(self, condition: impl Fn() -> bool) {
        while !condition() {
            self.yield_now().await;
        }
    }
}

/// Polls a future until it has been pending `patience` times, then drops it and says `None`.
///
/// It wakes itself, so that it gives up after so many turns of the runtime: no clock.
pub struct Abandon<F> {
    future: Option<Pin<Box<F>>>,
    patience: usize,
}

impl<F: Future> Abandon<F> {
    /// Gives `future` up when it has been pending `patience` times.
    pub fn after(patience: usize, future: F) -> Self {
        Self { future: Some(Box::pin(future)), patience }
    }
}

impl<F: Future> Future for Abandon<F> {
    type Output = Option<F::Output>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let future = self.future.as_mut().expect("Abandon polled after it was ready");
        if let Poll::Ready(output) = future.as_mut().poll(cx) {
            return Poll::Ready(Some(output));
        }
        if self.patience <= 1 {
            self.future = None;
            return Poll::Ready(None);
        }
        self.patience -= 1;
        cx.waker().wake_by_ref();
        Poll::Pending
    }
}

/// One asynchronous body, four tests: `name::tokio_multi`, `name::tokio_current`,
/// `name::async_std` and `name::smol`. Each runs under the watchdog.
#[macro_export]
macro_rules! runtime_matrix {
    ($( $(#[$meta:meta])* async fn $name:ident($rt:ident) $body:block )*) => {$(
        $(#[$meta])*
        mod $name {
            #[allow(unused_imports)]
            use super::*;

            async fn body($rt: $crate::common::Rt) $body

            fn run(rt: $crate::common::Rt) {
                $crate::common::watched(move || format!("on {rt:?}"), || rt.block_on(body(rt)))
            }

            #[test]
            fn tokio_multi() {
                run($crate::common::Rt::TokioMulti)
            }

            #[test]
            fn tokio_current() {
                run($crate::common::Rt::TokioCurrent)
            }

            #[test]
            fn async_std() {
                run($crate::common::Rt::AsyncStd)
            }

            #[test]
            fn smol() {
                run($crate::common::Rt::Smol)
            }
        }
    )*};
}
