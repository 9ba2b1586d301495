//! The letters of which operation strings are made.

use std::fmt;

/// One operation. Where it has a number, that is the waiter's: 0, 1 or 2.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Op {
    /// Polls the waiter for the task that polled it last; one that is not there is made first.
    Poll(usize),
    /// Polls it for its other task.
    Swap(usize),
    Drop(usize),
    Forget(usize),
    /// Its deadline comes, and it is polled.
    Late(usize),
    /// Cancels a send, and gets the message back.
    Cancel(usize),

    /// `try_acquire`, `try_lock`, `try_enter`.
    Try,
    /// `try_acquire_many(2)`.
    TryTwo,
    /// Drops the oldest permit, or the guard.
    Release,
    /// `add_permits(1)`, `reduce_permits(1)`, `forget_permits(1)`.
    Add,
    Reduce,
    Lose,
    Close,

    /// Whoever is inside waits for a condition, A (0) or B (1).
    Wait(usize),
    /// The same, but the wait is dropped before its first poll.
    Turn(usize),
    One(usize),
    /// `notify_many(2)`.
    Two,
    All(usize),
    Signal(usize),
    /// Whoever is inside waits for a predicate, or changes what predicates are about.
    WaitFor(usize),
    Set(usize),

    Send,
    Recv,
    Force,
    /// The oldest send permit is used, or dropped.
    Use,
    Waste,
    /// The last handle of an end is dropped.
    HangUp,

    /// To a port: a message is sent there, asked for, the port is closed, opened, its last sender is dropped.
    To(usize),
    Ask(usize),
    End(usize),
    Open(usize),
    Quit(usize),

    /// A handle is used for something else than to be polled; a sender of one value is watched by a future.
    Other(usize),
    /// `start_send`, `poll_flush`, `poll_close` of a sink; to poll it is `poll_ready`.
    Start(usize),
    Flush(usize),
    Finish(usize),
}

impl fmt::Display for Op {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = format!("{self:?}").to_lowercase();
        f.write_str(&word.replace(['(', ')'], ""))
    }
}

/// For each of the waiters one.
pub fn each(makes: &[fn(usize) -> Op]) -> impl Iterator<Item = Op> {
    makes.iter().flat_map(|make| (0..3).map(make))
}
