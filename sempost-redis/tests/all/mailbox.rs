//! Sending, receiving, acknowledging, and what comes again.

use std::time::Duration;

use futures_util::future::join_all;
use futures_util::{FutureExt, StreamExt};
use sempost_redis::{Error, RemoteMailbox};

use crate::server::{eventually, on_both, pause};

fn jobs(capacity: u64) -> RemoteMailbox {
    RemoteMailbox::new("jobs", capacity)
}

#[test]
fn messages_arrive_in_order_and_are_gone_when_acknowledged() {
    on_both(|server| async move {
        let (sender, mut receiver) = server.open::<u32>(&jobs(100)).await;
        for n in 0..50 {
            sender.send(n).await.unwrap();
        }
        assert_eq!(sender.stats().await.unwrap().messages, 50);
        for n in 0..50 {
            let delivery = receiver.recv().await.unwrap().unwrap();
            assert_eq!((*delivery, delivery.attempts()), (n, 1));
            delivery.ack().await.unwrap();
        }
        let stats = sender.stats().await.unwrap();
        assert_eq!((stats.messages, stats.leased, stats.dead, stats.closed), (0, 0, 0, false));
    });
}

#[test]
fn batches_are_fetched_and_acknowledged_together() {
    on_both(|server| async move {
        let (sender, mut receiver) = server.open::<u32>(&jobs(1000).batch(64)).await;
        join_all((0..500).map(|n| sender.send(n))).await.into_iter().for_each(|sent| sent.unwrap());
        let before: u64 = commands(&server);
        for n in 0..500 {
            let delivery = receiver.recv().await.unwrap().unwrap();
            assert_eq!(*delivery, n);
            delivery.ack_later();
        }
        // The last ones go with a request that finds nothing.
        eventually(|| {
            assert!(receiver.recv().now_or_never().is_none());
            async { sender.stats().await.unwrap().messages == 0 }
        })
        .await;
        let requests = commands(&server) - before;
        assert!(requests < 200, "{requests} requests for 8 batches");
    });
}

/// How many commands from outside the server has run; those of scripts do not count.
fn commands(server: &crate::server::Server) -> u64 {
    let info: String = server.ask(&["INFO", "commandstats"]);
    let calls = |line: &str| line.split("calls=").nth(1)?.split(',').next()?.parse::<u64>().ok();
    info.lines().filter(|line| line.starts_with("cmdstat_eval")).filter_map(calls).sum()
}

#[test]
fn a_message_without_an_ack_comes_again_after_its_lease() {
    on_both(|server| async move {
        let (sender, mut receiver) = server.open::<u32>(&jobs(10).lease(Duration::from_millis(100))).await;
        sender.send(7).await.unwrap();
        let first = receiver.recv().await.unwrap().unwrap();
        let id = first.id().to_owned();
        drop(first);
        let mut other = receiver.clone();
        let second = other.recv().await.unwrap().unwrap();
        assert_eq!((*second, second.attempts(), second.id()), (7, 2, &*id));
        second.ack().await.unwrap();
        assert_eq!(sender.stats().await.unwrap().messages, 0);
    });
}

#[test]
fn a_late_ack_is_told_that_the_lease_was_lost() {
    on_both(|server| async move {
        let (sender, mut receiver) = server.open::<u32>(&jobs(10).lease(Duration::from_millis(50))).await;
        sender.send(7).await.unwrap();
        let mut first = receiver.recv().await.unwrap().unwrap();
        let mut other = receiver.clone();
        let mut second = other.recv().await.unwrap().unwrap();
        assert!(matches!(first.renew().await, Err(Error::LeaseLost)));
        assert!(matches!(first.ack().await, Err(Error::LeaseLost)));
        second.renew().await.unwrap();
        second.ack().await.unwrap();
    });
}

#[test]
fn a_renewed_lease_keeps_the_message() {
    on_both(|server| async move {
        let (sender, mut receiver) = server.open::<u32>(&jobs(10).lease(Duration::from_millis(300))).await;
        sender.send(7).await.unwrap();
        let mut first = receiver.recv().await.unwrap().unwrap();
        let mut other = receiver.clone();
        for _ in 0..8 {
            pause(100).await;
            first.renew().await.unwrap();
            assert!(other.recv().now_or_never().is_none());
        }
        first.ack().await.unwrap();
        assert_eq!(sender.stats().await.unwrap().messages, 0);
    });
}

#[test]
fn what_was_given_back_comes_again_at_once() {
    on_both(|server| async move {
        let (sender, mut receiver) = server.open::<u32>(&jobs(10).lease(Duration::from_secs(1000))).await;
        sender.send(7).await.unwrap();
        let mut other = receiver.clone();
        let first = receiver.recv().await.unwrap().unwrap();
        // One that waits is woken; one that does not finds it with its next request.
        assert!(other.recv().now_or_never().is_none());
        first.nack().await.unwrap();
        let second = other.recv().await.unwrap().unwrap();
        assert_eq!(second.attempts(), 2);
        second.nack().await.unwrap();
        let third = receiver.recv().await.unwrap().unwrap();
        assert_eq!(third.attempts(), 3);
        third.ack().await.unwrap();
    });
}

