//! Section 2.3, first half: messages at the end of a mailbox, and messages whose owner left.

use crate::common::{Bell, Dropped, Random, expect_ready, now, queued, ready, watched, with};
use crate::race::race;
use crate::{CAPACITIES, open};
use futures::stream::{self, StreamExt};
use futures::{FutureExt, Sink, SinkExt};
use sempost::mailbox::{self, Receiver, TryRecvError};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::thread;

/// futures#909: a send that met the drop of the receiver said `Ok` for a message that was never received nor dropped;
/// here each message ends once, with both ends gone. Models: `what_is_accepted_is_delivered`,
/// `the_last_receiver_takes_the_queue_along`.
#[test]
fn b046_what_meets_the_drop_of_the_receiver_is_dropped_once() {
    for capacity in CAPACITIES {
        race(200, |round| {
            let dropped = Arc::new(AtomicUsize::new(0));
            let (tx, rx) = open(capacity);
            let (tx, count) = (&tx, &dropped);
            let send = move || (0..4).filter(|&id| tx.try_send(Dropped::new(id, count)).is_ok()).count();
            let (sent, received) = round.both(send, move || usize::from(rx.try_recv().is_ok()));
            assert!(received <= sent);
            assert_eq!((dropped.load(SeqCst), tx.len()), (4, 0), "{sent} were sent");
        });
    }
}

/// crossfire#70: `try_recv` found nothing, then saw the end, and missed what the last sender had sent in between; here
/// `Closed` is said only behind the last message. Model: `who_drains_a_closed_mailbox_sees_the_end`.
#[test]
fn b047_the_end_is_told_behind_the_last_message() {
    for capacity in [Some(1), Some(3), None] {
        race(200, |round| {
            let (tx, rx) = open(capacity);
            let send = move || {
                tx.try_send(7).unwrap();
                drop(tx);
            };
            let drain = || {
                let mut got = Vec::new();
                loop {
                    match rx.try_recv() {
                        Ok(message) => got.push(message),
                        Err(TryRecvError::Closed) => return got,
                        Err(_) => thread::yield_now(),
                    }
                }
            };
            assert_eq!(round.both(send, drain).1, [7]);
        });
    }
}

/// tokio#8074: `try_recv` said `Disconnected` with permits outstanding; here it says `Empty` as long as a message may
/// come.
#[test]
fn b048_a_permit_keeps_the_end_away() {
    watched(String::new, || {
        for capacity in [Some(2), None] {
            let (tx, rx) = open(capacity);
            let one = tx.try_reserve().unwrap();
            let owned = tx.clone().try_reserve_owned().unwrap();
            assert!(rx.close());
            let empty = || assert_eq!((rx.try_recv(), rx.try_recv_many(&mut Vec::new(), 1)), EMPTY);
            const EMPTY: (Result<u32, TryRecvError>, Result<usize, TryRecvError>) =
                (Err(TryRecvError::Empty), Err(TryRecvError::Empty));
            empty();
            one.send(1).unwrap();
            assert_eq!(rx.try_recv(), Ok(1));
            empty();
            drop(owned.send(2).unwrap());
            assert_eq!((rx.try_recv(), rx.try_recv()), (Ok(2), Err(TryRecvError::Closed)));
        }
    });
}

/// tokio#2425: closing a channel of one slot overwrote the last value; here what was accepted is received, then the
/// end.
#[test]
fn b049_closing_overwrites_nothing() {
    for (capacity, by_drop) in (1..=4).flat_map(|capacity| [(capacity, false), (capacity, true)]) {
        let (tx, mut rx) = mailbox::bounded(capacity);
        (0..capacity).for_each(|i| tx.try_send(i).unwrap());
        let parked = queued(tx.send(99), &Bell::new());
        if by_drop {
            drop(parked);
            drop(tx);
        } else {
            tx.close_mailbox();
        }
        assert_eq!(rx.len(), capacity);
        for i in 0..capacity {
            assert_eq!(if i % 2 == 0 { rx.try_recv().ok() } else { now(rx.next()) }, Some(i));
        }
        assert_eq!((rx.try_recv(), now(rx.next())), (Err(TryRecvError::Closed), None));
    }
}

