//! `mailbox::ports` on every runtime: sources that come and go, receivers that give up, and some who wait for one.

use crate::common::{Abandon, Join, Random, Rt};
use futures::{FutureExt, StreamExt};
use sempost::mailbox;
use sempost::mailbox::ports::{OpenError, Order, PortReceiver, Ports};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// The source, and the how-manieth of its messages.
type Message = (usize, usize);

const SOURCES: usize = 16;
const EACH: usize = 120;
/// So often each source is finished and opened again.
const LIVES: usize = 4;

/// Opens the port once its former life is drained.
async fn open(rt: Rt, ports: &Ports<usize, usize>, source: usize, capacity: usize) -> mailbox::Sender<usize> {
    loop {
        match ports.open(source, capacity) {
            Ok(tx) => return tx,
            Err(error) => assert_eq!(error, OpenError::Draining),
        }
        rt.yield_now().await;
    }
}

/// A source that comes and goes.
async fn source(rt: Rt, ports: Ports<usize, usize>, source: usize) {
    let mut random = Random::new(source as u64);
    let mut next = 0;
    for life in 0..LIVES {
        let tx = open(rt, &ports, source, 1 + source % 5).await;
        while next < EACH * (life + 1) / LIVES {
            if random.one_in(4) {
                // Given up, or sent.
                let mut sending = Box::pin(tx.send(next));
                let sent = Abandon::after(1 + random.below(2), futures::future::poll_fn(|cx| sending.poll_unpin(cx)));
                if sent.await.is_none() && sending.as_mut().cancel().is_some() {
                    rt.yield_now().await;
                    continue;
                }
            } else {
                tx.send(next).await.unwrap();
            }
            next += 1;
        }
    }
}

/// Receives from any, in one of four ways, and gives up now and then.
async fn receive(rt: Rt, mut rx: PortReceiver<usize, usize>, seed: u64) -> Vec<Message> {
    let (mut random, mut got) = (Random::new(100 + seed), Vec::new());
    loop {
        let patience = 1 + random.below(3);
        let found = match random.below(4) {
            0 => {
                let before = got.len();
                let limit = 1 + random.below(20);
                match Abandon::after(patience, rx.recv_many(&mut got, limit)).await {
                    Some(0) => return got,
                    Some(count) => assert_eq!(got.len(), before + count),
                    None => rt.yield_now().await,
                }
                continue;
            }
            1 => Abandon::after(patience, rx.next()).await,
            2 => {
                if let Ok(message) = rx.try_recv() {
                    got.push(message);
                }
                rt.yield_now().await;
                continue;
            }
            _ => Abandon::after(patience, rx.recv()).await,
        };
        match found {
            Some(Some(message)) => got.push(message),
            Some(None) => return got,
            None => rt.yield_now().await,
        }
    }
}

/// Asks one source after the other, and waits for it for a while.
async fn seek(rt: Rt, rx: PortReceiver<usize, usize>, seed: u64, left: Arc<AtomicUsize>) -> Vec<Message> {
    let (mut random, mut got) = (Random::new(200 + seed), Vec::new());
    while left.load(Ordering::SeqCst) > 0 {
        let source = random.below(SOURCES);
        let found = Abandon::after(1 + random.below(4), rx.recv_from(&source)).await;
        match found.flatten() {
            Some(id) => got.push((source, id)),
            // Given up, or the source is away.
            None => rt.yield_now().await,
        }
    }
    got
}

/// Insists that one receiver saw the messages of each source in their order.
fn assert_in_order(got: &[Message]) {
    let mut last = BTreeMap::new();
    for &(source, id) in got {
        assert!(last.insert(source, id) < Some(id), "source {source}: {id} too late");
    }
}

