//! C4, no allocation per wait, and C13, memory follows the load: both counted by the allocator.

// With records each hold and wait allocates.
#![cfg(all(feature = "std", not(feature = "inspect"), not(sempost_loom)))]
#![allow(unsafe_code)] // a global allocator

#[path = "allocations/bursts.rs"]
mod bursts;
#[path = "common/mod.rs"]
mod common;
#[path = "allocations/conditions.rs"]
mod conditions;
#[path = "common/counting.rs"]
mod counting;
#[path = "allocations/credits.rs"]
mod credits;
#[path = "allocations/lives.rs"]
mod lives;
#[path = "allocations/ports.rs"]
mod ports;

use common::lines::{
    BARRIER, CONDVAR, CREDITS, LATCH, Line, MAILBOX, MONITOR, MUTEX, ONESHOT, PORTS, RWLOCK, SEMAPHORE, acquiring,
};
use common::{Bell, Dropped, expect_ready};
use counting::{BYTES, PEAK, allocations, grown_since};
use futures::sink::Sink;
use sempost::{mailbox, oneshot};
use std::pin::Pin;
use std::task::Poll;

/// What fills a buffer, which may grow.
const BUFFERS: [&str; 2] = ["ReceivingMany", "ReceivingAnyMany"];

/// Queues, re-polls, grants, finishes and cancels without a single allocation.
fn a_wait_allocates_nothing(line: Line) {
    if matches!(line.name, "AwaitingClosed" | "AwaitingDrained") {
        return; // the exception: any number of onlookers, carried by event-listener
    }
    let (bell, other) = (Bell::new(), Bell::new());
    let mut waiters: Vec<_> = (0..3).map(|_| None).collect();
    for waiter in &mut waiters {
        let mut fresh = (line.make)();
        let (count, done) = allocations(|| fresh.finished(&bell));
        assert!(!done);
        assert_eq!(count, 0, "{}: the first poll", line.name);
        *waiter = Some(fresh);
    }
    let [Some(first), second, third] = &mut waiters[..] else { unreachable!() };
    assert_eq!(allocations(|| first.finished(&other)), (0, false), "{}: a re-poll", line.name);
    let second = second.take();
    assert_eq!(allocations(|| drop(second)).0, 0, "{}: a cancel in line", line.name);
    assert_eq!(allocations(|| (line.one)()).0, 0, "{}: a grant", line.name);
    assert_eq!(allocations(|| first.finished(&other)), (0, true), "{}: the last poll", line.name);
    assert!(third.take().is_some());
}

/// One test a primitive.
macro_rules! allocate_nothing {
    ($($test:ident: $lines:ident)*) => {$(
        #[test]
        fn $test() {
            let lines = $lines.iter().map(|line| line()).filter(|line| !BUFFERS.contains(&line.name));
            lines.for_each(a_wait_allocates_nothing);
        }
    )*};
}

allocate_nothing! {
    c04_semaphore_a_wait_allocates_nothing: SEMAPHORE
    c04_mutex_a_wait_allocates_nothing: MUTEX
    c04_monitor_a_wait_allocates_nothing: MONITOR
    c04_condvar_a_wait_allocates_nothing: CONDVAR
    c04_oneshot_a_wait_allocates_nothing: ONESHOT
    c04_mailbox_a_wait_allocates_nothing: MAILBOX
    c04_credits_a_wait_allocates_nothing: CREDITS
    c04_ports_a_wait_allocates_nothing: PORTS
    c04_latch_a_wait_allocates_nothing: LATCH
    c04_barrier_a_wait_allocates_nothing: BARRIER
    c04_rwlock_a_wait_allocates_nothing: RWLOCK
}

#[test]
fn c04_mailbox_a_recv_many_into_a_roomy_buffer_allocates_nothing() {
    let (tx, rx) = mailbox::bounded(4);
    tx.try_send(0).unwrap();
    rx.try_recv().unwrap();
    let (bell, mut taken) = (Bell::new(), Vec::with_capacity(8));
    let mut waiting = Box::pin(rx.recv_many(&mut taken, 3));
    let (count, ()) = allocations(|| {
        assert!(common::poll(&mut waiting, &bell).is_pending());
        tx.try_send(1).unwrap();
        assert_eq!(common::ready(&mut waiting, &bell), 1);
    });
    assert_eq!(count, 0);
}

#[test]
fn c04_semaphore_many_waits_allocate_nothing() {
    let line = acquiring();
    let bell = Bell::new();
    let mut waiters: Vec<_> = (0..1_000).map(|_| (line.make)()).collect();
    let (count, ()) = allocations(|| {
        assert!(waiters.iter_mut().all(|waiter| !waiter.finished(&bell)));
        (line.one)();
        // Each gives its permit back, and so to the next.
        assert!(waiters.iter_mut().all(|waiter| waiter.finished(&bell)));
    });
    assert_eq!(count, 0);
}

