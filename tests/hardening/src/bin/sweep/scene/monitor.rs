//! A monitor, and three who enter and wait: for two conditions, or for predicates.

use hardening::spec::Id;
use hardening::spec::monitor::{Grip, Hall, Op as Ask};

use super::lent::{Asks, Lent};
use crate::op::Op;
use crate::world::Scene;

/// Two conditions, A (0) and B (1).
pub fn conditions(name: &'static str, before: &'static [Op]) -> Box<dyn Scene> {
    Box::new(Lent::<Hall> {
        name,
        setup: false,
        cast: [|id| Ask::Enter { id }; 3],
        more: &[
            Op::Try,
            Op::Release,
            Op::Wait(0),
            Op::Wait(1),
            Op::Turn(0),
            Op::One(0),
            Op::One(1),
            Op::All(0),
            Op::Signal(0),
            Op::Signal(1),
        ],
        letters,
        alone: true,
        forgets: true,
        before,
    })
}

/// Two who want different bits, and one who only enters. Whoever is inside waits for the second bit, or for A.
///
/// None is forgotten, because a seat is memory. One that is never polled again is the same to the others.
pub fn predicates(name: &'static str, before: &'static [Op]) -> Box<dyn Scene> {
    let enter: fn(Id) -> Ask = |id| Ask::Enter { id };
    Box::new(Lent::<Hall> {
        name,
        setup: true,
        cast: [|id| Ask::EnterWhen { id, need: 1 }, |id| Ask::EnterWhen { id, need: 3 }, enter],
        more: &[
            Op::Try,
            Op::Release,
            Op::WaitFor(2),
            Op::Set(0),
            Op::Set(1),
            Op::Set(2),
            Op::Set(3),
            Op::Wait(0),
            Op::Signal(0),
        ],
        letters,
        alone: true,
        forgets: false,
        before,
    })
}

fn letters(op: Op, hand: &Grip<'_>, _: bool) -> Option<Asks<Ask>> {
    let now = match op {
        Op::Try => Ask::Try,
        _ if !hand.is_inside() => return None,
        Op::Wait(0) => return Some(Asks::Wait(|id| Ask::Wait { id, condition: 0 })),
        Op::Wait(_) => return Some(Asks::Wait(|id| Ask::Wait { id, condition: 1 })),
        Op::WaitFor(_) => return Some(Asks::Wait(|id| Ask::WaitFor { id, need: 2 })),
        Op::Turn(_) => Ask::Turn,
        Op::One(condition) => Ask::NotifyOne { condition },
        Op::All(condition) => Ask::NotifyAll { condition },
        Op::Signal(condition) => Ask::SignalAndLeave { condition },
        Op::Set(level) => Ask::Set { level: level as u32 },
        _ => return None,
    };
    Some(Asks::Now(now))
}
