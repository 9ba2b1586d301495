//! Wakers: the last task that polled is woken, once, and nobody is woken for nothing.

use std::sync::Arc;

use super::{Bell, glance, here, poll, queued, run, run_by};
use crate::primitive::{model, pick, spawn};
use crate::{Mutex, Semaphore, mailbox};

/// Kills: a poll that keeps the first waker (`wakers_first_waker_is_kept`), so that the message wakes a task that has
/// moved on (B35, B68).
#[test]
fn a_message_wakes_the_task_that_polled_last() {
    model("wakers: send ∥ recv re-polled by another task", || {
        let (sender, receiver) = mailbox::bounded(1);
        let mut waiting = queued(receiver.recv());
        let thread = spawn(move || (1..=pick(1, 2)).for_each(|n| sender.send_blocking(n).unwrap()));
        assert_eq!(glance(&mut waiting).unwrap_or_else(|| run(waiting)), Some(1));
        assert_eq!(run(receiver.recv()), pick(None, Some(2)));
        thread.join().unwrap();
    });
}

/// Kills: a poll that takes its waker along when it finds nothing (B36); one that is ready without a reason.
#[test]
fn polls_without_a_wake_change_nothing() {
    model("wakers: unlock ∥ polls for nothing", || {
        let mutex = Arc::new(Mutex::new(()));
        let guard = mutex.try_lock_owned().unwrap();
        let (bell, waker) = Bell::new();
        let mut waiter = Box::pin(mutex.lock_owned());
        assert!(poll(&mut waiter, &waker).is_pending());
        let newcomer = Arc::clone(&mutex);
        let threads = [spawn(move || drop(guard)), spawn(move || assert!(newcomer.try_lock().is_none()))];
        let mut polls = (0..pick(3, 5)).map(|_| poll(&mut waiter, &waker));
        let got = polls.find(|poll| poll.is_ready());
        threads.into_iter().for_each(|thread| thread.join().unwrap());
        assert_eq!(bell.wakes(), 1);
        assert!(got.is_some() || poll(&mut waiter, &waker).is_ready());
    });
}

/// Kills: a close that wakes the task of an earlier poll, or nobody (`wakers_close_wakes_nobody`).
#[test]
fn a_close_wakes_the_task_that_polled_last() {
    model("wakers: close ∥ two re-polled by another task", || {
        let semaphore = Arc::new(Semaphore::new(0));
        let waiters = [queued(semaphore.acquire_owned()), queued(semaphore.acquire_owned())];
        let gone = queued(semaphore.acquire_owned());
        let closer = Arc::clone(&semaphore);
        let threads = [spawn(move || assert!(closer.close())), spawn(move || drop(gone))];
        waiters.into_iter().for_each(|waiter| assert!(run(waiter).is_err()));
        threads.into_iter().for_each(|thread| thread.join().unwrap());
    });
}

/// Kills: a handle whose second waker is not kept while a nudge is on its way.
#[test]
fn a_nudge_wakes_the_task_that_polled_last() {
    model("wakers: send ∥ a handle re-polled by another task", || {
        let (sender, mut handle) = mailbox::bounded(1);
        assert!(handle.poll_recv(&mut std::task::Context::from_waker(std::task::Waker::noop())).is_pending());
        let thread = spawn(move || (1..=2).for_each(|n| sender.send_blocking(n).unwrap()));
        let waker = here();
        assert_eq!(run_by(|cx| handle.poll_recv(cx), &waker), Some(1));
        assert_eq!(run_by(|cx| handle.poll_recv(cx), &waker), Some(2));
        assert_eq!(run_by(|cx| handle.poll_recv(cx), &waker), None);
        thread.join().unwrap();
    });
}

/// Kills: a waker that is called after its future was dropped, while the grant goes to the next (B77, B118).
#[test]
fn who_has_left_is_not_woken_later() {
    model("wakers: cancel ∥ two grants, wakes counted", || {
        let semaphore = Arc::new(Semaphore::new(0));
        let ((bell, waker), (next_bell, next_waker)) = (Bell::new(), Bell::new());
        let (mut gone, mut next) = (Box::pin(semaphore.acquire_owned()), Box::pin(semaphore.acquire_owned()));
        assert!(poll(&mut gone, &waker).is_pending() && poll(&mut next, &next_waker).is_pending());
        let (granter, newcomer) = (Arc::clone(&semaphore), Arc::clone(&semaphore));
        let threads = [
            spawn(move || (0..pick(2, 3)).for_each(|_| _ = granter.add_permits(1))),
            spawn(move || drop(newcomer.try_acquire())),
        ];
        drop(gone);
        drop(waker);
        threads.into_iter().for_each(|thread| thread.join().unwrap());
        assert!(bell.wakes() <= 1);
        assert_eq!((next_bell.wakes(), Arc::strong_count(&bell)), (1, 1));
        assert!(glance(&mut next).is_some_and(|permit| permit.is_ok()));
    });
}
