//! Deadlines: a wait that is late leaves as if it was dropped, and what it was granted is used or goes on.

use crate::common::lines::Cond;
use crate::common::lines::Cond::A;
use crate::common::{Bell, Deadline, now, panic_message, pending, poll, queued, ready};
use sempost::mailbox::{self, SendUntilError};
use sempost::{AcquireUntilError, Elapsed, Fairness, Monitor, Mutex, Semaphore, WaitTimeoutResult};
use std::future::{pending as never, poll_fn};
use std::task::Poll;

fn monitor() -> Monitor<u32, Cond> {
    Monitor::new(0)
}

/// A deadline that is ready, and does something first: what happens between the look of the wait and its leaving.
fn meanwhile(mut act: impl FnMut()) -> impl Future<Output = ()> {
    poll_fn(move |_| {
        act();
        Poll::Ready(())
    })
}

#[test]
fn late_before_the_first_poll_it_leaves_no_trace() {
    let semaphore = Semaphore::new(0);
    assert_eq!(now(semaphore.acquire().until(Deadline::past())).unwrap_err(), AcquireUntilError::Elapsed);
    assert_eq!(semaphore.waiters(), 0);

    let mutex = Mutex::new(0);
    let guard = mutex.try_lock().unwrap();
    assert_eq!(now(mutex.lock().until(Deadline::past())).unwrap_err(), Elapsed);
    assert_eq!(mutex.waiters(), 0);
    drop(guard);
    assert!(!mutex.is_locked());

    let monitor = monitor();
    let inside = monitor.try_enter().unwrap();
    assert_eq!(now(monitor.enter().until(Deadline::past())).unwrap_err(), Elapsed);
    assert_eq!(monitor.entering(), 0);
    drop(inside);

    for capacity in [0, 1] {
        let (tx, rx) = mailbox::bounded(capacity);
        assert_eq!(now(rx.recv().until(Deadline::past())), Err(Elapsed));
        (0..capacity).for_each(|i| tx.try_send(i).unwrap());
        assert!(now(tx.send(7).until(Deadline::past())) == Err(SendUntilError::Elapsed(7)));
        assert!(now(tx.reserve().until(Deadline::past())).is_err());
        assert_eq!((tx.len(), tx.waiting_senders(), tx.waiting_receivers()), (capacity, 0, 0));
    }
}

#[test]
fn late_in_line_it_leaves_and_those_behind_it_are_served() {
    let semaphore = Semaphore::new(1);
    let (deadline, gone, stays) = (Deadline::new(), Bell::new(), Bell::new());
    let mut wants_two = queued(semaphore.acquire_many(2).until(deadline.clone()), &gone);
    let mut wants_one = queued(semaphore.acquire(), &stays);
    deadline.come();
    assert_eq!(ready(&mut wants_two, &gone).unwrap_err(), AcquireUntilError::Elapsed);
    assert_eq!((gone.held(), gone.wakes(), stays.wakes()), (0, 0, 1), "the line was looked at again");
    drop(ready(&mut wants_one, &stays).unwrap());
}

#[test]
fn both_ready_the_wait_wins_and_the_deadline_is_not_asked() {
    let semaphore = Semaphore::new(0);
    let (deadline, bell) = (Deadline::new(), Bell::new());
    let mut waiting = queued(semaphore.acquire().until(deadline.clone()), &bell);
    semaphore.add_permits(1);
    deadline.come();
    assert!(ready(&mut waiting, &bell).is_ok());
    assert_eq!(deadline.polls(), 1);
}

/// The permit comes after the wait was polled and before it is given up.
#[test]
fn what_comes_while_the_deadline_is_asked_is_taken() {
    for fairness in [Fairness::Fifo, Fairness::Barging { overtakes: 1 }, Fairness::Unfair] {
        let semaphore = Semaphore::with_fairness(0, fairness);
        assert!(now(semaphore.acquire().until(meanwhile(|| _ = semaphore.add_permits(1)))).is_ok(), "{fairness:?}");
        assert_eq!((semaphore.available_permits(), semaphore.waiters()), (1, 0));

        let mutex = Mutex::with_fairness(0, fairness);
        let mut guard = mutex.try_lock();
        assert!(now(mutex.lock().until(meanwhile(|| guard = None))).is_ok(), "{fairness:?}");
        assert!(!mutex.is_locked());
    }
    for capacity in [0, 1] {
        let (tx, rx) = mailbox::bounded(capacity);
        assert_eq!(now(rx.recv().until(meanwhile(|| tx.try_send(1).unwrap()))), Ok(Some(1)));
        assert_eq!((tx.len(), tx.waiting_receivers()), (0, 0));
    }
    let (tx, rx) = mailbox::bounded(1);
    tx.try_send(1).unwrap();
    assert!(now(tx.send(2).until(meanwhile(|| assert_eq!(rx.try_recv(), Ok(1))))).is_ok());
    assert_eq!(rx.try_recv(), Ok(2));
}

