//! Who waits at one end of a mailbox, in the order in which they came.

use super::super::Id;

/// What somebody waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Want {
    Receive,
    Send(u32),
    /// So many slots.
    Permits(usize),
    /// A slot that a sink holds until it sends.
    Slot,
}

impl Want {
    pub fn receives(self) -> bool {
        self == Self::Receive
    }

    /// How many slots it wants.
    pub fn need(self) -> usize {
        if let Self::Permits(need) = self { need } else { 1 }
    }

    pub fn message(self) -> Option<u32> {
        if let Self::Send(message) = self { Some(message) } else { None }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Stage {
    Asleep,
    /// In line, and told to look: nothing is kept for it.
    Told,
    /// In line, and still awake, but another took what it was told of. Only where newcomers may pass.
    Awake,
    /// Not in line any more: what it wants is kept for it, or done.
    Granted,
    /// The close ended its wait.
    Ended,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Waiter {
    pub id: Id,
    pub want: Want,
    /// A polled handle: it is told to look, where a future is granted.
    pub seat: bool,
    pub stage: Stage,
    /// By how many newcomers.
    pub overtaken: usize,
}

impl Waiter {
    pub fn is_in_line(&self) -> bool {
        matches!(self.stage, Stage::Asleep | Stage::Told | Stage::Awake)
    }
}

/// All who have not had their answer yet.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Line(Vec<Waiter>);

impl Line {
    pub fn join(&mut self, id: Id, want: Want, seat: bool) {
        self.0.push(Waiter { id, want, seat, stage: Stage::Asleep, overtaken: 0 });
    }

    pub fn find(&mut self, id: Id) -> Option<&mut Waiter> {
        self.0.iter_mut().find(|waiter| waiter.id == id)
    }

    pub fn remove(&mut self, id: Id) {
        self.0.retain(|waiter| waiter.id != id);
    }

    /// The first who sleeps.
    pub fn sleeper(&mut self) -> Option<&mut Waiter> {
        self.0.iter_mut().find(|waiter| waiter.stage == Stage::Asleep)
    }

    /// The first in line.
    pub fn head(&mut self) -> Option<&mut Waiter> {
        self.0.iter_mut().find(|waiter| waiter.is_in_line())
    }

    /// Ends the waits of all who stand in line.
    pub fn end(&mut self) {
        self.0.iter_mut().filter(|waiter| waiter.is_in_line()).for_each(|waiter| waiter.stage = Stage::Ended);
    }

    /// A newcomer passes all who stand in line.
    pub fn overtake(&mut self) {
        self.0.iter_mut().for_each(|waiter| waiter.overtaken += 1);
    }

    /// How much they were told of, all together.
    pub fn told_of(&self) -> usize {
        self.at(Stage::Told).map(|waiter| waiter.want.need()).sum()
    }

    /// The last who was told was told in vain.
    pub fn untell(&mut self) {
        let last = self.0.iter_mut().rfind(|waiter| waiter.stage == Stage::Told);
        last.expect("somebody was told").stage = Stage::Awake;
    }

    /// The first who was not told, though it may be awake.
    pub fn untold(&mut self) -> Option<&mut Waiter> {
        self.0.iter_mut().find(|waiter| matches!(waiter.stage, Stage::Asleep | Stage::Awake))
    }

    pub fn in_line(&self) -> impl Iterator<Item = &Waiter> + Clone {
        self.0.iter().filter(|waiter| waiter.is_in_line())
    }

    pub fn at(&self, stage: Stage) -> impl Iterator<Item = &Waiter> {
        self.0.iter().filter(move |waiter| waiter.stage == stage)
    }

    /// How many wait and have not been granted anything.
    pub fn waiting(&self) -> usize {
        self.in_line().count()
    }

    pub fn told(&self) -> usize {
        self.at(Stage::Told).count()
    }

    /// Whether exactly those sleep who should, of both ends. Nobody is woken for nothing. Which of the `open` are awake
    /// does not matter.
    pub fn are_right(ends: [&Self; 2], waiting: &[(Id, bool)], open: impl Fn(&Waiter) -> bool) -> bool {
        let all = || ends.into_iter().flat_map(|line| &line.0);
        let is = |waiter: &Waiter, woken| woken == (waiter.stage != Stage::Asleep) || open(waiter);
        let right = |(id, woken)| all().any(|waiter| waiter.id == id && is(waiter, woken));
        all().count() == waiting.len() && waiting.iter().copied().all(right)
    }
}
