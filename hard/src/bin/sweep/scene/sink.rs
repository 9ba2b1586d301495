//! A sender that is polled as a sink, beside what it promises.

use std::mem::ManuallyDrop;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use futures_sink::Sink;
use sempost::mailbox::{Sender, SinkError};

use crate::fault::{Kind, fail, same};
use crate::letter::Letter;
use crate::model::mail::Mail;
use crate::model::post::{Post, Reply, Role, Stage};

/// The handle, and by the model: the wait that it is in, what is in its outbox, and whether it holds a slot.
pub struct SinkHand {
    pub handle: Sender<Letter>,
    pub wait: Option<usize>,
    /// The message that waits to be sent. While `sending` it is with the waiter.
    outbox: Option<usize>,
    sending: bool,
    slot: bool,
    finished: bool,
}

/// What a sink answers: ready, or wrong, with the message that comes back.
type Answer = Poll<Result<(), Option<usize>>>;

impl SinkHand {
    pub fn new(handle: Sender<Letter>) -> Self {
        Self { handle, wait: None, outbox: None, sending: false, slot: false, finished: false }
    }

    /// Messages that the model of the mailbox does not know of.
    pub fn aside(&self) -> usize {
        usize::from(self.outbox.is_some())
    }

    /// Whether another message may be started.
    pub fn is_clear(&self) -> bool {
        self.outbox.is_none() && !self.sending
    }

    pub fn poll_ready(&mut self, model: &mut Mail) {
        let due = if self.finished { Poll::Ready(Ok(())) } else { self.model_ready(model) };
        let waker = self.waker(model);
        let real = Pin::new(&mut self.handle).poll_ready(&mut Context::from_waker(&waker));
        agree("poll_ready", real, due);
    }

    fn model_ready(&mut self, model: &mut Mail) -> Answer {
        match self.deliver(model) {
            Poll::Ready(Ok(())) => {}
            other => return other,
        }
        if self.finished || model.is_closed() {
            return Poll::Ready(Err(None));
        }
        if !self.slot {
            match self.turn(Role::SeatSlot, None, model) {
                Reply::Waits => return Poll::Pending,
                Reply::Done => self.slot = true,
                _ => return Poll::Ready(Err(None)),
            }
        }
        Poll::Ready(Ok(()))
    }

    /// Goes on with the wait it is in, or begins one.
    pub fn turn(&mut self, role: Role, letter: Option<usize>, model: &mut Mail) -> Reply {
        let (id, reply) = match self.wait.take() {
            Some(id) => (id, model.poll(id)),
            None => model.arrive(role, letter),
        };
        match reply {
            Reply::Waits => self.wait = Some(id),
            Reply::Closed => self.outbox = model.waiters().retire(id),
            _ => {}
        }
        reply
    }

    fn deliver(&mut self, model: &mut Mail) -> Answer {
        if !self.sending {
            let Some(letter) = self.outbox.take() else { return Poll::Ready(Ok(())) };
            self.stand_up(model);
            self.sending = true;
            return self.delivered(Some(letter), model);
        }
        self.delivered(None, model)
    }

    fn delivered(&mut self, letter: Option<usize>, model: &mut Mail) -> Answer {
        match self.turn(Role::SeatSend, letter, model) {
            Reply::Waits => return Poll::Pending,
            reply => self.sending = reply == Reply::Waits,
        }
        // What could not be sent comes back with the error.
        Poll::Ready(self.outbox.take().map_or(Ok(()), |back| Err(Some(back))))
    }

    /// Gives its place in line up. A message that waited there goes back into the outbox.
    fn stand_up(&mut self, model: &mut Mail) {
        let Some(id) = self.wait.take() else { return };
        let letter = model.drop(id);
        if letter.is_some() {
            (self.outbox, self.sending) = (letter, false);
        }
    }

