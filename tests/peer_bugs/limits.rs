//! Section 2.6, second half: lengths, capacities, time spans and zeros.

use crate::common::lines::Cond::{self, A};
use crate::common::{Bell, expect_ready, now, panic_message, queued, ready, watched, with};
use crate::heap::grown;
use crate::open;
use crate::panics::panics;
use crate::race::race;
use sempost::mailbox::{self, MAX_CAPACITY, Receiver, Sender, TryRecvError, TrySendError};
use sempost::{Fairness, Monitor, Semaphore};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::thread;
use std::time::Duration;

/// All counts of both handles, against what they must be.
#[track_caller]
fn assert_counts(tx: &Sender<u64>, rx: &Receiver<u64>, capacity: Option<usize>, len: usize) {
    let remaining = capacity.map_or(usize::MAX, |capacity| capacity - len);
    assert_eq!((tx.len(), tx.is_empty(), tx.remaining(), tx.is_full()), (len, len == 0, remaining, remaining == 0));
    assert_eq!((rx.len(), rx.is_empty(), rx.remaining(), rx.is_full()), (len, len == 0, remaining, remaining == 0));
    assert_eq!((tx.capacity(), rx.capacity()), (capacity, capacity));
}

/// tokio#8062, #6594: `len` went below zero, and `is_empty` was wrong at the edges of blocks while closing; here around
/// every edge, closed half way, and read by a third thread all the while. Model:
/// `counts_stay_in_bounds_at_the_edge_of_a_block`.
#[test]
fn b107_lengths_are_right_at_the_edges_of_blocks() {
    // 128 messages of this size fill a block.
    for n in [1, 2, 126, 127, 128, 129, 255, 256, 257] {
        for capacity in [Some(n), Some(n + 1), None] {
            for close in [false, true] {
                let (tx, rx) = open(capacity);
                for i in 0..n {
                    tx.try_send(i as u64).unwrap();
                    assert_counts(&tx, &rx, capacity, i + 1);
                }
                if close {
                    tx.close_mailbox();
                }
                for i in 0..n {
                    assert_eq!(rx.try_recv(), Ok(i as u64));
                    assert_counts(&tx, &rx, capacity, n - i - 1);
                }
            }
        }
    }
    race(20, |round| {
        let (tx, rx) = mailbox::bounded(130);
        let over = AtomicBool::new(false);
        let send = || (0..300_u64).take_while(|&i| tx.send_blocking(i).is_ok()).count();
        let receive = || {
            assert!((0..250).all(|_| rx.recv_blocking().is_some()));
            rx.close();
            while rx.try_recv().is_ok() {}
            over.store(true, SeqCst);
        };
        let (sent, (), ()) = round.three(send, receive, || {
            while !over.load(SeqCst) {
                assert!(tx.len() <= 130 && rx.remaining() <= 130);
                thread::yield_now();
            }
        });
        assert!((250..=300).contains(&sent));
        assert_eq!((rx.len(), rx.try_recv()), (0, Err(TryRecvError::Closed)));
    });
}

/// crossbeam#1301, bytes RUSTSEC 2026-0007: the arithmetic of a capacity overflowed; here capacities up to the limit
/// cost nothing, and those above it are refused with its name, whatever the size of a message.
#[test]
fn b108_huge_capacities_cost_nothing_or_are_refused() {
    fn check<T>() {
        let fitting = [0, 1, MAX_CAPACITY / size_of::<T>().max(1), MAX_CAPACITY - 1, MAX_CAPACITY];
        for capacity in fitting {
            let (bytes, (tx, _rx)) = grown(|| mailbox::bounded::<T>(capacity));
            assert!(bytes < 2_048, "{bytes} bytes for nothing");
            assert_eq!((tx.capacity(), tx.remaining(), tx.is_full()), (Some(capacity), capacity, capacity == 0));
        }
        for capacity in [MAX_CAPACITY + 1, usize::MAX / 2, usize::MAX / 2 + 1, usize::MAX - 1, usize::MAX] {
            let message = panic_message(|| mailbox::bounded::<T>(capacity));
            assert!(message.contains("MAX_CAPACITY"), "{message}");
        }
    }
    check::<()>();
    check::<u8>();
    check::<[u64; 100]>();
    check::<[u8; 1 << 20]>();
}

/// crossbeam#798, flume 0.12, kanal 68bb153: the longest and the shortest waits panicked; here nothing, a nanosecond
/// and for ever, on both events.
#[test]
fn b109_the_longest_and_the_shortest_wait() {
    let (tx, rx) = mailbox::bounded(1);
    let semaphore = Semaphore::new(0);
    for short in [Duration::ZERO, Duration::from_nanos(1)] {
        assert!(rx.closed().wait_timeout(short).is_err() && rx.drained().wait_timeout(short).is_err());
        assert!(semaphore.closed().wait_timeout(short).is_err());
    }
    tx.try_send(1).unwrap();
    watched(String::new, || {
        thread::scope(|scope| {
            let waits = [
                scope.spawn(|| rx.closed().wait_timeout(Duration::MAX)),
                scope.spawn(|| rx.drained().wait_timeout(Duration::MAX)),
                scope.spawn(|| semaphore.closed().wait_timeout(Duration::from_secs(u64::MAX))),
            ];
            tx.close_mailbox();
            assert!(rx.drained().wait_timeout(Duration::ZERO).is_err(), "a message is left");
            assert_eq!(rx.try_recv(), Ok(1));
            semaphore.close();
            assert!(waits.into_iter().all(|wait| wait.join().unwrap().is_ok()));
        });
    });
    for any in [Duration::ZERO, Duration::MAX] {
        let waits =
            [rx.closed().wait_timeout(any), rx.drained().wait_timeout(any), semaphore.closed().wait_timeout(any)];
        assert_eq!(waits, [Ok(()); 3]);
    }
}

