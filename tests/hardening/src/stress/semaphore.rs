//! Stress of one semaphore: all ways to acquire, to give back, to take away and to close.

use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::AtomicIsize;
use std::sync::atomic::Ordering::{AcqRel, Acquire, Release};

use sempost::{Fairness, Permit, Semaphore, TryAcquireError};

use super::{Blocker, Log, Patience, Task, Workload, until, yield_now};
use crate::Random;

/// How many do what to which semaphore.
#[derive(Clone, Copy, Debug)]
pub struct Shape {
    /// Its permits.
    pub permits: usize,
    /// Who may pass whom.
    pub fairness: Fairness,
    /// How many tasks.
    pub tasks: usize,
    /// How many tasks that never wait for long.
    pub bystanders: usize,
    /// How many threads, by the blocking forms.
    pub blockers: usize,
    /// How often each of them acquires.
    pub quota: u32,
    /// How many waits in a hundred are given up.
    pub cancel: usize,
    /// Whether somebody closes it in the middle.
    pub closes: bool,
}

struct Scene {
    shape: Shape,
    semaphore: Arc<Semaphore>,
    /// Permits that somebody holds, counted without the semaphore's help.
    held: AtomicIsize,
    /// Set once `close` has returned: nothing is granted any more.
    closed: AtomicBool,
}

/// The workload of `shape`, by `seed`.
pub fn workload(shape: Shape, seed: u64) -> Workload {
    let semaphore = Arc::new(Semaphore::with_fairness(shape.permits, shape.fairness));
    let (held, closed) = (AtomicIsize::new(0), AtomicBool::new(false));
    let scene = Arc::new(Scene { shape, semaphore, held, closed });
    let mut random = Random::new(seed);
    let mut user = |closes, waits| User::new(scene.clone(), Random::new(random.next_u64()), closes, waits);
    let tasks = (0..shape.tasks).map(|i| Box::pin(user(shape.closes && i == 0, true).run()) as Task).collect();
    let bystanders = (0..shape.bystanders).map(|_| Box::pin(user(false, false).run()) as Task).collect();
    let blockers = (0..shape.blockers)
        .map(|_| {
            let user = user(false, true);
            Box::new(|| user.block()) as Blocker
        })
        .collect();
    let seen = scene.clone();
    Workload {
        name: format!("seed {seed:#x}, {shape:?}"),
        tasks,
        bystanders,
        blockers,
        state: Box::new(move || format!("{:?}", seen.semaphore)),
        verdict: Box::new(move |logs| {
            let mut all = Log::default();
            logs.iter().for_each(|log| all.merge(log));
            let semaphore = &scene.semaphore;
            all.tally.broken += u64::from(semaphore.available_permits() != shape.permits);
            all.tally.broken += u64::from(semaphore.waiters() != 0);
            all.tally
        }),
    }
}

struct User {
    scene: Arc<Scene>,
    random: Random,
    left: u32,
    /// Closes when so many are left.
    closes_at: Option<u32>,
    /// Whether it waits as long as it takes; if not, a turn that fails counts, too.
    waits: bool,
    log: Log,
}

/// How a turn went.
enum Turn {
    Acquired,
    InVain,
    /// The semaphore is closed.
    Over,
}

impl User {
    fn new(scene: Arc<Scene>, random: Random, closes: bool, waits: bool) -> Self {
        let left = scene.shape.quota;
        Self { scene, random, left, closes_at: closes.then_some(left / 2), waits, log: Log::default() }
    }

