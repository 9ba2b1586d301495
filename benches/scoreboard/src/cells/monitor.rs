//! A bounded buffer in a monitor, and a call to a thousand waiters.

use std::marker::PhantomData;
use std::sync::Arc;
use std::time::Instant;

use crate::cell::{Contender, Lap};
use crate::executors::Executor;
use crate::kinds::{Condition, Monitor};
use crate::peers::MeetMonitors;

pub const CAPACITY: usize = 8;

/// So many producers, as many consumers.
pub struct Buffer<E> {
    pairs: usize,
    executor: PhantomData<fn() -> E>,
}

impl<E> Buffer<E> {
    pub fn new(pairs: usize) -> Self {
        Self { pairs, executor: PhantomData }
    }
}

impl<E: Executor> MeetMonitors for Buffer<E> {
    type Made = Contender;

    fn meet<M: Monitor>(&self) -> Contender {
        let pairs = self.pairs;
        Contender::timed(M::NAME, move |operations| {
            let share = operations.div_ceil(pairs as u64);
            let executor = E::start();
            let monitor = Arc::new(M::new());

            let start = Instant::now();
            let mut tasks = Vec::with_capacity(2 * pairs);
            for _ in 0..pairs {
                tasks.push(executor.spawn(consume(monitor.clone(), share)));
                tasks.push(executor.spawn(produce(monitor.clone(), share)));
            }
            executor.finish(tasks);
            Lap { operations: share * pairs as u64, time: start.elapsed() }
        })
    }
}

async fn produce<M: Monitor>(monitor: Arc<M>, share: u64) {
    for item in 0..share {
        let mut inside = monitor.enter().await;
        while inside.queue.len() == CAPACITY {
            inside = monitor.wait(inside, Condition::NotFull).await;
        }
        inside.queue.push_back(item);
        monitor.leave_and_notify_one(inside, Condition::NotEmpty);
    }
}

async fn consume<M: Monitor>(monitor: Arc<M>, share: u64) {
    for _ in 0..share {
        let mut inside = monitor.enter().await;
        while inside.queue.is_empty() {
            inside = monitor.wait(inside, Condition::NotEmpty).await;
        }
        inside.queue.pop_front();
        monitor.leave_and_notify_one(inside, Condition::NotFull);
    }
}

pub const CALLED: usize = 1_000;

/// One task calls a thousand others, who answer and wait for the next call. An operation is one answer.
pub struct CallAll<E>(PhantomData<fn() -> E>);

impl<E> CallAll<E> {
    pub fn new() -> Self {
        Self(PhantomData)
    }
}

impl<E: Executor> MeetMonitors for CallAll<E> {
    type Made = Contender;

    fn meet<M: Monitor>(&self) -> Contender {
        Contender::timed(M::NAME, move |operations| {
            let calls = operations.div_ceil(CALLED as u64);
            let executor = E::start();
            let monitor = Arc::new(M::new());

            let start = Instant::now();
            let mut tasks: Vec<_> = (0..CALLED).map(|_| executor.spawn(answer(monitor.clone(), calls))).collect();
            tasks.push(executor.spawn(call(monitor, calls)));
            executor.finish(tasks);
            Lap { operations: calls * CALLED as u64, time: start.elapsed() }
        })
    }
}

async fn answer<M: Monitor>(monitor: Arc<M>, calls: u64) {
    for call in 1..=calls {
        let mut inside = monitor.enter().await;
        while inside.call < call {
            inside = monitor.wait(inside, Condition::NotEmpty).await;
        }
        inside.answers += 1;
        if inside.answers == CALLED {
            monitor.leave_and_notify_one(inside, Condition::NotFull);
        }
    }
}

async fn call<M: Monitor>(monitor: Arc<M>, calls: u64) {
    for _ in 0..calls {
        let mut inside = monitor.enter().await;
        inside.call += 1;
        inside.answers = 0;
        monitor.leave_and_notify_all(inside, Condition::NotEmpty);

        let mut inside = monitor.enter().await;
        while inside.answers < CALLED {
            inside = monitor.wait(inside, Condition::NotFull).await;
        }
    }
}
