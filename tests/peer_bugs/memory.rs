//! Section 2.8: what is kept after its use: wakers, nodes, blocks, messages. Bytes are counted on this thread.

use crate::common::lines::Cond::{self, A};
use crate::common::{Bell, expect_ready, now, panic_message, queued, ready, with};
use crate::heap::grown;
use crate::{CAPACITIES, on_every_line, open};
use futures::Sink;
use sempost::mailbox;
use sempost::{Fairness, Monitor, Mutex, Semaphore};
use std::pin::Pin;
use std::sync::Arc;
use std::thread;

/// tokio#8095, #7886: a receiver that was dropped kept its waker, and so a whole task; here nothing that left keeps
/// one, futures, handles and onlookers, with the mailbox still alive.
#[test]
fn b118_who_left_keeps_no_task_alive() {
    for capacity in CAPACITIES {
        let (tx, rx) = open(capacity);
        let bell = Bell::new();
        let mut buffer = Vec::new();
        let (mut stream, mut sink) = (rx.clone(), tx.clone());
        drop(queued(rx.recv(), &bell));
        drop(queued(rx.recv_many(&mut buffer, 2), &bell));
        drop((queued(rx.closed(), &bell), queued(rx.drained(), &bell)));
        assert!(with(&bell, |cx| stream.poll_recv(cx)).is_pending());
        drop(stream);
        assert_eq!(bell.held(), 0, "receivers, {capacity:?}");
        if let Some(capacity) = capacity {
            (0..capacity).for_each(|i| tx.try_send(i).unwrap());
            drop((queued(tx.send(9), &bell), queued(tx.reserve(), &bell)));
            drop(queued(tx.clone().reserve_owned(), &bell));
            assert!(with(&bell, |cx| sink.poll_reserve(cx)).is_pending());
        }
        drop(sink);
        assert_eq!(bell.held(), 0, "senders, {capacity:?}");
        let mut stream = rx.clone();
        if capacity == Some(0) {
            assert!(with(&bell, |cx| stream.poll_recv(cx)).is_pending());
        }
        let _closed = queued(tx.closed(), &bell);
        drop((rx, stream));
        assert_eq!(bell.held(), 0, "woken, or gone with the receivers, {capacity:?}");
    }
    on_every_line(|line| {
        let bell = Bell::new();
        let mut done = line.queue(&bell);
        (line.one)();
        assert!(done.finished(&bell));
        assert_eq!(bell.held(), 0, "finished, and not dropped yet");
    });
}

/// flume#88: each poll pushed another hook; here a million spurious polls over all the futures and handles add no byte.
#[test]
fn b119_spurious_polls_take_no_memory() {
    on_every_line(|line| {
        let bell = Bell::new();
        let mut waiter = line.queue(&bell);
        let (bytes, ()) = grown(|| (0..40_000).for_each(|_| assert!(!waiter.finished(&bell))));
        assert_eq!((bytes, bell.held()), (0, 1));
    });
    let (mut tx, rx) = mailbox::bounded(1);
    let (mut stream, bell) = (rx.clone(), Bell::new());
    assert!(with(&bell, |cx| stream.poll_recv(cx)).is_pending());
    let polls = || (0..40_000).for_each(|_| assert!(with(&bell, |cx| stream.poll_recv(cx)).is_pending()));
    assert_eq!(grown(polls).0, 0);
    drop(stream);
    tx.try_send(1).unwrap();
    assert!(with(&bell, |cx| Pin::new(&mut tx).poll_ready(cx)).is_pending());
    let polls = || (0..40_000).for_each(|_| assert!(with(&bell, |cx| Pin::new(&mut tx).poll_ready(cx)).is_pending()));
    assert_eq!(grown(polls).0, 0);
    assert_eq!(bell.held(), 1);
}

/// tokio#4321, #7355 (open), futures#2052, flume#146, kanal#51: memory was never given back after a burst; here at most
/// a block and its spare stay, a few kilobytes.
#[test]
fn b120_a_burst_is_given_back() {
    for capacity in [Some(200_000), None] {
        let (bytes, ends) = grown(|| {
            let (tx, rx) = open(capacity);
            for batch in 0..2 {
                (0..200_000_u64).for_each(|i| tx.try_send(i).unwrap());
                if batch == 0 {
                    (0..200_000).for_each(|i| assert_eq!(rx.try_recv(), Ok(i)));
                } else {
                    let mut buffer = Vec::with_capacity(64);
                    while rx.try_recv_many(&mut buffer, 64).is_ok() {
                        buffer.clear();
                    }
                }
            }
            (tx, rx)
        });
        assert!(bytes <= 4_096, "{bytes} bytes are kept at capacity {capacity:?}");
        drop(ends);
    }
}

