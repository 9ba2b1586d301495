//! tokio's `sync_notify` (tokio 1.54.1), on a semaphore with a limit of one: `notify_one` is `add_permits(1)`,
//! `notified` is an `acquire` whose permit is forgotten.
//!
//! | origin | scenarios | tested here | differ |
//! |---|---|---|---|
//! | sync_notify | 19 | 17 | 3 |
//!
//! # Spelled otherwise
//! | there | here |
//! |---|---|
//! | `notify_waiters()` | `add_permits(waiters())`; for an event that happens once `Latch` |
//! | `enable()` | the first poll |
//!
//! # Differences
//! | scenario | what holds here, and why |
//! |---|---|
//! | `sync_notify: notify_multi_notified_last` | there is no `notify_last`: first come, first served |
//! | `sync_notify: notified_multi_notify_last_drop` | the same |
//! | `sync_notify: unpolled_future_completed_by_notify_waiters_preserves_notify_one_permit` | a future that was never polled waits for nothing, so it takes the signal that is kept |

use crate::common::{Bell, now, pending, poll, queued, ready, watched};
use sempost::{Acquiring, Semaphore};
use std::pin::Pin;
use std::sync::Arc;
use std::task::Poll;

type Notified<'a> = Pin<Box<Acquiring<&'a Semaphore>>>;

fn notify() -> Semaphore {
    Semaphore::with_limit(0, 1)
}

fn notify_one(notify: &Semaphore) {
    notify.add_permits(1);
}

fn notify_waiters(notify: &Semaphore) {
    notify.add_permits(notify.waiters());
}

/// Insists that it was notified.
#[track_caller]
fn notified(waiter: &mut Notified<'_>) {
    ready(waiter, &Bell::new()).unwrap().forget();
}

