//! C9: a future polled by another task than before wakes the right one.

use crate::common::Bell;
use crate::common::lines::{CONDVAR, Line, MAILBOX, MONITOR, MUTEX, ONESHOT, SEMAPHORE};
use crate::table::on_each;

fn the_last_task_that_polled_is_woken(line: Line) {
    let bells: Vec<_> = (0..5).map(|_| Bell::new()).collect();
    let mut waiter = line.queue(&bells[0]);
    for bell in &bells {
        assert!(waiter.poll(bell).is_pending());
    }
    (line.one)();
    assert_eq!(bells.iter().map(Bell::wakes).collect::<Vec<_>>(), [0, 0, 0, 0, 1]);
    assert!(bells.iter().all(|bell| bell.held() == 0));
    assert!(waiter.finished(&bells[2]));
}

/// Made by one task, polled by another, back and forth.
fn a_task_that_comes_back_is_woken(line: Line) {
    let (here, there) = (Bell::new(), Bell::new());
    let mut waiter = line.queue(&here);
    assert!(waiter.poll(&there).is_pending());
    assert!(waiter.poll(&here).is_pending());
    (line.one)();
    assert_eq!((here.wakes(), there.wakes()), (1, 0));
    assert!(waiter.finished(&here));
}

#[test]
fn c09_semaphore_the_last_task_that_polled_is_woken() {
    on_each(SEMAPHORE, the_last_task_that_polled_is_woken);
    on_each(SEMAPHORE, a_task_that_comes_back_is_woken);
}

#[test]
fn c09_mutex_the_last_task_that_polled_is_woken() {
    on_each(MUTEX, the_last_task_that_polled_is_woken);
    on_each(MUTEX, a_task_that_comes_back_is_woken);
}

#[test]
fn c09_monitor_the_last_task_that_polled_is_woken() {
    on_each(MONITOR, the_last_task_that_polled_is_woken);
    on_each(MONITOR, a_task_that_comes_back_is_woken);
}

#[test]
fn c09_mailbox_the_last_task_that_polled_is_woken() {
    on_each(MAILBOX, the_last_task_that_polled_is_woken);
    on_each(MAILBOX, a_task_that_comes_back_is_woken);
}

#[test]
fn c09_condvar_the_last_task_that_polled_is_woken() {
    on_each(CONDVAR, the_last_task_that_polled_is_woken);
    on_each(CONDVAR, a_task_that_comes_back_is_woken);
}

#[test]
fn c09_oneshot_the_last_task_that_polled_is_woken() {
    on_each(ONESHOT, the_last_task_that_polled_is_woken);
    on_each(ONESHOT, a_task_that_comes_back_is_woken);
}

#[test]
fn c09_mailbox_a_handle_wakes_the_last_task_that_polled() {
    let (tx, mut rx) = sempost::mailbox::bounded(1);
    let bells = [Bell::new(), Bell::new(), Bell::new()];
    for bell in &bells {
        assert!(rx.poll_recv(&mut bell.context()).is_pending());
    }
    tx.try_send(1).unwrap();
    assert_eq!(bells.each_ref().map(Bell::wakes), [0, 0, 1]);
}