/// tokio#2637: memory grew with the peak of waiters; here 20,000 come and go, served, cancelled, and at a close, and
/// the heap is back where it was.
#[test]
fn b121_waiters_leave_no_memory_behind() {
    const ALL: usize = 20_000;
    let bell = Bell::new();
    let (bytes, kept) = grown(|| {
        let semaphore = Semaphore::new(0);
        let line: Vec<_> = (0..ALL).map(|_| queued(semaphore.acquire(), &bell)).collect();
        semaphore.add_permits(ALL / 2);
        drop(line);
        assert_eq!(semaphore.waiters(), 0);
        let line: Vec<_> = (0..ALL).map(|_| queued(semaphore.closed(), &bell)).collect();
        drop(line);
        let line: Vec<_> = (0..100).map(|_| queued(semaphore.closed(), &bell)).collect();
        semaphore.close();
        drop(line);
        let (tx, rx) = mailbox::bounded(0);
        let line: Vec<_> = (0..ALL).map(|_| queued(rx.recv(), &bell)).collect();
        drop(line);
        let line: Vec<_> = (0..ALL).map(|i| queued(tx.send(i), &bell)).collect();
        (0..ALL / 2).for_each(|i| assert_eq!(rx.try_recv(), Ok(i)));
        drop(line);
        let monitor = Monitor::<_, Cond>::new(());
        let line: Vec<_> = (0..ALL).map(|_| queued(monitor.try_enter().unwrap().wait(A), &bell)).collect();
        monitor.try_enter().unwrap().notify_many(A, ALL / 2);
        drop(line);
        assert!(!monitor.is_occupied());
        (tx, rx)
    });
    // A mailbox of two handles, and the spare block of its one queued message at a time.
    // With records a primitive keeps its own, too.
    let records = if cfg!(feature = "inspect") { 4_096 } else { 0 };
    assert!(bytes <= 2_048 + records, "{bytes} bytes are kept");
    drop(kept);
    assert_eq!(bell.held(), 0);
}

/// tokio#978, #6558, crossbeam#669, #1084, rust#121582 and more: blocks, messages and nodes leaked with the handle that
/// went last; here a life with everything in it, ended in every order, leaves no byte.
#[test]
fn b122_every_life_ends_without_a_byte() {
    for capacity in [Some(0), Some(1), Some(200), None] {
        for order in 0..6 {
            let (bytes, ()) = grown(|| {
                let (tx, rx) = open(capacity);
                let (mut stream, mut sink, bell) = (rx.clone(), tx.clone(), Bell::new());
                assert!(with(&bell, |cx| stream.poll_recv(cx)).is_pending());
                let message = |i: usize| vec![i; 3];
                let filled = (0..capacity.unwrap_or(300)).filter(|&i| tx.try_send(message(i)).is_ok()).count();
                drop(with(&bell, |cx| Pin::new(&mut sink).poll_ready(cx)));
                drop(queued(tx.closed(), &bell));
                drop(queued(rx.drained(), &bell));
                if filled > 0 {
                    assert_eq!(now(rx.recv()), Some(message(0)));
                }
                let owned = tx.clone().try_reserve_owned().ok();
                let weak = (tx.downgrade(), rx.downgrade());
                match order {
                    0 => drop((tx, rx, stream, sink, owned, weak)),
                    1 => drop((rx, tx, sink, stream, weak, owned)),
                    2 => drop((weak, owned, stream, sink, rx, tx)),
                    3 => drop((owned, sink, tx, stream, rx, weak)),
                    4 => drop((stream, rx, sink, tx, owned, weak)),
                    _ => drop((sink, stream, owned, rx, weak, tx)),
                }
            });
            assert_eq!(bytes, 0, "capacity {capacity:?}, order {order}");
        }
    }
    let (bytes, ()) = grown(|| {
        let (semaphore, mutex) = (Arc::new(Semaphore::new(2)), Arc::new(Mutex::new(vec![1])));
        let barging = Semaphore::with_fairness(1, Fairness::Unfair);
        let bell = Bell::new();
        let permit = semaphore.try_acquire_many_owned(2).unwrap();
        let guard = mutex.try_lock_owned().unwrap();
        let mut waiting = queued(semaphore.acquire_owned(), &bell);
        let mut closed = queued(barging.closed(), &bell);
        drop((queued(mutex.lock_owned(), &bell), permit, guard));
        drop(ready(&mut waiting, &bell));
        barging.close();
        ready(&mut closed, &bell);
    });
    assert_eq!(bytes, 0);
}

/// crossbeam#1146, rust#102246: a block of large messages was built on the stack and overflowed it; here a thread with
/// a stack of 256 KiB makes mailboxes of messages of a mebibyte, and sends some of 4 KiB, of which crossbeam's blocks
/// held 31.
#[test]
fn b123_no_block_is_built_on_the_stack() {
    let small_stack = thread::Builder::new().stack_size(256 << 10);
    let body = || {
        for capacity in CAPACITIES {
            let (tx, rx) = open::<[u8; 1 << 20]>(capacity);
            assert_eq!((tx.len(), rx.waiting_receivers()), (0, 0));
            assert!(tx.close_mailbox());
            drop((tx, rx));
            let (mut tx, rx) = open::<[u8; 4 << 10]>(capacity);
            expect_ready(with(&Bell::new(), |cx| Pin::new(&mut tx).poll_ready(cx))).unwrap();
            let sent = (0..capacity.unwrap_or(100)).filter(|&i| tx.try_send([i as u8; 4 << 10]).is_ok()).count();
            assert!((0..sent).all(|i| rx.try_recv().is_ok_and(|message| message[4_095] == i as u8)));
        }
    };
    small_stack.spawn(body).unwrap().join().unwrap();
    // The refusal of a capacity is not about the size of a message.
    assert!(panic_message(|| mailbox::bounded::<[u8; 1 << 20]>(usize::MAX)).contains("MAX_CAPACITY"));
}
