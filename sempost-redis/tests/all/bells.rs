//! Wake-ups: none is eaten by one that cannot serve it, and nobody holds up others.

use std::sync::atomic::Ordering::SeqCst;
use std::time::{Duration, Instant};

use futures_util::FutureExt;
use sempost_redis::{RemoteMailbox, redis};

use crate::proxy::Proxy;
use crate::server::{Server, eventually, on_both, pause};

/// Leases so long that nobody finds anything by its own looking.
fn jobs() -> RemoteMailbox {
    RemoteMailbox::new("jobs", 10).lease(Duration::from_secs(1000))
}

fn blocked(server: &Server, receivers: u32) -> bool {
    server.ask::<String>(&["INFO", "clients"]).contains(&format!("blocked_clients:{receivers}\r"))
}

/// Kills: the look of `open`, which takes nothing and takes the bell.
#[test]
fn what_was_given_back_comes_at_once_though_another_has_opened_the_mailbox() {
    on_both(|server| async move {
        let (sender, mut receiver) = server.open::<u32>(&jobs()).await;
        sender.send(7).await.unwrap();
        receiver.recv().await.unwrap().unwrap().nack().await.unwrap();
        let _another = server.open::<u32>(&jobs()).await;
        let begin = Instant::now();
        assert_eq!(receiver.recv().await.unwrap().unwrap().attempts(), 2);
        assert!(begin.elapsed() < Duration::from_secs(1));
    });
}

/// Kills: a bell that is lost with the one that heard it.
#[test]
fn what_was_given_back_comes_soon_though_the_one_that_was_woken_for_it_is_dead() {
    on_both(|server| async move {
        let proxy = Proxy::before(&server);
        let (sender, mut holder) = server.open::<u32>(&jobs()).await;
        let mut other = holder.clone();
        let (_, mut dying) = jobs().open::<u32>(proxy.client()).await.unwrap();
        sender.send(7).await.unwrap();
        let delivery = holder.recv().await.unwrap().unwrap();
        for (waiting, receiver) in [&mut dying, &mut other].into_iter().enumerate() {
            eventually(async || {
                assert!(receiver.recv().now_or_never().is_none());
                blocked(&server, waiting as u32 + 1)
            })
            .await;
        }
        // The first waits longest, so it is woken, and its answer does not reach it.
        proxy.state.swallowing.store(true, SeqCst);
        delivery.nack().await.unwrap();
        let begin = Instant::now();
        assert_eq!(other.recv().await.unwrap().unwrap().attempts(), 2);
        assert!(begin.elapsed() < Duration::from_secs(10));
    });
}

/// The requests of a process's receivers go together, so one that is on its way must not belong to one of them.
#[test]
fn a_receiver_that_is_left_alone_does_not_hold_up_the_others() {
    on_both(|server| async move {
        let (sender, receiver) = server.open::<u32>(&jobs()).await;
        for n in 0..5 {
            sender.send(n).await.unwrap();
        }
        for round in 1..4 {
            let mut alone = receiver.clone();
            // Its request is on its way, and it is not polled any more. (It may be done at once.)
            if let Some(early) = alone.recv().now_or_never() {
                early.unwrap().unwrap().nack().await.unwrap();
            }
            let mut other = receiver.clone();
            other.recv().await.unwrap().unwrap().ack().await.unwrap();
            if round % 2 == 0 {
                drop(alone);
            } else {
                // It has a message by now, and says so when it is polled.
                pause(10).await;
                alone.recv().await.unwrap().unwrap().nack().await.unwrap();
            }
        }
    });
}

/// They share requests, and whoever is polled first makes them for all. Kills: a wake-up that is lost between two.
#[test]
fn receivers_on_many_threads_that_give_up_again_and_again_lose_nothing() {
    let Some(server) = Server::start(&[]) else { return };
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(4).enable_all().build().unwrap();
    runtime.block_on(async {
        let (sender, receiver) = server.open::<u32>(&RemoteMailbox::new("jobs", 50)).await;
        let workers = (0..8).map(|n| {
            let mut receiver = receiver.clone();
            tokio::spawn(async move {
                let mut received: Vec<u32> = Vec::new();
                loop {
                    // A few turns, and then it drops the future: a different number for each, each time.
                    let mut turns = (n + received.len() as u32) % 7;
                    let patience = std::future::poll_fn(|cx| {
                        if turns == 0 {
                            return std::task::Poll::Ready(());
                        }
                        turns -= 1;
                        cx.waker().wake_by_ref();
                        std::task::Poll::Pending
                    });
                    let next = tokio::select! {
                        biased;
                        next = receiver.recv() => next,
                        () = patience => {
                            tokio::task::yield_now().await;
                            receiver.recv().await
                        }
                    };
                    let Some(delivery) = next else { return received };
                    let delivery = delivery.unwrap();
                    assert_eq!(delivery.attempts(), 1);
                    received.push(*delivery);
                    if n % 2 == 0 { delivery.ack().await.unwrap() } else { delivery.ack_later() }
                }
            })
        });
        let workers: Vec<_> = workers.collect();
        let senders: Vec<_> = (0..4)
            .map(|k| {
                let sender = sender.clone();
                tokio::spawn(async move {
                    for n in 0..500 {
                        sender.send(k * 1000 + n).await.unwrap();
                    }
                })
            })
            .collect();
        let all = async {
            for sender in senders {
                sender.await.unwrap();
            }
            sender.close_mailbox().await.unwrap();
            let mut all = Vec::new();
            for worker in workers {
                all.extend(worker.await.unwrap());
            }
            all
        };
        let mut all = tokio::time::timeout(Duration::from_secs(60), all).await.expect("it hangs");
        all.sort_unstable();
        assert_eq!(all, (0..4).flat_map(|k| (0..500).map(move |n| k * 1000 + n)).collect::<Vec<_>>());
    });
}

#[test]
fn nothing_stays_at_the_server_of_those_who_came_and_went() {
    on_both(|server| async move {
        let mailbox = jobs().lease(Duration::from_millis(20));
        for n in 0..20 {
            let (sender, mut receiver) = server.open::<u32>(&mailbox).await;
            sender.send(n).await.unwrap();
            let first = receiver.recv().await.unwrap().unwrap();
            if n % 2 == 0 {
                first.nack().await.unwrap();
                receiver.recv().await.unwrap().unwrap().ack().await.unwrap();
            } else {
                first.ack().await.unwrap();
            }
        }
        let (sender, mut last) = server.open::<u32>(&mailbox).await;
        eventually(|| {
            assert!(last.recv().now_or_never().is_none());
            async { sender.stats().await.unwrap().receivers <= 1 }
        })
        .await;
        let bells: (u64, redis::Value, redis::Value, redis::Value) =
            server.ask(&["XPENDING", "sempost:{jobs}:bell", "sempost"]);
        assert!(bells.0 <= 1, "{bells:?}");
        assert!(server.ask::<u64>(&["XLEN", "sempost:{jobs}:bell"]) <= 1);
        assert!(server.ask::<u64>(&["LLEN", "sempost:{jobs}:room"]) <= 1);
        // What is left of each process that has sent something ends by itself.
        for key in server.ask::<Vec<String>>(&["KEYS", "sempost:{jobs}:sender:*"]) {
            let left: i64 = server.ask(&["PTTL", &key]);
            assert!((1..=24 * 3600 * 1000).contains(&left), "{key}: {left}");
        }
    });
}
