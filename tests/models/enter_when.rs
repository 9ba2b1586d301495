//! Waiting for a predicate: whoever changes the data, and whoever gives up, leaves nobody asleep beside a predicate
//! that holds.

use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::task::Poll;

use super::{glance, queued, run};
use crate::primitive::{model, spawn};
use crate::{EnteringWhen, Fairness, Monitor, conditions};

conditions! { enum Cond { A } }
use Cond::A;

type Shop = Monitor<u32, Cond>;
type When = Pin<Box<EnteringWhen<Arc<Shop>, u32, Cond, fn(&u32) -> bool>>>;

fn positive(n: &u32) -> bool {
    *n > 0
}

/// A waiter for more than nothing, with a seat.
fn waiting(monitor: &Arc<Shop>) -> When {
    queued(monitor.enter_when_owned(positive as fn(&u32) -> bool))
}

fn is_left(monitor: &Shop) {
    assert_eq!((monitor.is_occupied(), monitor.entering(), monitor.predicates()), (false, 0, 0));
}

/// Kills: a change between the first question of a newcomer and its sleep.
/// (`enter_when_a_sleeper_is_not_counted`)
#[test]
fn no_change_falls_between_the_question_and_the_wait() {
    model("enter_when: change ∥ the first question", || {
        let monitor = Arc::new(Shop::new(0));
        let other = Arc::clone(&monitor);
        let thread = spawn(move || *other.enter_blocking() = 1);
        let third = Arc::clone(&monitor);
        let passer = spawn(move || drop(third.enter_blocking()));
        *run(monitor.enter_when(positive)) += 1;
        thread.join().unwrap();
        passer.join().unwrap();
        assert_eq!(*monitor.try_enter().unwrap(), 2);
        is_left(&monitor);
    });
}

/// Kills: a call that is lost with its waiter, while the one who called it is about to leave.
/// (`enter_when_a_dropped_call_asks_nobody`, `enter_when_a_leave_does_not_look_again`)
#[test]
fn a_called_waiter_that_leaves_has_the_others_asked() {
    model("enter_when: leave ∥ the called one dropped", || {
        let monitor = Arc::new(Shop::new(0));
        let (gone, stays) = (waiting(&monitor), waiting(&monitor));
        let mut inside = monitor.try_enter_owned().unwrap();
        *inside = 1;
        let thread = spawn(move || drop(inside));
        drop(gone);
        *run(stays) += 1;
        thread.join().unwrap();
        is_left(&monitor);
    });
}

/// Kills: a second call that waits for the first, whose waiter has gone.
#[test]
fn two_calls_in_a_row_wait_for_nobody_who_has_gone() {
    model("enter_when: two changes ∥ the first called dropped", || {
        let monitor = Arc::new(Shop::new(0));
        let (gone, stays) = (waiting(&monitor), waiting(&monitor));
        *monitor.try_enter().unwrap() = 1;
        let other = Arc::clone(&monitor);
        let thread = spawn(move || *other.enter_blocking() += 1);
        drop(gone);
        *run(stays) += 1;
        thread.join().unwrap();
        is_left(&monitor);
    });
}

/// Kills: a wait for a condition that leaves, and forgets that it was told to ask.
/// (`enter_when_a_wait_for_a_condition_asks_nobody`)
#[test]
fn a_wait_for_a_condition_asks_before_it_leaves() {
    model("enter_when: wait ∥ the called one dropped", || {
        let monitor = Arc::new(Shop::new(0));
        let (gone, stays) = (waiting(&monitor), waiting(&monitor));
        *monitor.try_enter().unwrap() = 1;
        let inside = monitor.try_enter_owned().unwrap();
        let thread = spawn(move || drop(queued(inside.wait(A))));
        drop(gone);
        *run(stays) += 1;
        thread.join().unwrap();
        is_left(&monitor);
        assert_eq!(monitor.waiters(A), 0);
    });
}

/// Kills: a deadline that takes a call along.
#[test]
fn a_late_wait_leaves_its_call_to_the_others() {
    model("enter_when: deadline ∥ call", || {
        let monitor = Arc::new(Shop::new(0));
        let mut polls = 0;
        let second = poll_fn(move |_| {
            polls += 1;
            if polls > 1 { Poll::Ready(()) } else { Poll::Pending }
        });
        let mut late = queued(monitor.enter_when_owned(positive).until(second));
        let stays = waiting(&monitor);
        let other = Arc::clone(&monitor);
        let thread = spawn(move || *other.enter_blocking() = 1);
        drop(glance(&mut late).expect("it gives up at once"));
        *run(stays) += 1;
        thread.join().unwrap();
        is_left(&monitor);
    });
}

/// Kills: an offer that is given up when nobody else is in line, with a call for another round of questions.
/// (`enter_when_an_offer_that_is_given_up_asks_nobody`)
#[test]
fn an_offer_that_is_given_up_asks_on() {
    model("enter_when: an offer dropped ∥ the called one dropped", || {
        let monitor = Arc::new(Shop::with_fairness(0, Fairness::Barging { overtakes: 2 }));
        let (gone, stays) = (waiting(&monitor), waiting(&monitor));
        let mut inside = monitor.try_enter_owned().unwrap();
        let entering = queued(monitor.enter_owned());
        *inside = 1;
        drop(inside);
        let thread = spawn(move || drop(entering));
        drop(gone);
        *run(stays) += 1;
        thread.join().unwrap();
        is_left(&monitor);
    });
}

/// Kills: one that was let in, and leaves without a question for the next.
/// (`enter_when_a_called_one_brings_no_mark`)
#[test]
fn a_flag_that_is_set_once_lets_all_in() {
    model("enter_when: a flag ∥ two waiters", || {
        let monitor = Arc::new(Shop::new(0));
        let (one, two) = (waiting(&monitor), waiting(&monitor));
        *monitor.try_enter().unwrap() = 1;
        let thread = spawn(move || drop(run(one)));
        drop(run(two));
        thread.join().unwrap();
        is_left(&monitor);
    });
}

/// Kills: a waiter that was called in vain, and sleeps on when its predicate holds again.
#[test]
fn who_finds_it_taken_is_called_again() {
    model("enter_when: called ∥ a thief who brings it back", || {
        let monitor = Arc::new(Shop::new(0));
        let called = waiting(&monitor);
        *monitor.try_enter().unwrap() = 1;
        let thief = Arc::clone(&monitor);
        let thread = spawn(move || {
            let taken = std::mem::take(&mut *thief.enter_blocking());
            *thief.enter_blocking() += taken + 1;
        });
        *run(called) += 1;
        thread.join().unwrap();
        is_left(&monitor);
    });
}

/// Kills: a lost change between two that wait for each other.
#[test]
fn a_buffer_of_one_needs_no_signal() {
    model("enter_when: put twice ∥ take, a buffer of one", || {
        let monitor = Arc::new(Shop::new(0));
        let other = Arc::clone(&monitor);
        let thread = spawn(move || {
            for item in 1..=2 {
                *run(other.enter_when(|n| *n == 0)) = item;
            }
        });
        assert_eq!(std::mem::take(&mut *run(monitor.enter_when(positive))), 1);
        thread.join().unwrap();
        is_left(&monitor);
    });
}
