//! A walk: operations that a string of bytes chooses, done to a primitive and to its specification.

use std::panic::{AssertUnwindSafe, catch_unwind};

use super::subject::{Hand, Mix, Subject};
use super::{Answer, Spec};
use crate::common::Random;

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

/// The bytes of a walk: an operation takes a few.
pub fn random_bytes(machine: u64, seed: u64) -> Vec<u8> {
    let mut random = Random::new((machine << 48) ^ seed);
    let length = 1 + random.below(LONGEST * 4);
    (0..length).map(|_| random.next_u64() as u8).collect()
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

/// Does an operation to both; answers what they answered.
///
/// # Errors
/// The difference.
pub fn compare<'a, S: Subject + 'a>(hand: &mut S::Hand<'a>, spec: &mut S::Spec, op: &S::Op) -> Result<Answer, String> {
    let answer = agreed::<S>(hand, spec, op)?;
    for look in S::looks() {
        agreed::<S>(hand, spec, &look).map_err(|difference| format!("{look:?}: {difference}"))?;
    }
    let waiting = hand.waiting();
    if spec.is_at_rest(&waiting) && spec.wakes_nobody_else(&waiting) {
        Ok(answer)
    } else {
        Err(format!("of those who wait other ones are woken: {waiting:?}"))
    }
}

fn agreed<'a, S: Subject + 'a>(hand: &mut S::Hand<'a>, spec: &mut S::Spec, op: &S::Op) -> Result<Answer, String> {
    let (got, expected) = (hand.perform(op), spec.apply(op));
    if got == expected { Ok(got) } else { Err(format!("answered {got:?}, expected {expected:?}")) }
}
