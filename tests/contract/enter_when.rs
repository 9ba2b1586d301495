//! Waits for predicates: what holds when one of them is given up, and what their foreign code may do.

use crate::common::lines::Cond;
use crate::common::{Bell, Random, now, panic_message, pending, poll, queued, ready};
use futures::future::FusedFuture;
use sempost::{EnteringWhen, Fairness, Monitor};
use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind, panic_any};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::task::Poll;

type When<'a, F> = Pin<Box<EnteringWhen<&'a Monitor<u32, Cond>, u32, Cond, F>>>;

/// Where a wait for a predicate is given up.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Stage {
    Unpolled,
    AtTheEntry,
    HandedTheEntry,
    Asleep,
    Called,
    CalledWithOneInside,
    InLine,
    HandedOver,
}

const STAGES: [Stage; 8] = [
    Stage::Unpolled,
    Stage::AtTheEntry,
    Stage::HandedTheEntry,
    Stage::Asleep,
    Stage::Called,
    Stage::CalledWithOneInside,
    Stage::InLine,
    Stage::HandedOver,
];

/// Kills: a call that is lost with the one who was called.
#[test]
fn c02_monitor_a_wait_for_a_predicate_given_up_in_any_stage_costs_nobody_a_call() {
    for fairness in [Fairness::Fifo, Fairness::Barging { overtakes: 3 }, Fairness::Unfair] {
        for stage in STAGES {
            let monitor = Monitor::<u32, Cond>::with_fairness(0, fairness);
            let positive = |n: &u32| *n > 0;
            let (bell, next) = (Bell::new(), Bell::new());
            let mut gone: When<'_, _> = Box::pin(monitor.enter_when(positive));
            let at_entry = matches!(stage, Stage::AtTheEntry | Stage::HandedTheEntry);
            let held = at_entry.then(|| now(monitor.enter()));
            if stage != Stage::Unpolled {
                pending(&mut gone, &bell);
            }
            let mut stays: When<'_, _> = Box::pin(monitor.enter_when(positive));
            if !at_entry {
                pending(&mut stays, &next);
            }
            let held = match stage {
                Stage::HandedTheEntry => {
                    drop(held);
                    None
                }
                _ => held,
            };
            let change = || *now(monitor.enter()) = 1;
            let mut inside = None;
            match stage {
                Stage::Called => change(),
                Stage::CalledWithOneInside => {
                    change();
                    inside = Some(now(monitor.enter()));
                }
                Stage::InLine | Stage::HandedOver => {
                    change();
                    inside = Some(now(monitor.enter()));
                    // The leader finds it taken, and joins the line.
                    pending(&mut gone, &bell);
                    if stage == Stage::HandedOver {
                        inside = None;
                    }
                }
                _ => {}
            }
            drop(gone);
            drop((held, inside));
            if at_entry {
                pending(&mut stays, &next);
            }
            if matches!(stage, Stage::Unpolled | Stage::AtTheEntry | Stage::HandedTheEntry | Stage::Asleep) {
                assert_eq!(next.wakes(), 0, "{stage:?}, {fairness:?}: nothing has changed");
                change();
            }
            assert_eq!(next.wakes(), 1, "{stage:?}, {fairness:?}: {monitor:?}");
            drop(ready(&mut stays, &next));
            let left = (monitor.predicates(), monitor.entering(), monitor.is_occupied());
            assert_eq!(left, (0, 0, false), "{stage:?}, {fairness:?}");
        }
    }
}

