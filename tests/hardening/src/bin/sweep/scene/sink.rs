//! A sender that is polled as a sink, beside what it promises.

use std::mem::{ManuallyDrop, take};
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use futures_sink::Sink;
use hardening::spec::mailbox::{Op as Ask, Want};
use hardening::spec::{Answer, Id, Spec};
use sempost::mailbox::{Sender, SinkError};

use super::mailbox::Mailboxed;
use crate::fault::{Kind, fail, same};
use crate::letter::Letter;

/// The handle, and by the specification: the wait that it is in, where its message is, and whether it holds a slot.
pub struct SinkHand {
    pub handle: Sender<Letter>,
    pub wait: Option<Id>,
    /// The message that waits to be sent: before its first poll, and in line.
    outbox: Option<u32>,
    sending: Option<u32>,
    slot: bool,
    finished: bool,
}

/// What a sink answers: ready, or wrong, with the message that comes back.
type Due = Poll<Result<(), Option<u32>>>;

impl SinkHand {
    pub fn new(handle: Sender<Letter>) -> Self {
        Self { handle, wait: None, outbox: None, sending: None, slot: false, finished: false }
    }

    /// Whether another message may be started.
    pub fn is_clear(&self) -> bool {
        self.outbox.or(self.sending).is_none()
    }

    pub fn poll_ready(&mut self, inner: &mut Mailboxed<'_>) {
        let due = if self.finished { Poll::Ready(Ok(())) } else { self.ready(inner) };
        let waker = self.waker(inner);
        let real = Pin::new(&mut self.handle).poll_ready(&mut Context::from_waker(&waker));
        agree("poll_ready", real, due, inner);
    }

    fn ready(&mut self, inner: &mut Mailboxed<'_>) -> Due {
        match self.deliver(inner) {
            Poll::Ready(Ok(())) => {}
            other => return other,
        }
        if self.finished || inner.model.is_closed() {
            return Poll::Ready(Err(None));
        }
        if !self.slot {
            match self.turn(Want::Slot, inner) {
                Answer::Pending => return Poll::Pending,
                Answer::Ok => self.slot = true,
                _ => return Poll::Ready(Err(None)),
            }
        }
        Poll::Ready(Ok(()))
    }

    /// Goes on with the wait it is in, or begins one.
    fn turn(&mut self, want: Want, inner: &mut Mailboxed<'_>) -> Answer {
        let (id, answer) = inner.turn(self.wait, want);
        self.wait = (answer == Answer::Pending).then_some(id);
        answer
    }

    fn deliver(&mut self, inner: &mut Mailboxed<'_>) -> Due {
        let Some(message) = self.sending.or(self.outbox) else { return Poll::Ready(Ok(())) };
        if self.outbox.take().is_some() {
            self.stand_up(inner);
            self.sending = Some(message);
        }
        match self.turn(Want::Send(message), inner) {
            Answer::Pending => Poll::Pending,
            answer => {
                self.sending = None;
                // What could not be sent comes back with the error.
                Poll::Ready(if answer == Answer::Ok { Ok(()) } else { Err(Some(message)) })
            }
        }
    }

    /// Gives its place in line up. A message that waited there goes back into the outbox.
    fn stand_up(&mut self, inner: &mut Mailboxed<'_>) {
        let Some(id) = self.wait.take() else { return };
        inner.give_up(id);
        self.outbox = self.sending.take().or(self.outbox);
    }

    /// It was used, and not for the slot that it was told of.
    fn pass_on(&mut self, inner: &mut Mailboxed<'_>) {
        if self.wait.is_some_and(|id| inner.model.is_told(id)) {
            self.stand_up(inner);
        }
    }

    fn lapse(&mut self, inner: &mut Mailboxed<'_>) {
        if take(&mut self.slot) && !inner.model.is_closed() {
            inner.model.use_held(None);
        }
    }

    /// Sends into the slot that it holds, if that is not void.
    fn fill(&mut self, message: u32, inner: &mut Mailboxed<'_>) -> bool {
        let fills = self.slot && !inner.model.is_closed();
        if fills {
            self.slot = false;
            inner.model.use_held(Some(message));
        }
        fills
    }

