//! Stress of one readers-writer lock: its data is plain, and tells when somebody is beside a writer.

use std::pin::pin;
use std::sync::Arc;

use sempost::{RwLock, RwLockReadGuard, RwLockWriteGuard};

use super::{Blocker, Log, Patience, Task, Workload, until, yield_now};
use crate::Random;

/// How many do what to which lock.
#[derive(Clone, Copy, Debug)]
pub struct Shape {
    /// How many may read.
    pub readers: usize,
    /// How many tasks.
    pub tasks: usize,
    /// How many tasks that never wait for long.
    pub bystanders: usize,
    /// How many threads, by the blocking forms.
    pub blockers: usize,
    /// How often each of them locks.
    pub quota: u32,
    /// How many waits in a hundred are given up.
    pub cancel: usize,
    /// One in so many writes.
    pub writes: usize,
}

/// Counted by a writer on the way in and on the way out: while nobody writes, both are the same.
#[derive(Debug, Default)]
struct Counts {
    entered: u64,
    left: u64,
}

/// The workload of `shape`, by `seed`.
pub fn workload(shape: Shape, seed: u64) -> Workload {
    let lock = Arc::new(RwLock::with_max_readers(Counts::default(), shape.readers));
    let mut random = Random::new(seed);
    let mut user = |waits| User { shape, waits, random: Random::new(random.next_u64()), log: Log::default() };
    let tasks = (0..shape.tasks).map(|_| Box::pin(user(true).run(lock.clone())) as Task).collect();
    let bystanders = (0..shape.bystanders).map(|_| Box::pin(user(false).run(lock.clone())) as Task).collect();
    let blockers = (0..shape.blockers)
        .map(|_| {
            let (user, lock) = (user(true), lock.clone());
            Box::new(move || user.block(&lock)) as Blocker
        })
        .collect();
    let seen = lock.clone();
    Workload {
        name: format!("seed {seed:#x}, {shape:?}"),
        tasks,
        bystanders,
        blockers,
        state: Box::new(move || format!("{seen:?}")),
        verdict: Box::new(move |logs| {
            let mut all = Log::default();
            logs.iter().for_each(|log| all.merge(log));
            let rest = lock.readers() + lock.waiters() + usize::from(lock.is_write_locked());
            let counts = lock.read_blocking();
            all.tally.broken += rest as u64 + u64::from(counts.entered != counts.left);
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
    async fn run(mut self, lock: Arc<RwLock<Counts>>) -> Log {
        let mut left = self.shape.quota;
        while left > 0 {
            let percent = if self.waits { self.shape.cancel } else { 100 };
            let patience = Patience::pick(&mut self.random, percent);
            let locked = match (self.random.one_in(self.shape.writes), self.random.below(8)) {
                (true, 0) => match lock.try_write() {
                    Some(guard) => self.write(guard).await,
                    None => false,
                },
                (true, 1) => match until(pin!(lock.write_owned()), patience).await {
                    Some(mut guard) => {
                        self.log.acquired();
                        guard.entered += 1;
                        guard.left += 1;
                        true
                    }
                    None => self.gave_up(),
                },
                (true, _) => match until(pin!(lock.write()), patience).await {
                    Some(guard) => self.write(guard).await,
                    None => self.gave_up(),
                },
                (false, 0) => match lock.try_read() {
                    Some(guard) => self.read(guard).await,
                    None => false,
                },
                (false, 1) => match until(pin!(lock.read_owned()), patience).await {
                    Some(guard) => {
                        self.log.acquired();
                        self.look(&guard);
                        true
                    }
                    None => self.gave_up(),
                },
                (false, _) => match until(pin!(lock.read()), patience).await {
                    Some(guard) => self.read(guard).await,
                    None => self.gave_up(),
                },
            };
            left -= u32::from(locked || !self.waits);
        }
        self.log
    }

    fn block(mut self, lock: &RwLock<Counts>) -> Log {
        for _ in 0..self.shape.quota {
            self.log.acquired();
            if self.random.one_in(self.shape.writes) {
                let mut guard = lock.write_blocking();
                guard.entered += 1;
                guard.left += 1;
            } else {
                self.look(&lock.read_blocking());
            }
        }
        self.log
    }

    fn look(&mut self, counts: &Counts) {
        self.log.tally.broken += u64::from(counts.entered != counts.left);
    }

    async fn read(&mut self, guard: RwLockReadGuard<'_, Counts>) -> bool {
        self.log.acquired();
        self.look(&guard);
        if self.random.one_in(4) {
            yield_now().await;
            self.look(&guard);
        }
        true
    }

    async fn write(&mut self, mut guard: RwLockWriteGuard<'_, Counts>) -> bool {
        self.log.acquired();
        self.look(&guard);
        guard.entered += 1;
        let mine = guard.entered;
        if self.random.one_in(4) {
            yield_now().await;
        }
        if self.random.one_in(8) {
            *RwLockWriteGuard::map(guard, |counts| &mut counts.left) += 1;
            return true;
        }
        guard.left += 1;
        if self.random.one_in(4) {
            let guard = RwLockWriteGuard::downgrade(guard);
            yield_now().await;
            // Nobody has written in between.
            self.log.tally.broken += u64::from((guard.entered, guard.left) != (mine, mine));
        }
        true
    }

    fn gave_up(&mut self) -> bool {
        self.log.tally.cancels += 1;
        false
    }
}
