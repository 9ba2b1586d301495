//! One process, one mailbox: tokio, async-std, smol and plain threads on both of its ends.

use crate::common::{Rt, watched};
use sempost::mailbox::{self, Receiver, Sender};
use std::thread;

/// Messages in all, from [`SENDERS`] senders.
const MESSAGES: u64 = 1_000_000;
const SENDERS: u64 = 8;
const EACH: u64 = MESSAGES / SENDERS;

/// What one receiver saw: a bit for each message, and the last id of each sender.
struct Seen {
    bits: Vec<u64>,
    last: [Option<u64>; SENDERS as usize],
    count: u64,
}

impl Seen {
    fn new() -> Self {
        Self { bits: vec![0; MESSAGES.div_ceil(64) as usize], last: [None; 8], count: 0 }
    }

    /// Notes a message; the ids of one sender only grow.
    fn note(&mut self, message: u64) {
        let (sender, id) = ((message / EACH) as usize, message % EACH);
        assert!(self.last[sender] < Some(id), "sender {sender}: {id} after {:?}", self.last[sender]);
        self.last[sender] = Some(id);
        let (word, bit) = ((message / 64) as usize, 1 << (message % 64));
        assert_eq!(self.bits[word] & bit, 0, "message {message} twice");
        self.bits[word] |= bit;
        self.count += 1;
    }

    /// Takes in what another receiver saw; nothing was seen by both.
    fn merge(&mut self, other: &Self) {
        for (mine, theirs) in self.bits.iter_mut().zip(&other.bits) {
            assert_eq!(*mine & theirs, 0, "a message reached two receivers");
            *mine |= theirs;
        }
        self.count += other.count;
    }
}

async fn produce(tx: Sender<u64>, sender: u64) {
    for id in 0..EACH {
        tx.send(sender * EACH + id).await.unwrap();
    }
}

async fn consume(rx: Receiver<u64>) -> Seen {
    let mut seen = Seen::new();
    while let Some(message) = rx.recv().await {
        seen.note(message);
    }
    seen
}

/// Two producers and two consumers as tasks of `rt`.
async fn guests(rt: Rt, first: u64, tx: Sender<u64>, rx: Receiver<u64>) -> Seen {
    for sender in [first, first + 1] {
        drop(rt.spawn(produce(tx.clone(), sender)));
    }
    let consumers = [rt.spawn(consume(rx.clone())), rt.spawn(consume(rx.clone()))];
    drop((tx, rx));
    let mut seen = Seen::new();
    for consumer in consumers {
        seen.merge(&consumer.await);
    }
    seen
}

fn all_on_one_mailbox(capacity: usize) {
    let (tx, rx) = mailbox::bounded(capacity);
    let mut groups = Vec::new();
    for (group, rt) in [Rt::TokioMulti, Rt::AsyncStd, Rt::Smol].into_iter().enumerate() {
        let (tx, rx) = (tx.clone(), rx.clone());
        groups.push(thread::spawn(move || rt.block_on(guests(rt, 2 * group as u64, tx, rx))));
    }
    for sender in [6, 7] {
        let tx = tx.clone();
        drop(thread::spawn(move || {
            for id in 0..EACH {
                tx.send_blocking(sender * EACH + id).unwrap();
            }
        }));
        let rx = rx.clone();
        groups.push(thread::spawn(move || {
            let mut seen = Seen::new();
            while let Some(message) = rx.recv_blocking() {
                seen.note(message);
            }
            seen
        }));
    }
    let onlooker = rx.downgrade();
    drop((tx, rx));
    let state = move || format!("{:?}", onlooker.upgrade());
    watched(state, || {
        let mut all = Seen::new();
        for group in groups {
            all.merge(&group.join().unwrap());
        }
        assert_eq!(all.count, MESSAGES);
    });
}

#[test]
fn three_runtimes_and_threads_pass_a_million_messages_each_once() {
    all_on_one_mailbox(64);
}
