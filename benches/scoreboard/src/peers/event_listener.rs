//! event-listener: events, of which async-lock and async-channel are made.

use std::future::Future;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::{AcqRel, Acquire};

pub use event_listener::Event;

use crate::kinds;

impl kinds::Event for Event {
    const NAME: &'static str = "event-listener";
    const WHAT: &'static str = "Event";
    const ONE_BY_ONE: bool = true;

    fn new() -> Self {
        Self::new()
    }
    fn wait(&self) -> impl Future<Output: Send> + Send {
        self.listen()
    }
    fn happen(&self, many: usize) {
        self.notify(many);
    }
}

/// A count, and an event.
pub struct Latch {
    count: AtomicUsize,
    open: Event,
}

impl kinds::Latch for Latch {
    const NAME: &'static str = "event-listener";

    fn new(count: usize) -> Self {
        Self { count: AtomicUsize::new(count), open: Event::new() }
    }
    fn count_down(&self) {
        if self.count.fetch_sub(1, AcqRel) == 1 {
            self.open.notify(usize::MAX);
        }
    }
    async fn wait(&self) {
        while self.count.load(Acquire) > 0 {
            let listener = self.open.listen();
            if self.count.load(Acquire) > 0 {
                listener.await;
            }
        }
    }
}
