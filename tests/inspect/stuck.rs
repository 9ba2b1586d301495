//! The example that hangs on purpose: each hang is reported with the lines of the example, on each runtime.

use std::collections::BTreeSet;
use std::time::Duration;

use sempost::inspect::Why;

use crate::alone;
use crate::common::watched;
use crate::hangs::{HANGS, Runtime, end, stuck};

const SOURCE: &str = include_str!("../../examples/stuck.rs");

/// The lines that a comment marks. That above a loop marks the loop.
fn marked(mark: &str) -> BTreeSet<u32> {
    let lines = SOURCE.lines().zip(1..).filter(|(line, _)| line.contains(&format!("// {mark}")));
    lines.map(|(line, number)| if line.trim_start().starts_with("//") { number + 1 } else { number }).collect()
}

/// Kills: a line that is not the user's, a holder that is not known, and a circle that is not seen.
#[test]
fn each_hang_is_reported_with_its_lines_on_each_runtime() {
    let _alone = alone();
    for runtime in Runtime::ALL {
        for (name, hang) in HANGS {
            watched(
                move || format!("{name} on {runtime:?}: {}", sempost::inspect::snapshot()),
                || {
                    let tasks = hang(runtime);
                    let snapshot = stuck(Duration::from_millis(100));
                    let suspects = snapshot.suspects(Duration::from_millis(100));
                    assert_eq!(suspects.len(), 1, "{name} on {runtime:?}: {snapshot}");
                    let hops = suspects[0].hops();
                    let ours = |place: &std::panic::Location<'_>| place.file().ends_with("examples/stuck.rs");
                    assert!(hops.iter().all(|hop| ours(hop.waiter().place()) && ours(hop.blocker().place())));
                    let waits: BTreeSet<_> = hops.iter().map(|hop| hop.waiter().place().line()).collect();
                    let held: BTreeSet<_> = hops.iter().map(|hop| hop.blocker().place().line()).collect();
                    assert_eq!(waits, marked(&format!("{name}: waits")), "{name} on {runtime:?}: {snapshot}");
                    assert_eq!(held, marked(&format!("{name}: held")), "{name} on {runtime:?}: {snapshot}");
                    let why = match name {
                        "mailboxes" => Why::Received,
                        "futurelock" => Why::Granted,
                        _ => Why::Holds,
                    };
                    assert!(hops.iter().all(|hop| hop.blocker().why() == why), "{snapshot}");
                    assert_eq!(suspects[0].is_approximate(), name == "mailboxes");
                    let locked = snapshot.futurelocks(Duration::ZERO).count();
                    assert_eq!(locked, usize::from(name == "futurelock"), "{snapshot}");
                    drop(suspects);
                    end(tasks);
                },
            );
        }
    }
}

/// Kills: a page and a picture that show other lines than the example has.
#[test]
fn the_page_shows_the_lines_of_the_example() {
    let marks = ["mutexes", "permits", "futurelock", "mailboxes"]
        .map(|name| [": held", ": waits"].map(|what| name.to_owned() + what));
    let all: BTreeSet<u32> = marks.iter().flatten().flat_map(|mark| marked(mark)).collect();
    let lines = |text: &str| {
        let numbers =
            text.split("stuck.rs:").skip(1).map(|rest| rest.split(|c: char| !c.is_ascii_digit()).next().unwrap());
        numbers.map(|number| number.parse().unwrap()).collect::<BTreeSet<u32>>()
    };
    let page = lines(include_str!("../../docs/hangs.md"));
    assert!(page.is_subset(&all) && page.len() == all.len() - 1, "{page:?}, {all:?}: all but the futurelock's wait");
    let made = SOURCE.lines().zip(1..).find(|(line, _)| line.contains("Mutex::new(10)")).unwrap().1;
    let shown: BTreeSet<u32> =
        marked("mutexes: held").into_iter().chain(marked("mutexes: waits")).chain([made]).collect();
    assert_eq!(lines(include_str!("../../docs/hang.svg")), shown);
}
