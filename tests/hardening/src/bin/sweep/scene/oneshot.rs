//! A channel for one value: the receiver is the first waiter, the sender, which watches for the end of the other, is
//! the second.

use std::pin::pin;
use std::task::{Context, Poll};

use hardening::Arena;
use hardening::spec::oneshot::{Oneshot as Model, RECEIVER, SENDER};
use hardening::spec::{Answer, Id};
use sempost::oneshot::{Receiver, RecvError, Sender, TryRecvError, channel};

use crate::fault::{balance, disagree, same};
use crate::letter::Letter;
use crate::op::Op;
use crate::task::Book;
use crate::world::{Scene, World};

/// The one value.
const VALUE: u32 = 7;

/// The same as letters.
const R: usize = RECEIVER as usize;
const S: usize = SENDER as usize;

pub struct Oneshots;

impl Scene for Oneshots {
    fn name(&self) -> String {
        "oneshot".to_owned()
    }

    fn alphabet(&self) -> Vec<Op> {
        let both = [Op::Poll, Op::Swap, Op::Drop, Op::Forget].into_iter().flat_map(|make| [R, S].map(make));
        both.chain([Op::Recv, Op::Close, Op::Other(S), Op::Send]).collect()
    }

    fn play(&self, _: &mut Arena, body: &mut dyn FnMut(&mut dyn World)) {
        let made = Letter::count();
        let (tx, rx) = channel();
        let mut book = Book::new();
        assert_eq!([book.add(), book.add()], [RECEIVER, SENDER]);
        let (forgotten, model) = ((None, None), Model::default());
        let mut world = Channel { tx: Some(tx), rx: Some(rx), forgotten, made, model, book };
        body(&mut world);
    }
}

struct Channel {
    tx: Option<Sender<Letter>>,
    rx: Option<Receiver<Letter>>,
    /// An end that is forgotten keeps the channel. So that nothing leaks, it is dropped when all is over.
    forgotten: (Option<Sender<Letter>>, Option<Receiver<Letter>>),
    /// How many letters there were before.
    made: usize,
    model: Model,
    book: Book,
}

impl Channel {
    /// Polls the receiver.
    fn poll_receiver(&mut self) -> bool {
        let Some(rx) = self.rx.as_mut().filter(|_| !self.model.answered) else { return false };
        let due = self.model.poll();
        let waker = self.book.waker(RECEIVER);
        let answer = pin!(rx).poll(&mut Context::from_waker(&waker));
        if answer.is_pending() {
            self.book.sleeps(RECEIVER);
        } else {
            self.book.leaves(RECEIVER);
        }
        match (answer, due) {
            (Poll::Pending, Answer::Pending) | (Poll::Ready(Err(RecvError)), Answer::Closed) => {}
            (Poll::Ready(Ok(letter)), Answer::Value(id)) if letter.id() == id => {}
            (answer, due) => disagree(&answer, due),
        }
        true
    }

    /// Polls whether the receiver is gone: the sender itself, or a future that is dropped after that.
    fn poll_sender(&mut self, drops: bool) -> bool {
        let Some(tx) = &mut self.tx else { return false };
        let due = self.model.poll_closed();
        let waker = self.book.waker(SENDER);
        let mut cx = Context::from_waker(&waker);
        let answer = if drops { pin!(tx.closed()).poll(&mut cx) } else { tx.poll_closed(&mut cx) };
        if answer.is_pending() != (due == Answer::Pending) {
            disagree(&answer, due);
        }
        if drops || answer.is_ready() {
            self.book.leaves(SENDER);
        } else {
            self.book.sleeps(SENDER);
        }
        true
    }

    /// What the receiver does.
    fn receive(&mut self, op: Op) -> bool {
        let Some(mut rx) = self.rx.take() else { return false };
        match op {
            Op::Drop(_) => {
                drop(rx);
                self.book.leaves(RECEIVER);
                self.model.hang_up();
                return true;
            }
            Op::Forget(_) => {
                self.forgotten.1 = Some(rx);
                return true;
            }
            Op::Close => {
                rx.close();
                self.book.leaves(RECEIVER);
                self.model.close();
            }
            _ => {
                let reply = match rx.try_recv() {
                    Ok(letter) => Answer::Value(letter.id()),
                    Err(TryRecvError::Closed) => Answer::Closed,
                    Err(_) => Answer::Refused,
                };
                same("try_recv", reply, self.model.try_recv());
            }
        }
        self.rx = Some(rx);
        true
    }

    /// What the sender does last.
    fn send(&mut self, op: Op) -> bool {
        let Some(tx) = self.tx.take() else { return false };
        match op {
            Op::Drop(_) => {
                drop(tx);
                self.book.leaves(SENDER);
                self.model.leave();
            }
            Op::Forget(_) => self.forgotten.0 = Some(tx),
            _ => {
                self.book.leaves(SENDER);
                match (tx.send(Letter::new(VALUE)), self.model.send(VALUE)) {
                    (Ok(()), Answer::Ok) => {}
                    (Err(letter), Answer::Refused) => same("the value that came back", letter.id(), VALUE),
                    (sent, due) => same("send", format!("{sent:?}"), format!("{due:?}")),
                }
            }
        }
        true
    }
}

impl World for Channel {
    fn step(&mut self, op: Op) -> bool {
        match op {
            Op::Poll(R) => self.poll_receiver(),
            Op::Poll(_) => self.poll_sender(false),
            Op::Other(_) => self.poll_sender(true),
            Op::Swap(end) => {
                let is_there = if end == R { self.rx.is_some() && !self.model.answered } else { self.tx.is_some() };
                is_there && {
                    self.book.swap(end as Id);
                    self.step(Op::Poll(end))
                }
            }
            Op::Recv | Op::Close | Op::Drop(R) | Op::Forget(R) => self.receive(op),
            last => self.send(last),
        }
    }

    fn observe(&mut self) {
        self.book.observe();
    }

    fn check(&mut self) {
        let Self { tx, rx, made, model, book, .. } = self;
        balance("values anywhere", Letter::count().wrapping_sub(*made), usize::from(model.value.is_some()));
        if let Some(tx) = tx {
            same("is_closed", tx.is_closed(), model.closed);
        }
        if let Some(rx) = rx {
            same("what it shows", format!("{rx:?}"), format!("Receiver({})", model.shown()));
        }
        book.check(|waiting| model.is_at_rest(waiting));
    }

    fn wind_up(&mut self) -> bool {
        !self.book.is_asleep(RECEIVER) && self.poll_receiver() || self.send(Op::Send) || self.receive(Op::Drop(R))
    }

    fn state(&self) -> String {
        format!("{:?} {:?} {:?}", self.tx, self.rx, self.model)
    }
}
