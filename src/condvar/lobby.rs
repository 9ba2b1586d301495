//! The plain state of a condition variable: who waits, and how many of them have been notified.
//!
//! ```text
//!   carrier   notified   notified │ waiting   waiting
//!   ╰───────── notified ──────────╯
//! ```
//!
//! The first of those who were notified is woken and **carries** the others to the mutex's line when it is polled: it
//! has a handle on the mutex. To notify is therefore no more than to count.
//!
//! - (V1) All who are in line wait with the one mutex whose address is noted, so that the carrier's mutex is theirs – as
//!   long as it is in line itself. Once it has left, and has let go of the lock, others may be here with another mutex: it
//!   looks at the address again. (A future that was forgotten stays here for good. Should its mutex be gone and another one
//!   have its address, it is carried there: nobody is left who could look for it anywhere else.)
//! - (V2) The first `notified` of the line have been notified, and will go to the mutex's line in this order.
//! - (V3) Somebody is notified ⇒ the first in line was told to carry, or somebody is about it. Nobody else in line lacks its
//!   waker.
//!
//! *Tempting, and wrong*: to note a pointer to the mutex, so that whoever notifies moves the waiters at once. A future is
//! safely forgotten and its borrow of the mutex over; the pointer would stay.

use crate::mutex::{Enter, Exclusion, Turn};
use crate::wait::{Ask, Effects, Line, Link, List, Mark, Quick, Stage, State, TURN, Wake};

/// What lies under a condition variable's lock.
pub(crate) struct Lobby {
    line: List<Mark>,
    notified: usize,
    /// The address of the mutex with which those in line wait; never followed.
    mutex: usize,
}

impl Lobby {
    pub(super) const fn new() -> Self {
        Self { line: List::new(), notified: 0, mutex: 0 }
    }

    /// How many wait and have not been notified.
    pub(super) fn waiting(&self) -> usize {
        self.line.len() - self.notified
    }

    /// How many were notified and have not gone to the mutex's line yet.
    pub(super) fn notified(&self) -> usize {
        self.notified
    }

    /// Whether one may wait here with this mutex.
    pub(super) fn admits(&self, mutex: &Exclusion) -> bool {
        self.line.is_empty() || self.mutex == address(mutex)
    }

    pub(super) fn join(&mut self, mutex: &Exclusion, node: Link<Mark>) {
        self.mutex = address(mutex);
        self.line.push_back(node);
    }

    /// Notifies up to `most` of those who wait, and tells the first to carry, unless somebody does already. Answers how many.
    pub(super) fn notify(&mut self, most: usize, tell: &mut Option<Wake>) -> usize {
        let fresh = most.min(self.waiting());
        if self.notified == 0 && fresh > 0 {
            self.tell(tell);
        }
        self.notified += fresh;
        fresh
    }

    /// A waiter gives up. If it was notified, the next who waits takes its place: the bounds of (V2) stay where they are.
    pub(super) fn leave(&mut self, node: Link<Mark>, tell: &mut Option<Wake>) {
        let carries = self.line.contents(node).1.is_none();
        self.line.withdraw(node);
        self.notified = self.notified.min(self.line.len());
        if carries && self.notified > 0 {
            self.tell(tell);
        }
    }

    /// The carrier has come: it takes the mutex, or goes to its line, as a newcomer, and the others follow.
    pub(super) fn lead(&mut self, door: &mut Turn<Line<Mark>>) {
        let entered = Enter::<Exclusion>::new().quick(&mut { Mark::NONE }, door, &mut None);
        if let Quick::Done(()) = entered {
            self.notified -= 1;
            door.give(true);
            self.line.end_front(Stage::Granted, &mut None);
        }
        self.carry(door);
    }

    /// Goes on carrying, unless all have left and others came, with another mutex (V1).
    pub(super) fn carry_on(&mut self, mutex: &Exclusion, door: &mut Turn<Line<Mark>>) -> bool {
        self.admits(mutex) && self.carry(door)
    }

    /// Passes on what was given to somebody who waited with this mutex.
    pub(super) fn pass_on(&mut self, mutex: &Exclusion, tell: &mut Option<Wake>) {
        if self.admits(mutex) {
            self.notify(1, tell);
        }
    }

    /// Moves up to a turn of those who were notified to the mutex's line: not woken, only moved. Answers whether there may
    /// be more.
    ///
    /// The mutex is never free meanwhile: the carrier has it, or waits for it.
    fn carry(&mut self, door: &mut Turn<Line<Mark>>) -> bool {
        for _ in 0..TURN {
            let Some(rest) = self.notified.checked_sub(1) else { return false };
            let Some(node) = self.line.pop_front() else { return false };
            self.notified = rest;
            door.line.enqueue(node);
            node.relocate();
        }
        self.notified > 0
    }

    fn tell(&mut self, tell: &mut Option<Wake>) {
        if let Some(first) = self.line.first() {
            Wake::hand_over(self.line.contents(first).1, tell);
        }
    }
}

fn address(mutex: &Exclusion) -> usize {
    core::ptr::from_ref(mutex).addr()
}

impl State for Lobby {
    type Litter = ();

    // Whoever was notified is carried, so there is never a rest.
    fn settle(&mut self, _: &mut Effects<()>) {}
}
