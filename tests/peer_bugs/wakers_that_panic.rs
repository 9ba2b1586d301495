//! Section 2.4, second half: wakers that panic, that are never or always the same, and tasks that are let go.

use crate::common::lines::Cond::{self, A};
use crate::common::{Bell, panic_message, poll, queued, ready, watched, with};
use crate::{CAPACITIES, on_every_line, open};
use futures::Sink;
use sempost::mailbox;
use sempost::{Monitor, Mutex, Semaphore};
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

/// Three tasks; the waker of the first panics.
fn first_of_three_panics() -> [Bell; 3] {
    [Bell::panicking(), Bell::new(), Bell::new()]
}

/// Insists that `event` panics by a waker, and that all three were woken by it.
#[track_caller]
fn wakes_all(bells: &[Bell; 3], event: impl FnOnce()) {
    assert_eq!(panic_message(event), "this waker panics");
    assert_eq!(bells.each_ref().map(Bell::wakes), [1, 1, 1]);
}

/// tokio#3689: a panicking clone left the `AtomicWaker` locked; here the poll did not happen, and everything else does.
#[test]
fn b073_after_a_clone_that_panics_it_works() {
    on_every_line(|line| {
        let (brittle, bell) = (Bell::new(), Bell::new());
        brittle.on_clone(|| panic!("this clone panics"));
        let mut fresh = (line.make)();
        assert_eq!(panic_message(|| fresh.finished(&brittle)), "this clone panics");
        drop(fresh);
        line.assert_waiters(0);
        let mut waiter = line.queue(&bell);
        assert_eq!(panic_message(|| waiter.finished(&brittle)), "this clone panics");
        assert_eq!((brittle.held(), bell.held()), (0, 1));
        (line.one)();
        assert!(bell.wakes() == 1 && waiter.finished(&bell));
    });
    let (tx, mut rx) = mailbox::bounded(1);
    let (brittle, bell) = (Bell::new(), Bell::new());
    brittle.on_clone(|| panic!("this clone panics"));
    assert!(with(&bell, |cx| rx.poll_recv(cx)).is_pending());
    panic_message(|| with(&brittle, |cx| rx.poll_recv(cx)));
    tx.try_send(1).unwrap();
    assert_eq!((bell.wakes(), rx.try_recv()), (1, Ok(1)));
}

/// tokio#5154: `Notify` and panics; here a notification whose waker panics is given, and so are those behind it, at the
/// door and at the end of a close.
#[test]
fn b074_a_notification_whose_waker_panics_is_given() {
    watched(String::new, || {
        let monitor = Monitor::<_, Cond>::new(0);
        let bells = first_of_three_panics();
        let line = bells.each_ref().map(|bell| queued(monitor.try_enter().unwrap().wait(A), bell));
        let inside = monitor.try_enter().unwrap();
        assert_eq!(inside.notify_all(A), 3);
        assert_eq!(panic_message(|| drop(inside)), "this waker panics");
        for (mut waiting, bell) in line.into_iter().zip(&bells) {
            assert_eq!(bell.wakes(), 1);
            *ready(&mut waiting, &Bell::new()) += 1;
        }
        let mut waiting = queued(monitor.try_enter().unwrap().wait(A), &bells[0]);
        assert_eq!(panic_message(|| monitor.try_enter().unwrap().signal_and_leave(A)), "this waker panics");
        assert_eq!(*ready(&mut waiting, &Bell::new()), 3);

        let semaphore = Semaphore::new(0);
        let bells = first_of_three_panics();
        let line = bells.each_ref().map(|bell| queued(semaphore.closed(), bell));
        wakes_all(&bells, || assert!(semaphore.close()));
        line.into_iter().for_each(|mut closed| ready(&mut closed, &Bell::new()));
    });
}

