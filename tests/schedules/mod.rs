//! Schedules: races of four to eight tasks and threads, more than the model checker can go through, under random
//! schedules and under such that change their mind a few times only (PCT, after Burckhardt and others).
//!
//! They are compiled into the crate's own tests under `--cfg sempost_shuttle`, and only there. What is lost is seen as
//! a deadlock; what is doubled, by a count; what two hold at once, by [`Alone`]. A failing schedule is printed with the
//! words that replay it. `SEMPOST_SCHEDULES` says how many schedules of each kind every test runs.
//!
//! `closed()` and `drained()` have none: the crate that carries them blocks without telling the scheduler.

mod condvar;
mod flow;
mod handles;
mod mailbox;
mod mailbox_ends;
mod monitor;
mod mutex;
mod oneshot;
mod semaphore;

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::task::Poll;

use shuttle::future::JoinHandle;
use shuttle::rand::{Rng, thread_rng};
use shuttle::scheduler::{PctScheduler, RandomScheduler, Scheduler};
use shuttle::{Config, Runner};

/// Schedules of each kind for every test, unless the environment says otherwise.
const SCHEDULES: usize = 1_000;

/// Where the random numbers begin: failures come back.
const SEED: u64 = 20_261_125;

/// How often a schedule of the second kind changes its mind.
const CHANGES: usize = 3;

/// Runs one body under many schedules and says how many.
fn schedule(name: &str, body: impl Fn() + Send + Sync + Clone + 'static) {
    let each = std::env::var("SEMPOST_SCHEDULES").map_or(SCHEDULES, |n| n.parse().expect("a number of schedules"));
    let schedules = explore(RandomScheduler::new_from_seed(SEED, each), body.clone())
        + explore(PctScheduler::new_from_seed(SEED, CHANGES, each), body);
    println!("schedule {name}: seed {SEED}, {schedules} schedules");
    assert_eq!(schedules, 2 * each);
}

fn explore(scheduler: impl Scheduler + 'static, body: impl Fn() + Send + Sync + 'static) -> usize {
    Runner::new(scheduler, Config::new()).run(body)
}

/// A body of tasks: all of them run to their end.
fn tasks(name: &str, body: impl Fn() -> Vec<JoinHandle<()>> + Send + Sync + Clone + 'static) {
    schedule(name, move || {
        for task in body() {
            shuttle::future::block_on(task).expect("no task fails");
        }
    });
}

fn task(future: impl Future<Output = ()> + Send + 'static) -> JoinHandle<()> {
    shuttle::future::spawn(future)
}

/// A number below `limit`, of this schedule.
fn below(limit: usize) -> usize {
    thread_rng().gen_range(0..limit)
}

/// Polls `future` once or twice, and lets others run in between; then it is dropped.
async fn impatient<F: Future>(future: F) -> Option<F::Output> {
    let mut future = pin!(future);
    for _ in 0..1 + below(2) {
        if let Poll::Ready(output) = poll_fn(|cx| Poll::Ready(future.as_mut().poll(cx))).await {
            return Some(output);
        }
        // Not a wake-up of itself: the scheduler has to know that somebody else is waited for.
        shuttle::future::yield_now().await;
    }
    None
}

/// A place in which there must be nobody else.
#[derive(Default)]
struct Alone(AtomicBool);

impl Alone {
    /// Is in there for a while.
    async fn visit(&self) {
        assert!(!self.0.swap(true, SeqCst), "two are in there at once");
        shuttle::future::yield_now().await;
        self.0.store(false, SeqCst);
    }
}

/// How many of something there are.
#[derive(Default)]
struct Count(AtomicUsize);

impl Count {
    fn new() -> Arc<Self> {
        Arc::default()
    }

    fn add(&self, n: usize) {
        self.0.fetch_add(n, SeqCst);
    }

    fn get(&self) -> usize {
        self.0.load(SeqCst)
    }
}
