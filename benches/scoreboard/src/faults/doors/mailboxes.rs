//! The doors of mailboxes: one at either end, and the end of the mailbox itself.

use std::any::Any;
use std::cell::RefCell;
use std::future::Future;
use std::marker::PhantomData;
use std::pin::{Pin, pin};

use super::super::task::Visit;
use super::{Crowd, Door};
use crate::kinds::{Line, Mailbox};
use crate::poll::poll;

/// Sends, and keeps the send for ever if it has to wait: at capacity 0 it waits for whoever takes its message.
pub fn send_and_stay<M: Mailbox<u64>>(sender: M::Sender, message: u64) {
    let mut sending: Pin<Box<_>> = Box::pin(M::send(Box::leak(Box::new(sender)), message));
    poll(sending.as_mut());
    let sending: Box<dyn Any> = Box::new(sending);
    Box::leak(sending);
}

/// Makes everybody who sends wait. All of them take part, because some mailboxes keep room for each.
fn fill<M: Mailbox<u64>>(line: Line, senders: &mut [M::Sender]) {
    let all = senders.len();
    for n in 0..line.bound() {
        poll(pin!(M::send(&mut senders[n % all], n as u64))).expect("there is room");
    }
}

fn senders<M: Mailbox<u64>>(first: M::Sender, line: Line) -> Vec<M::Sender> {
    let mut senders = vec![first];
    while senders.len() < line.senders {
        senders.push(M::another_sender(&senders[0]));
    }
    senders
}

fn receivers<M: Mailbox<u64>>(first: M::Receiver, line: Line) -> Vec<M::Receiver> {
    let mut receivers = vec![first];
    while receivers.len() < line.receivers {
        receivers.push(M::another_receiver(&receivers[0]));
    }
    receivers
}

/// Room is lost to whoever waits for it, a message is not.
fn visit_by_sending<M: Mailbox<u64>>(seat: &M::Sender) -> Visit {
    let mut sender = M::another_sender(seat);
    Box::new(move || {
        let served = poll(pin!(M::send(&mut sender, 1))).is_some();
        if served {
            poll(pin!(M::send(&mut sender, 2)));
        }
        served
    })
}

fn visit_by_receiving<M: Mailbox<u64>>(seat: &M::Receiver) -> Visit {
    let mut receiver = M::another_receiver(seat);
    Box::new(move || {
        let served = poll(pin!(M::recv(&mut receiver))).is_some();
        if served {
            poll(pin!(M::recv(&mut receiver)));
        }
        served
    })
}

/// Receivers wait, and messages are sent.
pub struct Receive<M>(pub Line, pub PhantomData<M>);

impl<M: Mailbox<u64>> Door for Receive<M> {
    type Place = M::Sender;
    type Seat = M::Receiver;
    const NEW_WAIT: bool = true;
    const ONE_BY_ONE: bool = true;
    const CROWD: Option<Crowd> = None;

    fn name(&self) -> String {
        format!("{}, a message for a receiver", self.0)
    }
    fn crate_name(&self) -> &'static str {
        M::NAME
    }
    fn seats(&self) -> usize {
        self.0.receivers
    }
    fn open(&self) -> (M::Sender, Vec<M::Receiver>) {
        let (sender, receiver) = M::open(self.0);
        (sender, receivers::<M>(receiver, self.0))
    }
    fn wait<'a>(_: &'a M::Sender, receiver: &'a mut M::Receiver) -> impl Future + 'a {
        M::recv(receiver)
    }
    fn let_go(sender: &M::Sender, many: usize) {
        for n in 0..many {
            send_and_stay::<M>(M::another_sender(sender), n as u64);
        }
    }
    fn visitor(&self, sender: &M::Sender, seat: &M::Receiver) -> Visit {
        if self.0.receivers == 1 {
            return visit_by_sending::<M>(sender);
        }
        visit_by_receiving::<M>(seat)
    }
}

/// Senders wait, and messages are received.
pub struct Send<M>(pub Line, pub PhantomData<M>);

pub struct Full<M: Mailbox<u64>> {
    line: Line,
    receiver: RefCell<M::Receiver>,
}

impl<M: Mailbox<u64>> Door for Send<M> {
    type Place = Full<M>;
    type Seat = M::Sender;
    const NEW_WAIT: bool = true;
    const ONE_BY_ONE: bool = true;
    const CROWD: Option<Crowd> = None;