/// Insists that all that was sent arrived once.
async fn assert_each_once(receivers: Vec<Join<Vec<Message>>>) {
    let mut all = Vec::new();
    for receiver in receivers {
        let got = receiver.await;
        assert_in_order(&got);
        all.extend(got);
    }
    all.sort_unstable();
    let expected = (0..SOURCES).flat_map(|source| (0..EACH).map(move |id| (source, id)));
    assert!(all.into_iter().eq(expected), "a message is lost or doubled");
}

async fn come_and_go(rt: Rt, order: Order<usize>) {
    let (ports, rx) = mailbox::ports(order);
    let left = Arc::new(AtomicUsize::new(SOURCES));
    for id in 0..SOURCES {
        let (ports, left) = (ports.clone(), left.clone());
        drop(rt.spawn(async move {
            source(rt, ports, id).await;
            left.fetch_sub(1, Ordering::SeqCst);
        }));
    }
    drop(ports);
    let mut receivers: Vec<_> = (0..4).map(|seed| rt.spawn(receive(rt, rx.clone(), seed))).collect();
    receivers.extend((0..2).map(|seed| rt.spawn(seek(rt, rx.clone(), seed, left.clone()))));
    assert_each_once(receivers).await;
    assert_eq!((rx.len(), rx.port_count(), rx.waiting_receivers()), (0, 0, 0));
    assert!(rx.keys().is_empty());
}

runtime_matrix! {
    async fn sources_come_and_go(rt) {
        come_and_go(rt, Order::fair()).await;
    }

    async fn sources_of_classes_come_and_go(rt) {
        come_and_go(rt, Order::classes(|source| (*source % 3) as u8)).await;
    }

    async fn each_is_received_by_those_who_wait_for_it(rt) {
        let (ports, rx) = mailbox::ports(Order::fair());
        for id in 0..SOURCES {
            let tx = ports.open(id, 2).unwrap();
            drop(rt.spawn(async move {
                for message in 0..EACH {
                    tx.send(message).await.unwrap();
                }
            }));
        }
        let receivers = (0..SOURCES).flat_map(|id| [id, id]).map(|id| {
            let rx = rx.clone();
            rt.spawn(async move {
                let mut got = Vec::new();
                while let Some(message) = rx.recv_from(&id).await {
                    got.push((id, message));
                }
                got
            })
        });
        let receivers: Vec<_> = receivers.collect();
        assert_each_once(receivers).await;
        drop(ports);
        assert_eq!(rx.recv().await, None);
    }

    async fn a_close_ends_all_who_wait(rt) {
        let (ports, rx) = mailbox::ports::<usize, usize>(Order::fair());
        let senders: Vec<_> = (0..SOURCES).map(|id| ports.open(id, 1).unwrap()).collect();
        let any: Vec<_> = (0..4).map(|seed| rt.spawn(receive(rt, rx.clone(), seed))).collect();
        let from: Vec<_> = (0..SOURCES)
            .map(|id| {
                let rx = rx.clone();
                rt.spawn(async move { rx.recv_from(&id).await })
            })
            .collect();
        rt.yield_now().await;
        assert!(rx.close());
        for task in from {
            assert_eq!(task.await, None);
        }
        for task in any {
            assert_eq!(task.await, []);
        }
        assert!(senders.iter().all(|tx| tx.is_closed()) && ports.open(99, 1).is_err());
    }

    async fn the_last_receiver_lets_all_senders_go(rt) {
        let (ports, rx) = mailbox::ports::<usize, usize>(Order::fair());
        let senders: Vec<_> = (0..SOURCES)
            .map(|id| {
                let tx = ports.open(id, 1).unwrap();
                rt.spawn(async move {
                    let mut sent = 0;
                    while tx.send(sent).await.is_ok() {
                        sent += 1;
                    }
                    sent
                })
            })
            .collect();
        for _ in 0..SOURCES * 10 {
            assert!(rx.recv().await.is_some());
        }
        drop(rx);
        let mut sent = 0;
        for task in senders {
            sent += task.await;
        }
        assert!(sent >= SOURCES * 10 && ports.is_closed());
    }
}
