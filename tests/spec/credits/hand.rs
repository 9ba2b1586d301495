//! What one thread does with a mailbox with credits.

use sempost::mailbox::credits::{
    CreditPermit, CreditReceiver, CreditReserving, CreditSender, CreditSending, Lease, PermitSendError,
};
use sempost::mailbox::{self, Receiving, SendError, TryRecvError, TryReserveError, TrySendError};

use super::super::subject::{Hand, Mix, Pick, Subject, Waits};
use super::super::{Answer, Id, WAITS};
use super::{Credits, Op, weight};

/// Both ends, which all threads share.
pub struct Ends {
    sender: CreditSender<u32>,
    receiver: CreditReceiver<u32>,
}

impl Subject for Ends {
    type Setup = usize;
    type Op = Op;
    type Spec = Credits;
    type Hand<'a> = Grip<'a>;

    fn new(limit: usize) -> Self {
        let (sender, receiver) = mailbox::credits(limit, |message| weight(*message));
        Self { sender, receiver }
    }

    fn spec(limit: usize) -> Credits {
        Credits::new(limit)
    }

    fn hand(&self, limit: usize, thread: usize) -> Grip<'_> {
        Grip {
            ends: self,
            limit,
            thread,
            messages: 0,
            offered: Vec::new(),
            permits: Vec::new(),
            leases: Vec::new(),
            sending: Waits::of(thread),
            reserving: Waits::of(thread),
            receiving: Waits::of(thread),
        }
    }

    fn looks() -> Vec<Op> {
        vec![Op::Len, Op::Available, Op::Granted, Op::Senders, Op::Receivers]
    }
}

/// Permits, leases and waits of one thread.
pub struct Grip<'a> {
    ends: &'a Ends,
    limit: usize,
    thread: usize,
    messages: u32,
    /// What each wait to send was begun with.
    offered: Vec<(Id, u32)>,
    permits: Vec<CreditPermit<'a, u32>>,
    leases: Vec<Lease<u32>>,
    /// Every operation that has a name takes it here.
    sending: Waits<CreditSending<'a, u32>>,
    reserving: Waits<CreditReserving<'a, u32>>,
    receiving: Waits<Receiving<'a, Lease<u32>>>,
}

fn back(message: u32, came: u32, answer: Answer) -> Answer {
    assert_eq!(came, message, "another message came back");
    answer
}

fn sent(message: u32, result: Option<Result<(), SendError<u32>>>) -> Answer {
    match result {
        None => Answer::Pending,
        Some(Ok(())) => Answer::Ok,
        Some(Err(SendError(came))) => back(message, came, Answer::Closed),
    }
}

impl<'a> Grip<'a> {
    /// A message that nobody else sends.
    fn message(&mut self, weight: usize) -> u32 {
        self.messages += 1;
        (self.thread as u32 * 1_000 + self.messages) * 10 + weight as u32
    }

    fn is_empty(&self) -> bool {
        self.permits.is_empty() && self.leases.is_empty() && self.waiting().is_empty()
    }

    fn reserved(&mut self, permit: Option<Result<CreditPermit<'a, u32>, mailbox::Closed>>) -> Answer {
        match permit {
            None => Answer::Pending,
            Some(Err(_)) => Answer::Closed,
            Some(Ok(permit)) => {
                self.permits.push(permit);
                Answer::Ok
            }
        }
    }

    fn leased(&mut self, lease: Lease<u32>) -> u32 {
        let message = *lease;
        assert_eq!(lease.weight(), weight(message).clamp(1, self.limit), "a lease of another weight");
        self.leases.push(lease);
        message
    }

    fn received(&mut self, lease: Option<Option<Lease<u32>>>) -> Answer {
        match lease {
            None => Answer::Pending,
            Some(None) => Answer::Closed,
            Some(Some(lease)) => Answer::Value(self.leased(lease)),
        }
    }

    fn receive_many(&mut self, limit: usize) -> Answer {
        let mut buffer = Vec::with_capacity(limit);
        match self.ends.receiver.try_recv_many(&mut buffer, limit) {
            Ok(_) => Answer::Values(buffer.into_iter().map(|lease| self.leased(lease)).collect()),
            Err(TryRecvError::Closed) => Answer::Closed,
            Err(_) => Answer::Refused,
        }
    }

    fn use_permit(&mut self, message: u32) -> Answer {
        match self.permits.remove(0).send(message) {
            Ok(()) => Answer::Ok,
            Err(PermitSendError::TooHeavy(came)) => back(message, came, Answer::Refused),
            Err(PermitSendError::Closed(came)) => back(message, came, Answer::Closed),
        }
    }

    fn poll(&mut self, id: Id) -> Answer {
        if self.sending.list.iter().any(|wait| wait.id == id) {
            let message = self.offered.iter().find(|offered| offered.0 == id).expect("it was offered").1;
            sent(message, self.sending.poll(id))
        } else if self.receiving.list.iter().any(|wait| wait.id == id) {
            let lease = self.receiving.poll(id);
            self.received(lease)
        } else {
            let permit = self.reserving.poll(id);
            self.reserved(permit)
        }
    }

    fn cancel(&mut self, id: Id) {
        if self.sending.list.iter().any(|wait| wait.id == id) {
            let message = self.sending.take(id).future.as_mut().cancel();
            assert!(message.is_some(), "a message that was not sent comes back");
        } else if self.receiving.list.iter().any(|wait| wait.id == id) {
            drop(self.receiving.take(id));
        } else {
            drop(self.reserving.take(id));
        }
    }

