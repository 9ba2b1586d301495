//! Mailboxes: for tasks, for threads, and by the batch.

use std::fmt::{self, Display};
use std::future::Future;

/// Who is to talk to whom, and how much may lie between them.
#[derive(Clone, Copy)]
pub struct Line {
    pub senders: usize,
    pub receivers: usize,
    /// `None` has no bound.
    pub capacity: Option<usize>,
    /// Whether senders may pass those that wait, where one can choose.
    pub barging: bool,
}

impl Line {
    pub const fn bounded(senders: usize, receivers: usize, capacity: usize) -> Self {
        Self { senders, receivers, capacity: Some(capacity), barging: false }
    }

    pub const fn barging(senders: usize, receivers: usize, capacity: usize) -> Self {
        Self { senders, receivers, capacity: Some(capacity), barging: true }
    }

    pub const fn unbounded(senders: usize, receivers: usize) -> Self {
        Self { senders, receivers, capacity: None, barging: false }
    }

    /// Has a bound of at least one message.
    pub fn is_buffered(self) -> bool {
        self.capacity.is_some_and(|capacity| capacity > 0)
    }

    pub fn is_unbounded(self) -> bool {
        self.capacity.is_none()
    }

    /// The bound of a line that has one.
    pub fn bound(self) -> usize {
        self.capacity.expect("a bounded line")
    }
}

impl Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}→{}, capacity ", self.senders, self.receivers)?;
        match self.capacity {
            Some(usize::MAX) => f.write_str("usize::MAX"),
            Some(capacity) => write!(f, "{capacity}"),
            None => write!(f, "∞"),
        }
    }
}

/// Something to send that is made from a number.
pub trait Message: Send + Sync + Unpin + 'static {
    fn number(n: u64) -> Self;
}

impl Message for u64 {
    fn number(n: u64) -> Self {
        n
    }
}

impl<const N: usize> Message for [u64; N] {
    fn number(n: u64) -> Self {
        [n; N]
    }
}

/// How a mailbox answers to a send. Peers hand out their own futures, so that nobody pays for an adapter.
pub trait Sent {
    fn sent(self);
}

impl<E> Sent for Result<(), E> {
    fn sent(self) {
        assert!(self.is_ok(), "the mailbox is open");
    }
}

/// How a mailbox answers to a receive: the message, or nothing at the end.
pub trait Received<T> {
    fn received(self) -> Option<T>;
}

impl<T> Received<T> for Option<T> {
    fn received(self) -> Option<T> {
        self
    }
}

impl<T, E> Received<T> for Result<T, E> {
    fn received(self) -> Option<T> {
        self.ok()
    }
}

/// A mailbox for tasks. It ends when the last sender is dropped.
pub trait Mailbox<T: Message>: 'static {
    const NAME: &'static str;
    /// Whether every sender has a slot of its own, which is of no use to the others.
    const OWN_SLOTS: bool = false;
    type Sender: Send + 'static;
    type Receiver: Send + 'static;

    /// Whether it can carry this line, and is what its authors recommend for it.
    fn serves(line: Line) -> bool;
    fn open(line: Line) -> (Self::Sender, Self::Receiver);

    fn another_sender(_: &Self::Sender) -> Self::Sender {
        unreachable!("serves one sender")
    }
    fn another_receiver(_: &Self::Receiver) -> Self::Receiver {
        unreachable!("serves one receiver")
    }

    fn send(sender: &mut Self::Sender, message: T) -> impl Future<Output: Sent> + Send;
    fn recv(receiver: &mut Self::Receiver) -> impl Future<Output: Received<T>> + Send;
}

/// A mailbox that a sender can close, so that nobody waits any longer.
pub trait Closing: Mailbox<u64> {
    fn close(sender: &mut Self::Sender);
}

/// A mailbox that also moves many messages in one operation.
pub trait Batch: Mailbox<u64> {
    fn send_many(sender: &mut Self::Sender, count: usize) -> impl Future<Output = ()> + Send;
    fn recv_many<'a>(
        receiver: &'a mut Self::Receiver,
        into: &'a mut Vec<u64>,
        limit: usize,
    ) -> impl Future<Output = usize> + Send;
}

/// A mailbox for threads.
pub trait Blocking: 'static {
    const NAME: &'static str;
    type Sender: Send + 'static;
    type Receiver: Send + 'static;

    fn serves(line: Line) -> bool;
    fn open(line: Line) -> (Self::Sender, Self::Receiver);

    fn another_sender(_: &Self::Sender) -> Self::Sender {
        unreachable!("serves one sender")
    }
    fn another_receiver(_: &Self::Receiver) -> Self::Receiver {
        unreachable!("serves one receiver")
    }

    fn send(sender: &Self::Sender, message: u64);
    fn recv(receiver: &mut Self::Receiver) -> Option<u64>;
}

/// Why a try did nothing.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Refusal {
    /// It is full, or it is empty.
    NotNow,
    /// It is closed; for a receiver: and empty.
    Closed,
}

impl Refusal {
    pub fn closed_if(closed: bool) -> Self {
        if closed { Self::Closed } else { Self::NotNow }
    }
}

/// A mailbox for threads that can also be tried.
pub trait Trying: Blocking {
    fn try_send(sender: &Self::Sender, message: u64) -> Result<(), Refusal>;
    fn try_recv(receiver: &mut Self::Receiver) -> Result<u64, Refusal>;
}

/// A mailbox for threads that a sender can close.
pub trait BlockingClosing: Trying {
    fn close(sender: &Self::Sender);
}
