//! Tasks that go in and out of one semaphore or mutex, and do something inside.

use std::future::Future;
use std::hint::black_box;
use std::marker::PhantomData;
use std::sync::{Arc, OnceLock};
use std::time::Instant;

use crate::cell::{Contender, Lap};
use crate::executors::{self, Executor};
use crate::kinds::{Gate, Order, Weighted};
use crate::peers::{MeetGates, MeetWeighted};

/// What is done inside.
#[derive(Clone, Copy)]
pub enum Section {
    Empty,
    /// 100 ns of work.
    Work,
    /// The task lets others run, so that everybody finds the gate closed.
    Yield,
}

impl Section {
    async fn run(self) {
        match self {
            Self::Empty => {}
            Self::Work => work(),
            Self::Yield => executors::yield_now().await,
        }
    }
}

const WORK_NANOS: u128 = 100;

fn work() {
    static STEPS: OnceLock<u64> = OnceLock::new();
    spin(*STEPS.get_or_init(|| {
        const TRIAL: u64 = 1 << 20;
        let best = (0..5).map(|_| timed(|| spin(TRIAL))).min().expect("five trials").max(1);
        (u128::from(TRIAL) * WORK_NANOS / best) as u64
    }));
}

fn spin(steps: u64) {
    for step in 0..steps {
        black_box(step);
    }
}

fn timed(work: impl FnOnce()) -> u128 {
    let start = Instant::now();
    work();
    start.elapsed().as_nanos()
}

/// How many tasks do what, among whom.
pub struct Contended<E> {
    tasks: usize,
    section: Section,
    order: Order,
    executor: PhantomData<fn() -> E>,
}

impl<E> Contended<E> {
    pub fn new(order: Order, tasks: usize, section: Section) -> Self {
        Self { tasks, section, order, executor: PhantomData }
    }
}

impl<E: Executor> MeetGates for Contended<E> {
    type Made = Contender;

    fn order(&self) -> Option<Order> {
        Some(self.order)
    }
    fn meet<G: Gate>(&self) -> Contender {
        let (tasks, section) = (self.tasks, self.section);
        Contender::timed(G::NAME, move |operations| {
            let gate = Arc::new(G::new(1));
            race::<E, _>(tasks, operations, |share| {
                let gate = gate.clone();
                async move {
                    for _ in 0..share {
                        let inside = gate.enter().await;
                        section.run().await;
                        drop(inside);
                    }
                }
            })
        })
    }
}

/// Four tasks that want three permits of eight at a time, and yield inside: two of them fit.
pub struct ContendedMany<E>(PhantomData<fn() -> E>);

impl<E> ContendedMany<E> {
    pub fn new() -> Self {
        Self(PhantomData)
    }
}

impl<E: Executor> MeetWeighted for ContendedMany<E> {
    type Made = Contender;

    fn meet<G: Weighted>(&self) -> Contender {
        Contender::timed(G::NAME, move |operations| {
            let gate = Arc::new(G::new(8));
            race::<E, _>(4, operations, |share| {
                let gate = gate.clone();
                async move {
                    for _ in 0..share {
                        let inside = gate.enter_many(3).await;
                        executors::yield_now().await;
                        drop(inside);
                    }
                }
            })
        })
    }
}

/// Times `tasks` tasks that share `operations` operations; each is made for its share of them.
fn race<E: Executor, F: Future<Output = ()> + Send + 'static>(
    tasks: usize,
    operations: u64,
    task: impl Fn(u64) -> F,
) -> Lap {
    let share = operations.div_ceil(tasks as u64);
    let executor = E::start();
    let start = Instant::now();
    executor.finish((0..tasks).map(|_| executor.spawn(task(share))).collect());
    Lap { operations: share * tasks as u64, time: start.elapsed() }
}
