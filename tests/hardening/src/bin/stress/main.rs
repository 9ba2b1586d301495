//! Stress: as many messages and acquires as asked for, over all shapes, with everything accounted for.
//!
//! `stress [short|long] [--messages N] [--acquires N] [--seed N] [--no-onlookers] [--no-composed]`. A pass over all shapes is repeated,
//! with new seeds, until there were enough of both. With the feature `runtimes` every third round is run by several
//! runtimes at once.

mod options;
mod shapes;

use std::process::ExitCode;

use hardening::Random;
use hardening::stress::{Tally, Workload};
use options::Options;

/// How many passes make the whole, about: what is cut short by a close is made up for by one more.
const PASSES: u64 = 4;

/// Which part of the messages goes through ports, and through mailboxes with credits, on top.
const EXTRA: u64 = 10;

/// Runs rounds, by threads of ours or by whatever there is.
struct Rounds {
    random: Random,
    tally: Tally,
    onlookers: bool,
    #[cfg(feature = "runtimes")]
    tokio: tokio::runtime::Runtime,
    #[cfg(feature = "runtimes")]
    count: u64,
}

impl Rounds {
    fn new(seed: u64, onlookers: bool) -> Self {
        Self {
            random: Random::new(seed),
            tally: Tally::default(),
            onlookers,
            #[cfg(feature = "runtimes")]
            tokio: tokio::runtime::Builder::new_multi_thread().worker_threads(2).build().expect("a runtime"),
            #[cfg(feature = "runtimes")]
            count: 0,
        }
    }

    #[cfg(feature = "runtimes")]
    fn run(&mut self, workload: Workload, threads: usize) {
        self.count += 1;
        self.tally += match self.count % 3 {
            0 => hardening::stress::guests::run(workload, &self.tokio),
            _ => hardening::stress::run(workload, threads),
        };
    }

    #[cfg(not(feature = "runtimes"))]
    fn run(&mut self, workload: Workload, threads: usize) {
        self.tally += hardening::stress::run(workload, threads);
    }
}

fn main() -> ExitCode {
    let options = Options::from_args();
    eprintln!("stress: {options:?}");
    let mut rounds = Rounds::new(options.seed, options.onlookers);
    while rounds.tally.messages < options.messages {
        shapes::mailboxes(&mut rounds, options.messages / PASSES);
    }
    // One pass each, beside the whole: ports and credits are made of mailboxes and semaphores.
    if options.composed {
        shapes::ports(&mut rounds, options.messages / EXTRA);
        shapes::credits(&mut rounds, options.messages / EXTRA);
    }
    while rounds.tally.acquires < options.acquires {
        shapes::semaphores(&mut rounds, options.acquires / PASSES);
        shapes::mutexes(&mut rounds, options.acquires / PASSES);
        shapes::rwlocks(&mut rounds, options.acquires / PASSES);
        shapes::monitors(&mut rounds, options.acquires / PASSES);
        shapes::condvars(&mut rounds, options.acquires / PASSES);
        if options.composed {
            shapes::predicates(&mut rounds, options.acquires / PASSES);
        }
    }
    let Tally { messages, acquires, cancels, closes, lost, dup, reordered, broken } = rounds.tally;
    println!(
        "H9 stress: threads=1..16 messages={messages} acquires={acquires} cancels={cancels} closes={closes} lost={lost} \
         dup={dup} reordered={reordered} broken={broken}"
    );
    if rounds.tally.violations() > 0 { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}
