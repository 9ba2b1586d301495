//! Futures that are forgotten, in every state; then the primitive is moved and used.

use crate::common::forget;
use crate::common::lines::Cond;
use crate::common::{Bell, Dropped, now, pending, queued, ready};
use sempost::mailbox::{self, TryRecvError, TrySendError};
use sempost::{Monitor, Mutex, Semaphore};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

#[test]
fn a_semaphore_moved_with_a_forgotten_waiter_serves_the_next() {
    let semaphore = Semaphore::new(0);
    let (lost, live) = (Bell::new(), Bell::new());
    forget(queued(semaphore.acquire(), &lost));
    let moved = Box::new(semaphore);
    let mut waiter = queued(moved.acquire(), &live);
    assert_eq!(moved.waiters(), 2);
    moved.add_permits(2);
    assert_eq!((lost.wakes(), live.wakes()), (1, 1));
    drop(ready(&mut waiter, &live).unwrap());
    assert_eq!(moved.available_permits(), 1, "the forgotten grant counts as held");
    assert!(moved.close());
}

#[test]
fn a_semaphore_moved_with_a_forgotten_grant_goes_on() {
    let semaphore = Semaphore::new(0);
    let bell = Bell::new();
    let waiter = queued(semaphore.acquire(), &bell);
    semaphore.add_permits(1);
    forget(waiter);
    let moved = [semaphore];
    moved[0].add_permits(1);
    assert!(moved[0].try_acquire().is_ok());
}

#[test]
fn a_semaphore_closes_over_forgotten_waiters() {
    let semaphore = Semaphore::new(0);
    let live = Bell::new();
    forget(queued(semaphore.acquire(), &Bell::new()));
    forget(queued(semaphore.acquire_many(7), &Bell::new()));
    let moved = Box::new(semaphore);
    let mut waiter = queued(moved.acquire(), &live);
    forget(queued(moved.acquire(), &Bell::new()));
    moved.close();
    assert!(ready(&mut waiter, &live).is_err());
    assert_eq!(moved.waiters(), 0);
}

#[test]
fn live_waiters_around_forgotten_ones_are_dropped_in_any_order() {
    let semaphore = Semaphore::new(0);
    let bell = Bell::new();
    let first = queued(semaphore.acquire(), &bell);
    forget(queued(semaphore.acquire(), &bell));
    let third = queued(semaphore.acquire(), &bell);
    forget(queued(semaphore.acquire(), &bell));
    let fifth = queued(semaphore.acquire(), &bell);
    drop(third);
    drop(first);
    drop(fifth);
    let moved = Box::new(semaphore);
    assert_eq!(moved.waiters(), 2);
    moved.add_permits(3);
    assert_eq!((moved.waiters(), moved.available_permits()), (0, 1));
}

#[test]
fn a_mutex_moved_with_a_forgotten_waiter_can_be_taken_apart() {
    let mut mutex = Mutex::new(7);
    let guard = mutex.try_lock().unwrap();
    forget(queued(mutex.lock(), &Bell::new()));
    forget(guard);
    *mutex.get_mut() += 1;
    let moved = Box::new(mutex);
    assert_eq!((moved.waiters(), moved.is_locked()), (1, true));
    assert_eq!(moved.into_inner(), 8);
}

#[test]
fn a_mutex_with_a_forgotten_waiter_behind_the_live_one_serves_the_live_one() {
    let mutex = Mutex::new(());
    let bell = Bell::new();
    let guard = mutex.try_lock().unwrap();
    let mut live = queued(mutex.lock(), &bell);
    forget(queued(mutex.lock(), &Bell::new()));
    drop(guard);
    drop(ready(&mut live, &bell));
    drop(live);
    let moved = Box::new(mutex);
    assert!(moved.is_locked(), "the lock is the forgotten one's, for ever");
    pending(&mut Box::pin(moved.lock()), &bell);
}

#[test]
fn a_monitor_moved_with_forgotten_waiters_goes_on() {
    let monitor = Monitor::<_, Cond>::new(0);
    let bell = Bell::new();
    forget(queued(monitor.try_enter().unwrap().wait(Cond::A), &Bell::new()));
    forget(queued(monitor.try_enter().unwrap().wait_while(Cond::B, |_| true), &Bell::new()));
    let moved = Box::new(monitor);
    let mut live = queued(moved.try_enter().unwrap().wait(Cond::B), &bell);
    assert_eq!((moved.waiters(Cond::A), moved.waiters(Cond::B)), (1, 2));
    drop(live);
    live = queued(moved.try_enter().unwrap().wait(Cond::B), &bell);
    drop(live);
    assert_eq!(moved.into_inner(), 0);
}

