//! Reply ports given up, by either end, in each state, with wakers and values that are hostile.

use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::SeqCst;
use std::sync::{Arc, Mutex};
use std::task::Poll;

use sempost::oneshot::{self, Receiver, RecvError, TryRecvError};

use crate::common::{Bell, Dropped, expect_ready, forget, now, panic_message, with};

fn look<T>(receiver: &mut Receiver<T>, bell: &Bell) -> Poll<Result<T, RecvError>> {
    Pin::new(receiver).poll(&mut bell.context())
}

fn survive(body: impl FnOnce()) {
    assert!(catch_unwind(AssertUnwindSafe(body)).is_err(), "something was to panic");
}

#[test]
fn a_receiver_may_be_polled_and_left_as_often_as_one_likes() {
    let (tx, mut rx) = oneshot::channel();
    for _ in 0..3 {
        let bell = Bell::new();
        assert!(look(&mut rx, &bell).is_pending());
        assert_eq!(bell.held(), 1);
    }
    tx.send(1).unwrap();
    assert_eq!(now(&mut rx), Ok(1));
}

#[test]
fn a_receiver_that_is_dropped_while_it_waits_takes_its_waker_along() {
    let (tx, mut rx) = oneshot::channel();
    let bell = Bell::new();
    assert!(look(&mut rx, &bell).is_pending());
    drop(rx);
    assert_eq!(bell.held(), 0);
    assert_eq!((tx.send(1), bell.wakes()), (Err(1), 0));
}

#[test]
fn a_receiver_that_is_dropped_drops_the_value() {
    for waits in [false, true] {
        let count = Arc::new(AtomicUsize::new(0));
        let (tx, mut rx) = oneshot::channel();
        if waits {
            assert!(look(&mut rx, &Bell::new()).is_pending());
        }
        tx.send(Dropped::new(1, &count)).unwrap();
        assert_eq!(count.load(SeqCst), 0);
        drop(rx);
        assert_eq!(count.load(SeqCst), 1);
    }
}

#[test]
fn a_value_that_panics_in_its_drop_is_dropped_once() {
    let count = Arc::new(AtomicUsize::new(0));
    let (tx, rx) = oneshot::channel();
    tx.send(Dropped::panicking(1, &count)).unwrap();
    survive(|| drop(rx));
    assert_eq!(count.load(SeqCst), 1);
}

/// The last receiver of a value that panics, in a panic: one panic gets out, and everything is dropped.
#[test]
fn a_value_that_panics_in_a_panic_does_not_end_the_process() {
    struct Bomb(Arc<AtomicUsize>);
    impl Drop for Bomb {
        fn drop(&mut self) {
            self.0.fetch_add(1, SeqCst);
            panic!("a bomb goes off");
        }
    }
    let count = Arc::new(AtomicUsize::new(0));
    let (tx, rx) = oneshot::channel();
    tx.send(Bomb(Arc::clone(&count))).ok().unwrap();
    let message = panic_message(|| {
        let _rx = rx;
        panic!("the first");
    });
    assert_eq!((message.as_str(), count.load(SeqCst)), ("the first", 1));
}

#[test]
fn a_waker_that_panics_when_woken_costs_nobody_the_value() {
    let (tx, mut rx) = oneshot::channel();
    let hostile = Bell::panicking();
    assert!(look(&mut rx, &hostile).is_pending());
    survive(|| tx.send(1).unwrap());
    assert_eq!((now(rx), hostile.held()), (Ok(1), 0));

    let (tx, mut rx) = oneshot::channel::<u8>();
    assert!(look(&mut rx, &hostile).is_pending());
    survive(|| drop(tx));
    assert_eq!((now(rx), hostile.held()), (Err(RecvError), 0));
}

#[test]
fn a_waker_that_panics_when_cloned_is_a_poll_that_did_not_happen() {
    let (tx, mut rx) = oneshot::channel();
    let (hostile, bell) = (Bell::new(), Bell::new());
    hostile.on_clone(|| panic!("this clone panics"));
    survive(|| _ = look(&mut rx, &hostile));
    assert!(look(&mut rx, &bell).is_pending());
    survive(|| _ = look(&mut rx, &hostile));
    assert_eq!((bell.held(), hostile.held()), (1, 0));
    tx.send(1).unwrap();
    assert_eq!((bell.wakes(), now(rx)), (1, Ok(1)));
}

#[test]
fn a_waker_that_panics_when_dropped_has_made_way_for_the_next() {
    let (tx, mut rx) = oneshot::channel();
    let (hostile, bell) = (Bell::new(), Bell::new());
    hostile.on_drop(|| panic!("this drop panics"));
    assert!(look(&mut rx, &hostile).is_pending());
    survive(|| _ = look(&mut rx, &bell));
    hostile.unhook();
    tx.send(1).unwrap();
    assert_eq!((bell.wakes(), hostile.held(), bell.held(), now(rx)), (1, 0, 0, Ok(1)));
}

