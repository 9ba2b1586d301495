//! Another server takes over: a replica that lacks what was not replicated.

use std::sync::atomic::Ordering::SeqCst;
use std::time::Duration;

use sempost_redis::{Error, RemoteMailbox, redis};

use crate::proxy::Proxy;
use crate::server::{Server, eventually, on_both, pause};

fn jobs() -> RemoteMailbox {
    RemoteMailbox::new("jobs", 100).lease(Duration::from_millis(500))
}

fn replica_of(server: &Server) -> Server {
    Server::start(&["--replicaof", "127.0.0.1", &server.port().to_string(), "--repl-diskless-sync-delay", "0"])
        .expect("there is a binary")
}

#[test]
fn what_a_new_primary_lacks_is_told_and_the_rest_is_received() {
    on_both(|server| async move {
        let proxy = Proxy::before(&server);
        let (sender, mut receiver) = jobs().open::<u32>(proxy.client()).await.unwrap();
        let replica = replica_of(&server);
        for n in 0..5 {
            sender.send(n).await.unwrap();
        }
        receiver.recv().await.unwrap().unwrap().ack().await.unwrap();
        // A lease moves with the rest.
        let held = receiver.recv().await.unwrap().unwrap();
        eventually(|| async { replica.ask::<u64>(&["XLEN", "sempost:{jobs}"]) == 4 }).await;
        eventually(|| async {
            let summary: (u64, Option<String>, Option<String>, redis::Value) =
                replica.ask(&["XPENDING", "sempost:{jobs}", "sempost"]);
            summary.0 == 1
        })
        .await;
        // From now on the replica is behind.
        let _: () = replica.ask(&["REPLICAOF", "NO", "ONE"]);
        for n in 5..8 {
            sender.send(n).await.unwrap();
        }
        proxy.state.target.store(replica.port(), SeqCst);
        drop(server);
        proxy.cut();
        let forgotten = sender.send(8).await.unwrap_err();
        assert!(matches!(forgotten.error, Error::Forgotten { messages: 3 }), "{:?}", forgotten.error);
        sender.send(9).await.unwrap();
        held.ack().await.unwrap();
        for n in [2, 3, 4, 9] {
            let delivery = receiver.recv().await.unwrap().unwrap();
            assert_eq!((*delivery, delivery.attempts()), (n, 1));
            delivery.ack().await.unwrap();
        }
        assert_eq!(sender.stats().await.unwrap().messages, 0);
    });
}

#[test]
fn a_replica_that_is_not_yet_promoted_is_asked_again() {
    on_both(|server| async move {
        let proxy = Proxy::before(&server);
        let (sender, mut receiver) = jobs().open::<u32>(proxy.client()).await.unwrap();
        let replica = replica_of(&server);
        sender.send(0).await.unwrap();
        eventually(|| async { replica.ask::<u64>(&["XLEN", "sempost:{jobs}"]) == 1 }).await;
        proxy.state.target.store(replica.port(), SeqCst);
        proxy.cut();
        let promoting = async {
            pause(100).await;
            let _: () = replica.ask(&["REPLICAOF", "NO", "ONE"]);
        };
        let both = async {
            sender.send(1).await.unwrap();
            for n in 0..2 {
                let delivery = receiver.recv().await.unwrap().unwrap();
                assert_eq!(*delivery, n);
                delivery.ack().await.unwrap();
            }
        };
        futures_util::future::join(both, promoting).await;
    });
}
