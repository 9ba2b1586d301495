//! Servers that are killed and started again. (Killed processes: `examples/crash_matrix`.)

use std::time::Duration;

use futures_util::StreamExt;
use sempost_redis::{Error, RemoteMailbox};

use crate::server::{on_both_with, pause};

const ALWAYS: &[&str] = &["--appendonly", "yes", "--appendfsync", "always"];

fn jobs() -> RemoteMailbox {
    RemoteMailbox::new("jobs", 100).batch(8).lease(Duration::from_millis(500))
}

#[test]
fn a_killed_server_that_syncs_always_loses_nothing() {
    on_both_with(ALWAYS, |mut server| async move {
        let (sender, mut receiver) = server.open::<u32>(&jobs()).await;
        let sending = async {
            for n in 0..1000 {
                sender.send(n).await.unwrap();
            }
            sender.close_mailbox().await.unwrap();
        };
        let receiving = async {
            let (mut seen, mut doubles) = (std::collections::BTreeMap::new(), 0);
            while let Some(delivery) = receiver.recv().await {
                let delivery = delivery.unwrap();
                if let Some(before) = seen.insert(*delivery, delivery.id().to_owned()) {
                    assert_eq!(before, delivery.id(), "it was stored twice");
                    assert!(delivery.attempts() > 1, "a repeat that does not look like one");
                    doubles += 1;
                }
                delivery.ack_later();
            }
            (seen.into_keys().collect::<Vec<_>>(), doubles)
        };
        let both = async { Some(futures_util::future::join(sending, receiving).await.1) };
        let killing = async {
            for _ in 0..4 {
                pause(30).await;
                server.kill();
                pause(10).await;
                server.start_again();
            }
            std::future::pending::<()>().await;
            None
        };
        let (seen, doubles) = smol::future::or(both, killing).await.unwrap();
        assert_eq!(seen, (0..1000).collect::<Vec<_>>());
        eprintln!("{doubles} delivered twice");
    });
}

/// If nothing was lost here, the tests above would prove nothing.
#[test]
fn a_killed_server_without_a_log_loses_and_says_so() {
    on_both_with(&[], |mut server| async move {
        let (sender, receiver) = server.open::<u32>(&jobs()).await;
        for n in 0..50 {
            sender.send(n).await.unwrap();
        }
        server.kill();
        server.start_again();
        let forgotten = sender.send(50).await.unwrap_err();
        assert!(matches!(forgotten.error, Error::Forgotten { messages: 50 }), "{:?}", forgotten.error);
        assert_eq!(forgotten.message, Some(50));
        // It is said once, and life goes on.
        sender.send(51).await.unwrap();
        sender.close_mailbox().await.unwrap();
        let received: Vec<u32> = receiver.auto_ack().map(Result::unwrap).collect().await;
        assert_eq!(received, [51]);
    });
}

#[test]
fn a_sink_is_told_at_its_end_and_keeps_what_was_not_sent() {
    use futures_util::SinkExt;
    on_both_with(&[], |mut server| async move {
        let (mut sender, receiver) = server.open::<u32>(&jobs()).await;
        for n in 0..10 {
            sender.feed(n).await.unwrap();
        }
        sender.flush().await.unwrap();
        server.kill();
        server.start_again();
        sender.feed(10).await.unwrap();
        assert!(matches!(sender.flush().await, Err(Error::Forgotten { messages: 10 })));
        sender.flush().await.unwrap();
        server.kill();
        server.start_again();
        assert!(matches!(SinkExt::close(&mut sender).await, Err(Error::Forgotten { messages: 1 })));
        assert_eq!(receiver.stats().await.unwrap().messages, 0);
    });
}
