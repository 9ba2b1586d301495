//! Stress of a monitor in which nobody signals: the bounded buffer by predicates, with waits that are dropped or late.

use std::collections::VecDeque;
use std::pin::pin;
use std::sync::Arc;

use sempost::{Fairness, Monitor, MonitorGuard, NoConditions};

use super::monitor::{Buffer, Items, Shape};
use super::{Bitmap, Blocker, Log, Order, Patience, Task, Workload, until, yield_now};
use crate::Random;

type Shop = Monitor<Items>;
type Guard<'a> = MonitorGuard<'a, Items, NoConditions>;

/// The workload of `shape`, by `seed`. Its bystanders only look.
pub fn workload(shape: Shape, fairness: Fairness, seed: u64) -> Workload {
    let putters = shape.putters + shape.blockers;
    let items = Items { items: VecDeque::new(), most: shape.most, putters };
    let shop = Arc::new(Shop::with_fairness(items, fairness));
    let mut random = Random::new(seed);
    let (mut tasks, mut blockers) = (Vec::<Task>::new(), Vec::<Blocker>::new());
    let mut user = || User::new(shape, putters, shop.clone(), Random::new(random.next_u64()));
    let bystanders = (0..shape.bystanders).map(|_| Box::pin(user().look()) as Task).collect();
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
        name: format!("predicates, seed {seed:#x}, {shape:?}, {fairness:?}"),
        tasks,
        bystanders,
        blockers,
        state: Box::new(move || format!("{seen:?}")),
        verdict: Box::new(move |logs| {
            let mut all = Log::default();
            logs.iter().for_each(|log| all.merge(log));
            all.tally.broken += u64::from(shop.predicates() + shop.entering() > 0 || shop.is_occupied());
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
            self.put(guard, id);
        }
        shop.enter().await.putters -= 1;
        self.log
    }

    async fn get_all(mut self) -> Log {
        let shop = self.shop.clone();
        loop {
            let guard = self.enter(&shop, Buffer::NotEmpty).await;
            if !self.get(guard) {
                return self.log;
            }
        }
    }

    /// Enters, and changes nothing.
    async fn look(mut self) -> Log {
        let shop = self.shop.clone();
        for _ in 0..self.shape.quota {
            let patience = Patience::short(&mut self.random);
            match until(pin!(shop.enter()), patience).await {
                Some(guard) => self.log.tally.broken += u64::from(guard.items.len() > guard.most),
                None => self.log.tally.cancels += 1,
            }
        }
        self.log
    }

    fn block_putting(mut self, first: u32) -> Log {
        let shop = self.shop.clone();
        for id in first..first + self.shape.quota {
            let guard = shop.enter_when_blocking(|items| !items.lacks(Buffer::NotFull));
            self.put(guard, id);
        }
        shop.enter_blocking().putters -= 1;
        self.log
    }

    fn block_getting(mut self) -> Log {
        let shop = self.shop.clone();
        loop {
            let guard = shop.enter_blocking().wait_for(|items| !items.lacks(Buffer::NotEmpty)).wait();
            if !self.get(guard) {
                return self.log;
            }
        }
    }

    /// Enters when there is what `condition` says; whoever gives a wait up begins anew.
    async fn enter<'a>(&mut self, shop: &'a Shop, condition: Buffer) -> Guard<'a> {
        loop {
            let patience = Patience::pick(&mut self.random, self.shape.cancel);
            match self.try_enter(shop, condition, patience).await {
                Some(guard) => return guard,
                None => self.log.tally.cancels += 1,
            }
        }
    }

    async fn try_enter<'a>(&mut self, shop: &'a Shop, condition: Buffer, patience: Patience) -> Option<Guard<'a>> {
        let there_is = move |items: &Items| !items.lacks(condition);
        let deadline = async |polls| {
            for _ in 0..polls {
                yield_now().await;
            }
        };
        match (patience, self.random.below(4)) {
            (_, 0) => until(pin!(shop.enter_when(there_is)), patience).await,
            (Patience::Polls(polls), 1) => shop.enter_when(there_is).until(deadline(polls)).await.ok(),
            // Who is late comes back with the guard.
            (Patience::Polls(polls), 2) => {
                let guard = until(pin!(shop.enter()), patience).await?;
                let (guard, ended) = guard.wait_for(there_is).until(deadline(polls)).await;
                (!ended.timed_out()).then_some(guard)
            }
            _ => {
                let guard = until(pin!(shop.enter()), patience).await?;
                until(pin!(guard.wait_for(there_is)), patience).await
            }
        }
    }

    fn put(&mut self, mut guard: Guard<'_>, id: u32) {
        self.log.acquired();
        guard.items.push_back(id);
        self.log.tally.broken += u64::from(guard.items.len() > guard.most || !self.log.sent.insert(id));
    }

    /// Answers whether there was something, or will be.
    fn get(&mut self, mut guard: Guard<'_>) -> bool {
        self.log.acquired();
        let Some(id) = guard.items.pop_front() else {
            self.log.tally.broken += u64::from(!guard.is_over());
            return false;
        };
        self.order.received(id, &mut self.log);
        true
    }
}
