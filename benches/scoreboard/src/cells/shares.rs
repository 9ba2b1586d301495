//! Three threads lock and unlock one mutex without a pause: how long they wait, and how evenly they are served.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::thread;
use std::time::{Duration, Instant};

use crate::cell::Contender;
use crate::cells::starvation::Gate;
use crate::kinds::Lock;
use crate::peers::MeetLocks;

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Shares {
    /// How long it takes to get the lock, at the 99.9th percentile of all times that somebody got it.
    Tail,
    /// How many times the share of the least served thread goes into a fair one.
    Unfairness,
}

const THREADS: usize = 3;

impl MeetLocks for Shares {
    type Made = Contender;

    fn meet<L: Lock>(&self) -> Contender {
        let figure = *self;
        Contender::limited(L::NAME, move |round| {
            let served = compete::<L>(round, figure == Self::Tail);
            match figure {
                Self::Tail => {
                    let mut all = Spread::new();
                    served.iter().for_each(|one| all.merge(&one.waits));
                    all.at(0.999)
                }
                Self::Unfairness => {
                    let fair = served.iter().map(|one| one.times).sum::<u64>() as f64 / THREADS as f64;
                    let least = served.iter().map(|one| one.times).min().expect("three threads");
                    fair / least.max(1) as f64
                }
            }
        })
    }
}

/// How often a thread got the lock, and what it waited, if it was timed.
struct Served {
    times: u64,
    waits: Spread,
}

/// Written inside only. Its neighbours shall not notice.
#[repr(align(128))]
struct Inside(AtomicU64);

fn compete<L: Lock>(round: Duration, timed: bool) -> Vec<Served> {
    let (stop, gate) = (AtomicBool::new(false), Gate::default());
    let (lock, inside) = (Box::new(L::new()), Inside(AtomicU64::new(0)));
    let served: Vec<_> = thread::scope(|scope| {
        let enter = || {
            gate.pass(THREADS);
            serve(&*lock, &inside, &stop, timed)
        };
        let threads: Vec<_> = (0..THREADS).map(|_| scope.spawn(enter)).collect();
        thread::sleep(round);
        stop.store(true, Relaxed);
        threads.into_iter().map(|thread| thread.join().expect("no thread panics")).collect()
    });
    let times: u64 = served.iter().map(|one| one.times).sum();
    assert_eq!(times, inside.0.load(Relaxed), "one at a time");
    served
}

fn serve<L: Lock>(lock: &L, inside: &Inside, stop: &AtomicBool, timed: bool) -> Served {
    let mut served = Served { times: 0, waits: Spread::new() };
    while !stop.load(Relaxed) {
        let start = timed.then(Instant::now);
        let guard = lock.lock();
        let waited = start.map(|start| start.elapsed());
        inside.0.store(inside.0.load(Relaxed) + 1, Relaxed);
        drop(guard);
        served.times += 1;
        if let Some(waited) = waited {
            served.waits.add(waited.as_nanos() as u64);
        }
    }
    served
}

/// Counts times by their sizes, in nanoseconds. A size is exact to one part in 64.
struct Spread(Vec<u64>);

const BITS: u32 = 6;

impl Spread {
    fn new() -> Self {
        Self(vec![0; Self::place(u64::MAX) + 1])
    }

    fn place(nanos: u64) -> usize {
        let shift = (nanos | 1 << BITS).ilog2() - BITS;
        ((shift as usize) << BITS) + (nanos >> shift) as usize
    }

    /// The least size that has this place.
    fn size(place: usize) -> f64 {
        let shift = (place >> BITS).saturating_sub(1);
        ((place - (shift << BITS)) as f64) * (1_u64 << shift) as f64
    }

    fn add(&mut self, nanos: u64) {
        self.0[Self::place(nanos)] += 1;
    }

    fn merge(&mut self, other: &Self) {
        for (mine, theirs) in self.0.iter_mut().zip(&other.0) {
            *mine += theirs;
        }
    }

    /// The size that this share of all times does not exceed.
    fn at(&self, share: f64) -> f64 {
        let mut left = (self.0.iter().sum::<u64>() as f64 * share).ceil() as u64;
        for (place, count) in self.0.iter().enumerate() {
            if left <= *count {
                return Self::size(place);
            }
            left -= count;
        }
        0.0
    }
}
