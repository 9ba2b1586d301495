//! Who does something: a task or a thread.

use alloc::borrow::ToOwned;
use alloc::string::String;
use core::cmp::Ordering;
use core::fmt;
use core::hash::{Hash, Hasher};

use crate::record::{Record, THREAD, number};

/// A task, known by its waker, or a thread, known by its number and name.
///
/// Two are equal if their wakers wake the same task: in `join!` and `select!` the branches *are* the task. The children
/// of `FuturesUnordered` and the users of `Shared` have wakers of their own, and count as tasks. **The address of a
/// waker may be used again**, after its task has ended.
#[derive(Clone)]
pub struct Actor {
    word: u64,
    thread: Option<String>,
}

impl Actor {
    pub(super) fn of(record: &Record) -> Self {
        let word = record.actor();
        let thread = record.thread.as_ref().filter(|thread| number(thread) == word);
        Self { word, thread: thread.and_then(|thread| thread.name()).map(ToOwned::to_owned) }
    }

    /// Whether it is a thread: it waits in a blocking form, or called a `try_` form.
    #[must_use]
    pub fn is_thread(&self) -> bool {
        self.word & THREAD != 0
    }

    /// The name of the thread, if it is one and has one.
    #[must_use]
    pub fn thread_name(&self) -> Option<&str> {
        self.thread.as_deref()
    }
}

// The name is only shown: a record knows it of the thread that began the wait, and of no other.
impl PartialEq for Actor {
    fn eq(&self, other: &Self) -> bool {
        self.word == other.word
    }
}

impl Eq for Actor {}

impl Hash for Actor {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.word.hash(state);
    }
}

impl PartialOrd for Actor {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Actor {
    fn cmp(&self, other: &Self) -> Ordering {
        self.word.cmp(&other.word)
    }
}

impl fmt::Display for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let number = self.word & !THREAD;
        match (self.is_thread(), &self.thread) {
            (true, Some(name)) => write!(f, "thread {number} {name:?}"),
            (true, None) => write!(f, "thread {number}"),
            // Wakers without data differ in what their functions are.
            (false, _) if number & ADDRESS == 0 => write!(f, "task {number:#x}"),
            (false, _) => write!(f, "task {:#x}", number & ADDRESS),
        }
    }
}

impl fmt::Debug for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The address of a waker's data.
const ADDRESS: u64 = (1 << 48) - 1;
