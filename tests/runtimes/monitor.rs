//! `Monitor` on every runtime.

use crate::common::{Abandon, Random};
use sempost::{Monitor, conditions};
use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

conditions! {
    /// The two conditions of the notes.
    pub enum Buffer { SlotAvail, ItemAvail }
}

const SLOTS: usize = 3;
const ITEMS: usize = 250;

type Ring = Monitor<VecDeque<usize>, Buffer>;

/// Every id of `0..total` once.
fn assert_each_once(mut ids: Vec<usize>, total: usize) {
    ids.sort_unstable();
    assert_eq!(ids, (0..total).collect::<Vec<_>>());
}

/// The notes' procedure: `if (count == N) wait(SlotAvail); …; signal(ItemAvail)`.
async fn put_item(ring: &Ring, item: usize) {
    let mut inside = ring.enter().await;
    if inside.len() == SLOTS {
        inside = inside.wait(Buffer::SlotAvail).await;
    }
    assert!(inside.len() < SLOTS, "the signalled producer finds a free slot");
    inside.push_back(item);
    inside.signal_and_leave(Buffer::ItemAvail);
}

/// The notes' procedure: `if (count == 0) wait(ItemAvail); …; signal(SlotAvail)`.
async fn get_item(ring: &Ring) -> usize {
    let mut inside = ring.enter().await;
    if inside.is_empty() {
        inside = inside.wait(Buffer::ItemAvail).await;
    }
    let item = inside.pop_front().expect("the signalled consumer finds an item");
    inside.signal_and_leave(Buffer::SlotAvail);
    item
}