    /// It was used, and not for the slot that it was told of.
    fn pass_on(&mut self, model: &mut Mail) {
        if self.wait.is_some_and(|id| model.waiters().is(id, Stage::Told)) {
            self.stand_up(model);
        }
    }

    fn lapse(&mut self, model: &mut Mail) {
        if std::mem::take(&mut self.slot) && !model.is_closed() {
            model.lapse();
        }
    }

    pub fn start_send(&mut self, letter: Letter, model: &mut Mail) {
        let id = letter.id();
        let due = if self.finished {
            Reply::Closed
        } else if self.slot && !model.is_closed() {
            self.slot = false;
            model.use_held(id)
        } else {
            model.try_send(id)
        };
        self.pass_on(model);
        if due == Reply::Not {
            self.outbox = Some(id);
        }
        let real = Pin::new(&mut self.handle).start_send(letter);
        let due = if due == Reply::Closed { Err(Some(id)) } else { Ok(()) };
        agree("start_send", Poll::Ready(real), Poll::Ready(due));
    }

    pub fn poll_flush(&mut self, model: &mut Mail) {
        self.lapse(model);
        let due = self.deliver(model);
        if due == Poll::Ready(Ok(())) {
            self.pass_on(model);
        }
        let waker = self.waker(model);
        let real = Pin::new(&mut self.handle).poll_flush(&mut Context::from_waker(&waker));
        agree("poll_flush", real, due);
    }

    pub fn poll_close(&mut self, model: &mut Mail) {
        self.lapse(model);
        let due = self.deliver(model);
        if due == Poll::Ready(Ok(())) {
            self.finished = true;
            self.stand_up(model);
        }
        let waker = self.waker(model);
        let real = Pin::new(&mut self.handle).poll_close(&mut Context::from_waker(&waker));
        agree("poll_close", real, due);
    }

    /// The handle sends in another way, which ends what its polls had begun.
    pub fn try_send(&mut self, letter: Letter, model: &mut Mail) {
        let id = letter.id();
        self.stand_up(model);
        self.lapse(model);
        let due = if self.finished { Reply::Closed } else { model.try_send(id) };
        let reply = match self.handle.try_send(letter) {
            Ok(()) => Reply::Done,
            Err(error) if error.is_closed() => Reply::Closed,
            Err(_) => Reply::Not,
        };
        same("try_send of a sink", reply, due);
    }

    /// It polls for a permit, and uses it at once.
    pub fn poll_reserve(&mut self, letter: Letter, model: &mut Mail) {
        let due = self.model_ready(model);
        if due.is_ready() && self.slot && !model.is_closed() {
            self.slot = false;
            model.use_held(letter.id());
        }
        let waker = self.waker(model);
        match (self.handle.poll_reserve(&mut Context::from_waker(&waker)), due) {
            (Poll::Pending, Poll::Pending) | (Poll::Ready(Err(_)), Poll::Ready(Err(_))) => {}
            (Poll::Ready(Ok(permit)), Poll::Ready(Ok(()))) => {
                same("a permit's send", permit.send(letter).is_ok(), true)
            }
            (real, due) => same("poll_reserve", format!("{real:?}"), format!("{due:?}")),
        }
    }

    pub fn drop(mut self, model: &mut Mail) {
        self.stand_up(model);
        self.lapse(model);
    }

    /// The waker of the wait that it is in.
    fn waker(&self, model: &mut Mail) -> ManuallyDrop<Waker> {
        match self.wait {
            Some(id) => model.waiters().book.waker(id),
            None => ManuallyDrop::new(Waker::noop().clone()),
        }
    }
}

fn agree(what: &str, real: Poll<Result<(), SinkError<Letter>>>, due: Answer) {
    let real = real.map(|result| result.map_err(|error| error.into_inner().map(|letter| letter.id())));
    if real != due {
        let kind = if real.is_pending() { Kind::Asleep } else { Kind::Wrong };
        fail(kind, format!("{what}: {real:?}, and by the model {due:?}"));
    }
}
