//! Ports: the other forms of receiving. Streams, polled handles, owned futures, deadlines, threads; and what is shown.

use std::pin::Pin;
use std::task::Poll;
use std::thread;
use std::time::Duration;

use crate::common::{Bell, Deadline, expect_ready, now, pending, queued, ready, until, watched, with};
use futures::executor::block_on;
use futures::stream::{FusedStream, Stream, StreamExt};
use sempost::Elapsed;
use sempost::mailbox::ports::{Order, PortReceiver, Ports};
use sempost::mailbox::{self, Sender, TryRecvError};

type Receiver = PortReceiver<char, u32>;
type Two = (Ports<char, u32>, Receiver, Sender<u32>, Sender<u32>);

fn two() -> Two {
    let (ports, receiver) = mailbox::ports(Order::fair());
    let [a, b] = ['a', 'b'].map(|key| ports.open(key, 100).unwrap());
    (ports, receiver, a, b)
}

fn poll_next(receiver: &mut Receiver, bell: &Bell) -> Poll<Option<(char, u32)>> {
    Pin::new(receiver).poll_next(&mut bell.context())
}

#[test]
fn a_stream_yields_every_message_and_then_none() {
    let (ports, receiver, a, b) = two();
    (0..3).for_each(|i| a.try_send(i).unwrap());
    (0..3).for_each(|i| b.try_send(i).unwrap());
    drop((ports, a, b));
    let all = block_on(receiver.collect::<Vec<_>>());
    assert_eq!(all, [('a', 0), ('a', 1), ('a', 2), ('b', 0), ('b', 1), ('b', 2)]);
}

#[test]
fn a_stream_waits_and_is_terminated_only_after_none() {
    let (ports, mut receiver, a, b) = two();
    let bell = Bell::new();
    assert!(poll_next(&mut receiver, &bell).is_pending() && poll_next(&mut receiver, &bell).is_pending());
    assert_eq!((receiver.waiting_receivers(), bell.held()), (1, 1));
    a.try_send(1).unwrap();
    assert_eq!((bell.take_wakes(), poll_next(&mut receiver, &bell)), (1, Poll::Ready(Some(('a', 1)))));
    assert!(poll_next(&mut receiver, &bell).is_pending());
    drop((a, b));
    assert!(poll_next(&mut receiver, &bell).is_pending() && !receiver.is_terminated());
    bell.take_wakes();
    drop(ports);
    assert_eq!((bell.wakes(), receiver.is_terminated()), (1, false));
    for _ in 0..2 {
        assert_eq!(poll_next(&mut receiver, &bell), Poll::Ready(None));
        assert!(receiver.is_terminated());
    }
    assert_eq!((receiver.waiting_receivers(), bell.held()), (0, 0));
}

#[test]
fn a_handle_receives_in_batches() {
    let (ports, mut receiver, a, b) = two();
    let (bell, mut taken) = (Bell::new(), Vec::new());
    let mut poll = |limit| with(&bell, |cx| receiver.poll_recv_many(cx, &mut taken, limit));
    assert!(poll(3).is_pending());
    (0..3).for_each(|i| a.try_send(i).unwrap());
    (0..3).for_each(|i| b.try_send(i).unwrap());
    assert_eq!((poll(2), poll(9), poll(0)), (Poll::Ready(2), Poll::Ready(4), Poll::Ready(0)));
    drop((ports, a, b));
    assert_eq!((poll(0), poll(3), taken.len()), (Poll::Ready(0), Poll::Ready(0), 6));
}

