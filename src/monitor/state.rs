//! The plain state of a monitor: whose turn it is, who waits at the door, and who waits for which condition.
//!
//! - (M1) A waiter is in the line of its condition until it is given something – a notification or a signal – or its time
//!   is up, and then in the entry line, or inside.
//! - (M2) A notification is for those who waited when it was given: it is passed on only to tickets up to that moment.

use super::conditions::Lines;
use crate::mutex::{Ended, Entrance, Turn};
use crate::wait::{Effects, List, Stage, State, TURN};

/// What lies under a monitor's lock.
pub(crate) struct Inside<L> {
    turn: Turn<List<Stay>>,
    lines: L,
    joined: u64,
}

/// What a waiter keeps in its node: nothing at the door, more inside. Two words, which a fresh future takes through
/// registers.
#[derive(Clone, Copy, Default)]
pub(crate) struct Stay {
    /// When it began to wait, counted in waits.
    ticket: u64,
    given: Gift,
}

/// What ended a wait for a condition, and when it was given: [`Given`] in one word.
#[derive(Clone, Copy, Default)]
struct Gift(u64);

#[derive(Clone, Copy)]
enum Given {
    Notification {
        at: u64,
    },
    Signal {
        at: u64,
    },
    /// Nothing: its time was up. There is nothing to pass on either.
    Time,
}

impl Gift {
    const TIME: Self = Self(3);

    fn notification(at: u64) -> Self {
        Self((at << 2) | 1)
    }

    fn signal(at: u64) -> Self {
        Self((at << 2) | 2)
    }

    fn open(self) -> Option<Given> {
        let at = self.0 >> 2;
        match self.0 & 3 {
            1 => Some(Given::Notification { at }),
            2 => Some(Given::Signal { at }),
            3 => Some(Given::Time),
            _ => None,
        }
    }
}

impl Stay {
    /// Its time is up. Answers whether that ends its wait for the condition; it does not, if something else did.
    pub(super) fn expire(&mut self) -> bool {
        let waits = self.given.open().is_none();
        if waits {
            self.given = Gift::TIME;
        }
        waits
    }

    pub(super) fn ended(&self) -> Ended {
        match self.given.open() {
            Some(Given::Time) => Ended::Elapsed,
            _ => Ended::Notified,
        }
    }
}

impl<L: Lines> Inside<L> {
    pub(super) const fn new() -> Self {
        Self { turn: Turn::new(List::new()), lines: L::EMPTY, joined: 0 }
    }

    pub(super) fn is_occupied(&self) -> bool {
        self.turn.is_taken()
    }

    pub(super) fn is_given(&self, redeemed: u8) -> bool {
        self.turn.is_given(redeemed)
    }

    pub(super) fn entering(&self) -> usize {
        self.turn.line.len()
    }

    pub(super) fn line(&mut self, condition: usize) -> &mut List<Stay> {
        &mut self.lines.line(condition).0
    }

    /// A new wait for a condition; its node goes into [`line`](Self::line).
    pub(super) fn stay(&mut self) -> Stay {
        self.joined += 1;
        Stay { ticket: self.joined, given: Gift::default() }
    }

    /// Moves up to a turn of those who wait to the entry line: not woken, only moved. Answers how many.
    pub(super) fn notify(&mut self, condition: usize, most: usize) -> usize {
        let at = self.joined;
        (0..most.min(TURN)).take_while(|_| self.notify_first(condition, at)).count()
    }

    /// Leaves, and lets in the condition's first waiter, ahead of the entry line. Answers whether there was one.
    pub(super) fn signal_and_leave(&mut self, condition: usize, effects: &mut Effects<()>) -> bool {
        self.signal_first(condition, self.joined, effects)
    }

    fn notify_first(&mut self, condition: usize, at: u64) -> bool {
        let line = &mut self.lines.line(condition).0;
        match line.front() {
            Some(first) if first.ticket <= at => first.given = Gift::notification(at),
            _ => return false,
        }
        self.turn.line.extend(line.pop_front());
        true
    }

    fn signal_first(&mut self, condition: usize, at: u64, effects: &mut Effects<()>) -> bool {
        let line = &mut self.lines.line(condition).0;
        match line.front() {
            Some(first) if first.ticket <= at => first.given = Gift::signal(at),
            _ => {
                self.turn.release(effects);
                return false;
            }
        }
        self.turn.give(true);
        effects.wakes.end_front(line, Stage::Granted);
        true
    }

    /// A waiter gives up while it is linked; answers the line it is in.
    ///
    /// A notification that it was given goes to the longest waiter who was there at the time; there is none: it is lost.
    pub(super) fn give_up(&mut self, condition: usize, stay: Stay) -> Seat {
        match stay.given.open() {
            Some(Given::Notification { at }) => {
                self.notify_first(condition, at);
                Seat::Door
            }
            Some(Given::Time) => Seat::Door,
            // One who was signalled is inside already.
            None | Some(Given::Signal { .. }) => Seat::Condition,
        }
    }

    /// A waiter gives up when it is inside already.
    pub(super) fn hand_on(&mut self, condition: usize, stay: Stay, effects: &mut Effects<()>) {
        self.turn.give(false);
        match stay.given.open() {
            Some(Given::Signal { at }) => {
                self.signal_first(condition, at, effects);
            }
            Some(Given::Notification { at }) => {
                self.notify_first(condition, at);
                self.turn.release(effects);
            }
            None | Some(Given::Time) => self.turn.release(effects),
        }
    }
}

/// Where a waiting node is linked.
pub(super) enum Seat {
    Door,
    Condition,
}

impl<L: Lines> State for Inside<L> {
    type Litter = ();

    // Every leave lets one in, so there is never a rest.
    fn settle(&mut self, _: &mut Effects<()>) {}
}

impl<L: Lines> Entrance for Inside<L> {
    type Line = List<Stay>;

    #[inline(always)]
    fn turn(&mut self) -> &mut Turn<List<Stay>> {
        &mut self.turn
    }
}
