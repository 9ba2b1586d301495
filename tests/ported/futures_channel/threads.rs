//! Threads that send, receive, poll, close and leave at once, and tasks that do.

use crate::common::{Bell, watched, with};
use crate::open;
use futures::executor::{block_on, block_on_stream};
use futures::{SinkExt, Stream, StreamExt};
use sempost::mailbox::{self, TrySendError};
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::task::Poll;
use std::thread;

/// How many threads send.
const MANY: usize = 8;

/// How many messages each of them sends.
const EACH: usize = 500;

/// Lets many threads send through a mailbox of `capacity`, each as a sink or in one call, and counts what arrives.
fn all_arrive(capacity: Option<usize>, as_sink: bool) {
    watched(String::new, || {
        let (tx, rx) = open(capacity);
        thread::scope(|scope| {
            for _ in 0..MANY {
                let mut tx = tx.clone();
                scope.spawn(move || {
                    for i in 0..EACH {
                        match as_sink {
                            true => block_on(SinkExt::send(&mut tx, i)).unwrap(),
                            false => tx.send_blocking(i).unwrap(),
                        }
                    }
                });
            }
            drop(tx);
            assert_eq!(block_on(rx.count()), MANY * EACH);
        });
    });
}

runtime_matrix! {
    /// channel: sequence
    async fn a_sequence_arrives_as_it_was_sent(rt) {
        let (mut tx, rx) = mailbox::bounded(1);
        let task = rt.spawn(async move {
            for i in (1..=20).rev() {
                SinkExt::send(&mut tx, i).await.unwrap();
            }
        });
        assert_eq!(rx.collect::<Vec<_>>().await, (1..=20).rev().collect::<Vec<_>>());
        task.await;
    }

    /// mpsc: test_bounded_recv
    async fn what_a_task_sends_is_received_and_its_end_is_the_end(rt) {
        let (tx, rx) = mailbox::bounded(1);
        let task = rt.spawn(async move {
            for i in 1..=3 {
                tx.send(i).await.unwrap();
            }
        });
        for i in 1..=3 {
            assert_eq!(rx.recv().await, Some(i));
        }
        task.await;
        assert_eq!(rx.recv().await, None);
    }

    /// mpsc-close: smoke
    async fn a_task_that_sends_for_ever_ends_with_the_receiver(rt) {
        let (tx, rx) = mailbox::bounded(1);
        let task = rt.spawn(async move { while tx.send(42).await.is_ok() {} });
        assert_eq!(rx.take(3).count().await, 3);
        task.await;
    }
}

/// mpsc: send_recv_threads
#[test]
fn a_stream_yields_what_a_thread_sends() {
    let (tx, rx) = mailbox::bounded(16);
    let thread = thread::spawn(move || tx.send_blocking(1).unwrap());
    assert_eq!(block_on(rx.take(1).collect::<Vec<_>>()), [1]);
    thread.join().unwrap();
}

/// mpsc: send_recv_threads_no_capacity
#[test]
fn a_stream_yields_what_a_thread_hands_over_at_capacity_0() {
    let (tx, rx) = mailbox::bounded(0);
    let thread = thread::spawn(move || [1, 2].into_iter().for_each(|message| tx.send_blocking(message).unwrap()));
    assert_eq!(block_on(rx.collect::<Vec<_>>()), [1, 2]);
    thread.join().unwrap();
}

/// mpsc: stress_shared_unbounded
#[test]
fn of_many_threads_without_a_limit_all_messages_arrive() {
    all_arrive(None, false);
}

/// mpsc: stress_shared_bounded_hard
#[test]
fn of_many_threads_all_messages_arrive_however_little_room_there_is() {
    all_arrive(Some(0), false);
    all_arrive(Some(1), false);
}

/// mpsc: stress_poll_ready
#[test]
fn of_many_sinks_all_messages_arrive_at_any_capacity() {
    [0, 1, 8, 16].into_iter().for_each(|capacity| all_arrive(Some(capacity), true));
}

/// mpsc: stress_receiver_multi_task_bounded_hard
#[test]
fn a_stream_that_is_polled_by_turns_and_for_nobody_loses_nothing() {
    for capacity in [0, 1] {
        let (tx, rx) = mailbox::bounded(capacity);
        let (rx, taken) = (Arc::new(Mutex::new(Some(rx))), AtomicUsize::new(0));
        let receive = || {
            for turn in 1.. {
                let mut slot = rx.lock().unwrap();
                let Some(stream) = &mut *slot else { break };
                let polled = match turn % 5 {
                    0 => Poll::Ready(block_on(stream.next())),
                    _ => with(&Bell::new(), |cx| Pin::new(stream).poll_next(cx)),
                };
                match polled {
                    Poll::Ready(Some(_)) => drop(taken.fetch_add(1, SeqCst)),
                    Poll::Ready(None) => *slot = None,
                    Poll::Pending => {}
                }
            }
        };
        watched(String::new, || {
            thread::scope(|scope| {
                scope.spawn(receive);
                scope.spawn(receive);
                (0..4 * EACH).for_each(|i| tx.send_blocking(i).unwrap());
                drop(tx);
            });
        });
        assert_eq!(taken.load(SeqCst), 4 * EACH);
    }
}

/// mpsc: stress_drop_sender
#[test]
fn a_sender_that_leaves_at_once_leaves_its_messages() {
    watched(String::new, || {
        for _ in 0..EACH {
            let (tx, rx) = mailbox::bounded(1);
            let thread = thread::spawn(move || (1..=3).for_each(|message| tx.send_blocking(message).unwrap()));
            assert_eq!(block_on(rx.collect::<Vec<_>>()), [1, 2, 3]);
            thread.join().unwrap();
        }
    });
}

/// mpsc: stress_close_receiver
#[test]
fn close_is_one_moment_what_was_sent_before_arrives_and_nothing_after() {
    watched(String::new, || {
        for _ in 0..EACH / 20 {
            let (tx, rx) = mailbox::unbounded();
            let thread = thread::spawn(move || (1..).find(|i| tx.try_send(*i).is_err()));
            assert_eq!(rx.recv_blocking(), Some(1));
            rx.close();
            let arrived = 1 + block_on_stream(rx).count();
            assert_eq!(thread.join().unwrap(), Some(arrived + 1), "the first that was refused");
        }
    });
}

/// mpsc: try_send_1
#[test]
fn who_tries_until_it_fits_gets_all_messages_through_in_order() {
    let (tx, rx) = mailbox::bounded(1);
    let thread = thread::spawn(move || {
        for i in 0..EACH {
            while tx.try_send(i).is_err() {
                thread::yield_now();
            }
        }
    });
    assert!(block_on(rx.collect::<Vec<_>>()).into_iter().eq(0..EACH));
    thread.join().unwrap();
}

/// mpsc-close: stress_try_send_as_receiver_closes
#[test]
fn of_what_is_sent_while_the_receiver_leaves_nothing_stays_behind() {
    watched(String::new, || {
        for round in 0..EACH / 5 {
            let (tx, mut rx) = mailbox::bounded(1);
            let message = Arc::new(());
            let thread = thread::spawn(move || {
                (0..round % 20).for_each(|_| drop(with(&Bell::new(), |cx| rx.poll_recv(cx))));
            });
            while !matches!(tx.try_send(message.clone()), Err(TrySendError::Closed(_))) {
                thread::yield_now();
            }
            thread.join().unwrap();
            assert_eq!(Arc::strong_count(&message), 1);
        }
    });
}
