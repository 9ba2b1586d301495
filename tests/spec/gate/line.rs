//! The specification that a semaphore and a mutex share: permits, and a line with a fairness.

use sempost::{Fairness, Semaphore};

use super::super::{Answer, Id, take};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Waiter {
    id: Id,
    need: usize,
    overtaken: usize,
    /// From a poll in vain until it is told of permits that are free.
    asleep: bool,
}

/// Permits, and those who wait for them.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Gate {
    fairness: Fairness,
    pub available: usize,
    pub debt: usize,
    /// Available, held and granted, less the debt.
    issued: i128,
    pub closed: bool,
    /// What is above it when the line has been served is gone.
    limit: usize,
    line: Vec<Waiter>,
    /// Who was granted how much, and has not fetched it.
    granted: Vec<(Id, usize)>,
    /// Who is to be told that it is closed.
    ended: Vec<Id>,
}

impl Gate {
    pub fn new(available: usize, fairness: Fairness) -> Self {
        let (line, granted, ended) = (Vec::new(), Vec::new(), Vec::new());
        let (issued, limit) = (available as i128, Semaphore::MAX_PERMITS);
        Self { fairness, available, debt: 0, issued, closed: false, limit, line, granted, ended }
    }

    pub fn with_limit(self, limit: usize) -> Self {
        Self { limit, ..self }
    }

    pub fn waiters(&self) -> usize {
        self.line.len()
    }

    /// How much was granted and not fetched.
    pub fn granted_permits(&self) -> usize {
        self.granted.iter().map(|granted| granted.1).sum()
    }

    /// To whom something was granted that was not fetched.
    pub fn granted_to(&self) -> impl Iterator<Item = Id> {
        self.granted.iter().map(|granted| granted.0)
    }

    /// A newcomer that does not wait.
    pub fn attempt(&mut self, need: usize) -> Answer {
        if self.closed {
            return Answer::Closed;
        }
        if need == 0 {
            return Answer::Ok;
        }
        if need > self.available || !self.may_be_overtaken() {
            return Answer::Refused;
        }
        self.available -= need;
        self.line.iter_mut().for_each(|waiter| waiter.overtaken += 1);
        Answer::Ok
    }

    fn may_be_overtaken(&self) -> bool {
        match (self.line.first(), self.fairness) {
            (None, _) | (_, Fairness::Unfair) => true,
            (Some(head), Fairness::Barging { overtakes }) => head.overtaken < overtakes,
            _ => false,
        }
    }

    /// A newcomer that waits if it has to.
    pub fn start(&mut self, id: Id, need: usize) -> Answer {
        match self.attempt(need) {
            Answer::Refused => {
                self.join(id, need, true);
                self.serve();
                Answer::Pending
            }
            answer => answer,
        }
    }

    /// A waiter joins the line without having asked.
    pub fn join(&mut self, id: Id, need: usize, asleep: bool) {
        self.line.push(Waiter { id, need, overtaken: 0, asleep });
    }

    /// Whether it is in line, or was granted something, or learns of a close.
    pub fn knows(&self, id: Id) -> bool {
        let granted = self.granted.iter().any(|granted| granted.0 == id);
        granted || self.ended.contains(&id) || self.line.iter().any(|waiter| waiter.id == id)
    }

    pub fn poll(&mut self, id: Id) -> Answer {
        if take(&mut self.granted, |granted| granted.0 == id).is_some() {
            return Answer::Ok;
        }
        if take(&mut self.ended, |ended| *ended == id).is_some() {
            return Answer::Closed;
        }
        // Where newcomers may pass, nothing is granted: whoever is polled looks, and may pass those before it.
        let at = self.line.iter().position(|waiter| waiter.id == id).expect("it waits");
        let there = self.fairness != Fairness::Fifo && self.line[at].need <= self.available;
        let in_turn = self.wants_before(at) <= self.available;
        if !there || !in_turn && !self.may_be_overtaken() {
            self.line[at].asleep = true;
            return Answer::Pending;
        }
        self.available -= self.line.remove(at).need;
        if !in_turn {
            self.line.iter_mut().for_each(|waiter| waiter.overtaken += 1);
        }
        Answer::Ok
    }

    pub fn cancel(&mut self, id: Id) -> Answer {
        if let Some((_, permits)) = take(&mut self.granted, |granted| granted.0 == id) {
            self.give_back(permits);
        } else if take(&mut self.ended, |ended| *ended == id).is_none() {
            self.line.retain(|waiter| waiter.id != id);
            self.serve();
        }
        Answer::Ok
    }

