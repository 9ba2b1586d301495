//! The specification of a condition variable, and of the mutex of those who wait for it.

use std::collections::VecDeque;
use std::task::Poll;

use sempost::{Fairness, WaitTimeoutResult};

use super::gate::line::Gate;
use super::{Answer, Id, take};

/// What a waiter is answered: whether it has the mutex, and how its wait for the condition ended, if it was one.
pub type Due = Poll<(bool, Option<WaitTimeoutResult>)>;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
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

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Conditional {
    pub mutex: Gate,
    /// Those that wait for the condition, and when the wait began.
    line: VecDeque<(Id, u32)>,
    begun: u32,
    /// How many waits had begun at the latest notification.
    latest: u32,
    /// Those that were notified. The first of these is woken, and takes the others to the mutex.
    notified: VecDeque<Id>,
    errands: Vec<(Id, Errand)>,
}

impl Conditional {
    pub fn new(fairness: Fairness) -> Self {
        Self {
            mutex: Gate::new(1, fairness),
            line: VecDeque::new(),
            begun: 0,
            latest: 0,
            notified: VecDeque::new(),
            errands: Vec::new(),
        }
    }

    /// How many wait and have not been notified.
    pub fn waiting(&self) -> usize {
        self.line.len()
    }

    fn errand(&mut self, id: Id) -> &mut Errand {
        &mut self.errands.iter_mut().find(|errand| errand.0 == id).expect("it waits").1
    }

    /// Somebody new wants the mutex.
    pub fn lock(&mut self, id: Id) -> Due {
        self.errands.push((id, Errand::Lock));
        let answer = self.mutex.start(id, 1);
        self.due(id, answer)
    }

    /// Whoever has the mutex waits for the condition, and gives it up.
    pub fn wait(&mut self, id: Id) {
        self.errands.push((id, Errand::Condition));
        self.begun += 1;
        self.line.push_back((id, self.begun));
        self.mutex.give_back(1);
    }

    fn due(&mut self, id: Id, answer: Answer) -> Due {
        if answer != Answer::Ok {
            return Poll::Pending;
        }
        let errand = take(&mut self.errands, |errand| errand.0 == id).expect("it waits").1;
        let ended = match errand {
            Errand::Lock | Errand::Condition => None,
            Errand::Notified => Some(WaitTimeoutResult::Notified),
            Errand::Late => Some(WaitTimeoutResult::TimedOut),
        };
        Poll::Ready((true, ended))
    }

    pub fn poll(&mut self, id: Id) -> Due {
        let answer = match self.notified.iter().position(|&other| other == id) {
            Some(0) => self.lead(),
            None if *self.errand(id) != Errand::Condition => self.mutex.poll(id),
            _ => Answer::Pending,
        };
        self.due(id, answer)
    }

    /// A waiter that was just polled in vain learns that its deadline has come.
    pub fn expire(&mut self, id: Id) -> Due {
        match *self.errand(id) {
            Errand::Lock => {
                self.cancel(id);
                Poll::Ready((false, None))
            }
            Errand::Condition => {
                self.line.retain(|waiter| waiter.0 != id);
                *self.errand(id) = Errand::Late;
                let answer = self.mutex.start(id, 1);
                self.due(id, answer)
            }
            Errand::Notified | Errand::Late => Poll::Pending,
        }
    }

    /// The first of those who were notified asks for the mutex, and the others join the line behind it.
    fn lead(&mut self) -> Answer {
        let mut answer = Answer::Pending;
        for (at, id) in std::mem::take(&mut self.notified).into_iter().enumerate() {
            if at == 0 {
                answer = self.mutex.start(id, 1);
            } else {
                self.mutex.join(id, 1, true);
            }
        }
        answer
    }

    pub fn notify(&mut self, most: usize) -> usize {
        self.latest = self.begun;
        (0..most).take_while(|_| self.notify_first()).count()
    }

    /// Notifies the first, if it was waiting already at the latest notification.
    fn notify_first(&mut self) -> bool {
        match self.line.front() {
            Some(first) if first.1 <= self.latest => {}
            _ => return false,
        }
        let (id, _) = self.line.pop_front().expect("it is there");
        *self.errand(id) = Errand::Notified;
        self.notified.push_back(id);
        true
    }

    /// A waiter is dropped, and passes on what it was given.
    pub fn cancel(&mut self, id: Id) {
        let errand = take(&mut self.errands, |errand| errand.0 == id).expect("it waits").1;
        match (errand, self.notified.iter().position(|&other| other == id)) {
            (Errand::Condition, _) => self.line.retain(|waiter| waiter.0 != id),
            (_, Some(at)) => _ = self.notified.remove(at),
            (_, None) => _ = self.mutex.cancel(id),
        }
        if errand == Errand::Notified {
            self.notify_first();
        }
    }

    /// Whether those who wait may be woken or asleep as they are. Of those who were notified the first is awake.
    pub fn is_at_rest(&self, waiting: &[(Id, bool)]) -> bool {
        let in_line = |id| self.line.iter().any(|waiter| waiter.0 == id);
        let place = |id| self.notified.iter().position(|&other| other == id);
        let right = |&(id, woken): &(Id, bool)| {
            if in_line(id) { !woken } else { place(id).is_none_or(|at| woken == (at == 0)) }
        };
        let elsewhere = |&(id, _): &(Id, bool)| !in_line(id) && place(id).is_none();
        let at_the_mutex: Vec<_> = waiting.iter().copied().filter(elsewhere).collect();
        waiting.iter().all(right)
            && waiting.len() == at_the_mutex.len() + self.line.len() + self.notified.len()
            && self.mutex.is_at_rest(&at_the_mutex)
            && self.mutex.wakes_nobody_else(&at_the_mutex)
    }
}
