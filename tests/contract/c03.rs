//! C3: first come, first served, and newcomers never pass a waiter.

use crate::common::lines::Cond::{self, A, B};
use crate::common::{Bell, pending, queued, ready};
use crate::spec::gate::semaphore::Pool;
use crate::spec::story::stories;
use sempost::{Fairness, Monitor, Mutex, Semaphore};
use std::sync::{self, Arc};

stories! {
    Semaphore;

    c03_semaphore_waiters_are_served_in_their_order(Pool::of(0)):
        "acquire a; acquire b; acquire c; acquire d; add 1; add 1; add 1; add 1; poll d: ok; poll c: ok; \
         poll b: ok; poll a: ok"

    c03_semaphore_a_newcomer_does_not_pass_a_head_that_does_not_fit(Pool::of(1)):
        "acquire a 2; available: 1; try_acquire: no; acquire b: waits; drop a; poll b: ok"

    c03_semaphore_a_released_permit_is_the_waiters_before_it_runs(Pool::of(1)):
        "try_acquire; acquire a; permit_drop; try_acquire: no; poll a: ok"

    /// Kills: one that was told, and is polled before the head, is counted as an overtake.
    c03_semaphore_who_takes_what_it_was_told_of_overtakes_nobody(Pool::fair(0, Fairness::Barging { overtakes: 1 })):
        "acquire a; acquire b; add 2; poll b: ok; add 1; try_acquire: ok; try_acquire: no; poll a: ok"

    c03_semaphore_completions_may_differ_from_grants(Pool::of(0)):
        "acquire a; acquire b; add 2; poll b: ok; poll a: ok"
}

stories! {
    Mutex<u32>;

    c03_mutex_waiters_are_served_in_their_order(Fairness::Fifo):
        "try_lock: 0; lock a; lock b; lock c; lock d; unlock; poll a: 1; unlock; poll b: 2; unlock; poll c: 3; \
         unlock; poll d: 4"

    c03_mutex_an_unlock_with_waiters_lets_no_newcomer_in(Fairness::Fifo):
        "try_lock: 0; lock a; unlock; try_lock: no; lock b: waits; poll a: 1; unlock; poll b: 2"
}

#[test]
fn c03_monitor_entries_are_served_in_their_order() {
    let monitor = Monitor::<_, Cond>::new(Vec::new());
    let bells: Vec<_> = (0..5).map(|_| Bell::new()).collect();
    let inside = monitor.try_enter().unwrap();
    let line: Vec<_> = bells.iter().map(|bell| queued(monitor.enter(), bell)).collect();
    drop(inside);
    assert!(monitor.try_enter().is_none(), "no newcomer passes");
    for (i, mut waiter) in line.into_iter().enumerate() {
        assert!(bells[i + 1..].iter().all(|bell| bell.wakes() == 0));
        ready(&mut waiter, &bells[i]).push(i);
    }
    assert_eq!(*monitor.try_enter().unwrap(), [0, 1, 2, 3, 4]);
}

/// Kills: a leave that hands over to a notified waiter past the line, and one that forgets those that were notified.
#[test]
fn c03_monitor_notified_waiters_join_the_line_that_a_leave_finds() {
    let monitor = Monitor::<_, Cond>::new(Vec::new());
    let bells: Vec<_> = (0..4).map(|_| Bell::new()).collect();
    let wait = |bell| queued(monitor.try_enter().unwrap().wait(A), bell);
    let (mut w0, mut w1) = (wait(&bells[0]), wait(&bells[1]));
    let inside = monitor.try_enter().unwrap();
    let mut e2 = queued(monitor.enter(), &bells[2]);
    assert_eq!(inside.notify_all(A), 2);
    let mut e3 = queued(monitor.enter(), &bells[3]);
    drop(inside);
    let wakes = || bells.iter().map(Bell::wakes).collect::<Vec<_>>();
    assert_eq!(wakes(), [0, 0, 1, 0]);
    ready(&mut e2, &bells[2]).push(2);
    assert_eq!(wakes(), [0, 0, 1, 1]);
    ready(&mut e3, &bells[3]).push(3);
    ready(&mut w0, &bells[0]).push(0);
    ready(&mut w1, &bells[1]).push(1);
    assert_eq!(wakes(), [1; 4]);
    assert_eq!(*monitor.try_enter().unwrap(), [2, 3, 0, 1]);
}

