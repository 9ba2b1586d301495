//! `Condvar` on every runtime, with a `Mutex` of each fairness.

use super::buffer::{self, Buffer, ITEMS, SLOTS, leave_after};
use crate::common::Rt;
use sempost::{Condvar, Fairness, Mutex, MutexGuard};
use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

const FAIRNESS: [Fairness; 3] = [Fairness::Fifo, Fairness::Barging { overtakes: 4 }, Fairness::Unfair];

/// A bounded buffer.
struct Shelf {
    items: Mutex<VecDeque<usize>>,
    slot_avail: Condvar,
    item_avail: Condvar,
}

fn is_full(items: &mut VecDeque<usize>) -> bool {
    items.len() == SLOTS
}

fn is_empty(items: &mut VecDeque<usize>) -> bool {
    items.is_empty()
}

impl Shelf {
    fn new(fairness: Fairness) -> Arc<Self> {
        let items = Mutex::with_fairness(VecDeque::new(), fairness);
        Arc::new(Self { items, slot_avail: Condvar::new(), item_avail: Condvar::new() })
    }

    /// Notifies with the mutex in hand.
    fn fill(&self, mut items: MutexGuard<'_, VecDeque<usize>>, item: usize) {
        items.push_back(item);
        self.item_avail.notify_one();
    }

    /// Notifies without it.
    fn empty(&self, mut items: MutexGuard<'_, VecDeque<usize>>) -> usize {
        let item = items.pop_front().expect("it is not empty");
        drop(items);
        self.slot_avail.notify_one();
        item
    }
}

impl Buffer for Shelf {
    async fn put(&self, item: usize) {
        let items = self.slot_avail.wait_while(self.items.lock().await, is_full).await;
        self.fill(items, item);
    }

    async fn take(&self) -> usize {
        let items = self.item_avail.wait_while(self.items.lock().await, is_empty).await;
        self.empty(items)
    }

    fn put_blocking(&self, item: usize) {
        let items = self.slot_avail.wait_while_blocking(self.items.lock_blocking(), is_full);
        self.fill(items, item);
    }

    fn take_blocking(&self) -> usize {
        let items = self.item_avail.wait_while_blocking(self.items.lock_blocking(), is_empty);
        self.empty(items)
    }

    fn users(&self) -> usize {
        let waiters = self.items.waiters() + self.slot_avail.waiters() + self.item_avail.waiters();
        waiters + usize::from(self.items.is_locked())
    }
}

/// Holds a mutex for a turn of the runtime, again and again: whoever is notified meanwhile has to wait for it.
async fn get_in_the_way<T>(rt: Rt, mutex: &Mutex<T>, over: &AtomicBool) {
    while !over.load(Ordering::SeqCst) {
        let guard = mutex.lock().await;
        rt.yield_now().await;
        drop(guard);
        rt.yield_now().await;
    }
}

