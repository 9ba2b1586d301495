//! What can be found wrong. A world that finds it unwinds with it.

use std::fmt::Debug;
use std::panic::resume_unwind;
use std::task::Poll;

use hardening::spec::Answer;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Something is nowhere any more.
    Lost,
    /// Something is there twice.
    Doubled,
    /// Somebody sleeps who could proceed.
    Asleep,
    /// An answer or a count that the model does not give, or a waker kept of somebody who is gone.
    Wrong,
}

#[derive(Debug)]
pub struct Fault {
    pub kind: Kind,
    pub text: String,
}

/// Ends the string. Without the panic hook: it says nothing of the string.
#[cold]
pub fn fail(kind: Kind, text: String) -> ! {
    resume_unwind(Box::new(Fault { kind, text }))
}

#[inline]
pub fn insist(holds: bool, kind: Kind, text: impl FnOnce() -> String) {
    if !holds {
        fail(kind, text());
    }
}

/// Fewer than the model has are lost, more are doubled.
#[inline]
pub fn balance(what: &str, real: usize, model: usize) {
    if real != model {
        let kind = if real < model { Kind::Lost } else { Kind::Doubled };
        fail(kind, format!("{what}: {real}, and by the model {model}"));
    }
}

/// A number that is asked for.
#[inline]
pub fn count(ask: &impl Debug, real: usize, due: Answer) {
    match due {
        Answer::Count(due) if due == real => {}
        Answer::Count(due) => balance(&format!("{ask:?}"), real, due),
        due => fail(Kind::Wrong, format!("{ask:?}: {real}, and by the specification {due:?}")),
    }
}

#[inline]
pub fn same<T: PartialEq + Debug>(what: &str, real: T, model: T) {
    if real != model {
        fail(Kind::Wrong, format!("{what}: {real:?}, and by the model {model:?}"));
    }
}

/// A poll answered what the model does not. Whoever waits in vain sleeps.
#[cold]
pub fn disagree<T: Debug>(answer: &Poll<T>, due: impl Debug) -> ! {
    let kind = if answer.is_pending() { Kind::Asleep } else { Kind::Wrong };
    fail(kind, format!("polled: {answer:?}, and by the model {due:?}"))
}