/// The value arrives while the waker is cloned, and the clone is not needed: its drop must not take the value along.
#[test]
fn a_clone_that_is_not_needed_takes_no_value_along() {
    for waits in [false, true] {
        let (tx, mut rx) = oneshot::channel();
        let (hostile, before) = (Bell::new(), Bell::new());
        if waits {
            assert!(look(&mut rx, &before).is_pending());
        }
        let sender = Mutex::new(Some(tx));
        hostile.on_clone(move || sender.lock().unwrap().take().unwrap().send(1).unwrap());
        hostile.on_drop(|| panic!("this drop panics"));
        survive(|| _ = look(&mut rx, &hostile));
        hostile.unhook();
        assert_eq!((before.wakes(), before.held(), hostile.held()), (usize::from(waits), 0, 0));
        assert_eq!(rx.try_recv(), Ok(1));
    }
}

#[test]
fn a_clone_that_sends_or_drops_the_sender_is_answered_at_once() {
    for sends in [true, false] {
        let (tx, mut rx) = oneshot::channel();
        let bell = Bell::new();
        let sender = Mutex::new(Some(tx));
        bell.on_clone(move || {
            let tx = sender.lock().unwrap().take().unwrap();
            if sends { tx.send(1).unwrap() } else { drop(tx) }
        });
        assert_eq!(expect_ready(look(&mut rx, &bell)), if sends { Ok(1) } else { Err(RecvError) });
        assert_eq!((bell.wakes(), bell.held()), (0, 0));
    }
}

/// A waker that polls, drops or closes the receiver in the middle of the send: the sender touches nothing afterwards.
#[test]
fn a_waker_that_comes_back_may_end_the_channel() {
    for what in 0..4 {
        let (tx, rx) = oneshot::channel();
        let bell = Bell::new();
        let count = Arc::new(AtomicUsize::new(0));
        let receiver = Arc::new(Mutex::new(Some(rx)));
        let poll = |bell: &Bell| look(receiver.lock().unwrap().as_mut().unwrap(), bell).is_pending();
        assert!(poll(&bell));
        let inside = Arc::clone(&receiver);
        bell.on_wake(move || {
            let mut rx = inside.lock().unwrap().take().unwrap();
            match what {
                0 => drop(expect_ready(look(&mut rx, &Bell::new())).unwrap()),
                1 => drop(rx.try_recv().unwrap()),
                2 => drop(rx),
                _ => rx.close(),
            }
        });
        tx.send(Dropped::new(1, &count)).unwrap();
        assert_eq!((bell.wakes(), count.load(SeqCst)), (1, 1));
        bell.unhook();
    }
}

#[test]
fn a_watcher_that_panics_keeps_nobody_from_leaving() {
    let (mut tx, mut rx) = oneshot::channel::<u8>();
    let (hostile, waiting) = (Bell::panicking(), Bell::new());
    assert!(with(&hostile, |cx| tx.poll_closed(cx)).is_pending());
    assert!(look(&mut rx, &waiting).is_pending());
    survive(|| drop(rx));
    assert_eq!((waiting.held(), hostile.held(), tx.send(1)), (0, 0, Err(1)));

    let (mut tx, mut rx) = oneshot::channel::<u8>();
    assert!(with(&hostile, |cx| tx.poll_closed(cx)).is_pending());
    survive(|| rx.close());
    assert_eq!((tx.send(1), rx.try_recv()), (Err(1), Err(TryRecvError::Closed)));
}

#[test]
fn a_watchers_waker_that_panics_in_its_drop_costs_nobody_the_value() {
    let (mut tx, mut rx) = oneshot::channel();
    let (hostile, bell) = (Bell::new(), Bell::new());
    hostile.on_drop(|| panic!("this drop panics"));
    assert!(with(&hostile, |cx| tx.poll_closed(cx)).is_pending());
    assert!(look(&mut rx, &bell).is_pending());
    survive(|| tx.send(1).unwrap());
    assert_eq!((bell.wakes(), now(rx)), (1, Ok(1)));
}

#[test]
fn a_watchers_waker_may_drop_the_sender() {
    let (mut tx, rx) = oneshot::channel::<u8>();
    let bell = Bell::new();
    assert!(with(&bell, |cx| tx.poll_closed(cx)).is_pending());
    let sender = Mutex::new(Some(tx));
    bell.on_wake(move || drop(sender.lock().unwrap().take()));
    drop(rx);
    assert_eq!(bell.wakes(), 1);
}

#[test]
fn an_end_that_is_forgotten_leaves_the_other_as_it_is() {
    let (tx, mut rx) = oneshot::channel::<u8>();
    forget(tx);
    assert_eq!(rx.try_recv(), Err(TryRecvError::Empty));
    forget(rx);

    let count = Arc::new(AtomicUsize::new(0));
    let (tx, rx) = oneshot::channel();
    forget(rx);
    assert!(!tx.is_closed());
    tx.send(Dropped::new(1, &count)).unwrap();
    assert_eq!(count.load(SeqCst), 0);

    let (mut tx, mut rx) = oneshot::channel::<u8>();
    let bell = Bell::new();
    let mut watching = Box::pin(tx.closed());
    assert!(watching.as_mut().poll(&mut bell.context()).is_pending());
    forget(watching);
    rx.close();
    assert_eq!((bell.wakes(), tx.send(1)), (1, Err(1)));
}