    fn name(&self) -> String {
        format!("{}, room for a sender", self.0)
    }
    fn crate_name(&self) -> &'static str {
        M::NAME
    }
    fn seats(&self) -> usize {
        self.0.senders
    }
    /// Some take the message of a sender that waits as soon as there is room, and then there is nothing to inherit. Who
    /// gets the room is a question of the probe F.
    fn has_heirs(&self) -> bool {
        false
    }
    fn open(&self) -> (Self::Place, Vec<M::Sender>) {
        let (sender, receiver) = M::open(self.0);
        let mut senders = senders::<M>(sender, self.0);
        fill::<M>(self.0, &mut senders);
        (Full { line: self.0, receiver: RefCell::new(receiver) }, senders)
    }
    fn wait<'a>(_: &'a Self::Place, sender: &'a mut M::Sender) -> impl Future + 'a {
        M::send(sender, 3)
    }
    fn let_go(full: &Self::Place, many: usize) {
        let mut receiver = full.receiver.borrow_mut();
        // Room for one is of no use to another if everybody has a slot.
        let many = if M::OWN_SLOTS { full.line.senders } else { many };
        for _ in 0..many {
            poll(pin!(M::recv(&mut receiver))).expect("there is a message");
        }
    }
    fn visitor(&self, _: &Self::Place, seat: &M::Sender) -> Visit {
        visit_by_sending::<M>(seat)
    }
}

/// What is left of a mailbox besides those who wait.
pub struct Ends<M: Mailbox<u64>> {
    pub sender: Option<M::Sender>,
    pub receiver: Option<M::Receiver>,
}

/// Everybody at one end waits, and the mailbox ends.
pub struct End<M: Mailbox<u64>, Side> {
    pub line: Line,
    pub how: &'static str,
    pub end: fn(&mut Ends<M>),
    pub side: PhantomData<Side>,
}

pub struct Receivers;
pub struct Senders;

impl<M: Mailbox<u64>> Door for End<M, Receivers> {
    type Place = RefCell<(Ends<M>, fn(&mut Ends<M>))>;
    type Seat = M::Receiver;
    const NEW_WAIT: bool = false;
    const ONE_BY_ONE: bool = false;
    const CROWD: Option<Crowd> = Some(Crowd::AtOnce);

    fn name(&self) -> String {
        format!("{}, {} with receivers waiting", self.line, self.how)
    }
    fn crate_name(&self) -> &'static str {
        M::NAME
    }
    fn seats(&self) -> usize {
        self.line.receivers
    }
    fn has_visitors(&self) -> bool {
        self.line.receivers > 1
    }
    fn open(&self) -> (Self::Place, Vec<M::Receiver>) {
        let (sender, receiver) = M::open(self.line);
        let ends = Ends { sender: Some(sender), receiver: None };
        (RefCell::new((ends, self.end)), receivers::<M>(receiver, self.line))
    }
    fn wait<'a>(_: &'a Self::Place, receiver: &'a mut M::Receiver) -> impl Future + 'a {
        M::recv(receiver)
    }
    fn let_go(place: &Self::Place, _: usize) {
        let (ends, end) = &mut *place.borrow_mut();
        end(ends);
    }
    fn visitor(&self, _: &Self::Place, seat: &M::Receiver) -> Visit {
        visit_by_receiving::<M>(seat)
    }
}

impl<M: Mailbox<u64>> Door for End<M, Senders> {
    type Place = RefCell<(Ends<M>, fn(&mut Ends<M>))>;
    type Seat = M::Sender;
    const NEW_WAIT: bool = false;
    const ONE_BY_ONE: bool = false;
    const CROWD: Option<Crowd> = Some(Crowd::AtOnce);

    fn name(&self) -> String {
        format!("{}, {} with senders waiting", self.line, self.how)
    }
    fn crate_name(&self) -> &'static str {
        M::NAME
    }
    fn seats(&self) -> usize {
        self.line.senders
    }
    fn open(&self) -> (Self::Place, Vec<M::Sender>) {
        let (sender, receiver) = M::open(self.line);
        let mut senders = senders::<M>(sender, self.line);
        fill::<M>(self.line, &mut senders);
        let ends = Ends { sender: Some(M::another_sender(&senders[0])), receiver: Some(receiver) };
        (RefCell::new((ends, self.end)), senders)
    }
    fn wait<'a>(_: &'a Self::Place, sender: &'a mut M::Sender) -> impl Future + 'a {
        M::send(sender, 3)
    }
    fn let_go(place: &Self::Place, _: usize) {
        let (ends, end) = &mut *place.borrow_mut();
        end(ends);
    }
    fn visitor(&self, _: &Self::Place, seat: &M::Sender) -> Visit {
        visit_by_sending::<M>(seat)
    }
}