/// kanal#62: `send_many` went on after an error, and what it sent was lost; here the receiver leaves half way through a
/// batch, and what came and what came back is everything.
#[test]
fn b050_a_batch_whose_receiver_leaves_comes_back() {
    let (tx, rx) = mailbox::bounded(4);
    let mut back = Vec::new();
    let permits = tx.try_reserve_many(4).unwrap();
    let mut rx = Some(rx);
    let mut got = Vec::new();
    for (id, permit) in permits.enumerate() {
        if id == 2 {
            got.extend(std::iter::from_fn(|| rx.as_ref()?.try_recv().ok()));
            rx = None;
        }
        back.extend(permit.send(id).err().map(|error| error.into_inner()));
    }
    assert_eq!((got, back), (vec![0, 1], vec![2, 3]));

    let (mut tx, rx) = mailbox::bounded(1);
    let mut source = stream::iter((0..5).map(Ok));
    let mut sending = Box::pin(tx.send_all(&mut source));
    let bell = Bell::new();
    crate::common::pending(&mut sending, &bell);
    assert_eq!(rx.try_recv(), Ok(0));
    crate::common::pending(&mut sending, &bell);
    assert_eq!(rx.try_recv(), Ok(1));
    drop(rx);
    let refused = ready(&mut sending, &bell).unwrap_err().into_inner();
    drop(sending);
    let rest: Vec<_> = source.map(Result::unwrap).collect::<Vec<_>>().now_or_never().unwrap();
    // What was accepted and lay in the mailbox went with its receiver; nothing behind the refusal was taken.
    assert!(refused.is_none_or(|message| message == 2), "{refused:?}");
    assert_eq!(rest, [3, 4]);
}

/// kanal 30e7c18: the state said `Done` before the wait was over, a stream ended early and its producer hung; here
/// 10,000 items go through `buffer_unordered` with yields.
#[test]
fn b051_a_stream_ends_when_its_producer_does() {
    for capacity in CAPACITIES {
        let (tx, rx) = open(capacity);
        let produce = async move {
            for i in 0..10_000_u64 {
                tx.send(i).await.unwrap();
                if i % 7 == 0 {
                    tokio::task::yield_now().await;
                }
            }
        };
        let consume = rx
            .map(|i| async move {
                if i % 3 == 0 {
                    tokio::task::yield_now().await;
                }
                i
            })
            .buffer_unordered(8)
            .fold((0, 0), |(count, sum), i| async move { (count + 1, sum + i) });
        let run = || crate::common::Rt::TokioCurrent.block_on(futures::future::join(produce, consume)).1;
        let total = crate::common::watched(move || format!("capacity {capacity:?}"), run);
        assert_eq!(total, (10_000, 10_000 * 9_999 / 2));
    }
}

/// kanal cb130b6, 774a05f, f615c8c, 184be1e: races of drop, abort and half-closed channels; here handles, futures and
/// permits are dropped at random by three threads, and every message ends once.
#[test]
fn b052_a_storm_of_drops_loses_and_doubles_nothing() {
    for capacity in CAPACITIES {
        race(60, |round| {
            let (made, dropped) = (AtomicUsize::new(0), Arc::new(AtomicUsize::new(0)));
            let (tx, rx) = open(capacity);
            let seeds = [0; 3].map(|_| round.random().next_u64());
            let make = || Dropped::new(made.fetch_add(1, SeqCst) as u32, &dropped);
            let send = |tx: mailbox::Sender<Dropped>, seed| {
                let mut random = Random::new(seed);
                for _ in 0..random.below(20) {
                    match random.below(5) {
                        0 => drop(tx.try_send(make())),
                        1 => drop(crate::common::poll(&mut Box::pin(tx.send(make())), &Bell::new())),
                        2 => drop(tx.try_reserve().map(|permit| permit.send(make()))),
                        3 => drop(tx.force_send(make())),
                        _ => drop((tx.clone(), tx.try_reserve())),
                    }
                }
            };
            let receive = |rx: Receiver<Dropped>, seed| {
                let mut random = Random::new(seed);
                for _ in 0..random.below(20) {
                    match random.below(3) {
                        0 => drop(rx.try_recv()),
                        1 => drop(crate::common::poll(&mut Box::pin(rx.recv()), &Bell::new())),
                        _ => drop(rx.clone()),
                    }
                }
            };
            let other = tx.clone();
            round.three(move || send(tx, seeds[0]), move || send(other, seeds[1]), move || receive(rx, seeds[2]));
            assert_eq!(dropped.load(SeqCst), made.load(SeqCst));
        });
    }
}

