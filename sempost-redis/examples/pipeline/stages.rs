//! Three stages over any sink and any stream. They name no mailbox and no runtime.

use std::fmt::Debug;
use std::pin::pin;

use futures_util::{Sink, SinkExt, Stream, StreamExt, stream};

pub(crate) async fn produce<S: Sink<u64>>(count: u64, numbers: S)
where
    S::Error: Debug,
{
    let mut numbers = pin!(numbers);
    numbers.send_all(&mut stream::iter(1..=count).map(Ok)).await.expect("someone receives");
    numbers.close().await.expect("someone receives");
}

pub(crate) async fn work<S: Sink<u64>>(numbers: impl Stream<Item = u64>, squares: S)
where
    S::Error: Debug,
{
    numbers.map(|n| Ok(n * n)).forward(squares).await.expect("someone receives");
}

pub(crate) async fn consume(squares: impl Stream<Item = u64>) -> u64 {
    squares.fold(0, |sum, square| async move { sum + square }).await
}