#[test]
fn a_handle_that_stops_polling_waits_no_more() {
    let uses: [fn(&Receiver); 7] = [
        |rx| assert_eq!(rx.try_recv(), Err(TryRecvError::Empty)),
        |rx| assert_eq!(rx.try_recv_from(&'a'), Err(TryRecvError::Empty)),
        |rx| assert_eq!(rx.try_recv_many(&mut Vec::new(), 1), Err(TryRecvError::Empty)),
        |rx| assert_eq!(rx.try_recv_many(&mut Vec::new(), 0), Ok(0)),
        |rx| drop(rx.recv()),
        |rx| drop(rx.recv_from(&'a')),
        |rx| drop(rx.recv_many(&mut Vec::new(), 1)),
    ];
    for (at, operation) in uses.into_iter().enumerate() {
        let (_ports, mut receiver, a, _b) = two();
        let (bell, other) = (Bell::new(), Bell::new());
        assert!(poll_next(&mut receiver, &bell).is_pending());
        operation(&receiver);
        assert_eq!((receiver.waiting_receivers(), bell.held()), (0, 0), "operation {at}");
        let mut next = queued(receiver.recv(), &other);
        a.try_send(1).unwrap();
        assert_eq!((bell.wakes(), other.wakes(), ready(&mut next, &other)), (0, 1, Some(('a', 1))));
    }
}

/// Catches a wake-up that goes under with the handle that had it.
#[test]
fn a_woken_handle_that_is_used_otherwise_or_dropped_wakes_the_next() {
    let ends: [fn(Receiver); 4] = [
        |rx| drop(rx),
        |rx| assert!(rx.try_recv_from(&'b').is_err()),
        |rx| drop(rx.recv_owned()),
        |rx| drop(rx.recv_from_owned(&'b')),
    ];
    for end in ends {
        let (_ports, receiver, a, _b) = two();
        let (bell, next) = (Bell::new(), Bell::new());
        let mut handle = receiver.clone();
        assert!(poll_next(&mut handle, &bell).is_pending());
        let mut waiting = queued(receiver.recv(), &next);
        a.try_send(1).unwrap();
        assert_eq!((bell.wakes(), next.wakes()), (1, 0));
        end(handle);
        assert_eq!((next.wakes(), ready(&mut waiting, &next)), (1, Some(('a', 1))));
        assert_eq!(receiver.waiting_receivers(), 0);
    }
}

#[test]
fn an_abandoned_stream_keeps_one_wake_up_and_no_more() {
    let (_ports, receiver, a, b) = two();
    let (bell, other) = (Bell::new(), Bell::new());
    let mut abandoned = receiver.clone();
    assert!(poll_next(&mut abandoned, &bell).is_pending());
    let mut waiting = queued(receiver.recv(), &other);
    a.try_send(1).unwrap();
    assert_eq!((bell.wakes(), other.wakes()), (1, 0), "documented");
    b.try_send(2).unwrap();
    assert_eq!((other.wakes(), ready(&mut waiting, &other)), (1, Some(('a', 1))));
    assert_eq!(now(receiver.recv()), Some(('b', 2)));
}

#[test]
fn two_streams_are_woken_in_turn_and_both_end() {
    let (ports, mut receiver, a, b) = two();
    let (first, second) = (Bell::new(), Bell::new());
    let mut other = receiver.clone();
    assert!(poll_next(&mut receiver, &first).is_pending() && poll_next(&mut other, &second).is_pending());
    a.try_send(1).unwrap();
    assert_eq!((first.wakes(), second.wakes()), (1, 0));
    assert_eq!(poll_next(&mut receiver, &first), Poll::Ready(Some(('a', 1))));
    assert!(poll_next(&mut receiver, &first).is_pending());
    b.try_send(2).unwrap();
    assert_eq!((first.take_wakes(), second.take_wakes()), (1, 1));
    drop((ports, a, b));
    assert_eq!(poll_next(&mut other, &second), Poll::Ready(Some(('b', 2))));
    assert_eq!(poll_next(&mut other, &second), Poll::Ready(None));
    assert_eq!((first.wakes(), poll_next(&mut receiver, &first)), (1, Poll::Ready(None)));
}

