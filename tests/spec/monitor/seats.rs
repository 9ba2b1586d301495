//! Those that wait for predicates, in the order in which they came.

use super::super::{Id, take};

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Seat {
    id: Id,
    /// It waits for any of these bits.
    need: u32,
    /// If not, it was called, and has not been inside since.
    asleep: bool,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Seats {
    line: Vec<Seat>,
    /// The next to leave asks: the data was changed, or one that was called has entered, or gave up.
    due: bool,
}

impl Seats {
    pub fn len(&self) -> usize {
        self.line.len()
    }

    pub fn uncalled(&self) -> usize {
        self.line.iter().filter(|seat| seat.asleep).count()
    }

    /// The data was changed.
    pub fn touch(&mut self) {
        self.due = true;
    }

    /// What this one waits for, if it has a seat. It is inside: if it was called, it asks the others in turn.
    pub fn enters(&mut self, id: Id) -> Option<u32> {
        let seat = self.line.iter().find(|seat| seat.id == id)?;
        self.due |= !seat.asleep;
        Some(seat.need)
    }

    /// It takes its seat, at the end, or goes back to it.
    pub fn sleeps(&mut self, id: Id, need: u32) {
        match self.line.iter_mut().find(|seat| seat.id == id) {
            Some(seat) => seat.asleep = true,
            None => self.line.push(Seat { id, need, asleep: true }),
        }
    }

    pub fn leaves(&mut self, id: Id) {
        take(&mut self.line, |seat| seat.id == id);
    }

    /// It gives up. If it was called, the others are to be asked; says whether that is so.
    pub fn gives_up(&mut self, id: Id) -> bool {
        let called = take(&mut self.line, |seat| seat.id == id).is_some_and(|seat| !seat.asleep);
        let again = called && self.uncalled() > 0;
        self.due |= again;
        again
    }

    /// Somebody leaves, and calls the first whose predicate holds.
    pub fn call(&mut self, level: u32) -> Option<Id> {
        if !std::mem::take(&mut self.due) {
            return None;
        }
        let first = self.line.iter_mut().find(|seat| seat.asleep && level & seat.need != 0)?;
        first.asleep = false;
        Some(first.id)
    }
}
