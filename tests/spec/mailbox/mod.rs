//! The mailbox: messages, reservations, and close, with and without slots.

mod answers;
mod kinds;
mod line;
mod meeting;
mod message;
mod slots;

use std::task::Poll;

use sempost::Fairness;
use sempost::mailbox::{self, Receiver, Receiving, ReservingMany, SendPermits, Sender, Sending, TryReserveError};

use super::subject::{Hand, Mix, Pick, Subject, Waits};
use super::{Answer, Id, Operation};
use crate::common::Bell;
use answers::{back, nothing, receive_many, received, refused, sent};
pub use kinds::Mailbox;
pub use line::Want;
pub use message::{Message, Wide};

#[derive(Clone, Copy, Debug)]
pub enum Op {
    Send {
        id: Id,
        message: u32,
    },
    Reserve {
        id: Id,
        need: usize,
    },
    Receive {
        id: Id,
    },
    /// A handle is polled, which waits under this name until its answer.
    Listen {
        id: Id,
    },
    Poll {
        id: Id,
    },
    /// By `cancel`, which tells whether it came too late, or by a drop.
    Cancel {
        id: Id,
    },
    Drop {
        id: Id,
    },
    BlockSend {
        id: Id,
        message: u32,
    },
    BlockReceive {
        id: Id,
    },
    TrySend {
        message: u32,
    },
    TryReserve {
        need: usize,
    },
    TryReceive,
    /// By `recv_many`, given up if it had to wait, or by `try_recv_many`.
    ReceiveMany {
        limit: usize,
        waits: bool,
    },
    Force {
        message: u32,
    },
    UsePermit {
        message: u32,
    },
    DropPermits {
        slots: usize,
    },
    Close,
    Len,
    Remaining,
    Senders,
    Receivers,
}

impl Operation for Op {
    fn halves(&self) -> Option<(Self, Self)> {
        match *self {
            Self::BlockSend { id, message } => Some((Self::Send { id, message }, Self::Poll { id })),
            Self::BlockReceive { id } => Some((Self::Receive { id }, Self::Poll { id })),
            _ => None,
        }
    }
}

/// How many messages there is room for, and how many are asked for at most.
#[derive(Clone, Copy, Debug)]
pub struct Room {
    pub capacity: Option<usize>,
    pub most: usize,
    /// Of the senders.
    pub fairness: Fairness,
}

impl Room {
    pub fn of(capacity: usize) -> Self {
        Self { capacity: Some(capacity), most: capacity.max(1), fairness: Fairness::Fifo }
    }

    pub fn with(self, fairness: Fairness) -> Self {
        Self { fairness, ..self }
    }

    pub const UNBOUNDED: Self = Self { capacity: None, most: 70, fairness: Fairness::Fifo };
}

/// Both ends, which all threads share.
pub struct Ends<M> {
    sender: Sender<M>,
    receiver: Receiver<M>,
}

impl<M: Message> Subject for Ends<M> {
    type Setup = Room;
    type Op = Op;
    type Spec = Mailbox;
    type Hand<'a> = Grip<'a, M>;

    fn new(room: Room) -> Self {
        let (sender, receiver) = match room.capacity {
            Some(capacity) => mailbox::bounded_with(capacity, room.fairness),
            None => mailbox::unbounded(),
        };
        Self { sender, receiver }
    }

    fn spec(room: Room) -> Mailbox {
        Mailbox::with(room.capacity, room.fairness)
    }

    fn hand(&self, room: Room, thread: usize) -> Grip<'_, M> {
        Grip {
            ends: self,
            room,
            thread,
            messages: 0,
            offered: Vec::new(),
            permits: Vec::new(),
            sending: Waits::of(thread),
            reserving: Waits::of(thread),
            receiving: Waits::of(thread),
            listener: None,
        }
    }

    fn looks() -> Vec<Op> {
        vec![Op::Len, Op::Remaining, Op::Senders, Op::Receivers]
    }
}

