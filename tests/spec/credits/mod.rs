//! The specification of a mailbox with credits: a queue without bound, and a semaphore. What is sent takes credits, and
//! then enters the queue: two moments.

mod hand;
mod op;

use sempost::Fairness;

use super::gate::line::Gate;
use super::mailbox::{Mailbox, Op as Ask, Want};
use super::{Answer, Id, Spec, take};
pub use hand::Ends;
pub use op::{Op, weight};

/// What a sender wants credits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Errand {
    Message(u32),
    Permit,
    /// In the outbox of a sink: it enters the queue when its credits come.
    Outbox(u32),
}

/// What the second moment does.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Rest {
    /// Credits were taken: it enters the queue.
    Enter(Errand, usize),
    /// So many credits come back, and then it answers this.
    GiveBack(usize, Answer),
    /// The slot of a permit comes back.
    LeaveSlot,
    /// The credits are closed.
    CloseCredits(Answer),
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Credits {
    limit: usize,
    pub credits: Gate,
    pub queue: Mailbox,
    /// Who waits for credits, for what, and how many.
    asking: Vec<(Id, Errand, usize)>,
    receiving: Vec<Id>,
    begun: Vec<(Id, Rest)>,
    /// Outboxes whose message is not there any more, or was refused.
    settled: Vec<(Id, Answer)>,
}

impl Credits {
    pub fn new(limit: usize) -> Self {
        Self {
            limit,
            credits: Gate::new(limit, Fairness::Fifo),
            queue: Mailbox::new(None),
            asking: Vec::new(),
            receiving: Vec::new(),
            begun: Vec::new(),
            settled: Vec::new(),
        }
    }

    pub fn capped(&self, weight: usize) -> usize {
        weight.clamp(1, self.limit)
    }

    fn begin(&mut self, id: Id, rest: Rest) -> Answer {
        self.begun.push((id, rest));
        Answer::Begun
    }

    /// Takes credits, and waits for them if it may.
    fn take(&mut self, id: Id, errand: Errand, weight: usize, waits: bool) -> Answer {
        let weight = self.capped(weight);
        let taken = if waits { self.credits.start(id, weight) } else { self.credits.attempt(weight) };
        match taken {
            Answer::Ok => self.begin(id, Rest::Enter(errand, weight)),
            Answer::Pending => {
                self.asking.push((id, errand, weight));
                Answer::Pending
            }
            // The queue is closed a moment before the credits are.
            Answer::Refused if self.queue.is_closed() => Answer::Closed,
            answer => answer,
        }
    }

    /// What has its credits enters the queue, unless that is closed: then they come back.
    fn enter(&mut self, errand: Errand, weight: usize) -> Answer {
        let entered = self.queue.apply(&match errand {
            Errand::Message(message) | Errand::Outbox(message) => Ask::TrySend { message },
            Errand::Permit => Ask::TryReserve { need: 1 },
        });
        if entered != Answer::Ok {
            if matches!(errand, Errand::Outbox(_)) {
                // Its credits go to no other outbox, which would give them back in turn.
                self.credits.close();
            }
            self.credits.give_back(weight);
        }
        entered
    }

    fn finish(&mut self, id: Id) -> Answer {
        if self.asking.iter().any(|asking| asking.0 == id) {
            return self.poll(id);
        }
        match take(&mut self.begun, |begun| begun.0 == id).expect("it was begun").1 {
            Rest::Enter(errand, weight) => self.enter(errand, weight),
            Rest::GiveBack(weight, answer) => {
                self.credits.give_back(weight);
                answer
            }
            Rest::LeaveSlot => {
                self.queue.apply(&Ask::DropPermits { slots: 1 });
                Answer::Refused
            }
            Rest::CloseCredits(answer) => {
                self.credits.close();
                answer
            }
        }
    }

    fn poll(&mut self, id: Id) -> Answer {
        if self.receiving.contains(&id) {
            let answer = self.queue.poll(id);
            if answer != Answer::Pending {
                self.receiving.retain(|&other| other != id);
            }
            return answer;
        }
        match self.credits.poll(id) {
            Answer::Pending => Answer::Pending,
            answer => {
                let (_, errand, weight) = take(&mut self.asking, |asking| asking.0 == id).expect("it waits");
                if answer == Answer::Ok { self.enter(errand, weight) } else { answer }
            }
        }
    }

    fn feed(&mut self, id: Id, message: u32) -> Answer {
        let held = self.capped(weight(message));
        match self.credits.attempt(held) {
            Answer::Ok => self.enter(Errand::Message(message), held),
            Answer::Refused => {
                self.credits.start(id, held);
                self.asking.push((id, Errand::Outbox(message), held));
                Answer::Ok
            }
            answer => answer,
        }
    }

    /// Messages in outboxes enter as soon as they have their credits, with no poll of their sinks.
    fn settle(&mut self) {
        while let Some((id, answer)) = self.outboxes().into_iter().find_map(|id| {
            let answer = self.poll(id);
            (answer != Answer::Pending).then_some((id, answer))
        }) {
            self.settled.push((id, answer));
        }
    }

    fn outboxes(&self) -> Vec<Id> {
        self.asking.iter().filter(|asking| matches!(asking.1, Errand::Outbox(_))).map(|asking| asking.0).collect()
    }