    /// Ends the oldest lease, in one of two ways.
    fn end_lease(&mut self) {
        let lease = self.leases.remove(0);
        let message = *lease;
        if message % 20 < 10 {
            assert_eq!(lease.into_inner(), message);
        }
    }
}

impl Hand for Grip<'_> {
    type Op = Op;

    fn choose(&mut self, pick: &mut Pick<'_>, mix: Mix) -> Op {
        let (waiting, weight) = (self.waiting(), pick((self.limit + 2).min(10)));
        let waits = (!waiting.is_empty()).then(|| waiting[pick(waiting.len())].0);
        let blocks = mix.blocking && self.thread > 0 && self.is_empty();
        let id = self.sending.name();
        match (pick(24), waits) {
            (0..=4, Some(id)) => Op::Poll { id },
            (5..=7, Some(id)) if mix.cancel => Op::Cancel { id },
            (6..=8, _) if !self.leases.is_empty() => Op::EndLease { weight: self.leases[0].weight() },
            (10..=11, _) if !self.permits.is_empty() => {
                Op::UsePermit { id, weight: self.permits[0].weight(), message: self.message(weight) }
            }
            (12, _) if !self.permits.is_empty() => Op::DropPermit { id, weight: self.permits[0].weight() },
            (0..=4, None) if blocks => Op::BlockSend { id, message: self.message(weight) },
            (5..=8, None) if blocks => Op::BlockReceive { id },
            (0..=4, _) => Op::Send { id, message: self.message(weight) },
            (5..=8, _) => Op::Receive { id },
            (9, _) => Op::Reserve { id, weight },
            (10..=14, _) => Op::TryReceive,
            (15, _) => Op::TryReserve { id, weight },
            (16, _) if mix.closes(pick) => Op::Close { id },
            (17, _) => Op::ReceiveMany { limit: pick(4) },
            _ => Op::TrySend { id, message: self.message(weight) },
        }
    }

    fn perform(&mut self, op: &Op) -> Answer {
        let Ends { sender, receiver } = self.ends;
        match *op {
            Op::Send { id, message } => {
                self.offered.push((id, message));
                sent(message, self.sending.start(id, sender.send(message)))
            }
            Op::Reserve { id, weight } => {
                let permit = self.reserving.start(id, sender.reserve(weight));
                self.reserved(permit)
            }
            Op::Receive { id } => {
                let lease = self.receiving.start(id, receiver.recv());
                self.received(lease)
            }
            Op::Poll { id } => self.poll(id),
            Op::Cancel { id } => {
                self.cancel(id);
                Answer::Ok
            }
            Op::BlockSend { message, .. } => sent(message, Some(sender.send_blocking(message))),
            Op::BlockReceive { .. } => self.received(Some(receiver.recv_blocking())),
            Op::TrySend { message, .. } => match sender.try_send(message) {
                Ok(()) => Answer::Ok,
                Err(TrySendError::Full(came)) => back(message, came, Answer::Refused),
                Err(TrySendError::Closed(came)) => back(message, came, Answer::Closed),
            },
            Op::TryReserve { weight, .. } => match sender.try_reserve(weight) {
                Ok(permit) => self.reserved(Some(Ok(permit))),
                Err(TryReserveError::Closed) => Answer::Closed,
                Err(_) => Answer::Refused,
            },
            Op::TryReceive => match receiver.try_recv() {
                Ok(lease) => Answer::Value(self.leased(lease)),
                Err(TryRecvError::Closed) => Answer::Closed,
                Err(_) => Answer::Refused,
            },
            Op::ReceiveMany { limit } => self.receive_many(limit),
            Op::UsePermit { message, .. } => self.use_permit(message),
            Op::DropPermit { .. } => {
                drop(self.permits.remove(0));
                Answer::Ok
            }
            Op::EndLease { .. } => {
                self.end_lease();
                Answer::Ok
            }
            Op::Close { .. } => receiver.close().into(),
            Op::Finish { .. } | Op::Feed { .. } | Op::Flush { .. } | Op::Deafen => {
                unreachable!("a hand does not do this")
            }
            Op::Len => Answer::Count(receiver.len()),
            Op::Available => Answer::Count(sender.available_credits()),
            Op::Granted => Answer::Count(sender.granted_credits()),
            Op::Senders => Answer::Count(receiver.waiting_senders()),
            Op::Receivers => Answer::Count(sender.waiting_receivers()),
        }
    }

    fn waiting(&self) -> Vec<(Id, bool)> {
        [self.sending.waiting(), self.reserving.waiting(), self.receiving.waiting()].concat()
    }

    fn poll_of(id: Id) -> Op {
        Op::Poll { id }
    }

    fn let_go(&self) -> Option<Op> {
        // A name that no wait has.
        let id = self.thread as Id * WAITS + WAITS - 1;
        let permit = self.permits.first().map(|permit| Op::DropPermit { id, weight: permit.weight() });
        let lease = || self.leases.first().map(|lease| Op::EndLease { weight: lease.weight() });
        permit.or_else(lease).or_else(|| self.waiting().first().map(|&(id, _)| Op::Cancel { id }))
    }

    // Who is blocked learns that nothing comes any more.
    fn farewell(&self) -> Option<Op> {
        (self.thread == 0).then_some(Op::Close { id: WAITS - 2 })
    }
}
