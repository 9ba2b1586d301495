//! `mailbox` on every runtime: producers and consumers.

use crate::common::{Abandon, Join, Random, Rt};
use sempost::mailbox::{self, Receiver, SendError, Sender};
use std::thread;

/// Who sent it, and the how-manieth it is.
pub(crate) type Message = (usize, usize);

/// A mailbox of `capacity`, where `None` is unbounded.
pub(crate) fn mailbox_of<T>(capacity: Option<usize>) -> (Sender<T>, Receiver<T>) {
    capacity.map_or_else(mailbox::unbounded, mailbox::bounded)
}

/// Insists that one receiver saw the messages of each sender in their order.
pub(crate) fn assert_senders_in_order(got: &[Message], senders: usize) {
    let mut last = vec![None; senders];
    for &(sender, id) in got {
        assert!(last[sender] < Some(id), "sender {sender}: {id} after {:?}", last[sender]);
        last[sender] = Some(id);
    }
}

/// Insists that `all` holds `each` messages of each sender, every one once.
pub(crate) fn assert_each_once(mut all: Vec<Message>, senders: usize, each: usize) {
    all.sort_unstable();
    let expected = (0..senders).flat_map(|s| (0..each).map(move |id| (s, id)));
    assert!(all.iter().copied().eq(expected), "a message is lost or doubled");
}

fn consume(rt: Rt, rx: &Receiver<Message>) -> Join<Vec<Message>> {
    let rx = rx.clone();
    rt.spawn(async move {
        let mut got = Vec::new();
        while let Some(message) = rx.recv().await {
            got.push(message);
        }
        got
    })
}

async fn gather(consumers: Vec<Join<Vec<Message>>>, senders: usize) -> Vec<Message> {
    let mut all = Vec::new();
    for consumer in consumers {
        let got = consumer.await;
        assert_senders_in_order(&got, senders);
        all.extend(got);
    }
    all
}

/// Four producers and four consumers.
async fn four_by_four(rt: Rt, capacity: Option<usize>) {
    const EACH: usize = 400;
    let (tx, rx) = mailbox_of(capacity);
    for sender in 0..4 {
        let tx = tx.clone();
        drop(rt.spawn(async move {
            for id in 0..EACH {
                tx.send((sender, id)).await.unwrap();
            }
        }));
    }
    drop(tx);
    let consumers: Vec<_> = (0..4).map(|_| consume(rt, &rx)).collect();
    drop(rx);
    assert_each_once(gather(consumers, 4).await, 4, EACH);
}

/// The same with futures that are given up at random, on both ends.
async fn with_cancels(rt: Rt, capacity: Option<usize>) {
    const EACH: usize = 200;
    let (tx, rx) = mailbox_of(capacity);
    for sender in 0..4 {
        let tx = tx.clone();
        drop(rt.spawn(async move {
            let mut random = Random::new(sender as u64);
            for id in 0..EACH {
                send_stubbornly(rt, &tx, (sender, id), &mut random).await;
            }
        }));
    }
    drop(tx);
    let mut consumers = Vec::new();
    for seed in 0..4 {
        let rx = rx.clone();
        consumers.push(rt.spawn(async move {
            let mut random = Random::new(100 + seed);
            let mut got = Vec::new();
            loop {
                match Abandon::after(1 + random.below(3), rx.recv()).await {
                    Some(Some(message)) => got.push(message),
                    Some(None) => break got,
                    None => rt.yield_now().await,
                }
            }
        }));
    }
    drop(rx);
    assert_each_once(gather(consumers, 4).await, 4, EACH);
}

/// Sends `message` though each try may be given up: `cancel` says whether it went.
async fn send_stubbornly(rt: Rt, tx: &Sender<Message>, message: Message, random: &mut Random) {
    loop {
        let mut sending = Box::pin(tx.send(message));
        let patience = 1 + random.below(3);
        match Abandon::after(patience, futures::future::poll_fn(|cx| sending.as_mut().poll(cx))).await {
            Some(sent) => return sent.unwrap(),
            None if sending.as_mut().cancel().is_none() => return,
            None => rt.yield_now().await,
        }
    }
}