    pub fn start_send(&mut self, inner: &mut Mailboxed<'_>) {
        let letter = inner.write();
        let message = letter.id();
        let due = if self.finished {
            Answer::Closed
        } else if self.fill(message, inner) {
            Answer::Ok
        } else {
            inner.model.apply(&Ask::TrySend { message })
        };
        self.pass_on(inner);
        if due == Answer::Refused {
            self.outbox = Some(message);
        }
        let real = Pin::new(&mut self.handle).start_send(letter);
        let due = if due == Answer::Closed { Err(Some(message)) } else { Ok(()) };
        agree("start_send", Poll::Ready(real), Poll::Ready(due), inner);
    }

    pub fn poll_flush(&mut self, inner: &mut Mailboxed<'_>) {
        self.lapse(inner);
        let due = self.deliver(inner);
        if due == Poll::Ready(Ok(())) {
            self.pass_on(inner);
        }
        let waker = self.waker(inner);
        let real = Pin::new(&mut self.handle).poll_flush(&mut Context::from_waker(&waker));
        agree("poll_flush", real, due, inner);
    }

    pub fn poll_close(&mut self, inner: &mut Mailboxed<'_>) {
        self.lapse(inner);
        let due = self.deliver(inner);
        if due == Poll::Ready(Ok(())) {
            self.finished = true;
            self.stand_up(inner);
        }
        let waker = self.waker(inner);
        let real = Pin::new(&mut self.handle).poll_close(&mut Context::from_waker(&waker));
        agree("poll_close", real, due, inner);
    }

    /// The handle sends in another way, which ends what its polls had begun.
    pub fn try_send(&mut self, inner: &mut Mailboxed<'_>) {
        self.stand_up(inner);
        self.lapse(inner);
        let letter = inner.write();
        let due =
            if self.finished { Answer::Closed } else { inner.model.apply(&Ask::TrySend { message: letter.id() }) };
        let answer = match self.handle.try_send(letter) {
            Ok(()) => Answer::Ok,
            Err(error) if error.is_closed() => Answer::Closed,
            Err(_) => Answer::Refused,
        };
        inner.out += usize::from(answer != Answer::Ok);
        same("try_send of a sink", answer, due);
    }

    /// It polls for a permit, and uses it at once.
    pub fn poll_reserve(&mut self, inner: &mut Mailboxed<'_>) {
        let letter = inner.write();
        let due = self.ready(inner);
        if due.is_ready() {
            self.fill(letter.id(), inner);
        }
        let waker = self.waker(inner);
        match (self.handle.poll_reserve(&mut Context::from_waker(&waker)), due) {
            (Poll::Pending, Poll::Pending) => inner.out += 1,
            // The message that was not sent, and perhaps one that comes back.
            (Poll::Ready(Err(_)), Poll::Ready(Err(back))) => inner.out += 1 + usize::from(back.is_some()),
            (Poll::Ready(Ok(permit)), Poll::Ready(Ok(()))) => {
                same("a permit's send", permit.send(letter).is_ok(), true)
            }
            (real, due) => same("poll_reserve", format!("{real:?}"), format!("{due:?}")),
        }
    }

    pub fn drop(mut self, inner: &mut Mailboxed<'_>) {
        self.stand_up(inner);
        self.lapse(inner);
        inner.out += usize::from(self.outbox.is_some());
    }

    /// The waker of the wait that it is in.
    fn waker(&self, inner: &Mailboxed<'_>) -> ManuallyDrop<Waker> {
        self.wait.map_or_else(|| ManuallyDrop::new(Waker::noop().clone()), |id| inner.book.waker(id))
    }
}

fn agree(what: &str, real: Poll<Result<(), SinkError<Letter>>>, due: Due, inner: &mut Mailboxed<'_>) {
    let real = real.map(|result| result.map_err(|error| error.into_inner().map(|letter| letter.id())));
    inner.out += usize::from(matches!(real, Poll::Ready(Err(Some(_)))));
    if real != due {
        let kind = if real.is_pending() { Kind::Asleep } else { Kind::Wrong };
        fail(kind, format!("{what}: {real:?}, and should be {due:?}"));
    }
}
