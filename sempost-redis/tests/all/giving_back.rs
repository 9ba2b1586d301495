//! Receivers that go and leave nothing behind.

use std::time::Duration;

use futures_util::{FutureExt, StreamExt};
use sempost_redis::RemoteMailbox;

use crate::server::{Server, eventually, on_both, pause};

/// Nobody gets anything by the end of a lease.
fn jobs() -> RemoteMailbox {
    RemoteMailbox::new("jobs", 100).batch(10).lease(Duration::from_secs(1000))
}

fn blocked(server: &Server) -> bool {
    server.ask::<String>(&["INFO", "clients"]).contains("blocked_clients:1\r")
}

#[test]
fn what_was_fetched_and_not_handed_out_comes_to_others_at_once() {
    on_both(|server| async move {
        let (sender, mut receiver) = server.open::<u32>(&jobs()).await;
        let mut other = receiver.clone();
        futures_util::future::join_all((0..10).map(|n| sender.send(n)))
            .await
            .into_iter()
            .for_each(|sent| sent.unwrap());
        receiver.recv().await.unwrap().unwrap().ack().await.unwrap();
        receiver.recv().await.unwrap().unwrap().ack_later();
        let held = receiver.recv().await.unwrap().unwrap();
        receiver.give_back().await.unwrap();
        assert_eq!(sender.stats().await.unwrap().messages, 8);
        for n in 3..10 {
            let delivery = other.recv().await.unwrap().unwrap();
            assert_eq!((*delivery, delivery.attempts()), (n, 2));
            delivery.ack().await.unwrap();
        }
        held.ack().await.unwrap();
        assert_eq!(sender.stats().await.unwrap().messages, 0);
    });
}

#[test]
fn what_is_on_its_way_comes_to_others_at_once() {
    on_both(|server| async move {
        let (sender, mut receiver) = server.open::<u32>(&jobs().batch(1)).await;
        let mut other = receiver.clone();
        for n in 0..3 {
            sender.send(n).await.unwrap();
        }
        receiver.recv().await.unwrap().unwrap().ack_later();
        // The acknowledgement and the next message cross the line, and nobody looks. (It may be there at once.)
        if let Some(early) = receiver.recv().now_or_never() {
            early.unwrap().unwrap().nack().await.unwrap();
            return;
        }
        pause(20).await;
        receiver.give_back().await.unwrap();
        for n in 1..3 {
            let delivery = other.recv().await.unwrap().unwrap();
            assert_eq!(*delivery, n);
            delivery.ack().await.unwrap();
        }
        assert_eq!(sender.stats().await.unwrap().messages, 0);
    });
}

#[test]
fn one_that_waits_is_gone() {
    on_both(|server| async move {
        let (sender, mut receiver) = server.open::<u32>(&jobs()).await;
        let mut other = receiver.clone();
        eventually(async || {
            assert!(receiver.recv().now_or_never().is_none());
            blocked(&server)
        })
        .await;
        receiver.give_back().await.unwrap();
        eventually(async || !blocked(&server)).await;
        sender.send(7).await.unwrap();
        let delivery = other.recv().await.unwrap().unwrap();
        assert_eq!((*delivery, delivery.attempts()), (7, 1));
        assert_eq!(sender.stats().await.unwrap().receivers, 1);
    });
}

#[test]
fn the_last_message_of_a_plain_stream_is_acknowledged() {
    on_both(|server| async move {
        let (sender, receiver) = server.open::<u32>(&jobs()).await;
        for n in 0..3 {
            sender.send(n).await.unwrap();
        }
        let mut stream = receiver.clone().auto_ack();
        assert_eq!(stream.next().await.unwrap().unwrap(), 0);
        // All that a worker does can be a task of its own.
        let leaving = stream.into_receiver().give_back();
        std::thread::spawn(move || smol::block_on(leaving)).join().unwrap().unwrap();
        assert_eq!(sender.stats().await.unwrap().messages, 2);
    });
}
