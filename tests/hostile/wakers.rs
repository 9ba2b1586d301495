//! H7: hostile wakers, kinds × operations. Each cell plays every event with the hostile one in every place of the line.

use std::collections::BTreeMap;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use crate::calm::hush;
use crate::cases::{EVENTS, Event, play};
use crate::common::message_of;
use crate::kinds::{HOSTILE, Kind};
use crate::scenes::{Operation, all};

/// How long a cell may take. It takes milliseconds; the rest is for a busy machine.
const PATIENCE: Duration = Duration::from_secs(5);

enum Verdict {
    /// How many cases were played.
    Sound(usize),
    /// Where it hangs.
    Hangs(String),
    Fails(String),
}

/// Plays a cell on a thread of its own. One that hangs is left behind, and says where it is.
fn judge(cell: impl FnOnce(&Mutex<String>) -> usize + Send + 'static) -> Verdict {
    let place = Arc::new(Mutex::new(String::new()));
    let (done, over) = channel();
    let there = Arc::clone(&place);
    let player = thread::spawn(move || {
        let cases = cell(&there);
        done.send(cases).expect("the judge waits");
    });
    let said = over.recv_timeout(PATIENCE);
    let place = || place.lock().unwrap_or_else(std::sync::PoisonError::into_inner).clone();
    match said {
        Ok(cases) => Verdict::Sound(cases),
        Err(RecvTimeoutError::Timeout) => Verdict::Hangs(place()),
        Err(RecvTimeoutError::Disconnected) => {
            let payload = player.join().expect_err("it sends before it ends");
            Verdict::Fails(format!("{}: {}", place(), message_of(&*payload)))
        }
    }
}

/// Plays all cases of an operation in which these kinds wait.
fn all_events((name, set): Operation, lines: &[[Kind; 3]], place: &Mutex<String>) -> usize {
    let mut cases = 0;
    for &kinds in lines {
        for event in EVENTS {
            *place.lock().unwrap() = format!("{name}: {event:?} with {kinds:?}");
            cases += usize::from(play(set(), kinds, event));
        }
    }
    cases
}

/// What came out of many cells.
#[derive(Default)]
struct Tally {
    cells: usize,
    cases: usize,
    hang: usize,
    wrong: Vec<String>,
}

impl Tally {
    fn judge(&mut self, operation: Operation, lines: Vec<[Kind; 3]>) {
        self.cells += 1;
        match judge(move |place| all_events(operation, &lines, place)) {
            Verdict::Sound(cases) => self.cases += cases,
            Verdict::Hangs(place) => {
                self.hang += 1;
                self.wrong.push(format!("{place}: hangs"));
            }
            Verdict::Fails(why) => self.wrong.push(why),
        }
    }

    /// How many cells say this.
    fn count(&self, word: &str) -> usize {
        self.wrong.iter().filter(|why| why.contains(word)).count()
    }

    fn sound(&self) {
        assert!(self.wrong.is_empty(), "{} cells:\n  {}", self.wrong.len(), self.wrong.join("\n  "));
    }
}

/// `kind` in each place of a line of three.
fn in_each_place(kind: Kind) -> Vec<[Kind; 3]> {
    (0..3)
        .map(|at| {
            let mut kinds = [Kind::Tame; 3];
            kinds[at] = kind;
            kinds
        })
        .collect()
}

/// Which events an operation does not have, and why.
fn gaps(operations: &[Operation]) -> BTreeMap<(&'static str, Event), &'static str> {
    let mut gaps = BTreeMap::new();
    for (name, set) in operations {
        let scene = set();
        scene.batch.as_ref().err().map(|why| gaps.insert((*name, Event::Batch), *why));
        scene.close.as_ref().err().map(|why| gaps.insert((*name, Event::Close), *why));
        scene.memory.err().map(|why| gaps.insert((*name, Event::AtOnce), why));
    }
    gaps
}

#[test]
fn h7_no_waker_does_harm() {
    hush();
    let operations = all();
    let mut tally = Tally::default();
    for operation in &operations {
        for kind in HOSTILE {
            tally.judge(*operation, in_each_place(kind));
        }
    }
    println!();
    for ((name, event), why) in gaps(&operations) {
        println!("no case: {name}, {event:?}: {why}");
    }
    println!("no case: all operations without `until`, Late and LateGranted: they have no deadline");
    println!("no cell: a parked thread (`wait`, `_blocking`) has no waker of anybody's: the thread itself is unparked");
    println!(
        "H7 guests: kinds={} operations={} cells={} cases={} hang={} abort=0 lost={} kept={} failed={}",
        HOSTILE.len(),
        operations.len(),
        tally.cells,
        tally.cases,
        tally.hang,
        tally.count("lost"),
        tally.count("kept"),
        tally.wrong.len(),
    );
    tally.sound();
}

#[test]
fn h7_two_that_panic_do_no_harm() {
    hush();
    let panicking = [Kind::WakePanics, Kind::ClonePanics, Kind::DropPanics];
    let operations = all();
    let mut tally = Tally::default();
    for operation in &operations {
        for first in panicking {
            for second in panicking {
                let tame = Kind::Tame;
                tally.judge(*operation, vec![[first, second, tame], [first, tame, second], [tame, first, second]]);
            }
        }
    }
    println!();
    println!(
        "H7 pairs: cells={} cases={} hang={} abort=0 failed={}",
        tally.cells,
        tally.cases,
        tally.hang,
        tally.wrong.len()
    );
    tally.sound();
}
