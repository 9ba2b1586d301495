//! One that waits, with the task that it belongs to.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Poll, Waker};

use super::super::{Bell, glance, poll};

/// A future of any kind. What it gets it notes, and gives back at once where that is possible.
pub(super) type Subject = Pin<Box<dyn Future<Output = ()> + Send>>;

/// A named future that owns what it waits for.
pub(super) fn owning<F: Future + Send + 'static>(future: F, note: impl Fn(F::Output) + Send + 'static) -> Subject {
    let mut future = Box::pin(future);
    Box::pin(std::future::poll_fn(move |cx| future.as_mut().poll(cx).map(&note)))
}

/// A named future that borrows its handle: both in one, with the named future fresh.
macro_rules! borrowing {
    ($handle:ident, $future:expr, $answer:ident => $note:expr) => {{
        let $handle = $handle.clone();
        $crate::models::points::waiter::begun(Box::pin(async move {
            let future = std::pin::pin!($future);
            $crate::models::points::waiter::pause().await;
            let $answer = future.await;
            $note;
        }))
    }};
}

pub(super) use borrowing;

/// A subject that was polled up to its first pause.
pub(super) fn begun(mut subject: Subject) -> Subject {
    assert!(glance(&mut subject).is_none());
    subject
}

/// Pending once, and wakes nobody.
pub(super) fn pause() -> impl Future<Output = ()> + Send {
    let mut paused = false;
    std::future::poll_fn(move |_| if std::mem::replace(&mut paused, true) { Poll::Ready(()) } else { Poll::Pending })
}

pub(super) struct Waiter {
    future: Option<Subject>,
    bell: Arc<Bell>,
    waker: Waker,
    heard: usize,
}

impl Waiter {
    pub(super) fn new(future: Subject) -> Self {
        let (bell, waker) = Bell::new();
        Self { future: Some(future), bell, waker, heard: 0 }
    }

    pub(super) fn poll(&mut self) {
        self.heard = self.bell.wakes();
        if self.future.as_mut().is_some_and(|future| poll(future, &self.waker).is_ready()) {
            self.future = None;
        }
    }

    /// From now on another task polls.
    pub(super) fn migrate(&mut self) {
        (self.bell, self.waker) = Bell::new();
        self.heard = 0;
    }

    pub(super) fn leave(&mut self) {
        self.future = None;
    }

    /// Whether it has not answered.
    pub(super) fn sleeps(&self) -> bool {
        self.future.is_some()
    }

    /// Whether it has been woken since it was polled last.
    pub(super) fn is_called(&self) -> bool {
        self.sleeps() && self.bell.wakes() > self.heard
    }
}
