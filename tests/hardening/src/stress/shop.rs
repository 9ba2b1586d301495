//! Stress of a bounded buffer, whatever those that put and get wait with.

use std::collections::VecDeque;
use std::fmt::Debug;
use std::future::Future;
use std::ops::DerefMut;
use std::sync::Arc;

use sempost::{Fairness, conditions};

use super::{Bitmap, Blocker, Log, Order, Patience, Task, Workload, yield_now};
use crate::Random;

/// How many do what to which buffer.
#[derive(Clone, Copy, Debug)]
pub struct Shape {
    /// How much it holds, at least 1.
    pub most: usize,
    /// Who may pass whom.
    pub fairness: Fairness,
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

conditions! {
    /// What one can wait for.
    pub enum Buffer { NotFull, NotEmpty }
}

/// What is in the buffer.
#[derive(Debug)]
pub struct Items {
    items: VecDeque<u32>,
    most: usize,
    /// Who has not put everything yet.
    putters: u32,
}

impl Items {
    fn is_over(&self) -> bool {
        self.putters == 0 && self.items.is_empty()
    }

    /// Whether whoever wants `condition` has to wait for it.
    pub fn lacks(&self, condition: Buffer) -> bool {
        match condition {
            Buffer::NotFull => self.items.len() >= self.most,
            Buffer::NotEmpty => self.items.is_empty() && self.putters > 0,
        }
    }
}

/// The buffer, and what one waits with.
pub trait Shop: Debug + Send + Sync + Sized + 'static {
    type Guard<'a>: DerefMut<Target = Items> + Send;

    fn open(items: Items, fairness: Fairness) -> Self;

    /// Enters, whatever there is.
    fn enter(&self) -> impl Future<Output = Self::Guard<'_>> + Send;

    /// The same, on this thread.
    fn block(&self) -> Self::Guard<'_>;

    /// Enters when there is what `condition` says, or gives up.
    fn enter_for<'a>(
        &'a self,
        condition: Buffer,
        patience: Patience,
        own: &mut Own,
    ) -> impl Future<Output = Option<Self::Guard<'a>>> + Send;

    /// Enters on this thread when there is what `condition` says.
    fn block_for(&self, condition: Buffer) -> Self::Guard<'_>;

    /// Leaves after a change for which those may wait that want `condition`: one of them, or all.
    fn leave(&self, guard: Self::Guard<'_>, condition: Buffer, all: bool, random: &mut Random);

    /// How many wait or are inside.
    fn users(&self) -> usize;
}

/// What each user has of its own.
#[derive(Debug)]
pub struct Own {
    pub random: Random,
    pub log: Log,
}

/// What comes after so many polls.
pub async fn deadline(polls: usize) {
    for _ in 0..polls {
        yield_now().await;
    }
}

/// The workload of `shape`, by `seed`.
pub fn workload<S: Shop>(shape: Shape, seed: u64) -> Workload {
    let putters = shape.putters + shape.blockers;
    let senders = putters + shape.bystanders;
    let shop = Arc::new(S::open(Items { items: VecDeque::new(), most: shape.most, putters }, shape.fairness));
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
        name: format!("{}, seed {seed:#x}, {shape:?}", std::any::type_name::<S>()),
        tasks,
        bystanders,
        blockers,
        state: Box::new(move || format!("{seen:?}")),
        verdict: Box::new(move |logs| {
            let mut all = Log::default();
            logs.iter().for_each(|log| all.merge(log));
            all.tally.broken += u64::from(shop.users() > 0);
            all.tally.lost += all.sent.clone().without(&all.got).len();
            all.tally.dup += all.got.without(&all.sent).len();
            // Items are no messages of a mailbox.
            all.tally.messages = 0;
            all.tally
        }),
    }
}

struct User<S> {
    shape: Shape,
    shop: Arc<S>,
    order: Order,
    own: Own,
}

