//! Handles as `Sink` and `Stream`, and one pipeline for all mailboxes.

use futures_util::{FutureExt, Sink, SinkExt, Stream, StreamExt, stream};
use sempost::mailbox;
use sempost_redis::{Error, RemoteMailbox};

use crate::server::{on_both, pause};

/// Names no mailbox: squares go through two sinks and two streams.
async fn pipeline<A, B, C, D>(numbers: A, square: B, squares: C, sum: D) -> u64
where
    A: Sink<u64> + Unpin,
    B: Stream<Item = u64>,
    C: Sink<u64> + Unpin,
    D: Stream<Item = u64>,
    A::Error: std::fmt::Debug,
    C::Error: std::fmt::Debug,
{
    let produce = async {
        let mut numbers = numbers;
        numbers.send_all(&mut stream::iter(1..=1000).map(Ok)).await.unwrap();
        numbers.close().await.unwrap();
    };
    let work = async { square.map(|n| Ok(n * n)).forward(squares).await.unwrap() };
    let consume = sum.fold(0, |sum, n| async move { sum + n });
    futures_util::future::join3(produce, work, consume).await.2
}

#[test]
fn one_pipeline_runs_over_local_and_remote_mailboxes() {
    on_both(|server| async move {
        let (a, b) = mailbox::bounded(16);
        let (c, d) = mailbox::bounded(16);
        let local = pipeline(a, b, c, d).await;

        let (a, b) = server.open(&RemoteMailbox::new("numbers", 50).batch(16)).await;
        let (c, d) = server.open(&RemoteMailbox::new("squares", 50).batch(16)).await;
        let (b, d) = (b.auto_ack().map(Result::unwrap), d.auto_ack().map(Result::unwrap));
        let remote = pipeline(a.closing(), b, c.closing(), d).await;
        assert_eq!((local, remote), (333_833_500, 333_833_500));
    });
}

#[test]
fn a_sink_sends_whole_batches() {
    on_both(|server| async move {
        let (mut sender, receiver) = server.open::<u32>(&RemoteMailbox::new("jobs", 100).batch(8)).await;
        for n in 0..8 {
            sender.feed(n).await.unwrap();
        }
        pause(20).await;
        assert_eq!(receiver.stats().await.unwrap().messages, 0);
        // The ninth needs the first eight to be on their way.
        sender.feed(8).await.unwrap();
        sender.flush().await.unwrap();
        assert_eq!(receiver.stats().await.unwrap().messages, 9);
        SinkExt::close(&mut sender).await.unwrap();
        assert!(matches!(sender.feed(9).await, Err(Error::Closed)));
        assert!(!receiver.stats().await.unwrap().closed);
    });
}

#[test]
fn a_batch_larger_than_the_room_enters_in_parts_and_in_order() {
    on_both(|server| async move {
        let mailbox = RemoteMailbox::new("jobs", 3).batch(64);
        let (sender, receiver) = server.open::<u32>(&mailbox).await;
        let sending = stream::iter(0..200).map(Ok).forward(sender.closing());
        let receiving = receiver.auto_ack().map(Result::unwrap).collect::<Vec<_>>();
        let (sent, received) = futures_util::future::join(sending, receiving).await;
        sent.unwrap();
        assert_eq!(received, (0..200).collect::<Vec<_>>());
    });
}

#[test]
fn a_dropped_flush_goes_on_with_the_next_one() {
    on_both(|server| async move {
        let (mut sender, receiver) = server.open::<u32>(&RemoteMailbox::new("jobs", 1000).batch(4)).await;
        for n in 0..100 {
            while sender.feed(n).now_or_never().is_none_or(|fed| fed.is_err()) {
                // `feed` keeps its message if it was not ready.
                pause(1).await;
            }
            let _ = sender.flush().now_or_never();
        }
        sender.flush().await.unwrap();
        sender.close_mailbox().await.unwrap();
        let received: Vec<u32> = receiver.auto_ack().map(Result::unwrap).collect().await;
        assert_eq!(received, (0..100).collect::<Vec<_>>());
    });
}

#[cfg(feature = "serde")]
#[test]
fn anything_that_serde_knows_is_a_payload() {
    use sempost_redis::Json;
    on_both(|server| async move {
        let (sender, mut receiver) = server.open::<Json<(u8, Option<String>)>>(&RemoteMailbox::new("jobs", 10)).await;
        sender.send(Json((1, Some("x".into())))).await.unwrap();
        assert_eq!(receiver.recv().await.unwrap().unwrap().0, (1, Some("x".into())));
    });
}
