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

/// How many tasks wait, each for a turn of its own.
pub const TURNS: usize = 1_000;

/// Whose turn it is.
struct Turn {
    holder: usize,
    taken: usize,
}

impl Turn {
    /// In each round everybody has a turn, in another order.
    fn next(&mut self) {
        const STRIDES: [usize; 8] = [7919, 7907, 7901, 7883, 7879, 7877, 7873, 7867];
        self.taken += 1;
        self.holder = self.taken * STRIDES[self.taken / TURNS % STRIDES.len()] % TURNS;
    }
}

conditions! { enum Of { Turn } }

/// Each task waits for its turn, and names the next one. An operation is a turn.
pub fn turns<E: Executor>() -> Vec<Contender> {
    const FIRST: Turn = Turn { holder: 0, taken: 0 };
    let ours = Contender::timed(OURS, |operations| {
        lap::<E, _, _>(operations, Monitor::plain(FIRST), |own, monitor, times| async move {
            for _ in 0..times {
                monitor.enter_when(move |turn| turn.holder == own).await.next();
            }
        })
    });
    let calls = Contender::timed(CALLS, |operations| {
        lap::<E, _, _>(operations, Monitor::<Turn, Of>::new(FIRST), |own, monitor, times| async move {
            for _ in 0..times {
                let inside = monitor.enter().await;
                let mut inside = inside.wait_while(Of::Turn, |turn| turn.holder != own).await;
                inside.next();
                inside.notify_all(Of::Turn);
            }
        })
    });
    vec![ours, calls]
}

fn lap<E, M, A>(operations: u64, monitor: M, task: impl Fn(usize, Arc<M>, u64) -> A) -> Lap
where
    E: Executor,
    A: Future<Output = ()> + Send + 'static,
{
    let times = operations.div_ceil(TURNS as u64);
    let executor = E::start();
    let monitor = Arc::new(monitor);

    let start = Instant::now();
    let tasks: Vec<_> = (0..TURNS).map(|own| executor.spawn(task(own, monitor.clone(), times))).collect();
    executor.finish(tasks);
    Lap { operations: times * TURNS as u64, time: start.elapsed() }
}