/// All eleven peers, by running: a panic in one wake dropped the other wakers; here every call that wakes several wakes
/// them all.
#[test]
fn b075_one_waker_that_panics_robs_nobody() {
    watched(String::new, || {
        let semaphore = Semaphore::new(0);
        let bells = first_of_three_panics();
        let line = bells.each_ref().map(|bell| queued(semaphore.acquire(), bell));
        wakes_all(&bells, || _ = semaphore.add_permits(3));
        drop(line);
        let held = semaphore.try_acquire_many(3).unwrap();
        let bells = first_of_three_panics();
        let line = bells.each_ref().map(|bell| queued(semaphore.acquire(), bell));
        wakes_all(&bells, || drop(held));
        drop(line);
        semaphore.forget_permits(3);
        let bells = first_of_three_panics();
        let _line = bells.each_ref().map(|bell| queued(semaphore.acquire(), bell));
        wakes_all(&bells, || assert!(semaphore.close()));

        let (tx, rx) = mailbox::bounded(3);
        let bells = first_of_three_panics();
        let permits = tx.try_reserve_many(3).unwrap();
        let line = bells.each_ref().map(|bell| queued(tx.reserve(), bell));
        wakes_all(&bells, || drop(permits));
        drop(line);
        (0..3).for_each(|i| tx.try_send(i).unwrap());
        let bells = first_of_three_panics();
        let line = bells.each_ref().map(|bell| queued(tx.send(9), bell));
        wakes_all(&bells, || assert_eq!(rx.try_recv_many(&mut Vec::new(), 3), Ok(3)));
        drop(line);
        let bells = first_of_three_panics();
        let line = bells.each_ref().map(|bell| queued(rx.recv(), bell));
        wakes_all(&bells, || drop(tx));
        drop(line);

        for capacity in [Some(0), Some(1)] {
            let (tx, rx) = open(capacity);
            (0..capacity.unwrap()).for_each(|i| tx.try_send(i).unwrap());
            let bells = first_of_three_panics();
            let line = bells.each_ref().map(|bell| queued(tx.send(7), bell));
            wakes_all(&bells, || drop(rx));
            line.into_iter().for_each(|mut sending| assert!(ready(&mut sending, &Bell::new()).is_err()));
            let bells = first_of_three_panics();
            let (tx, rx) = open::<u32>(capacity);
            let _line = bells.each_ref().map(|bell| queued(rx.drained(), bell));
            wakes_all(&bells, || assert!(tx.close_mailbox()));
        }
    });
}

