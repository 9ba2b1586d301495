//! The end of a mailbox.

use std::time::Duration;

use futures_util::future::join_all;
use sempost_redis::{Error, RemoteMailbox};

use crate::server::{eventually, on_both};

#[test]
fn close_wakes_every_waiting_receiver() {
    on_both(|server| async move {
        let mailbox = RemoteMailbox::new("jobs", 10).lease(Duration::from_secs(1000));
        let (sender, receiver) = server.open::<u32>(&mailbox).await;
        let waiting = join_all((0..20).map(|_| {
            let mut receiver = receiver.clone();
            async move { receiver.recv().await.is_none() }
        }));
        let closing = async {
            eventually(|| async { server.ask::<String>(&["INFO", "clients"]).contains("blocked_clients:20") }).await;
            let begin = std::time::Instant::now();
            assert!(sender.close_mailbox().await.unwrap());
            begin
        };
        let (ended, begin) = futures_util::future::join(waiting, closing).await;
        assert!(ended.into_iter().all(|ended| ended));
        // Not by their time: they would look by themselves every two seconds.
        assert!(begin.elapsed() < Duration::from_secs(1), "{:?}", begin.elapsed());
        assert!(!sender.close_mailbox().await.unwrap());
    });
}

#[test]
fn receivers_stay_until_all_is_acknowledged() {
    on_both(|server| async move {
        let mailbox = RemoteMailbox::new("jobs", 10).lease(Duration::from_millis(200));
        let (sender, mut worker) = server.open::<u32>(&mailbox).await;
        let mut other = worker.clone();
        sender.send(1).await.unwrap();
        sender.send(2).await.unwrap();
        let first = worker.recv().await.unwrap().unwrap();
        assert_eq!(*first, 1);
        assert!(sender.close_mailbox().await.unwrap());
        let second = other.recv().await.unwrap().unwrap();
        assert_eq!(*second, 2);
        second.ack().await.unwrap();
        // The worker dies at its work.
        drop(first);
        let again = other.recv().await.unwrap().unwrap();
        assert_eq!((*again, again.attempts()), (1, 2));
        again.ack().await.unwrap();
        assert!(other.recv().await.is_none());
        assert!(worker.recv().await.is_none());
        assert!(other.recv().await.is_none());
    });
}

#[test]
fn the_last_ack_wakes_those_who_wait_for_the_end() {
    on_both(|server| async move {
        let mailbox = RemoteMailbox::new("jobs", 10).lease(Duration::from_secs(1000));
        let (sender, mut worker) = server.open::<u32>(&mailbox).await;
        sender.send(1).await.unwrap();
        let delivery = worker.recv().await.unwrap().unwrap();
        sender.close_mailbox().await.unwrap();
        let waiting = join_all((0..5).map(|_| {
            let mut receiver = worker.clone();
            async move { receiver.recv().await.is_none() }
        }));
        let acking = async {
            eventually(|| async { server.ask::<String>(&["INFO", "clients"]).contains("blocked_clients:5") }).await;
            let begin = std::time::Instant::now();
            delivery.ack().await.unwrap();
            begin
        };
        let (ended, begin) = futures_util::future::join(waiting, acking).await;
        assert!(ended.into_iter().all(|ended| ended));
        assert!(begin.elapsed() < Duration::from_secs(1), "{:?}", begin.elapsed());
    });
}

#[test]
fn close_in_the_middle_gives_waiting_sends_their_messages_back() {
    on_both(|server| async move {
        let mailbox = RemoteMailbox::new("jobs", 2).lease(Duration::from_secs(1000));
        let (sender, mut receiver) = server.open::<u32>(&mailbox).await;
        let (elsewhere, _) = server.open::<u32>(&mailbox).await;
        let sending = join_all((0..10).map(|n| sender.send(n)));
        let closing = async {
            eventually(|| async { server.ask::<String>(&["INFO", "clients"]).contains("blocked_clients:1") }).await;
            assert!(elsewhere.close_mailbox().await.unwrap());
        };
        let (sent, ()) = futures_util::future::join(sending, closing).await;
        for (n, sent) in sent.into_iter().enumerate() {
            match sent {
                Ok(()) => assert!(n < 2),
                Err(refused) => {
                    assert!(matches!(refused.error, Error::Closed));
                    assert_eq!(refused.message, Some(n as u32));
                }
            }
        }
        assert!(matches!(elsewhere.send(12).await.unwrap_err().error, Error::Closed));
        for n in 0..2 {
            let delivery = receiver.recv().await.unwrap().unwrap();
            assert_eq!(*delivery, n);
            delivery.ack().await.unwrap();
        }
        assert!(receiver.recv().await.is_none());
        // A new beginning.
        mailbox.delete(server.client()).await.unwrap();
        let (sender, mut receiver) = server.open::<u32>(&mailbox).await;
        sender.send(5).await.unwrap();
        assert_eq!(*receiver.recv().await.unwrap().unwrap(), 5);
    });
}
