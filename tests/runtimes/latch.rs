//! `Latch` on every runtime.

use crate::common::Abandon;
use sempost::{Elapsed, Latch};
use std::sync::Arc;
use std::thread;

runtime_matrix! {
    async fn a_wait_group_waits_for_all(rt) {
        let done = Arc::new(Latch::new(16));
        for _ in 0..16 {
            let done = done.clone();
            drop(rt.spawn(async move {
                rt.yield_now().await;
                done.count_down();
            }));
        }
        done.wait().await;
        assert!(done.is_open() && done.count() == 0);
    }

    async fn a_stop_flag_stops_a_thousand_tasks(rt) {
        let stop = Arc::new(Latch::new(1));
        let mut tasks = Vec::new();
        for i in 0..1_000 {
            let stop = stop.clone();
            tasks.push(rt.spawn(async move {
                if i % 2 == 0 {
                    stop.wait_owned().await;
                }
                while !stop.is_open() {
                    rt.yield_now().await;
                }
            }));
        }
        rt.until(|| stop.waiters() == 500).await;
        assert!(stop.count_down());
        for task in tasks {
            task.await;
        }
    }

    async fn threads_and_tasks_wait_for_one_latch(rt) {
        let latch = Arc::new(Latch::new(1));
        let [a, b] = [latch.clone(), latch.clone()];
        let thread = thread::spawn(move || a.wait_blocking());
        let task = rt.spawn(async move { b.wait().await });
        rt.until(|| latch.waiters() == 2).await;
        latch.count_down();
        task.await;
        thread.join().unwrap();
    }

    async fn waits_that_are_given_up_change_nothing(rt) {
        let latch = Arc::new(Latch::new(1));
        let mut tasks = Vec::new();
        for patience in 1..100 {
            let latch = latch.clone();
            tasks.push(rt.spawn(async move { Abandon::after(patience, latch.wait()).await.is_some() }));
        }
        for (i, task) in tasks.into_iter().enumerate() {
            if i == 50 {
                latch.count_down();
            }
            let _either = task.await;
        }
        assert_eq!(latch.wait().until(std::future::ready(())).await, Ok::<(), Elapsed>(()));
        assert_eq!(latch.waiters(), 0);
    }
}
