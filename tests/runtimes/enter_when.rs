//! Monitors in which nobody signals, on every runtime.

use crate::common::{Abandon, Random};
use sempost::Monitor;
use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

const SLOTS: usize = 3;
const ITEMS: usize = 250;

type Ring = Monitor<VecDeque<usize>>;

/// Every id of `0..total` once.
fn assert_each_once(mut ids: Vec<usize>, total: usize) {
    ids.sort_unstable();
    assert_eq!(ids, (0..total).collect::<Vec<_>>());
}

fn assert_left<T>(monitor: &Monitor<T>) {
    assert_eq!((monitor.predicates(), monitor.entering(), monitor.is_occupied()), (0, 0, false));
}

async fn put(ring: &Ring, item: usize) {
    ring.enter_when(|ring| ring.len() < SLOTS).await.push_back(item);
}

async fn get(ring: &Ring) -> usize {
    let inside = ring.enter().await;
    let mut inside = inside.wait_for(|ring| !ring.is_empty()).await;
    inside.pop_front().expect("the predicate holds")
}

runtime_matrix! {
    async fn a_bounded_buffer_needs_no_signal(rt) {
        let ring = Arc::new(Ring::plain(VecDeque::new()));
        let (mut producers, mut consumers) = (Vec::new(), Vec::new());
        for p in 0..4 {
            let monitor = ring.clone();
            producers.push(rt.spawn(async move {
                for i in 0..ITEMS {
                    put(&monitor, p * ITEMS + i).await;
                }
            }));
            let monitor = ring.clone();
            consumers.push(rt.spawn(async move {
                let mut got = Vec::new();
                for _ in 0..ITEMS {
                    got.push(get(&monitor).await);
                }
                got
            }));
        }
        let mut all = Vec::new();
        for consumer in consumers {
            all.extend(consumer.await);
        }
        for producer in producers {
            producer.await;
        }
        assert_each_once(all, 4 * ITEMS);
        assert_left(&ring);
    }

    async fn a_bounded_buffer_without_signals_survives_random_cancels(rt) {
        let ring = Arc::new(Ring::plain(VecDeque::new()));
        let taken = Arc::new(AtomicUsize::new(0));
        let (mut producers, mut consumers) = (Vec::new(), Vec::new());
        for p in 0..4 {
            let monitor = ring.clone();
            producers.push(rt.spawn(async move {
                let mut random = Random::new(p as u64);
                for i in 0..ITEMS {
                    // A wait that is given up has put nothing: it is tried again.
                    let item = p * ITEMS + i;
                    while Abandon::after(1 + random.below(6), put(&monitor, item)).await.is_none() {
                        rt.yield_now().await;
                    }
                }
            }));
            let (monitor, taken) = (ring.clone(), taken.clone());
            consumers.push(rt.spawn(async move {
                let mut random = Random::new(100 + p as u64);
                let mut got = Vec::new();
                while taken.load(Ordering::SeqCst) < 4 * ITEMS {
                    match Abandon::after(1 + random.below(6), get(&monitor)).await {
                        Some(item) => {
                            got.push(item);
                            taken.fetch_add(1, Ordering::SeqCst);
                        }
                        None => rt.yield_now().await,
                    }
                }
                got
            }));
        }
        let mut all = Vec::new();
        for consumer in consumers {
            all.extend(consumer.await);
        }
        for producer in producers {
            producer.await;
        }
        assert_each_once(all, 4 * ITEMS);
        assert_left(&ring);
    }

    async fn a_flag_lets_a_hundred_tasks_in(rt) {
        let monitor = Arc::new(Monitor::plain((false, 0)));
        let mut tasks = Vec::new();
        for _ in 0..100 {
            let monitor = monitor.clone();
            tasks.push(rt.spawn(async move { monitor.enter_when(|state| state.0).await.1 += 1 }));
        }
        rt.until(|| monitor.predicates() == 100).await;
        monitor.enter().await.0 = true;
        for task in tasks {
            task.await;
        }
        assert_eq!(monitor.enter().await.1, 100);
        assert_left(&monitor);
    }

    async fn threads_and_tasks_take_turns_by_number(rt) {
        let monitor = Arc::new(Monitor::plain(0));
        let other = monitor.clone();
        let thread = thread::spawn(move || {
            for i in (0..2 * ITEMS).step_by(2) {
                *other.enter_when_blocking(move |n| *n == i) += 1;
            }
        });
        let other = monitor.clone();
        let task = rt.spawn(async move {
            for i in (1..2 * ITEMS).step_by(2) {
                *other.enter_when_owned(move |n| *n == i).await += 1;
            }
        });
        assert_eq!(*monitor.enter_when(|n| *n == 2 * ITEMS).await, 2 * ITEMS);
        task.await;
        thread.join().unwrap();
        assert_left(&monitor);
    }
}
