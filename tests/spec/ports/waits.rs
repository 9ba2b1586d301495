//! Those who wait at a hub: they are polled, they leave, and who of them should be awake.

use super::super::{Answer, Id, Spec};
use super::Op;
use super::hub::{For, Hub};
use super::port::{Port, Stage, Stand};

impl Hub {
    fn poll(&mut self, id: Id) -> Answer {
        let place = self.waits.iter().position(|wait| wait.0 == id).expect("it waits");
        let wait = self.waits.remove(place);
        match wait.1 {
            For::Room(at) => {
                let answer = self.ports[at].queue.poll(id);
                if answer == Answer::Pending {
                    self.waits.push(wait);
                }
                self.announce(at);
                answer
            }
            For::Any { handle } => {
                if self.tokens.poll(id) == Answer::Pending {
                    self.waits.push(wait);
                    return Answer::Pending;
                }
                self.asleep -= 1;
                self.look(id, handle)
            }
            For::Source(at) => {
                let stage = self.ports[at].line.iter().find(|other| other.0 == id).expect("it waits").1;
                match stage {
                    Stage::InLine | Stage::Looked => {
                        self.waits.push(wait);
                        Answer::Pending
                    }
                    Stage::First | Stage::Called | Stage::Ended => self.seek(id, at),
                }
            }
        }
    }

    fn cancel(&mut self, id: Id) -> Answer {
        let place = self.waits.iter().position(|wait| wait.0 == id).expect("it waits");
        match self.waits.remove(place).1 {
            For::Room(at) => _ = self.ports[at].queue.cancel(id),
            For::Any { .. } => {
                self.tokens.cancel(id);
                self.asleep -= 1;
            }
            For::Source(at) => {
                let port = &mut self.ports[at];
                port.line.retain(|other| other.0 != id);
                port.advance();
                if port.stand == Stand::Kept && port.line.is_empty() {
                    self.offer(at, false);
                }
            }
        }
        Answer::Ok
    }

    /// Those who wait for this.
    fn those(&self, waiting: &[(Id, bool)], wanted: impl Fn(For) -> bool) -> Vec<(Id, bool)> {
        let is = |&(id, _): &(Id, bool)| self.waits.iter().any(|&(other, what)| other == id && wanted(what));
        waiting.iter().copied().filter(is).collect()
    }
}

impl Spec for Hub {
    type Op = Op;

    fn apply(&mut self, op: &Op) -> Answer {
        match *op {
            Op::Send { id, message } => self.send(Some(id), message),
            Op::Receive { id } => self.look(id, false),
            Op::Listen { id } => self.look(id, true),
            Op::From { id, port } => self.receive_from(id, port),
            Op::Poll { id } => self.poll(id),
            Op::Cancel { id } => self.cancel(id),
            Op::BlockSend { .. } | Op::BlockReceive { .. } | Op::BlockFrom { .. } => {
                unreachable!("they happen in halves")
            }
            Op::TrySend { message } => self.send(None, message),
            Op::TryReceive => self.try_receive(),
            Op::TryFrom { port } => self.try_receive_from(port),
            Op::ReceiveMany { limit } => self.receive_many(limit),
            Op::Open { port } => self.open(port),
            Op::ClosePort { port } => self.keys[port].map_or(false.into(), |at| self.close_port(at)),
            Op::Close => self.close(),
            Op::Leave => {
                self.opener = false;
                self.note_end();
                Answer::Ok
            }
            Op::HangUp { port } => {
                self.close_port(self.latest(port));
                Answer::Ok
            }
            Op::Len => Answer::Count(self.ports.iter().map(Port::len).sum()),
            Op::Ports => Answer::Count(self.ports.iter().filter(|port| port.stand != Stand::Gone).count()),
            Op::Receivers => Answer::Count(self.asleep),
        }
    }

    fn is_at_rest(&self, waiting: &[(Id, bool)]) -> bool {
        let any = self.those(waiting, |what| matches!(what, For::Any { .. }));
        let awake = any.iter().filter(|wait| wait.1).count();
        // The specification itself leaves nobody asleep beside a message.
        let there = self.ports.iter().filter(|port| port.line.is_empty() && !port.queue.is_empty()).count();
        waiting.len() == self.waits.len()
            && awake >= there.min(any.len())
            && self.tokens.is_at_rest(&any)
            && self.ports.iter().zip(0..).all(|(port, at)| {
                port.is_at_rest(&self.those(waiting, |what| what == For::Source(at)))
                    && port.queue.is_at_rest(&self.those(waiting, |what| what == For::Room(at)))
            })
    }
}
