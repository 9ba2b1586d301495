//! `RwLock` on every runtime.

use crate::common::{Abandon, Random};
use sempost::{OwnedRwLockWriteGuard, RwLock, RwLockWriteGuard};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

runtime_matrix! {
    async fn a_writer_is_alone_and_readers_are_not(rt) {
        let lock = Arc::new(RwLock::new((0, 0)));
        let mut tasks = Vec::new();
        for task in 0..8 {
            let lock = lock.clone();
            tasks.push(rt.spawn(async move {
                for _ in 0..100 {
                    if task % 4 == 0 {
                        let mut pair = lock.write().await;
                        pair.0 += 1;
                        rt.yield_now().await;
                        pair.1 += 1;
                    } else {
                        let pair = lock.read().await;
                        rt.yield_now().await;
                        assert_eq!(pair.0, pair.1, "nobody reads in the middle of a write");
                    }
                }
            }));
        }
        for task in tasks {
            task.await;
        }
        assert_eq!(*lock.read().await, (200, 200));
    }

    async fn readers_read_together(rt) {
        let lock = Arc::new(RwLock::new(7));
        let all_are_in = Arc::new(AtomicBool::new(false));
        let mut tasks = Vec::new();
        for _ in 0..8 {
            let (lock, all_are_in) = (lock.clone(), all_are_in.clone());
            tasks.push(rt.spawn(async move {
                let guard = lock.read().await;
                rt.until(|| all_are_in.load(Ordering::SeqCst)).await;
                *guard
            }));
        }
        rt.until(|| lock.readers() == 8).await;
        all_are_in.store(true, Ordering::SeqCst);
        let writer = lock.write().await;
        for task in tasks {
            assert_eq!(task.await, 7);
        }
        drop(writer);
    }

    async fn a_writer_does_not_starve_among_readers(rt) {
        let lock = Arc::new(RwLock::new(false));
        let mut tasks = Vec::new();
        for _ in 0..4 {
            let lock = lock.clone();
            tasks.push(rt.spawn(async move {
                // They overlap, so that there is hardly a moment without a reader, and end with the write alone.
                loop {
                    let done = lock.read().await;
                    rt.yield_now().await;
                    if *done {
                        return;
                    }
                }
            }));
        }
        rt.yield_now().await;
        *lock.write().await = true;
        for task in tasks {
            task.await;
        }
    }

    async fn owned_guards_move_to_another_task(rt) {
        let lock = Arc::new(RwLock::new(0));
        for round in 1..=50 {
            let mut guard = lock.write_owned().await;
            let reader = rt.spawn(async move {
                *guard += 1;
                OwnedRwLockWriteGuard::downgrade(guard)
            });
            let reader = reader.await;
            assert_eq!((*reader, lock.readers()), (round, 1));
            rt.spawn(async move { drop(reader) }).await;
        }
        assert_eq!(*lock.read().await, 50);
    }

    async fn threads_and_tasks_share_one_lock(rt) {
        let lock = Arc::new(RwLock::new(0));
        let threads: Vec<_> = (0..2)
            .map(|_| {
                let lock = lock.clone();
                thread::spawn(move || {
                    for _ in 0..100 {
                        let before = *lock.read_blocking();
                        *lock.write_blocking() += 1;
                        assert!(*lock.read_blocking() > before);
                    }
                })
            })
            .collect();
        let mut tasks = Vec::new();
        for _ in 0..4 {
            let lock = lock.clone();
            tasks.push(rt.spawn(async move {
                for _ in 0..100 {
                    *lock.write().await += 1;
                    rt.yield_now().await;
                    assert!(*lock.read().await > 0);
                }
            }));
        }
        for task in tasks {
            task.await;
        }
        rt.until(|| threads.iter().all(|thread| thread.is_finished())).await;
        threads.into_iter().for_each(|thread| thread.join().unwrap());
        assert_eq!(*lock.read().await, 600);
    }

    async fn random_cancels_and_downgrades_never_leave_it_locked(rt) {
        let lock = Arc::new(RwLock::new(0));
        let mut tasks = Vec::new();
        for seed in 0..6 {
            let lock = lock.clone();
            tasks.push(rt.spawn(async move {
                let mut random = Random::new(seed);
                let mut writes = 0;
                for _ in 0..200 {
                    let patience = 1 + random.below(4);
                    if random.below(2) == 0 {
                        if let Some(guard) = Abandon::after(patience, lock.read()).await {
                            rt.yield_now().await;
                            assert!(*guard >= writes);
                        }
                    } else if let Some(mut guard) = Abandon::after(patience, lock.write()).await {
                        let seen = *guard;
                        rt.yield_now().await;
                        *guard = seen + 1;
                        writes += 1;
                        if random.below(2) == 0 {
                            let guard = RwLockWriteGuard::downgrade(guard);
                            rt.yield_now().await;
                            assert_eq!(*guard, seen + 1, "no writer came in between");
                        }
                    }
                }
                writes
            }));
        }
        let mut writes = 0;
        for task in tasks {
            writes += task.await;
        }
        assert_eq!((lock.waiters(), lock.readers()), (0, 0));
        assert_eq!(*lock.try_write().expect("nobody holds it"), writes);
    }
}
