//! The digest: SHA-256 over the lines `term<TAB>relative/path<TAB>occurrences<LF>`, sorted by bytes.

use std::io::Write as _;

use sha2::{Digest as _, Sha256};

use crate::inverted::Index;

pub fn digest(index: &Index) -> String {
    let mut lines = Lines::default();
    let ranks = ranks(&index.files);
    // A path with a tab in it can tie with another one up to where the numbers begin.
    let ties = index.files.iter().any(|path| path.contains(&b'\t'));
    let mut found: Vec<(u32, u32, u64)> = Vec::new();
    for term in index.terms.sorted() {
        let spelled = index.terms.spell(term);
        found.clear();
        found.extend(index.postings[term as usize].iter().map(|(f, count)| (ranks[f as usize], f, count)));
        found.sort_unstable();
        if ties {
            found.sort_by_cached_key(|&(_, f, count)| line_end(&index.files[f as usize], count));
        }
        for &(_, file, count) in &found {
            lines.add(spelled, &index.files[file as usize], count);
        }
    }
    lines.end()
}

/// The place of each file among all, sorted as they are followed by a tab in the lines.
fn ranks(files: &[Box<[u8]>]) -> Vec<u32> {
    let mut order: Vec<u32> = (0..files.len() as u32).collect();
    let key = |file: u32| files[file as usize].iter().chain(b"\t");
    order.sort_unstable_by(|&a, &b| key(a).cmp(key(b)));
    let mut ranks = vec![0; files.len()];
    for (rank, file) in order.into_iter().enumerate() {
        ranks[file as usize] = rank as u32;
    }
    ranks
}

fn line_end(path: &[u8], count: u64) -> Vec<u8> {
    [path, b"\t", count.to_string().as_bytes(), b"\n"].concat()
}

/// Lines on their way into the hash, which likes to be fed in bulk.
#[derive(Default)]
struct Lines {
    hash: Sha256,
    buffer: Vec<u8>,
}

impl Lines {
    fn add(&mut self, term: &[u8], path: &[u8], count: u64) {
        if term.len() > 1 << 16 {
            self.flush();
            self.hash.update(term);
        } else {
            self.buffer.extend_from_slice(term);
        }
        self.buffer.push(b'\t');
        self.buffer.extend_from_slice(path);
        self.buffer.push(b'\t');
        if count < 10 {
            self.buffer.push(b'0' + count as u8);
        } else {
            write!(self.buffer, "{count}").expect("a Vec takes all");
        }
        self.buffer.push(b'\n');
        if self.buffer.len() > 1 << 16 {
            self.flush();
        }
    }

    fn flush(&mut self) {
        self.hash.update(&self.buffer);
        self.buffer.clear();
    }

    fn end(mut self) -> String {
        self.flush();
        self.hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
    }
}
