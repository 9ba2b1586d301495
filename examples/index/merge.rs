//! Merging: counted pieces, which arrive in any order, become entries of the index.
//!
//! The pieces of one file are merged in their order, so that a term that crosses from one to the
//! next is joined. One that comes early waits here, *with* its share of the budget. That cannot
//! block: the pieces before it were read before it, so they are on their way and need nothing that
//! an early one holds. What outlives its share is the unfinished term of each open file, which is
//! part of the index as any other term.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};

use crate::inverted::Index;
use crate::piece::{Tally, Then};
use crate::text;

pub struct Merger {
    index: Index,
    open: HashMap<u32, OpenFile>,
}

/// A file of several pieces, not all of which are merged.
#[derive(Default)]
struct OpenFile {
    next: u64,
    early: BTreeMap<u64, Tally>,
    /// The term at the end of what is merged, which the next piece may go on with.
    unfinished: Vec<u8>,
    counts: HashMap<u32, u64>,
    bytes: u64,
}

impl Merger {
    pub fn new() -> Self {
        Merger { index: Index::new(), open: HashMap::new() }
    }

    /// Merges a piece, or keeps it until its turn comes.
    pub fn add(&mut self, tally: Tally) {
        let file = tally.file.number;
        if tally.place == 0 && tally.then == Then::End {
            return self.add_whole(&tally);
        }
        let mut open = self.open.remove(&file).unwrap_or_default();
        open.early.insert(tally.place, tally);
        while let Some(tally) = open.early.remove(&open.next) {
            open.next += 1;
            open.add(&tally, &mut self.index);
            match tally.then {
                Then::More => {}
                Then::End => return open.finish(&tally.file.name, &mut self.index),
                // What was merged of it is forgotten.
                Then::Unreadable => return,
            }
        }
        self.open.insert(file, open);
    }

    /// The short way, for the many files of one piece.
    fn add_whole(&mut self, tally: &Tally) {
        for word in &tally.counted.words {
            let spelled = Cow::Borrowed(tally.counted.spell(word));
            let term = self.index.term(word.hash, spelled);
            self.index.post(term, word.count.into());
        }
        self.index.finish_file(&tally.file.name, tally.load.bytes() as u64);
    }

    pub fn finish(self) -> Index {
        assert!(self.open.is_empty(), "a file was not read to its end");
        self.index
    }
}

impl OpenFile {
    fn add(&mut self, tally: &Tally, index: &mut Index) {
        let counted = &tally.counted;
        self.bytes += tally.load.bytes() as u64;
        self.unfinished.extend_from_slice(counted.head());
        if counted.is_one_run() {
            return;
        }
        self.end_term(index);
        for word in &counted.words {
            let term = index.term(word.hash, Cow::Borrowed(counted.spell(word)));
            *self.counts.entry(term).or_default() += u64::from(word.count);
        }
        self.unfinished.extend_from_slice(counted.tail());
    }

    fn end_term(&mut self, index: &mut Index) {
        if !self.unfinished.is_empty() {
            let spelled = std::mem::take(&mut self.unfinished);
            let term = index.term(text::hash(&spelled), Cow::Owned(spelled));
            *self.counts.entry(term).or_default() += 1;
        }
    }

    fn finish(mut self, path: &[u8], index: &mut Index) {
        self.end_term(index);
        for (term, count) in self.counts {
            index.post(term, count);
        }
        index.finish_file(path, self.bytes);
    }
}
