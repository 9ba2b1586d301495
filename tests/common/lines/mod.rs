//! Every future of the crate as a line in which two or more of them stand, so that one claim can
//! be tested on all of them. What they borrow is leaked on purpose: the claims are about waiters.

mod barrier;
mod condvar;
mod credits;
mod latch;
mod mailbox;
mod monitor;
mod mutex;
mod oneshot;
mod ports;
mod rwlock;
mod semaphore;

pub use barrier::*;
pub use condvar::*;
pub use credits::*;
pub use latch::*;
pub use mailbox::*;
pub use monitor::*;
pub use mutex::*;
pub use oneshot::*;
pub use ports::*;
pub use rwlock::*;
pub use semaphore::*;

use super::{Bell, leak};
use futures::future::FusedFuture;
use std::any::Any;
use std::pin::Pin;
use std::sync::Arc;
use std::task::Poll;

/// A named future, its output erased.
pub trait Waiter {
    /// Polls for the task behind `bell`; the output is kept in a box.
    fn poll(&mut self, bell: &Bell) -> Poll<Box<dyn Any>>;
    /// Polls for the task behind `bell`, drops the output, and says whether there was one.
    fn finished(&mut self, bell: &Bell) -> bool;
    /// `FusedFuture::is_terminated`.
    fn is_terminated(&self) -> bool;
}

impl<F: FusedFuture<Output: 'static>> Waiter for Pin<Box<F>> {
    fn poll(&mut self, bell: &Bell) -> Poll<Box<dyn Any>> {
        self.as_mut().poll(&mut bell.context()).map(|output| Box::new(output) as Box<dyn Any>)
    }

    fn finished(&mut self, bell: &Bell) -> bool {
        self.as_mut().poll(&mut bell.context()).is_ready()
    }

    fn is_terminated(&self) -> bool {
        (**self).is_terminated()
    }
}

/// A primitive in which there is nothing to get until `one` is called.
pub struct Line {
    /// The future's type, as its panics name it.
    pub name: &'static str,
    /// A fresh, unpolled future.
    pub make: Box<dyn Fn() -> Box<dyn Waiter>>,
    /// Lets one future through.
    pub one: Box<dyn Fn()>,
    /// Lets another through, after the first is done and its output dropped.
    pub next: Box<dyn Fn()>,
    /// How many wait, where the primitive can say.
    pub waiters: Box<dyn Fn() -> Option<usize>>,
    /// Comes back to the primitive in every way that does not wait: for hostile wakers.
    pub touch: Arc<dyn Fn() + Send + Sync>,
    /// Whether `one` lets all of them through.
    pub all: bool,
    /// Whether what `one` gives is lost if nobody waits: a notification.
    pub forgets: bool,
    /// Whether whoever becomes the first in line is woken, to look for itself.
    pub moves_up: bool,
}

impl Line {
    fn new<F, M>(name: &'static str, make: M, one: impl Fn() + 'static) -> Self
    where
        F: FusedFuture<Output: 'static> + 'static,
        M: Fn() -> F + 'static,
    {
        Self {
            name,
            make: Box::new(move || Box::new(Box::pin(make()))),
            one: Box::new(one),
            next: Box::new(|| ()),
            waiters: Box::new(|| None),
            touch: Arc::new(|| ()),
            all: false,
            forgets: false,
            moves_up: false,
        }
    }

    fn next(self, next: impl Fn() + 'static) -> Self {
        Self { next: Box::new(next), ..self }
    }

    fn waiters(self, waiters: impl Fn() -> usize + 'static) -> Self {
        Self { waiters: Box::new(move || Some(waiters())), ..self }
    }

    fn touch(self, touch: impl Fn() + Send + Sync + 'static) -> Self {
        Self { touch: Arc::new(touch), ..self }
    }

    fn forgets(self) -> Self {
        Self { forgets: true, ..self }
    }

    fn moves_up(self) -> Self {
        Self { moves_up: true, ..self }
    }

    fn all(self) -> Self {
        Self { all: true, ..self }
    }

    /// A future that waits, polled once for `bell`.
    #[track_caller]
    pub fn queue(&self, bell: &Bell) -> Box<dyn Waiter> {
        let mut waiter = (self.make)();
        assert!(waiter.poll(bell).is_pending(), "{} has to wait", self.name);
        waiter
    }

    /// Insists on how many wait, where the primitive can say.
    #[track_caller]
    pub fn assert_waiters(&self, expected: usize) {
        assert!((self.waiters)().is_none_or(|n| n == expected), "{:?} wait", (self.waiters)());
    }
}