#[test]
fn c04_mailbox_a_receiving_handle_allocates_once() {
    let (tx, mut rx) = mailbox::bounded(4);
    tx.try_send(0).unwrap();
    let bell = Bell::new();
    let ready = allocations(|| assert!(rx.poll_recv(&mut bell.context()).is_ready()));
    assert_eq!(ready.0, 0, "a poll that does not wait");
    let first = allocations(|| assert!(rx.poll_recv(&mut bell.context()).is_pending()));
    assert_eq!(first.0, 1, "the first pending poll");
    let (count, ()) = allocations(|| {
        for i in 0..100 {
            assert!(rx.poll_recv(&mut bell.context()).is_pending());
            tx.try_send(i).unwrap();
            assert!(rx.poll_recv(&mut bell.context()).is_ready());
        }
    });
    assert_eq!(count, 0, "every later one");
}

#[test]
fn c04_mailbox_a_sending_handle_allocates_once() {
    let (mut tx, rx) = mailbox::bounded(1);
    tx.try_send(0).unwrap();
    let bell = Bell::new();
    let pending = |tx: &mut mailbox::Sender<i32>| {
        allocations(|| assert!(Pin::new(tx).poll_ready(&mut bell.context()).is_pending())).0
    };
    assert_eq!(pending(&mut tx), 1, "the first pending poll");
    rx.try_recv().unwrap();
    let (count, ()) = allocations(|| {
        for i in 0..100 {
            expect_ready(Pin::new(&mut tx).poll_ready(&mut bell.context())).unwrap();
            Pin::new(&mut tx).start_send(i).unwrap();
            assert!(Pin::new(&mut tx).poll_ready(&mut bell.context()).is_pending());
            rx.try_recv().unwrap();
        }
    });
    assert_eq!(count, 0, "every later one");
}

#[test]
fn c04_oneshot_a_channel_allocates_once() {
    let bell = Bell::new();
    let (count, (tx, mut rx)) = allocations(oneshot::channel);
    assert_eq!(count, 1);
    let (count, ()) = allocations(|| {
        let mut cx = bell.context();
        assert!(Pin::new(&mut rx).poll(&mut cx).is_pending());
        tx.send(7).unwrap();
        assert_eq!(Pin::new(&mut rx).poll(&mut cx), Poll::Ready(Ok(7)));
    });
    assert_eq!(count, 0, "a send and a receive");
    let (count, ()) = allocations(|| {
        let (mut tx, mut rx) = oneshot::channel::<u32>();
        assert!(tx.poll_closed(&mut bell.context()).is_pending());
        assert!(rx.try_recv().is_err());
        rx.close();
        drop(rx);
        assert_eq!(tx.send(7), Err(7));
    });
    assert_eq!(count, 1, "a channel that is closed");
}

/// Whichever end stays longer frees the channel.
#[test]
fn the_heap_is_balanced_after_every_channel() {
    for order in 0..16 {
        let (sends, receiver_first, closes, answers) = (order & 1 == 0, order & 2 == 0, order & 4 == 0, order & 8 == 0);
        let before = BYTES.get();
        let (tx, mut rx) = sempost::oneshot::channel::<u64>();
        if closes {
            rx.close();
        }
        let end = || if sends { _ = tx.send(7) } else { drop(tx) };
        let leave = || {
            if answers {
                _ = rx.try_recv();
            }
            drop(rx);
        };
        if receiver_first {
            leave();
            end();
        } else {
            end();
            leave();
        }
        assert_eq!(grown_since(before), 0, "sends {sends}, {receiver_first}, closes {closes}, answers {answers}");
    }
}

#[test]
fn c04_mailbox_try_forms_allocate_nothing() {
    let (tx, rx) = mailbox::bounded(4);
    tx.try_send(0).unwrap();
    rx.try_recv().unwrap();
    let (count, ()) = allocations(|| {
        for i in 0..1_000 {
            tx.try_send(i).unwrap();
            tx.try_reserve().unwrap().send(i).unwrap();
            assert_eq!((rx.try_recv(), rx.try_recv()), (Ok(i), Ok(i)));
        }
    });
    assert_eq!(count, 0);
}

#[test]
fn c13_mailbox_nothing_is_allocated_ahead() {
    let before = BYTES.get();
    let (tx, _rx) = mailbox::bounded::<u64>(1 << 30);
    let kept = grown_since(before);
    assert!(kept <= 2_048, "{kept} bytes before the first message");
    tx.try_send(1).unwrap();
    assert!(grown_since(before) <= 4_096);
}

#[test]
fn c13_mailbox_blocks_grow_with_the_load_and_with_nothing_else() {
    let (tx, rx) = mailbox::unbounded();
    let before = BYTES.get();
    PEAK.set(before);
    (0..100_000_u64).for_each(|i| tx.try_send(i).unwrap());
    let peak = PEAK.get() - before;
    assert!(peak <= 900_000, "{peak} bytes for 800,000 bytes of messages");
    (0..100_000).for_each(|_| assert!(rx.try_recv().is_ok()));
}

#[test]
fn c13_mailbox_a_steady_flow_allocates_nothing_more() {
    let (tx, rx) = mailbox::unbounded();
    let flow = |rounds| {
        for i in 0..rounds {
            tx.try_send(i).unwrap();
            tx.try_send(i).unwrap();
            assert_eq!((rx.try_recv(), rx.try_recv()), (Ok(i), Ok(i)));
        }
    };
    flow(10_000_u64);
    assert_eq!(allocations(|| flow(10_000)).0, 0, "the spare block is used again");
}

