//! Reply ports: what each method answers, in every order of the steps of the two ends.

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::SeqCst;
use std::task::Poll;

use futures::future::FusedFuture;
use sempost::oneshot::{self, Receiver, RecvError, Sender, TryRecvError};

use crate::common::{Bell, Dropped, expect_ready, now, with};

fn look<T>(receiver: &mut Receiver<T>, bell: &Bell) -> Poll<Result<T, RecvError>> {
    std::pin::Pin::new(receiver).poll(&mut bell.context())
}

fn watch<T>(sender: &mut Sender<T>, bell: &Bell) -> bool {
    with(bell, |cx| sender.poll_closed(cx)).is_ready()
}

#[test]
fn a_value_that_was_sent_is_received_in_each_way() {
    let channel = || {
        let (tx, rx) = oneshot::channel();
        assert_eq!(tx.send(7), Ok(()));
        rx
    };
    assert_eq!(now(channel()), Ok(7));
    assert_eq!(channel().try_recv(), Ok(7));
    assert_eq!(channel().wait(), Ok(7));
    assert_eq!(channel().recv_blocking(), Ok(7));
}

#[test]
fn a_sender_that_leaves_is_told_of_in_each_way() {
    let channel = || oneshot::channel::<u8>().1;
    assert_eq!(now(channel()), Err(RecvError));
    assert_eq!(channel().try_recv(), Err(TryRecvError::Closed));
    assert_eq!(channel().wait(), Err(RecvError));
    assert_eq!(
        (RecvError.to_string(), TryRecvError::Empty.to_string()),
        ("channel closed".into(), "channel empty".into())
    );
    assert_eq!(TryRecvError::Closed.to_string(), "channel closed");
}

#[test]
fn a_waiting_receiver_is_woken_by_the_value_and_by_the_end() {
    for sends in [true, false] {
        let (tx, mut rx) = oneshot::channel();
        let bell = Bell::new();
        assert!(look(&mut rx, &bell).is_pending());
        assert_eq!(rx.try_recv(), Err(TryRecvError::Empty));
        assert_eq!((bell.wakes(), bell.held(), rx.is_terminated()), (0, 1, false));
        if sends {
            tx.send(1).unwrap()
        } else {
            drop(tx)
        }
        assert_eq!((bell.wakes(), bell.held()), (1, 0));
        assert_eq!(expect_ready(look(&mut rx, &bell)), if sends { Ok(1) } else { Err(RecvError) });
        assert!(rx.is_terminated());
        assert_eq!(rx.try_recv(), Err(TryRecvError::Closed));
    }
}

#[test]
fn a_value_is_taken_by_try_recv_although_a_poll_waits() {
    let (tx, mut rx) = oneshot::channel();
    let bell = Bell::new();
    assert!(look(&mut rx, &bell).is_pending());
    tx.send(1).unwrap();
    assert_eq!((rx.try_recv(), rx.is_terminated(), bell.wakes(), bell.held()), (Ok(1), true, 1, 0));
}

#[test]
fn polls_by_the_same_task_keep_its_waker() {
    let (tx, mut rx) = oneshot::channel();
    let bell = Bell::new();
    for _ in 0..3 {
        assert!(look(&mut rx, &bell).is_pending());
    }
    assert_eq!((bell.clones(), bell.held()), (1, 1));
    tx.send(()).unwrap();
    assert_eq!((bell.wakes(), bell.held()), (1, 0));
    assert_eq!(now(rx), Ok(()));
}

#[test]
fn a_close_refuses_what_comes_later_and_keeps_what_came_before() {
    let (tx, mut rx) = oneshot::channel();
    rx.close();
    rx.close();
    assert!(tx.is_closed());
    assert_eq!(format!("{tx:?} {rx:?}"), "Sender(Closed) Receiver(Closed)");
    assert_eq!(tx.send(1), Err(1));
    assert_eq!((rx.try_recv(), rx.is_terminated()), (Err(TryRecvError::Closed), true));
    rx.close();

    let (tx, mut rx) = oneshot::channel();
    tx.send(2).unwrap();
    rx.close();
    assert_eq!(format!("{rx:?}"), "Receiver(Sent)");
    assert_eq!(now(rx), Ok(2));
}

#[test]
fn a_closed_receiver_answers_whatever_the_sender_does() {
    for step in 0..3 {
        let (tx, mut rx) = oneshot::channel::<u8>();
        let bell = Bell::new();
        assert!(look(&mut rx, &bell).is_pending());
        rx.close();
        assert_eq!((bell.wakes(), bell.held()), (0, 0), "nobody waits any more");
        match step {
            0 => assert_eq!(tx.send(1), Err(1)),
            1 => drop(tx),
            _ => {
                assert_eq!(expect_ready(look(&mut rx, &bell)), Err(RecvError));
                drop(rx);
                assert_eq!((tx.is_closed(), tx.send(1)), (true, Err(1)));
                continue;
            }
        }
        assert_eq!(expect_ready(look(&mut rx, &bell)), Err(RecvError));
    }
}