/// Any walk of waits, changes and drops: whoever is awake can go on, and whose predicate holds is not left asleep when
/// all that were woken have been polled or dropped.
#[test]
fn c02_monitor_nobody_sleeps_beside_a_predicate_that_holds() {
    for seed in 0..400 {
        let mut random = Random::new(seed);
        let fairness = [Fairness::Fifo, Fairness::Barging { overtakes: 1 }, Fairness::Unfair][random.below(3)];
        let monitor = Monitor::<u32, Cond>::with_fairness(0, fairness);
        let mut line: Vec<(u32, Bell, When<'_, _>)> = Vec::new();
        let mut entering: Vec<(Bell, _)> = Vec::new();
        let mut inside = None;
        for _ in 0..120 {
            match random.below(8) {
                0 | 1 => {
                    let wants = random.below(4) as u32;
                    let bell = Bell::new();
                    let mut wait: When<'_, _> = Box::pin(monitor.enter_when(of(wants)));
                    match poll(&mut wait, &bell) {
                        Poll::Ready(guard) => drop(guard),
                        Poll::Pending => line.push((wants, bell, wait)),
                    }
                }
                2 if inside.is_none() => inside = monitor.try_enter(),
                2 | 3 => inside = None,
                4 => {
                    if let Some(guard) = &mut inside {
                        **guard = random.below(4) as u32;
                    }
                }
                5 if !line.is_empty() => drop(line.swap_remove(random.below(line.len()))),
                6 => {
                    let bell = Bell::new();
                    let mut wait = Box::pin(monitor.enter());
                    if poll(&mut wait, &bell).is_pending() {
                        entering.push((bell, wait));
                    } else if random.below(2) == 0 && !entering.is_empty() {
                        drop(entering.swap_remove(random.below(entering.len())));
                    }
                }
                _ => {
                    if !line.is_empty() {
                        let at = random.below(line.len());
                        let (_, bell, wait) = &mut line[at];
                        if poll(wait, bell).is_ready() {
                            drop(line.swap_remove(at));
                        }
                    }
                }
            }
        }
        drop(inside);
        drop(entering);
        // Whoever was woken is polled, until nobody is.
        loop {
            let woken = line.iter().position(|(_, bell, _)| bell.take_wakes() > 0);
            let Some(at) = woken else { break };
            let (_, bell, wait) = &mut line[at];
            if poll(wait, bell).is_ready() {
                drop(line.remove(at));
            }
        }
        let value = *monitor.try_enter().unwrap_or_else(|| panic!("seed {seed}: {monitor:?}"));
        let asleep: Vec<_> = line.iter().map(|(wants, ..)| *wants).filter(|wants| *wants == value).collect();
        assert!(asleep.is_empty(), "seed {seed}: {asleep:?} sleep at {monitor:?}");
        assert!(monitor.predicates() <= line.len());
    }
}

fn of(wants: u32) -> impl Fn(&u32) -> bool + Send + Sync + 'static {
    move |n| *n == wants
}

/// Kills: a predicate that is asked, or dropped, under a lock.
#[test]
fn c06_monitor_a_predicate_may_come_back_to_its_monitor() {
    struct Back(std::sync::Weak<Monitor<u32, Cond>>);
    impl Back {
        fn touch(&self) {
            if let Some(monitor) = self.0.upgrade() {
                drop(monitor.try_enter());
                let mut entering = Box::pin(monitor.enter());
                _ = poll(&mut entering, &Bell::new());
                assert!(!format!("{monitor:?}").is_empty());
            }
        }
    }
    impl Drop for Back {
        fn drop(&mut self) {
            self.touch();
        }
    }
    let monitor = Arc::new(Monitor::<u32, Cond>::new(0));
    let bell = Bell::new();
    for i in 1..100 {
        let back = Back(std::sync::Arc::downgrade(&monitor));
        let mut waiting = queued(
            monitor.enter_when(move |n| {
                back.touch();
                *n == i
            }),
            &bell,
        );
        *now(monitor.enter()) = i;
        if i % 2 == 0 {
            drop(ready(&mut waiting, &bell));
        }
    }
}

/// Kills: a waker or a destructor that panics and takes a call along, or the monitor.
#[test]
fn c07_monitor_panics_around_a_call_cost_nobody_anything() {
    let monitor = Monitor::<u32, Cond>::new(0);
    let (bell, next) = (Bell::panicking(), Bell::new());
    let positive = |n: &u32| *n > 0;
    let gone = queued(monitor.enter_when(positive), &bell);
    let mut stays = queued(monitor.enter_when(positive), &next);
    assert_eq!(panic_message(|| *now(monitor.enter()) = 1), "this waker panics");
    assert_eq!((next.wakes(), monitor.is_occupied()), (0, false));
    drop(gone);
    assert_eq!(next.wakes(), 1);
    let other = queued(monitor.enter_when(|n| *n > 5), &bell);
    drop(ready(&mut stays, &next));
    // It panics while the one who was called is dropped.
    let called = queued(monitor.enter_when(|n| *n > 4), &next);
    let _entering = (*now(monitor.enter()) = 5, drop(called), drop(other));
    assert_eq!((monitor.predicates(), monitor.entering(), monitor.is_occupied()), (0, 0, false));
}