#[test]
fn owned_futures_return_the_receiver_with_the_result() {
    let (ports, receiver, a, b) = two();
    a.try_send(1).unwrap();
    b.try_send(2).unwrap();
    let (message, receiver) = now(receiver.recv_from_owned(&'b'));
    assert_eq!(message, Some(2));
    let (message, receiver) = now(receiver.recv_owned());
    assert_eq!(message, Some(('a', 1)));
    let (message, receiver) = now(receiver.recv_owned().until(Deadline::past()));
    assert_eq!(message, Err(Elapsed));
    let (message, receiver) = now(receiver.recv_from_owned(&'a').until(Deadline::past()));
    assert_eq!(message, Err(Elapsed));
    let bell = Bell::new();
    let mut waiting = queued(receiver.recv_owned(), &bell);
    b.try_send(3).unwrap();
    let (message, receiver) = ready(&mut waiting, &bell);
    assert_eq!((message, receiver.waiting_receivers()), (Some(('b', 3)), 0));
    drop((ports, a, b));
    let (message, receiver) = now(receiver.recv_from_owned(&'a'));
    assert_eq!(message, None);
    assert_eq!(now(receiver.recv_owned()).0, None);
}

#[test]
fn an_owned_future_that_is_dropped_drops_the_receiver() {
    let (ports, receiver, a, _b) = two();
    let waiting = queued(receiver.recv_from_owned(&'a'), &Bell::new());
    assert!(!a.is_closed());
    drop(waiting);
    assert!(a.is_closed() && ports.is_closed());
}

#[test]
fn what_is_there_is_had_whatever_the_deadline() {
    let (ports, receiver, a, b) = two();
    (0..4).for_each(|i| a.try_send(i).unwrap());
    let mut buffer = Vec::new();
    assert_eq!(now(receiver.recv().until(Deadline::past())), Ok(Some(('a', 0))));
    assert_eq!(now(receiver.recv_from(&'a').until(Deadline::past())), Ok(Some(1)));
    assert_eq!(now(receiver.recv_many(&mut buffer, 9).until(Deadline::past())), Ok(2));
    assert_eq!(now(receiver.recv_from(&'z').until(Deadline::past())), Ok(None));
    drop((ports, a, b));
    assert_eq!(now(receiver.recv().until(Deadline::past())), Ok(None));
    assert_eq!(now(receiver.recv_many(&mut buffer, 9).until(Deadline::past())), Ok(0));
}

#[test]
fn who_is_late_has_left_all_lines() {
    let (_ports, receiver, a, _b) = two();
    let (deadline, bell, mut buffer) = (Deadline::new(), Bell::new(), Vec::new());
    let mut any = queued(receiver.recv().until(deadline.clone()), &bell);
    let mut many = queued(receiver.recv_many(&mut buffer, 9).until(deadline.clone()), &bell);
    let mut from = queued(receiver.recv_from(&'a').until(deadline.clone()), &bell);
    let mut second = queued(receiver.recv_from(&'a').until(deadline.clone()), &bell);
    deadline.come();
    assert_eq!((ready(&mut any, &bell), ready(&mut many, &bell)), (Err(Elapsed), Err(Elapsed)));
    assert_eq!((ready(&mut from, &bell), ready(&mut second, &bell)), (Err(Elapsed), Err(Elapsed)));
    assert_eq!((receiver.waiting_receivers(), bell.held()), (0, 0));
    a.try_send(1).unwrap();
    assert_eq!(receiver.try_recv(), Ok(('a', 1)));
}

/// Catches a late waiter that takes along what it was woken for.
#[test]
fn who_is_late_and_was_woken_takes_the_message() {
    let (_ports, receiver, a, b) = two();
    let (deadline, bell) = (Deadline::new(), Bell::new());
    let mut any = queued(receiver.recv().until(deadline.clone()), &bell);
    let mut from = queued(receiver.recv_from(&'a').until(deadline.clone()), &bell);
    a.try_send(1).unwrap();
    b.try_send(2).unwrap();
    deadline.come();
    assert_eq!((ready(&mut from, &bell), ready(&mut any, &bell)), (Ok(Some(1)), Ok(Some(('b', 2)))));
}

