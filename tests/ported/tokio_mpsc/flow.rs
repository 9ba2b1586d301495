//! Messages on their way: sent, received, in numbers, from threads.

use super::BOTH;
use crate::common::{Bell, now, pending, queued, ready};
use crate::open;
use futures::StreamExt;
use sempost::mailbox::{self, SendError, TryRecvError, TrySendError};
use std::fmt::Debug;
use std::thread;

/// sync_mpsc: send_recv_with_buffer
#[test]
fn a_reserved_and_a_plain_message_arrive_and_then_the_end() {
    let (tx, rx) = mailbox::bounded(16);
    now(tx.reserve()).unwrap().send(1).unwrap();
    tx.try_send(2).unwrap();
    drop(tx);
    assert_eq!([now(rx.recv()), now(rx.recv()), now(rx.recv())], [Some(1), Some(2), None]);
}

/// sync_mpsc: send_recv_unbounded
#[test]
fn without_a_limit_nothing_is_waited_for() {
    let (tx, rx) = mailbox::unbounded();
    now(tx.send(1)).unwrap();
    tx.try_send(2).unwrap();
    assert_eq!([now(rx.recv()), now(rx.recv())], [Some(1), Some(2)]);
    drop(tx);
    assert_eq!(now(rx.recv()), None);
}

runtime_matrix! {
    /// sync_mpsc: async_send_recv_with_buffer
    /// sync_mpsc: async_send_recv_unbounded
    async fn what_a_task_sends_arrives_in_order_and_then_the_end(rt) {
        for capacity in BOTH {
            let (tx, rx) = open(capacity);
            let sending = rt.spawn(async move {
                tx.send(1).await.unwrap();
                tx.send(2).await.unwrap();
            });
            assert_eq!([rx.recv().await, rx.recv().await, rx.recv().await], [Some(1), Some(2), None]);
            sending.await;
        }
    }

    /// sync_mpsc: send_recv_stream_with_buffer
    /// sync_mpsc: send_recv_stream_unbounded
    async fn a_receiver_is_a_stream_as_it_is(rt) {
        for capacity in BOTH {
            let (tx, rx) = open(capacity);
            let sending = rt.spawn(async move {
                for message in [1, 2] {
                    tx.send(message).await.unwrap();
                }
            });
            assert_eq!(rx.collect::<Vec<_>>().await, [1, 2]);
            sending.await;
        }
    }

    /// sync_mpsc: async_send_recv_many_with_buffer
    async fn batches_add_up_to_what_was_sent_whatever_their_sizes(rt) {
        let (tx, rx) = mailbox::bounded(2);
        let mut got = Vec::new();
        assert_eq!(rx.recv_many(&mut got, 0).await, 0, "nothing is asked for, so nothing is waited for");
        let sending = rt.spawn(async move {
            for message in [1, 2, 7, 0] {
                tx.send(message).await.unwrap();
            }
        });
        let mut count = 0;
        while count < 4 {
            count += rx.recv_many(&mut got, 3).await;
            assert_eq!(got.len(), count);
        }
        assert_eq!(got, [1, 2, 7, 0]);
        assert_eq!(rx.recv_many(&mut got, 3).await, 0);
        sending.await;
    }

    /// sync_mpsc: send_recv_many_bounded_capacity
    /// sync_mpsc: send_recv_many_unbounded_capacity
    async fn a_batch_fills_the_room_there_is_and_a_sender_in_a_task_counts(rt) {
        for capacity in BOTH {
            let (tx, rx) = open(capacity);
            let mut got = Vec::with_capacity(9);
            let limit = got.capacity();
            let texts: Vec<String> = (0..=limit).map(|i| format!("no. {i}")).collect();
            for text in &texts {
                tx.send(text.clone()).await.unwrap();
            }
            assert_eq!((rx.recv_many(&mut got, limit).await, got.capacity()), (limit, limit));
            assert_eq!(got, texts[..limit]);
            assert_eq!(rx.recv_many(&mut got, limit).await, 1);
            assert_eq!(got, texts, "behind what was there");
            let sending = rt.spawn(async move { tx.send("last".to_owned()).await.unwrap() });
            assert_eq!(rx.recv_many(&mut got, limit).await, 1, "no end while a task may send");
            assert_eq!(got.last().unwrap(), "last");
            assert_eq!((rx.recv_many(&mut got, limit).await, got.len()), (0, limit + 2));
            sending.await;
        }
    }

    /// sync_mpsc: blocking_recv
    async fn a_thread_receives_what_a_task_sends(rt) {
        let (tx, rx) = mailbox::bounded(1);
        let thread = thread::spawn(move || rx.recv_blocking());
        rt.spawn(async move { tx.send(10).await.unwrap() }).await;
        assert_eq!(thread.join().unwrap(), Some(10));
    }

    /// sync_mpsc: blocking_send
    async fn a_task_receives_what_a_thread_sends(rt) {
        let (tx, rx) = mailbox::bounded(1);
        let thread = thread::spawn(move || tx.send_blocking(10).unwrap());
        assert_eq!(rt.spawn(async move { rx.recv().await }).await, Some(10));
        thread.join().unwrap();
    }
}