    async fn run(mut self) -> Log {
        let scene = self.scene.clone();
        let semaphore = &scene.semaphore;
        while self.goes_on() {
            // ORDERING: Acquire; pairs with the Release in `goes_on`.
            let late = scene.closed.load(Acquire);
            let n = if self.random.one_in(2) { 1 } else { 1 + self.random.below(scene.shape.permits) };
            let percent = if self.waits { scene.shape.cancel } else { 100 };
            let patience = Patience::pick(&mut self.random, percent);
            let turn = match self.random.below(8) {
                0 | 1 => match semaphore.try_acquire_many(n) {
                    Ok(permit) => self.got(n, late).hold(permit).await,
                    Err(TryAcquireError::Closed) => Turn::Over,
                    Err(_) => Turn::InVain,
                },
                2 => match until(pin!(semaphore.acquire_many_owned(n)), patience).await {
                    Some(Ok(permit)) => {
                        self.got(n, late).let_go(permit.num_permits());
                        drop(permit);
                        Turn::Acquired
                    }
                    Some(Err(_)) => Turn::Over,
                    None => self.gave_up(),
                },
                3 if self.random.one_in(4) => {
                    // Not for long: everybody else may be waiting for it.
                    semaphore.reduce_permits(1);
                    semaphore.add_permits(1);
                    Turn::InVain
                }
                _ => match until(pin!(semaphore.acquire_many(n)), patience).await {
                    Some(Ok(permit)) => self.got(n, late).hold(permit).await,
                    Some(Err(_)) => Turn::Over,
                    None => self.gave_up(),
                },
            };
            match turn {
                Turn::Over => break,
                Turn::Acquired => self.left -= 1,
                Turn::InVain => self.left -= u32::from(!self.waits),
            }
        }
        self.log
    }

    fn block(mut self) -> Log {
        let scene = self.scene.clone();
        for _ in 0..self.left {
            // ORDERING: Acquire; pairs with the Release in `goes_on`.
            let late = scene.closed.load(Acquire);
            let n = 1 + self.random.below(scene.shape.permits);
            let acquired = match n {
                1 => scene.semaphore.acquire_blocking(),
                n => scene.semaphore.acquire_many(n).wait(),
            };
            let Ok(permit) = acquired else { break };
            self.got(n, late).let_go(permit.num_permits());
        }
        self.log
    }

    fn goes_on(&mut self) -> bool {
        if self.closes_at == Some(self.left) {
            self.closes_at = None;
            self.log.tally.closes += u64::from(self.scene.semaphore.close());
            // ORDERING: Release; pairs with the Acquire of whoever is about to acquire.
            self.scene.closed.store(true, Release);
        }
        self.left > 0
    }

    /// `n` permits were granted, to somebody who had seen the semaphore closed or not.
    fn got(&mut self, n: usize, late: bool) -> &mut Self {
        // ORDERING: AcqRel; a count that is too high is one, whatever else is seen.
        let held = self.scene.held.fetch_add(n as isize, AcqRel) + n as isize;
        self.log.acquired();
        self.log.tally.broken += u64::from(late || held > self.scene.shape.permits as isize);
        self
    }

    /// `n` permits are about to go back.
    fn let_go(&self, n: usize) {
        // ORDERING: AcqRel, as above.
        self.scene.held.fetch_sub(n as isize, AcqRel);
    }

    fn gave_up(&mut self) -> Turn {
        self.log.tally.cancels += 1;
        Turn::InVain
    }

    /// Keeps a permit for a while, and gives it back in one of several ways.
    async fn hold(&mut self, mut permit: Permit<'_>) -> Turn {
        match self.random.below(8) {
            0 | 1 => yield_now().await,
            2 => {
                if let Some(part) = permit.split(permit.num_permits() / 2) {
                    self.let_go(part.num_permits());
                    drop(part);
                }
            }
            3 => {
                let part = permit.split(1);
                if let Some(part) = part {
                    self.log.tally.broken += u64::from(permit.merge(part).is_err());
                }
            }
            4 => {
                // What is forgotten is issued anew.
                let n = permit.num_permits();
                self.let_go(n);
                permit.forget();
                self.scene.semaphore.add_permits(n);
                return Turn::Acquired;
            }
            _ => {}
        }
        self.let_go(permit.num_permits());
        Turn::Acquired
    }
}
