//! Monitors in which nobody signals, against those in which somebody does.

use std::sync::Arc;
use std::time::Instant;

use sempost::{Monitor, conditions};

use crate::cell::{Contender, Lap};
use crate::cells::monitor::{Buffer, CAPACITY};
use crate::executors::Executor;
use crate::peers::{self, OURS};

/// Our own monitor, with signals.
pub const SIGNALS: &str = "sempost, signals";

/// Our own monitor, with a call to everybody.
pub const CALLS: &str = "sempost, notify_all";

/// A bounded buffer: so many producers, as many consumers.
pub fn buffer<E: Executor>(pairs: usize) -> Vec<Contender> {
    let ours = Contender::timed(OURS, move |operations| {
        let share = operations.div_ceil(pairs as u64);
        let executor = E::start();
        let buffer = Arc::new(Monitor::plain(std::collections::VecDeque::new()));

        let start = Instant::now();
        let mut tasks = Vec::with_capacity(2 * pairs);
        for _ in 0..pairs {
            let (source, sink) = (buffer.clone(), buffer.clone());
            tasks.push(executor.spawn(async move {
                for _ in 0..share {
                    source.enter_when(|queue| !queue.is_empty()).await.pop_front();
                }
            }));
            tasks.push(executor.spawn(async move {
                for item in 0..share {
                    sink.enter_when(|queue| queue.len() < CAPACITY).await.push_back(item);
                }
            }));
        }
        executor.finish(tasks);
        Lap { operations: share * pairs as u64, time: start.elapsed() }
    });
    let mut all = peers::monitors(&Buffer::<E>::new(pairs));
    for peer in all.iter_mut().filter(|peer| peer.name == OURS) {
        peer.name = SIGNALS;
    }
    all.insert(0, ours);
    all
}

/// How many tasks wait, each for a value of its own.
pub const NAMED: usize = 1_000;

const NOBODY: usize = usize::MAX;

/// One task names the others, in an order that looks like chance. An operation is one name, and the answer to it.
pub fn values<E: Executor>() -> Vec<Contender> {
    let ours = Contender::timed(OURS, |operations| {
        let monitor = Arc::new(Monitor::plain(NOBODY));
        let answer = |own: usize, monitor: Arc<Monitor<usize>>, times| async move {
            for _ in 0..times {
                *monitor.enter_when(move |named| *named == own).await = NOBODY;
            }
        };
        let name = |monitor: Arc<Monitor<usize>>, names: u64| async move {
            let mut inside = monitor.enter().await;
            for i in 0..names {
                *inside = nth(i);
                inside = inside.wait_for(|named| *named == NOBODY).await;
            }
        };
        lap::<E, _, _, _>(monitor, operations, answer, name)
    });
    let calls = Contender::timed(CALLS, |operations| {
        let monitor = Arc::new(Monitor::<usize, Call>::new(NOBODY));
        let answer = |own: usize, monitor: Arc<Monitor<usize, Call>>, times| async move {
            for _ in 0..times {
                let inside = monitor.enter().await;
                let mut inside = inside.wait_while(Call::Named, |named| *named != own).await;
                *inside = NOBODY;
                inside.notify_one(Call::Answered);
            }
        };
        let name = |monitor: Arc<Monitor<usize, Call>>, names: u64| async move {
            let mut inside = monitor.enter().await;
            for i in 0..names {
                *inside = nth(i);
                inside.notify_all(Call::Named);
                inside = inside.wait_while(Call::Answered, |named| *named != NOBODY).await;
            }
        };
        lap::<E, _, _, _>(monitor, operations, answer, name)
    });
    vec![ours, calls]
}

conditions! { enum Call { Named, Answered } }

fn nth(i: u64) -> usize {
    (i as usize * 7919) % NAMED
}

fn lap<E, M, A, N>(
    monitor: Arc<M>,
    operations: u64,
    answer: impl Fn(usize, Arc<M>, u64) -> A,
    name: impl Fn(Arc<M>, u64) -> N,
) -> Lap
where
    E: Executor,
    A: Future<Output = ()> + Send + 'static,
    N: Future<Output = ()> + Send + 'static,
{
    let times = operations.div_ceil(NAMED as u64);
    let executor = E::start();

    let start = Instant::now();
    let mut tasks: Vec<_> = (0..NAMED).map(|own| executor.spawn(answer(own, monitor.clone(), times))).collect();
    tasks.push(executor.spawn(name(monitor, times * NAMED as u64)));
    executor.finish(tasks);
    Lap { operations: times * NAMED as u64, time: start.elapsed() }
}
