//! All specifications that are checked, and how much of each.

use hardening::spec::credits;
use hardening::spec::gate::semaphore::Pool;
use hardening::spec::mailbox::{Ends, Room};
use hardening::spec::monitor::Hall;
use hardening::spec::ports::{PerPort, Setup, Sources};
use hardening::spec::subject::{Mix, Subject};
use hardening::{Tier, watched};
use sempost::{Barrier, Fairness, Latch, Mutex as Turns, RwLock, Semaphore};

use crate::scenario::{Scenario, Tally};

/// Runs one scenario of a specification so many times.
type Run = Box<dyn Fn(u64, usize) -> (Tally, Option<String>)>;

/// A primitive, set up in some way, and what happens to it.
struct Case {
    name: String,
    run: Run,
}

fn case<S: Subject>(name: &str, setup: S::Setup, close: bool, cancel: bool) -> Case
where
    S::Setup: 'static,
{
    let name = format!("{name}{}{}", if close { "+close" } else { "" }, if cancel { "+cancel" } else { "" });
    let run = move |seed: u64, runs: usize| {
        let mix = Mix { close, cancel, blocking: seed % 4 == 3, long_steps: false };
        Scenario { setup, mix, seed }.run::<S>(runs)
    };
    Case { name, run: Box::new(run) }
}

const BOTH: [bool; 2] = [false, true];

fn cases() -> Vec<Case> {
    let fairnesses =
        [("fifo", Fairness::Fifo), ("barging", Fairness::Barging { overtakes: 1 }), ("unbounded", Fairness::Unfair)];
    let rooms = [
        ("0", Room::of(0)),
        ("1", Room::of(1)),
        ("2", Room::of(2)),
        ("unbounded", Room { most: 2, ..Room::UNBOUNDED }),
        ("1-barging", Room::of(1).with(Fairness::Barging { overtakes: 1 })),
        ("2-barging", Room::of(2).with(Fairness::Barging { overtakes: 1 })),
        ("2-unfair", Room::of(2).with(Fairness::Unfair)),
    ];
    let mut all = Vec::new();
    for cancel in BOTH {
        for (name, fairness) in fairnesses {
            all.push(case::<Turns<u32>>(&format!("mutex-{name}"), fairness, false, cancel));
            for close in BOTH {
                let pool = Pool { permits: 2, most: 2, fairness, limit: None };
                all.push(case::<Semaphore>(&format!("semaphore-{name}"), pool, close, cancel));
            }
        }
        for close in BOTH {
            all.push(case::<Semaphore>("semaphore-limited", Pool::limited(1, 1), close, cancel));
        }
        // What `--no-composed` leaves out, as in `stress`.
        let composed = if std::env::args().any(|arg| arg == "--no-composed") { &[][..] } else { &BOTH };
        for (name, ports, capacity) in [("ports-1", 1, 1), ("ports-2", 2, 2)] {
            for &close in composed {
                let setup = Setup { ports, capacity, classes: false, opener: false };
                all.push(case::<Sources<PerPort>>(name, setup, close, cancel));
            }
        }
        for (name, limit) in [("credits-1", 1), ("credits-3", 3)] {
            for &close in composed {
                all.push(case::<credits::Ends>(name, limit, close, cancel));
            }
        }
        // Without waits for predicates: whoever leaves asks, calls and leaves, under the lock three times, and a wait
        // that is given up may order another round in between. So a leave has no fixed number of moments.
        all.push(case::<Hall>("monitor", false, false, cancel));
        for (name, readers) in [("rwlock-1", 1), ("rwlock-2", 2), ("rwlock-8", 8)] {
            all.push(case::<RwLock<u32>>(name, readers, false, cancel));
        }
        for (name, count) in [("latch-1", 1), ("latch-3", 3)] {
            all.push(case::<Latch>(name, count, false, cancel));
        }
        for (name, size) in [("barrier-2", 2), ("barrier-3", 3)] {
            all.push(case::<Barrier>(name, size, false, cancel));
        }
        for (name, room) in rooms {
            for close in BOTH {
                all.push(case::<Ends<u32>>(&format!("mailbox-{name}"), room, close, cancel));
            }
        }
    }
    all
}

/// Runs everything.
pub fn call(tier: Tier) -> bool {
    let (scenarios, runs) = tier.pick((100, 60), (200, 1_000));
    let (mut total, mut violations) = (Tally::default(), 0);
    let cases = cases();
    for case in &cases {
        let (tally, findings) = runs_of(case, scenarios, runs);
        println!(
            "{:<28} histories={} overlapping={} violations={findings}",
            case.name, tally.histories, tally.overlapping
        );
        total.add(tally);
        violations += findings;
    }
    println!(
        "H4 lin: specs={} scenarios={} histories={} overlapping={} operations={} violations={violations}",
        cases.len(),
        cases.len() as u64 * scenarios,
        total.histories,
        total.overlapping,
        total.operations,
    );
    violations == 0
}

fn runs_of(case: &Case, scenarios: u64, runs: usize) -> (Tally, usize) {
    let (mut total, mut findings) = (Tally::default(), 0);
    for seed in 0..scenarios {
        let (tally, found) = watched_run(case, seed, runs);
        total.add(tally);
        if found {
            findings += 1;
            println!("  again with: lin replay {} {seed}", case.name);
        }
    }
    (total, findings)
}

fn watched_run(case: &Case, seed: u64, runs: usize) -> (Tally, bool) {
    let state = format!("hangs in {} {seed}", case.name);
    let (tally, finding) = watched(move || state.clone(), || (case.run)(seed, runs));
    if let Some(text) = &finding {
        println!("not linearizable: {} {text}", case.name);
    }
    (tally, finding.is_some())
}

/// Runs one scenario until it fails, or so many times.
pub fn replay(name: &str, seed: u64, runs: usize) -> bool {
    let cases = cases();
    let Some(case) = cases.iter().find(|case| case.name == name) else {
        let names: Vec<_> = cases.iter().map(|case| case.name.as_str()).collect();
        panic!("{name:?} is none of {names:?}");
    };
    let chunk = 1_000.min(runs);
    let failed = (0..runs.div_ceil(chunk)).any(|_| watched_run(case, seed, chunk).1);
    println!("{name} {seed}: {}", if failed { "fails" } else { "did not fail" });
    !failed
}

/// Where the build has pauses: at one step in sixteen the thread gives the processor away.
#[cfg(sempost_inject)]
pub fn unsettle() {
    use std::cell::RefCell;
    use std::sync::atomic::{AtomicU64, Ordering};

    static SEEDS: AtomicU64 = AtomicU64::new(0);
    thread_local! {
        static RANDOM: RefCell<hardening::Random> =
            RefCell::new(hardening::Random::new(SEEDS.fetch_add(1, Ordering::Relaxed)));
    }
    sempost::inject::install(|_| {
        if RANDOM.with_borrow_mut(|random| random.one_in(16)) {
            std::thread::yield_now();
        }
    });
}

/// The build has no pauses.
#[cfg(not(sempost_inject))]
pub fn unsettle() {}
