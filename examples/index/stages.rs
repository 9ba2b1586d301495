//! The four stages: walk → read → tokenise → merge.
//!
//! Walking and reading block, so they run on threads; tokenising and merging are tasks. None of
//! them knows by which means it is handed its input, nor which runtime runs it.

use std::path::Path;
use std::sync::Arc;

use indicatif::ProgressBar;
use sempost::Mutex;

use crate::budget::Budget;
use crate::files::{self, Pieces};
use crate::inverted::Index;
use crate::merge::Merger;
use crate::piece::{Found, Piece, Tally, Then};
use crate::text::Counter;
use crate::via::{Get, Put};

/// What could not be read, one line each.
pub type Complaints = Mutex<Vec<String>>;

pub fn walk(root: &Path, mut found: impl Put<Arc<Found>>, complaints: &Complaints) {
    let mut number = 0;
    for entry in files::walk(root) {
        match entry {
            Ok((path, name)) => {
                found.put_blocking(Arc::new(Found { number, path, name }));
                number = u32::checked_add(number, 1).expect("too many files");
            }
            Err(complaint) => complaints.lock_blocking().push(complaint),
        }
    }
    found.end_blocking();
}

pub fn read(
    mut found: impl Get<Arc<Found>>,
    mut pieces: impl Put<Piece>,
    budget: &Arc<Budget>,
    complaints: &Complaints,
) {
    while let Some(file) = found.get_blocking() {
        if let Err(error) = read_file(&file, &mut pieces, budget) {
            complaints.lock_blocking().push(format!("{}: {error}", file.path.display()));
        }
    }
    pieces.end_blocking();
}

/// Hands on each piece before it asks for the budget of the next: a reader never waits for bytes
/// while it sits on some, so budgets of a single byte will do.
fn read_file(file: &Arc<Found>, pieces: &mut impl Put<Piece>, budget: &Arc<Budget>) -> std::io::Result<()> {
    let mut opened = Pieces::open(&file.path)?;
    for place in 0.. {
        match opened.next(budget) {
            Ok((text, then, load)) => {
                pieces.put_blocking(Piece { file: file.clone(), place, then, text, load });
                if then == Then::End {
                    break;
                }
            }
            Err(error) => {
                if place > 0 {
                    let (text, load) = (Vec::new(), budget.reserve(0).read(0));
                    let then = Then::Unreadable;
                    pieces.put_blocking(Piece { file: file.clone(), place, then, text, load });
                }
                return Err(error);
            }
        }
    }
    Ok(())
}

pub async fn tokenise(mut pieces: impl Get<Piece>, mut tallies: impl Put<Tally>) {
    let mut counter = Counter::default();
    while let Some(Piece { file, place, then, text, load }) = pieces.get().await {
        let counted = counter.count(text, place == 0, then != Then::More);
        tallies.put(Tally { file, place, then, counted, load }).await;
    }
    tallies.end().await;
}

pub async fn merge(mut tallies: impl Get<Tally>, progress: ProgressBar) -> Index {
    let mut merger = Merger::new();
    while let Some(tally) = tallies.get().await {
        progress.inc(tally.load.bytes() as u64);
        merger.add(tally);
    }
    merger.finish()
}