/// Permits and waits of one thread.
pub struct Grip<'a, M> {
    ends: &'a Ends<M>,
    room: Room,
    thread: usize,
    messages: u32,
    /// What each wait to send was begun with.
    offered: Vec<(Id, u32)>,
    permits: Vec<SendPermits<'a, M>>,
    /// All kinds of wait take their names here.
    sending: Waits<Sending<'a, M>>,
    reserving: Waits<ReservingMany<'a, M>>,
    receiving: Waits<Receiving<'a, M>>,
    /// A handle that was polled in vain.
    listener: Option<(Id, Receiver<M>, Bell)>,
}

impl<'a, M: Message> Grip<'a, M> {
    /// A message that nobody else sends.
    fn message(&mut self) -> u32 {
        self.messages += 1;
        self.thread as u32 * 1_000 + self.messages
    }

    fn is_empty(&self) -> bool {
        self.permits.is_empty() && self.waiting().is_empty()
    }

    fn any(&self, pick: &mut Pick<'_>) -> Option<Id> {
        let waiting = self.waiting();
        (!waiting.is_empty()).then(|| waiting[pick(waiting.len())].0)
    }

    fn reserved(&mut self, permits: Option<Result<SendPermits<'a, M>, mailbox::Closed>>) -> Answer {
        match permits {
            None => Answer::Pending,
            Some(Err(_)) => Answer::Closed,
            Some(Ok(permits)) => {
                self.permits.extend((permits.len() > 0).then_some(permits));
                Answer::Ok
            }
        }
    }

    fn offer(&self, id: Id) -> u32 {
        self.offered.iter().find(|offered| offered.0 == id).expect("it was offered").1
    }

    /// Polls the handle, or a new one.
    fn listen(&mut self, id: Id) -> Answer {
        let (mut handle, bell) = match self.listener.take() {
            Some((_, handle, bell)) => (handle, bell),
            None => (self.ends.receiver.clone(), Bell::new()),
        };
        bell.take_wakes();
        match handle.poll_recv(&mut bell.context()) {
            Poll::Ready(message) => received(Some(message)),
            Poll::Pending => {
                self.listener = Some((id, handle, bell));
                Answer::Pending
            }
        }
    }

    fn is_listening(&self, id: Id) -> bool {
        self.listener.as_ref().is_some_and(|listener| listener.0 == id)
    }

    fn poll(&mut self, id: Id) -> Answer {
        if self.is_listening(id) {
            return self.listen(id);
        }
        if self.sending.list.iter().any(|wait| wait.id == id) {
            sent(self.offer(id), self.sending.poll(id))
        } else if self.receiving.list.iter().any(|wait| wait.id == id) {
            received(self.receiving.poll(id))
        } else {
            let permit = self.reserving.poll(id);
            self.reserved(permit)
        }
    }

    fn cancel(&mut self, id: Id) -> Answer {
        if self.is_listening(id) {
            self.listener = None;
            return Answer::Ok;
        }
        if self.sending.list.iter().any(|wait| wait.id == id) {
            let mut wait = self.sending.take(id);
            return wait
                .future
                .as_mut()
                .cancel()
                .map_or(Answer::Late, |message| back(self.offer(id), message, Answer::Ok));
        }
        if self.receiving.list.iter().any(|wait| wait.id == id) {
            drop(self.receiving.take(id));
        } else {
            drop(self.reserving.take(id));
        }
        Answer::Ok
    }
}

