//! What a lock knows of its primitive: which one it is, and the counts under it, which are copied at each unlock, so
//! that a reader needs no lock.

use super::counts::Counts;
use super::kind::Kind;
use super::tag::Tag;

/// The state of a primitive.
pub(crate) trait Shown {
    fn counts(&self) -> Counts {
        Counts::default()
    }
}

/// The identity of a lock. That of a part shows nothing.
pub(crate) struct Identity<S> {
    tag: Tag,
    counts: Option<fn(&S) -> Counts>,
}

impl<S> Identity<S> {
    #[track_caller]
    pub(crate) const fn part() -> Self {
        Self { tag: Tag::new(Kind::Part), counts: None }
    }

    #[track_caller]
    pub(crate) const fn of(kind: Kind) -> Self
    where
        S: Shown,
    {
        Self { tag: Tag::new(kind), counts: Some(S::counts) }
    }

    pub(crate) fn tag(&self) -> &Tag {
        &self.tag
    }

    /// Before the lock is taken: makes the entry, which allocates.
    #[inline]
    pub(crate) fn prepare(&self) {
        if self.counts.is_some() {
            self.tag.entry();
        }
    }

    /// Before the lock is given back: copies the counts.
    #[inline]
    pub(crate) fn reflect(&self, state: &S) {
        if let Some(counts) = self.counts {
            self.tag.entry().set_counts(counts(state));
        }
    }
}
