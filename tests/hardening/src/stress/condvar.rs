//! Stress of condition variables: a bounded buffer of two of them and a mutex, with waits that are dropped or too late.

use std::collections::VecDeque;
use std::pin::pin;
use std::sync::Arc;

use sempost::{Condvar, Fairness, Mutex, MutexGuard};

use super::monitor::{Buffer, Items, Shape};
use super::{Bitmap, Blocker, Log, Order, Patience, Task, Workload, until, yield_now};
use crate::Random;

#[derive(Debug)]
struct Shop {
    items: Mutex<Items>,
    not_full: Condvar,
    not_empty: Condvar,
}

impl Shop {
    fn condvar(&self, condition: Buffer) -> &Condvar {
        match condition {
            Buffer::NotFull => &self.not_full,
            Buffer::NotEmpty => &self.not_empty,
        }
    }
}

/// The workload of `shape`, which has no bystanders here, by `seed`.
pub fn workload(shape: Shape, fairness: Fairness, seed: u64) -> Workload {
    let putters = shape.putters + shape.blockers;
    let items = Items { items: VecDeque::new(), most: shape.most, putters };
    let items = Mutex::with_fairness(items, fairness);
    let shop = Arc::new(Shop { items, not_full: Condvar::new(), not_empty: Condvar::new() });
    let mut random = Random::new(seed);
    let (mut tasks, mut blockers) = (Vec::<Task>::new(), Vec::<Blocker>::new());
    let mut user = || User::new(shape, putters, shop.clone(), Random::new(random.next_u64()));
    for number in 0..putters {
        let (user, first) = (user(), number * shape.quota);
        if number < shape.putters {
            tasks.push(Box::pin(user.put_all(first)));
        } else {
            blockers.push(Box::new(move || user.block_putting(first)));
        }
    }
    for number in 0..shape.getters + shape.blockers {
        let user = user();
        if number < shape.getters {
            tasks.push(Box::pin(user.get_all()));
        } else {
            blockers.push(Box::new(|| user.block_getting()));
        }
    }
    let seen = shop.clone();
    Workload {
        name: format!("condvars, seed {seed:#x}, {shape:?}, {fairness:?}"),
        tasks,
        bystanders: Vec::new(),
        blockers,
        state: Box::new(move || format!("{seen:?}")),
        verdict: Box::new(move |logs| {
            let mut all = Log::default();
            logs.iter().for_each(|log| all.merge(log));
            let waiters = shop.not_full.waiters() + shop.not_empty.waiters() + shop.items.waiters();
            all.tally.broken += u64::from(waiters > 0 || shop.items.is_locked());
            all.tally.lost += all.sent.clone().without(&all.got).len();
            all.tally.dup += all.got.without(&all.sent).len();
            // Items are no messages of a mailbox.
            all.tally.messages = 0;
            all.tally
        }),
    }
}

struct User {
    shape: Shape,
    shop: Arc<Shop>,
    random: Random,
    order: Order,
    log: Log,
}

impl User {
    fn new(shape: Shape, senders: u32, shop: Arc<Shop>, random: Random) -> Self {
        let ids = senders * shape.quota;
        let log = Log { sent: Bitmap::new(ids), got: Bitmap::new(ids), ..Log::default() };
        Self { shape, shop, random, order: Order::new(senders, shape.quota), log }
    }

    async fn put_all(mut self, first: u32) -> Log {
        let shop = self.shop.clone();
        for id in first..first + self.shape.quota {
            let guard = self.enter(&shop, Buffer::NotFull).await;
            self.put(&shop, guard, id);
        }
        done(&shop, shop.items.lock().await);
        self.log
    }

    async fn get_all(mut self) -> Log {
        let shop = self.shop.clone();
        loop {
            let guard = self.enter(&shop, Buffer::NotEmpty).await;
            if !self.get(&shop, guard) {
                return self.log;
            }
        }
    }

    fn block_putting(mut self, first: u32) -> Log {
        let shop = self.shop.clone();
        for id in first..first + self.shape.quota {
            let guard = self.enter_blocking(&shop, Buffer::NotFull);
            self.put(&shop, guard, id);
        }
        done(&shop, shop.items.lock_blocking());
        self.log
    }

    fn block_getting(mut self) -> Log {
        let shop = self.shop.clone();
        loop {
            let guard = self.enter_blocking(&shop, Buffer::NotEmpty);
            if !self.get(&shop, guard) {
                return self.log;
            }
        }
    }

    /// Locks and waits for `condition`; whoever gives a wait up begins anew.
    async fn enter<'a>(&mut self, shop: &'a Shop, condition: Buffer) -> MutexGuard<'a, Items> {
        loop {
            let patience = Patience::pick(&mut self.random, self.shape.cancel);
            match self.try_enter(shop, condition, patience).await {
                Some(guard) => return guard,
                None => self.log.tally.cancels += 1,
            }
        }
    }

    async fn try_enter<'a>(
        &mut self,
        shop: &'a Shop,
        condition: Buffer,
        patience: Patience,
    ) -> Option<MutexGuard<'a, Items>> {
        let mut guard = until(pin!(shop.items.lock()), patience).await?;
        self.log.acquired();
        let condvar = shop.condvar(condition);
        match patience {
            // Who is late comes back with the mutex, and may have been notified nevertheless.
            Patience::Polls(polls) if self.random.one_in(2) => {
                let deadline = async {
                    for _ in 0..polls {
                        yield_now().await;
                    }
                };
                let waiting = condvar.wait_while(guard, |items| items.lacks(condition)).until(deadline);
                let (guard, ended) = waiting.await;
                (!ended.timed_out()).then_some(guard)
            }
            _ if self.random.one_in(2) => {
                until(pin!(condvar.wait_while(guard, |items| items.lacks(condition))), patience).await
            }
            _ => {
                while guard.lacks(condition) {
                    guard = until(pin!(condvar.wait(guard)), patience).await?;
                    self.log.acquired();
                }
                Some(guard)
            }
        }
    }

    fn enter_blocking<'a>(&mut self, shop: &'a Shop, condition: Buffer) -> MutexGuard<'a, Items> {
        self.log.acquired();
        let guard = shop.items.lock_blocking();
        shop.condvar(condition).wait_while_blocking(guard, |items| items.lacks(condition))
    }

    fn put(&mut self, shop: &Shop, mut guard: MutexGuard<'_, Items>, id: u32) {
        guard.items.push_back(id);
        self.log.tally.broken += u64::from(guard.items.len() > guard.most || !self.log.sent.insert(id));
        self.notify(&shop.not_empty, guard);
    }

    /// Answers whether there was something, or will be.
    fn get(&mut self, shop: &Shop, mut guard: MutexGuard<'_, Items>) -> bool {
        let Some(id) = guard.items.pop_front() else {
            self.log.tally.broken += u64::from(!guard.is_over());
            return false;
        };
        self.order.received(id, &mut self.log);
        self.notify(&shop.not_full, guard);
        true
    }

    /// With the mutex in hand, or without.
    fn notify(&mut self, condvar: &Condvar, guard: MutexGuard<'_, Items>) {
        let _held = self.random.one_in(2).then_some(guard);
        match self.random.below(8) {
            0 => _ = condvar.notify_all(),
            1 => _ = condvar.notify_many(2),
            _ => _ = condvar.notify_one(),
        }
    }
}

/// Everything was put; the last one tells everybody.
fn done(shop: &Shop, mut guard: MutexGuard<'_, Items>) {
    guard.putters -= 1;
    shop.not_empty.notify_all();
}
