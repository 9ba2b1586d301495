//! A walk: operations that a string of bytes chooses, done to a primitive and to its specification.

use std::panic::{AssertUnwindSafe, catch_unwind};

use super::Spec;
use super::subject::{Hand, Mix, Subject};

/// The most operations of a walk; each wait needs an id.
pub const LONGEST: usize = 60;

/// Choices out of bytes; it ends with them.
pub struct Bytes<'a>(std::slice::Iter<'a, u8>);

impl<'a> Bytes<'a> {
    pub fn new(bytes: &'a [u8]) -> Self {
        Self(bytes.iter())
    }

    /// A number below `limit`, which is at most 256; 0 when there are no bytes any more.
    pub fn below(&mut self, limit: usize) -> usize {
        usize::from(self.0.next().copied().unwrap_or(0)) % limit
    }

    pub fn is_over(&self) -> bool {
        self.0.len() == 0
    }
}

/// Walks, and answers how many operations that were.
///
/// # Errors
/// What was done up to the first difference, and the difference.
pub fn walk<S: Subject>(setup: S::Setup, bytes: &mut Bytes<'_>) -> Result<usize, String> {
    let (subject, mut spec) = (S::new(setup), S::spec(setup));
    let mut hand = subject.hand(setup, 0);
    let mut log = Vec::new();
    while !bytes.is_over() && log.len() < LONGEST {
        let op = hand.choose(&mut |limit| bytes.below(limit), Mix::WALK);
        log.push(op.clone());
        let result = catch_unwind(AssertUnwindSafe(|| compare::<S>(&mut hand, &mut spec, &op)));
        let difference = match result {
            Ok(compared) => compared.err(),
            Err(_) => Some("it panicked, or the specification did".to_owned()),
        };
        if let Some(difference) = difference {
            // What is left may be half-changed; to take it apart could only hide what was found.
            std::mem::forget(hand);
            std::mem::forget(subject);
            let log: String = log.iter().map(|op| format!("  {op:?}\n")).collect();
            return Err(format!("{setup:?}\n{log}  {difference}\n  {spec:?}\n"));
        }
    }
    Ok(log.len())
}

fn compare<'a, S: Subject + 'a>(hand: &mut S::Hand<'a>, spec: &mut S::Spec, op: &S::Op) -> Result<(), String> {
    differ(hand.perform(op), spec.apply(op))?;
    for look in S::looks() {
        differ(hand.perform(&look), spec.apply(&look)).map_err(|difference| format!("{look:?}: {difference}"))?;
    }
    let waiting = hand.waiting();
    if spec.is_at_rest(&waiting) { Ok(()) } else { Err(format!("of those who wait other ones are woken: {waiting:?}")) }
}

fn differ(got: super::Answer, expected: super::Answer) -> Result<(), String> {
    if got == expected { Ok(()) } else { Err(format!("answered {got:?}, expected {expected:?}")) }
}