    fn flush(&mut self, id: Id) -> Answer {
        take(&mut self.settled, |settled| settled.0 == id).map_or(Answer::Pending, |settled| settled.1)
    }

    /// Whether the message of this outbox has entered the queue.
    pub fn has_sent(&self, id: Id) -> bool {
        self.settled.contains(&(id, Answer::Ok))
    }

    fn use_permit(&mut self, id: Id, held: usize, message: u32) -> Answer {
        let Some(surplus) = held.checked_sub(self.capped(weight(message))) else {
            // Too heavy: it comes back, and the permit is dropped.
            self.credits.give_back(held);
            return self.begin(id, Rest::LeaveSlot);
        };
        let sent = self.queue.apply(&Ask::UsePermit { message });
        let back = if sent == Answer::Ok { surplus } else { held };
        self.begin(id, Rest::GiveBack(back, sent))
    }

    fn drop_permit(&mut self, id: Id, held: usize) -> Answer {
        self.queue.apply(&Ask::DropPermits { slots: 1 });
        self.begin(id, Rest::GiveBack(held, Answer::Ok))
    }

    fn cancel(&mut self, id: Id) -> Answer {
        if take(&mut self.settled, |settled| settled.0 == id).is_some() {
            return Answer::Ok;
        }
        if self.receiving.contains(&id) {
            self.receiving.retain(|&other| other != id);
            self.queue.cancel(id);
        } else {
            self.asking.retain(|asking| asking.0 != id);
            self.credits.cancel(id);
        }
        Answer::Ok
    }

    /// The last receiver goes, and takes the queue along, with its credits.
    fn deafen(&mut self) -> Answer {
        let queued: Vec<_> = std::iter::from_fn(|| match self.queue.apply(&Ask::TryReceive) {
            Answer::Value(message) => Some(weight(message)),
            _ => None,
        })
        .collect();
        self.queue.deafen();
        for weight in queued {
            self.credits.give_back(self.capped(weight));
            self.settle();
        }
        self.credits.close();
        Answer::Ok
    }

    fn step(&mut self, op: &Op) -> Answer {
        let answer = self.moment(op);
        self.settle();
        answer
    }

    fn moment(&mut self, op: &Op) -> Answer {
        match *op {
            Op::Feed { id, message } => self.feed(id, message),
            Op::Flush { id } => self.flush(id),
            Op::Send { id, message } => self.take(id, Errand::Message(message), weight(message), true),
            Op::Reserve { id, weight } => self.take(id, Errand::Permit, weight, true),
            Op::TrySend { id, message } => self.take(id, Errand::Message(message), weight(message), false),
            Op::TryReserve { id, weight } => self.take(id, Errand::Permit, weight, false),
            Op::Receive { id } => {
                let answer = self.queue.start(id, Want::Receive, false);
                self.receiving.extend((answer == Answer::Pending).then_some(id));
                answer
            }
            Op::Poll { id } => self.poll(id),
            Op::Cancel { id } => self.cancel(id),
            Op::BlockSend { .. } | Op::BlockReceive { .. } => unreachable!("they happen in halves"),
            Op::TryReceive => self.queue.apply(&Ask::TryReceive),
            Op::ReceiveMany { limit } => self.queue.apply(&Ask::ReceiveMany { limit, waits: false }),
            Op::UsePermit { id, weight, message } => self.use_permit(id, weight, message),
            Op::DropPermit { id, weight } => self.drop_permit(id, weight),
            Op::EndLease { weight } => {
                self.credits.give_back(weight);
                Answer::Ok
            }
            Op::Close { id } => {
                let first = self.queue.apply(&Ask::Close);
                self.begin(id, Rest::CloseCredits(first))
            }
            Op::Finish { id } => self.finish(id),
            Op::Deafen => self.deafen(),
            Op::Len => Answer::Count(self.queue.len()),
            Op::Available => Answer::Count(self.credits.available),
            Op::Granted => Answer::Count(self.credits.granted_permits()),
            Op::Senders => Answer::Count(self.credits.waiters()),
            Op::Receivers => self.queue.apply(&Ask::Receivers),
        }
    }
}

impl Spec for Credits {
    type Op = Op;

    /// Both moments at once: where one thread does everything.
    fn apply(&mut self, op: &Op) -> Answer {
        match (self.step(op), op.begins()) {
            (Answer::Begun, Some(id)) => self.step(&Op::Finish { id }),
            (answer, _) => answer,
        }
    }

    fn allows(&mut self, op: &Op, answer: &Answer, _: bool) -> bool {
        self.step(op) == *answer
    }

    fn is_at_rest(&self, waiting: &[(Id, bool)]) -> bool {
        let outboxes = self.outboxes();
        // A sink sleeps as long as its message waits.
        let (sinks, waiting): (Vec<_>, Vec<(Id, bool)>) = waiting
            .iter()
            .partition(|(id, _)| outboxes.contains(id) || self.settled.iter().any(|settled| settled.0 == *id));
        let (receiving, mut asking): (Vec<_>, Vec<_>) =
            waiting.iter().partition(|wait| self.receiving.contains(&wait.0));
        asking.extend(outboxes.iter().map(|&id| (id, false)));
        self.begun.is_empty()
            && sinks.iter().all(|&(id, woken)| woken != outboxes.contains(&id))
            && self.queue.is_at_rest(&receiving)
            && self.credits.is_at_rest(&asking)
    }
}
