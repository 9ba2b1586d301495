//! Monitors with several inside's worth of tasks before the door.

use std::collections::VecDeque;
use std::sync::Arc;
use std::task::{Context, Waker};

use super::{Count, impatient, schedule, task, tasks};
use crate::Monitor;
use shuttle::future::JoinHandle;

crate::conditions! {
    pub(crate) enum Buffer { NotFull, NotEmpty }
}

type Bounded = Monitor<VecDeque<usize>, Buffer>;

const CAPACITY: usize = 2;

fn buffer() -> Arc<Bounded> {
    Arc::new(Monitor::new(VecDeque::new()))
}

fn at_rest(monitor: &Bounded) {
    assert!(!monitor.is_occupied());
    assert_eq!((monitor.entering(), monitor.waiters(Buffer::NotFull), monitor.waiters(Buffer::NotEmpty)), (0, 0, 0));
}

async fn put(monitor: &Bounded, item: usize) {
    let guard = monitor.enter().await;
    let mut guard = guard.wait_while(Buffer::NotFull, |items| items.len() == CAPACITY).await;
    guard.push_back(item);
    guard.notify_one(Buffer::NotEmpty);
}

async fn get(monitor: &Bounded) -> usize {
    let guard = monitor.enter().await;
    let mut guard = guard.wait_while(Buffer::NotEmpty, |items| items.is_empty()).await;
    let item = guard.pop_front().expect("it is not empty");
    guard.notify_one(Buffer::NotFull);
    item
}

/// Runs all tasks to their ends, then looks at the monitor.
fn finish(monitor: &Bounded, all: Vec<JoinHandle<()>>) {
    for one in all {
        shuttle::future::block_on(one).expect("no task fails");
    }
    at_rest(monitor);
}

#[test]
fn three_put_and_three_get() {
    schedule("monitor: bounded buffer 3×3", || {
        let (monitor, sum) = (buffer(), Count::new());
        let mut all = Vec::new();
        for i in 0..3 {
            let (to, from, sum) = (monitor.clone(), monitor.clone(), sum.clone());
            all.push(task(async move {
                put(&to, 2 * i).await;
                put(&to, 2 * i + 1).await;
            }));
            all.push(task(async move {
                sum.add(get(&from).await);
                sum.add(get(&from).await);
            }));
        }
        finish(&monitor, all);
        assert_eq!(sum.get(), 15);
    });
}

#[test]
fn a_notified_waiter_that_leaves_passes_it_on() {
    schedule("monitor: impatient getters", || {
        let (monitor, sum) = (buffer(), Count::new());
        let mut all = Vec::new();
        for _ in 0..3 {
            let (from, sum) = (monitor.clone(), sum.clone());
            all.push(task(async move {
                let once = async {
                    let guard = from.enter().await;
                    // Not a take: whoever leaves after this must have changed nothing.
                    drop(guard.wait_while(Buffer::NotEmpty, |items| items.is_empty()).await);
                };
                if impatient(once).await.is_some() {
                    let guard = from.enter().await;
                    guard.notify_one(Buffer::NotEmpty);
                }
                sum.add(get(&from).await);
            }));
        }
        for item in 1..4 {
            let to = monitor.clone();
            all.push(task(async move { put(&to, item).await }));
        }
        finish(&monitor, all);
        assert_eq!(sum.get(), 6);
    });
}

