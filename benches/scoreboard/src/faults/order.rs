//! The probes of semaphores and mutexes: G, H, P and Q.

use std::panic::{AssertUnwindSafe, catch_unwind};

use super::task::Task;
use super::{Answer, Case, pass_if};
use crate::kinds::{Gate, Growing, Order, Weighted};
use crate::peers::{MeetGates, MeetGrowing, MeetWeighted};
use crate::poll::{at_once, poll};

/// Asks G.
pub struct Heads;

impl MeetWeighted for Heads {
    type Made = Case;

    fn meet<G: Weighted>(&self) -> Case {
        Case::new('G', G::NAME, G::WHAT, cancel_the_head::<G>)
    }
}

/// The head of the line wants two permits of one and leaves: the next one wants one, and must be woken.
fn cancel_the_head<G: Weighted>() -> Answer {
    let gate = G::new(1);
    let mut head = Task::new(gate.enter_many(2)).wait()?;
    let mut next = Task::new(gate.enter_many(1));
    // Where newcomers may pass it need not wait at all.
    if next.poll() {
        return Ok(None);
    }
    head.leave();
    pass_if(next.run(), "leaves the next one asleep")
}

/// Asks H.
pub struct Limits;

impl MeetGrowing for Limits {
    type Made = Case;

    fn meet<G: Growing>(&self) -> Case {
        Case::new('H', G::NAME, G::WHAT, overflow::<G>)
    }
}

/// All permits there can be are added to two. Either there are more than two afterwards, or a panic and still two.
fn overflow<G: Growing>() -> Answer {
    let gate = G::new(2);
    let added = catch_unwind(AssertUnwindSafe(|| gate.add(usize::MAX)));
    let mut guards = Vec::new();
    while guards.len() < 3
        && let Some(guard) = gate.try_enter()
    {
        guards.push(guard);
    }
    match (added, guards.len()) {
        (Ok(()), 3) | (Err(_), 2) => Ok(None),
        (Ok(()), now) => Err(format!("wraps without a word: there were 2 permits, now there are {now}")),
        (Err(_), now) => Err(format!("panics, and of 2 permits there are now {now}")),
    }
}

/// Asks P and Q. They exclude each other: a gate that keeps an order has its price, one that lets newcomers pass, too.
pub struct Turns;

impl MeetGates for Turns {
    type Made = [Case; 2];

    fn order(&self) -> Option<Order> {
        None
    }
    fn meet<G: Gate>(&self) -> [Case; 2] {
        let (steal, futurelock) =
            (Case::new('P', G::NAME, G::WHAT, steal::<G>), Case::new('Q', G::NAME, G::WHAT, futurelock::<G>));
        match G::ORDER {
            Order::Fifo => [steal, futurelock.price_of_the_design()],
            Order::Barging => [steal.price_of_the_design(), futurelock],
        }
    }
}

/// P: somebody waits and has been let in, but did not have the time to look. An outsider tries to enter.
fn steal<G: Gate>() -> Answer {
    let gate = G::new(1);
    let inside = at_once(gate.enter());
    let mut waiter = Task::new(gate.enter()).wait()?;
    drop(inside);
    pass_if(gate.try_enter().is_none(), "lets an outsider in before the waiter")?;
    pass_if(waiter.run(), "does not let the waiter in")
}

/// Q: two wait, and the first one is neither polled again nor dropped. The second one asks again after the gate is
/// free.
fn futurelock<G: Gate>() -> Answer {
    let gate = G::new(1);
    let inside = at_once(gate.enter());
    let abandoned = Task::new(gate.enter()).wait()?;
    let mut second = Box::pin(gate.enter());
    pass_if(poll(second.as_mut()).is_none(), "does not wait when there is nothing")?;
    drop(inside);
    let enters = poll(second.as_mut()).is_some();
    drop(second);
    drop(abandoned);
    pass_if(enters, "keeps the second one out for ever")
}