runtime_matrix! {
    async fn four_producers_four_consumers_at_capacity_0(rt) {
        four_by_four(rt, Some(0)).await;
    }

    async fn four_producers_four_consumers_at_capacity_1(rt) {
        four_by_four(rt, Some(1)).await;
    }

    async fn four_producers_four_consumers_at_capacity_3(rt) {
        four_by_four(rt, Some(3)).await;
    }

    async fn four_producers_four_consumers_unbounded(rt) {
        four_by_four(rt, None).await;
    }

    async fn random_cancels_at_capacity_0(rt) {
        with_cancels(rt, Some(0)).await;
    }

    async fn random_cancels_at_capacity_1(rt) {
        with_cancels(rt, Some(1)).await;
    }

    async fn random_cancels_at_capacity_3(rt) {
        with_cancels(rt, Some(3)).await;
    }

    async fn random_cancels_unbounded(rt) {
        with_cancels(rt, None).await;
    }

    async fn a_reserved_slot_carries_each_message_once(rt) {
        let (tx, rx) = mailbox::bounded(2);
        for sender in 0..3 {
            let tx = tx.clone();
            drop(rt.spawn(async move {
                let mut random = Random::new(sender as u64);
                let mut id = 0;
                while id < 200 {
                    let Ok(permit) = tx.reserve().await else { panic!("closed") };
                    if random.one_in(3) {
                        rt.yield_now().await;
                    }
                    if random.one_in(4) {
                        continue; // the slot goes back unused
                    }
                    permit.send((sender, id)).unwrap();
                    id += 1;
                }
            }));
        }
        drop(tx);
        let consumers = vec![consume(rt, &rx), consume(rt, &rx)];
        drop(rx);
        assert_each_once(gather(consumers, 3).await, 3, 200);
    }

    async fn many_reserved_slots_carry_each_message_once(rt) {
        let (tx, rx) = mailbox::bounded(4);
        for sender in 0..3 {
            let tx = tx.clone();
            drop(rt.spawn(async move {
                for batch in 0..50 {
                    let permits = tx.reserve_many(4).await.unwrap();
                    assert_eq!(permits.len(), 4);
                    for (i, permit) in permits.enumerate() {
                        permit.send((sender, 4 * batch + i)).unwrap();
                    }
                }
            }));
        }
        drop(tx);
        let consumers = vec![consume(rt, &rx), consume(rt, &rx)];
        drop(rx);
        assert_each_once(gather(consumers, 3).await, 3, 200);
    }

    async fn an_owned_slot_travels_to_another_task(rt) {
        let (mut tx, rx) = mailbox::bounded(1);
        let consumer = consume(rt, &rx);
        for id in 0..100 {
            let permit = tx.reserve_owned().await.unwrap();
            tx = rt.spawn(async move { permit.send((0, id)).unwrap() }).await;
        }
        drop(tx);
        assert_each_once(gather(vec![consumer], 1).await, 1, 100);
    }

    async fn recv_many_takes_batches_in_order(rt) {
        let (tx, rx) = mailbox::bounded(7);
        for sender in 0..3 {
            let tx = tx.clone();
            drop(rt.spawn(async move {
                for id in 0..300 {
                    tx.send((sender, id)).await.unwrap();
                }
            }));
        }
        drop(tx);
        let mut consumers = Vec::new();
        for limit in [1, 3, 100] {
            let rx = rx.clone();
            consumers.push(rt.spawn(async move {
                let mut got = Vec::new();
                loop {
                    let before = got.len();
                    let n = rx.recv_many(&mut got, limit).await;
                    assert!(n <= limit && got.len() == before + n);
                    if n == 0 {
                        break got;
                    }
                }
            }));
        }
        drop(rx);
        assert_each_once(gather(consumers, 3).await, 3, 300);
    }

    async fn threads_send_to_tasks(rt) {
        let (tx, rx) = mailbox::bounded(3);
        let threads: Vec<_> = (0..3)
            .map(|sender| {
                let tx = tx.clone();
                thread::spawn(move || {
                    for id in 0..300 {
                        tx.send_blocking((sender, id)).unwrap();
                    }
                })
            })
            .collect();
        drop(tx);
        let consumers = vec![consume(rt, &rx), consume(rt, &rx)];
        drop(rx);
        assert_each_once(gather(consumers, 3).await, 3, 300);
        for thread in threads {
            thread.join().unwrap();
        }
    }

    async fn tasks_send_to_threads(rt) {
        let (tx, rx) = mailbox::bounded(0);
        let thread = thread::spawn(move || {
            let mut got = Vec::new();
            while let Some(message) = rx.recv_blocking() {
                got.push(message);
            }
            got
        });
        for sender in 0..3 {
            let tx = tx.clone();
            drop(rt.spawn(async move {
                for id in 0..300 {
                    tx.send((sender, id)).await.unwrap();
                }
            }));
        }
        drop(tx);
        rt.until(|| thread.is_finished()).await;
        let got = thread.join().unwrap();
        assert_senders_in_order(&got, 3);
        assert_each_once(got, 3, 300);
    }

    async fn a_send_without_receivers_gives_the_value_back(rt) {
        let (tx, rx) = mailbox::bounded(1);
        tx.send(1).await.unwrap();
        let sender = tx.clone();
        let parked = rt.spawn(async move { sender.send(2).await });
        rt.until(|| tx.sender_count() == 2).await;
        drop(rx);
        assert!(matches!(parked.await, Err(SendError(2))));
    }
}