#[test]
fn every_future_waits_on_a_thread_and_gives_up_in_time() {
    let (_ports, receiver, a, b) = two();
    for timeout in [Duration::ZERO, Duration::from_millis(1)] {
        assert_eq!(receiver.recv().wait_timeout(timeout), Err(Elapsed));
        assert_eq!(receiver.recv_from(&'a').wait_timeout(timeout), Err(Elapsed));
        assert_eq!(receiver.recv_many(&mut Vec::new(), 9).wait_timeout(timeout), Err(Elapsed));
        assert_eq!(receiver.clone().recv_owned().wait_timeout(timeout).0, Err(Elapsed));
        assert_eq!(receiver.clone().recv_from_owned(&'a').wait_timeout(timeout).0, Err(Elapsed));
    }
    assert_eq!(receiver.waiting_receivers(), 0);
    watched(String::new, || {
        thread::scope(|scope| {
            let from = scope.spawn(|| receiver.recv_from(&'a').wait());
            let timed = scope.spawn(|| receiver.recv_from(&'a').wait_timeout(Duration::MAX));
            a.send_blocking(1).unwrap();
            a.send_blocking(1).unwrap();
            assert_eq!((from.join().unwrap(), timed.join().unwrap()), (Some(1), Ok(Some(1))));
            let any = scope.spawn(|| receiver.recv().wait());
            let many = scope.spawn(|| receiver.recv_many(&mut Vec::new(), 1).wait());
            let owned = scope.spawn(|| receiver.clone().recv_owned().wait().0);
            until(|| receiver.waiting_receivers() == 3);
            (0..3).for_each(|_| b.send_blocking(2).unwrap());
            assert_eq!((any.join().unwrap(), many.join().unwrap()), (Some(('b', 2)), 1));
            assert_eq!(owned.join().unwrap(), Some(('b', 2)));
        });
    });
    assert_eq!((receiver.waiting_receivers(), receiver.len()), (0, 0));
}

#[test]
fn everything_shows_its_state() {
    let (ports, receiver, a, _b) = two();
    let bell = Bell::new();
    assert_eq!(format!("{:?} {:?}", Order::<char>::fair(), Order::classes(|_: &char| 0)), "Fair Classes");
    let mut any = queued(receiver.recv(), &bell);
    let hub = " { order: Fair, ports: 2, closed: false, openers: 1, receivers: 1, waiting_receivers: 1 }";
    assert_eq!((format!("{ports:?}"), format!("{receiver:?}")), (format!("Ports{hub}"), format!("PortReceiver{hub}")));
    let mut buffer = Vec::new();
    let fresh = receiver.recv_many(&mut buffer, 1);
    assert_eq!(format!("{any:?} {fresh:?}"), "ReceivingAny(Queued) ReceivingAnyMany(Fresh)");
    drop(fresh);
    let from = queued(receiver.recv_from(&'a'), &bell);
    let second = queued(receiver.recv_from(&'a').until(Deadline::new()), &bell);
    let shown = "ReceivingFrom(Queued) Until { wait: ReceivingFrom(Queued), late: false, .. }";
    assert_eq!(format!("{from:?} {second:?}"), shown);
    drop((from, second));
    a.try_send(1).unwrap();
    assert_eq!(ready(&mut any, &bell), Some(('a', 1)));
    assert_eq!(format!("{any:?}"), "ReceivingAny(Done)");
    drop(any);
    let other = receiver.clone();
    let owned = (receiver.recv_owned(), other.recv_from_owned(&'a'));
    assert_eq!(format!("{owned:?}"), "(ReceivingAnyOwned(Fresh), ReceivingFromOwned(Fresh))");
}

#[test]
fn a_deadline_that_does_not_come_changes_nothing() {
    let (_ports, receiver, a, _b) = two();
    let (deadline, bell) = (Deadline::new(), Bell::new());
    let mut from = queued(receiver.recv_from(&'a').until(deadline.clone()), &bell);
    pending(&mut from, &bell);
    a.try_send(1).unwrap();
    assert_eq!((bell.wakes(), ready(&mut from, &bell), deadline.polls()), (1, Ok(Some(1)), 2));
    let mut handle = receiver.clone();
    a.try_send(2).unwrap();
    assert_eq!(expect_ready(poll_next(&mut handle, &bell)), Some(('a', 2)));
}
