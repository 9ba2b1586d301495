//! The outbox of a sink: one message outside the limit, which enters the queue when its credits come.
//!
//! A sink may sleep, and may never be polled again. If its wait was granted credits, an idle sink would keep them. So
//! the task of a sink does not wait for credits itself: its outbox does, with a waker of its own. When the credits
//! come, that waker takes them in the same call and puts the message into the queue. Only then the task of the sink is
//! woken.
//!
//! - (O1) The wait is polled with no lock held, because that may wake other senders: a waiter that arrives between two
//!   turns of grants has the next turn served. Who polls has taken the wait out of the state, and alone puts it back.
//!   A wake-up that comes meanwhile is noted, and the wait is polled again.
//! - (O2) A message enters the queue, and the task is woken, with no lock held. Meanwhile the outbox is not empty, so
//!   that the sink cannot send a later message first.
//!
//! *Tempting, and wrong*: to let the task of the sink wait, and to give the credits back if it sleeps. While others are
//! in line they get those credits, so that the sink starves.

use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::task;
use core::cell::Cell;
use core::future::Future;
use core::mem;
use core::pin::Pin;
use core::task::{Context, Poll, Waker};

use futures_core::FusedFuture;

use super::lease::Lease;
use crate::lock::Lock;
use crate::mailbox::weak::WeakSender;
use crate::record::Place;
use crate::semaphore::{AcquireError, Acquiring, OwnedPermit, Semaphore};
use crate::wait::{Defer, DropGuarded, run_all};

type Line = Pin<Box<Acquiring<Arc<Semaphore>>>>;

/// The sink's end. Dropping it drops a message that waits.
pub(super) struct Outbox<T>(Arc<Inner<T>>);

struct Inner<T> {
    state: Lock<State<T>>,
    credits: Arc<Semaphore>,
    /// Weak: the outbox does not keep the mailbox open.
    mailbox: WeakSender<Lease<T>>,
}

struct State<T> {
    content: Content<T>,
    /// The wait for credits, unless it is being polled. Its box is used again for the next one.
    line: Option<Line>,
    /// The wait was woken while it was polled.
    woken: bool,
    /// A poll of the wait panicked. It is to be polled again.
    stuck: bool,
    weight: usize,
    place: Place,
    /// The task of the sink.
    task: Option<Waker>,
}

enum Content<T> {
    Empty,
    /// It waits for credits.
    Waiting(T),
    /// It has its credits, and is on its way into the queue.
    Entering,
    /// The mailbox was closed before its credits came.
    Refused(T),
}

impl<T> Outbox<T> {
    pub(super) fn new(mailbox: WeakSender<Lease<T>>, credits: &Arc<Semaphore>) -> Self {
        let state = State {
            content: Content::Empty,
            line: None,
            woken: false,
            stuck: false,
            weight: 0,
            place: Place::none(),
            task: None,
        };
        Self(Arc::new(Inner { state: Lock::new(state), credits: Arc::clone(credits), mailbox }))
    }

    pub(super) fn is_empty(&self) -> bool {
        matches!(self.0.state.lock().content, Content::Empty)
    }
}

impl<T: Send + 'static> Outbox<T> {
    /// Lets a message wait for its credits. The outbox is empty.
    pub(super) fn put(&self, message: T, weight: usize, place: Place) {
        let wait = self.0.credits.acquire_at(weight, place);
        // The last wait has ended, so to drop it runs no foreign code.
        let mut line = self.0.state.lock().line.take();
        match &mut line {
            Some(line) => line.set(wait),
            None => line = Some(Box::pin(wait)),
        }
        let mut state = self.0.state.lock();
        state.content = Content::Waiting(message);
        (state.line, state.weight, state.place) = (line, weight, place);
        drop(state);
        self.0.advance();
    }

    /// Ready when the outbox is empty. The error is the message that was refused: then it is empty, too.
    pub(super) fn poll_empty(&self, waker: &Waker) -> Poll<Result<(), T>> {
        let mut fresh = DropGuarded::new(None);
        loop {
            let mut guard = self.0.state.lock();
            let state = &mut *guard;
            match mem::replace(&mut state.content, Content::Empty) {
                Content::Empty => return Poll::Ready(Ok(())),
                Content::Refused(message) => return Poll::Ready(Err(message)),
                waiting => state.content = waiting,
            }
            if mem::take(&mut state.stuck) {
                drop(guard);
                self.0.advance();
                continue;
            }
            if state.task.as_ref().is_some_and(|task| task.will_wake(waker)) {
                return Poll::Pending;
            }
            if let Some(fresh) = fresh.take() {
                let old = DropGuarded::new(state.task.replace(fresh));
                drop(guard);
                drop(old);
                return Poll::Pending;
            }
            drop(guard);
            *fresh = Some(waker.clone());
        }
    }
}

