//! Monitors in which nobody signals: who is called, when, and how often predicates are asked.

use crate::common::lines::Cond::{self, A};
use crate::common::{Bell, now, panic_message, pending, poll, queued, ready, watched};
use sempost::{Elapsed, Monitor, WaitTimeoutResult};
use std::cell::Cell;
use std::future::ready as at_once;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

/// A predicate that holds from `least` on, and counts how often it is asked.
fn from(least: u32) -> (impl Fn(&u32) -> bool + Send + Sync + 'static, Arc<AtomicUsize>) {
    let asked = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&asked);
    (move |n: &u32| count.fetch_add(1, SeqCst) < usize::MAX && *n >= least, asked)
}

#[test]
fn a_predicate_that_holds_is_no_wait() {
    let monitor = Monitor::plain(1);
    assert_eq!(*now(monitor.enter_when(|n| *n == 1)), 1);
    let inside = now(monitor.enter());
    assert_eq!(*now(inside.wait_for(|n| *n == 1)), 1);
    assert_eq!((monitor.predicates(), monitor.is_occupied()), (0, false));
}

/// Kills: a leave that notifies by chance, or all of them.
#[test]
fn a_change_calls_only_the_one_it_serves() {
    const N: usize = 1_000;
    let monitor = Monitor::plain(usize::MAX);
    let bells: Vec<_> = (0..N).map(|_| Bell::new()).collect();
    let mut line: Vec<_> = (0..N).map(|i| queued(monitor.enter_when(move |n| *n == i), &bells[i])).collect();
    assert_eq!(monitor.predicates(), N);
    for i in (0..N).rev() {
        *now(monitor.enter()) = i;
        assert_eq!(bells.iter().map(Bell::wakes).sum::<usize>(), N - i);
        *ready(&mut line[i], &bells[i]) = usize::MAX;
    }
    assert!(bells.iter().all(|bell| bell.wakes() == 1));
    assert_eq!(monitor.predicates(), 0);
}

/// Kills: a mark that is cleared by a leave that called somebody.
#[test]
fn a_thousand_wait_for_a_flag_that_is_set_once() {
    const N: usize = 1_000;
    let monitor = Monitor::plain(false);
    let bells: Vec<_> = (0..N).map(|_| Bell::new()).collect();
    let mut line: Vec<_> = bells.iter().map(|bell| queued(monitor.enter_when(|set| *set), bell)).collect();
    *now(monitor.enter()) = true;
    for (i, waiting) in line.iter_mut().enumerate() {
        assert_eq!(bells.iter().filter(|bell| bell.wakes() == 1).count(), i + 1);
        drop(ready(waiting, &bells[i]));
    }
    assert!(bells.iter().all(|bell| bell.wakes() == 1));
}

#[test]
fn a_leave_that_changed_nothing_asks_nothing() {
    let monitor = Monitor::plain(0);
    let (predicate, asked) = from(1);
    let bell = Bell::new();
    let mut waiting = queued(monitor.enter_when(predicate), &bell);
    assert_eq!(asked.load(SeqCst), 1);
    for _ in 0..5 {
        assert_eq!(*now(monitor.enter()), 0);
        assert!(monitor.try_enter_when(|n| *n == 1).is_none());
    }
    pending(&mut waiting, &bell);
    assert_eq!((asked.load(SeqCst), bell.wakes()), (1, 0));
    *now(monitor.enter()) = 1;
    assert_eq!((asked.load(SeqCst), bell.wakes()), (2, 1));
    drop(ready(&mut waiting, &bell));
    assert_eq!(asked.load(SeqCst), 3);
}

/// Kills: a mark that stays when the only one that sleeps has asked for itself.
#[test]
fn a_change_before_anybody_slept_is_not_asked_about() {
    let monitor = Monitor::plain(0);
    *now(monitor.enter()) = 0;
    let (predicate, asked) = from(1);
    let _waiting = queued(monitor.enter_when(predicate), &Bell::new());
    drop(now(monitor.enter()));
    assert_eq!(asked.load(SeqCst), 1);
}

/// Each way to change the data: by `&mut`, in the closure of `wait_while`, and before a wait.
#[test]
fn every_change_by_mut_is_noted() {
    let monitor = Monitor::<u32, Cond>::new(0);
    let bell = Bell::new();
    let mut waiting = queued(monitor.enter_when(|n| *n == 1), &bell);
    let other = Bell::new();
    let mut while_zero = queued(
        now(monitor.enter()).wait_while(A, |n| {
            *n += 1;
            *n < 3
        }),
        &other,
    );
    assert_eq!(bell.take_wakes(), 1, "the closure has changed it, and then it has waited");
    drop(ready(&mut waiting, &bell));
    let mut waiting = queued(monitor.enter_when(|n| *n == 2), &bell);
    let mut inside = now(monitor.enter());
    *inside = 2;
    let _third = queued(inside.wait_for(|n| *n == 9), &other);
    assert_eq!(bell.take_wakes(), 1, "the wait for another predicate has left");
    drop(ready(&mut waiting, &bell));
    pending(&mut while_zero, &other);
}

