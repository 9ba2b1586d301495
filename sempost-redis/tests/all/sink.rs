//! Handles as `Sink` and `Stream`, and one pipeline for all mailboxes.

use futures_util::future::join3;
use futures_util::{FutureExt, SinkExt, StreamExt, stream};
use sempost::mailbox;
use sempost_redis::{Error, RemoteMailbox};

use crate::server::{Server, on_both, pause};
use crate::stages::{consume, produce, work};

async fn local() -> u64 {
    let (numbers, to_square) = mailbox::bounded(16);
    let (squares, to_sum) = mailbox::bounded(16);
    join3(produce(1000, numbers), work(to_square, squares), consume(to_sum)).await.2
}

async fn remote(server: &Server) -> u64 {
    let (numbers, to_square) = server.open(&RemoteMailbox::new("numbers", 50).batch(16)).await;
    let (squares, to_sum) = server.open(&RemoteMailbox::new("squares", 50).batch(16)).await;
    let (to_square, to_sum) = (to_square.auto_ack().map(Result::unwrap), to_sum.auto_ack().map(Result::unwrap));
    join3(produce(1000, numbers.closing()), work(to_square, squares.closing()), consume(to_sum)).await.2
}

#[test]
fn one_pipeline_runs_over_local_and_remote_mailboxes() {
    on_both(|server| async move {
        assert_eq!((local().await, remote(&server).await), (333_833_500, 333_833_500));
    });
    // Its sockets are smol's, whoever polls.
    if let Some(server) = Server::start(&[]) {
        assert_eq!(async_std::task::block_on(remote(&server)), 333_833_500);
    }
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