#[test]
fn a_monitor_moved_with_a_forgotten_entry_can_be_taken_apart() {
    let monitor = Monitor::<_, Cond>::new(7);
    let inside = monitor.try_enter().unwrap();
    forget(queued(monitor.enter(), &Bell::new()));
    drop(inside);
    let moved = Box::new(monitor);
    assert!(moved.is_occupied());
    assert_eq!(moved.into_inner(), 7);
}

#[test]
fn a_forgotten_recv_keeps_one_claim_and_no_more() {
    let (tx, rx) = mailbox::bounded(4);
    let (lost, live) = (Bell::new(), Bell::new());
    forget(queued(rx.recv(), &lost));
    let mut waiter = queued(rx.recv(), &live);
    tx.try_send(1).unwrap();
    tx.try_send(2).unwrap();
    assert_eq!((lost.wakes(), live.wakes()), (1, 1));
    assert_eq!(ready(&mut waiter, &live), Some(1), "the claim is on whatever is in front");
    assert_eq!(rx.try_recv(), Err(TryRecvError::Empty), "the rest is claimed");
    assert_eq!(rx.len(), 1);
    tx.try_send(3).unwrap();
    assert_eq!(rx.try_recv(), Ok(2));
}

#[test]
fn a_forgotten_send_keeps_one_slot_and_no_more() {
    let (tx, rx) = mailbox::bounded(2);
    let bell = Bell::new();
    tx.try_send(1).unwrap();
    tx.try_send(2).unwrap();
    forget(queued(tx.send(3), &Bell::new()));
    let mut live = queued(tx.send(4), &bell);
    assert_eq!(rx.try_recv(), Ok(1));
    assert_eq!(bell.wakes(), 0);
    assert_eq!(rx.try_recv(), Ok(2));
    assert_eq!(ready(&mut live, &bell), Ok(()));
    assert_eq!(tx.try_send(5), Err(TrySendError::Full(5)));
    assert_eq!(rx.try_recv(), Ok(4));
    assert_eq!(rx.len(), 0);
}

#[test]
fn a_forgotten_send_permit_holds_its_slot_and_the_end_of_the_stream() {
    let (tx, rx) = mailbox::bounded::<u32>(1);
    forget(tx.try_reserve().unwrap());
    assert!(tx.is_full() && tx.is_empty());
    assert!(tx.close_mailbox());
    assert_eq!(rx.try_recv(), Err(TryRecvError::Empty));
    pending(&mut Box::pin(rx.recv()), &Bell::new());
    pending(&mut Box::pin(rx.drained()), &Bell::new());
}

#[test]
fn a_mailbox_drops_its_messages_though_every_waiter_is_forgotten() {
    let count = Arc::new(AtomicUsize::new(0));
    let (tx, rx) = mailbox::bounded(2);
    let (tx, rx) = (Box::new(tx), Box::new(rx));
    forget(queued(rx.recv(), &Bell::new()));
    tx.try_send(Dropped::new(1, &count)).unwrap();
    tx.try_send(Dropped::new(2, &count)).unwrap();
    forget(queued(tx.reserve(), &Bell::new()));
    forget(queued(rx.closed(), &Bell::new()));
    drop(rx);
    assert_eq!(count.load(Ordering::SeqCst), 2);
    assert!(now(tx.send(Dropped::new(3, &count))).is_err());
    drop(tx);
    assert_eq!(count.load(Ordering::SeqCst), 3);
}

#[test]
fn forgotten_handles_keep_the_mailbox_open_and_nothing_else() {
    let (tx, mut rx) = mailbox::bounded(1);
    let bell = Bell::new();
    let mut other = rx.clone();
    assert!(other.poll_recv(&mut bell.context()).is_pending());
    forget(other);
    tx.try_send(1).unwrap();
    assert_eq!(bell.wakes(), 1);
    assert_eq!(rx.try_recv(), Ok(1), "nothing is withheld for a handle");
    assert!(rx.poll_recv(&mut bell.context()).is_pending());
}