#[test]
fn a_notification_outlives_the_one_who_got_it() {
    schedule("monitor: one patient waiter behind three that leave", || {
        let monitor = buffer();
        let mut waits = (0..4).map(|_| {
            let guard = shuttle::future::block_on(monitor.enter_owned());
            let mut wait = Box::pin(guard.wait(Buffer::NotEmpty));
            assert!(wait.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
            wait
        });
        let leavers: Vec<_> = waits.by_ref().take(3).collect();
        let patient = waits.next().expect("there are four");
        let mut all: Vec<_> = leavers
            .into_iter()
            .map(|wait| {
                task(async move {
                    if let Some(guard) = impatient(wait).await {
                        guard.notify_one(Buffer::NotEmpty);
                    }
                })
            })
            .collect();
        let notifier = monitor.clone();
        all.push(task(async move { assert!(notifier.enter().await.notify_one(Buffer::NotEmpty)) }));
        all.push(task(async move { drop(patient.await) }));
        finish(&monitor, all);
    });
}

#[test]
fn after_a_signal_an_if_is_enough() {
    schedule("monitor: signal_and_leave, the lecture's buffer", || {
        let (monitor, sum) = (buffer(), Count::new());
        let mut all = Vec::new();
        for i in 0..3 {
            let (to, from, sum) = (monitor.clone(), monitor.clone(), sum.clone());
            all.push(task(async move {
                let mut guard = to.enter().await;
                if guard.len() == CAPACITY {
                    guard = guard.wait(Buffer::NotFull).await;
                }
                assert!(guard.len() < CAPACITY);
                guard.push_back(i);
                guard.signal_and_leave(Buffer::NotEmpty);
            }));
            all.push(task(async move {
                let mut guard = from.enter().await;
                if guard.is_empty() {
                    guard = guard.wait(Buffer::NotEmpty).await;
                }
                sum.add(guard.pop_front().expect("the signal said so"));
                guard.signal_and_leave(Buffer::NotFull);
            }));
        }
        finish(&monitor, all);
        assert_eq!(sum.get(), 3);
    });
}

#[test]
fn notify_all_reaches_all() {
    schedule("monitor: notify_all of five", || {
        let monitor = buffer();
        let mut all: Vec<_> = (0..5)
            .map(|_| {
                let monitor = monitor.clone();
                task(async move {
                    let guard = monitor.enter().await;
                    drop(guard.wait_while(Buffer::NotEmpty, |items| items.is_empty()).await);
                })
            })
            .collect();
        let opener = monitor.clone();
        all.push(task(async move {
            let mut guard = opener.enter().await;
            guard.push_back(7);
            guard.notify_all(Buffer::NotEmpty);
        }));
        finish(&monitor, all);
    });
}

#[test]
fn each_notification_wakes_one() {
    schedule("monitor: notify_many, one each", || {
        let (monitor, served) = (buffer(), Count::new());
        let waiters: Vec<_> = (0..4)
            .map(|_| {
                let (monitor, served) = (monitor.clone(), served.clone());
                task(async move {
                    let guard = monitor.enter().await;
                    let mut guard = guard.wait(Buffer::NotEmpty).await;
                    assert!(guard.pop_front().is_some(), "a notification an item");
                    served.add(1);
                })
            })
            .collect();
        let giver = monitor.clone();
        let giver = task(async move {
            let mut given = 0;
            while given < 4 {
                let mut guard = giver.enter().await;
                let there = giver.waiters(Buffer::NotEmpty).min(2);
                (0..there).for_each(|item| guard.push_back(item));
                given += guard.notify_many(Buffer::NotEmpty, there);
                drop(guard);
                shuttle::future::yield_now().await;
            }
        });
        finish(&monitor, waiters.into_iter().chain([giver]).collect());
        assert_eq!(served.get(), 4);
    });
}

#[test]
fn threads_enter_among_tasks() {
    tasks("monitor: threads and tasks at one door", || {
        let monitor = buffer();
        (0..3)
            .map(|i| {
                let monitor = monitor.clone();
                task(async move {
                    let other = monitor.clone();
                    let thread = shuttle::thread::spawn(move || {
                        let guard = other.enter_blocking();
                        let mut guard = guard.wait_while(Buffer::NotEmpty, |items| items.is_empty()).wait();
                        assert!(guard.pop_front().is_some());
                        guard.notify_one(Buffer::NotFull);
                    });
                    put(&monitor, i).await;
                    thread.join().unwrap();
                })
            })
            .collect()
    });
}
