//! Executable specifications of the primitives, and hands that do to a primitive what the specification is told.
//!
//! A specification is plain state without wakers and locks: one operation after the other. It is *dual*: a wait happens
//! twice, when it joins and when it is served, and the line is part of the state. Who has been granted something and
//! never fetches it holds it. The rules are those of the documentation, not the code's: no batch, no quick half, no
//! block.
//!
//! All that check the crate against a specification use these: `lin`, for histories of several threads; `sweep`, for
//! all short strings of operations; and the tests of the contract, `props` and the fuzzer, for long walks, which
//! [`machines`] set up. Whoever takes them has `Bell` and `Random` in `crate::common`.

#![allow(dead_code, missing_docs, unreachable_pub, unused_imports)] // no binary uses all of it

pub mod barrier;
pub mod condvar;
pub mod credits;
pub mod gate;
mod handles;
pub mod latch;
pub mod machines;
pub mod mailbox;
pub mod monitor;
pub mod oneshot;
pub mod ports;
pub mod story;
pub mod subject;
pub mod walk;

use std::fmt::Debug;
use std::hash::Hash;

/// Who waits: the thread that began the wait, and which of its waits it is.
pub type Id = u8;

/// The waits of one thread have ids of their own.
pub const WAITS: u8 = 80;

/// What an operation answered, in words that all primitives share.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Answer {
    /// It waits in line, or still does.
    Pending,
    /// The first of its two moments is over, and it does not wait.
    Begun,
    /// Done, and there is nothing to tell.
    Ok,
    /// A message, or the data behind a lock.
    Value(u32),
    /// Several messages.
    Values(Vec<u32>),
    /// Not now: full, empty, taken. Or the call panicked, as it has to.
    Refused,
    /// Never: it is closed.
    Closed,
    /// A number of permits, messages or waiters; or whether it did something.
    Count(usize),
    /// Cancelled too late: the message is gone already.
    Late,
}

impl From<bool> for Answer {
    fn from(yes: bool) -> Self {
        Self::Count(usize::from(yes))
    }
}

/// What can be asked of a primitive.
pub trait Operation: Clone + Debug + Send {
    /// What happens in two steps, each in a moment of its own. What may wait within one call joins, and is served: such
    /// is a form that blocks, and a poll that joins another line. Others take two locks, one after the other.
    fn halves(&self) -> Option<(Self, Self)> {
        None
    }
}

/// A sequential specification.
pub trait Spec: Clone + Eq + Hash + Debug {
    /// What can be asked.
    type Op: Operation;

    /// Does one operation, and says what it has to answer.
    fn apply(&mut self, op: &Self::Op) -> Answer;

    /// Does one operation that was answered so, if it may be: where a specification leaves something free. `alone`: no
    /// other operation was under way.
    fn allows(&mut self, op: &Self::Op, answer: &Answer, _alone: bool) -> bool {
        self.apply(op) == *answer
    }

    /// Whether those who wait, when nobody is doing anything, may be woken or asleep as they are.
    fn is_at_rest(&self, waiting: &[(Id, bool)]) -> bool;

    /// Whether nobody else is woken: where one thread alone does everything, that may be more than to be at rest.
    fn wakes_nobody_else(&self, _: &[(Id, bool)]) -> bool {
        true
    }
}

/// Takes the one that is `wanted` out of `from`.
fn take<T>(from: &mut Vec<T>, wanted: impl FnMut(&T) -> bool) -> Option<T> {
    from.iter().position(wanted).map(|at| from.remove(at))
}
