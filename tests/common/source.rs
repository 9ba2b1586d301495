//! The files of the package, as text, for the tests that read them.

use std::fs;
use std::path::{Path, PathBuf};

use crate::rank;

pub(crate) struct File {
    /// Relative to the root of the package.
    pub(crate) path: PathBuf,
    pub(crate) lines: Vec<String>,
}

impl File {
    pub(crate) fn name(&self) -> String {
        self.path.display().to_string()
    }

    /// `src/wait/node.rs` is in `wait`; `src/lib.rs` is in no layer.
    pub(crate) fn layer(&self) -> Option<&str> {
        let mut parts = self.path.iter().skip(1).map(|part| part.to_str().unwrap());
        let first = parts.next()?;
        Some(first.strip_suffix(".rs").unwrap_or(first)).filter(|name| rank(name).is_some())
    }

    /// Line numbers and what they hold beside comments.
    pub(crate) fn code(&self) -> impl Iterator<Item = (usize, &str)> {
        self.lines.iter().enumerate().map(|(i, line)| (i + 1, code_of(line)))
    }
}

/// A line without its comment. A `//` in a string ends it, too, which these rules can bear.
pub(crate) fn code_of(line: &str) -> &str {
    line.split("//").next().unwrap()
}

pub(crate) fn files_under(folder: &str) -> Vec<File> {
    fn walk(at: &Path, root: &Path, files: &mut Vec<File>) {
        let mut entries: Vec<_> = fs::read_dir(at).unwrap().map(|e| e.unwrap().path()).collect();
        entries.sort();
        for path in entries {
            // The hardening tools are a workspace of their own, with rules of their own.
            if path.is_dir() && path.ends_with("hardening") {
                continue;
            }
            if path.is_dir() {
                walk(&path, root, files);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let lines = fs::read_to_string(&path).unwrap().lines().map(str::to_owned).collect();
                files.push(File { path: path.strip_prefix(root).unwrap().to_owned(), lines });
            }
        }
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    walk(&root.join(folder), root, &mut files);
    assert!(!files.is_empty());
    files
}

/// Identifiers, keywords and numbers of a line, in order.
pub(crate) fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric() && c != '_').filter(|word| !word.is_empty())
}

/// Whether `text` has a tag like (W1) or (G12).
pub(crate) fn has_tag(text: &str) -> bool {
    text.split('(').skip(1).any(|rest| {
        let tag = rest.split(')').next().unwrap();
        let digits = tag.trim_start_matches(|c: char| c.is_ascii_uppercase());
        tag.len() == digits.len() + 1 && !digits.is_empty() && digits.chars().all(|c| c.is_ascii_digit())
    })
}

/// The comment lines and attributes right above line `i` (counted from 0), joined.
pub(crate) fn comment_above(lines: &[String], i: usize) -> String {
    let above = lines[..i].iter().rev().map(|line| line.trim());
    let mut comment: Vec<_> = above.take_while(|line| line.starts_with("//") || line.starts_with("#[")).collect();
    comment.reverse();
    comment.join(" ")
}
