//! Who comes from another crate brings habits along: what the public tests of these crates demand, as tests of ours.
//!
//! The code is ours, the demands are theirs. A doc line `/// origin: name` above a test says which scenario it is; each
//! file begins with the count, and with a table of the scenarios that hold otherwise here, or not at all, and why.

#![cfg(all(feature = "std", not(sempost_loom)))]

#[macro_use]
#[path = "../common/mod.rs"]
mod common;

mod async_channel;
mod async_lock_barrier;
mod async_lock_rwlock;
mod flume;
mod futures_channel;
mod tokio_barrier;
mod tokio_mpsc;
mod tokio_mutex;
mod tokio_notify;
mod tokio_rwlock;
mod tokio_semaphore;

use sempost::mailbox::{self, Receiver, Sender};
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// A mailbox of `capacity`, or without a limit: most scenarios come as such a pair.
fn open<T>(capacity: Option<usize>) -> (Sender<T>, Receiver<T>) {
    capacity.map_or_else(mailbox::unbounded, mailbox::bounded)
}

/// The text of a port: its file, and those in the folder of the same name.
fn text_of(file: &Path) -> String {
    let mut text = fs::read_to_string(file).unwrap();
    for part in fs::read_dir(file.with_extension("")).into_iter().flatten() {
        text += &fs::read_to_string(part.unwrap().path()).unwrap();
    }
    text
}

/// The cells of a row of a module comment's table.
fn cells(line: &str) -> Option<Vec<&str>> {
    Some(line.strip_prefix("//! |")?.split('|').map(str::trim).collect())
}

/// Of one origin: how many scenarios it has, how many have a test here, how many stand in the table of differences.
struct Claim<'a> {
    origin: &'a str,
    counts: [usize; 3],
}

/// A row `| origin | scenarios | tested | differ |`.
fn claim(line: &str) -> Option<Claim<'_>> {
    let cells = cells(line)?;
    let counts = [1, 2, 3].map(|i| cells.get(i).and_then(|cell| cell.parse().ok()));
    let [Some(scenarios), Some(tested), Some(differ)] = counts else { return None };
    Some(Claim { origin: cells[0], counts: [scenarios, tested, differ] })
}

/// What a line names of `origin`: one scenario above a test, one or more in the first cell of a row of the table.
fn named<'a>(line: &'a str, origin: &str) -> Vec<&'a str> {
    let scenario = |name: &'a str| name.strip_prefix(origin)?.strip_prefix(": ");
    if let Some(doc) = line.trim_start().strip_prefix("/// ") {
        return scenario(doc).into_iter().collect();
    }
    let first = cells(line).map_or("", |cells| cells[0]);
    first.split(", ").filter_map(|name| scenario(name.trim_matches('`'))).collect()
}

#[test]
fn every_scenario_is_a_test_or_a_difference() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/ported");
    for file in fs::read_dir(folder).unwrap() {
        let file = file.unwrap().path();
        if file.is_dir() || file.ends_with("main.rs") {
            continue;
        }
        let text = text_of(&file);
        let claims: Vec<_> = text.lines().filter_map(claim).collect();
        assert!(!claims.is_empty(), "{} counts no scenarios", file.display());
        for Claim { origin, counts: [scenarios, tests, differences] } in &claims {
            let (docs, rest): (Vec<_>, Vec<_>) = text.lines().partition(|line| line.trim_start().starts_with("/// "));
            let [tested, differ] = [docs, rest].map(|lines| lines.into_iter().flat_map(|line| named(line, origin)));
            let (tested, differ): (Vec<_>, Vec<_>) = (tested.collect(), differ.collect());
            let either: BTreeSet<_> = tested.iter().chain(&differ).collect();
            let found = [either.len(), tested.len(), differ.len()];
            assert_eq!(found, [*scenarios, *tests, *differences], "{origin}: {tested:?} {differ:?}");
            println!("ports {origin}: scenarios={scenarios} tested={tests} differ={differences}");
        }
        let is_test = |i: usize, line: &str| line == "#[test]" || line.ends_with("(rt) {") && i > 0;
        let lines: Vec<_> = text.lines().map(str::trim_start).collect();
        for (i, line) in lines.iter().enumerate().filter(|(i, line)| is_test(*i, line)) {
            let named = claims.iter().any(|claim| !named(lines[i - 1], claim.origin).is_empty());
            assert!(named, "{}: a test without an origin, before {line}", file.display());
        }
    }
}
