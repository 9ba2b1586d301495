//! What the models of mailboxes have in common.

use std::fmt::Debug;

use crate::task::Book;

/// Who waits, and for what. A *seat* is the waiter of a polled handle: it is told to look, and nothing is kept for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    Send,
    Reserve(usize),
    Recv,
    SeatRecv,
    /// A sink that wants a slot, and one that has a message in its outbox.
    SeatSlot,
    SeatSend,
}

impl Role {
    pub fn is_seat(self) -> bool {
        matches!(self, Self::SeatRecv | Self::SeatSlot | Self::SeatSend)
    }

    pub fn receives(self) -> bool {
        matches!(self, Self::Recv | Self::SeatRecv)
    }

    /// How many slots it wants.
    pub fn need(self) -> usize {
        if let Self::Reserve(need) = self { need } else { 1 }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    Queued,
    /// In line, and told to look.
    Told,
    Granted,
    Closed,
    Gone,
}

#[derive(Debug)]
pub struct Waiter {
    pub role: Role,
    pub stage: Stage,
    /// The message that it wants to send, until that is sent.
    pub letter: Option<usize>,
}

/// An answer. Messages are numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reply {
    Waits,
    /// Sent, reserved, or a slot is held.
    Done,
    Got(usize),
    /// Closed, or the end; a sender has its message back.
    Closed,
    /// Full, or empty.
    Not,
}

/// What the handles tell.
#[derive(Debug, PartialEq, Eq)]
pub struct Counts {
    pub len: usize,
    pub remaining: usize,
    pub senders: usize,
    pub receivers: usize,
    pub closed: bool,
}

/// Everybody who ever waited in a string.
#[derive(Debug)]
pub struct Waiters {
    pub list: Vec<Waiter>,
    pub book: Book,
}

impl Waiters {
    pub fn new() -> Self {
        Self { list: Vec::with_capacity(8), book: Book::new() }
    }

    pub fn add(&mut self, role: Role, letter: Option<usize>) -> usize {
        self.list.push(Waiter { role, stage: Stage::Gone, letter });
        self.book.add()
    }

    pub fn is(&self, id: usize, stage: Stage) -> bool {
        self.list[id].stage == stage
    }

    /// It falls asleep in its line.
    pub fn queue(&mut self, id: usize) {
        self.list[id].stage = Stage::Queued;
        self.book.sleeps(id);
    }

    /// It is woken for what happened.
    pub fn tell(&mut self, id: usize, stage: Stage) {
        self.list[id].stage = stage;
        self.book.wakes(id);
    }

    /// It is gone; answers what it still had to send.
    pub fn retire(&mut self, id: usize) -> Option<usize> {
        self.book.leaves(id);
        self.list[id].stage = Stage::Gone;
        self.list[id].letter.take()
    }

    /// Ends the waits of a line: first those who sleep, then those who were told to look.
    pub fn end(&mut self, line: &mut Vec<usize>) {
        line.drain(..).for_each(|id| self.tell(id, Stage::Closed));
    }

    /// The first of a line who has not been told.
    pub fn first(&self, line: &[usize]) -> Option<usize> {
        line.iter().copied().find(|&id| self.is(id, Stage::Queued))
    }

    pub fn told(&self, line: &[usize]) -> usize {
        line.iter().filter(|&&id| self.is(id, Stage::Told)).count()
    }
}

/// A mailbox as a sequential program.
pub trait Post: Debug {
    /// So many messages are there at first: 0, 1…
    fn new(capacity: usize, messages: usize) -> Self;

    fn waiters(&mut self) -> &mut Waiters;

    /// A new waiter is polled; answers its number.
    fn arrive(&mut self, role: Role, letter: Option<usize>) -> (usize, Reply);

    fn poll(&mut self, id: usize) -> Reply;

    /// A waiter is dropped; answers the message that it did not send.
    fn drop(&mut self, id: usize) -> Option<usize>;

    fn try_send(&mut self, letter: usize) -> Reply;

    fn try_recv(&mut self) -> Reply;

    /// `Got`, if the oldest message made way.
    fn force(&mut self, letter: usize) -> Reply;

    /// Uses a permit. `Closed` if no receiver is left.
    fn use_permit(&mut self, letter: usize) -> Reply;

    fn waste_permit(&mut self);

    fn close(&mut self) -> bool;

    /// The last receiver goes.
    fn deafen(&mut self);

    fn counts(&self) -> Counts;

    /// How many messages are somewhere.
    fn letters(&self) -> usize;

    /// Whether somebody sleeps who could proceed.
    fn sleeper(&self) -> Option<String>;
}
