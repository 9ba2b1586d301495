//! What the tables found, each as the shortest sequence that shows it. Where two panics used to meet, the old end was
//! an abort of the process.

use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use futures::Sink;
use sempost::Semaphore;
use sempost::mailbox::{Sender, TryRecvError, bounded};

use crate::calm::{calm, hush, in_a_panic, rage};
use crate::common::{Bell, expect_ready, panic_message, poll, queued, ready, with};

/// A task whose wakers panic when they are dropped.
fn dropping() -> Bell {
    let bell = Bell::new();
    bell.on_drop(rage);
    bell
}

/// A task whose wakers panic when they wake.
fn waking() -> Bell {
    let bell = Bell::new();
    bell.on_wake(rage);
    bell
}

/// A message whose drop panics as planned, also while a panic is under way.
#[derive(Debug)]
struct Sore(Arc<AtomicUsize>);

impl Drop for Sore {
    fn drop(&mut self) {
        self.0.fetch_add(1, Ordering::Relaxed);
        rage();
    }
}

/// Insists that `f` panics as planned, and only once.
#[track_caller]
fn rages<R>(f: impl FnOnce() -> R) {
    hush();
    assert!(calm(f).raged(), "somebody was to panic");
}

#[test]
fn a_reservation_whose_unneeded_waker_panics_gives_its_slots_back() {
    hush();
    let (tx, rx) = bounded::<u32>(3);
    let all = tx.try_reserve_many(3).unwrap();
    drop(queued(tx.reserve_many(2), &Bell::new()));
    drop(all);
    let evil = dropping();
    let mut reserving = Box::pin(tx.reserve_many(2));
    rages(|| poll(&mut reserving, &evil).is_ready());
    assert_eq!((evil.held(), rx.remaining()), (0, 3));
    drop(reserving);
    drop(tx.try_reserve_many(3).expect("all three are free"));
}

#[test]
fn a_slot_of_a_sink_whose_unneeded_waker_panics_goes_to_the_next() {
    let (mut tx, rx) = bounded(1);
    tx.try_send(1).unwrap();
    drop(queued(tx.send(2), &Bell::new()));
    assert_eq!(rx.try_recv(), Ok(1));
    let evil = dropping();
    rages(|| with(&evil, |cx| Pin::new(&mut tx).poll_ready(cx)).is_ready());
    assert_eq!(rx.remaining(), 1);
    assert!(expect_ready(with(&Bell::new(), |cx| Pin::new(&mut tx).poll_ready(cx))).is_ok());
}

#[test]
fn a_buffer_that_cannot_grow_leaves_the_claim_to_the_next() {
    hush();
    let (tx, rx) = bounded(1);
    let mut whole = vec![(); usize::MAX];
    let (first, second) = (Bell::new(), Bell::new());
    let mut many = queued(rx.recv_many(&mut whole, 1), &first);
    let mut next = queued(rx.recv(), &second);
    tx.try_send(()).unwrap();
    let message = panic_message(|| poll(&mut many, &first).is_ready());
    assert!(message.contains("capacity overflow"), "{message}");
    drop(many);
    assert_eq!((second.wakes(), ready(&mut next, &second)), (1, Some(())));
    assert_eq!((rx.len(), rx.remaining()), (0, 1));
}

#[test]
fn a_head_that_leaves_may_drop_and_wake_two_who_panic() {
    let semaphore = Semaphore::new(1);
    let (evil, worse) = (dropping(), waking());
    let head = queued(semaphore.acquire_many(2), &evil);
    let mut next = queued(semaphore.acquire(), &worse);
    rages(|| drop(head));
    assert_eq!((evil.held(), worse.wakes(), semaphore.waiters()), (0, 1, 0));
    assert!(ready(&mut next, &Bell::new()).is_ok());
    assert_eq!(semaphore.available_permits(), 1);
}

#[test]
fn a_receive_may_wake_a_sender_and_drop_a_waker_who_panic() {
    let (tx, rx) = bounded(1);
    drop(queued(rx.recv(), &Bell::new()));
    tx.try_send(1).unwrap();
    let (evil, worse) = (dropping(), waking());
    let mut sending = queued(tx.send(2), &worse);
    let mut receiving = Box::pin(rx.recv());
    rages(|| poll(&mut receiving, &evil).is_ready());
    assert_eq!((evil.held(), worse.wakes(), rx.try_recv()), (0, 1, Ok(1)));
    assert!(ready(&mut sending, &Bell::new()).is_ok());
    assert_eq!(rx.try_recv(), Ok(2));
}

#[test]
fn a_receive_of_many_may_wake_a_sender_and_drop_a_waker_who_panic() {
    let (tx, rx) = bounded(1);
    drop(queued(rx.recv(), &Bell::new()));
    tx.try_send(1).unwrap();
    let (evil, worse) = (dropping(), waking());
    let mut sending = queued(tx.send(2), &worse);
    let mut buffer = Vec::new();
    let mut receiving = Box::pin(rx.recv_many(&mut buffer, 1));
    rages(|| poll(&mut receiving, &evil).is_ready());
    drop(receiving);
    assert_eq!((evil.held(), worse.wakes(), buffer), (0, 1, vec![1]));
    assert!(ready(&mut sending, &Bell::new()).is_ok());
}

