//! C2: cancelling loses nothing. The whole of it is in `tests/cancel`; this is its short form.

use crate::common::Bell;
use crate::common::lines::{CONDVAR, Line, MAILBOX, MONITOR, MUTEX, ONESHOT, SEMAPHORE};
use crate::table::on_each;

fn a_dropped_grant_goes_to_the_next(line: Line) {
    let (gone, stays) = (Bell::new(), Bell::new());
    let first = line.queue(&gone);
    let mut second = line.queue(&stays);
    (line.one)();
    drop(first);
    assert_eq!(stays.wakes(), 1);
    assert!(second.finished(&stays));
    line.assert_waiters(0);
}

fn a_dropped_waiter_leaves_no_trace(line: Line) {
    let (gone, stays) = (Bell::new(), Bell::new());
    let mut first = line.queue(&stays);
    drop(line.queue(&gone));
    line.assert_waiters(1);
    (line.one)();
    assert_eq!((gone.wakes(), gone.held(), stays.wakes()), (0, 0, 1));
    assert!(first.finished(&stays));
}

#[test]
fn c02_semaphore_a_dropped_grant_goes_to_the_next() {
    on_each(SEMAPHORE, a_dropped_grant_goes_to_the_next);
}

#[test]
fn c02_mutex_a_dropped_grant_goes_to_the_next() {
    on_each(MUTEX, a_dropped_grant_goes_to_the_next);
}

#[test]
fn c02_monitor_a_dropped_grant_goes_to_the_next() {
    on_each(MONITOR, a_dropped_grant_goes_to_the_next);
}

#[test]
fn c02_mailbox_a_dropped_grant_goes_to_the_next() {
    on_each(MAILBOX, a_dropped_grant_goes_to_the_next);
}

#[test]
fn c02_condvar_a_dropped_grant_goes_to_the_next() {
    on_each(CONDVAR, a_dropped_grant_goes_to_the_next);
}

#[test]
fn c02_oneshot_a_dropped_grant_goes_to_the_next() {
    on_each(ONESHOT, a_dropped_grant_goes_to_the_next);
}

#[test]
fn c02_semaphore_a_dropped_waiter_leaves_no_trace() {
    on_each(SEMAPHORE, a_dropped_waiter_leaves_no_trace);
}

#[test]
fn c02_mutex_a_dropped_waiter_leaves_no_trace() {
    on_each(MUTEX, a_dropped_waiter_leaves_no_trace);
}

#[test]
fn c02_monitor_a_dropped_waiter_leaves_no_trace() {
    on_each(MONITOR, a_dropped_waiter_leaves_no_trace);
}

#[test]
fn c02_mailbox_a_dropped_waiter_leaves_no_trace() {
    on_each(MAILBOX, a_dropped_waiter_leaves_no_trace);
}

#[test]
fn c02_condvar_a_dropped_waiter_leaves_no_trace() {
    on_each(CONDVAR, a_dropped_waiter_leaves_no_trace);
}

#[test]
fn c02_oneshot_a_dropped_waiter_leaves_no_trace() {
    on_each(ONESHOT, a_dropped_waiter_leaves_no_trace);
}
