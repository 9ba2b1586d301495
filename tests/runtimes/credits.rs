//! Mailboxes with credits on every runtime.

use crate::common::{Abandon, Random};
use futures::sink::SinkExt;
use futures::stream::StreamExt;
use sempost::mailbox;
use sempost::mailbox::credits::{CreditReceiver, CreditSender};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

const LIMIT: usize = 10;
const SENDERS: usize = 4;
const MESSAGES: usize = 150;

/// Who sent it, and its number. It weighs up to more than the limit.
type Message = (usize, usize);

fn weight(&(sender, number): &Message) -> usize {
    (sender + number) % 13
}

fn open() -> (CreditSender<Message>, CreditReceiver<Message>) {
    mailbox::credits(LIMIT, weight)
}

/// Insists that what is in work never weighs more than the limit.
async fn work(rt: crate::common::Rt, rx: CreditReceiver<Message>, inside: Arc<AtomicUsize>, seed: u64) -> Vec<Message> {
    let (mut random, mut got) = (Random::new(seed), Vec::new());
    loop {
        // Every other receive is given up now and then.
        let lease = match Abandon::after(1 + random.below(3), rx.recv()).await {
            Some(Some(lease)) => lease,
            Some(None) => return got,
            None => continue,
        };
        let now = inside.fetch_add(lease.weight(), Ordering::SeqCst) + lease.weight();
        assert!(now <= LIMIT, "{now} in work");
        for _ in 0..random.below(3) {
            rt.yield_now().await;
        }
        inside.fetch_sub(lease.weight(), Ordering::SeqCst);
        got.push(lease.into_inner());
    }
}

/// Sends each message until it was accepted, with cancels in between.
async fn produce(tx: CreditSender<Message>, sender: usize) {
    let mut random = Random::new(sender as u64);
    for number in 0..MESSAGES {
        while Abandon::after(1 + random.below(4), tx.send((sender, number))).await.is_none() {}
    }
}

fn assert_each_once(mut got: Vec<Message>, senders: usize) {
    got.sort_unstable();
    let all = (0..senders).flat_map(|sender| (0..MESSAGES).map(move |number| (sender, number)));
    assert!(got.into_iter().eq(all), "each arrives once");
}

runtime_matrix! {
    async fn cancelled_sends_and_receives_lose_nothing_and_keep_the_limit(rt) {
        let ((tx, rx), inside) = (open(), Arc::new(AtomicUsize::new(0)));
        let counts = tx.downgrade();
        let workers: Vec<_> =
            (0..3).map(|seed| rt.spawn(work(rt, rx.clone(), inside.clone(), seed))).collect();
        let producers: Vec<_> = (0..SENDERS).map(|sender| rt.spawn(produce(tx.clone(), sender))).collect();
        drop(tx);
        for producer in producers {
            producer.await;
        }
        let mut all = Vec::new();
        for worker in workers {
            let got = worker.await;
            for sender in 0..SENDERS {
                let own = got.iter().filter(|message| message.0 == sender).map(|message| message.1);
                assert!(own.is_sorted(), "in the order in which they were sent");
            }
            all.extend(got);
        }
        assert_each_once(all, SENDERS);
        assert_eq!((counts.sender_count(), rx.available_credits(), rx.waiting_senders()), (0, LIMIT, 0));
    }

    async fn sinks_and_futures_share_the_credits(rt) {
        let (tx, rx) = open();
        let mut producers = Vec::new();
        for sender in 0..SENDERS {
            let mut own = tx.clone();
            producers.push(rt.spawn(async move {
                if sender % 2 == 0 {
                    return produce(own, sender).await;
                }
                for number in 0..MESSAGES {
                    own.feed((sender, number)).await.unwrap();
                }
                SinkExt::close(&mut own).await.unwrap();
            }));
        }
        drop(tx);
        let limits = rx.clone();
        let got: Vec<_> = rx.map(|lease| lease.into_inner()).collect().await;
        for producer in producers {
            producer.await;
        }
        assert_each_once(got, SENDERS);
        assert_eq!((limits.available_credits(), limits.waiting_senders()), (LIMIT, 0));
    }

    async fn forward_into_clones_closes_with_the_last(rt) {
        let (tx, rx) = mailbox::credits(2, weight);
        let mut producers = Vec::new();
        for sender in 0..SENDERS {
            let (own, numbers) = (tx.clone(), (0..MESSAGES).map(move |number| Ok((sender, number))));
            producers.push(rt.spawn(async move { futures::stream::iter(numbers).forward(own).await.is_ok() }));
        }
        drop(tx);
        assert_each_once(rx.map(|lease| lease.into_inner()).collect().await, SENDERS);
        for producer in producers {
            assert!(producer.await);
        }
    }

    async fn workers_that_are_cancelled_give_their_credits_back(rt) {
        let (tx, rx) = mailbox::credits(3, |_: &usize| 1);
        for turn in 0..100 {
            tx.send(turn).await.unwrap();
            let worker = async {
                let _lease = rx.recv().await;
                std::future::pending::<()>().await;
            };
            assert!(Abandon::after(2, worker).await.is_none());
        }
        rt.yield_now().await;
        assert_eq!((tx.available_credits(), rx.len()), (3, 0));
    }
}
