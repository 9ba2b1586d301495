//! What is done to one object, and how it is dealt out to threads.

use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::{AcqRel, Acquire};
use std::thread;

use super::watchdog::watch;
use super::{Log, Tally, drive};

/// A task, for any executor.
pub type Task = Pin<Box<dyn Future<Output = Log> + Send>>;

/// What blocks a thread of its own.
pub type Blocker = Box<dyn FnOnce() -> Log + Send>;

/// Everything that is done to one object.
pub struct Workload {
    /// The seed, and the sizes.
    pub name: String,
    /// Its tasks.
    pub tasks: Vec<Task>,
    /// Tasks that never wait for anybody: they give up after a few polls, and stop after so many turns. Whatever rights
    /// the others hold, these finish.
    pub bystanders: Vec<Task>,
    /// What runs beside them on threads.
    pub blockers: Vec<Blocker>,
    /// How the object looks right now, for whoever has to find out why it hangs.
    pub state: Box<dyn Fn() -> String + Send>,
    /// Looks at everybody's notes, when all are done.
    pub verdict: Box<dyn FnOnce(Vec<Log>) -> Tally>,
}

impl Workload {
    /// The verdict of `body`, which runs the tasks, the bystanders and the blockers, under a watchdog that knows the
    /// state.
    pub fn judge(self, body: impl FnOnce(Vec<Task>, Vec<Task>, Vec<Blocker>) -> Vec<Log>) -> Tally {
        let Self { name, tasks, bystanders, blockers, state, verdict } = self;
        let seen = name.clone();
        let logs = watch(Box::new(move || format!("{seen}: {}", state())), || body(tasks, bystanders, blockers));
        let tally = verdict(logs);
        if tally.violations() > 0 {
            eprintln!("{name}: {tally:?}");
        }
        tally
    }
}

/// Runs a workload on `threads` threads, those of its blockers included: the tasks get what is left, at least one.
pub fn run(workload: Workload, threads: usize) -> Tally {
    workload.judge(|mut tasks, bystanders, blockers| {
        tasks.extend(bystanders);
        let mut hands: Vec<Vec<Task>> = Vec::new();
        hands.resize_with(threads.saturating_sub(blockers.len()).clamp(1, tasks.len().max(1)), Vec::new);
        for (i, task) in tasks.into_iter().enumerate() {
            let hand = i % hands.len();
            hands[hand].push(task);
        }
        // All begin at once, or the first would be done before the last is there; and whoever is done stays until all
        // are.
        let all = hands.len() + blockers.len();
        let (before, after) = &(AtomicUsize::new(all), AtomicUsize::new(all));
        thread::scope(|scope| {
            let tasks = hands.into_iter().map(|hand| {
                scope.spawn(move || {
                    meet(before);
                    let done = drive(hand);
                    meet(after);
                    done.logs
                })
            });
            let tasks: Vec<_> = tasks.collect();
            let blockers = blockers.into_iter().map(|blocker| {
                scope.spawn(move || {
                    meet(before);
                    let log = blocker();
                    meet(after);
                    vec![log]
                })
            });
            let blockers: Vec<_> = blockers.collect();
            tasks.into_iter().chain(blockers).flat_map(|thread| thread.join().expect("it does not panic")).collect()
        })
    })
}

/// Waits for all who are `missing`, this thread among them.
fn meet(missing: &AtomicUsize) {
    // ORDERING: AcqRel; the Release pairs with the Acquire below: everything before the meeting comes before what
    // follows it.
    missing.fetch_sub(1, AcqRel);
    // ORDERING: Acquire; see above.
    while missing.load(Acquire) > 0 {
        thread::yield_now();
    }
}
