//! Every clause of the contract has a test for every primitive.

use super::{expect_none, files_under, words};
use std::collections::BTreeSet;

const PRIMITIVES: [&str; 11] = [
    "semaphore",
    "mutex",
    "monitor",
    "condvar",
    "mailbox",
    "credits",
    "ports",
    "oneshot",
    "rwlock",
    "latch",
    "barrier",
];

/// Cells of clause × primitive that have no test, and why.
const NOT_APPLICABLE: [(u32, &str, &str); 25] = [
    (3, "oneshot", "has one waiter at each end"),
    (5, "oneshot", "has one waiter at each end"),
    (8, "condvar", "has no `try_` form"),
    (8, "barrier", "has no `try_` form"),
    (11, "mutex", "cannot be closed"),
    (11, "monitor", "cannot be closed"),
    (11, "condvar", "cannot be closed"),
    (11, "barrier", "cannot be closed"),
    (12, "semaphore", "has no receivers and no queue"),
    (12, "mutex", "has no receivers and no queue"),
    (12, "monitor", "has no receivers and no queue"),
    (12, "condvar", "has no receivers and no queue"),
    (12, "latch", "has no receivers and no queue"),
    (12, "barrier", "has no receivers and no queue"),
    (13, "semaphore", "keeps nothing on the heap"),
    (13, "mutex", "keeps nothing on the heap"),
    (13, "condvar", "keeps nothing on the heap"),
    (13, "latch", "keeps nothing on the heap"),
    (13, "barrier", "keeps nothing on the heap"),
    (14, "mutex", "has no count that a caller can raise"),
    (14, "monitor", "has no count that a caller can raise"),
    (14, "oneshot", "has no count"),
    (11, "rwlock", "cannot be closed"),
    (12, "rwlock", "has no receivers and no queue"),
    (13, "rwlock", "keeps nothing on the heap"),
];

#[test]
fn every_clause_has_a_test_for_every_primitive() {
    let tests = files_under("tests");
    let names: BTreeSet<_> = tests
        .iter()
        .filter(|file| !file.path.starts_with("tests/tidy"))
        .flat_map(|file| file.code().flat_map(|(_, code)| words(code)))
        .collect();
    let mut findings = Vec::new();
    for clause in 2..=17 {
        for primitive in PRIMITIVES {
            let prefix = format!("c{clause:02}_{primitive}_");
            let tested = names.iter().any(|name| name.starts_with(&prefix));
            let excused = NOT_APPLICABLE.iter().find(|(c, p, _)| (*c, *p) == (clause, primitive));
            match (tested, excused) {
                (false, None) => findings.push(format!("{prefix}… is missing")),
                (true, Some(_)) => findings.push(format!("{prefix}… exists and is excused")),
                _ => {}
            }
        }
    }
    expect_none("clause × primitive", findings);
}
