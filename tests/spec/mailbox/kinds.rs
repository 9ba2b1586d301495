//! The choice between both kinds of mailbox.

use sempost::Fairness;

use super::super::story::{Told, id, number};
use super::super::{Answer, Id, Spec};
use super::Op;
use super::line::Want;
use super::meeting::Meeting;
use super::slots::Slots;

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Mailbox {
    Slots(Slots),
    Meeting(Meeting),
}

/// Calls the same of either.
macro_rules! either {
    ($mailbox:expr, $kind:ident => $call:expr) => {
        match $mailbox {
            Mailbox::Slots($kind) => $call,
            Mailbox::Meeting($kind) => $call,
        }
    };
}

impl Mailbox {
    pub fn new(capacity: Option<usize>) -> Self {
        Self::with(capacity, Fairness::Fifo)
    }

    pub fn with(capacity: Option<usize>, fairness: Fairness) -> Self {
        match capacity {
            Some(0) => Self::Meeting(Meeting::default()),
            _ => Self::Slots(Slots::new(capacity, fairness)),
        }
    }

    /// Somebody new comes, and waits if it has to.
    pub fn start(&mut self, id: Id, want: Want, seat: bool) -> Answer {
        either!(self, kind => kind.start(id, want, seat))
    }

    /// Somebody who waits is polled.
    pub fn poll(&mut self, id: Id) -> Answer {
        either!(self, kind => kind.poll(id))
    }

    /// Somebody gives up; answers whether its message was taken before.
    pub fn cancel(&mut self, id: Id) -> bool {
        either!(self, kind => kind.cancel(id))
    }

    /// The last receiver goes, and takes the queue along.
    pub fn deafen(&mut self) {
        either!(self, kind => kind.deafen());
    }

    pub fn len(&self) -> usize {
        either!(self, kind => kind.queue.len())
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    pub fn is_closed(&self) -> bool {
        either!(self, kind => kind.closed)
    }

    /// With slots alone: a sink gives back the slot that it held, or sends into it.
    pub fn use_held(&mut self, message: Option<u32>) {
        if let Self::Slots(slots) = self {
            slots.use_held(message);
        }
    }

    /// Whether a wait is in line and told to look.
    pub fn is_told(&mut self, id: Id) -> bool {
        either!(self, kind => kind.is_told(id))
    }
}

impl Spec for Mailbox {
    type Op = Op;

    fn apply(&mut self, op: &Op) -> Answer {
        match *op {
            Op::Send { id, message } => self.start(id, Want::Send(message), false),
            Op::Reserve { id, need } => self.start(id, Want::Permits(need), false),
            Op::Receive { id } => self.start(id, Want::Receive, false),
            Op::Listen { id } => self.start(id, Want::Receive, true),
            Op::Poll { id } => self.poll(id),
            Op::Cancel { id } => {
                if self.cancel(id) {
                    Answer::Late
                } else {
                    Answer::Ok
                }
            }
            Op::Drop { id } => {
                self.cancel(id);
                Answer::Ok
            }
            Op::BlockSend { .. } | Op::BlockReceive { .. } => unreachable!("they happen in halves"),
            Op::TrySend { message } => either!(self, kind => kind.ask(Want::Send(message))),
            Op::TryReserve { need } => either!(self, kind => kind.ask(Want::Permits(need))),
            Op::TryReceive => either!(self, kind => kind.receive()),
            Op::ReceiveMany { limit, .. } => either!(self, kind => kind.receive_many(limit)),
            Op::Force { message } => either!(self, kind => kind.force(message)),
            Op::UsePermit { message } => either!(self, kind => kind.use_permit(message)),
            Op::DropPermits { slots } => either!(self, kind => kind.drop_permits(slots)),
            Op::Close => either!(self, kind => kind.close()),
            Op::Len => Answer::Count(self.len()),
            Op::Remaining => Answer::Count(either!(self, kind => kind.free())),
            Op::Senders => Answer::Count(either!(self, kind => kind.senders.waiting())),
            Op::Receivers => Answer::Count(either!(self, kind => kind.receivers.waiting())),
        }
    }

    fn is_at_rest(&self, waiting: &[(Id, bool)]) -> bool {
        either!(self, kind => kind.is_at_rest(waiting))
    }
}

impl Told for Op {
    fn told(words: &[&str]) -> Option<Self> {
        Some(match *words {
            ["send", a, message] => Self::Send { id: id(a)?, message: message.parse().ok()? },
            ["reserve", a, ref need @ ..] => Self::Reserve { id: id(a)?, need: number(need)? },
            ["recv", a] => Self::Receive { id: id(a)? },
            ["poll_recv", a] => Self::Listen { id: id(a)? },
            ["poll", a] => Self::Poll { id: id(a)? },
            ["cancel", a] => Self::Cancel { id: id(a)? },
            ["drop", a] => Self::Drop { id: id(a)? },
            ["try_send", message] => Self::TrySend { message: message.parse().ok()? },
            ["try_reserve", ref need @ ..] => Self::TryReserve { need: number(need)? },
            ["try_recv"] => Self::TryReceive,
            ["try_recv_many", limit] => Self::ReceiveMany { limit: limit.parse().ok()?, waits: false },
            ["force_send", message] => Self::Force { message: message.parse().ok()? },
            ["permit_send", message] => Self::UsePermit { message: message.parse().ok()? },
            ["permit_drop", ref slots @ ..] => Self::DropPermits { slots: number(slots)? },
            ["close"] => Self::Close,
            ["len"] => Self::Len,
            ["remaining"] => Self::Remaining,
            ["waiting_senders"] => Self::Senders,
            ["waiting_receivers"] => Self::Receivers,
            _ => return None,
        })
    }
}
