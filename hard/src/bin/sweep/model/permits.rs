//! A semaphore; and a mutex, which is one of a single permit.

use sempost::Fairness;

use crate::fault::{Kind, insist};
use crate::task::Book;

/// The answer to somebody who asks for permits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    Served,
    Closed,
    Waits,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    Queued,
    Granted,
    Closed,
    Gone,
}

#[derive(Debug)]
struct Waiter {
    need: usize,
    stage: Stage,
    overtaken: usize,
}

#[derive(Debug)]
pub struct Permits {
    fairness: Fairness,
    pub available: usize,
    pub debt: usize,
    pub closed: bool,
    /// Who waits, in the order in which they came. Each number is that of the book.
    line: Vec<usize>,
    waiters: Vec<Waiter>,
    pub book: Book,
}

impl Permits {
    pub fn new(available: usize, fairness: Fairness) -> Self {
        let (line, waiters) = (Vec::with_capacity(8), Vec::with_capacity(8));
        Self { fairness, available, debt: 0, closed: false, line, waiters, book: Book::new() }
    }

    pub fn waiting(&self) -> usize {
        self.line.len()
    }

    /// Somebody new asks, who never waits.
    pub fn ask(&mut self, need: usize) -> Answer {
        if self.closed {
            return Answer::Closed;
        }
        if need > self.available || !self.may_pass() {
            return Answer::Waits;
        }
        self.line.iter().for_each(|&id| self.waiters[id].overtaken += 1);
        self.available -= need;
        self.settle();
        Answer::Served
    }

    fn may_pass(&self) -> bool {
        let Some(&head) = self.line.first() else { return true };
        match self.fairness {
            Fairness::Barging { overtakes } => self.waiters[head].overtaken < overtakes,
            Fairness::Unbounded => true,
            _ => false,
        }
    }

    /// A new waiter is polled: it asks, and joins the line if it must. Answers its number, too.
    pub fn arrive(&mut self, need: usize) -> (usize, Answer) {
        let id = self.add(need);
        (id, self.come(id))
    }

    /// A waiter that is elsewhere so far; answers its number.
    pub fn add(&mut self, need: usize) -> usize {
        self.waiters.push(Waiter { need, stage: Stage::Gone, overtaken: 0 });
        self.book.add()
    }

    /// A waiter comes here, and asks.
    pub fn come(&mut self, id: usize) -> Answer {
        let answer = self.ask(self.waiters[id].need);
        if answer == Answer::Waits {
            self.join(id);
            self.book.sleeps(id);
            self.settle();
        }
        answer
    }

    /// A waiter joins the line without having asked, awake or asleep as it is.
    pub fn join(&mut self, id: usize) {
        self.waiters[id].stage = Stage::Queued;
        self.line.push(id);
    }

    /// Somebody in line is polled. Where newcomers may pass it may take what is there, too.
    pub fn poll(&mut self, id: usize) -> Answer {
        let Waiter { need, stage, .. } = self.waiters[id];
        let answer = match stage {
            Stage::Granted => Answer::Served,
            Stage::Closed | Stage::Gone => Answer::Closed,
            Stage::Queued => {
                let in_turn = self.fairness != Fairness::Fifo && self.told().any(|told| told == id);
                if in_turn || need <= self.available && self.may_pass() {
                    self.line.retain(|&other| other != id);
                    let passed = if in_turn { &[][..] } else { &self.line };
                    passed.iter().for_each(|&id| self.waiters[id].overtaken += 1);
                    self.available -= need;
                    Answer::Served
                } else {
                    Answer::Waits
                }
            }
        };
        if answer == Answer::Waits {
            self.book.sleeps(id);
        } else {
            self.book.leaves(id);
        }
        self.settle();
        answer
    }

    /// Whom the permits that are free are for, where they are not handed over: as many as there is enough for, in order.
    fn told(&self) -> impl Iterator<Item = usize> {
        let mut rest = self.available;
        self.line.iter().copied().take_while(move |&id| {
            let fits = self.waiters[id].need <= rest;
            rest -= if fits { self.waiters[id].need } else { 0 };
            fits
        })
    }

    /// A waiter is dropped.
    pub fn drop(&mut self, id: usize) {
        self.book.leaves(id);
        let Waiter { need, stage, .. } = self.waiters[id];
        match stage {
            Stage::Queued => self.line.retain(|&other| other != id),
            Stage::Granted => return self.give_back(need),
            Stage::Closed | Stage::Gone => {}
        }
        self.settle();
    }

    pub fn give_back(&mut self, permits: usize) {
        let repaid = permits.min(self.debt);
        self.debt -= repaid;
        self.available += permits - repaid;
        self.settle();
    }

    pub fn reduce(&mut self, permits: usize) {
        let now = permits.min(self.available);
        self.available -= now;
        self.debt += permits - now;
        self.settle();
    }

    pub fn close(&mut self) -> bool {
        let first = !self.closed;
        self.closed = true;
        self.settle();
        first
    }

    fn settle(&mut self) {
        if self.closed {
            for id in self.line.drain(..) {
                self.waiters[id].stage = Stage::Closed;
                self.book.wakes(id);
            }
            return;
        }
        match self.fairness {
            Fairness::Fifo => {
                while let Some(&id) = self.line.first().filter(|&&id| self.waiters[id].need <= self.available) {
                    self.available -= self.waiters[id].need;
                    self.waiters[id].stage = Stage::Granted;
                    self.line.remove(0);
                    self.book.wakes(id);
                }
            }
            // Whom to wake is left open: whoever is awake and does not come is not waited for.
            Fairness::Unbounded => {}
            _ => {
                let told: Vec<_> = self.told().collect();
                told.into_iter().for_each(|id| self.book.wakes(id));
            }
        }
    }

    /// Takes note of who was woken, where that is left open.
    pub fn observe(&mut self) {
        if self.fairness == Fairness::Unbounded {
            self.line.iter().for_each(|&id| self.book.observe(id));
        }
    }

    /// Nobody may sleep while there is enough for it beside those who are awake; and the book is right.
    pub fn check(&self) {
        self.book.check();
        let (asleep, awake): (Vec<_>, Vec<_>) = self.line.iter().partition(|&&id| self.book.is_asleep(id));
        let rest = self.available.saturating_sub(awake.into_iter().map(|id: usize| self.waiters[id].need).sum());
        let first = asleep.first().map(|&id: &usize| self.waiters[id].need);
        insist(first.is_none_or(|need| need > rest), Kind::Asleep, || {
            format!(
                "{} are free, {rest} beside those who are awake, and the first sleeper wants {first:?}",
                self.available
            )
        });
    }
}
