//! What travels from stage to stage: a file, a piece of its text, and the piece counted.

use std::path::PathBuf;
use std::sync::Arc;

use crate::budget::Load;
use crate::text::Counted;

/// A file that was found.
pub struct Found {
    pub number: u32,
    pub path: PathBuf,
    /// The path relative to the root, as the digest has it.
    pub name: Vec<u8>,
}

/// What follows a piece in its file.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Then {
    More,
    End,
    /// Reading failed after some pieces were handed on: they must not count.
    Unreadable,
}

/// The text between two places of a file. Its bytes are in flight as long as it, or its tally, lives.
pub struct Piece {
    pub file: Arc<Found>,
    pub place: u64,
    pub then: Then,
    pub text: Vec<u8>,
    pub load: Load,
}

/// A piece after tokenising.
pub struct Tally {
    pub file: Arc<Found>,
    pub place: u64,
    pub then: Then,
    pub counted: Counted,
    pub load: Load,
}
