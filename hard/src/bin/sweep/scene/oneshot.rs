//! A channel for one value: the receiver is the first waiter, the sender, which watches for the end of the other, is the
//! second.

use std::pin::pin;
use std::task::{Context, Poll};

use hard::Arena;
use sempost::oneshot::{Receiver, RecvError, Sender, TryRecvError, channel};

use crate::fault::{Kind, balance, disagree, insist, same};
use crate::letter::Letter;
use crate::model::oneshot::{Oneshot as Model, RECEIVER, Reply, SENDER};
use crate::op::Op;
use crate::world::{Scene, World};

/// The one value.
const VALUE: usize = 7;

pub struct Oneshots;

impl Scene for Oneshots {
    fn name(&self) -> String {
        "oneshot".to_owned()
    }

    fn alphabet(&self) -> Vec<Op> {
        let both = [Op::Poll, Op::Swap, Op::Drop, Op::Forget].into_iter().flat_map(|make| [RECEIVER, SENDER].map(make));
        both.chain([Op::Recv, Op::Close, Op::Other(SENDER), Op::Send]).collect()
    }

    fn play(&self, _: &mut Arena, body: &mut dyn FnMut(&mut dyn World)) {
        let made = Letter::count();
        let (tx, rx) = channel();
        let mut world = Channel { tx: Some(tx), rx: Some(rx), forgotten: (None, None), made, model: Model::new() };
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
}

impl Channel {
    /// Polls the receiver.
    fn poll_receiver(&mut self) -> bool {
        let Some(rx) = self.rx.as_mut().filter(|_| !self.model.answered) else { return false };
        let due = self.model.poll();
        let waker = self.model.book.waker(RECEIVER);
        match (pin!(rx).poll(&mut Context::from_waker(&waker)), due) {
            (Poll::Pending, Reply::Waits) | (Poll::Ready(Err(RecvError)), Reply::Closed) => {}
            (Poll::Ready(Ok(letter)), Reply::Got(id)) if letter.id() == id => {}
            (answer, due) => disagree(&answer, due),
        }
        true
    }

    /// Polls whether the receiver is gone: the sender itself, or a future that is dropped after that.
    fn poll_sender(&mut self, drops: bool) -> bool {
        let Some(tx) = &mut self.tx else { return false };
        let due = self.model.poll_closed();
        let waker = self.model.book.waker(SENDER);
        let mut cx = Context::from_waker(&waker);
        let answer = if drops { pin!(tx.closed()).poll(&mut cx) } else { tx.poll_closed(&mut cx) };
        if answer.is_ready() != due {
            disagree(&answer, due);
        }
        if drops {
            self.model.book.leaves(SENDER);
        }
        true
    }

    /// What the receiver does.
    fn receive(&mut self, op: Op) -> bool {
        let Some(mut rx) = self.rx.take() else { return false };
        match op {
            Op::Drop(_) => {
                drop(rx);
                self.model.hang_up();
                return true;
            }
            Op::Forget(_) => {
                self.forgotten.1 = Some(rx);
                return true;
            }
            Op::Close => {
                rx.close();
                self.model.close();
            }
            _ => {
                let reply = match rx.try_recv() {
                    Ok(letter) => Reply::Got(letter.id()),
                    Err(TryRecvError::Closed) => Reply::Closed,
                    Err(_) => Reply::Waits,
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
                self.model.leave();
            }
            Op::Forget(_) => self.forgotten.0 = Some(tx),
            _ => {
                let refused = tx.send(Letter::new(VALUE)).map_err(|letter| letter.id());
                same("send", refused, if self.model.send(VALUE) { Ok(()) } else { Err(VALUE) });
            }
        }
        true
    }
}

impl World for Channel {
    fn step(&mut self, op: Op) -> bool {
        match op {
            Op::Poll(RECEIVER) => self.poll_receiver(),
            Op::Poll(_) => self.poll_sender(false),
            Op::Other(_) => self.poll_sender(true),
            Op::Swap(end) => {
                let is_there =
                    if end == RECEIVER { self.rx.is_some() && !self.model.answered } else { self.tx.is_some() };
                is_there && {
                    self.model.book.swap(end);
                    self.step(Op::Poll(end))
                }
            }
            Op::Recv | Op::Close | Op::Drop(RECEIVER) | Op::Forget(RECEIVER) => self.receive(op),
            last => self.send(last),
        }
    }

    fn check(&mut self) {
        let Self { tx, rx, made, model, .. } = self;
        balance("values anywhere", Letter::count().wrapping_sub(*made), usize::from(model.value.is_some()));
        if let Some(tx) = tx {
            same("is_closed", tx.is_closed(), model.closed);
        }
        if let Some(rx) = rx {
            let shown = if model.answered { "Done" } else { model.shown() };
            same("what it shows", format!("{rx:?}"), format!("Receiver({shown})"));
            let sleeps = model.book.is_asleep(RECEIVER) && shown != "Open";
            insist(!sleeps, Kind::Asleep, || "the receiver sleeps, and there is nothing to wait for".to_owned());
        }
        model.book.check();
    }

    fn wind_up(&mut self) -> bool {
        !self.model.book.is_asleep(RECEIVER) && self.poll_receiver()
            || self.send(Op::Send)
            || self.receive(Op::Drop(RECEIVER))
    }

    fn state(&self) -> String {
        format!("{:?} {:?} {:?}", self.tx, self.rx, self.model)
    }
}