#[test]
fn a_close_while_the_deadline_is_asked_is_the_answer() {
    let semaphore = Semaphore::new(0);
    let closed = now(semaphore.acquire().until(meanwhile(|| assert!(semaphore.close()))));
    assert_eq!(closed.unwrap_err(), AcquireUntilError::Closed);
    let (tx, rx) = mailbox::bounded(1);
    tx.try_send(1).unwrap();
    assert!(now(tx.send(2).until(meanwhile(|| assert!(rx.close())))) == Err(SendUntilError::Closed(2)));
    assert_eq!(now(rx.recv().until(never::<()>())), Ok(Some(1)));
    assert_eq!(now(rx.recv().until(never::<()>())), Ok(None));
}

#[test]
fn at_capacity_0_a_message_that_was_taken_was_sent() {
    let (tx, rx) = mailbox::bounded(0);
    assert!(now(tx.send(1).until(meanwhile(|| assert_eq!(rx.try_recv(), Ok(1))))).is_ok());
    assert!(now(tx.send(2).until(Deadline::past())) == Err(SendUntilError::Elapsed(2)));
    assert!(rx.try_recv().is_err(), "it is not held out any more");
}

/// A late sender at capacity 0 had called a receiver, who finds nothing and stays, and is called by the next.
#[test]
fn at_capacity_0_a_late_sender_leaves_its_receiver_in_line() {
    let (tx, rx) = mailbox::bounded(0);
    let (deadline, bell) = (Deadline::new(), Bell::new());
    let mut receiving = queued(rx.recv(), &bell);
    let mut late = queued(tx.send(1).until(deadline.clone()), &Bell::new());
    deadline.come();
    assert!(ready(&mut late, &Bell::new()) == Err(SendUntilError::Elapsed(1)));
    pending(&mut receiving, &bell);
    let sending = queued(tx.send(2), &Bell::new());
    assert_eq!(ready(&mut receiving, &bell), Some(2));
    drop(sending);
}

#[test]
fn dropped_after_a_grant_it_hands_the_grant_on() {
    let mutex = Mutex::new(0);
    let bell = Bell::new();
    let guard = mutex.try_lock().unwrap();
    let first = queued(mutex.lock().until(Deadline::new()), &Bell::new());
    let mut second = queued(mutex.lock().until(Deadline::new()), &bell);
    drop(guard);
    drop(first);
    assert_eq!(bell.wakes(), 1);
    assert!(ready(&mut second, &bell).is_ok());
}

#[test]
fn a_deadline_that_panics_leaves_the_wait_in_line_until_it_is_dropped() {
    let semaphore = Semaphore::new(0);
    let bell = Bell::new();
    let mut waiting = Box::pin(semaphore.acquire().until(poll_fn(|_| -> Poll<()> { panic!("this deadline panics") })));
    assert_eq!(panic_message(|| poll(&mut waiting, &bell).is_ready()), "this deadline panics");
    assert_eq!(semaphore.waiters(), 1);
    semaphore.add_permits(1);
    assert!(ready(&mut waiting, &bell).is_ok());

    let mut waiting = Box::pin(semaphore.acquire_many(2).until(poll_fn(|_| -> Poll<()> { panic!("again") })));
    assert_eq!(panic_message(|| poll(&mut waiting, &bell).is_ready()), "again");
    drop(waiting);
    assert_eq!((semaphore.waiters(), semaphore.available_permits(), bell.held()), (0, 1, 0));
}

#[test]
fn a_late_waiter_whose_leaving_wakes_one_who_panics_has_left_and_keeps_its_message() {
    let (tx, rx) = mailbox::bounded(2);
    (0..1).for_each(|i| tx.try_send(i).unwrap());
    let (deadline, hostile) = (Deadline::new(), Bell::panicking());
    let mut two = queued(tx.reserve_many(2).until(deadline.clone()), &Bell::new());
    let mut one = queued(tx.send(7), &hostile);
    deadline.come();
    assert_eq!(panic_message(|| poll(&mut two, &Bell::new()).is_ready()), "this waker panics");
    drop(two);
    assert!(ready(&mut one, &Bell::new()).is_ok());
    assert_eq!((rx.len(), rx.waiting_senders(), rx.remaining()), (2, 0, 0));
}

