//! Tasks that meet, and tasks that wait for one event.

use std::marker::PhantomData;
use std::sync::Arc;
use std::time::Instant;

use crate::cell::{Contender, Lap};
use crate::executors::Executor;
use crate::kinds::{Barrier, Latch};
use crate::peers::{MeetBarriers, MeetLatches};

/// How many meet.
pub const MEMBERS: usize = 8;

/// How many wait for the latch.
pub const WAITERS: usize = 1_000;

/// Rounds at one barrier; an operation is one task's wait.
pub struct Rounds<E>(PhantomData<fn() -> E>);

impl<E> Rounds<E> {
    pub fn new() -> Self {
        Self(PhantomData)
    }
}

impl<E: Executor> MeetBarriers for Rounds<E> {
    type Made = Contender;

    fn meet<B: Barrier>(&self) -> Contender {
        Contender::timed(B::NAME, move |operations| {
            let rounds = operations.div_ceil(MEMBERS as u64);
            let (executor, barrier) = (E::start(), Arc::new(B::new(MEMBERS)));
            let start = Instant::now();
            let member = |_| {
                let barrier = barrier.clone();
                executor.spawn(async move {
                    for _ in 0..rounds {
                        barrier.wait().await;
                    }
                })
            };
            executor.finish((0..MEMBERS).map(member).collect());
            Lap { operations: rounds * MEMBERS as u64, time: start.elapsed() }
        })
    }
}

/// One opens a latch for a thousand, who count another one down, for which the first one waits. An operation is one
/// task's wait.
pub struct Openings<E>(PhantomData<fn() -> E>);

impl<E> Openings<E> {
    pub fn new() -> Self {
        Self(PhantomData)
    }
}

impl<E: Executor> MeetLatches for Openings<E> {
    type Made = Contender;

    fn meet<L: Latch>(&self) -> Contender {
        Contender::timed(L::NAME, move |operations| {
            let rounds = operations.div_ceil(WAITERS as u64);
            let executor = E::start();
            let latches: Arc<Vec<_>> = Arc::new((0..rounds).map(|_| (L::new(1), L::new(WAITERS))).collect());
            let start = Instant::now();
            let waiter = |_| {
                let latches = latches.clone();
                executor.spawn(async move {
                    for (open, passed) in &*latches {
                        open.wait().await;
                        passed.count_down();
                    }
                })
            };
            let mut tasks: Vec<_> = (0..WAITERS).map(waiter).collect();
            let opener = latches.clone();
            tasks.push(executor.spawn(async move {
                for (open, passed) in &*opener {
                    open.count_down();
                    passed.wait().await;
                }
            }));
            executor.finish(tasks);
            Lap { operations: rounds * WAITERS as u64, time: start.elapsed() }
        })
    }
}
