//! A monitor: a door, two conditions, and one who is inside.

use std::collections::VecDeque;

use crate::task::Book;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    Door,
    Condition,
    /// It has been let in, and does not know yet.
    Inside,
    Gone,
}

/// What ended a wait for a condition: when it was given, in waits begun by then.
#[derive(Clone, Copy, Debug)]
enum Given {
    Nothing,
    Notification(usize),
    Signal(usize),
}

#[derive(Debug)]
struct Waiter {
    stage: Stage,
    condition: usize,
    /// The how manieth wait for a condition it is.
    ticket: usize,
    given: Given,
}

#[derive(Debug)]
pub struct Monitor {
    pub occupied: bool,
    pub door: VecDeque<usize>,
    pub lines: [VecDeque<usize>; 2],
    waits: usize,
    waiters: Vec<Waiter>,
    pub book: Book,
}

impl Monitor {
    pub fn new() -> Self {
        let (door, lines) = (VecDeque::new(), [VecDeque::new(), VecDeque::new()]);
        Self { occupied: false, door, lines, waits: 0, waiters: Vec::with_capacity(8), book: Book::new() }
    }

    pub fn try_enter(&mut self) -> bool {
        !std::mem::replace(&mut self.occupied, true)
    }

    /// Somebody comes to the door; answers its number, and whether it is inside at once.
    pub fn enter(&mut self) -> (usize, bool) {
        let entered = self.try_enter();
        let stage = if entered { Stage::Gone } else { Stage::Door };
        let id = self.add(Waiter { stage, condition: 0, ticket: 0, given: Given::Nothing });
        if !entered {
            self.door.push_back(id);
            self.book.sleeps(id);
        }
        (id, entered)
    }

    /// Whoever is inside leaves, and waits for a condition; answers its number.
    pub fn wait(&mut self, condition: usize) -> usize {
        self.waits += 1;
        let id = self.add(Waiter { stage: Stage::Condition, condition, ticket: self.waits, given: Given::Nothing });
        self.lines[condition].push_back(id);
        self.book.sleeps(id);
        self.leave();
        id
    }

    fn add(&mut self, waiter: Waiter) -> usize {
        self.waiters.push(waiter);
        self.book.add()
    }

    /// Whether it is inside now.
    pub fn poll(&mut self, id: usize) -> bool {
        let inside = self.waiters[id].stage == Stage::Inside;
        if inside {
            self.waiters[id].stage = Stage::Gone;
        }
        inside
    }

    pub fn leave(&mut self) {
        match self.door.pop_front() {
            Some(id) => self.let_in(id),
            None => self.occupied = false,
        }
    }

    fn let_in(&mut self, id: usize) {
        self.waiters[id].stage = Stage::Inside;
        self.book.wakes(id);
    }

    /// The longest waiter of a condition, if it waited at that moment.
    fn first(&mut self, condition: usize, at: usize) -> Option<usize> {
        let first = *self.lines[condition].front()?;
        (self.waiters[first].ticket <= at).then(|| self.lines[condition].pop_front()).flatten()
    }

    pub fn notify(&mut self, condition: usize, most: usize) -> usize {
        let at = self.waits;
        (0..most).take_while(|_| self.notify_as_of(condition, at)).count()
    }

    fn notify_as_of(&mut self, condition: usize, at: usize) -> bool {
        let Some(id) = self.first(condition, at) else { return false };
        self.waiters[id].given = Given::Notification(at);
        self.waiters[id].stage = Stage::Door;
        self.door.push_back(id);
        true
    }

    pub fn signal_and_leave(&mut self, condition: usize) -> bool {
        self.signal_as_of(condition, self.waits)
    }

    fn signal_as_of(&mut self, condition: usize, at: usize) -> bool {
        let first = self.first(condition, at);
        match first {
            Some(id) => {
                self.waiters[id].given = Given::Signal(at);
                self.let_in(id);
            }
            None => self.leave(),
        }
        first.is_some()
    }

    /// A waiter is dropped, and passes on what it was given.
    pub fn drop(&mut self, id: usize) {
        self.book.leaves(id);
        let Waiter { stage, condition, given, .. } = self.waiters[id];
        if let Given::Notification(at) = given {
            self.notify_as_of(condition, at);
        }
        match (stage, given) {
            (Stage::Inside, Given::Signal(at)) => {
                self.signal_as_of(condition, at);
            }
            (Stage::Inside, _) => self.leave(),
            _ => {}
        }
        self.door.retain(|&other| other != id);
        self.lines[condition].retain(|&other| other != id);
    }
}
