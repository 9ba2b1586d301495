//! Many threads: all messages arrive, and all threads come to the end.

use crate::common::watched;
use sempost::mailbox::{self, Receiver, TrySendError};
use std::iter;
use std::thread;

/// What a thread receives until the end.
fn all<T>(rx: &Receiver<T>) -> impl Iterator<Item = T> {
    iter::from_fn(|| rx.recv_blocking())
}

/// basic: iter_threaded
#[test]
fn of_a_hundred_threads_each_message_arrives() {
    watched(String::new, || {
        let (tx, rx) = mailbox::unbounded();
        thread::scope(|scope| {
            for i in 0..100 {
                let tx = tx.clone();
                scope.spawn(move || tx.send_blocking(i).unwrap());
            }
            drop(tx);
            assert_eq!(all(&rx).sum::<u32>(), (0..100).sum());
        });
    });
}

/// basic: send_bounded
#[test]
fn many_threads_get_all_messages_through_a_few_slots() {
    const THREADS: u64 = 20;
    const EACH: u64 = 500;
    watched(String::new, || {
        let (tx, rx) = mailbox::bounded(5);
        (0..5).for_each(|_| tx.send_blocking(42).unwrap());
        assert_eq!(rx.recv_blocking(), Some(42));
        tx.send_blocking(42).unwrap();
        assert_eq!(tx.try_send(42), Err(TrySendError::Full(42)));
        while rx.try_recv().is_ok() {}
        thread::scope(|scope| {
            for _ in 0..THREADS {
                let tx = tx.clone();
                scope.spawn(move || (0..EACH).for_each(|i| tx.send_blocking(i).unwrap()));
            }
            drop(tx);
            assert_eq!(all(&rx).sum::<u64>(), (0..EACH).sum::<u64>() * THREADS);
        });
        assert_eq!(rx.recv_blocking(), None);
    });
}

/// basic: hydra
#[test]
fn many_mailboxes_flow_into_one() {
    const HEADS: usize = 32;
    const EACH: usize = 100;
    watched(String::new, || {
        let (main, rx) = mailbox::unbounded();
        thread::scope(|scope| {
            let heads = (0..HEADS).map(|_| {
                let (main, (tx, rx)) = (main.clone(), mailbox::unbounded());
                scope.spawn(move || all(&rx).for_each(|message| main.send_blocking(message).unwrap()));
                tx
            });
            let heads: Vec<_> = heads.collect();
            drop(main);
            for _ in 0..3 {
                heads.iter().for_each(|tx| (0..EACH).for_each(|i| tx.send_blocking(i).unwrap()));
                assert_eq!(all(&rx).take(HEADS * EACH).sum::<usize>(), HEADS * (0..EACH).sum::<usize>());
            }
            drop(heads);
            assert_eq!(rx.recv_blocking(), None);
        });
    });
}

/// basic: robin
#[test]
fn messages_go_round_through_a_chain_of_threads() {
    const THREADS: usize = 32;
    const EACH: usize = 10;
    watched(String::new, || {
        thread::scope(|scope| {
            let (mut main, rx) = mailbox::bounded(1);
            for _ in 0..THREADS {
                let (tx, link) = mailbox::bounded(100);
                let onward = std::mem::replace(&mut main, tx);
                scope.spawn(move || all(&link).for_each(|message| onward.send_blocking(message).unwrap()));
            }
            for _ in 0..10 {
                let main = main.clone();
                scope.spawn(move || (0..EACH).for_each(|i| main.send_blocking(i).unwrap()));
                assert!(all(&rx).take(EACH).eq(0..EACH));
            }
        });
    });
}