/// Kills: a leave that hands over to a notified waiter where nobody is in line, and one that wakes more than the first.
#[test]
fn c03_monitor_newcomers_may_pass_notified_waiters_until_they_are_polled() {
    let monitor = Monitor::<_, Cond>::new(Vec::new());
    let bells: Vec<_> = (0..3).map(|_| Bell::new()).collect();
    let wait = |bell| queued(monitor.try_enter().unwrap().wait(A), bell);
    let (mut w0, mut w1) = (wait(&bells[0]), wait(&bells[1]));
    monitor.try_enter().unwrap().notify_all(A);
    let wakes = || bells.iter().map(Bell::wakes).collect::<Vec<_>>();
    for newcomer in [7, 8] {
        monitor.try_enter().expect("it is free").push(newcomer);
        assert_eq!(wakes(), [1, 0, 0], "the first is woken once");
    }
    pending(&mut w1, &bells[1]);
    // The first takes it, and the second comes before those that queue from now on.
    let mut first = ready(&mut w0, &bells[0]);
    let mut entering = queued(monitor.enter(), &bells[2]);
    first.push(0);
    drop(first);
    ready(&mut w1, &bells[1]).push(1);
    ready(&mut entering, &bells[2]).push(2);
    assert_eq!((wakes(), &**monitor.try_enter().unwrap()), (vec![1; 3], &[7, 8, 0, 1, 2][..]));
}

/// Kills: the others in line as soon as the first has entered, so that each task that comes again at once queues behind
/// them, and is woken twice for one notification.
#[test]
fn c03_monitor_one_that_enters_again_at_once_passes_those_notified_with_it() {
    let monitor = Monitor::<_, Cond>::new(Vec::new());
    let bells: Vec<_> = (0..3).map(|_| Bell::new()).collect();
    let line: Vec<_> = bells.iter().map(|bell| queued(monitor.try_enter().unwrap().wait(A), bell)).collect();
    monitor.try_enter().unwrap().notify_all(A);
    for (i, mut waiter) in line.into_iter().enumerate() {
        ready(&mut waiter, &bells[i]).push(i);
        monitor.try_enter().expect("nobody is in line").push(i);
    }
    assert!(bells.iter().all(|bell| bell.wakes() == 1));
    assert_eq!(*monitor.try_enter().unwrap(), [0, 0, 1, 1, 2, 2]);
}

/// Kills: those that were notified before a leader entered behind those that came to the line later, if one of them
/// gives up; and those that were notified later before the line.
#[test]
fn c03_monitor_those_who_were_there_when_a_leader_entered_come_before_the_line() {
    let monitor = Monitor::<_, Cond>::new(Vec::new());
    let bells: Vec<_> = (0..5).map(|_| Bell::new()).collect();
    let wait = |i: usize, on| queued(monitor.try_enter().unwrap().wait(on), &bells[i]);
    let (mut first, mut second, third, mut later) = (wait(0, A), wait(1, A), wait(2, A), wait(3, B));
    monitor.try_enter().unwrap().notify_all(A);
    let inside = ready(&mut first, &bells[0]);
    let mut entering = queued(monitor.enter(), &bells[4]);
    assert!(inside.notify_one(B));
    drop(third);
    drop(inside);
    ready(&mut second, &bells[1]).push(1);
    ready(&mut entering, &bells[4]).push(4);
    ready(&mut later, &bells[3]).push(3);
    let wakes: Vec<_> = bells.iter().map(Bell::wakes).collect();
    assert_eq!((wakes, &**monitor.try_enter().unwrap()), (vec![1, 1, 0, 1, 1], &[1, 4, 3][..]));
}

