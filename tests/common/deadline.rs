//! Deadlines that a test brings about itself.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::task::{Context, Poll};

/// A deadline that comes when it is told to. It wakes nobody: tests poll by hand.
#[derive(Clone, Default)]
pub struct Deadline(Arc<Told>);

#[derive(Default)]
struct Told {
    now: AtomicBool,
    polls: AtomicUsize,
}

impl Deadline {
    /// One that has not come.
    pub fn new() -> Self {
        Self::default()
    }

    /// One that has come.
    pub fn past() -> Self {
        let deadline = Self::new();
        deadline.come();
        deadline
    }

    /// It comes.
    pub fn come(&self) {
        self.0.now.store(true, SeqCst);
    }

    /// How often it was polled.
    pub fn polls(&self) -> usize {
        self.0.polls.load(SeqCst)
    }
}

impl Future for Deadline {
    type Output = &'static str;

    fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<&'static str> {
        self.0.polls.fetch_add(1, SeqCst);
        if self.0.now.load(SeqCst) { Poll::Ready("dropped") } else { Poll::Pending }
    }
}
