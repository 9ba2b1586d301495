//! What each lock carries: which primitive it is.

use alloc::string::String;
use alloc::sync::Arc;
use core::fmt;
use std::sync::OnceLock;

use super::entry::Entry;
use super::kind::Kind;
use super::origin::{Origin, Place};

/// The identity of a primitive. It can be made at compile time, and moves. Its entry is made when it is first used.
pub struct Tag {
    entry: OnceLock<Arc<Entry>>,
    kind: Kind,
    made: Place,
}

/// A reference to a tag.
#[derive(Clone, Copy)]
pub(crate) struct TagRef<'a>(&'a Tag);

impl<'a> TagRef<'a> {
    pub(crate) fn new(tag: &'a Tag) -> Self {
        Self(tag)
    }

    pub(crate) fn get(self) -> &'a Tag {
        self.0
    }
}

impl fmt::Debug for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Tag").field(&self.kind).finish()
    }
}

impl Tag {
    #[track_caller]
    pub(crate) const fn new(kind: Kind) -> Self {
        Self { entry: OnceLock::new(), kind, made: Place::here() }
    }

    #[inline]
    pub(crate) fn entry(&self) -> &Arc<Entry> {
        self.entry.get_or_init(|| Entry::new(self.kind, self.made))
    }

    pub(crate) fn set_name(&self, name: String) {
        self.entry().set_name(name);
    }

    /// Ends it.
    pub(crate) fn forget(&mut self) {
        if let Some(entry) = self.entry.take() {
            entry.end();
        }
    }

    /// Notes that its parts travel with the messages of a mailbox.
    pub(crate) fn carry(&self, mailbox: &Self) {
        self.entry().set_carrier(mailbox.entry());
    }

    /// Notes that a message was received.
    pub(crate) fn receive(&self, origin: Origin<'_>) {
        if let Some(place) = origin.place.0 {
            self.entry().set_received(origin, place);
        }
    }
}

impl Drop for Tag {
    fn drop(&mut self) {
        self.forget();
    }
}
