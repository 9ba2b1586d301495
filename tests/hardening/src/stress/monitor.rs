//! Stress of one monitor: the bounded buffer with its two conditions.

use std::collections::VecDeque;
use std::pin::pin;
use std::sync::Arc;

use sempost::{Monitor, MonitorGuard, conditions};

use super::{Bitmap, Blocker, Log, Order, Patience, Task, Workload, until};
use crate::Random;

/// How many do what to which buffer.
#[derive(Clone, Copy, Debug)]
pub struct Shape {
    /// How much it holds, at least 1.
    pub most: usize,
    /// Tasks that put.
    pub putters: u32,
    /// Tasks that get.
    pub getters: u32,
    /// Tasks that put and get without ever waiting for long.
    pub bystanders: u32,
    /// Threads that put, and as many that get, by the blocking forms.
    pub blockers: u32,
    /// How much each puts.
    pub quota: u32,
    /// How many waits in a hundred are given up.
    pub cancel: usize,
}

conditions! { pub(super) enum Buffer { NotFull, NotEmpty } }

#[derive(Debug)]
pub(super) struct Items {
    pub(super) items: VecDeque<u32>,
    pub(super) most: usize,
    /// Who has not put everything yet.
    pub(super) putters: u32,
}

impl Items {
    pub(super) fn is_over(&self) -> bool {
        self.putters == 0 && self.items.is_empty()
    }

    /// Whether whoever wants `condition` has to wait for it.
    pub(super) fn lacks(&self, condition: Buffer) -> bool {
        match condition {
            Buffer::NotFull => self.items.len() >= self.most,
            Buffer::NotEmpty => self.items.is_empty() && self.putters > 0,
        }
    }
}

type Shop = Monitor<Items, Buffer>;

/// The workload of `shape`, by `seed`.
pub fn workload(shape: Shape, seed: u64) -> Workload {
    let putters = shape.putters + shape.blockers;
    let senders = putters + shape.bystanders;
    let shop = Arc::new(Shop::new(Items { items: VecDeque::new(), most: shape.most, putters }));
    let mut random = Random::new(seed);
    let (mut tasks, mut blockers) = (Vec::<Task>::new(), Vec::<Blocker>::new());
    let mut user = || User::new(shape, senders, shop.clone(), Random::new(random.next_u64()));
    let bystanders = (putters..senders).map(|number| Box::pin(user().pass_by(number * shape.quota)) as Task).collect();
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
        name: format!("seed {seed:#x}, {shape:?}"),
        tasks,
        bystanders,
        blockers,
        state: Box::new(move || format!("{seen:?}")),
        verdict: Box::new(move |logs| {
            let mut all = Log::default();
            logs.iter().for_each(|log| all.merge(log));
            let waiters = shop.waiters(Buffer::NotFull) + shop.waiters(Buffer::NotEmpty) + shop.entering();
            all.tally.broken += u64::from(waiters > 0 || shop.is_occupied());
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
        let guard = shop.enter().await;
        self.done(guard);
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

    fn block_putting(mut self, first: u32) -> Log {
        let shop = self.shop.clone();
        for id in first..first + self.shape.quota {
            let guard = self.enter_blocking(&shop, Buffer::NotFull);
            self.put(guard, id);
        }
        self.done(shop.enter_blocking());
        self.log
    }

    fn block_getting(mut self) -> Log {
        let shop = self.shop.clone();
        loop {
            let guard = self.enter_blocking(&shop, Buffer::NotEmpty);
            if !self.get(guard) {
                return self.log;
            }
        }
    }

    /// Enters and waits for `condition`; whoever gives a wait up has left, and begins anew.
    async fn enter<'a>(&mut self, shop: &'a Shop, condition: Buffer) -> MonitorGuard<'a, Items, Buffer> {
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
    ) -> Option<MonitorGuard<'a, Items, Buffer>> {
        let tried = if self.random.one_in(8) { shop.try_enter() } else { None };
        let guard = match tried {
            Some(guard) => guard,
            None => until(pin!(shop.enter()), patience).await?,
        };
        self.log.acquired();
        if self.random.one_in(2) {
            let waiting = guard.wait_while(condition, |items| items.lacks(condition));
            return until(pin!(waiting), patience).await;
        }
        self.wait_in_a_loop(guard, condition, patience).await
    }

    /// Puts or gets, in as many turns as it has items, if that can be done at once.
    async fn pass_by(mut self, first: u32) -> Log {
        let shop = self.shop.clone();
        for id in first..first + self.shape.quota {
            let condition = if self.random.one_in(2) { Buffer::NotFull } else { Buffer::NotEmpty };
            let patience = Patience::short(&mut self.random);
            match (self.try_enter(&shop, condition, patience).await, condition) {
                // Who is the last to put has told everybody that no more will come.
                (Some(guard), Buffer::NotFull) if guard.putters > 0 => self.put(guard, id),
                (Some(_), Buffer::NotFull) => {}
                (Some(guard), Buffer::NotEmpty) => {
                    self.get(guard);
                }
                (None, _) => self.log.tally.cancels += 1,
            }
        }
        self.log
    }

    async fn wait_in_a_loop<'a>(
        &mut self,
        mut guard: MonitorGuard<'a, Items, Buffer>,
        condition: Buffer,
        patience: Patience,
    ) -> Option<MonitorGuard<'a, Items, Buffer>> {
        while guard.lacks(condition) {
            guard = until(pin!(guard.wait(condition)), patience).await?;
            self.log.acquired();
        }
        Some(guard)
    }

    fn enter_blocking<'a>(&mut self, shop: &'a Shop, condition: Buffer) -> MonitorGuard<'a, Items, Buffer> {
        self.log.acquired();
        shop.enter_blocking().wait_while(condition, |items| items.lacks(condition)).wait()
    }

    fn put(&mut self, mut guard: MonitorGuard<'_, Items, Buffer>, id: u32) {
        guard.items.push_back(id);
        self.log.tally.broken += u64::from(guard.items.len() > guard.most || !self.log.sent.insert(id));
        self.signal(guard, Buffer::NotEmpty);
    }

    /// Answers whether there was something, or will be.
    fn get(&mut self, mut guard: MonitorGuard<'_, Items, Buffer>) -> bool {
        let Some(id) = guard.items.pop_front() else {
            self.log.tally.broken += u64::from(!guard.is_over());
            return false;
        };
        self.order.received(id, &mut self.log);
        self.signal(guard, Buffer::NotFull);
        true
    }

    fn signal(&mut self, guard: MonitorGuard<'_, Items, Buffer>, condition: Buffer) {
        match self.random.below(8) {
            0 | 1 => {
                guard.signal_and_leave(condition);
            }
            2 => {
                guard.notify_all(condition);
            }
            3 => {
                guard.notify_many(condition, 2);
            }
            _ => {
                guard.notify_one(condition);
            }
        }
    }

    /// Everything was put; the last one tells everybody.
    fn done(&mut self, mut guard: MonitorGuard<'_, Items, Buffer>) {
        guard.putters -= 1;
        guard.notify_all(Buffer::NotEmpty);
    }
}
