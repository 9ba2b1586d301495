//! Monitors in which nobody signals, on every runtime.

use super::buffer::{self, Buffer, ITEMS, SLOTS};
use sempost::Monitor;
use std::collections::VecDeque;
use std::sync::Arc;
use std::thread;

type Ring = Monitor<VecDeque<usize>>;

fn users<T>(monitor: &Monitor<T>) -> usize {
    monitor.predicates() + monitor.entering() + usize::from(monitor.is_occupied())
}

impl Buffer for Ring {
    async fn put(&self, item: usize) {
        self.enter_when(|ring| ring.len() < SLOTS).await.push_back(item);
    }

    async fn take(&self) -> usize {
        let mut inside = self.enter().await.wait_for(|ring| !ring.is_empty()).await;
        inside.pop_front().expect("the predicate holds")
    }

    fn put_blocking(&self, item: usize) {
        self.enter_when_blocking(|ring| ring.len() < SLOTS).push_back(item);
    }

    fn take_blocking(&self) -> usize {
        let mut inside = self.enter_blocking().wait_for(|ring| !ring.is_empty()).wait();
        inside.pop_front().expect("the predicate holds")
    }

    fn users(&self) -> usize {
        users(self)
    }
}

runtime_matrix! {
    async fn a_bounded_buffer_needs_no_signal(rt) {
        buffer::passes_each_item_once(rt, Arc::new(Ring::default())).await;
    }

    async fn a_bounded_buffer_without_signals_survives_random_cancels(rt) {
        buffer::survives_random_cancels(rt, Arc::new(Ring::default())).await;
    }

    async fn threads_and_tasks_share_a_buffer_without_signals(rt) {
        buffer::threads_and_tasks_share(rt, Arc::new(Ring::default())).await;
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
        assert_eq!(users(&monitor), 0);
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
        assert_eq!(users(&monitor), 0);
    }
}