/// flume 2a1551d: what blocked senders held was pulled in the wrong order; here it comes in the order in which they
/// joined.
#[test]
fn b053_what_parked_senders_hold_comes_in_order() {
    for capacity in 0..4 {
        let (tx, rx) = mailbox::bounded(capacity);
        (0..capacity).for_each(|i| tx.try_send(i).unwrap());
        let bells: Vec<_> = (0..6).map(|_| Bell::new()).collect();
        let mut line: Vec<_> = (0..6).map(|i| queued(tx.send(capacity + i), &bells[i])).collect();
        for turn in 0..capacity + 6 {
            assert_eq!(rx.try_recv(), Ok(turn));
            // Completions come in any order; here the last that was woken is polled first.
            for (sending, bell) in line.iter_mut().zip(&bells).rev() {
                if bell.take_wakes() > 0 {
                    assert_eq!(ready(sending, bell), Ok(()));
                }
            }
        }
        assert_eq!(rx.try_recv(), Err(TryRecvError::Empty));
    }
}

/// flume#104, and kanal by running: a cancelled send was delivered later; here it is not, its slot goes to the next
/// sender, and that holds for a handle's outbox, too.
#[test]
fn b054_a_cancelled_send_is_never_delivered() {
    for capacity in 0..3 {
        for woken_first in [false, true] {
            let (tx, rx) = mailbox::bounded(capacity);
            (0..capacity).for_each(|_| tx.try_send(0).unwrap());
            let bell = Bell::new();
            let mut cancelled = queued(tx.send(1), &Bell::new());
            let mut next = queued(tx.send(2), &bell);
            if woken_first && capacity > 0 {
                assert_eq!(rx.try_recv(), Ok(0));
            }
            assert_eq!(cancelled.as_mut().cancel(), Some(1));
            drop(cancelled);
            let mut got = Vec::new();
            while let Ok(message) = rx.try_recv() {
                got.push(message);
                if bell.take_wakes() > 0 {
                    assert_eq!(ready(&mut next, &bell), Ok(()));
                }
            }
            if bell.take_wakes() > 0 {
                assert_eq!(ready(&mut next, &bell), Ok(()));
                got.extend(rx.try_recv().ok());
            }
            assert!(!got.contains(&1) && got.ends_with(&[2]), "{got:?} at capacity {capacity}");
        }
    }
    let (mut tx, rx) = mailbox::bounded(1);
    let other = tx.clone();
    expect_ready(with(&Bell::new(), |cx| Pin::new(&mut tx).poll_ready(cx))).unwrap();
    tx.try_send(0).unwrap();
    Pin::new(&mut tx).start_send(1).unwrap();
    assert!(with(&Bell::new(), |cx| Pin::new(&mut tx).poll_flush(cx)).is_pending());
    drop(tx);
    assert_eq!((rx.try_recv(), other.try_send(2), rx.try_recv()), (Ok(0), Ok(()), Ok(2)));
}

/// kanal#24: a cancelled receive dropped the value, 200 times out of 200 in ferrotunnel#170; here it is kept 200 times.
#[test]
fn b055_a_cancelled_receive_keeps_the_message() {
    for capacity in CAPACITIES {
        let (tx, rx) = open(capacity);
        for message in 0..200 {
            let mut buffer = Vec::new();
            let bell = Bell::new();
            if message % 2 == 0 {
                let receiving = queued(rx.recv(), &bell);
                tx.try_send(message).unwrap();
                drop(receiving);
            } else {
                let receiving = queued(rx.recv_many(&mut buffer, 3), &bell);
                tx.try_send(message).unwrap();
                drop(receiving);
            }
            assert_eq!((bell.wakes(), rx.try_recv(), buffer.len()), (1, Ok(message), 0));
        }
    }
    let (tx, rx) = mailbox::bounded(1);
    let mut stream = rx.clone();
    assert!(with(&Bell::new(), |cx| stream.poll_recv(cx)).is_pending());
    tx.try_send(7).unwrap();
    drop(stream);
    assert_eq!(rx.try_recv(), Ok(7));
}