/// As many waiters, each with its task.
fn line<const N: usize>(notify: &Semaphore) -> [(Notified<'_>, Bell); N] {
    [(); N].map(|()| {
        let bell = Bell::new();
        (queued(notify.acquire(), &bell), bell)
    })
}

/// sync_notify: notify_notified_one
#[test]
fn a_signal_that_came_first_is_kept() {
    let notify = notify();
    let mut waiter = Box::pin(notify.acquire());
    notify_one(&notify);
    notified(&mut waiter);
}

/// sync_notify: notify_multi_notified_one
#[test]
fn of_two_the_first_is_notified() {
    let notify = notify();
    let [mut first, mut second] = line(&notify);
    notify_one(&notify);
    notified(&mut first.0);
    pending(&mut second.0, &second.1);
}

/// sync_notify: notified_one_notify
#[test]
fn a_waiter_is_woken_and_ready() {
    let notify = notify();
    let [(mut waiter, bell)] = line(&notify);
    notify_one(&notify);
    assert_eq!(bell.wakes(), 1);
    notified(&mut waiter);
}

/// sync_notify: notified_multi_notify
#[test]
fn of_two_only_the_first_is_woken() {
    let notify = notify();
    let [mut first, mut second] = line(&notify);
    notify_one(&notify);
    assert_eq!((first.1.wakes(), second.1.wakes()), (1, 0));
    notified(&mut first.0);
    pending(&mut second.0, &second.1);
}

/// sync_notify: notify_notified_multi
#[test]
fn the_kept_signal_is_for_one_and_the_next_for_another() {
    let (notify, bell) = (notify(), Bell::new());
    notify_one(&notify);
    now(notify.acquire()).unwrap().forget();
    let mut second = queued(notify.acquire(), &bell);
    notify_one(&notify);
    assert_eq!(bell.wakes(), 1);
    notified(&mut second);
}

/// sync_notify: notified_drop_notified_notify
#[test]
fn one_that_left_before_is_passed() {
    let notify = notify();
    let [gone] = line(&notify);
    drop(gone);
    let [(mut waiter, bell)] = line(&notify);
    notify_one(&notify);
    assert_eq!(bell.wakes(), 1);
    notified(&mut waiter);
}

/// sync_notify: notified_multi_notify_drop_one
#[test]
fn one_that_leaves_with_its_signal_hands_it_on() {
    let notify = notify();
    let [gone, mut second] = line(&notify);
    notify_one(&notify);
    assert_eq!((gone.1.wakes(), second.1.wakes()), (1, 0));
    drop(gone.0);
    assert_eq!(second.1.wakes(), 1);
    notified(&mut second.0);
}

/// sync_notify: notified_multi_notify_one_drop
#[test]
fn it_is_handed_to_the_next_and_to_no_other() {
    let notify = notify();
    let [gone, mut second, mut third] = line(&notify);
    notify_one(&notify);
    drop(gone);
    notified(&mut second.0);
    pending(&mut third.0, &third.1);
}

/// sync_notify: notify_in_drop_after_wake
#[test]
fn a_waker_that_notifies_when_it_is_dropped_hangs_nobody() {
    let (notify, bell) = (Arc::new(notify()), Bell::new());
    let again = notify.clone();
    bell.on_drop(move || notify_waiters(&again));
    let _waiter = queued(notify.acquire(), &bell);
    watched(String::new, || notify_waiters(&notify));
    bell.unhook();
}

/// sync_notify: notify_one_after_dropped_all
#[test]
fn a_signal_after_one_for_all_is_kept() {
    let notify = notify();
    let [gone] = line(&notify);
    notify_waiters(&notify);
    notify_one(&notify);
    drop(gone);
    now(notify.acquire()).unwrap().forget();
    assert_eq!(notify.available_permits(), 0, "the one that was handed on did not fit");
}

/// sync_notify: test_notify_one_not_enabled
#[test]
fn a_future_that_was_not_polled_finds_the_kept_signal() {
    let notify = notify();
    let mut waiter = Box::pin(notify.acquire());
    notify_one(&notify);
    notified(&mut waiter);
}

/// sync_notify: test_notify_one_after_enable
#[test]
fn a_future_that_was_polled_is_notified() {
    let notify = notify();
    let [(mut waiter, _bell)] = line(&notify);
    notify_one(&notify);
    notified(&mut waiter);
}

/// sync_notify: test_poll_after_enable
#[test]
fn polled_again_it_waits() {
    let notify = notify();
    let [(mut waiter, bell)] = line(&notify);
    pending(&mut waiter, &bell);
}

/// sync_notify: test_enable_after_poll
#[test]
fn polled_by_another_it_waits() {
    let notify = notify();
    let [(mut waiter, _bell)] = line(&notify);
    pending(&mut waiter, &Bell::new());
    assert_eq!(notify.waiters(), 1);
}

/// sync_notify: test_enable_consumes_permit
#[test]
fn the_first_poll_takes_the_kept_signal() {
    let notify = notify();
    notify_one(&notify);
    let mut first = Box::pin(notify.acquire());
    let Poll::Ready(taken) = poll(&mut first, &Bell::new()) else { panic!("one is kept") };
    let [_waits] = line(&notify);
    taken.unwrap().forget();
    assert_eq!(notify.waiters(), 1);
}

/// sync_notify: test_waker_update
#[test]
fn the_task_that_polled_last_is_woken() {
    let (notify, last) = (notify(), Bell::new());
    let [(mut waiter, first)] = line(&notify);
    pending(&mut waiter, &last);
    notify_one(&notify);
    assert_eq!((first.wakes(), last.wakes()), (0, 1));
}

/// sync_notify: unpolled_future_completed_by_notify_waiters_preserves_notify_one_permit
#[test]
fn a_future_that_was_never_polled_is_no_waiter() {
    let notify = notify();
    let unpolled = notify.acquire();
    notify_waiters(&notify);
    notify_one(&notify);
    now(unpolled).unwrap().forget();
    let [_waits] = line(&notify);
}