impl<M: Message> Hand for Grip<'_, M> {
    type Op = Op;

    fn choose(&mut self, pick: &mut Pick<'_>, mix: Mix) -> Op {
        let (waits, need) = (self.any(pick), pick(self.room.most + 1));
        let blocks = mix.blocking && self.thread > 0 && self.is_empty();
        match (pick(26), waits) {
            (0..=5, Some(id)) => Op::Poll { id },
            (6..=7, Some(id)) if mix.cancel => Op::Cancel { id },
            (8, Some(id)) if mix.cancel => Op::Drop { id },
            (9..=12, _) if !self.permits.is_empty() => Op::UsePermit { message: self.message() },
            (13, _) if !self.permits.is_empty() => Op::DropPermits { slots: self.permits[0].len() },
            (0..=5, None) if blocks => Op::BlockSend { id: self.sending.name(), message: self.message() },
            (6..=12, None) if blocks => Op::BlockReceive { id: self.sending.name() },
            (0..=5, _) => Op::Send { id: self.sending.name(), message: self.message() },
            (6..=7, _) if mix.long_steps && self.listener.is_none() && self.room.capacity != Some(0) => {
                Op::Listen { id: self.sending.name() }
            }
            (6..=10, _) => Op::Receive { id: self.sending.name() },
            (11..=12, _) => Op::Reserve { id: self.sending.name(), need },
            (13..=14, _) => Op::TryReceive,
            (15..=16, _) => Op::TrySend { message: self.message() },
            (17, _) => Op::TryReserve { need },
            (18, _) => Op::Force { message: self.message() },
            (19..=20, _) if mix.closes(pick) => Op::Close,
            (21..=22, _) => {
                Op::ReceiveMany { limit: need, waits: mix.long_steps && self.room.capacity != Some(0) && pick(2) == 0 }
            }
            (23, _) => Op::Len,
            (24, _) => Op::Remaining,
            (25, _) if pick(2) == 0 => Op::Senders,
            _ => Op::Receivers,
        }
    }

    fn perform(&mut self, op: &Op) -> Answer {
        let Ends { sender, receiver } = self.ends;
        match *op {
            Op::Send { id, message } => {
                self.offered.push((id, message));
                sent(message, self.sending.start(id, sender.send(M::of(message))))
            }
            Op::Reserve { id, need } => {
                let permit = self.reserving.start(id, sender.reserve_many(need));
                self.reserved(permit)
            }
            Op::Receive { id } => received(self.receiving.start(id, receiver.recv())),
            Op::Listen { id } => self.listen(id),
            Op::Poll { id } => self.poll(id),
            Op::Cancel { id } => self.cancel(id),
            Op::Drop { id } if self.sending.list.iter().any(|wait| wait.id == id) => {
                drop(self.sending.take(id));
                Answer::Ok
            }
            Op::Drop { id } => self.cancel(id),
            Op::BlockSend { message, .. } => sent(message, Some(sender.send_blocking(M::of(message)))),
            Op::BlockReceive { .. } => received(Some(receiver.recv_blocking())),
            Op::TrySend { message } => {
                sender.try_send(M::of(message)).map_or_else(|error| refused(message, error), |()| Answer::Ok)
            }
            Op::TryReserve { need } => match sender.try_reserve_many(need) {
                Ok(permits) => self.reserved(Some(Ok(permits))),
                Err(TryReserveError::Closed) => Answer::Closed,
                Err(_) => Answer::Refused,
            },
            Op::TryReceive => match receiver.try_recv() {
                Ok(message) => Answer::Value(message.number()),
                Err(error) => nothing(error),
            },
            Op::ReceiveMany { limit, waits } => receive_many(receiver, limit, waits),
            Op::Force { message } => match sender.force_send(M::of(message)) {
                Ok(evicted) => evicted.map_or(Answer::Ok, |message| Answer::Value(message.number())),
                Err(error) => refused(message, error),
            },
            Op::UsePermit { message } => {
                let permit = self.permits[0].next().expect("none is empty");
                self.permits.retain(|permits| permits.len() > 0);
                sent(message, Some(permit.send(M::of(message))))
            }
            Op::DropPermits { .. } => {
                drop(self.permits.remove(0));
                Answer::Ok
            }
            Op::Close => sender.close_mailbox().into(),
            Op::Len => Answer::Count(receiver.len()),
            Op::Remaining => Answer::Count(sender.remaining()),
            Op::Senders => Answer::Count(receiver.waiting_senders()),
            Op::Receivers => Answer::Count(sender.waiting_receivers()),
        }
    }

    fn waiting(&self) -> Vec<(Id, bool)> {
        let listener = self.listener.iter().map(|(id, _, bell)| (*id, bell.wakes() > 0)).collect();
        [self.sending.waiting(), self.reserving.waiting(), self.receiving.waiting(), listener].concat()
    }

    fn poll_of(id: Id) -> Op {
        Op::Poll { id }
    }

    fn let_go(&self) -> Option<Op> {
        let held = self.permits.first().map(|permits| Op::DropPermits { slots: permits.len() });
        held.or_else(|| self.waiting().first().map(|&(id, _)| Op::Cancel { id }))
    }

    // Whoever is blocked learns that nothing comes any more.
    fn farewell(&self) -> Option<Op> {
        (self.thread == 0).then_some(Op::Close)
    }
}