#[test]
fn a_watching_sender_is_woken_when_the_receiver_closes_leaves_or_answers_that_it_is_closed() {
    for closes in [true, false] {
        let (mut tx, mut rx) = oneshot::channel::<u8>();
        let bell = Bell::new();
        assert!(!watch(&mut tx, &bell) && !watch(&mut tx, &bell) && !tx.is_closed());
        assert_eq!(bell.clones(), 1);
        if closes {
            rx.close();
        } else {
            drop(rx);
        }
        assert_eq!((bell.wakes(), bell.held()), (1, 0));
        assert!(watch(&mut tx, &bell) && watch(&mut tx, &bell) && tx.is_closed());
        assert_eq!(tx.send(1), Err(1));
    }
}

#[test]
fn a_watch_that_is_given_up_leaves_nothing_behind() {
    let (mut tx, rx) = oneshot::channel();
    let bell = Bell::new();
    let mut watching = Box::pin(tx.closed());
    assert!(watching.as_mut().poll(&mut bell.context()).is_pending() && !watching.is_terminated());
    assert_eq!(format!("{watching:?}"), "Watching(Some(Sender(Open)))");
    drop(watching);
    assert_eq!(bell.held(), 0);
    tx.send(1).unwrap();
    assert_eq!((now(rx), bell.wakes()), (Ok(1), 0));
}

#[test]
fn a_watcher_that_sends_or_leaves_takes_its_waker_along() {
    for sends in [true, false] {
        let (mut tx, rx) = oneshot::channel();
        let bell = Bell::new();
        assert!(!watch(&mut tx, &bell));
        if sends {
            tx.send(1).unwrap()
        } else {
            drop(tx)
        }
        assert_eq!(bell.held(), 0);
        drop(rx);
        assert_eq!(bell.wakes(), 0);
    }
}

#[test]
fn both_ends_may_wait_for_each_other() {
    let (mut tx, mut rx) = oneshot::channel::<u8>();
    let (left, right) = (Bell::new(), Bell::new());
    assert!(!watch(&mut tx, &left) && look(&mut rx, &right).is_pending());
    assert!(!watch(&mut tx, &left) && look(&mut rx, &right).is_pending());
    tx.send(3).unwrap();
    assert_eq!((left.wakes(), right.wakes(), now(rx)), (0, 1, Ok(3)));

    let (mut tx, mut rx) = oneshot::channel::<u8>();
    assert!(!watch(&mut tx, &left) && look(&mut rx, &right).is_pending());
    drop(rx);
    assert_eq!((left.wakes(), right.wakes(), tx.send(3)), (1, 1, Err(3)));
    assert_eq!((left.held(), right.held()), (0, 0));
}

#[test]
fn each_value_is_dropped_exactly_once_in_every_order() {
    for order in 0..6 {
        let count = Arc::new(AtomicUsize::new(0));
        let (tx, mut rx) = oneshot::channel();
        let value = Dropped::new(1, &count);
        match order {
            0 => drop((tx.send(value).map_err(|_| ()), rx)),
            1 => drop((rx, tx.send(value).map_err(|_| ()))),
            2 => {
                drop(rx);
                drop(tx.send(value).unwrap_err());
            }
            3 => {
                rx.close();
                drop(rx);
                drop(tx.send(value).unwrap_err());
            }
            4 => {
                rx.close();
                drop(tx.send(value).unwrap_err());
                drop(rx);
            }
            _ => {
                tx.send(value).unwrap();
                drop(now(rx).unwrap());
            }
        }
        assert_eq!(count.load(SeqCst), 1, "order {order}");
    }
}

#[test]
fn a_thread_waits_for_the_value_and_a_sender_for_the_end() {
    let (tx, rx) = oneshot::channel();
    let (mut other, gone) = oneshot::channel::<u8>();
    let thread = std::thread::spawn(move || {
        tx.send(5).unwrap();
        other.closed().wait();
        other.send(6)
    });
    assert_eq!(rx.wait(), Ok(5));
    drop(gone);
    assert_eq!(thread.join().unwrap(), Err(6));
}

#[test]
fn large_empty_and_borrowed_values_go_through() {
    let (tx, rx) = oneshot::channel();
    tx.send([7_u64; 500]).unwrap();
    assert_eq!(now(rx).unwrap()[499], 7);
    let text = String::from("borrowed");
    let (tx, rx) = oneshot::channel::<&str>();
    tx.send(&text).unwrap();
    assert_eq!(now(rx), Ok("borrowed"));
}

#[test]
fn a_watching_that_is_dropped_before_its_first_poll_leaves_the_poller_of_the_sender_alone() {
    let (mut tx, rx) = oneshot::channel::<u8>();
    let bell = Bell::new();
    assert!(!watch(&mut tx, &bell));
    drop(tx.closed());
    drop(rx);
    assert_eq!(bell.wakes(), 1);
}
