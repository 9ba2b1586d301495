//! Deliveries are counted exactly, a lease is that of one delivery, and no message comes for ever.

use std::time::Duration;

use futures_util::FutureExt;
use sempost_redis::{Error, Payload, PayloadError, RemoteMailbox};

use crate::proxy::Proxy;
use crate::server::{eventually, on_both, pause};

fn jobs() -> RemoteMailbox {
    RemoteMailbox::new("jobs", 10_000).lease(Duration::from_millis(100))
}

/// Kills: a lease that is told by its receiver alone.
#[test]
fn a_lease_that_the_same_receiver_has_anew_is_lost_to_its_first_holder() {
    on_both(|server| async move {
        let (sender, mut receiver) = server.open::<u32>(&jobs()).await;
        sender.send(7).await.unwrap();
        let mut first = receiver.recv().await.unwrap().unwrap();
        let mut second = receiver.recv().await.unwrap().unwrap();
        assert_eq!((second.id(), second.attempts()), (first.id(), 2));
        assert!(matches!(first.renew().await, Err(Error::LeaseLost)));
        assert!(matches!(first.nack().await, Err(Error::LeaseLost)));
        second.renew().await.unwrap();
        second.ack().await.unwrap();
        assert_eq!(sender.stats().await.unwrap().messages, 0);
    });
}

#[test]
fn max_attempts_is_exact_when_leases_run_out() {
    on_both(|server| async move {
        let mailbox = jobs().lease(Duration::from_millis(40)).max_attempts(3);
        let (sender, mut receiver) = server.open::<u32>(&mailbox).await;
        sender.send(7).await.unwrap();
        for attempt in 1..=3 {
            assert_eq!(receiver.recv().await.unwrap().unwrap().attempts(), attempt);
        }
        // The last one is not given up before its lease is over.
        assert_eq!(sender.stats().await.unwrap().dead, 0);
        sender.close_mailbox().await.unwrap();
        assert!(receiver.recv().await.is_none());
        let dead = receiver.dead_letters(10).await.unwrap();
        assert_eq!((dead.len(), dead[0].attempts, &*dead[0].why), (1, 3, "attempts"));
    });
}

/// Kills: a delivery that is lost on its way and does not count, for ever.
#[test]
fn a_payload_that_breaks_each_connection_is_given_up_in_the_end() {
    on_both(|server| async move {
        let proxy = Proxy::before(&server);
        *proxy.state.poison.lock().unwrap() = Some("poison");
        let mailbox = jobs().lease(Duration::from_secs(1000)).max_attempts(3);
        let (_, mut receiver) = mailbox.open::<String>(proxy.client()).await.unwrap();
        let (sender, _) = server.open::<String>(&mailbox).await;
        for text in ["poison", "food"] {
            sender.send(text.into()).await.unwrap();
        }
        let delivery = receiver.recv().await.unwrap().unwrap();
        assert_eq!((&**delivery, delivery.attempts()), ("food", 1));
        delivery.ack().await.unwrap();
        let (_, undertaker) = server.open::<String>(&mailbox).await;
        let dead = undertaker.dead_letters(10).await.unwrap();
        assert_eq!((dead.len(), dead[0].attempts, &*dead[0].why), (1, 3, "attempts"));
        assert_eq!(sender.stats().await.unwrap().messages, 0);
    });
}

/// Kills: a request that waits for messages, and an acknowledgement that waits for that request.
#[test]
fn what_is_acknowledged_while_the_receiver_waits_does_not_come_again() {
    on_both(|server| async move {
        for batch in [1, 64] {
            let mailbox = jobs().batch(batch).lease(Duration::from_millis(1500));
            let (sender, mut receiver) = server.open::<u32>(&mailbox).await;
            sender.send(7).await.unwrap();
            let delivery = receiver.recv().await.unwrap().unwrap();
            eventually(async || {
                assert!(receiver.recv().now_or_never().is_none());
                server.ask::<String>(&["INFO", "clients"]).contains("blocked_clients:1")
            })
            .await;
            delivery.ack_later();
            eventually(async || {
                assert!(receiver.recv().now_or_never().is_none(), "it came again");
                sender.stats().await.unwrap().messages == 0
            })
            .await;
            mailbox.delete(server.client()).await.unwrap();
        }
    });
}