runtime_matrix! {
    async fn a_bounded_buffer_passes_each_item_once(rt) {
        for fairness in FAIRNESS {
            buffer::passes_each_item_once(rt, Shelf::new(fairness)).await;
        }
    }

    async fn who_gives_up_takes_no_notification_along(rt) {
        for fairness in FAIRNESS {
            let (shelf, over) = (Shelf::new(fairness), Arc::new(AtomicBool::new(false)));
            let (theirs, end) = (shelf.clone(), over.clone());
            let in_the_way = rt.spawn(async move { get_in_the_way(rt, &theirs.items, &end).await });
            buffer::passes(rt, &shelf, 0, buffer::IMPATIENT).await;
            over.store(true, Ordering::SeqCst);
            in_the_way.await;
            assert_eq!(shelf.users(), 0);
        }
    }

    async fn notify_all_releases_every_waiter_in_order(rt) {
        for fairness in FAIRNESS {
            let state = Arc::new(Mutex::with_fairness((false, Vec::new()), fairness));
            let opened = Arc::new(Condvar::new());
            let mut tasks = Vec::new();
            for i in 0..200 {
                let (state, opened) = (state.clone(), opened.clone());
                // One at a time, so that their order is known.
                let waiting = opened.waiters() + 1;
                let watch = opened.clone();
                tasks.push(rt.spawn(async move {
                    let guard = state.lock().await;
                    opened.wait_while(guard, |state| !state.0).await.1.push(i);
                }));
                rt.until(|| watch.waiters() == waiting).await;
            }
            state.lock().await.0 = true;
            assert_eq!(opened.notify_all(), 200);
            for task in tasks {
                task.await;
            }
            let order = &state.lock().await.1;
            assert_eq!(order.len(), 200);
            if fairness == Fairness::Fifo {
                assert!(order.is_sorted(), "{order:?}");
            }
        }
    }

    /// No more notifications than there are who stay: each is used by somebody, for whoever leaves passes on what it
    /// was given.
    async fn no_notification_leaves_with_who_gives_up(rt) {
        for fairness in FAIRNESS {
            // Who stays and has joined, and whose waits have ended: of those who stay, and of all.
            let (counts, changed) = (Arc::new(Mutex::with_fairness([0; 3], fairness)), Arc::new(Condvar::new()));
            let (mut stay, mut leave) = (Vec::new(), Vec::new());
            for i in 0..60 {
                let (counts, changed, stays) = (counts.clone(), changed.clone(), i % 3 == 0);
                let waits = async move {
                    let mut counts = counts.lock().await;
                    counts[0] += usize::from(stays);
                    let mut counts = changed.wait(counts).await;
                    counts[1] += usize::from(stays);
                    counts[2] += 1;
                };
                if stays {
                    stay.push(rt.spawn(waits));
                } else {
                    leave.push(rt.spawn(leave_after(3 + i % 20, rt, waits)));
                }
            }
            let seen = |i: usize, n| counts.try_lock().is_some_and(|counts| counts[i] == n);
            rt.until(|| seen(0, 20)).await;
            // Meanwhile nobody gets the mutex: those who leave leave the one line or the other.
            let in_the_way = counts.lock().await;
            for _ in 0..10 {
                assert_eq!(changed.notify_many(2), 2);
                rt.yield_now().await;
            }
            drop(in_the_way);
            for task in leave {
                task.await;
            }
            rt.until(|| seen(2, 20)).await;
            let used = counts.lock().await[1];
            assert_eq!(changed.notify_all(), 20 - used);
            for task in stay {
                task.await;
            }
            assert_eq!(counts.lock().await[..2], [20, 20]);
        }
    }

    async fn an_owned_wait_moves_to_another_task(rt) {
        let (count, changed) = (Arc::new(Mutex::new(0)), Arc::new(Condvar::new()));
        let guard = count.lock_owned().await;
        let waiting = changed.wait_while_owned(guard, |n| *n == 0);
        let task = rt.spawn(async move { *waiting.await += 1 });
        rt.until(|| changed.waiters() == 1).await;
        *count.lock().await = 10;
        assert!(changed.notify_one());
        task.await;
        assert_eq!(*count.lock().await, 11);
    }

    async fn threads_and_tasks_share_a_buffer(rt) {
        for fairness in FAIRNESS {
            buffer::threads_and_tasks_share(rt, Shelf::new(fairness)).await;
        }
    }

    async fn a_task_and_a_thread_take_turns(rt) {
        let (turn, changed) = (Arc::new(Mutex::new(0)), Arc::new(Condvar::new()));
        let (theirs, told) = (turn.clone(), changed.clone());
        let thread = thread::spawn(move || {
            for _ in 0..ITEMS {
                *told.wait_while_blocking(theirs.lock_blocking(), |turn| *turn % 2 == 0) += 1;
                told.notify_one();
            }
        });
        for _ in 0..ITEMS {
            *changed.wait_while(turn.lock().await, |turn| *turn % 2 == 1).await += 1;
            changed.notify_one();
        }
        rt.until(|| thread.is_finished()).await;
        thread.join().unwrap();
        assert_eq!(*turn.lock().await, 2 * ITEMS);
    }
}
