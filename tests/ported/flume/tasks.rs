//! Futures and streams: who is woken, how often, and what an idle one keeps.

use crate::common::{Bell, expect_ready, pending, queued, ready, with};
use futures::future::join;
use futures::stream::{self, FuturesUnordered};
use futures::{FutureExt, StreamExt};
use sempost::mailbox::{self, SendError};
use std::thread;

/// How many messages, where there are many.
const MANY: usize = 5000;

/// async: async_recv_disconnect
#[test]
fn who_waits_to_receive_at_capacity_0_is_told_of_the_end() {
    let (tx, rx) = mailbox::bounded::<i32>(0);
    let bell = Bell::new();
    let mut receiving = queued(rx.recv(), &bell);
    drop(tx);
    assert_eq!((bell.wakes(), ready(&mut receiving, &bell)), (1, None));
}

/// async: async_send_disconnect
#[test]
fn who_waits_to_send_at_capacity_0_gets_the_message_back() {
    let (tx, rx) = mailbox::bounded(0);
    let bell = Bell::new();
    let mut sending = queued(tx.send(42), &bell);
    drop(rx);
    assert_eq!((bell.wakes(), ready(&mut sending, &bell)), (1, Err(SendError(42))));
}

/// async: async_recv_drop_recv
#[test]
fn a_receive_that_nobody_polled_and_one_that_was_given_up_keep_nothing() {
    let (tx, rx) = mailbox::bounded(10);
    let never_polled = rx.recv();
    drop(queued(rx.recv(), &Bell::new()));
    let (other, bell) = (rx.clone(), Bell::new());
    let mut receiving = queued(other.recv(), &bell);
    tx.try_send(42).unwrap();
    drop(never_polled);
    assert_eq!((bell.wakes(), ready(&mut receiving, &bell)), (1, Some(42)));
}

/// async: change_waker
#[test]
fn the_task_that_polled_last_is_woken_and_no_other() {
    let (tx, rx) = mailbox::bounded(1);
    tx.try_send(()).unwrap();
    {
        let (before, after) = (Bell::new(), Bell::new());
        let mut sending = queued(tx.send(()), &before);
        pending(&mut sending, &after);
        assert_eq!(rx.try_recv(), Ok(()));
        assert_eq!((before.wakes(), after.wakes()), (0, 1));
        ready(&mut sending, &after).unwrap();
    }
    assert_eq!(rx.try_recv(), Ok(()));
    let (before, after) = (Bell::new(), Bell::new());
    let mut receiving = queued(rx.recv(), &before);
    pending(&mut receiving, &after);
    tx.try_send(()).unwrap();
    assert_eq!((before.wakes(), after.wakes()), (0, 1));
    assert_eq!(ready(&mut receiving, &after), Some(()));
}

/// stream: stream_recv_drop_recv
#[test]
fn a_stream_that_was_polled_and_is_dropped_passes_its_wake_up_on() {
    let (tx, mut rx) = mailbox::bounded(10);
    let (mut other, idle, live) = (rx.clone(), Bell::new(), Bell::new());
    assert!(rx.next().poll_unpin(&mut idle.context()).is_pending());
    assert!(with(&live, |cx| other.poll_recv(cx)).is_pending());
    tx.try_send(42).unwrap();
    drop(rx);
    assert_eq!((live.wakes(), expect_ready(with(&live, |cx| other.poll_recv(cx)))), (1, Some(42)));
}

/// stream: stream_drop_send_disconnect
#[test]
fn a_stream_that_waits_is_told_of_the_end() {
    let (tx, mut rx) = mailbox::bounded::<i32>(1);
    let bell = Bell::new();
    let mut next = queued(rx.next(), &bell);
    drop(tx);
    assert_eq!((bell.wakes(), ready(&mut next, &bell)), (1, None));
}

/// stream: stream_no_double_wake
#[test]
fn a_stream_is_woken_once_for_all_messages_it_has_not_looked_at() {
    let (tx, mut rx) = mailbox::unbounded();
    let bell = Bell::new();
    assert!(with(&bell, |cx| rx.poll_recv(cx)).is_pending());
    [1, 2, 3].into_iter().for_each(|message| tx.try_send(message).unwrap());
    assert_eq!(bell.wakes(), 1);
}

/// async: spsc_single_threaded_value_ordering
#[test]
fn two_halves_of_one_task_pass_messages_in_order() {
    let (tx, rx) = mailbox::bounded(4);
    let produce = async move {
        for i in 0..100 {
            tx.send(i).await.unwrap();
        }
    };
    let consume = async move {
        for i in 0..100 {
            assert_eq!(rx.recv().await, Some(i));
        }
        rx.recv().await
    };
    let both = join(produce, consume);
    assert_eq!(futures::executor::block_on(both), ((), None));
}

