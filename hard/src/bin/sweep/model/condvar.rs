//! A condition variable, and the mutex of those who wait for it.

use std::collections::VecDeque;
use std::task::Poll;

use sempost::{Ended, Fairness};

use super::permits::{Answer, Permits};

/// What a waiter is answered: whether it has the mutex, and how its wait for the condition ended, if it was one.
pub type Due = Poll<(bool, Option<Ended>)>;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Errand {
    /// It only wants the mutex.
    Lock,
    /// It waits for the condition.
    Condition,
    /// It did, and was notified: it wants the mutex.
    Notified,
    /// It did, until its deadline: it wants the mutex.
    Late,
}

#[derive(Debug)]
pub struct Condvar {
    pub mutex: Permits,
    /// Who waits for the condition, in the order in which they came.
    line: VecDeque<usize>,
    /// How many of them have been notified. The first of these is to take the others to the mutex.
    notified: usize,
    errands: Vec<Errand>,
}

impl Condvar {
    pub fn new(fairness: Fairness) -> Self {
        let (line, errands) = (VecDeque::with_capacity(8), Vec::with_capacity(8));
        Self { mutex: Permits::new(1, fairness), line, notified: 0, errands }
    }

    /// How many wait and have not been notified.
    pub fn waiting(&self) -> usize {
        self.line.len() - self.notified
    }

    /// Whether the one who is to take others along is asleep.
    pub fn sleeps(&self) -> bool {
        self.notified > 0 && self.mutex.book.is_asleep(self.line[0])
    }

    fn add(&mut self, errand: Errand) -> usize {
        self.errands.push(errand);
        self.mutex.add(1)
    }

    /// Somebody new wants the mutex; answers its number, too.
    pub fn lock(&mut self) -> (usize, Due) {
        let id = self.add(Errand::Lock);
        let answer = self.mutex.come(id);
        (id, self.due(id, answer))
    }

    /// Whoever has the mutex waits for the condition, and gives it up; answers its number.
    pub fn wait(&mut self) -> usize {
        let id = self.add(Errand::Condition);
        self.line.push_back(id);
        self.mutex.book.sleeps(id);
        self.mutex.give_back(1);
        id
    }

    fn due(&self, id: usize, answer: Answer) -> Due {
        let ended = match self.errands[id] {
            Errand::Lock | Errand::Condition => None,
            Errand::Notified => Some(Ended::Notified),
            Errand::Late => Some(Ended::Elapsed),
        };
        if answer == Answer::Served { Poll::Ready((true, ended)) } else { Poll::Pending }
    }

    pub fn poll(&mut self, id: usize) -> Due {
        let answer = match self.line.iter().position(|&other| other == id) {
            Some(0) if self.notified > 0 => self.lead(),
            Some(_) => {
                self.mutex.book.sleeps(id);
                Answer::Waits
            }
            None => self.mutex.poll(id),
        };
        self.due(id, answer)
    }

    /// A waiter that was just polled in vain learns that its deadline has come.
    pub fn expire(&mut self, id: usize) -> Due {
        match self.errands[id] {
            Errand::Lock => {
                self.mutex.drop(id);
                Poll::Ready((false, None))
            }
            Errand::Condition => {
                self.leave(id);
                self.errands[id] = Errand::Late;
                let answer = self.mutex.come(id);
                self.due(id, answer)
            }
            Errand::Notified | Errand::Late => Poll::Pending,
        }
    }

    /// The first of those who were notified asks for the mutex, and the others join the line behind it.
    fn lead(&mut self) -> Answer {
        let mut answer = Answer::Waits;
        for at in 0..std::mem::take(&mut self.notified) {
            let id = self.line.pop_front().expect("it was notified");
            self.errands[id] = Errand::Notified;
            if at == 0 {
                answer = self.mutex.come(id);
            } else {
                self.mutex.join(id);
            }
        }
        answer
    }

    pub fn notify(&mut self, most: usize) -> usize {
        let fresh = most.min(self.waiting());
        let led = self.notified > 0;
        self.notified += fresh;
        if !led {
            self.tell();
        }
        fresh
    }

    fn tell(&mut self) {
        if self.notified > 0 {
            self.mutex.book.wakes(self.line[0]);
        }
    }

    /// A waiter leaves the condition. If it was notified, the next is, in its place.
    fn leave(&mut self, id: usize) {
        self.mutex.book.leaves(id);
        self.line.retain(|&other| other != id);
        self.notified = self.notified.min(self.line.len());
        self.tell();
    }

    /// A waiter is dropped, and passes on what it was given.
    pub fn drop(&mut self, id: usize) {
        if self.errands[id] == Errand::Condition {
            return self.leave(id);
        }
        self.mutex.drop(id);
        if self.errands[id] == Errand::Notified {
            self.notify(1);
        }
    }
}
