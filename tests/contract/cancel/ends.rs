//! Giving up `closed()` and `drained()`: onlookers come and go without a trace.

use std::task::{Context, Poll};

use crate::common::{Bell, pending, queued, ready};
use sempost::Semaphore;
use sempost::mailbox;

#[test]
fn a_closed_first_polled_after_the_close_is_ready() {
    let semaphore = Semaphore::new(0);
    let mut early = Box::pin(semaphore.closed());
    semaphore.close();
    ready(&mut early, &Bell::new());
}

#[test]
fn closed_is_not_woken_by_anything_but_the_close() {
    let (tx, rx) = mailbox::bounded(1);
    let bell = Bell::new();
    let mut closed = queued(tx.closed(), &bell);
    tx.try_send(1).unwrap();
    rx.try_recv().unwrap();
    assert_eq!(bell.wakes(), 0);
    pending(&mut closed, &bell);
}

#[test]
fn a_drained_dropped_in_line_disturbs_no_other_onlooker() {
    let (tx, rx) = mailbox::bounded(1);
    let (gone, stays) = (Bell::new(), Bell::new());
    tx.try_send(1).unwrap();
    let dropped = queued(rx.drained(), &gone);
    let mut kept = queued(rx.drained(), &stays);
    drop(dropped);
    drop(tx);
    pending(&mut kept, &stays);
    assert_eq!(rx.try_recv(), Ok(1));
    assert_eq!((gone.wakes(), gone.held()), (0, 0));
    assert!(stays.wakes() >= 1);
    ready(&mut kept, &stays);
}

#[test]
fn a_dropped_claim_is_what_drained_waits_for() {
    let (tx, rx) = mailbox::bounded(1);
    let (a, b) = (Bell::new(), Bell::new());
    let claimed = queued(rx.recv(), &a);
    tx.try_send(1).unwrap();
    drop(tx);
    let mut drained = queued(rx.drained(), &b);
    drop(claimed);
    pending(&mut drained, &b);
    assert_eq!(rx.try_recv(), Ok(1));
    ready(&mut drained, &b);
}

/// Whether a handle sees the close; `bell` rings when it should look again.
macro_rules! sees_close {
    ($handle:expr, $bell:expr) => {
        $handle.poll_closed(&mut Context::from_waker($bell.waker())) == Poll::Ready(())
    };
}

#[test]
fn handles_that_watch_are_woken_by_the_close_and_go_on_answering() {
    let (mut tx, mut rx) = mailbox::bounded::<u32>(1);
    let (a, b) = (Bell::new(), Bell::new());
    assert!(!sees_close!(tx, a) && !sees_close!(rx, b));
    assert!(!sees_close!(tx, a) && a.held() == 1, "the same task again");
    rx.close();
    assert_eq!((a.wakes(), b.wakes()), (1, 1));
    for _ in 0..2 {
        assert!(sees_close!(tx, a) && sees_close!(rx, b));
    }
    assert_eq!((a.held(), b.held()), (0, 0));
}

#[test]
fn a_handle_wakes_the_task_that_watched_last() {
    let (mut tx, rx) = mailbox::bounded::<u32>(1);
    let (before, now) = (Bell::new(), Bell::new());
    assert!(!sees_close!(tx, before) && !sees_close!(tx, now));
    assert_eq!(before.held(), 0);
    drop(rx);
    assert_eq!((before.wakes(), now.wakes()), (0, 1));
}

#[test]
fn a_handle_watches_beside_what_else_it_waits_for() {
    let (mut tx, mut rx) = mailbox::bounded(1);
    let (message, close) = (Bell::new(), Bell::new());
    let recv = |rx: &mut mailbox::Receiver<u32>| rx.poll_recv(&mut Context::from_waker(message.waker()));
    assert!(!sees_close!(rx, close) && recv(&mut rx).is_pending());
    tx.try_send(1).unwrap();
    assert_eq!((message.wakes(), close.wakes()), (1, 0));
    assert_eq!(recv(&mut rx), Poll::Ready(Some(1)));
    assert!(!sees_close!(tx, message));
    drop(rx);
    assert_eq!((message.wakes(), close.wakes(), close.held()), (2, 0, 0), "it was dropped, and hears nothing more");
}

#[test]
fn a_dropped_handle_that_watched_disturbs_no_other() {
    let (mut tx, rx) = mailbox::bounded::<u32>(1);
    let (gone, stays) = (Bell::new(), Bell::new());
    let mut other = tx.clone();
    assert!(!sees_close!(tx, gone) && !sees_close!(other, stays));
    drop(tx);
    rx.close();
    assert_eq!((gone.wakes(), gone.held(), stays.wakes()), (0, 0, 1));
}