/// Polls `future` by wakers that are all equal, then by wakers of one task of which no two are; each is let go for the
/// next, and `give` wakes the task once.
#[track_caller]
fn polled_by_odd_wakers<F: Future>(future: F, give: impl FnOnce()) {
    let task = Bell::fickle();
    let mut future = Box::pin(future);
    for _ in 0..20 {
        assert!(future.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
    }
    for _ in 0..20 {
        let waker = task.waker().clone();
        assert!(future.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
        drop(waker);
        assert_eq!(task.held(), 1, "an old waker is kept");
    }
    give();
    assert_eq!((task.wakes(), task.held()), (1, 0));
    assert!(poll(&mut future, &task).is_ready());
}

/// futures#2865: `will_wake` compared tables that the compiler had doubled, and became false; here a task whose wakers
/// are never equal is woken, keeps one of them, and takes the place of wakers that all are.
#[test]
fn b076_a_task_whose_wakers_are_never_equal() {
    let semaphore = Semaphore::new(0);
    polled_by_odd_wakers(semaphore.acquire_many(2), || _ = semaphore.add_permits(2));
    let mutex = Mutex::new(());
    let held = mutex.try_lock().unwrap();
    polled_by_odd_wakers(mutex.lock(), || drop(held));
    let monitor = Monitor::<_, Cond>::new(());
    let inside = monitor.try_enter().unwrap();
    polled_by_odd_wakers(monitor.enter(), || drop(inside));
    let inside = monitor.try_enter().unwrap();
    polled_by_odd_wakers(inside.wait(A), || assert!(monitor.try_enter().unwrap().notify_one(A)));
    for capacity in CAPACITIES {
        let (tx, rx) = open(capacity);
        polled_by_odd_wakers(rx.recv(), || tx.try_send(1).unwrap());
        if let Some(capacity) = capacity {
            (0..capacity).for_each(|i| tx.try_send(i).unwrap());
            polled_by_odd_wakers(tx.send(7), || assert!(rx.try_recv().is_ok()));
        }
    }
    let (tx, rx) = mailbox::bounded::<u32>(1);
    let permit = tx.try_reserve().unwrap();
    polled_by_odd_wakers(tx.reserve(), || drop(permit));
    polled_by_odd_wakers(tx.closed(), || assert!(tx.close_mailbox()));
    drop(rx.drained());
    polled_by_odd_wakers(semaphore.closed(), || assert!(semaphore.close()));
}

/// futures ee37fdce: a sender was woken after it had been dropped; here a waiter that left keeps no waker, and is never
/// woken again.
#[test]
fn b077_who_left_is_not_woken() {
    on_every_line(|line| {
        let (gone, stays) = (Bell::new(), Bell::new());
        let first = line.queue(&gone);
        let mut second = line.queue(&stays);
        drop(first);
        assert_eq!(gone.held(), 0);
        (line.one)();
        assert!(second.finished(&stays));
        assert_eq!((gone.wakes(), gone.held(), stays.held()), (0, 0, 0));
    });
    let (tx, rx) = mailbox::bounded(1);
    let bell = Bell::new();
    let (mut stream, mut sink) = (rx.clone(), tx.clone());
    assert!(with(&bell, |cx| stream.poll_recv(cx)).is_pending());
    drop(stream);
    tx.try_send(1).unwrap();
    assert!(with(&bell, |cx| Pin::new(&mut sink).poll_ready(cx)).is_pending());
    drop(sink);
    assert_eq!((rx.try_recv(), bell.wakes(), bell.held()), (Ok(1), 0, 0));
}

/// shuttle#317: a semaphore woke the task that had made the future, not the one that polled it; here a future is made
/// inside one task, polled by another, and nothing is known of the first.
#[test]
fn b078_the_task_that_polls_is_woken_not_the_one_that_made_it() {
    on_every_line(|line| {
        let (maker, poller) = (Bell::new(), Bell::new());
        let make = poll_fn(|_| Poll::Ready((line.make)()));
        let mut waiter = ready(&mut Box::pin(make), &maker);
        assert!(!waiter.finished(&poller));
        (line.one)();
        assert_eq!((maker.wakes(), maker.clones(), poller.wakes()), (0, 0, 1));
    });
}

/// tokio#1648, #911: the waker of the task that a future had left was leaked; here it is let go with the first poll by
/// another, by futures, handles and sinks.
#[test]
fn b079_the_task_that_a_future_left_is_let_go() {
    on_every_line(|line| {
        let bells = [Bell::new(), Bell::new(), Bell::new()];
        let mut waiter = (line.make)();
        for bell in &bells {
            assert!(!waiter.finished(bell));
        }
        assert_eq!(bells.each_ref().map(Bell::held), [0, 0, 1]);
        (line.one)();
        assert!(waiter.finished(&bells[0]));
        assert_eq!(bells.each_ref().map(Bell::held), [0, 0, 0]);
    });
    let (mut tx, mut rx) = mailbox::bounded(1);
    let (old, new) = (Bell::new(), Bell::new());
    assert!([&old, &new].iter().all(|bell| with(bell, |cx| rx.poll_recv(cx)).is_pending()));
    assert_eq!((old.held(), new.held()), (0, 1));
    assert!(rx.try_recv().is_err());
    tx.try_send(1).unwrap();
    assert!([&new, &old].iter().all(|bell| with(bell, |cx| Pin::new(&mut tx).poll_ready(cx)).is_pending()));
    assert_eq!((old.held(), new.held()), (1, 0));
}
