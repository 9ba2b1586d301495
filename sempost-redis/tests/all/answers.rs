//! Requests that were done, and whose answers were lost.

use std::sync::atomic::Ordering::SeqCst;
use std::time::Duration;

use futures_util::FutureExt;
use sempost_redis::RemoteMailbox;

use crate::proxy::Proxy;
use crate::server::{eventually, on_both, pause};

fn jobs() -> RemoteMailbox {
    RemoteMailbox::new("jobs", 10).lease(Duration::from_secs(1000))
}

/// Polls an operation while answers are lost, until the server has done it. Then the line is cut, and the operation
/// goes on over a new one.
async fn with_a_lost_answer<T>(proxy: &Proxy, operation: impl Future<Output = T>, done: impl AsyncFn() -> bool) -> T {
    proxy.state.swallowing.store(true, SeqCst);
    let mut operation = Box::pin(operation);
    while !done().await {
        assert!(operation.as_mut().now_or_never().is_none(), "its answer was not lost");
        pause(2).await;
    }
    pause(20).await;
    proxy.state.swallowing.store(false, SeqCst);
    proxy.cut();
    operation.await
}

#[test]
fn a_send_is_stored_once() {
    on_both(|server| async move {
        let proxy = Proxy::before(&server);
        let (sender, mut receiver) = jobs().open::<u32>(proxy.client()).await.unwrap();
        sender.send(0).await.unwrap();
        let stored = async || server.ask::<u64>(&["XLEN", "sempost:{jobs}"]) == 2;
        with_a_lost_answer(&proxy, sender.send(1), stored).await.unwrap();
        for n in 0..2 {
            assert_eq!(*receiver.recv().await.unwrap().unwrap(), n);
        }
        assert!(receiver.recv().now_or_never().is_none());
        assert_eq!(sender.stats().await.unwrap().messages, 2);
    });
}

#[test]
fn an_ack_is_done() {
    on_both(|server| async move {
        let proxy = Proxy::before(&server);
        let (sender, mut receiver) = jobs().open::<u32>(proxy.client()).await.unwrap();
        for n in 0..2 {
            sender.send(n).await.unwrap();
        }
        // There is a connection for acknowledgements from now on.
        receiver.recv().await.unwrap().unwrap().ack().await.unwrap();
        let delivery = receiver.recv().await.unwrap().unwrap();
        let gone = async || server.ask::<u64>(&["XLEN", "sempost:{jobs}"]) == 0;
        with_a_lost_answer(&proxy, delivery.ack(), gone).await.unwrap();
    });
}

/// Kills: a repeated `nack` that is told that the lease was lost, or that takes the message from its next receiver.
#[test]
fn a_nack_gives_the_message_back_once() {
    on_both(|server| async move {
        let proxy = Proxy::before(&server);
        let (sender, mut receiver) = jobs().open::<u32>(proxy.client()).await.unwrap();
        let (_, mut other) = server.open::<u32>(&jobs()).await;
        sender.send(0).await.unwrap();
        sender.send(1).await.unwrap();
        receiver.recv().await.unwrap().unwrap().ack().await.unwrap();
        let delivery = receiver.recv().await.unwrap().unwrap();
        proxy.state.swallowing.store(true, SeqCst);
        let mut nack = Box::pin(delivery.nack());
        // Another one has it before the request is repeated.
        let mut second = loop {
            assert!(nack.as_mut().now_or_never().is_none(), "its answer was not lost");
            match other.recv().now_or_never() {
                Some(second) => break second.unwrap().unwrap(),
                None => pause(2).await,
            }
        };
        proxy.state.swallowing.store(false, SeqCst);
        proxy.cut();
        nack.await.unwrap();
        assert_eq!((*second, second.attempts()), (1, 2));
        second.renew().await.unwrap();
        second.ack().await.unwrap();
    });
}

#[test]
fn the_call_that_closed_the_mailbox_knows_it() {
    on_both(|server| async move {
        let proxy = Proxy::before(&server);
        let (sender, _) = jobs().open::<u32>(proxy.client()).await.unwrap();
        sender.send(0).await.unwrap();
        // So that the server knows the script.
        let other = RemoteMailbox::new("other", 1);
        assert!(server.open::<u32>(&other).await.0.close_mailbox().await.unwrap());
        // First it is asked whether it has forgotten something.
        proxy.state.spared.store(1, SeqCst);
        let closed = async || server.ask::<bool>(&["EXISTS", "sempost:{jobs}:closed"]);
        assert!(with_a_lost_answer(&proxy, sender.close_mailbox(), closed).await.unwrap());
        assert!(!sender.close_mailbox().await.unwrap());
    });
}

#[test]
fn a_server_that_forgets_its_scripts_is_told_them_again() {
    on_both(|server| async move {
        let (sender, mut receiver) = server.open::<u32>(&jobs()).await;
        let flush = || server.ask::<()>(&["SCRIPT", "FLUSH"]);
        for n in 0..5 {
            flush();
            sender.send(n).await.unwrap();
            flush();
            let mut delivery = receiver.recv().await.unwrap().unwrap();
            assert_eq!((*delivery, delivery.attempts()), (n, 1));
            flush();
            delivery.renew().await.unwrap();
            flush();
            delivery.ack().await.unwrap();
            flush();
            assert_eq!(sender.stats().await.unwrap().messages, 0);
        }
        flush();
        assert!(sender.close_mailbox().await.unwrap());
    });
}

/// A server that stands still for longer than an answer may take, and then does what it was asked long ago.
#[test]
fn a_stalled_server_stores_once_what_was_sent_meanwhile() {
    on_both(|server| async move {
        let (sender, mut receiver) = server.open::<u32>(&jobs()).await;
        sender.send(0).await.unwrap();
        let signal = |name: &str| {
            let pid = server.pid().to_string();
            assert!(std::process::Command::new("kill").args(["-s", name, &pid]).status().unwrap().success());
        };
        signal("STOP");
        let sending = sender.send(1);
        let waking = async {
            pause(5500).await;
            signal("CONT");
        };
        let (sent, ()) = futures_util::future::join(sending, waking).await;
        sent.unwrap();
        for n in 0..2 {
            let delivery = receiver.recv().await.unwrap().unwrap();
            assert_eq!(*delivery, n);
            delivery.ack().await.unwrap();
        }
        eventually(|| async { sender.stats().await.unwrap().messages == 0 }).await;
    });
}
