//! What one thread does with ports.

use std::marker::PhantomData;
use std::task::Poll;

use sempost::mailbox::ports::{PortReceiver, Ports, ReceivingAny, ReceivingFrom};
use sempost::mailbox::{self, Sender, SendingOwned, TryRecvError, TrySendError};

use super::super::subject::{Hand, Mix, Pick, Subject, Waits};
use super::super::{Answer, Id, Spec};
use super::{Op, Setup, message, opened, source, taken};
use crate::common::Bell;

/// The ports and their receiver, which all threads share, and by which specification they are told.
pub struct Sources<S> {
    ports: Option<Ports<usize, u32>>,
    senders: Vec<Sender<u32>>,
    receiver: PortReceiver<usize, u32>,
    spec: PhantomData<fn() -> S>,
}

impl<S: Spec<Op = Op> + From<Setup>> Subject for Sources<S> {
    type Setup = Setup;
    type Op = Op;
    type Spec = S;
    type Hand<'a>
        = Grip<'a>
    where
        S: 'a;

    fn new(setup: Setup) -> Self {
        let (ports, receiver) = mailbox::ports(setup.order());
        let senders = (0..setup.ports).map(|port| ports.open(port, setup.capacity).expect("it is new")).collect();
        Self { ports: setup.opener.then_some(ports), senders, receiver, spec: PhantomData }
    }

    fn spec(setup: Setup) -> S {
        S::from(setup)
    }

    fn hand(&self, setup: Setup, thread: usize) -> Grip<'_> {
        Grip {
            ports: self.ports.as_ref(),
            receiver: &self.receiver,
            setup,
            thread,
            messages: 0,
            senders: self.senders.clone(),
            open: if thread == 0 { setup.ports } else { 0 },
            offered: Vec::new(),
            sending: Waits::of(thread),
            any: Waits::of(thread),
            from: Waits::of(thread),
            listener: None,
        }
    }

    fn looks() -> Vec<Op> {
        vec![Op::Len, Op::Ports, Op::Receivers]
    }
}

/// Handles and waits of one thread.
pub struct Grip<'a> {
    ports: Option<&'a Ports<usize, u32>>,
    receiver: &'a PortReceiver<usize, u32>,
    setup: Setup,
    thread: usize,
    messages: u32,
    senders: Vec<Sender<u32>>,
    /// The first thread closes so many ports in the end.
    open: usize,
    /// What each wait to send was begun with.
    offered: Vec<(Id, u32)>,
    /// All kinds of wait take their names here.
    sending: Waits<SendingOwned<u32>>,
    any: Waits<ReceivingAny<'a, usize, u32>>,
    from: Waits<ReceivingFrom<'a, usize, u32>>,
    /// A handle that was polled in vain.
    listener: Option<(Id, PortReceiver<usize, u32>, Bell)>,
}

/// What a receive from anywhere answers. The key has to be that of the message.
fn received(result: Option<Option<(usize, u32)>>) -> Answer {
    match result {
        None => Answer::Pending,
        Some(None) => Answer::Closed,
        Some(Some(pair)) => Answer::Value(of_its_source(pair)),
    }
}

fn of_its_source((key, message): (usize, u32)) -> u32 {
    assert_eq!(key, source(message), "a message of another source");
    message
}

fn received_from(result: Option<Option<u32>>) -> Answer {
    result.map_or(Answer::Pending, |message| message.map_or(Answer::Closed, Answer::Value))
}

impl<'a> Grip<'a> {
    /// A message that nobody else sends.
    fn message(&mut self, port: usize) -> u32 {
        self.messages += 1;
        message(port, self.thread as u32 * 1_000 + self.messages)
    }

    fn any(&self, pick: &mut Pick<'_>) -> Option<Id> {
        let waiting = self.waiting();
        (!waiting.is_empty()).then(|| waiting[pick(waiting.len())].0)
    }

    fn sent(&self, message: u32, result: Result<(), u32>, refused: Answer) -> Answer {
        match result {
            Ok(()) => Answer::Ok,
            Err(came) => {
                assert_eq!(came, message, "another message came back");
                refused
            }
        }
    }

    fn send(&mut self, id: Id, message: u32) -> Answer {
        self.offered.push((id, message));
        let sent = self.sending.start(id, self.senders[source(message)].clone().send_owned(message));
        sent.map_or(Answer::Pending, |(sent, _)| self.sent(message, sent.map_err(|error| error.0), Answer::Closed))
    }