/// sync_mpsc: send_recv_many_unbounded
#[test]
fn batches_of_any_size_reuse_the_buffer_they_are_given() {
    let (tx, rx) = mailbox::unbounded();
    let mut got = Vec::new();
    assert_eq!(now(rx.recv_many(&mut got, 0)), 0);
    [7, 13, 100, 1002].into_iter().for_each(|message| tx.try_send(message).unwrap());
    assert_eq!((now(rx.recv_many(&mut got, 0)), got.len()), (0, 0));
    for _ in 0..4 {
        assert_eq!(now(rx.recv_many(&mut got, 1)), 1);
    }
    assert_eq!(got, [7, 13, 100, 1002]);
    let room = got.capacity();
    got.clear();
    [5, 6, 7, 2].into_iter().for_each(|message| tx.try_send(message).unwrap());
    assert_eq!((now(rx.recv_many(&mut got, 32)), got.capacity()), (4, room));
    assert_eq!(got, [5, 6, 7, 2]);
    drop(tx);
    assert_eq!((now(rx.recv_many(&mut got, 4)), now(rx.recv())), (0, None));
}

/// sync_mpsc: recv_many_with_non_empty_buffer_bounded_rx_closed_and_idle
/// sync_mpsc: recv_many_with_non_empty_buffer_unbounded_rx_closed_and_idle
#[test]
fn a_batch_at_the_end_leaves_the_buffer_as_it_is() {
    for capacity in BOTH {
        let (_tx, rx) = open(capacity);
        let mut got = vec![1];
        rx.close();
        assert_eq!((now(rx.recv_many(&mut got, 1)), got), (0, vec![1]));
    }
}

/// sync_mpsc: no_t_bounds_buffer
/// sync_mpsc: no_t_bounds_unbounded
#[test]
fn handles_are_shown_and_cloned_whatever_the_message_is() {
    struct Plain;
    fn shown(handle: &impl Debug) {
        assert!(format!("{handle:?}").contains("Mailbox"));
    }
    for capacity in BOTH {
        let (tx, rx) = open(capacity);
        shown(&tx);
        shown(&rx);
        assert!(tx.clone().try_send(Plain).is_ok());
        assert!(now(rx.recv()).is_some());
    }
}

/// sync_mpsc: send_recv_buffer_limited
#[test]
fn a_slot_that_comes_free_is_kept_for_the_waiting_reservation() {
    let (tx, rx) = mailbox::bounded(1);
    now(tx.reserve()).unwrap().send(1).unwrap();
    let bell = Bell::new();
    let mut waiting = queued(tx.reserve(), &bell);
    assert_eq!((now(rx.recv()), bell.wakes()), (Some(1), 1));
    assert_eq!(tx.try_send(1337), Err(TrySendError::Full(1337)));
    ready(&mut waiting, &bell).unwrap().send(2).unwrap();
    assert_eq!(now(rx.recv()), Some(2));
}

