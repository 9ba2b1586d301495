//! Newcomers that may pass, on every runtime.

use crate::common::{Abandon, Random, Rt};
use sempost::Fairness::{self, Barging, Unfair};
use sempost::{Mutex, Semaphore};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

/// Tasks and a thread that take turns at one mutex; every third task is impatient.
async fn contend(rt: Rt, fairness: Fairness) {
    let mutex = Arc::new(Mutex::with_fairness(0, fairness));
    let guest = mutex.clone();
    let thread = thread::spawn(move || (0..100).for_each(|_| *guest.lock_blocking() += 1));
    let mut tasks = Vec::new();
    for id in 0..6 {
        let mutex = mutex.clone();
        tasks.push(rt.spawn(async move {
            let mut turns = 0;
            for turn in 0..200 {
                let patience = if id % 3 == 0 { 1 + turn % 4 } else { usize::MAX };
                let locked = match patience {
                    usize::MAX => Some(mutex.lock().await),
                    patience => Abandon::after(patience, mutex.lock()).await,
                };
                if let Some(mut count) = locked {
                    let seen = *count;
                    if turn % 2 == 0 {
                        rt.yield_now().await;
                    }
                    *count = seen + 1;
                    turns += 1;
                }
            }
            turns
        }));
    }
    let mut turns = 100;
    for task in tasks {
        turns += task.await;
    }
    thread.join().unwrap();
    assert_eq!((mutex.waiters(), *mutex.try_lock().expect("nobody holds it")), (0, turns));
}

/// Tasks that take up to three of four permits, by all ways in, and never hold more together.
async fn share(rt: Rt, fairness: Fairness) {
    let semaphore = Arc::new(Semaphore::with_fairness(4, fairness));
    let inside = Arc::new(AtomicUsize::new(0));
    let mut tasks = Vec::new();
    for seed in 0..6 {
        let (semaphore, inside) = (semaphore.clone(), inside.clone());
        tasks.push(rt.spawn(async move {
            let mut random = Random::new(seed);
            for _ in 0..200 {
                let n = 1 + random.below(3);
                let permit = match random.below(3) {
                    0 => semaphore.try_acquire_many(n).ok(),
                    1 => Abandon::after(1 + random.below(3), semaphore.acquire_many(n)).await.map(Result::unwrap),
                    _ => Some(semaphore.acquire_many(n).await.unwrap()),
                };
                if let Some(permit) = permit {
                    assert!(inside.fetch_add(n, Ordering::SeqCst) + n <= 4);
                    rt.yield_now().await;
                    inside.fetch_sub(n, Ordering::SeqCst);
                    drop(permit);
                }
            }
        }));
    }
    for task in tasks {
        task.await;
    }
    assert_eq!((semaphore.available_permits(), semaphore.waiters()), (4, 0));
}

runtime_matrix! {
    async fn a_mutex_that_few_may_pass(rt) {
        contend(rt, Barging { overtakes: 3 }).await;
    }

    async fn a_mutex_that_nobody_may_pass(rt) {
        contend(rt, Barging { overtakes: 0 }).await;
    }

    async fn a_mutex_that_anybody_may_pass(rt) {
        contend(rt, Unfair).await;
    }

    async fn a_semaphore_that_few_may_pass(rt) {
        share(rt, Barging { overtakes: 3 }).await;
    }

    async fn a_semaphore_that_anybody_may_pass(rt) {
        share(rt, Unfair).await;
    }

    async fn a_task_that_abandons_one_lock_for_another_gets_it_without_bound(rt) {
        let mutex = Arc::new(Mutex::with_fairness(0, Unfair));
        let held = mutex.clone().lock_owned().await;
        let line = mutex.clone();
        let task = rt.spawn(async move {
            let mut abandoned = Box::pin(line.lock());
            let polled = futures::poll!(&mut abandoned);
            assert!(polled.is_pending());
            *line.lock().await += 1;
        });
        rt.until(|| mutex.waiters() == 2).await;
        drop(held);
        task.await;
        assert_eq!(*mutex.lock().await, 1);
    }
}