#[test]
fn a_change_through_a_cell_needs_a_touch() {
    let monitor = Monitor::plain(Cell::new(0));
    let bell = Bell::new();
    let mut waiting = queued(monitor.enter_when(|n| n.get() == 1), &bell);
    now(monitor.enter()).set(1);
    assert_eq!(bell.wakes(), 0, "nobody has noticed");
    now(monitor.enter()).touch();
    assert_eq!(bell.wakes(), 1);
    drop(ready(&mut waiting, &bell));
}

#[test]
fn the_first_in_order_of_arrival_is_called() {
    let monitor = Monitor::plain(0);
    let bells = [Bell::new(), Bell::new(), Bell::new()];
    let mut never = queued(monitor.enter_when(|n| *n > 9), &bells[0]);
    let mut first = queued(monitor.enter_when(|n| *n > 0), &bells[1]);
    let mut second = queued(monitor.enter_when(|n| *n > 0), &bells[2]);
    *now(monitor.enter()) = 1;
    assert_eq!(bells.each_ref().map(Bell::wakes), [0, 1, 0]);
    drop(ready(&mut first, &bells[1]));
    drop(ready(&mut second, &bells[2]));
    pending(&mut never, &bells[0]);
}

/// Kills: a waiter that was called in vain and goes to the back.
#[test]
fn who_finds_it_taken_goes_back_to_its_old_place() {
    let monitor = Monitor::plain(0);
    let bells = [Bell::new(), Bell::new()];
    let mut first = queued(monitor.enter_when(|n| *n > 0), &bells[0]);
    let mut second = queued(monitor.enter_when(|n| *n > 0), &bells[1]);
    *now(monitor.enter()) = 1;
    assert_eq!(bells.each_ref().map(Bell::take_wakes), [1, 0]);
    *monitor.try_enter().unwrap() = 0;
    pending(&mut first, &bells[0]);
    *now(monitor.enter()) = 1;
    assert_eq!(bells.each_ref().map(Bell::take_wakes), [1, 0], "it is still the first");
    drop(ready(&mut first, &bells[0]));
    assert_eq!(bells.each_ref().map(Bell::take_wakes), [0, 1]);
    drop(ready(&mut second, &bells[1]));
}

#[test]
fn those_at_the_entry_come_first_and_the_called_one_behind_them() {
    let monitor = Monitor::plain(0);
    let bells = [Bell::new(), Bell::new()];
    let mut waiting = queued(monitor.enter_when(|n| *n > 0), &bells[0]);
    let mut inside = now(monitor.enter());
    let mut entering = queued(monitor.enter(), &bells[1]);
    *inside = 1;
    drop(inside);
    assert_eq!(bells.each_ref().map(Bell::take_wakes), [0, 1]);
    drop(ready(&mut entering, &bells[1]));
    assert_eq!(bells.each_ref().map(Bell::take_wakes), [1, 0]);
    drop(ready(&mut waiting, &bells[0]));
}

#[test]
fn signals_and_predicates_live_side_by_side() {
    let monitor = Monitor::<u32, Cond>::new(0);
    let bells = [Bell::new(), Bell::new(), Bell::new()];
    let mut waits = queued(now(monitor.enter()).wait(A), &bells[0]);
    let mut when = queued(monitor.enter_when(|n| *n > 0), &bells[1]);
    let mut inside = now(monitor.enter());
    *inside = 1;
    assert!(inside.signal_and_leave(A));
    assert_eq!(bells.each_ref().map(Bell::take_wakes), [1, 0, 0], "the signalled one is inside at once");
    let inside = ready(&mut waits, &bells[0]);
    let mut waits = queued(inside.wait(A), &bells[2]);
    assert_eq!(bells.each_ref().map(Bell::take_wakes), [0, 1, 0], "its leave asks");
    let inside = ready(&mut when, &bells[1]);
    inside.notify_one(A);
    drop(inside);
    drop(ready(&mut waits, &bells[2]));
    let mut inside = now(monitor.enter());
    let mut when = queued(monitor.enter_when(|n| *n > 1), &bells[1]);
    *inside = 2;
    assert!(!inside.signal_and_leave(A), "nobody waits for it: a plain leave");
    drop(ready(&mut when, &bells[1]));
}