#[test]
fn too_many_attempts_make_a_dead_letter() {
    on_both(|server| async move {
        let (sender, mut receiver) = server.open::<u32>(&jobs(1).max_attempts(3)).await;
        sender.send(7).await.unwrap();
        for attempt in 1..=3 {
            let delivery = receiver.recv().await.unwrap().unwrap();
            assert_eq!(delivery.attempts(), attempt);
            delivery.nack().await.unwrap();
        }
        assert!(receiver.recv().now_or_never().is_none());
        // That made room.
        sender.send(8).await.unwrap();
        let next = receiver.recv().await.unwrap().unwrap();
        assert_eq!(*next, 8);
        let dead = receiver.dead_letters(10).await.unwrap();
        assert_eq!(dead.len(), 1);
        assert_eq!((&*dead[0].payload, dead[0].attempts, &*dead[0].why), (&b"7"[..], 3, "attempts"));
        assert!(receiver.delete_dead_letter(&dead[0]).await.unwrap());
        assert!(!receiver.delete_dead_letter(&dead[0]).await.unwrap());
        assert_eq!(receiver.dead_letters(10).await.unwrap(), []);
    });
}

#[test]
fn a_dropped_recv_loses_nothing() {
    on_both(|server| async move {
        let (sender, mut receiver) = server.open::<u32>(&jobs(1000).batch(5)).await;
        let sending = async {
            for n in 0..300 {
                sender.send(n).await.unwrap();
                if n % 7 == 0 {
                    pause(1).await;
                }
            }
        };
        let receiving = async {
            let mut expected = 0;
            while expected < 300 {
                let received = smol::future::or(async { receiver.recv().await }, async {
                    smol::future::yield_now().await;
                    None
                });
                if let Some(delivery) = received.await {
                    let delivery = delivery.unwrap();
                    assert_eq!((*delivery, delivery.attempts()), (expected, 1));
                    delivery.ack_later();
                    expected += 1;
                }
            }
        };
        futures_util::future::join(sending, receiving).await;
    });
}

#[test]
fn several_receivers_share_the_messages() {
    on_both(|server| async move {
        let (sender, receiver) = server.open::<u32>(&jobs(50).batch(4)).await;
        let senders = join_all((0..4).map(|k| {
            let sender = sender.clone();
            async move {
                for n in 0..100 {
                    sender.send(k * 1000 + n).await.unwrap();
                }
            }
        }));
        let closing = async {
            senders.await;
            assert!(sender.close_mailbox().await.unwrap());
        };
        let receivers = join_all((0..4).map(|_| {
            let receiver = receiver.clone();
            async move { receiver.auto_ack().map(Result::unwrap).collect::<Vec<u32>>().await }
        }));
        let (lists, ()) = futures_util::future::join(receivers, closing).await;
        for list in &lists {
            for k in 0..4 {
                let of_one: Vec<_> = list.iter().filter(|&&n| n / 1000 == k).collect();
                assert!(of_one.is_sorted(), "out of order: {of_one:?}");
            }
        }
        let mut all: Vec<u32> = lists.concat();
        all.sort_unstable();
        let expected: Vec<u32> = (0..4).flat_map(|k| (0..100).map(move |n| k * 1000 + n)).collect();
        assert_eq!(all, expected);
    });
}

#[test]
fn fetched_messages_keep_their_leases_while_others_are_worked_on() {
    on_both(|server| async move {
        let (sender, mut receiver) = server.open::<u32>(&jobs(100).batch(20).lease(Duration::from_millis(400))).await;
        join_all((0..20).map(|n| sender.send(n))).await.into_iter().for_each(|sent| sent.unwrap());
        let mut other = receiver.clone();
        // Two and a half leases in all.
        for n in 0..20 {
            let delivery = receiver.recv().await.unwrap().unwrap();
            assert_eq!((*delivery, delivery.attempts()), (n, 1));
            pause(50).await;
            assert!(other.recv().now_or_never().is_none());
            delivery.ack_later();
        }
    });
}

#[test]
fn dead_receivers_are_forgotten() {
    on_both(|server| async move {
        let (sender, receiver) = server.open::<u32>(&jobs(10).lease(Duration::from_millis(20))).await;
        for _ in 0..3 {
            sender.send(1).await.unwrap();
            let mut other = receiver.clone();
            other.recv().await.unwrap().unwrap().ack().await.unwrap();
        }
        assert_eq!(sender.stats().await.unwrap().receivers, 3);
        let mut last = receiver.clone();
        let sender = &sender;
        let waiting = async move { assert!(last.recv().await.is_none()) };
        let watching = async move {
            eventually(|| async { sender.stats().await.unwrap().receivers == 1 }).await;
            sender.close_mailbox().await.unwrap();
        };
        futures_util::future::join(waiting, watching).await;
    });
}

#[test]
fn a_large_message() {
    on_both(|server| async move {
        let (sender, mut receiver) = server.open::<Vec<u8>>(&jobs(2)).await;
        let large: Vec<u8> = (0..64 << 20).map(|n: u32| (n ^ (n >> 8)) as u8).collect();
        sender.send(large.clone()).await.unwrap();
        let delivery = receiver.recv().await.unwrap().unwrap();
        assert!(*delivery == large);
        delivery.ack().await.unwrap();
    });
}

#[test]
fn all_keys_are_on_one_node_of_a_cluster() {
    crate::server::on_both_with(&["--cluster-enabled", "yes"], |server| async move {
        let _: () = server.ask(&["CLUSTER", "ADDSLOTSRANGE", "0", "16383"]);
        eventually(|| async { server.ask::<String>(&["CLUSTER", "INFO"]).contains("cluster_state:ok") }).await;
        let (sender, mut receiver) = server.open::<u32>(&jobs(1)).await;
        let sending = async {
            for n in 0..20 {
                sender.send(n).await.unwrap();
            }
            sender.close_mailbox().await.unwrap();
        };
        let receiving = async {
            for n in 0..20 {
                let delivery = receiver.recv().await.unwrap().unwrap();
                assert_eq!(*delivery, n);
                delivery.ack().await.unwrap();
            }
            assert!(receiver.recv().await.is_none());
        };
        futures_util::future::join(sending, receiving).await;
        jobs(1).delete(server.client()).await.unwrap();
    });
}