/// Lua cannot unpack as many at once.
#[test]
fn ten_thousand_acknowledgements_at_once() {
    on_both(|server| async move {
        let mailbox = jobs().batch(4096).lease(Duration::from_secs(1000));
        let (sender, mut receiver) = server.open::<u32>(&mailbox).await;
        let all = (0..10_000).map(|n| sender.send(n));
        futures_util::future::join_all(all).await.into_iter().for_each(|sent| sent.unwrap());
        let mut held = Vec::new();
        for _ in 0..10_000 {
            held.push(receiver.recv().await.unwrap().unwrap());
        }
        held.into_iter().for_each(|delivery| delivery.ack_later());
        eventually(|| {
            assert!(receiver.recv().now_or_never().is_none());
            async { sender.stats().await.unwrap().messages == 0 }
        })
        .await;
    });
}

#[test]
fn a_receiver_that_is_dropped_in_the_middle_of_a_recv_keeps_nothing() {
    on_both(|server| async move {
        let (sender, mut dropped) = server.open::<u32>(&jobs()).await;
        let mut other = dropped.clone();
        assert!(dropped.recv().now_or_never().is_none());
        eventually(async || {
            let _ = dropped.recv().now_or_never();
            server.ask::<String>(&["INFO", "clients"]).contains("blocked_clients:1")
        })
        .await;
        sender.send(7).await.unwrap();
        // Nobody polled, so nobody has seen it.
        drop(dropped);
        let delivery = other.recv().await.unwrap().unwrap();
        assert_eq!((*delivery, delivery.attempts()), (7, 2));
        delivery.ack().await.unwrap();
        pause(300).await;
        assert!(other.recv().now_or_never().is_none(), "it came twice");
    });
}

/// A payload that panics in the reader's own code.
#[derive(Debug)]
struct Mine(u32);

impl Payload for Mine {
    fn encode(self) -> Result<Vec<u8>, PayloadError> {
        self.0.encode()
    }

    fn decode(bytes: Vec<u8>) -> Result<Self, PayloadError> {
        let number = u32::decode(bytes)?;
        assert!(number != 13, "thirteen");
        Ok(Mine(number))
    }
}

#[test]
fn a_payload_whose_decoding_panics_is_given_up_in_the_end() {
    on_both(|server| async move {
        let (sender, receiver) = server.open::<Mine>(&jobs().lease(Duration::from_millis(40)).max_attempts(3)).await;
        for n in [13, 14] {
            sender.send(Mine(n)).await.unwrap();
        }
        sender.close_mailbox().await.unwrap();
        let (mut panics, mut receiver) = (0, receiver);
        loop {
            match std::panic::AssertUnwindSafe(receiver.recv()).catch_unwind().await {
                Ok(Some(delivery)) => delivery.unwrap().ack().await.unwrap(),
                Ok(None) => break,
                Err(_) => panics += 1,
            }
        }
        let dead = receiver.dead_letters(10).await.unwrap();
        assert_eq!((panics, dead.len(), dead[0].attempts), (3, 1, 3));
    });
}

#[test]
fn a_receiver_that_dies_at_a_payload_that_does_not_decode_leaves_one_dead_letter() {
    on_both(|server| async move {
        let (texts, _) = server.open::<String>(&jobs()).await;
        let (_, numbers) = server.open::<u32>(&jobs()).await;
        texts.send("twelve".into()).await.unwrap();
        texts.close_mailbox().await.unwrap();
        // It hears of it, and is gone before it can say so.
        let error = numbers.clone().recv().await.unwrap().unwrap_err();
        assert!(matches!(error, Error::Decode { .. }));
        let mut living = numbers.clone();
        assert!(matches!(living.recv().await, Some(Err(Error::Decode { .. }))));
        assert!(living.recv().await.is_none());
        assert_eq!(living.dead_letters(10).await.unwrap().len(), 1);
    });
}
