//! `Mutex` on every runtime.

use crate::common::{Abandon, Random};
use sempost::Mutex;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

runtime_matrix! {
    async fn one_holder_at_a_time(rt) {
        let mutex = Arc::new(Mutex::new(0));
        let mut tasks = Vec::new();
        for _ in 0..8 {
            let mutex = mutex.clone();
            tasks.push(rt.spawn(async move {
                for _ in 0..200 {
                    let mut count = mutex.lock().await;
                    let seen = *count;
                    rt.yield_now().await;
                    *count = seen + 1;
                }
            }));
        }
        for task in tasks {
            task.await;
        }
        assert_eq!(*mutex.lock().await, 1_600);
    }

    async fn lockers_are_served_in_the_order_they_came(rt) {
        let mutex = Arc::new(Mutex::new(Vec::new()));
        let held = mutex.lock().await;
        let mut tasks = Vec::new();
        for id in 0..16 {
            let line = mutex.clone();
            tasks.push(rt.spawn(async move { line.lock().await.push(id) }));
            rt.until(|| mutex.waiters() == id + 1).await;
        }
        drop(held);
        for task in tasks {
            task.await;
        }
        assert_eq!(*mutex.lock().await, (0..16).collect::<Vec<_>>());
    }

    async fn an_owned_guard_moves_to_another_task(rt) {
        let mutex = Arc::new(Mutex::new(0));
        for _ in 0..100 {
            let mut guard = mutex.lock_owned().await;
            assert!(mutex.is_locked());
            rt.spawn(async move { *guard += 1 }).await;
        }
        assert_eq!(*mutex.lock().await, 100);
    }

    async fn threads_and_tasks_share_one_mutex(rt) {
        let mutex = Arc::new(Mutex::new(0));
        let stop = Arc::new(AtomicBool::new(false));
        let threads: Vec<_> = (0..2)
            .map(|_| {
                let (mutex, stop) = (mutex.clone(), stop.clone());
                thread::spawn(move || {
                    let mut turns = 0;
                    while turns < 100 || !stop.load(Ordering::SeqCst) {
                        *mutex.lock_blocking() += 1;
                        turns += 1;
                    }
                    turns
                })
            })
            .collect();
        let mut tasks = Vec::new();
        for _ in 0..4 {
            let mutex = mutex.clone();
            tasks.push(rt.spawn(async move {
                for _ in 0..100 {
                    let mut count = mutex.lock().await;
                    rt.yield_now().await;
                    *count += 1;
                }
            }));
        }
        for task in tasks {
            task.await;
        }
        stop.store(true, Ordering::SeqCst);
        let turns: u32 = threads.into_iter().map(|thread| thread.join().unwrap()).sum();
        assert_eq!(*mutex.lock().await, 400 + turns);
    }

    async fn random_cancels_never_leave_it_locked(rt) {
        let mutex = Arc::new(Mutex::new(0));
        let mut tasks = Vec::new();
        for seed in 0..6 {
            let mutex = mutex.clone();
            tasks.push(rt.spawn(async move {
                let mut random = Random::new(seed);
                let mut turns = 0;
                for _ in 0..300 {
                    let patience = 1 + random.below(4);
                    if let Some(mut count) = Abandon::after(patience, mutex.lock()).await {
                        let seen = *count;
                        rt.yield_now().await;
                        *count = seen + 1;
                        turns += 1;
                    }
                }
                turns
            }));
        }
        let mut turns = 0;
        for task in tasks {
            turns += task.await;
        }
        assert_eq!(mutex.waiters(), 0);
        assert_eq!(*mutex.try_lock().expect("nobody holds it"), turns);
    }
}