/// sync_mpsc: start_send_past_cap
#[test]
fn who_leaves_the_line_is_not_woken_and_the_next_one_is() {
    let (tx, rx) = mailbox::bounded(1);
    tx.try_send(()).unwrap();
    let (first, second) = (Bell::new(), Bell::new());
    let leaver = queued(tx.reserve(), &first);
    let waiting = queued(tx.reserve(), &second);
    drop(leaver);
    assert_eq!(now(rx.recv()), Some(()));
    assert_eq!((first.wakes(), second.wakes()), (0, 1));
    drop(waiting);
    drop(tx);
    assert_eq!(now(rx.recv()), None);
}

/// sync_mpsc: buffer_gteq_one
#[test]
fn capacity_0_is_a_rendezvous() {
    let (tx, rx) = mailbox::bounded(0);
    let bell = Bell::new();
    let mut sending = queued(tx.send(1), &bell);
    assert_eq!((now(rx.recv()), bell.wakes()), (Some(1), 1));
    ready(&mut sending, &bell).unwrap();
}

/// sync_mpsc: try_send_fail
#[test]
fn what_finds_no_slot_comes_back_and_the_rest_arrives() {
    let (tx, rx) = mailbox::bounded(1);
    tx.try_send("hello").unwrap();
    assert_eq!(tx.try_send("fail"), Err(TrySendError::Full("fail")));
    assert_eq!(now(rx.recv()), Some("hello"));
    tx.try_send("goodbye").unwrap();
    drop(tx);
    assert_eq!([now(rx.recv()), now(rx.recv())], [Some("goodbye"), None]);
}

/// sync_mpsc: try_send_fail_with_try_recv
#[test]
fn what_finds_no_slot_comes_back_and_the_rest_is_found() {
    let (tx, rx) = mailbox::bounded(1);
    tx.try_send("hello").unwrap();
    assert_eq!(tx.try_send("fail"), Err(TrySendError::Full("fail")));
    assert_eq!(rx.try_recv(), Ok("hello"));
    tx.try_send("goodbye").unwrap();
    drop(tx);
    assert_eq!([rx.try_recv(), rx.try_recv()], [Ok("goodbye"), Err(TryRecvError::Closed)]);
}

/// sync_mpsc: try_recv_bounded
#[test]
fn slots_go_round_through_many_fillings() {
    let (tx, rx) = mailbox::bounded(5);
    let (mut next, mut due) = (0.., 0..);
    let mut send = |n| next.by_ref().take(n).for_each(|message| tx.try_send(message).unwrap());
    let mut receive = |n| due.by_ref().take(n).for_each(|message| assert_eq!(rx.try_recv(), Ok(message)));
    send(5);
    assert_eq!(tx.try_send(99), Err(TrySendError::Full(99)));
    receive(5);
    assert_eq!(rx.try_recv(), Err(TryRecvError::Empty));
    send(4);
    receive(1);
    send(2);
    assert_eq!(tx.try_send(99), Err(TrySendError::Full(99)));
    receive(5);
    assert_eq!(rx.try_recv(), Err(TryRecvError::Empty));
    send(3);
    drop(tx);
    receive(3);
    assert_eq!(rx.try_recv(), Err(TryRecvError::Closed));
}

/// sync_mpsc: try_recv_unbounded
#[test]
fn any_number_of_messages_is_found_in_order_and_then_nothing_and_then_the_end() {
    for count in 0..100 {
        let (tx, rx) = mailbox::unbounded();
        (0..count).for_each(|i| tx.try_send(i).unwrap());
        (0..count).for_each(|i| assert_eq!(rx.try_recv(), Ok(i)));
        assert_eq!(rx.try_recv(), Err(TryRecvError::Empty));
        drop(tx);
        assert_eq!(rx.try_recv(), Err(TryRecvError::Closed));
    }
}

/// sync_mpsc: recv_timeout
/// sync_mpsc: recv_timeout_panic
#[test]
fn a_send_that_takes_too_long_is_cancelled_and_gives_its_message_back() {
    let (tx, rx) = mailbox::bounded(5);
    for message in 1..=5 {
        now(tx.send(message)).unwrap();
    }
    let bell = Bell::new();
    let mut late = queued(tx.send(6), &bell);
    pending(&mut late, &bell);
    assert_eq!(late.as_mut().cancel(), Some(6));
    assert_eq!(tx.waiting_senders(), 0);
    drop(rx);
    assert_eq!(now(tx.send(7)), Err(SendError(7)));
}