#[test]
fn c13_mailbox_gives_everything_back_in_the_end() {
    let before = BYTES.get();
    let count = std::sync::Arc::default();
    for capacity in [Some(0), Some(1), Some(100), None] {
        let (tx, mut rx) = capacity.map_or_else(mailbox::unbounded, mailbox::bounded);
        let bell = Bell::new();
        let mut other = rx.clone();
        assert!(other.poll_recv(&mut bell.context()).is_pending());
        drop(Box::pin(rx.closed()));
        for i in 0..capacity.unwrap_or(1_000) {
            assert!(tx.try_send(Dropped::new(i as u32, &count)).is_ok());
        }
        let _ = rx.poll_recv(&mut bell.context());
        drop((tx, rx, other));
    }
    drop(count);
    assert_eq!(grown_since(before), 0);
}

/// Whichever end goes last, and whatever was sent.
#[test]
fn c13_oneshot_gives_everything_back_in_the_end() {
    let bell = Bell::new();
    let before = BYTES.get();
    for ends in 0..32 {
        let [waits, watches, sends, closes, receiver_first] = [0, 1, 2, 3, 4].map(|bit| ends >> bit & 1 == 1);
        let (mut tx, mut rx) = oneshot::channel();
        assert!(!waits || Pin::new(&mut rx).poll(&mut bell.context()).is_pending());
        assert!(!watches || tx.poll_closed(&mut bell.context()).is_pending());
        if closes {
            rx.close();
        }
        match (receiver_first, sends) {
            (true, true) => {
                drop(rx);
                assert!(tx.send(Box::new(7)).is_err());
            }
            (true, false) => drop((rx, tx)),
            (false, true) => {
                assert_eq!(tx.send(Box::new(7)).is_err(), closes);
                drop(rx);
            }
            (false, false) => drop((tx, rx)),
        }
        assert_eq!((grown_since(before), bell.held()), (0, 0), "{ends:05b}");
    }
}

#[test]
fn c13_oneshot_a_million_spurious_polls_keep_nothing() {
    let ((mut tx, mut rx), bell) = (oneshot::channel::<u64>(), Bell::new());
    let before = BYTES.get();
    for _ in 0..1_000_000 {
        assert!(Pin::new(&mut rx).poll(&mut bell.context()).is_pending());
        assert!(tx.poll_closed(&mut bell.context()).is_pending());
    }
    assert_eq!((grown_since(before), bell.held()), (0, 2));
}

#[test]
fn c13_mailbox_a_million_spurious_polls_keep_nothing() {
    let (_tx, rx) = mailbox::bounded::<u64>(1);
    let bell = Bell::new();
    let mut waiting = common::queued(rx.recv(), &bell);
    let mut closed = common::queued(rx.closed(), &bell);
    let before = BYTES.get();
    for _ in 0..1_000_000 {
        assert!(common::poll(&mut waiting, &bell).is_pending());
    }
    for _ in 0..10_000 {
        assert!(common::poll(&mut closed, &bell).is_pending());
    }
    assert_eq!((grown_since(before), bell.held()), (0, 2));
}

/// Waits that end in every way: cancelled in line, granted and finished, granted and dropped. Answers how many.
fn waits_that_end(line: &Line, wakers: [&Bell; 2]) -> usize {
    let mut waiters: Vec<_> = (0..8).map(|_| line.queue(wakers[0])).collect();
    for waiter in &mut waiters {
        assert!(!waiter.finished(wakers[1]));
    }
    waiters.truncate(4);
    if !line.all {
        (line.one)();
        assert!(waiters.remove(0).finished(wakers[0]));
    }
    8
}

#[test]
fn the_heap_is_balanced_after_every_wait() {
    let lines = [SEMAPHORE, MUTEX, MONITOR, CONDVAR, MAILBOX, CREDITS, PORTS, RWLOCK, LATCH, BARRIER].concat();
    let (a, b) = (Bell::new(), Bell::new());
    let (mut waits, mut kept) = (0, 0);
    for line in &lines {
        // The first round makes what a primitive may keep: a block, the place of its onlookers.
        waits += waits_that_end(&line(), [&a, &b]);
        let warm = line();
        drop(warm.queue(&a));
        let before = BYTES.get();
        waits += waits_that_end(&warm, [&a, &b]);
        // The line itself leaves the buffers of its `recv_many`s behind.
        if !BUFFERS.contains(&warm.name) {
            let grown = grown_since(before);
            assert_eq!(grown, 0, "{}", warm.name);
            kept += grown.abs();
        }
    }
    let wakers = a.held() + b.held();
    let burst = bursts::kept_after(None, 1_000_000, |i| i as u64);
    println!("H14 heap: lines={} waits={waits} kept={kept} wakers_kept={wakers} burst_kept={burst}", lines.len());
    assert_eq!((kept, wakers), (0, 0));
    assert!(burst <= 4_096, "{burst} bytes kept");
}
