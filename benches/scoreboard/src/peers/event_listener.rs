//! event-listener: events, of which async-lock and async-channel are made.

use std::future::Future;

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