    fn listen(&mut self, id: Id) -> Answer {
        let (_, mut handle, bell) = self.listener.take().unwrap_or_else(|| (id, self.receiver.clone(), Bell::new()));
        bell.take_wakes();
        match handle.poll_recv(&mut bell.context()) {
            Poll::Ready(next) => received(Some(next)),
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
        let is = |waiting: Vec<(Id, bool)>| waiting.iter().any(|wait| wait.0 == id);
        if self.is_listening(id) {
            self.listen(id)
        } else if is(self.sending.waiting()) {
            let message = self.offered.iter().find(|offered| offered.0 == id).expect("it was offered").1;
            let sent = self.sending.poll(id);
            sent.map_or(Answer::Pending, |(sent, _)| self.sent(message, sent.map_err(|error| error.0), Answer::Closed))
        } else if is(self.any.waiting()) {
            received(self.any.poll(id))
        } else {
            received_from(self.from.poll(id))
        }
    }

    fn cancel(&mut self, id: Id) {
        let is = |waiting: Vec<(Id, bool)>| waiting.iter().any(|wait| wait.0 == id);
        if self.is_listening(id) {
            self.listener = None;
        } else if is(self.sending.waiting()) {
            drop(self.sending.take(id));
        } else if is(self.any.waiting()) {
            drop(self.any.take(id));
        } else {
            drop(self.from.take(id));
        }
    }

    fn open(&mut self, port: usize) -> Answer {
        let ports = self.ports.expect("there is an opener");
        match opened(ports.open(port, self.setup.capacity)) {
            Ok(sender) => {
                self.senders[port] = sender;
                Answer::Ok
            }
            Err(answer) => answer,
        }
    }

    fn receive_many(&self, limit: usize) -> Answer {
        let mut buffer = Vec::new();
        match self.receiver.try_recv_many(&mut buffer, limit) {
            Ok(taken) => {
                assert_eq!(taken, buffer.len(), "it counts what it took");
                Answer::Values(buffer.into_iter().map(of_its_source).collect())
            }
            Err(TryRecvError::Closed) => Answer::Closed,
            Err(_) => Answer::Refused,
        }
    }
}

impl Hand for Grip<'_> {
    type Op = Op;

    fn choose(&mut self, pick: &mut Pick<'_>, mix: Mix) -> Op {
        let (waits, port) = (self.any(pick), pick(self.setup.ports));
        let blocks = mix.blocking && self.thread > 0 && self.waiting().is_empty();
        match (pick(24), waits) {
            (0..=5, Some(id)) => Op::Poll { id },
            (6..=8, Some(id)) if mix.cancel => Op::Cancel { id },
            (0..=2, None) if blocks => Op::BlockSend { id: self.sending.name(), message: self.message(port) },
            (3..=5, None) if blocks => Op::BlockReceive { id: self.sending.name() },
            (6..=8, None) if blocks => Op::BlockFrom { id: self.sending.name(), port },
            (0..=2, _) => Op::Send { id: self.sending.name(), message: self.message(port) },
            (3, _) if mix.long_steps && self.listener.is_none() => Op::Listen { id: self.sending.name() },
            (3..=5, _) => Op::Receive { id: self.sending.name() },
            (6..=9, _) => Op::From { id: self.sending.name(), port },
            (10..=11, _) => Op::TryReceive,
            (12..=13, _) => Op::TryFrom { port },
            (14, _) if mix.long_steps => Op::ReceiveMany { limit: pick(24) },
            (15, _) if mix.close => Op::ClosePort { port },
            (16, _) if mix.long_steps && pick(16) == 0 => Op::Close,
            (17..=18, _) if mix.long_steps && self.setup.opener => Op::Open { port },
            _ => Op::TrySend { message: self.message(port) },
        }
    }

    fn perform(&mut self, op: &Op) -> Answer {
        match *op {
            Op::Send { id, message } => self.send(id, message),
            Op::Receive { id } => received(self.any.start(id, self.receiver.recv())),
            Op::From { id, port } => received_from(self.from.start(id, self.receiver.recv_from(&port))),
            Op::Listen { id } => self.listen(id),
            Op::Poll { id } => self.poll(id),
            Op::Cancel { id } => {
                self.cancel(id);
                Answer::Ok
            }
            Op::BlockSend { message, .. } => {
                let sent = self.senders[source(message)].send_blocking(message).map_err(|error| error.0);
                self.sent(message, sent, Answer::Closed)
            }
            Op::BlockReceive { .. } => received(Some(self.receiver.recv().wait())),
            Op::BlockFrom { port, .. } => received_from(Some(self.receiver.recv_from(&port).wait())),
            Op::TrySend { message } => match self.senders[source(message)].try_send(message) {
                Ok(()) => Answer::Ok,
                Err(TrySendError::Full(came)) => self.sent(message, Err(came), Answer::Refused),
                Err(TrySendError::Closed(came)) => self.sent(message, Err(came), Answer::Closed),
            },
            Op::TryReceive => taken(self.receiver.try_recv().map(of_its_source)),
            Op::TryFrom { port } => taken(self.receiver.try_recv_from(&port)),
            Op::ReceiveMany { limit } => self.receive_many(limit),
            Op::Open { port } => self.open(port),
            Op::ClosePort { port } => {
                if self.open > 0 && port == self.open - 1 {
                    self.open -= 1;
                }
                self.receiver.close_port(&port).into()
            }
            Op::Close => self.receiver.close().into(),
            Op::Leave | Op::HangUp { .. } => unreachable!("a hand does not own the last handle"),
            Op::Len => Answer::Count(self.receiver.len()),
            Op::Ports => Answer::Count(self.receiver.port_count()),
            Op::Receivers => Answer::Count(self.receiver.waiting_receivers()),
        }
    }

    fn waiting(&self) -> Vec<(Id, bool)> {
        let listener = self.listener.iter().map(|(id, _, bell)| (*id, bell.wakes() > 0)).collect();
        [self.sending.waiting(), self.any.waiting(), self.from.waiting(), listener].concat()
    }

    fn poll_of(id: Id) -> Op {
        Op::Poll { id }
    }

    // Who is blocked learns that nothing comes any more: the first thread closes the ports, one after the other.
    fn let_go(&self) -> Option<Op> {
        let first = self.waiting().first().map(|&(id, _)| Op::Cancel { id });
        first.or_else(|| self.open.checked_sub(1).map(|port| Op::ClosePort { port }))
    }
}
