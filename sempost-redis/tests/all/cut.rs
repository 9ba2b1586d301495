//! Connections that drop, delay and reset.

use std::sync::atomic::Ordering::SeqCst;
use std::time::Duration;

use futures_util::StreamExt;
use sempost_redis::RemoteMailbox;

use crate::proxy::Proxy;
use crate::server::{on_both, pause};

/// Kills: a repeated request that stores twice, a lost answer that takes messages along.
#[test]
fn cut_connections_neither_lose_nor_double_what_is_sent() {
    on_both(|server| async move {
        let proxy = Proxy::before(&server);
        let mailbox = RemoteMailbox::new("jobs", 40).batch(7).lease(Duration::from_millis(500));
        let (sender, receiver) = mailbox.open::<u32>(proxy.client()).await.unwrap();
        let sending = async {
            for n in 0..2000 {
                sender.send(n).await.unwrap();
            }
            sender.close_mailbox().await.unwrap();
        };
        let receiving = async {
            let mut ids = std::collections::BTreeMap::new();
            let mut receiver = receiver;
            while let Some(delivery) = receiver.recv().await {
                let delivery = delivery.unwrap();
                // A message that is stored twice has two numbers.
                ids.insert(delivery.id().to_owned(), *delivery);
                delivery.ack_later();
            }
            let mut all: Vec<u32> = ids.into_values().collect();
            all.sort_unstable();
            all
        };
        let both = async { futures_util::future::join(sending, receiving).await.1 };
        let cutting = async {
            for round in 0.. {
                pause(15).await;
                // Half of the cuts come after answers were lost.
                proxy.state.swallowing.store(round % 2 == 0, SeqCst);
                pause(2).await;
                proxy.cut();
                proxy.state.swallowing.store(false, SeqCst);
            }
            Vec::new()
        };
        let received = smol::future::or(both, cutting).await;
        assert_eq!(received, (0..2000).collect::<Vec<_>>());
        assert!(proxy.state.cuts.load(SeqCst) > 5);
    });
}

#[test]
fn what_was_lost_on_its_way_comes_with_the_next_connection() {
    on_both(|server| async move {
        let proxy = Proxy::before(&server);
        // Its lease will not bring it back in time.
        let mailbox = RemoteMailbox::new("jobs", 40).lease(Duration::from_secs(1000));
        let (_, mut receiver) = mailbox.open::<u32>(proxy.client()).await.unwrap();
        let (sender, _) = server.open::<u32>(&mailbox).await;
        let receiving = async {
            let delivery = receiver.recv().await.unwrap().unwrap();
            assert_eq!((*delivery, delivery.attempts()), (9, 2));
            delivery.ack().await.unwrap();
        };
        let losing = async {
            crate::server::eventually(|| async {
                server.ask::<String>(&["INFO", "clients"]).contains("blocked_clients:1")
            })
            .await;
            proxy.state.swallowing.store(true, SeqCst);
            sender.send(9).await.unwrap();
            pause(50).await;
            proxy.state.swallowing.store(false, SeqCst);
            proxy.cut();
        };
        futures_util::future::join(receiving, losing).await;
    });
}

#[test]
fn a_slow_line_is_only_slow() {
    on_both(|server| async move {
        let proxy = Proxy::before(&server);
        proxy.state.delay.store(20, SeqCst);
        let (sender, receiver) = RemoteMailbox::new("jobs", 40).batch(10).open::<u32>(proxy.client()).await.unwrap();
        let sending = futures_util::stream::iter(0..100).map(Ok).forward(sender.closing());
        let receiving = receiver.auto_ack().map(Result::unwrap).collect::<Vec<_>>();
        let (sent, received) = futures_util::future::join(sending, receiving).await;
        sent.unwrap();
        assert_eq!(received, (0..100).collect::<Vec<_>>());
    });
}
