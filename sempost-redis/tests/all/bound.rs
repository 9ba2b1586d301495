//! The bound, and those who wait for room.

use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::join_all;
use sempost_redis::RemoteMailbox;

use crate::server::{eventually, on_both, pause};

#[test]
fn the_bound_is_exact_for_many_senders_of_two_processes() {
    on_both(|server| async move {
        let mailbox = RemoteMailbox::new("jobs", 7).batch(3);
        let (here, mut receiver) = server.open::<u32>(&mailbox).await;
        // Another `open` has a connection and numbers of its own, as another process would.
        let (there, _) = server.open::<u32>(&mailbox).await;
        let sending = join_all((0..40).map(|k| {
            let sender = if k % 2 == 0 { here.clone() } else { there.clone() };
            async move {
                for n in 0..20 {
                    sender.send(k * 100 + n).await.unwrap();
                }
            }
        }));
        let receiving = async {
            let mut most = 0;
            for _ in 0..800 {
                let delivery = receiver.recv().await.unwrap().unwrap();
                let length: u64 = server.ask(&["XLEN", "sempost:{jobs}"]);
                most = most.max(length);
                assert!(length <= 7, "{length} messages");
                delivery.ack().await.unwrap();
            }
            most
        };
        let (_, most) = futures_util::future::join(sending, receiving).await;
        assert_eq!(most, 7);
    });
}

#[test]
fn waiting_senders_share_one_connection() {
    on_both(|server| async move {
        let (sender, mut receiver) = server.open::<u32>(&RemoteMailbox::new("jobs", 1)).await;
        let sending = join_all((0..100).map(|n| sender.send(n)));
        let receiving = async {
            let mut order = Vec::new();
            for _ in 0..100 {
                let delivery = receiver.recv().await.unwrap().unwrap();
                order.push(*delivery);
                let clients: String = server.ask(&["CLIENT", "LIST"]);
                // One of the senders, two of the receiver, one of its acknowledgements, one for questions. (And those
                // of this test, of which one may not be gone when the next one comes.)
                let ours = clients.lines().filter(|client| !client.contains("cmd=client|list"));
                assert!(ours.count() <= 5, "{clients}");
                delivery.ack().await.unwrap();
            }
            order
        };
        let (_, order) = futures_util::future::join(sending, receiving).await;
        assert_eq!(order, (0..100).collect::<Vec<_>>());
    });
}

#[test]
fn a_leased_message_takes_room() {
    on_both(|server| async move {
        let (sender, mut receiver) = server.open::<u32>(&RemoteMailbox::new("jobs", 1)).await;
        sender.send(1).await.unwrap();
        let first = receiver.recv().await.unwrap().unwrap();
        let sender = &sender;
        let mut second = Box::pin(async move { sender.send(2).await });
        for _ in 0..20 {
            assert!(second.as_mut().now_or_never().is_none());
            pause(5).await;
        }
        first.ack().await.unwrap();
        second.await.unwrap();
    });
}

/// Kills: a sender that left, and whose message is sent all the same, or which takes the line along.
#[test]
fn a_dropped_send_leaves_the_line() {
    on_both(|server| async move {
        let (sender, mut receiver) = server.open::<u32>(&RemoteMailbox::new("jobs", 1)).await;
        sender.send(0).await.unwrap();
        let sender = &sender;
        let mut leader = Box::pin(async move { sender.send(1).await });
        let mut follower = Box::pin(async move { sender.send(2).await });
        let mut last = Box::pin(async move { sender.send(3).await });
        // They wait for room by now.
        for _ in 0..20 {
            assert!(leader.as_mut().now_or_never().is_none());
            assert!(follower.as_mut().now_or_never().is_none());
            assert!(last.as_mut().now_or_never().is_none());
            pause(5).await;
        }
        drop(leader);
        drop(follower);
        let receiving = async {
            let mut received = Vec::new();
            for _ in 0..2 {
                let delivery = receiver.recv().await.unwrap().unwrap();
                received.push(*delivery);
                delivery.ack().await.unwrap();
            }
            received
        };
        let (sent, received) = futures_util::future::join(last, receiving).await;
        sent.unwrap();
        assert_eq!(received, [0, 3]);
    });
}

#[test]
fn room_is_told_to_other_processes_when_the_one_that_heard_of_it_died() {
    on_both(|server| async move {
        let mailbox = RemoteMailbox::new("jobs", 1).lease(Duration::from_secs(1000));
        let (dying, mut receiver) = server.open::<u32>(&mailbox).await;
        let (living, _) = server.open::<u32>(&mailbox).await;
        dying.send(0).await.unwrap();
        let mut abandoned = Box::pin(dying.send(1));
        eventually(|| {
            let polled = abandoned.as_mut().now_or_never();
            assert!(polled.is_none());
            async { server.ask::<String>(&["INFO", "clients"]).contains("blocked_clients:1") }
        })
        .await;
        // It is told first, for it waits longest. Nobody polls it.
        let sending = async { living.send(2).await.unwrap() };
        let receiving = async {
            pause(50).await;
            receiver.recv().await.unwrap().unwrap().ack().await.unwrap();
            let next = receiver.recv().await.unwrap().unwrap();
            assert_eq!(*next, 2);
        };
        futures_util::future::join(sending, receiving).await;
    });
}