#[test]
fn a_panic_while_it_leaves_does_not_take_the_message_along() {
    let (tx, rx) = mailbox::bounded(1);
    tx.try_send(0).unwrap();
    let (deadline, hostile) = (Deadline::new(), Bell::new());
    let mut late = queued(tx.send(7).until(deadline.clone()), &hostile);
    hostile.on_drop(|| panic!("this drop panics"));
    deadline.come();
    assert_eq!(panic_message(|| poll(&mut late, &hostile).is_ready()), "this drop panics");
    hostile.unhook();
    assert_eq!(late.as_mut().inner().cancel(), Some(7));
    assert_eq!((rx.len(), rx.waiting_senders()), (1, 0));
}

#[test]
fn the_message_of_a_wait_that_is_not_late_yet_can_be_had_back() {
    let (tx, rx) = mailbox::bounded(1);
    tx.try_send(0).unwrap();
    let mut waiting = queued(tx.send(7).until(Deadline::new()), &Bell::new());
    assert_eq!(waiting.as_mut().inner().cancel(), Some(7));
    assert_eq!((rx.len(), rx.waiting_senders()), (1, 0));
}

#[test]
fn a_late_wait_for_a_condition_enters_when_nobody_is_inside() {
    let monitor = monitor();
    let bell = Bell::new();
    let mut late = Box::pin(monitor.try_enter().unwrap().wait(A).until(Deadline::past()));
    let (guard, ended) = ready(&mut late, &bell);
    assert_eq!((ended, bell.wakes(), bell.held()), (WaitTimeoutResult::TimedOut, 0, 0), "and nobody is woken for it");
    assert!(monitor.is_occupied());
    drop(guard);
    assert_eq!((monitor.is_occupied(), monitor.waiters(A), monitor.entering()), (false, 0, 0));
}

#[test]
fn a_late_wait_for_a_condition_goes_to_the_back_of_the_door() {
    let monitor = monitor();
    let bells = [(); 3].map(|()| Bell::new());
    let deadline = Deadline::new();
    let mut late = queued(monitor.try_enter().unwrap().wait(A).until(deadline.clone()), &bells[0]);
    let inside = monitor.try_enter().unwrap();
    let mut first = queued(monitor.enter(), &bells[1]);
    deadline.come();
    pending(&mut late, &bells[0]);
    assert_eq!((monitor.waiters(A), monitor.entering()), (0, 2));
    let mut last = queued(monitor.enter(), &bells[2]);
    assert!(!inside.notify_one(A), "it does not wait for the condition any more");
    drop(inside);
    drop(ready(&mut first, &bells[1]));
    assert_eq!(bells[0].wakes(), 1);
    let (guard, ended) = ready(&mut late, &bells[0]);
    assert!(ended.timed_out());
    drop(guard);
    drop(ready(&mut last, &bells[2]));
}

#[test]
fn a_notified_waiter_stays_where_it_is_when_it_is_late() {
    let monitor = monitor();
    let bells = [(); 2].map(|()| Bell::new());
    let deadline = Deadline::new();
    let mut waiting = queued(monitor.try_enter().unwrap().wait(A).until(deadline.clone()), &bells[0]);
    let inside = monitor.try_enter().unwrap();
    assert!(inside.notify_one(A));
    let mut behind = queued(monitor.enter(), &bells[1]);
    deadline.come();
    pending(&mut waiting, &bells[0]);
    drop(inside);
    pending(&mut waiting, &bells[0]);
    drop(ready(&mut behind, &bells[1]));
    let (guard, ended) = ready(&mut waiting, &bells[0]);
    assert_eq!(ended, WaitTimeoutResult::Notified);
    drop(guard);
}

#[test]
fn a_late_waiter_that_is_dropped_at_the_door_takes_nothing_along() {
    let monitor = monitor();
    let (deadline, bell) = (Deadline::new(), Bell::new());
    let mut late = queued(monitor.try_enter().unwrap().wait(A).until(deadline.clone()), &Bell::new());
    let mut other = queued(monitor.try_enter().unwrap().wait(A), &bell);
    let inside = monitor.try_enter().unwrap();
    deadline.come();
    pending(&mut late, &Bell::new());
    drop(late);
    assert_eq!((monitor.waiters(A), monitor.entering()), (1, 0), "no notification goes to the other");
    assert!(inside.notify_one(A));
    drop(inside);
    drop(ready(&mut other, &bell));
    assert!(!monitor.is_occupied());
}

