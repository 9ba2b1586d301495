//! The file system: which files count, and how one is read in pieces.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use walkdir::{DirEntry, WalkDir};

use crate::budget::{Budget, Load};
use crate::piece::Then;

/// Says what is wrong with a root that cannot be walked.
pub fn check_root(root: &Path) -> Result<(), String> {
    let explain = |error: io::Error| format!("cannot open {}: {error}", root.display());
    if !root.metadata().map_err(explain)?.is_dir() {
        return Err(format!("{} is not a folder", root.display()));
    }
    root.read_dir().map_err(explain).map(drop)
}

/// All regular files below `root`, and what could not be looked at. Links are not followed; pipes,
/// sockets and devices are never opened.
pub fn walk(root: &Path) -> impl Iterator<Item = Result<(PathBuf, Vec<u8>), String>> {
    let wanted = |entry: &DirEntry| {
        let skipped = entry.file_name() == ".git" || entry.file_name() == "target";
        entry.depth() == 0 || !(skipped && entry.file_type().is_dir())
    };
    WalkDir::new(root).sort_by_file_name().into_iter().filter_entry(wanted).filter_map(move |entry| match entry {
        Ok(entry) if !entry.file_type().is_file() => None,
        Ok(entry) => {
            let name = relative(root, entry.path());
            Some(Ok((entry.into_path(), name)))
        }
        Err(error) => Some(Err(error.to_string())),
    })
}

/// The bytes of the path below the root, with slashes between its parts.
fn relative(root: &Path, path: &Path) -> Vec<u8> {
    let below = path.strip_prefix(root).expect("the walk stays below its root");
    let parts: Vec<&[u8]> = below.iter().map(|part| part.as_encoded_bytes()).collect();
    parts.join(&b'/')
}

/// A file being read.
pub struct Pieces {
    file: File,
    /// How much the file says is still to come. It may be wrong: files grow, and some of `/proc`
    /// say 0.
    expected: u64,
}

impl Pieces {
    pub fn open(path: &Path) -> io::Result<Self> {
        let file = File::open(path)?;
        let expected = file.metadata()?.len();
        Ok(Pieces { file, expected })
    }

    /// Waits for its share of the budget, *then* reads the next piece.
    pub fn next(&mut self, budget: &Arc<Budget>) -> io::Result<(Vec<u8>, Then, Load)> {
        // One byte more than the rest of the file shows its end in the same go.
        let rest = usize::try_from(self.expected).map_or(usize::MAX, |rest| rest.saturating_add(1));
        let size = if self.expected == 0 { budget.piece() } else { rest.min(budget.piece()) };
        let reserved = budget.reserve(size);
        let mut text = Vec::with_capacity(size);
        match (&self.file).take(size as u64).read_to_end(&mut text) {
            Ok(read) => {
                self.expected = self.expected.saturating_sub(read as u64);
                let then = if read < size { Then::End } else { Then::More };
                Ok((text, then, reserved.read(read)))
            }
            Err(error) => Err(error),
        }
    }
}