#[test]
fn a_late_wait_says_whether_its_predicate_holds() {
    let monitor = Monitor::plain(0);
    assert_eq!(now(monitor.enter_when(|n| *n == 1).until(at_once(()))).unwrap_err(), Elapsed);
    assert_eq!(*now(monitor.enter_when(|n| *n == 0).until(at_once(()))).unwrap(), 0);
    let inside = now(monitor.enter());
    let (inside, late) = now(inside.wait_for(|n| *n == 1).until(at_once(())));
    assert_eq!(late, WaitTimeoutResult::TimedOut);
    let (inside, in_time) = now(inside.wait_for(|n| *n == 0).until(at_once(())));
    assert_eq!(in_time, WaitTimeoutResult::Notified);
    assert!(now(monitor.enter_when(|_| true).until(at_once(()))).is_err(), "it is late at the entry");
    drop(inside);
    assert_eq!((monitor.predicates(), monitor.is_occupied(), monitor.entering()), (0, false, 0));
}

/// A wait whose deadline comes while it sleeps, was called, and was handed the monitor.
#[test]
fn a_deadline_may_come_at_any_time() {
    for called in [false, true] {
        let monitor = Monitor::plain(0);
        let (bell, next) = (Bell::new(), Bell::new());
        let rings = Arc::new(AtomicUsize::new(0));
        let bound = rings.clone();
        let deadline = || {
            let rings = bound.clone();
            std::future::poll_fn(move |_| match rings.load(SeqCst) {
                0 => std::task::Poll::Pending,
                _ => std::task::Poll::Ready(()),
            })
        };
        let mut late = queued(monitor.enter_when(|n| *n > 0).until(deadline()), &bell);
        let mut other = queued(monitor.enter_when(|n| *n > 0), &next);
        if called {
            *now(monitor.enter()) = 1;
            assert_eq!((bell.wakes(), next.wakes()), (1, 0));
        }
        let inside = now(monitor.enter());
        rings.store(1, SeqCst);
        assert_eq!(ready(&mut late, &bell).unwrap_err(), Elapsed, "another one is inside");
        drop(inside);
        *now(monitor.enter()) = 1;
        drop(ready(&mut other, &next));
        assert_eq!((monitor.predicates(), monitor.entering()), (0, 0));
    }
}

#[test]
fn a_panic_of_a_predicate_is_the_waiters() {
    let monitor = Monitor::plain(0);
    let bells = [Bell::new(), Bell::new()];
    let mut panics = queued(monitor.enter_when(|n| if *n > 0 { panic!("no such number") } else { false }), &bells[0]);
    let mut calm = queued(monitor.enter_when(|n| *n > 0), &bells[1]);
    *now(monitor.enter()) = 1;
    assert_eq!(bells.each_ref().map(Bell::wakes), [1, 0], "the one who left goes on");
    assert_eq!(panic_message(|| _ = poll(&mut panics, &bells[0])), "no such number");
    assert_eq!((bells[1].wakes(), monitor.is_occupied()), (1, false));
    drop(ready(&mut calm, &bells[1]));
    drop(panics);
    assert_eq!(monitor.predicates(), 0);
    assert_eq!(panic_message(|| _ = now(monitor.enter_when(|_| panic!("at once")))), "at once");
    assert!(!monitor.is_occupied());
}

/// Kills: a table that keeps what was given up.
#[test]
fn ten_thousand_that_give_up_leave_nothing_behind() {
    let monitor = Monitor::plain(0);
    let kept = Arc::new(());
    let first = queued(monitor.enter_when(|n| *n == 1), &Bell::new());
    for _ in 0..10_000 {
        let here = Arc::clone(&kept);
        drop(queued(monitor.enter_when(move |n| *n == 2 && Arc::strong_count(&here) > 0), &Bell::new()));
        assert!(Arc::strong_count(&kept) <= 16, "{} predicates are kept", Arc::strong_count(&kept));
    }
    *now(monitor.enter()) = 3;
    assert_eq!(monitor.predicates(), 1);
    drop(first);
    assert_eq!(monitor.predicates(), 0);
}

/// Kills: a table that keeps a seat whose waiter has entered, or forgets how many were left when it asks.
#[test]
fn predicates_go_with_waits_that_end_and_when_most_were_given_up() {
    let (monitor, bell, kept) = (Monitor::plain(0), Bell::new(), Arc::new(()));
    let wait_for = |value| {
        let here = Arc::clone(&kept);
        queued(monitor.enter_when(move |n| *n == value && Arc::strong_count(&here) > 0), &bell)
    };
    let mut line: Vec<_> = (1..=10).map(&wait_for).collect();
    *now(monitor.enter()) = 1;
    drop(ready(&mut line[0], &bell));
    drop(line.remove(0));
    assert_eq!(Arc::strong_count(&kept), 1 + 9, "that of the first is gone");
    let mut give_up = |n| {
        line.truncate(line.len() - n);
        *now(monitor.enter()) = 0;
        Arc::strong_count(&kept)
    };
    // The first row is empty, and counts: of ten, five are not most of them, and six are.
    assert_eq!((give_up(4), give_up(1), give_up(1)), (1 + 9, 1 + 9, 1 + 3));
}

