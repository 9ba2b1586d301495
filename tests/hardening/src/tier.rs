//! How much of a tool is run.

use std::env;

/// The first argument of every tool.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tier {
    /// At every submission: a minute or so.
    Short,
    /// Before a release: as much as an hour allows.
    Long,
}

impl Tier {
    /// `short` or `long`; without an argument the short one.
    ///
    /// # Panics
    /// If the argument is something else.
    pub fn from_args() -> Self {
        match env::args().nth(1).as_deref() {
            None | Some("short") => Self::Short,
            Some("long") => Self::Long,
            Some(other) => panic!("{other:?} is no tier: short or long"),
        }
    }

    /// One figure for each tier.
    pub fn pick<T>(self, short: T, long: T) -> T {
        match self {
            Self::Short => short,
            Self::Long => long,
        }
    }
}