impl<T> Drop for Outbox<T> {
    fn drop(&mut self) {
        let mut guard = self.0.state.lock();
        let state = &mut *guard;
        let content = mem::replace(&mut state.content, Content::Empty);
        let (line, task) = (state.line.take(), state.task.take());
        drop(guard);
        // All of it is foreign, or wakes: the wait leaves the line first, then the others go, whatever panics.
        let _content = DropGuarded::new(Some(content));
        let _task = DropGuarded::new(task);
        drop(line);
    }
}

impl<T: Send + 'static> task::Wake for Inner<T> {
    fn wake(self: Arc<Self>) {
        self.advance();
    }
}

impl<T: Send + 'static> Inner<T> {
    /// Looks whether the credits have come, and sends the message.
    fn advance(self: &Arc<Self>) {
        let waker = Waker::from(Arc::clone(self));
        let Some(line) = self.take_line() else { return };
        let mut polling = Polling { inner: self, line: Some(line) };
        while let Some(line) = &mut polling.line {
            match line.as_mut().poll(&mut Context::from_waker(&waker)) {
                Poll::Ready(acquired) => return self.conclude(polling.line.take(), acquired),
                Poll::Pending => polling.line = polling.line.take().and_then(|line| self.put_line_back(line)),
            }
        }
    }

    /// Takes the wait out, to poll it. If another does that already, it will poll again.
    fn take_line(&self) -> Option<Line> {
        let mut state = self.state.lock();
        if !matches!(state.content, Content::Waiting(_)) {
            return None;
        }
        let line = state.line.take();
        state.woken = line.is_none();
        line
    }

    /// Puts the wait back, unless it was woken meanwhile: then it is to be polled again.
    fn put_line_back(&self, line: Line) -> Option<Line> {
        let mut state = self.state.lock();
        let waiting = matches!(state.content, Content::Waiting(_));
        if waiting && mem::take(&mut state.woken) {
            return Some(line);
        }
        // The sink may be gone. Then the wait leaves the line, which is foreign code.
        let gone = if waiting { state.line.replace(line) } else { Some(line) };
        drop(state);
        drop(gone);
        None
    }

    fn conclude(&self, line: Option<Line>, acquired: Result<OwnedPermit, AcquireError>) {
        let mut state = self.state.lock();
        if !matches!(state.content, Content::Waiting(_)) {
            // The sink is gone. Its credits go to the next in line, with no lock held.
            return drop(state);
        }
        let waited = mem::replace(&mut state.content, Content::Entering);
        state.line = line;
        drop(state);
        let refused = Cell::new(None);
        // The outbox is settled even if the waker of a receiver panics.
        let _settled = Defer(|| self.settle(refused.take()));
        match (waited, acquired) {
            (Content::Waiting(message), Ok(credits)) => refused.set(self.enter(message, credits)),
            (Content::Waiting(message), Err(_)) => refused.set(Some(message)),
            _ => {}
        }
    }

    /// Puts the message into the queue. Returns it if the mailbox is closed.
    fn enter(&self, message: T, credits: OwnedPermit) -> Option<T> {
        let lease = Lease::new(message, credits);
        let refused = match self.mailbox.upgrade() {
            Some(sender) => sender.try_send(lease).err()?.into_inner(),
            None => lease,
        };
        let (message, credits) = refused.into_parts();
        // Closed first, or these credits would go to the next outbox, which would give them back in turn: as many calls
        // within each other as there are sinks (C17).
        credits.semaphore().close();
        drop(credits);
        Some(message)
    }

    fn settle(&self, refused: Option<T>) {
        let mut state = self.state.lock();
        state.content = refused.map_or(Content::Empty, Content::Refused);
        let mut task = state.task.take();
        drop(state);
        run_all(|| task.take().map(Waker::wake).is_some());
    }
}

/// A wait that is polled. If another's waker panics meanwhile, it is put back.
struct Polling<'a, T> {
    inner: &'a Inner<T>,
    line: Option<Line>,
}

impl<T> Drop for Polling<'_, T> {
    fn drop(&mut self) {
        let Some(mut line) = self.line.take() else { return };
        let mut state = self.inner.state.lock();
        if line.is_terminated() {
            // Its credits went back. To drop a wait that has ended runs no foreign code.
            line.set(self.inner.credits.acquire_at(state.weight, state.place));
        }
        // The sink may be gone.
        let waiting = matches!(state.content, Content::Waiting(_));
        state.stuck = waiting;
        let gone = if waiting { state.line.replace(line) } else { Some(line) };
        drop(state);
        drop(DropGuarded::new(gone));
    }
}
