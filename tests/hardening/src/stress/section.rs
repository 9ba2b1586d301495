//! Stress of one lock: its data is plain, and tells when somebody is beside one who changes it.

use std::fmt::Debug;
use std::future::Future;
use std::sync::Arc;

use sempost::Fairness;

use super::{Blocker, Log, Patience, Task, Workload};
use crate::Random;

/// How many do what to which lock.
#[derive(Clone, Copy, Debug)]
pub struct Shape {
    /// Who may pass whom, of a mutex.
    pub fairness: Fairness,
    /// How many may read, of a readers-writer lock.
    pub readers: usize,
    /// One in so many changes the data.
    pub writes: usize,
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
}

/// Counted by one who changes it on the way in and on the way out: while there is none, both are the same.
#[derive(Debug, Default)]
pub struct Counts {
    pub entered: u64,
    pub left: u64,
}

/// A lock around counts.
pub trait Section: Debug + Send + Sync + Sized + 'static {
    fn new(shape: &Shape) -> Self;

    /// Tries to lock, or waits for so long. Answers whether it has locked, or nothing if it gave up.
    fn turn(self: &Arc<Self>, patience: Patience, user: &mut User) -> impl Future<Output = Option<bool>> + Send;

    /// Locks by a form that blocks.
    fn block(&self, user: &mut User);

    /// Whether it is as all users have left it.
    fn is_right(&self, all: &Log) -> bool;
}

/// The workload of `shape`, by `seed`.
pub fn workload<S: Section>(shape: Shape, seed: u64) -> Workload {
    let lock = Arc::new(S::new(&shape));
    let mut random = Random::new(seed);
    let mut user = |waits| User { shape, waits, random: Random::new(random.next_u64()), log: Log::default() };
    let tasks = (0..shape.tasks).map(|_| Box::pin(user(true).run(lock.clone())) as Task).collect();
    let bystanders = (0..shape.bystanders).map(|_| Box::pin(user(false).run(lock.clone())) as Task).collect();
    let blockers = (0..shape.blockers)
        .map(|_| {
            let (user, lock) = (user(true), lock.clone());
            Box::new(move || user.block(&*lock)) as Blocker
        })
        .collect();
    let seen = lock.clone();
    Workload {
        name: format!("{}, seed {seed:#x}, {shape:?}", std::any::type_name::<S>()),
        tasks,
        bystanders,
        blockers,
        state: Box::new(move || format!("{seen:?}")),
        verdict: Box::new(move |logs| {
            let mut all = Log::default();
            logs.iter().for_each(|log| all.merge(log));
            all.tally.broken += u64::from(!lock.is_right(&all));
            all.tally
        }),
    }
}

/// One who locks it again and again.
pub struct User {
    shape: Shape,
    /// Whether it waits as long as it takes; if not, a turn that fails counts, too.
    waits: bool,
    pub random: Random,
    pub log: Log,
}

impl User {
    async fn run<S: Section>(mut self, lock: Arc<S>) -> Log {
        let mut left = self.shape.quota;
        while left > 0 {
            let percent = if self.waits { self.shape.cancel } else { 100 };
            let patience = Patience::pick(&mut self.random, percent);
            let locked = lock.turn(patience, &mut self).await;
            self.log.tally.cancels += u64::from(locked.is_none());
            left -= u32::from(locked == Some(true) || !self.waits);
        }
        self.log
    }

    fn block<S: Section>(mut self, lock: &S) -> Log {
        (0..self.shape.quota).for_each(|_| lock.block(&mut self));
        self.log
    }

    /// Whether it changes the data in this turn.
    pub fn writes(&mut self) -> bool {
        self.random.one_in(self.shape.writes)
    }

    /// It has locked, and must be alone with those who only look.
    pub fn look(&mut self, counts: &Counts) {
        self.log.acquired();
        self.look_again(counts);
    }

    pub fn look_again(&mut self, counts: &Counts) {
        self.log.tally.broken += u64::from(counts.entered != counts.left);
    }

    /// It has locked, and must be alone.
    pub fn enter(&mut self, counts: &mut Counts) {
        self.look(counts);
        counts.entered += 1;
    }
}