runtime_matrix! {
    async fn one_task_inside_at_a_time(rt) {
        let monitor = Arc::new(Monitor::<_, Buffer>::new(0));
        let mut tasks = Vec::new();
        for _ in 0..8 {
            let monitor = monitor.clone();
            tasks.push(rt.spawn(async move {
                for _ in 0..200 {
                    let mut count = monitor.enter().await;
                    let seen = *count;
                    rt.yield_now().await;
                    *count = seen + 1;
                }
            }));
        }
        for task in tasks {
            task.await;
        }
        assert_eq!(*monitor.enter().await, 1_600);
    }

    async fn a_bounded_buffer_with_wait_while_passes_each_item_once(rt) {
        let ring = Arc::new(Ring::new(VecDeque::new()));
        let (mut producers, mut consumers) = (Vec::new(), Vec::new());
        for p in 0..4 {
            let monitor = ring.clone();
            producers.push(rt.spawn(async move {
                for i in 0..ITEMS {
                    let inside = monitor.enter().await;
                    let full = |ring: &mut VecDeque<usize>| ring.len() == SLOTS;
                    let mut inside = inside.wait_while(Buffer::SlotAvail, full).await;
                    inside.push_back(p * ITEMS + i);
                    inside.notify_one(Buffer::ItemAvail);
                }
            }));
            let monitor = ring.clone();
            consumers.push(rt.spawn(async move {
                let mut got = Vec::new();
                for _ in 0..ITEMS {
                    let inside = monitor.enter().await;
                    let empty = |ring: &mut VecDeque<usize>| ring.is_empty();
                    let mut inside = inside.wait_while(Buffer::ItemAvail, empty).await;
                    got.push(inside.pop_front().unwrap());
                    inside.notify_one(Buffer::SlotAvail);
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
        assert!(!ring.is_occupied());
    }

    async fn the_lecture_put_item_and_get_item_need_no_loop(rt) {
        let ring = Arc::new(Ring::new(VecDeque::new()));
        let (mut producers, mut consumers) = (Vec::new(), Vec::new());
        for p in 0..4 {
            let monitor = ring.clone();
            producers.push(rt.spawn(async move {
                for i in 0..ITEMS {
                    put_item(&monitor, p * ITEMS + i).await;
                }
            }));
            let monitor = ring.clone();
            consumers.push(rt.spawn(async move {
                let mut got = Vec::new();
                for _ in 0..ITEMS {
                    got.push(get_item(&monitor).await);
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
    }

    async fn the_lecture_procedures_survive_random_cancels(rt) {
        let ring = Arc::new(Ring::new(VecDeque::new()));
        let taken = Arc::new(AtomicUsize::new(0));
        let (mut producers, mut consumers) = (Vec::new(), Vec::new());
        for p in 0..4 {
            let monitor = ring.clone();
            producers.push(rt.spawn(async move {
                let mut random = Random::new(p as u64);
                for i in 0..ITEMS {
                    // A cancelled PutItem put nothing: it is tried again.
                    loop {
                        let put = put_item(&monitor, p * ITEMS + i);
                        if Abandon::after(1 + random.below(6), put).await.is_some() {
                            break;
                        }
                        rt.yield_now().await;
                    }
                }
            }));
            let (monitor, taken) = (ring.clone(), taken.clone());
            consumers.push(rt.spawn(async move {
                let mut random = Random::new(100 + p as u64);
                let mut got = Vec::new();
                while taken.load(Ordering::SeqCst) < 4 * ITEMS {
                    let get = get_item(&monitor);
                    match Abandon::after(1 + random.below(6), get).await {
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
        assert!(!ring.is_occupied());
        assert_eq!(ring.waiters(Buffer::SlotAvail) + ring.waiters(Buffer::ItemAvail), 0);
    }

    async fn notify_all_releases_every_waiter_of_the_condition(rt) {
        let monitor = Arc::new(Monitor::<_, Buffer>::new((false, 0)));
        let mut tasks = Vec::new();
        for _ in 0..50 {
            let monitor = monitor.clone();
            tasks.push(rt.spawn(async move {
                let inside = monitor.enter().await;
                let closed = |state: &mut (bool, i32)| !state.0;
                inside.wait_while(Buffer::ItemAvail, closed).await.1 += 1;
            }));
        }
        rt.until(|| monitor.waiters(Buffer::ItemAvail) == 50).await;
        let mut inside = monitor.enter().await;
        inside.0 = true;
        assert_eq!(inside.notify_all(Buffer::ItemAvail), 50);
        drop(inside);
        for task in tasks {
            task.await;
        }
        assert_eq!(monitor.enter().await.1, 50);
    }

    async fn an_owned_guard_waits_in_another_task(rt) {
        let monitor = Arc::new(Monitor::<_, Buffer>::new(0));
        let guard = monitor.enter_owned().await;
        let task = rt.spawn(async move {
            let mut guard = guard.wait(Buffer::ItemAvail).await;
            *guard += 1;
        });
        rt.until(|| monitor.waiters(Buffer::ItemAvail) == 1).await;
        monitor.enter().await.notify_one(Buffer::ItemAvail);
        task.await;
        assert_eq!(*monitor.enter().await, 1);
    }

    async fn threads_and_tasks_wait_for_the_same_conditions(rt) {
        let ring = Arc::new(Ring::new(VecDeque::new()));
        let threads: Vec<_> = (0..2)
            .map(|p| {
                let ring = ring.clone();
                thread::spawn(move || {
                    for i in 0..ITEMS {
                        let inside = ring.enter_blocking();
                        let full = |ring: &mut VecDeque<usize>| ring.len() == SLOTS;
                        let mut inside = inside.wait_while(Buffer::SlotAvail, full).wait();
                        inside.push_back(p * ITEMS + i);
                        inside.notify_one(Buffer::ItemAvail);
                    }
                })
            })
            .collect();
        let mut consumers = Vec::new();
        for _ in 0..2 {
            let ring = ring.clone();
            consumers.push(rt.spawn(async move {
                let mut got = Vec::new();
                for _ in 0..ITEMS {
                    got.push(get_item_with_notify(&ring).await);
                }
                got
            }));
        }
        let mut all = Vec::new();
        for consumer in consumers {
            all.extend(consumer.await);
        }
        for thread in threads {
            thread.join().unwrap();
        }
        assert_each_once(all, 2 * ITEMS);
    }
}

async fn get_item_with_notify(ring: &Ring) -> usize {
    let inside = ring.enter().await;
    let empty = |ring: &mut VecDeque<usize>| ring.is_empty();
    let mut inside = inside.wait_while(Buffer::ItemAvail, empty).await;
    let item = inside.pop_front().unwrap();
    inside.notify_one(Buffer::SlotAvail);
    item
}
