//! The bugs of others as tests of ours: one test for each entry of a catalogue of 131, named `bNNN_…` by its number.
//!
//! The doc comment of a test says what broke where, and what is shown here. A race is run a bounded number of times, or
//! interleaved by hand; where a model runs through all of its interleavings, the comment names it (`tests/models`).

#![cfg(all(feature = "std", not(sempost_loom)))]

#[macro_use]
#[path = "../common/mod.rs"]
mod common;
#[path = "../contract/table.rs"]
mod table;

mod cancelled;
mod counts;
mod fairness;
mod handed_on;
mod heap;
mod limits;
mod memory;
mod messages;
mod panics;
mod parking;
mod payloads;
mod permits_at_the_end;
mod race;
mod semantics;
mod soundness;
mod strays;
mod threads;
mod wakers;
mod wakers_that_panic;

use common::lines::{
    BARRIER, CONDVAR, CREDITS, LATCH, Line, MAILBOX, MONITOR, MUTEX, ONESHOT, PORTS, RWLOCK, SEMAPHORE,
};
use common::watched;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex};

/// How many entries the catalogue has.
const ENTRIES: u32 = 131;

/// Entries whose idea cannot break here, and why.
const NOT_APPLICABLE: &[(u32, &str)] = &[
    (
        100,
        "the version of a watch channel overflowed; there is none here, and what is compared by number, the joining of \
         waiters, has at least 61 bits, which a joining a nanosecond uses up in 73 years",
    ),
    (
        130,
        "the checkers themselves were wrong; that is answered by keeping several of them, not by a test of this crate",
    ),
];

/// Runs `claim` on every future of every primitive, and says on which it hung or failed.
fn on_every_line(claim: impl Fn(Line)) {
    let at = Arc::new(Mutex::new(""));
    let seen = Arc::clone(&at);
    watched(
        move || format!("on a line of {}", seen.lock().unwrap()),
        || {
            for lines in [SEMAPHORE, MUTEX, MONITOR, CONDVAR, MAILBOX, ONESHOT, CREDITS, PORTS, RWLOCK, LATCH, BARRIER]
            {
                table::on_each(lines, |line| {
                    *at.lock().unwrap() = line.name;
                    claim(line);
                });
            }
        },
    );
}

/// The capacities that differ in kind: rendezvous, one slot, several, no limit.
const CAPACITIES: [Option<usize>; 4] = [Some(0), Some(1), Some(3), None];

/// A mailbox of `capacity`, or without a limit.
fn open<T>(capacity: Option<usize>) -> (sempost::mailbox::Sender<T>, sempost::mailbox::Receiver<T>) {
    capacity.map_or_else(sempost::mailbox::unbounded, sempost::mailbox::bounded)
}

/// The number of a test that is named after an entry.
fn entry_of(line: &str) -> Option<u32> {
    let name = line.trim_start().strip_prefix("fn b")?;
    let (number, rest) = name.split_at_checked(3)?;
    rest.starts_with('_').then(|| number.parse().ok())?
}

#[test]
fn every_entry_has_one_test_or_a_reason() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/peer_bugs");
    let mut tests: BTreeMap<u32, usize> = BTreeMap::new();
    for file in std::fs::read_dir(folder).unwrap() {
        let path = file.unwrap().path();
        let text = std::fs::read_to_string(&path).unwrap();
        let lines: Vec<_> = text.lines().collect();
        assert!(lines.len() <= 400, "{} has {} lines", path.display(), lines.len());
        for (i, line) in lines.iter().enumerate() {
            let Some(entry) = entry_of(line) else { continue };
            assert_eq!(lines[i - 1], "#[test]", "b{entry:03} is no test");
            assert!(lines[i - 2].starts_with("/// "), "b{entry:03} does not say what broke where");
            *tests.entry(entry).or_default() += 1;
        }
    }
    for entry in 1..=ENTRIES {
        let reasons = NOT_APPLICABLE.iter().filter(|(number, _)| *number == entry).count();
        let found = tests.get(&entry).copied().unwrap_or(0);
        assert_eq!(found + reasons, 1, "B{entry:02} has {found} tests and {reasons} reasons to have none");
    }
    assert!(tests.keys().all(|entry| (1..=ENTRIES).contains(entry)));
    assert!(tests.len() >= 100, "only {} entries have a test", tests.len());
    println!("H16 catalogue: entries={ENTRIES} tests={} not_applicable={}", tests.len(), NOT_APPLICABLE.len());
}
