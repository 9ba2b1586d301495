//! The mirror of a state: its counts, copied at each unlock, so that a reader needs no lock.

use super::counts::Counts;
use super::tag::Tag;

/// The state of a primitive.
pub(crate) trait Shown {
    fn counts(&self) -> Counts {
        Counts::default()
    }
}

/// How a lock shows what lies under it, if it is that of a primitive.
pub(crate) struct Mirror<S>(Option<fn(&S) -> Counts>);

impl<S> Mirror<S> {
    pub(crate) const fn none() -> Self {
        Self(None)
    }

    pub(crate) const fn of_state() -> Self
    where
        S: Shown,
    {
        Self(Some(S::counts))
    }

    /// Before the lock is taken: makes the entry, which allocates.
    #[inline]
    pub(crate) fn prepare(&self, tag: &Tag) {
        if self.0.is_some() {
            tag.entry();
        }
    }

    /// Before the lock is given back: copies the counts.
    #[inline]
    pub(crate) fn reflect(&self, tag: &Tag, state: &S) {
        if let Some(counts) = self.0 {
            tag.entry().set_counts(counts(state));
        }
    }
}
