//! One cell of the matrix: the four stages, joined by one means and run by one runtime.

use std::path::Path;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use indicatif::ProgressBar;

use crate::args::{RuntimeName, ViaName};
use crate::budget::{Budget, Peak};
use crate::digest::digest;
use crate::rt::{AsyncStd, Runtime, Smol, Tokio};
use crate::stages::{self, Complaints};
use crate::via::{Shape, Via, mailbox::Mailboxes, monitor::Monitors, semaphore::Semaphores};

/// Slots in each of the three buffers.
const SLOTS: usize = 64;
/// Reading waits for the disk rather than for a core.
const READERS: usize = 4;

pub struct Job<'a> {
    pub root: &'a Path,
    pub workers: usize,
    pub budget: usize,
    pub progress: ProgressBar,
}

pub struct Outcome {
    pub files: usize,
    pub bytes: u64,
    pub terms: usize,
    pub postings: u64,
    /// From the first folder to the last merge, the digest not included.
    pub time: Duration,
    pub peak_bytes: usize,
    /// Between walk and read, read and tokenise, tokenise and merge.
    pub peak_queues: [usize; 3],
    pub digest: String,
    pub complaints: Vec<String>,
}

pub fn run(runtime: RuntimeName, via: ViaName, job: &Job) -> Outcome {
    match runtime {
        RuntimeName::Tokio => run_on(&Tokio::start(), via, job),
        RuntimeName::AsyncStd => run_on(&AsyncStd, via, job),
        RuntimeName::Smol => run_on(&Smol::start(), via, job),
    }
}

fn run_on(runtime: &impl Runtime, via: ViaName, job: &Job) -> Outcome {
    match via {
        ViaName::Semaphore => run_via::<Semaphores>(runtime, job),
        ViaName::Monitor => run_via::<Monitors>(runtime, job),
        ViaName::Mailbox => run_via::<Mailboxes>(runtime, job),
    }
}

fn run_via<V: Via>(runtime: &impl Runtime, job: &Job) -> Outcome {
    let started = Instant::now();
    let budget = Budget::new(job.budget);
    let complaints = Complaints::default();
    let peaks = [(); 3].map(|()| Arc::new(Peak::default()));
    let shape =
        |producers, consumers, peak: &Arc<Peak>| Shape { slots: SLOTS, producers, consumers, peak: peak.clone() };
    let (found_put, found_get) = V::buffer(shape(1, READERS, &peaks[0]));
    let (pieces_put, pieces_get) = V::buffer(shape(READERS, job.workers, &peaks[1]));
    let (tallies_put, tallies_get) = V::buffer(shape(job.workers, 1, &peaks[2]));

    let index = thread::scope(|threads| {
        let (budget, complaints) = (&budget, &complaints);
        for found in found_put {
            threads.spawn(move || stages::walk(job.root, found, complaints));
        }
        for (found, pieces) in found_get.into_iter().zip(pieces_put) {
            threads.spawn(move || stages::read(found, pieces, budget, complaints));
        }
        let tokenising: Vec<_> = pieces_get
            .into_iter()
            .zip(tallies_put)
            .map(|(pieces, tallies)| runtime.spawn(stages::tokenise(pieces, tallies)))
            .collect();
        let [tallies] = <[_; 1]>::try_from(tallies_get).ok().expect("one consumer, one end");
        let merging = runtime.spawn(stages::merge(tallies, job.progress.clone()));
        runtime.block_on(async {
            for task in tokenising {
                task.await;
            }
            merging.await
        })
    });

    let time = started.elapsed();
    assert!(budget.peak() <= job.budget, "more bytes in flight than the budget has");
    Outcome {
        files: index.files.len(),
        bytes: index.bytes,
        terms: index.occurring(),
        postings: index.entries,
        time,
        peak_bytes: budget.peak(),
        peak_queues: peaks.map(|peak| peak.get()),
        digest: digest(&index),
        complaints: complaints.into_inner(),
    }
}
