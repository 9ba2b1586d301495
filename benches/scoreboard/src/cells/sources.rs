//! Many sources at one receiver; and a limit on what is queued and in work.

use std::marker::PhantomData;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Instant;

use crate::cell::{Contender, Lap};
use crate::executors::Executor;
use crate::kinds::{Leases, Sources};
use crate::peers::{MeetLeases, MeetSources};

pub const SLOTS: usize = 16;
pub const LIMIT: usize = 128;

/// How many senders and receivers share a limit, each.
pub const SHARERS: usize = 4;

/// Busy sources, each a task, beside idle ones.
pub struct Merge<E> {
    busy: usize,
    idle: usize,
    kind: PhantomData<fn() -> E>,
}

impl<E> Merge<E> {
    pub fn new(busy: usize, idle: usize) -> Self {
        Self { busy, idle, kind: PhantomData }
    }
}

impl<E: Executor> MeetSources for Merge<E> {
    type Made = Contender;

    fn meet<S: Sources>(&self) -> Contender {
        self.meet_beside::<S>(self.idle)
    }
    fn meet_without_idle<S: Sources>(&self) -> Contender {
        self.meet_beside::<S>(0)
    }
}

impl<E: Executor> Merge<E> {
    fn meet_beside<S: Sources>(&self, idle: usize) -> Contender {
        let busy = self.busy;
        Contender::timed(S::NAME, move |operations| merge::<E, S>(busy, idle, operations))
    }
}

fn merge<E: Executor, S: Sources>(busy: usize, idle: usize, operations: u64) -> Lap {
    let share = operations.div_ceil(busy as u64);
    let operations = share * busy as u64;
    let executor = E::start();
    let (mut senders, mut receiver) = S::open(busy + idle, SLOTS);
    // The busy ones lie among the idle ones.
    let busy: Vec<_> = (0..busy).map(|n| senders.swap_remove((n * 7919) % senders.len())).collect();

    let (done, kept) = std::sync::mpsc::channel();

    let start = Instant::now();
    let mut tasks = vec![executor.spawn(async move {
        for _ in 0..operations {
            assert!(S::recv(&mut receiver).await, "every message arrives once");
        }
        // To drop idle sources takes its time, which is not counted.
        done.send(receiver).expect("the other end waits");
    })];
    for mut sender in busy {
        tasks.push(executor.spawn(async move {
            for n in 0..share {
                S::send(&mut sender, n).await;
            }
        }));
    }
    executor.finish(tasks);
    let time = start.elapsed();
    drop((senders, kept));
    Lap { operations, time }
}

/// Four senders and four receivers, which drop at once what they get.
pub struct Lend<E>(PhantomData<fn() -> E>);

impl<E> Lend<E> {
    pub fn new() -> Self {
        Self(PhantomData)
    }
}

impl<E: Executor> MeetLeases for Lend<E> {
    type Made = Contender;

    fn meet<L: Leases>(&self) -> Contender {
        Contender::timed(L::NAME, lend::<E, L>)
    }
}

fn lend<E: Executor, L: Leases>(operations: u64) -> Lap {
    let share = operations.div_ceil(SHARERS as u64);
    let operations = share * SHARERS as u64;
    let received = Arc::new(AtomicU64::new(0));
    let executor = E::start();
    let (sender, receiver) = L::open(LIMIT);

    let start = Instant::now();
    let mut tasks = Vec::new();
    for _ in 0..SHARERS {
        let (receiver, received) = (receiver.clone(), received.clone());
        tasks.push(executor.spawn(async move {
            let mut count = 0;
            while L::recv(&receiver).await {
                count += 1;
            }
            received.fetch_add(count, Relaxed);
        }));
    }
    for _ in 0..SHARERS {
        let sender = sender.clone();
        tasks.push(executor.spawn(async move {
            for n in 0..share {
                L::send(&sender, n).await;
            }
        }));
    }
    drop(sender);
    drop(receiver);
    executor.finish(tasks);
    let time = start.elapsed();

    assert_eq!(received.load(Relaxed), operations, "every message arrives once");
    Lap { operations, time }
}