/// Kills: a first of the notified that finds the monitor taken and keeps the others waiting, or passes the line.
#[test]
fn c03_monitor_a_leader_that_finds_it_taken_takes_the_others_into_line() {
    let monitor = Monitor::<_, Cond>::new(Vec::new());
    let bells: Vec<_> = (0..3).map(|_| Bell::new()).collect();
    let wait = |bell| queued(monitor.try_enter().unwrap().wait(A), bell);
    let (mut w0, mut w1) = (wait(&bells[0]), wait(&bells[1]));
    monitor.try_enter().unwrap().notify_all(A);
    let inside = monitor.try_enter().unwrap();
    let mut entering = queued(monitor.enter(), &bells[2]);
    pending(&mut w0, &bells[0]);
    assert_eq!(monitor.entering(), 3);
    drop(inside);
    ready(&mut entering, &bells[2]).push(2);
    ready(&mut w0, &bells[0]).push(0);
    ready(&mut w1, &bells[1]).push(1);
    let wakes = bells.iter().map(Bell::wakes).collect::<Vec<_>>();
    assert_eq!((wakes, &**monitor.try_enter().unwrap()), (vec![2, 1, 1], &[2, 0, 1][..]));
}

/// Kills: a first of the notified that joins the line, is let in before its waker is there, and sleeps all the same.
#[test]
fn c03_monitor_a_leader_may_be_let_in_in_the_poll_that_joined_its_line() {
    let monitor = Arc::new(Monitor::<_, Cond>::new(Vec::new()));
    let (bell, other) = (Bell::new(), Arc::new(Bell::new()));
    let mut waiting = queued(monitor.try_enter().unwrap().wait(A), &bell);
    monitor.try_enter().unwrap().notify_one(A);
    let inside = sync::Mutex::new(monitor.try_enter_owned());
    let behind = Arc::new(sync::Mutex::new(None));
    let (line, newcomer) = (Arc::clone(&behind), Arc::clone(&other));
    // The poll clones its waker when the leader is in line already.
    bell.on_clone(move || {
        if let Some(inside) = inside.lock().unwrap().take() {
            *line.lock().unwrap() = Some(queued(inside.monitor().enter_owned(), &newcomer));
        }
    });
    ready(&mut waiting, &bell).push(0);
    let mut entering = behind.lock().unwrap().take().expect("the leader found it taken");
    ready(&mut entering, &other).push(1);
    assert_eq!((bell.wakes(), other.wakes(), &**monitor.try_enter().unwrap()), (1, 1, &[0, 1][..]));
}

#[test]
fn c03_monitor_notify_one_picks_the_longest_waiter() {
    let monitor = Monitor::<_, Cond>::new(());
    let bells: Vec<_> = (0..3).map(|_| Bell::new()).collect();
    let _line: Vec<_> = bells.iter().map(|bell| queued(monitor.try_enter().unwrap().wait(A), bell)).collect();
    monitor.try_enter().unwrap().notify_one(A);
    assert_eq!(bells.iter().map(Bell::wakes).collect::<Vec<_>>(), [1, 0, 0]);
}

#[test]
fn c03_monitor_a_waiter_whose_predicate_still_holds_rejoins_at_the_back() {
    let monitor = Monitor::<_, Cond>::new(0);
    let (a, b) = (Bell::new(), Bell::new());
    let mut first = queued(monitor.try_enter().unwrap().wait_while(A, |n| *n < 2), &a);
    let mut second = queued(monitor.try_enter().unwrap().wait_while(A, |n| *n < 1), &b);
    let mut inside = monitor.try_enter().unwrap();
    *inside = 1;
    inside.notify_one(A);
    drop(inside);
    assert_eq!((a.take_wakes(), b.wakes()), (1, 0));
    pending(&mut first, &a);
    let inside = monitor.try_enter().expect("the first waits again");
    inside.notify_one(A);
    drop(inside);
    assert_eq!((a.wakes(), b.wakes()), (0, 1), "now the second is the longest waiter");
    assert_eq!(*ready(&mut second, &b), 1);
}

#[test]
fn c03_monitor_signal_and_leave_is_the_exception_that_passes_the_entry_queue() {
    let monitor = Monitor::<_, Cond>::new(());
    let (waiting, entering) = (Bell::new(), Bell::new());
    let _waiter = queued(monitor.try_enter().unwrap().wait(A), &waiting);
    let inside = monitor.try_enter().unwrap();
    let _entry = queued(monitor.enter(), &entering);
    assert!(inside.signal_and_leave(A));
    assert_eq!((waiting.wakes(), entering.wakes()), (1, 0));
}