impl<S: Shop> User<S> {
    fn new(shape: Shape, senders: u32, shop: Arc<S>, random: Random) -> Self {
        let ids = senders * shape.quota;
        let log = Log { sent: Bitmap::new(ids), got: Bitmap::new(ids), ..Log::default() };
        Self { shape, shop, order: Order::new(senders, shape.quota), own: Own { random, log } }
    }

    async fn put_all(mut self, first: u32) -> Log {
        let shop = self.shop.clone();
        for id in first..first + self.shape.quota {
            let guard = self.enter(&shop, Buffer::NotFull).await;
            self.put(&shop, guard, id);
        }
        let guard = shop.enter().await;
        self.done(&shop, guard)
    }

    async fn get_all(mut self) -> Log {
        let shop = self.shop.clone();
        loop {
            let guard = self.enter(&shop, Buffer::NotEmpty).await;
            if !self.get(&shop, guard) {
                return self.own.log;
            }
        }
    }

    /// Puts or gets, in as many turns as it has items, if that can be done at once. Or it only looks.
    async fn pass_by(mut self, first: u32) -> Log {
        let shop = self.shop.clone();
        for id in first..first + self.shape.quota {
            let condition = if self.own.random.one_in(2) { Buffer::NotFull } else { Buffer::NotEmpty };
            let (patience, looks) = (Patience::short(&mut self.own.random), self.own.random.one_in(4));
            match (shop.enter_for(condition, patience, &mut self.own).await, condition) {
                (Some(guard), _) if looks => {
                    self.own.log.tally.broken += u64::from(guard.items.len() > guard.most);
                    // It may have been notified, and has taken nothing.
                    shop.leave(guard, condition, false, &mut self.own.random);
                }
                // Who is the last to put has told everybody that no more will come.
                (Some(guard), Buffer::NotFull) if guard.putters > 0 => self.put(&shop, guard, id),
                (Some(_), Buffer::NotFull) => {}
                (Some(guard), Buffer::NotEmpty) => _ = self.get(&shop, guard),
                (None, _) => self.own.log.tally.cancels += 1,
            }
        }
        self.own.log
    }

    fn block_putting(mut self, first: u32) -> Log {
        let shop = self.shop.clone();
        for id in first..first + self.shape.quota {
            self.own.log.acquired();
            self.put(&shop, shop.block_for(Buffer::NotFull), id);
        }
        self.done(&shop, shop.block())
    }

    fn block_getting(mut self) -> Log {
        let shop = self.shop.clone();
        loop {
            self.own.log.acquired();
            if !self.get(&shop, shop.block_for(Buffer::NotEmpty)) {
                return self.own.log;
            }
        }
    }

    /// Enters when there is what `condition` says; whoever gives a wait up begins anew.
    async fn enter<'a>(&mut self, shop: &'a S, condition: Buffer) -> S::Guard<'a> {
        loop {
            let patience = Patience::pick(&mut self.own.random, self.shape.cancel);
            match shop.enter_for(condition, patience, &mut self.own).await {
                Some(guard) => return guard,
                None => self.own.log.tally.cancels += 1,
            }
        }
    }

    fn put(&mut self, shop: &S, mut guard: S::Guard<'_>, id: u32) {
        guard.items.push_back(id);
        self.own.log.tally.broken += u64::from(guard.items.len() > guard.most || !self.own.log.sent.insert(id));
        shop.leave(guard, Buffer::NotEmpty, false, &mut self.own.random);
    }

    /// Answers whether there was something, or will be.
    fn get(&mut self, shop: &S, mut guard: S::Guard<'_>) -> bool {
        let Some(id) = guard.items.pop_front() else {
            self.own.log.tally.broken += u64::from(!guard.is_over());
            return false;
        };
        self.order.received(id, &mut self.own.log);
        shop.leave(guard, Buffer::NotFull, false, &mut self.own.random);
        true
    }

    /// Everything was put; the last one tells everybody.
    fn done(mut self, shop: &S, mut guard: S::Guard<'_>) -> Log {
        guard.putters -= 1;
        shop.leave(guard, Buffer::NotEmpty, true, &mut self.own.random);
        self.own.log
    }
}
