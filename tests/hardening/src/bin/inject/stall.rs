//! One thread is stopped, and the others are watched.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering::{Acquire, Release};
use std::thread;
use std::time::{Duration, Instant};

use hardening::stress::{Tally, Task, Workload, drive, drive_watched};

use crate::hook::{self, Role, Spot, Target};
use crate::points::Step;
use crate::{contended, points, scenes};

/// How long a thread that holds a short lock is stopped.
const STALL: Duration = Duration::from_millis(200);

/// How long one that holds none is, at most, while the others do not finish: generous, as it only ever ends a failure.
const PATIENCE: Duration = Duration::from_secs(20);

/// What came of all stops.
#[derive(Default)]
pub(crate) struct Stalls {
    pub(crate) stalled: usize,
    pub(crate) blocked_under_locks: usize,
    pub(crate) blocked_outside_locks: usize,
    /// Spots where it is not as the contract says: others blocked outside a lock, not blocked under one, or a foreign
    /// step under one.
    pub(crate) surprises: usize,
    pub(crate) tally: Tally,
    /// Whether the others were blocked, by spot.
    blocking: BTreeMap<Spot, bool>,
}

impl Stalls {
    /// Notes that a thread was stopped at `spot`, and whether the others did not finish meanwhile.
    pub(crate) fn note(&mut self, spot: Spot, blocked: bool) {
        self.stalled += 1;
        let known = self.blocking.entry(spot).or_default();
        self.blocked_under_locks += usize::from(blocked && spot.held && !*known);
        self.blocked_outside_locks += usize::from(blocked && !spot.held);
        *known |= blocked;
    }

    /// Compares with the contract: those and only those who stop under a short lock block others (C8).
    fn compare(&mut self) {
        for (&spot, &blocked) in &self.blocking {
            let (name, lock) = (points::name(spot.point), if spot.held { "held" } else { "not held" });
            if blocked {
                eprintln!("blocks others: {name}, lock {lock}");
            }
            // Under a lock one takes it, gives it back, and ends or begins waits; to unpark a thread is foreign (C6).
            if spot.held && points::step(spot.point) == Step::Other && !name.starts_with("wait/node.rs") {
                eprintln!("SURPRISE: {name}: this is done under a lock");
                self.surprises += 1;
            }
            // An event happens once, so the others need not come to ask for its locks. Only these are taken one inside
            // another: who has left one lock and holds one still is at an event.
            let has_left_one = points::step(spot.point) == Step::Unlock && name.ends_with("after");
            let at_an_event = name.starts_with("wait/event.rs") || has_left_one;
            if blocked != spot.held && !(spot.held && at_an_event) {
                eprintln!("SURPRISE: {name}, lock {lock}: others blocked: {blocked}");
                self.surprises += 1;
            }
        }
    }
}

/// Stops a victim at every spot there is.
pub(crate) fn run() -> Stalls {
    let mut stalls = Stalls::default();
    let mut held_before = BTreeSet::new();
    for scene in scenes::all() {
        hook::aim(Target::None);
        let (_, tally) = perform(scene());
        stalls.tally += tally;
        for spot in hook::seen() {
            // Each stop under a lock takes its time, so once for every spot is enough.
            if spot.held && !held_before.insert(spot) {
                continue;
            }
            hook::aim(Target::Spot(spot));
            let (blocked, tally) = perform(scene());
            stalls.tally += tally;
            if let Some(stopped) = hook::stopped() {
                stalls.note(stopped, blocked);
            }
        }
    }
    contended::run(&mut stalls);
    stalls.compare();
    eprintln!("stops: {}, of {} spots; {:?}", stalls.stalled, stalls.blocking.len(), stalls.tally);
    stalls
}

/// Runs the tasks until the victim is stopped, then the bystanders; answers whether those were blocked.
fn perform(workload: Workload) -> (bool, Tally) {
    let mut blocked = false;
    let tally = workload.judge(|tasks, mut bystanders, _| {
        let second = bystanders.split_off(bystanders.len() / 2);
        let idle = &AtomicBool::new(false);
        thread::scope(|scope| {
            let victim = scope.spawn(move || {
                hook::play(Role::Victim);
                // Without the bystanders there is nothing more to do: it is the victim no more, and is alone no more.
                let rest = || {
                    hook::play(Role::Anybody);
                    // ORDERING: Release; pairs with the Acquire below.
                    idle.store(true, Release);
                };
                let logs = drive_watched(tasks, rest);
                rest();
                logs
            });
            while hook::stopped().is_none() && !idle.load(Acquire) {
                thread::yield_now();
            }
            let bystanders = [bystanders, second].map(|tasks: Vec<Task>| scope.spawn(move || drive(tasks)));
            blocked = watch(|| bystanders.iter().all(|thread| thread.is_finished()));
            let mut logs = victim.join().expect("it does not panic").logs;
            for thread in bystanders {
                logs.extend(thread.join().expect("it does not panic").logs);
            }
            logs
        })
    });
    (blocked, tally)
}

/// Waits for the others while the victim is stopped, lets it go on, and answers whether they did not come to their end.
pub(crate) fn watch(are_over: impl Fn() -> bool) -> bool {
    let since = Instant::now();
    let patience = match hook::stopped() {
        Some(Spot { held: true, .. }) => STALL,
        _ => PATIENCE,
    };
    while !are_over() && since.elapsed() < patience {
        thread::sleep(Duration::from_micros(100));
    }
    let blocked = !are_over() && hook::stopped().is_some();
    hook::resume();
    blocked
}
