//! Condition variables: waiters of both lines, who are notified, leave, or are late.

use std::collections::VecDeque;
use std::sync::Arc;
use std::task::{Context, Waker};

use super::{Alone, Count, below, impatient, schedule, task};
use crate::{Condvar, WaitTimeoutResult, Fairness, Mutex};
use shuttle::future::{JoinHandle, block_on, yield_now};

const CAPACITY: usize = 2;

struct Bounded {
    items: Mutex<VecDeque<usize>>,
    not_full: Condvar,
    not_empty: Condvar,
}

impl Bounded {
    fn new(fairness: Fairness) -> Arc<Self> {
        let items = Mutex::with_fairness(VecDeque::new(), fairness);
        Arc::new(Self { items, not_full: Condvar::new(), not_empty: Condvar::new() })
    }

    async fn put(&self, item: usize) {
        let guard = self.items.lock().await;
        let mut items = self.not_full.wait_while(guard, |items| items.len() == CAPACITY).await;
        items.push_back(item);
        self.not_empty.notify_one();
    }

    /// Notifies when it has let go of the mutex.
    async fn get(&self) -> usize {
        let guard = self.items.lock().await;
        let mut items = self.not_empty.wait_while(guard, |items| items.is_empty()).await;
        let item = items.pop_front().expect("it is not empty");
        drop(items);
        self.not_full.notify_one();
        item
    }

    fn at_rest(&self) {
        at_rest(&self.items, &self.not_full);
        at_rest(&self.items, &self.not_empty);
    }
}

fn at_rest<T>(mutex: &Mutex<T>, condvar: &Condvar) {
    assert_eq!((mutex.is_locked(), mutex.waiters(), condvar.waiters()), (false, 0, 0));
}

fn finish(all: Vec<JoinHandle<()>>) {
    all.into_iter().for_each(|one| block_on(one).expect("no task fails"));
}

fn three_put_and_three_get(name: &str, fairness: Fairness) {
    schedule(name, move || {
        let (buffer, sum) = (Bounded::new(fairness), Count::new());
        let mut all = Vec::new();
        for i in 0..3 {
            let (to, from, sum) = (buffer.clone(), buffer.clone(), sum.clone());
            all.push(task(async move {
                to.put(2 * i).await;
                to.put(2 * i + 1).await;
            }));
            all.push(task(async move {
                sum.add(from.get().await);
                sum.add(from.get().await);
            }));
        }
        finish(all);
        buffer.at_rest();
        assert_eq!(sum.get(), 15);
    });
}

#[test]
fn three_put_and_three_get_in_order() {
    three_put_and_three_get("condvar: bounded buffer 3×3", Fairness::Fifo);
}

#[test]
fn three_put_and_three_get_in_any_order() {
    three_put_and_three_get("condvar: bounded buffer 3×3, Unfair", Fairness::Unfair);
}

type Pair = (Arc<Mutex<usize>>, Arc<Condvar>);

fn pair() -> Pair {
    (Arc::new(Mutex::new(0)), Arc::new(Condvar::new()))
}

/// A wait that has joined the line.
macro_rules! waiting {
    ($pair:expr) => {{
        let guard = $pair.0.try_lock_owned().expect("nobody has it");
        let mut wait = Box::pin($pair.1.wait_owned(guard));
        assert!(wait.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
        wait
    }};
}

#[test]
fn a_notification_outlives_the_one_who_got_it() {
    schedule("condvar: one patient waiter behind three that leave", || {
        let pair = pair();
        let mut all = Vec::new();
        for _ in 0..3 {
            let (wait, condvar) = (waiting!(pair), pair.1.clone());
            all.push(task(async move {
                if impatient(wait).await.is_some() {
                    condvar.notify_one();
                }
            }));
        }
        let (patient, condvar) = (waiting!(pair), pair.1.clone());
        all.push(task(async move { drop(patient.await) }));
        all.push(task(async move { assert!(condvar.notify_one()) }));
        finish(all);
        at_rest(&pair.0, &pair.1);
    });
}

#[test]
fn who_is_notified_with_others_stands_in_the_mutexs_line() {
    schedule("condvar: five notified together, two leave, two lock", || {
        let (pair, alone, served) = (pair(), Arc::new(Alone::default()), Count::new());
        let mut all = Vec::new();
        for i in 0..5 {
            let (wait, alone, served) = (waiting!(pair), alone.clone(), served.clone());
            all.push(task(async move {
                let guard = if i % 2 == 1 { impatient(wait).await } else { Some(wait.await) };
                if let Some(guard) = guard {
                    alone.visit().await;
                    drop(guard);
                    served.add(1);
                }
            }));
        }
        for _ in 0..2 {
            let (mutex, alone) = (pair.0.clone(), alone.clone());
            all.push(task(async move {
                let _guard = mutex.lock().await;
                alone.visit().await;
            }));
        }
        let condvar = pair.1.clone();
        all.push(task(async move {
            condvar.notify_many(2);
            condvar.notify_all();
        }));
        finish(all);
        assert!((3..=5).contains(&served.get()));
        at_rest(&pair.0, &pair.1);
    });
}

#[test]
fn who_is_late_takes_no_notification_along() {
    schedule("condvar: one patient waiter behind three with deadlines", || {
        let pair = pair();
        let hasty = [0; 3].map(|_| {
            let guard = pair.0.try_lock_owned().expect("nobody has it");
            let deadline = async {
                for _ in 0..1 + below(3) {
                    yield_now().await;
                }
            };
            let mut wait = Box::pin(pair.1.wait_owned(guard).until(deadline));
            assert!(wait.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
            wait
        });
        let (patient, condvar) = (waiting!(pair), pair.1.clone());
        let mut all = vec![
            task(async move { drop(patient.await) }),
            task(async move { assert!(condvar.notify_one()) }),
        ];
        all.extend(hasty.map(|wait| {
            let condvar = pair.1.clone();
            task(async move {
                let (guard, ended) = wait.await;
                drop(guard);
                if ended == WaitTimeoutResult::Notified {
                    condvar.notify_one();
                }
            })
        }));
        finish(all);
        at_rest(&pair.0, &pair.1);
    });
}
