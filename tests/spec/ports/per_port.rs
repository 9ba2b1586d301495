//! The specification of ports between threads: each port by itself. Which of them a receive from anywhere takes is left
//! free.
//!
//! A port is seen once its notification has arrived, and nobody else looks at it. So a receive may find nothing as long
//! as another operation is under way; when all are done, nobody may sleep beside a message.

use super::super::mailbox::{Mailbox, Op as Ask, Want};
use super::super::{Answer, Id, Spec};
use super::{Op, Setup, source};

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Port {
    queue: Mailbox,
    sending: Vec<Id>,
    /// Those who wait for this source, in the order of asking.
    line: Vec<Id>,
}

impl Port {
    fn is_over(&self) -> bool {
        self.queue.is_closed() && self.queue.is_empty()
    }

    /// Whether its next message is this one, which is then taken.
    fn gives(&mut self, message: u32) -> bool {
        self.queue.apply(&Ask::TryReceive) == Answer::Value(message)
    }

    /// Whether a message is there for anybody.
    fn is_free(&self) -> bool {
        !self.queue.is_empty() && self.line.is_empty()
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct PerPort {
    ports: Vec<Port>,
    /// Those who wait for any port.
    any: Vec<Id>,
}

impl From<Setup> for PerPort {
    fn from(setup: Setup) -> Self {
        assert!(!setup.opener, "no port is opened later");
        let port = |_| Port { queue: Mailbox::new(Some(setup.capacity)), sending: Vec::new(), line: Vec::new() };
        Self { ports: (0..setup.ports).map(port).collect(), any: Vec::new() }
    }
}

impl PerPort {
    fn is_over(&self) -> bool {
        self.ports.iter().all(Port::is_over)
    }

    /// Whether who comes now learns that it is over: nobody else who will learn it holds a port.
    fn has_ended(&self) -> bool {
        self.is_over() && self.ports.iter().all(|port| port.line.is_empty())
    }

    /// Whether a receive from any port may answer this. If it `waits`, it is this one.
    fn receives(&mut self, waits: Option<Id>, answer: &Answer, alone: bool) -> bool {
        self.any.retain(|&other| Some(other) != waits);
        match *answer {
            Answer::Value(message) => {
                let port = &mut self.ports[source(message)];
                (!alone || port.line.is_empty()) && port.gives(message)
            }
            Answer::Closed => self.is_over(),
            Answer::Pending | Answer::Refused => {
                self.any.extend(waits);
                !alone || !self.has_ended() && !self.ports.iter().any(Port::is_free)
            }
            _ => false,
        }
    }

    /// Whether one that waits for this source may be answered this.
    fn seeks(&mut self, id: Id, at: usize, answer: &Answer, alone: bool) -> bool {
        let port = &mut self.ports[at];
        let is_first = port.line.first() == Some(&id);
        if *answer == Answer::Pending {
            return !alone || !is_first || !port.is_over() && port.queue.is_empty();
        }
        port.line.retain(|&other| other != id);
        match *answer {
            Answer::Value(message) => is_first && port.gives(message),
            Answer::Closed => port.is_over(),
            _ => false,
        }
    }

    fn tries(&mut self, at: usize, answer: &Answer, alone: bool) -> bool {
        let port = &mut self.ports[at];
        match *answer {
            Answer::Value(message) => (!alone || port.line.is_empty()) && port.gives(message),
            Answer::Closed => port.is_over(),
            Answer::Refused => !alone || !port.line.is_empty() || port.queue.is_empty() && !port.is_over(),
            _ => false,
        }
    }

    fn sends(&mut self, id: Id, message: u32) -> Answer {
        let port = &mut self.ports[source(message)];
        let sent = port.queue.start(id, Want::Send(message), false);
        port.sending.extend((sent == Answer::Pending).then_some(id));
        sent
    }

    fn polled(&mut self, id: Id, answer: &Answer, alone: bool) -> bool {
        if self.any.contains(&id) {
            // Who was not told does not look.
            return self.receives(Some(id), answer, alone && *answer != Answer::Pending);
        }
        if let Some(at) = self.ports.iter().position(|port| port.line.contains(&id)) {
            return self.seeks(id, at, answer, alone);
        }
        let port = self.ports.iter_mut().find(|port| port.sending.contains(&id)).expect("it waits");
        let due = port.queue.poll(id);
        if due != Answer::Pending {
            port.sending.retain(|&other| other != id);
        }
        due == *answer
    }

    fn cancelled(&mut self, id: Id) {
        self.any.retain(|&other| other != id);
        for port in &mut self.ports {
            port.line.retain(|&other| other != id);
            if port.sending.contains(&id) {
                port.sending.retain(|&other| other != id);
                port.queue.cancel(id);
            }
        }
    }
}

impl Spec for PerPort {
    type Op = Op;

    fn apply(&mut self, op: &Op) -> Answer {
        unreachable!("{op:?} has more than one answer")
    }

    fn allows(&mut self, op: &Op, answer: &Answer, alone: bool) -> bool {
        match *op {
            Op::Send { id, message } => self.sends(id, message) == *answer,
            Op::TrySend { message } => self.ports[source(message)].queue.apply(&Ask::TrySend { message }) == *answer,
            Op::Receive { id } => self.receives(Some(id), answer, alone),
            Op::TryReceive => self.receives(None, answer, alone),
            Op::From { id, port } => {
                self.ports[port].line.push(id);
                self.seeks(id, port, answer, alone)
            }
            Op::TryFrom { port } => self.tries(port, answer, alone),
            Op::Poll { id } => self.polled(id, answer, alone),
            Op::Cancel { id } => {
                self.cancelled(id);
                true
            }
            Op::ClosePort { port } => self.ports[port].queue.apply(&Ask::Close) == *answer,
            Op::Len => *answer == Answer::Count(self.ports.iter().map(|port| port.queue.len()).sum()),
            // A port is there until somebody has received its end.
            Op::Ports => {
                let over = self.ports.iter().filter(|port| port.is_over()).count();
                matches!(*answer, Answer::Count(ports) if (self.ports.len() - over..=self.ports.len()).contains(&ports))
            }
            Op::Receivers => *answer == Answer::Count(self.any.len()),
            _ => unreachable!("{op:?} is not done between threads"),
        }
    }

    /// For each port with a message, one of those who sleep is woken, or all are awake; for the end at least one.
    fn is_at_rest(&self, waiting: &[(Id, bool)]) -> bool {
        let woken = |id: &Id| waiting.contains(&(*id, true));
        let those = |ids: &[Id]| -> Vec<_> { waiting.iter().copied().filter(|wait| ids.contains(&wait.0)).collect() };
        let free = self.ports.iter().filter(|port| port.is_free()).count().max(usize::from(self.has_ended()));
        let known = self.any.len() + self.ports.iter().map(|port| port.sending.len() + port.line.len()).sum::<usize>();
        known == waiting.len()
            && self.any.iter().filter(|id| woken(id)).count() >= free.min(self.any.len())
            && self.ports.iter().all(|port| {
                let due = !port.queue.is_empty() || port.is_over();
                port.queue.is_at_rest(&those(&port.sending)) && (!due || port.line.first().is_none_or(woken))
            })
    }
}