#[test]
fn a_message_that_came_while_a_waker_was_cloned_survives_its_drop() {
    let (tx, mut rx) = bounded(1);
    assert!(with(&Bell::new(), |cx| rx.poll_recv(cx)).is_pending());
    let evil = dropping();
    evil.on_clone(move || tx.try_send(1).unwrap());
    rages(|| with(&evil, |cx| rx.poll_recv(cx)).is_ready());
    assert_eq!((evil.held(), rx.try_recv()), (0, Ok(1)));
}

#[test]
fn a_handles_receive_may_wake_a_sender_and_drop_a_waker_who_panic() {
    let (tx, mut rx) = bounded(1);
    assert!(with(&Bell::new(), |cx| rx.poll_recv(cx)).is_pending());
    let (evil, worse, parked) = (dropping(), Arc::new(waking()), Arc::new(Mutex::new(None)));
    let (tx, place, bell) = (Arc::new(tx), Arc::clone(&parked), Arc::clone(&worse));
    evil.on_clone(move || {
        tx.try_send(1).unwrap();
        *place.lock().unwrap() = Some(queued(send(Arc::clone(&tx), 2), &bell));
    });
    rages(|| with(&evil, |cx| rx.poll_recv(cx)).is_ready());
    assert_eq!((evil.held(), worse.wakes(), rx.try_recv()), (0, 1, Ok(1)));
    let mut sending = parked.lock().unwrap().take().expect("it was parked");
    ready(&mut sending, &Bell::new());
    assert_eq!(rx.try_recv(), Ok(2));
}

/// A send that keeps its sender.
async fn send(tx: Arc<Sender<u32>>, message: u32) {
    tx.send(message).await.expect("somebody receives");
}

#[test]
fn a_cancelled_send_may_wake_a_waker_and_drop_a_message_who_panic() {
    let count = Arc::new(AtomicUsize::new(0));
    let (tx, rx) = bounded(1);
    let permit = tx.try_reserve().unwrap();
    let worse = waking();
    let granted = queued(tx.send(Sore(Arc::clone(&count))), &Bell::new());
    let mut next = queued(tx.reserve(), &worse);
    drop(permit);
    rages(|| drop(granted));
    assert_eq!((count.load(Ordering::Relaxed), worse.wakes()), (1, 1));
    drop(ready(&mut next, &Bell::new()).unwrap());
    assert_eq!(rx.remaining(), 1);
}

#[test]
fn a_dropped_sink_may_wake_a_waker_and_drop_a_message_who_panic() {
    let count = Arc::new(AtomicUsize::new(0));
    let (tx, rx) = bounded(1);
    let permit = tx.try_reserve().unwrap();
    let worse = waking();
    let mut sink = Box::pin(tx.clone());
    sink.as_mut().start_send(Sore(Arc::clone(&count))).expect("the outbox is empty");
    assert!(with(&Bell::new(), |cx| sink.as_mut().poll_flush(cx)).is_pending());
    let mut next = queued(tx.reserve(), &worse);
    drop(permit);
    rages(|| drop(sink));
    assert_eq!((count.load(Ordering::Relaxed), worse.wakes(), rx.sender_count()), (1, 1, 1));
    drop(ready(&mut next, &Bell::new()).unwrap());
}

#[test]
fn a_waker_may_panic_when_its_future_is_dropped_in_a_panic() {
    let semaphore = Semaphore::new(0);
    let (evil, bell) = (dropping(), Bell::new());
    let waiting = queued(semaphore.acquire(), &evil);
    let mut next = queued(semaphore.acquire(), &bell);
    hush();
    in_a_panic(|| drop(waiting));
    assert_eq!((evil.held(), semaphore.waiters()), (0, 1));
    semaphore.add_permits(1);
    assert!(bell.wakes() == 1 && ready(&mut next, &bell).is_ok());
}

#[test]
fn a_waker_may_panic_when_its_handle_is_dropped_in_a_panic() {
    let (tx, rx) = bounded::<u32>(1);
    let (evil, mut handle) = (dropping(), rx.clone());
    assert!(with(&evil, |cx| handle.poll_recv(cx)).is_pending());
    hush();
    in_a_panic(|| drop(handle));
    assert_eq!((evil.held(), tx.receiver_count(), tx.waiting_receivers()), (0, 1, 0));
}

#[test]
fn a_message_may_panic_when_its_send_is_dropped_in_a_panic() {
    let count = Arc::new(AtomicUsize::new(0));
    let (tx, rx) = bounded(1);
    let permit = tx.try_reserve().unwrap();
    let unpolled = Box::pin(tx.send(Sore(Arc::clone(&count))));
    let waiting = queued(tx.send(Sore(Arc::clone(&count))), &Bell::new());
    hush();
    in_a_panic(|| drop(unpolled));
    in_a_panic(|| drop(waiting));
    drop(permit);
    assert_eq!((count.load(Ordering::Relaxed), rx.remaining()), (2, 1));
    assert!(matches!(rx.try_recv(), Err(TryRecvError::Empty)));
}