/// Kills: a sweep in which the second destructor that panics ends the process.
#[test]
fn c07_monitor_predicates_that_panic_when_they_are_swept_are_all_dropped() {
    struct Bomb(Arc<AtomicUsize>);
    impl Bomb {
        fn is_whole(&self) -> bool {
            self.0.load(SeqCst) == 0
        }
    }
    impl Drop for Bomb {
        fn drop(&mut self) {
            self.0.fetch_add(1, SeqCst);
            panic!("this predicate panics");
        }
    }
    let (monitor, bell, count) = (Monitor::<u32, Cond>::new(0), Bell::new(), Arc::new(AtomicUsize::new(0)));
    let mut stays = queued(monitor.enter_when(|n| *n > 0), &bell);
    for _ in 0..3 {
        let bomb = Bomb(Arc::clone(&count));
        drop(queued(monitor.enter_when(move |n| *n > 9 && bomb.is_whole()), &bell));
    }
    assert_eq!(count.load(SeqCst), 0, "nobody has swept");
    assert_eq!(panic_message(|| *now(monitor.enter()) = 1), "this predicate panics");
    assert_eq!((count.load(SeqCst), bell.wakes(), monitor.is_occupied()), (3, 1, false));
    drop(ready(&mut stays, &bell));
}

/// Kills: a turn of predicates that holds the short lock for as long as there are waiters.
#[test]
fn c17_monitor_predicates_are_asked_outside_the_lock() {
    const N: u32 = 10_000;
    let monitor = Monitor::<u32, Cond>::new(0);
    let bell = Bell::new();
    let mut line: Vec<_> = (0..N).map(|_| queued(monitor.enter_when(|n| *n > 0), &bell)).collect();
    assert_eq!(monitor.predicates(), N as usize);
    *now(monitor.enter()) = 1;
    line.iter_mut().for_each(|waiting| drop(ready(waiting, &bell)));
    assert_eq!((bell.wakes(), monitor.predicates()), (N as usize, 0));
}

/// Kills: a panic that was kept for its waiter, and is dropped by the next one who asks.
#[test]
fn c07_monitor_a_late_waiter_panics_once_for_all_questions() {
    struct Payload;
    impl Drop for Payload {
        fn drop(&mut self) {
            panic!("this payload panics");
        }
    }
    let monitor = Monitor::<u32, Cond>::new(0);
    let [bell, next] = [Bell::new(), Bell::new()];
    let rung = Arc::new(AtomicBool::new(false));
    let deadline = rung.clone();
    let deadline = poll_fn(move |_| if deadline.load(SeqCst) { Poll::Ready(()) } else { Poll::Pending });
    let panics = now(monitor.enter()).wait_for(|n| if *n > 0 { panic_any(Payload) } else { false });
    let mut late = queued(panics.until(deadline), &bell);
    // One for whom the predicates are asked.
    let sleeps = queued(monitor.enter_when(|n| *n > 9), &Bell::new());
    let mut inside = now(monitor.enter());
    let mut entering = queued(monitor.enter(), &next);
    rung.store(true, SeqCst);
    pending(&mut late, &bell);
    *inside = 1;
    drop(inside);
    *ready(&mut entering, &next) = 2;
    let panic = catch_unwind(AssertUnwindSafe(|| _ = poll(&mut late, &bell))).unwrap_err();
    std::mem::forget(panic);
    drop(sleeps);
    assert_eq!((monitor.predicates(), monitor.entering(), monitor.is_occupied()), (0, 0, false));
}

#[test]
fn c09_monitor_the_task_that_polled_last_is_called() {
    let monitor = Monitor::<u32, Cond>::new(0);
    let [first, last] = [Bell::new(), Bell::new()];
    let mut waiting = queued(monitor.enter_when(|n| *n > 0), &first);
    pending(&mut waiting, &last);
    *now(monitor.enter()) = 1;
    assert_eq!((first.wakes(), last.wakes()), (0, 1));
    *now(monitor.enter()) = 0;
    pending(&mut waiting, &first);
    *now(monitor.enter()) = 1;
    assert_eq!((first.wakes(), last.wakes()), (1, 1), "it was called in vain, and polled by the first");
    drop(ready(&mut waiting, &first));
    assert_eq!((first.held(), last.held()), (0, 0));
}

