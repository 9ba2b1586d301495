//! Streams of messages between tasks and between threads: nothing lost, nothing twice, never more than fits.

use crate::common::watched;
use crate::open;
use futures::StreamExt;
use sempost::mailbox;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::thread;

/// How many receive, and how many send, where there are many.
const MANY: usize = 4;

/// How many messages each of them sends.
const EACH: usize = 1000;

/// A bounded mailbox of three slots, or one without a limit.
const KINDS: [Option<usize>; 2] = [Some(3), None];

/// How often each message arrived.
#[derive(Clone)]
struct Tally(Arc<[AtomicUsize]>);

impl Tally {
    fn new() -> Self {
        Self((0..EACH).map(|_| AtomicUsize::new(0)).collect())
    }

    fn count(&self, message: usize) {
        self.0[message].fetch_add(1, SeqCst);
    }

    /// Insists that each message arrived as often as it was sent.
    fn is_complete(&self) {
        assert!(self.0.iter().all(|count| count.load(SeqCst) == MANY));
    }
}

/// bounded: len
#[test]
fn the_length_is_exact_and_never_above_the_capacity() {
    const CAPACITY: usize = 1000;
    let (tx, rx) = mailbox::bounded(CAPACITY);
    for _ in 0..CAPACITY / 10 {
        for i in 0..50 {
            tx.send_blocking(i).unwrap();
            assert_eq!(tx.len(), i + 1);
        }
        for i in 0..50 {
            assert_eq!((rx.recv_blocking(), rx.len()), (Some(i), 49 - i));
        }
    }
    for i in 0..CAPACITY {
        tx.send_blocking(i).unwrap();
        assert_eq!(tx.len(), i + 1);
    }
    for i in 0..CAPACITY {
        assert_eq!(rx.recv_blocking(), Some(i));
    }
    assert_eq!((tx.len(), rx.len()), (0, 0));
    let count = 5 * CAPACITY;
    let send = || {
        for i in 0..count {
            tx.send_blocking(i).unwrap();
            assert!(tx.len() <= CAPACITY);
        }
    };
    let receive = || {
        for i in 0..count {
            assert_eq!(rx.recv_blocking(), Some(i));
            assert!(rx.len() <= CAPACITY);
        }
    };
    watched(String::new, || {
        thread::scope(|scope| {
            scope.spawn(send);
            receive();
        });
    });
    assert_eq!((tx.len(), rx.len()), (0, 0));
}

/// unbounded: len
#[test]
fn the_length_is_exact_without_a_limit() {
    let (tx, rx) = mailbox::unbounded();
    assert_eq!((tx.len(), rx.len()), (0, 0));
    for i in 0..50 {
        tx.send_blocking(i).unwrap();
        assert_eq!(tx.len(), i + 1);
    }
    for i in 0..50 {
        assert_eq!((rx.recv_blocking(), rx.len()), (Some(i), 49 - i));
    }
    assert_eq!((tx.len(), rx.len()), (0, 0));
}

runtime_matrix! {
    /// bounded: spsc
    /// unbounded: spsc
    async fn from_one_to_one_all_arrive_in_order_and_then_the_end(rt) {
        for kind in KINDS {
            let (tx, rx) = open(kind);
            let sending = rt.spawn(async move {
                for i in 0..10 * EACH {
                    tx.send(i).await.unwrap();
                }
            });
            for i in 0..10 * EACH {
                assert_eq!(rx.recv().await, Some(i));
            }
            assert_eq!(rx.recv().await, None);
            sending.await;
        }
    }

    /// bounded: mpmc_stream
    /// unbounded: mpmc_stream
    async fn from_many_to_many_streams_each_message_arrives_as_often_as_it_was_sent(rt) {
        for kind in KINDS {
            let ((tx, rx), tally) = (open(kind), Tally::new());
            let receiving: Vec<_> = (0..MANY).map(|_| (rx.clone(), tally.clone())).map(|(rx, tally)| {
                rt.spawn(rx.take(EACH).for_each(move |message| {
                    tally.count(message);
                    std::future::ready(())
                }))
            }).collect();
            let sending: Vec<_> = (0..MANY).map(|_| tx.clone()).map(|tx| rt.spawn(async move {
                for i in 0..EACH {
                    tx.send(i).await.unwrap();
                }
            })).collect();
            for task in sending.into_iter().chain(receiving) {
                task.await;
            }
            tally.is_complete();
            assert!(rx.is_empty());
        }
    }
}

/// bounded: mpmc
/// unbounded: mpmc
#[test]
fn from_many_to_many_threads_each_message_arrives_as_often_as_it_was_sent() {
    watched(String::new, || {
        for kind in KINDS {
            let ((tx, rx), tally) = (open(kind), Tally::new());
            thread::scope(|scope| {
                for _ in 0..MANY {
                    scope.spawn(|| (0..EACH).for_each(|_| tally.count(rx.recv_blocking().unwrap())));
                    scope.spawn(|| (0..EACH).for_each(|i| tx.send_blocking(i).unwrap()));
                }
            });
            tally.is_complete();
            assert!(rx.is_empty());
        }
    });
}
