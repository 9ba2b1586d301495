//! The claims that hold for every future, on every future.

use crate::common::lines::{self, Line};
use crate::common::{Bell, panic_message};

/// One module a line, one test a claim.
macro_rules! on_every_line {
    ($($line:ident)*) => {$(
        mod $line {
            use super::*;

            #[test]
            fn dropped_before_the_first_poll_it_was_never_there() {
                super::dropped_before_the_first_poll(lines::$line());
            }

            #[test]
            fn dropped_in_line_it_leaves_the_line() {
                super::dropped_in_line(lines::$line());
            }

            #[test]
            fn dropped_in_the_middle_it_keeps_the_order_of_the_rest() {
                super::dropped_in_the_middle(lines::$line());
            }

            #[test]
            fn dropped_after_the_grant_it_passes_the_grant_on() {
                super::dropped_after_the_grant(lines::$line());
            }

            #[test]
            fn dropped_after_the_grant_with_nobody_behind_it_leaves_the_grant_for_the_next() {
                super::dropped_after_the_grant_alone(lines::$line());
            }

            #[test]
            fn only_its_last_waker_is_woken() {
                super::waker_replaced(lines::$line());
            }

            #[test]
            fn polled_again_by_the_same_task_it_keeps_one_waker() {
                super::waker_kept(lines::$line());
            }

            #[test]
            fn woken_through_one_task_it_may_be_finished_by_another() {
                super::finished_elsewhere(lines::$line());
            }

            #[test]
            fn it_is_terminated_only_once_ready() {
                super::terminated(lines::$line());
            }

            #[test]
            fn polled_after_ready_it_panics_by_name() {
                super::polled_after_ready(lines::$line());
            }

            #[test]
            fn dropped_in_random_order_nobody_stays_in_line() {
                super::dropped_in_random_order(lines::$line());
            }
        }
    )*};
}

on_every_line! {
    acquiring acquiring_many acquiring_owned acquiring_many_owned
    acquiring_barging acquiring_in_turn acquiring_unbounded
    locking locking_owned locking_barging locking_unbounded
    entering entering_owned waiting waiting_owned waiting_while
    sending reserving reserving_many reserving_owned
    receiving receiving_unbounded receiving_many
    acquiring_until acquiring_barging_until locking_until entering_until waiting_until waiting_while_until
    sending_until sending_owned sending_many reserving_until receiving_until receiving_owned
    awaiting_fifo awaiting_barging awaiting_unbounded awaiting_owned awaiting_while awaiting_until awaiting_while_until
    answering watching watching_a_close
    closed_semaphore closed_mailbox drained
}

fn dropped_before_the_first_poll(line: Line) {
    let bell = Bell::new();
    let unpolled = (line.make)();
    line.assert_waiters(0);
    drop(unpolled);
    line.assert_waiters(0);
    let mut waiter = line.queue(&bell);
    (line.one)();
    assert_eq!(bell.wakes(), 1);
    assert!(waiter.poll(&bell).is_ready());
}

fn dropped_in_line(line: Line) {
    let (gone, stays) = (Bell::new(), Bell::new());
    let first = line.queue(&gone);
    let mut second = line.queue(&stays);
    line.assert_waiters(2);
    drop(first);
    line.assert_waiters(1);
    assert_eq!((gone.wakes(), gone.held(), stays.wakes()), (0, 0, 0));
    (line.one)();
    assert_eq!((gone.wakes(), stays.wakes()), (0, 1));
    assert!(second.poll(&stays).is_ready());
    line.assert_waiters(0);
    assert_eq!(stays.held(), 0);
}

fn dropped_in_the_middle(line: Line) {
    let bells = [Bell::new(), Bell::new(), Bell::new()];
    let [mut first, second, mut third] = [0, 1, 2].map(|i| line.queue(&bells[i]));
    drop(second);
    (line.one)();
    assert_eq!((bells[0].wakes(), bells[1].wakes()), (1, 0));
    assert_eq!(bells[2].wakes(), usize::from(line.all));
    drop(first.poll(&bells[0]));
    if !line.all {
        (line.next)();
    }
    assert_eq!((bells[1].wakes(), bells[2].wakes()), (0, 1));
    assert!(third.poll(&bells[2]).is_ready());
    line.assert_waiters(0);
}