runtime_matrix! {
    /// async: async_recv
    async fn a_task_receives_what_a_thread_sends(rt) {
        let (tx, rx) = mailbox::unbounded();
        let receiving = rt.spawn(async move { rx.recv().await });
        rt.until(|| tx.waiting_receivers() == 1).await;
        let thread = thread::spawn(move || tx.send_blocking(42).unwrap());
        assert_eq!(receiving.await, Some(42));
        thread.join().unwrap();
    }

    /// async: async_send
    async fn a_thread_receives_what_a_task_sends(rt) {
        let (tx, rx) = mailbox::bounded(1);
        let thread = thread::spawn(move || rx.recv_blocking());
        rt.until(|| tx.waiting_receivers() == 1).await;
        tx.send(42).await.unwrap();
        assert_eq!(thread.join().unwrap(), Some(42));
    }

    /// stream: stream_recv
    async fn a_stream_in_a_task_yields_what_a_thread_sends(rt) {
        let (tx, mut rx) = mailbox::unbounded();
        let receiving = rt.spawn(async move { rx.next().await });
        rt.until(|| tx.waiting_receivers() == 1).await;
        let thread = thread::spawn(move || tx.send_blocking(42).unwrap());
        assert_eq!(receiving.await, Some(42));
        thread.join().unwrap();
    }

    /// stream: stream_recv_disconnect
    async fn a_stream_at_capacity_0_yields_what_is_handed_over_and_the_end(rt) {
        let (tx, mut rx) = mailbox::bounded(0);
        let sending = rt.spawn(async move { tx.send(42).await.unwrap() });
        assert_eq!((rx.next().await, rx.next().await), (Some(42), None));
        sending.await;
    }

    /// async: async_send_1_million_no_drop_or_reorder
    async fn of_many_messages_none_is_lost_and_none_passes_another(rt) {
        let (tx, rx) = mailbox::unbounded();
        let counting = rt.spawn(async move {
            let mut count = 0;
            while let Some(Some(message)) = rx.recv().await {
                assert_eq!(message, count);
                count += 1;
            }
            count
        });
        (0..MANY).for_each(|i| tx.try_send(Some(i)).unwrap());
        tx.try_send(None).unwrap();
        assert_eq!(counting.await, MANY);
    }

    /// stream: stream_send_1_million_no_drop_or_reorder
    async fn of_many_messages_a_stream_loses_none_and_none_passes_another(rt) {
        let (tx, mut rx) = mailbox::unbounded();
        let counting = rt.spawn(async move {
            let mut count = 0;
            while let Some(Some(message)) = rx.next().await {
                assert_eq!(message, count);
                count += 1;
            }
            count
        });
        (0..MANY).for_each(|i| tx.try_send(Some(i)).unwrap());
        tx.try_send(None).unwrap();
        assert_eq!(counting.await, MANY);
    }

    /// async: parallel_async_receivers
    async fn many_receivers_in_one_task_all_come_to_the_end(rt) {
        let (tx, rx) = mailbox::unbounded();
        let sending = rt.spawn(async move {
            for i in 0..MANY {
                tx.send(i).await.unwrap();
            }
        });
        let receivers = (0..250).map(|_| async {
            let mut count = 0;
            while rx.recv().await.is_some() {
                count += 1;
            }
            count
        });
        let counts: Vec<usize> = receivers.collect::<FuturesUnordered<_>>().collect().await;
        assert_eq!((counts.len(), counts.iter().sum()), (250, MANY));
        sending.await;
    }

    /// stream: parallel_streams_and_async_recv
    async fn many_receivers_and_streams_in_one_task_all_come_to_the_end(rt) {
        let (tx, rx) = mailbox::unbounded();
        let sending = rt.spawn(async move {
            for i in 0..MANY {
                tx.send(i).await.unwrap();
            }
        });
        let receivers = (0..250).map(|i| (i, rx.clone())).map(|(i, rx)| async move {
            if i % 2 == 0 {
                return rx.count().await;
            }
            let mut count = 0;
            while rx.recv().await.is_some() {
                count += 1;
            }
            count
        });
        let counts: Vec<usize> = receivers.collect::<FuturesUnordered<_>>().collect().await;
        assert_eq!((counts.len(), counts.iter().sum()), (250, MANY));
        sending.await;
    }

    /// stream: stream_forward_issue_55
    async fn a_stream_that_is_forwarded_into_a_sink_arrives_and_ends(rt) {
        let (tx, rx) = mailbox::bounded(100);
        let source = stream::unfold(0, |count| async move { (count < 1000).then_some((count, count + 1)) });
        let forwarding = rt.spawn(source.map(Ok).forward(tx).map(|done| done.is_ok()));
        assert_eq!(rx.count().await, 1000);
        assert!(forwarding.await);
    }
}
