//! The inverted index: for each term the files in which it occurs.

use std::borrow::Cow;

use crate::postings::Postings;
use crate::terms::Terms;

pub struct Index {
    pub terms: Terms,
    /// One list for each term, in the order of their numbers.
    pub postings: Vec<Postings>,
    /// The relative paths, in the order in which the files were finished.
    pub files: Vec<Box<[u8]>>,
    pub bytes: u64,
    pub entries: u64,
}

impl Index {
    pub fn new() -> Self {
        Index { terms: Terms::new(), postings: Vec::new(), files: Vec::new(), bytes: 0, entries: 0 }
    }

    /// The number of a term, new or known.
    pub fn term(&mut self, hash: u32, term: Cow<'_, [u8]>) -> u32 {
        let number = self.terms.number(hash, term);
        if number as usize == self.postings.len() {
            self.postings.push(Postings::default());
        }
        number
    }

    /// Notes that `term` occurs `count` times in the file that will be finished next.
    pub fn post(&mut self, term: u32, count: u64) {
        self.postings[term as usize].push(self.files.len() as u32, count);
        self.entries += 1;
    }

    pub fn finish_file(&mut self, path: &[u8], bytes: u64) {
        self.files.push(path.into());
        self.bytes += bytes;
    }

    /// The terms that occur: one that only a skipped file had does not.
    pub fn occurring(&self) -> usize {
        self.postings.iter().filter(|list| !list.is_empty()).count()
    }
}