#[test]
fn c10_monitor_a_wait_for_a_predicate_ends_once() {
    let monitor = Monitor::<u32, Cond>::new(0);
    let bell = Bell::new();
    let mut served: When<'_, _> = Box::pin(monitor.enter_when(|n| *n == 1));
    pending(&mut served, &bell);
    assert!(!served.is_terminated());
    *now(monitor.enter()) = 1;
    drop(ready(&mut served, &bell));
    assert!(served.is_terminated());
    assert!(panic_message(|| _ = poll(&mut served, &bell)).contains("EnteringWhen"));
    let mut raged = queued(now(monitor.enter()).wait_for(|n| if *n == 2 { panic!("two") } else { false }), &bell);
    *now(monitor.enter()) = 2;
    assert_eq!(panic_message(|| _ = poll(&mut raged, &bell)), "two");
    assert!(raged.is_terminated());
    assert!(panic_message(|| _ = poll(&mut raged, &bell)).contains("WaitingFor"));
    assert_eq!((monitor.predicates(), monitor.is_occupied()), (0, false));
}

/// Kills: a table that is asked from the back, and one who was called in vain and goes there.
#[test]
fn c03_monitor_predicates_are_served_in_order_of_arrival() {
    let monitor = Monitor::<u32, Cond>::new(0);
    let bells: Vec<_> = (0..40).map(|_| Bell::new()).collect();
    let mut line: Vec<_> = bells.iter().map(|bell| Some(queued(monitor.enter_when(|n| *n > 0), bell))).collect();
    // Every third one leaves, so the table is swept.
    line.iter_mut().step_by(3).for_each(|gone| *gone = None);
    for (waiting, bell) in line.iter_mut().zip(&bells) {
        let Some(waiting) = waiting else { continue };
        for turn in 1..=3 {
            *now(monitor.enter()) = 1;
            assert_eq!((bell.wakes(), bells.iter().map(Bell::take_wakes).sum::<usize>()), (1, 1));
            if turn < 3 {
                *now(monitor.enter()) = 0;
                pending(waiting, bell);
            }
        }
        *ready(waiting, bell) = 0;
    }
}

/// Kills: a wait for a condition, or a signal, that leaves and asks nobody.
#[test]
fn c02_monitor_who_leaves_in_any_way_asks_for_one_who_gave_up() {
    for way in 0..4 {
        let monitor = Monitor::<u32, Cond>::new(0);
        let [bell, next, other] = [Bell::new(), Bell::new(), Bell::new()];
        let gone = queued(monitor.enter_when(|n| *n > 0), &bell);
        let mut stays = queued(monitor.enter_when(|n| *n > 0), &next);
        *now(monitor.enter()) = 1;
        let inside = now(monitor.enter());
        drop(gone);
        assert_eq!((bell.wakes(), next.wakes()), (1, 0));
        let mut waits = None;
        match way {
            0 => drop(inside),
            1 => waits = Some(queued(inside.wait(Cond::A), &other)),
            2 => assert!(!inside.signal_and_leave(Cond::A)),
            _ => drop(inside.wait(Cond::A)),
        }
        assert_eq!(next.wakes(), 1, "{way}");
        drop(ready(&mut stays, &next));
        drop(waits);
        assert_eq!((monitor.predicates(), monitor.entering(), monitor.is_occupied()), (0, 0, false));
    }
}

/// Kills: an offer that is given up, with a call for another round of questions that nobody hears.
#[test]
fn c02_monitor_an_offer_that_is_given_up_asks_on() {
    let monitor = Monitor::<u32, Cond>::with_fairness(0, Fairness::Barging { overtakes: 2 });
    let bells = [Bell::new(), Bell::new(), Bell::new()];
    let gone = queued(monitor.enter_when(|n| *n > 0), &bells[0]);
    let mut stays = queued(monitor.enter_when(|n| *n > 0), &bells[1]);
    let mut inside = now(monitor.enter());
    let entering = queued(monitor.enter(), &bells[2]);
    *inside = 1;
    drop(inside);
    assert_eq!(bells.each_ref().map(Bell::take_wakes), [0, 0, 1], "it was offered to the line");
    drop(gone);
    drop(entering);
    assert_eq!(bells[1].wakes(), 1, "called, although nobody has been inside since");
    drop(ready(&mut stays, &bells[1]));
}
