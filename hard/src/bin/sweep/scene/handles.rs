//! Two handles that are polled, and a future beside them: in one scene they receive, in the other they send.

use std::task::{Context, Poll};

use hard::Arena;
use sempost::mailbox::{Receiver, TryRecvError};

use super::mailbox::{Mailboxed, Mailboxes};
use super::sink::SinkHand;
use crate::fault::{disagree, same};
use crate::letter::Letter;
use crate::model::mail::Mail;
use crate::model::post::{Post, Reply, Role};
use crate::op::{Op, each};
use crate::world::{Scene, World};

pub struct Handles {
    mailbox: Mailboxes<Mail>,
    sinks: bool,
}

impl Handles {
    pub fn receivers() -> Self {
        Self { mailbox: Mailboxes::new(2, 0, [Role::SeatRecv, Role::SeatRecv, Role::Recv]), sinks: false }
    }

    pub fn sinks() -> Self {
        Self { mailbox: Mailboxes::new(1, 1, [Role::SeatSlot, Role::SeatSlot, Role::Send]), sinks: true }
    }
}

impl Scene for Handles {
    fn name(&self) -> String {
        if self.sinks { "sinks".to_owned() } else { "polled-receivers".to_owned() }
    }

    fn alphabet(&self) -> Vec<Op> {
        let mut alphabet: Vec<_> = each(&[Op::Poll, Op::Swap, Op::Drop]).collect();
        alphabet.extend([Op::Other(0), Op::Forget(2), Op::Send, Op::Recv, Op::Force, Op::Close]);
        if self.sinks {
            // The first is a sink, the second polls for permits.
            alphabet.extend([Op::Start(0), Op::Flush(0), Op::Finish(0)]);
        } else {
            alphabet.push(Op::Other(1));
        }
        alphabet
    }

    fn play(&self, arena: &mut Arena, body: &mut dyn FnMut(&mut dyn World)) {
        self.mailbox.enter(arena, &mut |inner| {
            body(&mut Handled { inner, hands: [None, None] });
        });
    }
}

enum Hand {
    Listener { handle: Receiver<Letter>, wait: Option<usize> },
    Sink(SinkHand),
}

impl Hand {
    /// Messages that the model of the mailbox does not see.
    fn aside(&self) -> usize {
        if let Self::Sink(sink) = self { sink.aside() } else { 0 }
    }

    fn wait(&self) -> Option<usize> {
        match self {
            Self::Listener { wait, .. } => *wait,
            Self::Sink(sink) => sink.wait,
        }
    }
}

struct Handled<'a, 'b> {
    /// The third waiter, and everything else.
    inner: &'b mut Mailboxed<'a, Mail>,
    hands: [Option<Hand>; 2],
}

impl Handled<'_, '_> {
    /// Polls a handle; one that is not there is cloned first.
    fn poll(&mut self, at: usize) {
        let inner = &mut *self.inner;
        let hand = self.hands[at].get_or_insert_with(|| match inner.cast[at] {
            Role::SeatRecv => Hand::Listener { handle: inner.rx.expect("there is one").clone(), wait: None },
            _ => Hand::Sink(SinkHand::new(inner.tx.expect("there is one").clone())),
        });
        match hand {
            Hand::Listener { handle, wait } => poll_recv(handle, wait, &mut inner.model),
            Hand::Sink(sink) if at == 0 => sink.poll_ready(&mut inner.model),
            Hand::Sink(sink) => {
                let letter = inner.write();
                sink.poll_reserve(letter, &mut inner.model);
            }
        }
    }

    /// Uses a handle for something else than to be polled.
    fn use_otherwise(&mut self, at: usize) {
        let letter = self.inner.write();
        let model = &mut self.inner.model;
        match self.hands[at].as_mut().expect("it is there") {
            Hand::Listener { handle, wait } => {
                wait.take().map(|id| model.drop(id));
                let reply = match handle.try_recv() {
                    Ok(letter) => Reply::Got(letter.id()),
                    Err(TryRecvError::Closed) => Reply::Closed,
                    Err(_) => Reply::Not,
                };
                same("try_recv of a handle that was polled", reply, model.try_recv());
            }
            Hand::Sink(sink) => sink.try_send(letter, model),
        }
    }

    fn drop(&mut self, at: usize) {
        match self.hands[at].take().expect("it is there") {
            Hand::Listener { wait, .. } => {
                wait.map(|id| self.inner.model.drop(id));
            }
            Hand::Sink(sink) => sink.drop(&mut self.inner.model),
        }
    }

    /// What only a sink does.
    fn sink(&mut self, op: Op) -> bool {
        let Some(Some(Hand::Sink(sink))) = self.hands.first_mut() else { return false };
        match op {
            Op::Start(_) if sink.is_clear() => {
                let letter = self.inner.write();
                sink.start_send(letter, &mut self.inner.model);
            }
            Op::Flush(_) => sink.poll_flush(&mut self.inner.model),
            Op::Finish(_) => sink.poll_close(&mut self.inner.model),
            _ => return false,
        }
        true
    }

    fn is_awake(&self, at: usize) -> bool {
        self.wait(at).is_some_and(|id| !self.inner.model.book().is_asleep(id))
    }

    /// The wait of a hand.
    fn wait(&self, at: usize) -> Option<usize> {
        self.hands[at].as_ref().and_then(Hand::wait)
    }
}

fn poll_recv(handle: &mut Receiver<Letter>, wait: &mut Option<usize>, model: &mut Mail) {
    let (id, due) = match wait.take() {
        Some(id) => (id, model.poll(id)),
        None => model.arrive(Role::SeatRecv, None),
    };
    let waker = model.waiters().book.waker(id);
    let answer = handle.poll_recv(&mut Context::from_waker(&waker));
    match (answer.map(|next| next.map_or(Reply::Closed, |letter| Reply::Got(letter.id()))), due) {
        (Poll::Pending, Reply::Waits) => *wait = Some(id),
        (Poll::Ready(reply), due) if reply == due => {}
        (answer, due) => disagree(&answer, due),
    }
}

impl World for Handled<'_, '_> {
    fn step(&mut self, op: Op) -> bool {
        match op {
            Op::Poll(at @ 0..=1) => self.poll(at),
            Op::Swap(at @ 0..=1) => {
                let Some(id) = self.wait(at) else { return false };
                self.inner.model.waiters().book.swap(id);
                self.poll(at);
            }
            Op::Drop(at @ 0..=1) | Op::Other(at) if self.hands[at].is_none() => return false,
            Op::Drop(at @ 0..=1) => self.drop(at),
            Op::Other(at) => self.use_otherwise(at),
            Op::Start(_) | Op::Flush(_) | Op::Finish(_) => return self.sink(op),
            op => return self.inner.step(op),
        }
        true
    }

    fn check(&mut self) {
        self.inner.aside = self.hands.iter().flatten().map(Hand::aside).sum();
        self.inner.check();
    }

    fn wind_up(&mut self) -> bool {
        if let Some(at) = (0..2).find(|&at| self.is_awake(at)) {
            self.poll(at);
            // A sink that was woken by a close says so, and keeps its place for the message in its outbox.
            if self.is_awake(at) {
                self.drop(at);
            }
            return true;
        }
        if self.inner.wind_up() {
            return true;
        }
        let there = self.hands.iter().position(Option::is_some);
        there.into_iter().for_each(|at| self.drop(at));
        there.is_some()
    }

    fn state(&self) -> String {
        self.inner.state()
    }
}
