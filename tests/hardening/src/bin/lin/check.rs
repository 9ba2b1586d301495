//! The checker: is there an order of the operations that the specification agrees with, and that respects who had
//! returned before whom was called? (Wing and Gong, with memory of the states that led nowhere.)
//!
//! The specifications are *dual* (Scherer and Scott): a wait happens twice, when it joins and when it is served. What
//! may wait within one call ([`Operation::halves`]), or takes two locks one after the other, is one call with both
//! moments in it.

use std::collections::HashSet;

use hardening::spec::{Answer, Operation, Spec};

use crate::history::{Event, History};
use crate::pool::THREADS;

/// How far the explanation of a history came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Progress {
    next: [u8; THREADS],
    /// The first moment of the next operation is over: where it may wait within the call, it has joined.
    joined: [bool; THREADS],
}

/// What could not be explained.
#[derive(Debug)]
pub struct Violation {
    /// The most operations that some order explains.
    pub explained: usize,
    /// What the specification would have been like after them.
    pub state: String,
}

struct Search<'h, S: Spec> {
    history: &'h History<S::Op>,
    /// Which operations no other overlaps.
    alone: [Vec<bool>; THREADS],
    hopeless: HashSet<(Progress, S)>,
    furthest: (usize, Option<S>),
}

/// Looks for an order that explains the history.
pub fn check<S: Spec>(initial: S, history: &History<S::Op>) -> Result<(), Violation> {
    let alone = std::array::from_fn(|t| history.threads[t].iter().map(|event| history.is_alone(t, event)).collect());
    let mut search = Search { history, alone, hopeless: HashSet::new(), furthest: (0, None) };
    let start = Progress { next: [0; THREADS], joined: [false; THREADS] };
    if search.explains(start, initial) {
        return Ok(());
    }
    let (explained, state) = search.furthest;
    Err(Violation { explained, state: format!("{state:?}") })
}

impl<'h, S: Spec> Search<'h, S> {
    fn next(&self, progress: Progress, thread: usize) -> Option<&'h Event<S::Op>> {
        self.history.threads[thread].get(usize::from(progress.next[thread]))
    }

    fn explains(&mut self, progress: Progress, state: S) -> bool {
        let deadline = (0..THREADS).filter_map(|t| self.next(progress, t)).map(|event| event.returned).min();
        let Some(deadline) = deadline else {
            self.note(progress, &state);
            return self.ends_well(state);
        };
        if !self.hopeless.insert((progress, state.clone())) {
            return false;
        }
        self.note(progress, &state);
        (0..THREADS).any(|t| self.steps(t, progress, &state, deadline))
    }

    fn note(&mut self, progress: Progress, state: &S) {
        let explained = progress.next.iter().map(|&n| usize::from(n)).sum();
        if self.furthest.1.is_none() || explained > self.furthest.0 {
            self.furthest = (explained, Some(state.clone()));
        }
    }

    /// Lets `thread` be the next one.
    fn steps(&mut self, thread: usize, progress: Progress, state: &S, deadline: u64) -> bool {
        let at = usize::from(progress.next[thread]);
        let Some(event) = self.next(progress, thread) else { return false };
        if event.called > deadline {
            return false;
        }
        let (halves, expected) = (event.op.halves(), &event.answer);
        let alone = self.alone[thread][at];
        let op = match &halves {
            None => &event.op,
            Some((_, second)) if progress.joined[thread] => second,
            Some((first, _)) => first,
        };
        let mut after = state.clone();
        if after.allows(op, expected, alone) {
            let mut onward = progress;
            onward.next[thread] += 1;
            onward.joined[thread] = false;
            if self.explains(onward, after) {
                return true;
            }
        }
        // Or only its first moment comes now.
        if halves.is_none() || progress.joined[thread] {
            return false;
        }
        let mut onward = progress;
        onward.joined[thread] = true;
        [Answer::Pending, Answer::Begun].iter().any(|first| {
            let mut after = state.clone();
            after.allows(op, first, alone) && self.explains(onward, after)
        })
    }

    fn ends_well(&self, mut state: S) -> bool {
        self.history.rest.iter().all(|(op, answer)| state.allows(op, answer, true))
            && state.is_at_rest(&self.history.waiting)
    }
}