    pub fn give_back(&mut self, permits: usize) {
        let repaid = self.debt.min(permits);
        self.debt -= repaid;
        self.available += permits - repaid;
        self.serve();
        if self.line.is_empty() {
            let above = self.available.saturating_sub(self.limit);
            self.available -= above;
            self.forget(above);
        }
    }

    /// Issues as many as there is use for below the limit. Says how many.
    pub fn add_within_limit(&mut self, permits: usize) -> Answer {
        let before = self.issued;
        let most = Semaphore::MAX_PERMITS as i128 - before;
        self.add(permits.min(most as usize));
        Answer::Count((self.issued - before) as usize)
    }

    /// Issues more, if that many may be.
    pub fn add(&mut self, permits: usize) -> Answer {
        if self.issued + permits as i128 > Semaphore::MAX_PERMITS as i128 {
            return Answer::Refused;
        }
        self.issued += permits as i128;
        self.give_back(permits);
        Answer::Ok
    }

    /// Permits that are held will not come back.
    pub fn forget(&mut self, permits: usize) -> Answer {
        self.issued -= permits as i128;
        Answer::Ok
    }

    /// Takes up to so many of what is there, for good.
    pub fn forget_free(&mut self, most: usize) -> Answer {
        let taken = self.available.min(most);
        self.available -= taken;
        self.forget(taken);
        Answer::Count(taken)
    }

    /// Takes so many away, now or when they come back, if that many may be owed.
    pub fn reduce(&mut self, permits: usize) -> Answer {
        let now = self.available.min(permits);
        if permits - now > Semaphore::MAX_PERMITS - self.debt {
            return Answer::Refused;
        }
        self.available -= now;
        self.debt += permits - now;
        self.forget(permits)
    }

    pub fn close(&mut self) -> Answer {
        let first = !std::mem::replace(&mut self.closed, true);
        self.ended.extend(self.line.drain(..).map(|waiter| waiter.id));
        first.into()
    }

    /// How much has to be there for all up to this one.
    fn wants_before(&self, at: usize) -> usize {
        self.line[..=at].iter().fold(0, |sum, waiter| sum.saturating_add(waiter.need))
    }

    /// In order: hands over where that is the rule, and else tells those for whom there is enough.
    fn serve(&mut self) {
        let mut rest = self.available;
        match self.fairness {
            Fairness::Fifo => {
                while let Some(&Waiter { id, need, .. }) = self.line.first().filter(|head| head.need <= self.available)
                {
                    self.available -= need;
                    self.granted.push((id, need));
                    self.line.remove(0);
                }
            }
            // Who is woken is left open, within `is_at_rest`.
            Fairness::Unfair => {}
            _ => {
                for waiter in &mut self.line {
                    let Some(left) = rest.checked_sub(waiter.need) else { return };
                    (rest, waiter.asleep) = (left, false);
                }
            }
        }
    }

    pub fn is_at_rest(&self, waiting: &[(Id, bool)]) -> bool {
        let woken = |id: Id| waiting.contains(&(id, true));
        let known = self.line.len() + self.granted.len() + self.ended.len();
        let told = self.granted.iter().all(|granted| woken(granted.0)) && self.ended.iter().all(|id| woken(*id));
        let line_is_right = match self.fairness {
            // Nobody is woken for nothing.
            Fairness::Fifo => self.line.iter().all(|waiter| !woken(waiter.id)),
            // One who was woken and does not come is not waited for.
            Fairness::Unfair => {
                let head_is_right = self.line.first().is_none_or(|head| woken(head.id) || head.need > self.available);
                let awake = self.line.iter().filter(|waiter| woken(waiter.id)).map(|waiter| waiter.need).sum();
                let rest = self.available.saturating_sub(awake);
                head_is_right && self.line.iter().find(|waiter| !woken(waiter.id)).is_none_or(|first| first.need > rest)
            }
            // All of those who will find something.
            _ => (0..self.line.len()).all(|at| woken(self.line[at].id) || self.wants_before(at) > self.available),
        };
        known == waiting.len() && told && line_is_right
    }

    /// Nobody was woken but those who were told. Where several threads act, a wake may come late.
    pub fn wakes_nobody_else(&self, waiting: &[(Id, bool)]) -> bool {
        let exact = self.fairness != Fairness::Unfair;
        self.line.iter().all(|waiter| !(exact && waiter.asleep && waiting.contains(&(waiter.id, true))))
    }
}