/// async-broadcast 0.3.2, 0.4.0: counts below zero, and above the width of a small machine; here the one mailbox that
/// holds more than its capacity, debts, and limits that fit the signed counts they are kept in.
#[test]
fn b110_no_count_goes_below_zero() {
    // A message whose receiver is torn down by a waker goes back to the front, though its slot is taken again by then.
    let (tx, rx) = mailbox::bounded(1);
    tx.try_send(1).unwrap();
    let brittle = Bell::panicking();
    let mut parked = queued(tx.send(2), &brittle);
    assert!(panics(|| assert!(rx.try_recv().is_ok())));
    assert_eq!((rx.len(), tx.remaining()), (1, 0));
    assert_eq!(ready(&mut parked, &Bell::new()), Ok(()));
    assert_eq!((rx.len(), tx.remaining(), tx.is_full(), tx.try_send(4)), (2, 0, true, Err(TrySendError::Full(4))));
    for (message, remaining) in [(1, 0), (2, 1)] {
        assert_eq!((rx.try_recv(), tx.remaining()), (Ok(message), remaining));
    }

    let semaphore = Semaphore::new(0);
    semaphore.reduce_permits(Semaphore::MAX_PERMITS);
    assert!(panics(|| semaphore.reduce_permits(1)));
    semaphore.add_permits(Semaphore::MAX_PERMITS);
    assert_eq!((semaphore.available_permits(), semaphore.forget_permits(9)), (0, 0));
    semaphore.add_permits(1);
    assert_eq!(semaphore.available_permits(), 1);
    assert!(isize::try_from(Semaphore::MAX_PERMITS).is_ok_and(|max| max.checked_mul(3).is_some()));
    assert!(i64::try_from(MAX_CAPACITY).is_ok_and(|max| max.checked_mul(3).is_some()));

    let (tx, rx) = mailbox::bounded::<u8>(MAX_CAPACITY);
    let all = tx.try_reserve_many(MAX_CAPACITY).unwrap();
    assert_eq!((tx.remaining(), tx.is_full(), tx.is_empty()), (0, true, true));
    tx.close_mailbox();
    assert_eq!((rx.remaining(), rx.len()), (0, 0));
    drop(all);
    assert_eq!((rx.remaining(), rx.try_recv()), (MAX_CAPACITY, Err(TryRecvError::Closed)));
}

/// tokio#8076, mea#74: a count of zero was accepted and could never be met; here zero for every number there is.
#[test]
fn b111_zero_is_a_number() {
    let semaphore = Arc::new(Semaphore::new(0));
    let bell = Bell::new();
    let mut waiting = queued(semaphore.acquire(), &bell);
    for permits in [now(semaphore.acquire_many(0)).unwrap(), semaphore.try_acquire_many(0).unwrap()] {
        let mut permits = permits;
        assert_eq!((permits.num_permits(), permits.split(0).unwrap().num_permits()), (0, 0));
        assert!(permits.split(1).is_none());
    }
    assert!(now(semaphore.acquire_many_owned(0)).is_ok() && semaphore.try_acquire_many_owned(0).is_ok());
    semaphore.add_permits(0);
    semaphore.reduce_permits(0);
    assert_eq!((semaphore.forget_permits(0), semaphore.available_permits(), bell.wakes()), (0, 0, 0));
    semaphore.add_permits(1);
    assert!(ready(&mut waiting, &bell).is_ok());
    let strict = Semaphore::with_fairness(1, Fairness::Barging { overtakes: 0 });
    let _head = queued(strict.acquire_many(2), &bell);
    assert!(strict.try_acquire().is_err());

    let monitor = Monitor::<_, Cond>::new(());
    let _waiting = queued(monitor.try_enter().unwrap().wait(A), &bell);
    assert_eq!((monitor.try_enter().unwrap().notify_many(A, 0), monitor.waiters(A)), (0, 1));

    for capacity in [Some(0), Some(2), None] {
        let (tx, mut rx) = open(capacity);
        let mut buffer = vec![9];
        assert_eq!((rx.try_recv_many(&mut buffer, 0), now(rx.recv_many(&mut buffer, 0))), (Ok(0), 0));
        assert_eq!(expect_ready(with(&bell, |cx| rx.poll_recv_many(cx, &mut buffer, 0))), 0);
        assert_eq!(now(tx.reserve_many(0)).unwrap().count(), 0);
        assert_eq!(tx.try_reserve_many(0).unwrap().count(), 0);
        assert_eq!((tx.remaining(), tx.try_send(1).is_ok()), (capacity.unwrap_or(usize::MAX), capacity != Some(0)));
        tx.close_mailbox();
        assert!(now(tx.reserve_many(0)).is_err());
        assert_eq!((now(rx.recv_many(&mut buffer, 0)), rx.len()), (0, usize::from(capacity != Some(0))));
    }
}
