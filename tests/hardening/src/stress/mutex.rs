//! Stress of one mutex: its data is plain, and tells when two are inside.

use std::pin::pin;
use std::sync::Arc;

use sempost::{Fairness, Mutex, MutexGuard};

use super::{Blocker, Log, Patience, Task, Workload, until, yield_now};
use crate::Random;

/// How many do what to which mutex.
#[derive(Clone, Copy, Debug)]
pub struct Shape {
    /// Who may pass whom.
    pub fairness: Fairness,
    /// How many tasks.
    pub tasks: usize,
    /// How many tasks that never wait for long.
    pub bystanders: usize,
    /// How many threads, by the blocking form.
    pub blockers: usize,
    /// How often each of them locks.
    pub quota: u32,
    /// How many waits in a hundred are given up.
    pub cancel: usize,
}

/// Counted on the way in and on the way out.
#[derive(Debug, Default)]
struct Counts {
    entered: u64,
    left: u64,
}

impl Counts {
    /// Answers how many others are inside.
    fn enter(&mut self) -> u64 {
        self.entered += 1;
        self.entered - self.left - 1
    }
}

/// The workload of `shape`, by `seed`.
pub fn workload(shape: Shape, seed: u64) -> Workload {
    let mutex = Arc::new(Mutex::with_fairness(Counts::default(), shape.fairness));
    let mut random = Random::new(seed);
    let mut user = |waits| User { shape, waits, random: Random::new(random.next_u64()), log: Log::default() };
    let tasks = (0..shape.tasks).map(|_| Box::pin(user(true).run(mutex.clone())) as Task).collect();
    let bystanders = (0..shape.bystanders).map(|_| Box::pin(user(false).run(mutex.clone())) as Task).collect();
    let blockers = (0..shape.blockers)
        .map(|_| {
            let (user, mutex) = (user(true), mutex.clone());
            Box::new(move || user.block(&mutex)) as Blocker
        })
        .collect();
    let seen = mutex.clone();
    Workload {
        name: format!("seed {seed:#x}, {shape:?}"),
        tasks,
        bystanders,
        blockers,
        state: Box::new(move || format!("{seen:?}")),
        verdict: Box::new(move |logs| {
            let mut all = Log::default();
            logs.iter().for_each(|log| all.merge(log));
            all.tally.broken += u64::from(mutex.is_locked()) + u64::from(mutex.waiters() != 0);
            let counts = mutex.lock_blocking();
            let right = counts.entered == all.tally.acquires && counts.left == counts.entered;
            all.tally.broken += u64::from(!right);
            all.tally
        }),
    }
}

struct User {
    shape: Shape,
    /// Whether it waits as long as it takes; if not, a turn that fails counts, too.
    waits: bool,
    random: Random,
    log: Log,
}

impl User {
    async fn run(mut self, mutex: Arc<Mutex<Counts>>) -> Log {
        let mut left = self.shape.quota;
        while left > 0 {
            let percent = if self.waits { self.shape.cancel } else { 100 };
            let patience = Patience::pick(&mut self.random, percent);
            let locked = match self.random.below(8) {
                0 => match mutex.try_lock() {
                    Some(guard) => self.inside(guard).await,
                    None => false,
                },
                1 => match until(pin!(mutex.lock_owned()), patience).await {
                    Some(mut guard) => {
                        self.enter(&mut guard);
                        guard.left += 1;
                        true
                    }
                    None => self.gave_up(),
                },
                _ => match until(pin!(mutex.lock()), patience).await {
                    Some(guard) => self.inside(guard).await,
                    None => self.gave_up(),
                },
            };
            left -= u32::from(locked || !self.waits);
        }
        self.log
    }

    fn block(mut self, mutex: &Mutex<Counts>) -> Log {
        for _ in 0..self.shape.quota {
            let mut guard = mutex.lock_blocking();
            self.enter(&mut guard);
            guard.left += 1;
        }
        self.log
    }

    fn enter(&mut self, counts: &mut Counts) {
        self.log.acquired();
        self.log.tally.broken += counts.enter();
    }

    async fn inside(&mut self, mut guard: MutexGuard<'_, Counts>) -> bool {
        self.enter(&mut guard);
        if self.random.one_in(4) {
            yield_now().await;
        }
        if self.random.one_in(8) {
            *MutexGuard::map(guard, |counts| &mut counts.left) += 1;
        } else {
            guard.left += 1;
        }
        true
    }

    fn gave_up(&mut self) -> bool {
        self.log.tally.cancels += 1;
        false
    }
}