fn dropped_after_the_grant(line: Line) {
    let (gone, stays) = (Bell::new(), Bell::new());
    let first = line.queue(&gone);
    let mut second = line.queue(&stays);
    (line.one)();
    assert_eq!((gone.wakes(), stays.wakes()), (1, usize::from(line.all)));
    drop(first);
    assert_eq!((gone.wakes(), gone.held(), stays.wakes()), (1, 0, 1));
    assert!(second.poll(&stays).is_ready());
    line.assert_waiters(0);
}

fn dropped_after_the_grant_alone(line: Line) {
    let (gone, comes) = (Bell::new(), Bell::new());
    let first = line.queue(&gone);
    (line.one)();
    drop(first);
    line.assert_waiters(0);
    assert_eq!(gone.held(), 0);
    let mut second = (line.make)();
    if line.forgets {
        return; // a notification that finds nobody is lost
    }
    assert!(second.poll(&comes).is_ready());
}

fn waker_replaced(line: Line) {
    let (old, new) = (Bell::new(), Bell::new());
    let mut waiter = line.queue(&old);
    assert_eq!(old.held(), 1);
    assert!(waiter.poll(&new).is_pending());
    assert_eq!((old.held(), new.held()), (0, 1));
    (line.one)();
    assert_eq!((old.wakes(), new.wakes()), (0, 1));
    assert!(waiter.poll(&new).is_ready());
    assert_eq!((old.held(), new.held()), (0, 0));
}

fn waker_kept(line: Line) {
    let bell = Bell::new();
    let mut waiter = line.queue(&bell);
    for _ in 0..100 {
        assert!(waiter.poll(&bell).is_pending());
    }
    assert_eq!((bell.held(), bell.wakes()), (1, 0));
    line.assert_waiters(1);
    drop(waiter);
    assert_eq!(bell.held(), 0);
}

fn finished_elsewhere(line: Line) {
    let (queued, other) = (Bell::new(), Bell::new());
    let mut waiter = line.queue(&queued);
    (line.one)();
    assert_eq!(queued.wakes(), 1);
    assert!(waiter.poll(&other).is_ready());
    assert_eq!((queued.held(), other.held(), other.wakes()), (0, 0, 0));
}

fn terminated(line: Line) {
    let bell = Bell::new();
    let mut waiter = (line.make)();
    assert!(!waiter.is_terminated(), "unpolled");
    assert!(waiter.poll(&bell).is_pending());
    assert!(!waiter.is_terminated(), "in line");
    (line.one)();
    assert!(!waiter.is_terminated(), "granted");
    let output = waiter.poll(&bell);
    assert!(output.is_ready() && waiter.is_terminated(), "done");
}

fn polled_after_ready(line: Line) {
    let bell = Bell::new();
    let mut waiter = line.queue(&bell);
    (line.one)();
    let output = waiter.poll(&bell);
    assert!(output.is_ready());
    let message = panic_message(|| drop(waiter.poll(&bell)));
    assert!(message.contains(line.name), "{message:?} does not name {}", line.name);
}

fn dropped_in_random_order(line: Line) {
    let mut random = crate::common::Random::new(3);
    let bells: Vec<_> = (0..64).map(|_| Bell::new()).collect();
    let mut waiters: Vec<_> = bells.iter().map(|bell| Some(line.queue(bell))).collect();
    let mut order: Vec<_> = (0..64).collect();
    random.shuffle(&mut order);
    for (gone, &i) in order.iter().enumerate() {
        waiters[i] = None;
        line.assert_waiters(63 - gone);
    }
    assert!(bells.iter().all(|bell| bell.wakes() == 0 && bell.held() == 0));
    let bell = Bell::new();
    let mut waiter = line.queue(&bell);
    (line.one)();
    assert!(bell.wakes() == 1 && waiter.poll(&bell).is_ready());
}
