//! What was seen: who asked what, when, and what was answered.

use std::fmt::{self, Debug};

use hardening::spec::{Answer, Id};

use crate::pool::THREADS;

/// One operation, from its call to its return.
#[derive(Clone, Debug)]
pub struct Event<O> {
    pub called: u64,
    pub returned: u64,
    pub op: O,
    pub answer: Answer,
}

/// One run of a scenario.
#[derive(Clone, Debug)]
pub struct History<O> {
    /// What each thread did, in its order.
    pub threads: [Vec<Event<O>>; THREADS],
    /// Who waits at the end, and whether it was woken since it was polled last.
    pub waiting: Vec<(Id, bool)>,
    /// What was seen when everybody was done.
    pub rest: Vec<(O, Answer)>,
}

impl<O> History<O> {
    pub fn tells_nothing_at_rest(&self) -> bool {
        self.waiting.is_empty() && self.rest.is_empty()
    }

    /// Whether no other thread was in the middle of something during this.
    pub fn is_alone(&self, thread: usize, event: &Event<O>) -> bool {
        let others = (0..THREADS).filter(|&t| t != thread).flat_map(|t| &self.threads[t]);
        !others.into_iter().any(|other| other.called < event.returned && event.called < other.returned)
    }

    /// Whether operations of two threads overlapped.
    pub fn overlaps(&self) -> bool {
        let of = |t: usize| self.threads[t].iter();
        (0..THREADS).any(|a| {
            (a + 1..THREADS).any(|b| of(a).any(|x| of(b).any(|y| x.called < y.returned && y.called < x.returned)))
        })
    }
}

impl<O: Debug> fmt::Display for History<O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut all: Vec<_> =
            self.threads.iter().enumerate().flat_map(|(t, log)| log.iter().map(move |event| (t, event))).collect();
        all.sort_by_key(|(_, event)| event.called);
        for (thread, Event { called, returned, op, answer }) in all {
            writeln!(f, "  thread {thread}  {called:>4} ..{returned:>4}  {op:?} -> {answer:?}")?;
        }
        for (op, answer) in &self.rest {
            writeln!(f, "  at rest   {op:?} -> {answer:?}")?;
        }
        for (id, woken) in &self.waiting {
            writeln!(f, "  at rest   {id} waits, {}", if *woken { "woken" } else { "asleep" })?;
        }
        Ok(())
    }
}
