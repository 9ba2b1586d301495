//! `Monitor` on every runtime.

use super::buffer::{self, SLOTS};
use sempost::{Monitor, conditions};
use std::collections::VecDeque;
use std::sync::Arc;

conditions! {
    /// The two conditions of the notes.
    pub enum Buffer { SlotAvail, ItemAvail }
}

type Items = VecDeque<usize>;
type Ring = Monitor<Items, Buffer>;

fn users(ring: &Ring) -> usize {
    let waiters = ring.waiters(Buffer::SlotAvail) + ring.waiters(Buffer::ItemAvail);
    waiters + ring.entering() + usize::from(ring.is_occupied())
}

/// The notes' procedures, with an `if` and a signal just before returning.
#[derive(Default)]
struct Lecture(Ring);

impl buffer::Buffer for Lecture {
    /// `if (count == N) wait(SlotAvail); …; signal(ItemAvail)`.
    async fn put(&self, item: usize) {
        let mut inside = self.0.enter().await;
        if inside.len() == SLOTS {
            inside = inside.wait(Buffer::SlotAvail).await;
        }
        assert!(inside.len() < SLOTS, "the signalled producer finds a free slot");
        inside.push_back(item);
        inside.signal_and_leave(Buffer::ItemAvail);
    }

    /// `if (count == 0) wait(ItemAvail); …; signal(SlotAvail)`.
    async fn take(&self) -> usize {
        let mut inside = self.0.enter().await;
        if inside.is_empty() {
            inside = inside.wait(Buffer::ItemAvail).await;
        }
        let item = inside.pop_front().expect("the signalled consumer finds an item");
        inside.signal_and_leave(Buffer::SlotAvail);
        item
    }

    fn put_blocking(&self, item: usize) {
        futures::executor::block_on(self.put(item));
    }

    fn take_blocking(&self) -> usize {
        futures::executor::block_on(self.take())
    }

    fn users(&self) -> usize {
        users(&self.0)
    }
}

/// Notifications, and `wait_while`.
#[derive(Default)]
struct Looping(Ring);

impl buffer::Buffer for Looping {
    async fn put(&self, item: usize) {
        let mut inside = self.0.enter().await.wait_while(Buffer::SlotAvail, |ring| ring.len() == SLOTS).await;
        inside.push_back(item);
        inside.notify_one(Buffer::ItemAvail);
    }

    async fn take(&self) -> usize {
        let mut inside = self.0.enter().await.wait_while(Buffer::ItemAvail, |ring| ring.is_empty()).await;
        inside.notify_one(Buffer::SlotAvail);
        inside.pop_front().expect("it is not empty")
    }

    fn put_blocking(&self, item: usize) {
        let mut inside = self.0.enter_blocking().wait_while(Buffer::SlotAvail, |ring| ring.len() == SLOTS).wait();
        inside.push_back(item);
        inside.notify_one(Buffer::ItemAvail);
    }

    fn take_blocking(&self) -> usize {
        let mut inside = self.0.enter_blocking().wait_while(Buffer::ItemAvail, |ring| ring.is_empty()).wait();
        inside.notify_one(Buffer::SlotAvail);
        inside.pop_front().expect("it is not empty")
    }

    fn users(&self) -> usize {
        users(&self.0)
    }
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
        buffer::passes_each_item_once(rt, Arc::new(Looping::default())).await;
    }

    async fn a_bounded_buffer_with_wait_while_survives_random_cancels(rt) {
        buffer::survives_random_cancels(rt, Arc::new(Looping::default())).await;
    }

    async fn the_lecture_put_item_and_get_item_need_no_loop(rt) {
        buffer::passes_each_item_once(rt, Arc::new(Lecture::default())).await;
    }

    async fn the_lecture_procedures_survive_random_cancels(rt) {
        buffer::survives_random_cancels(rt, Arc::new(Lecture::default())).await;
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
        buffer::threads_and_tasks_share(rt, Arc::new(Looping::default())).await;
    }
}