#[test]
fn a_late_waiter_that_is_dropped_with_the_monitor_in_hand_leaves_it() {
    let monitor = monitor();
    let (deadline, bell) = (Deadline::new(), Bell::new());
    let mut late = queued(monitor.try_enter().unwrap().wait(A).until(deadline.clone()), &Bell::new());
    let inside = monitor.try_enter().unwrap();
    deadline.come();
    pending(&mut late, &Bell::new());
    let mut next = queued(monitor.enter(), &bell);
    drop(inside);
    drop(late);
    assert_eq!(bell.wakes(), 1);
    drop(ready(&mut next, &bell));
    assert!(!monitor.is_occupied());
}

#[test]
fn a_signal_while_the_deadline_is_asked_is_the_answer() {
    let monitor = monitor();
    let signal = meanwhile(|| assert!(monitor.try_enter().unwrap().signal_and_leave(A)));
    let (guard, ended) = now(monitor.try_enter().unwrap().wait(A).until(signal));
    assert_eq!(ended, WaitTimeoutResult::Notified);
    drop(guard);
    assert!(!monitor.is_occupied());
}

#[test]
fn a_wait_while_that_is_late_asks_its_predicate_once_more() {
    let monitor = monitor();
    let mut asked = 0;
    let holds = |_: &mut u32| {
        asked += 1;
        true
    };
    let (guard, ended) = now(monitor.try_enter().unwrap().wait_while(A, holds).until(Deadline::past()));
    assert_eq!((ended, *guard), (WaitTimeoutResult::TimedOut, 0));
    drop(guard);
    assert_eq!(asked, 2);

    let change = meanwhile(|| *monitor.try_enter().unwrap() = 1);
    let (guard, ended) = now(monitor.try_enter().unwrap().wait_while(A, |n| *n == 0).until(change));
    assert_eq!(
        (ended, *guard),
        (WaitTimeoutResult::Notified, 1),
        "nobody notified it, and yet it has what it waited for"
    );
    drop(guard);
    assert!(!monitor.is_occupied());
}

/// A waiter that was notified, is late and finds that its predicate still holds does not wait again.
#[test]
fn a_wait_while_that_is_late_does_not_begin_again() {
    let monitor = monitor();
    let (deadline, bell) = (Deadline::new(), Bell::new());
    let mut waiting = queued(monitor.try_enter().unwrap().wait_while(A, |_| true).until(deadline.clone()), &bell);
    let inside = monitor.try_enter().unwrap();
    assert!(inside.notify_one(A));
    deadline.come();
    pending(&mut waiting, &bell);
    drop(inside);
    let (guard, ended) = ready(&mut waiting, &bell);
    assert!(ended.timed_out());
    drop(guard);
}

#[test]
fn a_predicate_that_panics_when_it_is_late_leaves_the_monitor() {
    let monitor = monitor();
    let holds = |n: &mut u32| if *n == 0 { true } else { panic!("this predicate panics") };
    let change = meanwhile(|| *monitor.try_enter().unwrap() = 1);
    let waiting = monitor.try_enter().unwrap().wait_while(A, holds).until(change);
    assert_eq!(panic_message(|| now(waiting)), "this predicate panics");
    assert_eq!((monitor.is_occupied(), monitor.entering()), (false, 0));
}

#[test]
fn forgotten_it_keeps_its_place_as_any_other() {
    let mutex = crate::common::leak(Mutex::new(0));
    let guard = mutex.try_lock().unwrap();
    crate::common::forget(queued(mutex.lock().until(Deadline::new()), &Bell::new()));
    drop(guard);
    assert!(mutex.is_locked() && now(mutex.lock().until(Deadline::past())).is_err());
    assert_eq!(mutex.waiters(), 0);
}

/// Whoever moves to the door is woken by the task that polled it last.
#[test]
fn a_late_waiter_at_the_door_wakes_its_last_task() {
    let monitor = monitor();
    let (first, last) = (Bell::new(), Bell::new());
    let deadline = Deadline::new();
    let mut late = queued(monitor.try_enter().unwrap().wait(A).until(deadline.clone()), &first);
    let inside = monitor.try_enter().unwrap();
    deadline.come();
    pending(&mut late, &last);
    assert_eq!((first.held(), last.held()), (0, 1));
    drop(inside);
    assert_eq!((first.wakes(), last.wakes()), (0, 1));
    drop(ready(&mut late, &last));
}
