//! Two handles that are polled, and a future beside them: in one scene they receive, in the other they send.

use std::task::{Context, Poll};

use hardening::Arena;
use hardening::spec::mailbox::{Op as Ask, Want};
use hardening::spec::{Answer, Id, Spec};
use sempost::mailbox::Receiver;

use super::mailbox::{Mailboxed, Mailboxes, RECEIVE, SEND, taken};
use super::sink::SinkHand;
use crate::fault::{disagree, same};
use crate::letter::Letter;
use crate::op::{Op, each};
use crate::world::{Scene, World};

pub struct Handles {
    mailbox: Mailboxes,
    sinks: bool,
}

impl Handles {
    pub fn receivers() -> Self {
        Self { mailbox: Mailboxes::new(2, 0, [None, None, RECEIVE]), sinks: false }
    }

    pub fn sinks() -> Self {
        Self { mailbox: Mailboxes::new(1, 1, [None, None, SEND]), sinks: true }
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
            body(&mut Handled { inner, sinks: self.sinks, hands: [None, None] });
        });
    }
}

enum Hand {
    Listener { handle: Receiver<Letter>, wait: Option<Id> },
    Sink(SinkHand),
}

impl Hand {
    fn wait(&self) -> Option<Id> {
        match self {
            Self::Listener { wait, .. } => *wait,
            Self::Sink(sink) => sink.wait,
        }
    }
}

struct Handled<'a, 'b> {
    /// The third waiter, and everything else.
    inner: &'b mut Mailboxed<'a>,
    sinks: bool,
    hands: [Option<Hand>; 2],
}

impl Handled<'_, '_> {
    /// Polls a handle; one that is not there is cloned first.
    fn poll(&mut self, at: usize) {
        let (inner, sinks) = (&mut *self.inner, self.sinks);
        let hand = self.hands[at].get_or_insert_with(|| {
            if sinks {
                Hand::Sink(SinkHand::new(inner.tx.expect("there is one").clone()))
            } else {
                Hand::Listener { handle: inner.rx.expect("there is one").clone(), wait: None }
            }
        });
        match hand {
            Hand::Listener { handle, wait } => poll_recv(handle, wait, inner),
            Hand::Sink(sink) if at == 0 => sink.poll_ready(inner),
            Hand::Sink(sink) => sink.poll_reserve(inner),
        }
    }

    /// Uses a handle for something else than to be polled.
    fn use_otherwise(&mut self, at: usize) {
        let inner = &mut *self.inner;
        match self.hands[at].as_mut().expect("it is there") {
            Hand::Listener { handle, wait } => {
                wait.take().into_iter().for_each(|id| inner.give_up(id));
                let answer = taken(handle.try_recv());
                inner.out += usize::from(matches!(answer, Answer::Value(_)));
                same("try_recv of a handle that was polled", answer, inner.model.apply(&Ask::TryReceive));
            }
            Hand::Sink(sink) => sink.try_send(inner),
        }
    }

    fn drop(&mut self, at: usize) {
        match self.hands[at].take().expect("it is there") {
            Hand::Listener { wait, .. } => wait.into_iter().for_each(|id| self.inner.give_up(id)),
            Hand::Sink(sink) => sink.drop(self.inner),
        }
    }

    /// What only a sink does.
    fn sink(&mut self, op: Op) -> bool {
        let Some(Some(Hand::Sink(sink))) = self.hands.first_mut() else { return false };
        match op {
            Op::Start(_) if sink.is_clear() => {
                sink.start_send(self.inner);
            }
            Op::Flush(_) => sink.poll_flush(self.inner),
            Op::Finish(_) => sink.poll_close(self.inner),
            _ => return false,
        }
        true
    }

    fn is_awake(&self, at: usize) -> bool {
        self.wait(at).is_some_and(|id| !self.inner.book.is_asleep(id))
    }

    /// The wait of a hand.
    fn wait(&self, at: usize) -> Option<Id> {
        self.hands[at].as_ref().and_then(Hand::wait)
    }
}

fn poll_recv(handle: &mut Receiver<Letter>, wait: &mut Option<Id>, inner: &mut Mailboxed<'_>) {
    let (id, due) = inner.turn(*wait, Want::Receive);
    let waker = inner.book.waker(id);
    let answer = handle.poll_recv(&mut Context::from_waker(&waker));
    let answer = answer.map(|next| next.map_or(Answer::Closed, |letter| Answer::Value(letter.id())));
    *wait = (due == Answer::Pending).then_some(id);
    inner.out += usize::from(matches!(answer, Poll::Ready(Answer::Value(_))));
    match (answer, due) {
        (Poll::Pending, Answer::Pending) => {}
        (Poll::Ready(answer), due) if answer == due => {}
        (answer, due) => disagree(&answer, due),
    }
}

impl World for Handled<'_, '_> {
    fn step(&mut self, op: Op) -> bool {
        match op {
            Op::Poll(at @ 0..=1) => self.poll(at),
            Op::Swap(at @ 0..=1) => {
                let Some(id) = self.wait(at) else { return false };
                self.inner.book.swap(id);
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

    fn observe(&mut self) {
        self.inner.observe();
    }

    fn check(&mut self) {
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