/// Kills: a waiter of a list that was freed while its predicate was asked.
#[test]
fn a_waiter_may_be_dropped_while_it_is_asked() {
    type Slot = Arc<Mutex<Option<Box<dyn Send>>>>;
    let monitor = Arc::new(Monitor::plain(0));
    let (own, other): (Slot, Slot) = Default::default();
    let [bell, next] = [Bell::new(), Bell::new()];
    let (mine, theirs) = (own.clone(), other.clone());
    let asked = monitor.enter_when_owned(move |n| {
        if *n > 0 {
            drop(mine.lock().unwrap().take());
            drop(theirs.lock().unwrap().take());
        }
        *n > 0
    });
    *own.lock().unwrap() = Some(Box::new(queued(asked, &bell)));
    *other.lock().unwrap() = Some(Box::new(queued(monitor.enter_when_owned(|n| *n > 0), &bell)));
    let mut last = queued(monitor.enter_when(|n| *n > 0), &next);
    *now(monitor.enter()) = 1;
    assert_eq!((bell.wakes(), next.wakes()), (0, 1));
    drop(ready(&mut last, &next));
    assert_eq!((monitor.predicates(), monitor.entering(), monitor.is_occupied()), (0, 0, false));
}

/// Kills: predicates that are asked about the wrong place in a monitor whose type was unsized.
#[test]
fn predicates_survive_unsizing() {
    let sized = Arc::new(Monitor::<[u32; 3], Cond>::new([0; 3]));
    let bell = Bell::new();
    let mut waiting = queued(sized.enter_when_owned(|n| n[2] == 7), &bell);
    let unsized_: Arc<Monitor<[u32], Cond>> = sized.clone();
    now(unsized_.enter())[2] = 7;
    assert_eq!(bell.wakes(), 1);
    assert_eq!(ready(&mut waiting, &bell)[2], 7);
}

#[test]
fn threads_wait_for_predicates() {
    let monitor = Arc::new(Monitor::plain(0));
    let shown = monitor.clone();
    watched(
        move || format!("{shown:?}"),
        move || {
            let other = monitor.clone();
            let thread = thread::spawn(move || {
                for i in (0..1_000).step_by(2) {
                    *other.enter_when_blocking(move |n| *n == i) += 1;
                }
            });
            for i in (1..1_000).step_by(2) {
                *monitor.enter_when(move |n| *n == i).wait() += 1;
            }
            thread.join().unwrap();
            let short = Duration::from_millis(1);
            assert_eq!(monitor.enter_when(|n| *n == 7).wait_timeout(short).unwrap_err(), Elapsed);
            let (guard, late) = monitor.enter_blocking().wait_for(|n| *n == 7).wait_timeout(short);
            assert!(late.timed_out() && *guard == 1_000);
        },
    );
}

/// Kills: each leave after a change that calls another one, as long as the first is on its way.
#[test]
fn who_only_looks_calls_nobody_else() {
    let monitor = Monitor::plain(0);
    let bells = [Bell::new(), Bell::new()];
    let (predicate, asked) = from(1);
    let mut first = queued(monitor.enter_when(|n| *n > 0), &bells[0]);
    let mut second = queued(monitor.enter_when(predicate), &bells[1]);
    *now(monitor.enter()) = 1;
    for _ in 0..5 {
        assert_eq!(*now(monitor.enter()), 1);
        assert!(!format!("{monitor:?}").is_empty());
    }
    assert_eq!((asked.load(SeqCst), monitor.entering()), (1, 1), "the first is on its way");
    *ready(&mut first, &bells[0]) = 0;
    assert_eq!((bells[1].wakes(), asked.load(SeqCst)), (0, 2), "nothing is left for the second");
    *now(monitor.enter()) = 1;
    drop(ready(&mut second, &bells[1]));
}

/// Kills: questions that are asked twice for one call that was given up, so that two others are called.
#[test]
fn a_call_that_is_given_up_goes_to_one_other() {
    for held in [false, true] {
        let monitor = Monitor::plain(0);
        let bells = [Bell::new(), Bell::new(), Bell::new()];
        let mut line: Vec<_> = bells.iter().map(|bell| queued(monitor.enter_when(|n| *n > 0), bell)).collect();
        *now(monitor.enter()) = 1;
        let inside = held.then(|| now(monitor.enter()));
        drop(line.remove(0));
        drop(inside);
        assert_eq!((bells.each_ref().map(Bell::wakes), monitor.entering()), ([1, 1, 0], 1), "{held}");
        *ready(&mut line[0], &bells[1]) = 0;
        assert_eq!((bells[2].wakes(), monitor.entering()), (0, 0), "{held}");
    }
}
