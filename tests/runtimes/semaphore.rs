//! `Semaphore` on every runtime.

use crate::common::{Abandon, Random};
use sempost::{AcquireError, Semaphore};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

/// Counts who is inside, and insists on a bound.
#[derive(Default)]
struct Inside(AtomicUsize);

impl Inside {
    fn enter(&self, n: usize, limit: usize) {
        let before = self.0.fetch_add(n, Ordering::SeqCst);
        assert!(before + n <= limit, "{} inside, {limit} permits", before + n);
    }

    fn leave(&self, n: usize) {
        self.0.fetch_sub(n, Ordering::SeqCst);
    }
}

runtime_matrix! {
    async fn waiters_are_served_in_the_order_they_came(rt) {
        let semaphore = Arc::new(Semaphore::new(0));
        let order = Arc::new(Mutex::new(Vec::new()));
        let mut tasks = Vec::new();
        for id in 0..16 {
            let (line, order) = (semaphore.clone(), order.clone());
            tasks.push(rt.spawn(async move {
                let permit = line.acquire().await.unwrap();
                order.lock().unwrap().push(id);
                drop(permit);
            }));
            rt.until(|| semaphore.waiters() == id + 1).await;
        }
        semaphore.add_permits(1);
        for task in tasks {
            task.await;
        }
        assert_eq!(*order.lock().unwrap(), (0..16).collect::<Vec<_>>());
        assert_eq!(semaphore.available_permits(), 1);
    }

    async fn never_more_inside_than_permits(rt) {
        let semaphore = Arc::new(Semaphore::new(3));
        let inside = Arc::new(Inside::default());
        let mut tasks = Vec::new();
        for _ in 0..8 {
            let (semaphore, inside) = (semaphore.clone(), inside.clone());
            tasks.push(rt.spawn(async move {
                for _ in 0..200 {
                    let permit = semaphore.acquire().await.unwrap();
                    inside.enter(1, 3);
                    rt.yield_now().await;
                    inside.leave(1);
                    drop(permit);
                }
            }));
        }
        for task in tasks {
            task.await;
        }
        assert_eq!((semaphore.available_permits(), semaphore.waiters()), (3, 0));
    }

    async fn many_permits_at_once_keep_the_bound(rt) {
        let semaphore = Arc::new(Semaphore::new(5));
        let inside = Arc::new(Inside::default());
        let mut tasks = Vec::new();
        for seed in 0..6 {
            let (semaphore, inside) = (semaphore.clone(), inside.clone());
            tasks.push(rt.spawn(async move {
                let mut random = Random::new(seed);
                for _ in 0..200 {
                    let n = 1 + random.below(5);
                    let permit = semaphore.acquire_many(n).await.unwrap();
                    assert_eq!(permit.num_permits(), n);
                    inside.enter(n, 5);
                    rt.yield_now().await;
                    inside.leave(n);
                    drop(permit);
                }
            }));
        }
        for task in tasks {
            task.await;
        }
        assert_eq!(semaphore.available_permits(), 5);
    }

    async fn an_owned_permit_moves_to_another_task(rt) {
        let semaphore = Arc::new(Semaphore::new(1));
        for _ in 0..100 {
            let permit = semaphore.acquire_owned().await.unwrap();
            let busy = semaphore.clone();
            rt.spawn(async move {
                assert_eq!(busy.available_permits(), 0);
                drop(permit);
            })
            .await;
        }
        assert_eq!(semaphore.available_permits(), 1);
    }

    async fn many_owned_permits_are_split_among_tasks(rt) {
        let semaphore = Arc::new(Semaphore::new(8));
        let mut permit = semaphore.acquire_many_owned(8).await.unwrap();
        let mut tasks = Vec::new();
        for _ in 0..8 {
            let one = permit.split(1).unwrap();
            tasks.push(rt.spawn(async move { drop(one) }));
        }
        for task in tasks {
            task.await;
        }
        assert_eq!((permit.num_permits(), semaphore.available_permits()), (0, 8));
    }

    async fn close_ends_every_waiter_and_closed(rt) {
        let semaphore = Arc::new(Semaphore::new(0));
        let mut tasks = Vec::new();
        for _ in 0..8 {
            let semaphore = semaphore.clone();
            tasks.push(rt.spawn(async move { semaphore.acquire().await.map(drop) }));
        }
        let onlooker = semaphore.clone();
        let closed = rt.spawn(async move { onlooker.closed().await });
        rt.until(|| semaphore.waiters() == 8).await;
        assert!(semaphore.close());
        for task in tasks {
            assert!(matches!(task.await, Err(AcquireError { .. })));
        }
        closed.await;
        assert!(semaphore.acquire().await.is_err());
    }

    async fn threads_and_tasks_stand_in_one_line(rt) {
        let semaphore = Arc::new(Semaphore::new(2));
        let inside = Arc::new(Inside::default());
        let threads: Vec<_> = (0..2)
            .map(|_| {
                let (semaphore, inside) = (semaphore.clone(), inside.clone());
                thread::spawn(move || {
                    for _ in 0..200 {
                        let permit = semaphore.acquire_blocking().unwrap();
                        inside.enter(1, 2);
                        thread::yield_now();
                        inside.leave(1);
                        drop(permit);
                    }
                })
            })
            .collect();
        let mut tasks = Vec::new();
        for _ in 0..4 {
            let (semaphore, inside) = (semaphore.clone(), inside.clone());
            tasks.push(rt.spawn(async move {
                for _ in 0..200 {
                    let permit = semaphore.acquire().await.unwrap();
                    inside.enter(1, 2);
                    rt.yield_now().await;
                    inside.leave(1);
                    drop(permit);
                }
            }));
        }
        for task in tasks {
            task.await;
        }
        for thread in threads {
            thread.join().unwrap();
        }
        assert_eq!((semaphore.available_permits(), semaphore.waiters()), (2, 0));
    }

    async fn a_debt_is_repaid_before_a_task_is_served(rt) {
        let semaphore = Arc::new(Semaphore::new(2));
        let both = semaphore.acquire_many_owned(2).await.unwrap();
        semaphore.reduce_permits(1);
        let line = semaphore.clone();
        let task = rt.spawn(async move { line.acquire_many(2).await.unwrap().forget() });
        rt.until(|| semaphore.waiters() == 1).await;
        drop(both); // one pays the debt, one stays in the pool
        assert_eq!((semaphore.available_permits(), semaphore.waiters()), (1, 1));
        semaphore.add_permits(1);
        task.await;
        assert_eq!(semaphore.available_permits(), 0);
    }

    async fn random_cancels_lose_no_permit(rt) {
        let semaphore = Arc::new(Semaphore::new(4));
        let mut tasks = Vec::new();
        for seed in 0..6 {
            let semaphore = semaphore.clone();
            tasks.push(rt.spawn(async move {
                let mut random = Random::new(seed);
                for _ in 0..300 {
                    let n = 1 + random.below(4);
                    let patience = 1 + random.below(4);
                    let permit = Abandon::after(patience, semaphore.acquire_many(n)).await;
                    if random.one_in(2) {
                        rt.yield_now().await;
                    }
                    drop(permit);
                }
            }));
        }
        for task in tasks {
            task.await;
        }
        assert_eq!((semaphore.available_permits(), semaphore.waiters()), (4, 0));
    }

    async fn the_lecture_bounded_buffer_passes_each_item_once(rt) {
        struct Shared {
            filledslots: Semaphore,
            emptyslots: Semaphore,
            mutex: Semaphore,
            ring: Mutex<std::collections::VecDeque<usize>>,
        }
        const ITEMS: usize = 250;
        let shared = Arc::new(Shared {
            filledslots: Semaphore::new(0),
            emptyslots: Semaphore::new(4),
            mutex: Semaphore::new(1),
            ring: Mutex::default(),
        });
        let mut producers = Vec::new();
        let mut consumers = Vec::new();
        for p in 0..4 {
            let s = shared.clone();
            producers.push(rt.spawn(async move {
                for i in 0..ITEMS {
                    s.emptyslots.acquire().await.unwrap().forget();
                    s.mutex.acquire().await.unwrap().forget();
                    s.ring.lock().unwrap().push_back(p * ITEMS + i);
                    s.mutex.add_permits(1);
                    s.filledslots.add_permits(1);
                }
            }));
            let s = shared.clone();
            consumers.push(rt.spawn(async move {
                let mut got = Vec::new();
                for _ in 0..ITEMS {
                    s.filledslots.acquire().await.unwrap().forget();
                    s.mutex.acquire().await.unwrap().forget();
                    got.push(s.ring.lock().unwrap().pop_front().unwrap());
                    s.mutex.add_permits(1);
                    s.emptyslots.add_permits(1);
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
        all.sort_unstable();
        assert_eq!(all, (0..4 * ITEMS).collect::<Vec<_>>());
        assert_eq!(shared.emptyslots.available_permits(), 4);
    }
}
