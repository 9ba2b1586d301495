//! Which points there are.

use std::collections::HashMap;
use std::fs;
use std::panic::Location;
use std::sync::OnceLock;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::Relaxed;

use sempost::inject::{Moment, Point};

const PLACES: usize = 512;

/// Places in the source, in order of a hash; filled as they are met, without a lock.
static KNOWN: [OnceLock<&'static Location<'static>>; PLACES] = [const { OnceLock::new() }; PLACES];
static HITS: [AtomicU64; 2 * PLACES] = [const { AtomicU64::new(0) }; 2 * PLACES];

/// The number of a place.
fn number(place: &'static Location<'static>) -> usize {
    let mut slot = (place.line() as usize * 31 + place.column() as usize) % PLACES;
    loop {
        if *KNOWN[slot].get_or_init(|| place) == place {
            return slot;
        }
        slot = (slot + 1) % PLACES;
    }
}

/// Counts a visit; answers the number of the point.
pub(crate) fn visit((place, moment): Point) -> usize {
    let point = 2 * number(place) + usize::from(moment == Moment::After);
    HITS[point].fetch_add(1, Relaxed);
    point
}

/// All points that were visited, by number.
pub(crate) fn all() -> Vec<usize> {
    (0..2 * PLACES).filter(|&point| HITS[point].load(Relaxed) > 0).collect()
}

fn place(point: usize) -> &'static Location<'static> {
    KNOWN[point / 2].get().expect("a point that was visited")
}

/// File below `src`, line, and side.
pub(crate) fn name(point: usize) -> String {
    let (place, side) = (place(point), if point % 2 == 1 { "after" } else { "before" });
    format!("{}:{} {side}", file(place), place.line())
}

fn file(place: &Location<'static>) -> &'static str {
    let file = place.file();
    file.rfind("src/").map_or(file, |at| &file[at + 4..])
}

/// What the step of a point does with a lock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// Takes one, if it is free.
    Lock,
    /// Gives one back.
    Unlock,
    /// Tries again to take one.
    Retry,
    Other,
}

/// What a point's step does, as the source says.
pub(crate) fn step(point: usize) -> Step {
    static STEPS: [OnceLock<Step>; PLACES] = [const { OnceLock::new() }; PLACES];
    *STEPS[point / 2].get_or_init(|| {
        let place = place(point);
        let source = source(place.file());
        let line = source.lines().nth(place.line() as usize - 1).unwrap_or_default();
        let here = &line[place.column() as usize - 1..];
        if file(place) == "lock/short.rs" {
            // The only file that touches the byte of a lock itself.
            if here.starts_with("store") {
                Step::Unlock
            } else if here.starts_with("compare_exchange") {
                Step::Retry
            } else {
                Step::Other
            }
        } else if here.starts_with("lock()") || here.starts_with("weak!") {
            // A macro's steps are all where it is called, and the only one of `weak!` takes a lock.
            Step::Lock
        } else {
            Step::Other
        }
    })
}

fn source(file: &str) -> &'static str {
    static SOURCES: OnceLock<std::sync::Mutex<HashMap<String, &'static str>>> = OnceLock::new();
    let mut sources = SOURCES.get_or_init(Default::default).lock().expect("nobody panics here");
    sources.entry(file.to_owned()).or_insert_with(|| {
        let text = fs::read_to_string(file)
            .unwrap_or_else(|error| panic!("{file}: {error}: which steps take a lock is read there"));
        text.leak()
    })
}
