//! A received message.

use std::fmt;
use std::ops::{Deref, DerefMut};
use std::sync::{Arc, Mutex};
use std::time::Instant;

use crate::error::Error;
use crate::mailbox::Core;
use crate::settling::{Settlement, Verb};

/// Settlements that go with the receiver's next request.
#[derive(Default)]
pub(crate) struct Deferred {
    waiting: Vec<Settlement>,
    /// When the oldest of them came.
    pub(crate) since: Option<Instant>,
    /// Those that went with a request whose answer has not come. They may have to go again.
    sent: Vec<Settlement>,
}

impl Deferred {
    pub(crate) fn push(&mut self, settlement: Settlement) {
        self.since.get_or_insert_with(Instant::now);
        self.waiting.push(settlement);
    }

    /// All that are to go with a request.
    pub(crate) fn send(&mut self) -> Vec<Settlement> {
        self.since = None;
        self.sent.append(&mut self.waiting);
        self.sent.clone()
    }

    /// The answer has come.
    pub(crate) fn answered(&mut self) {
        self.sent.clear();
    }
}

/// A message, and the lease on it.
///
/// It is gone for good with [`ack`](Self::ack). **Without one it is delivered again, after its lease**: dropping a
/// delivery does nothing else.
///
/// | | |
/// |---|---|
/// | At least once | a message that was stored is delivered until it is acknowledged, or a dead letter |
/// | Again | after its lease, or at once after a `nack`; `attempts` counts |
/// | Cancellation | an `ack`, `nack` or `renew` that was polled once is done, even if its future is dropped, as long as others of its process are polled; otherwise perhaps |
pub struct Delivery<T> {
    pub(crate) message: T,
    pub(crate) id: String,
    pub(crate) attempts: u32,
    pub(crate) consumer: Arc<str>,
    pub(crate) core: Arc<Core>,
    pub(crate) deferred: Arc<Mutex<Deferred>>,
}

impl<T> Delivery<T> {
    /// Acknowledges the message: it was processed, and is not delivered again. Makes room for another one.
    ///
    /// # Cancel safety
    ///
    /// If the future is dropped, the message may be acknowledged or not.
    ///
    /// # Errors
    ///
    /// [`Error::LeaseLost`] if the lease ran out and the message was delivered again, or that delivery was
    /// acknowledged. (A lease that ran out, and nobody has the message yet, is still this one's.)
    /// [`Error::Unreachable`], [`Error::Refused`]: it will be delivered again, unless the server did hear of it.
    pub async fn ack(self) -> Result<(), Error> {
        let (core, settlement) = self.settlement(Verb::Ack);
        core.settle(settlement).await
    }

    /// Acknowledges the message with the receiver's next request, so that it costs no request of its own.
    ///
    /// Nobody is told if the lease was lost. Until the receiver is polled for more messages than it has fetched, the
    /// message is not acknowledged; **if the receiver is dropped before, it is delivered again**. If the receiver waits
    /// already, its next request is up to two seconds later, or a quarter of a lease.
    pub fn ack_later(self) {
        let deferred = self.deferred.clone();
        let (_, settlement) = self.settlement(Verb::Ack);
        deferred.lock().unwrap_or_else(|poison| poison.into_inner()).push(settlement);
    }

    /// Gives the message back. It is delivered again at once, behind nothing but other messages given back.
    ///
    /// **Without a pause**, so that what fails at once is a dead letter soon. To try again later, drop the delivery: it
    /// comes after its lease. The last attempt of a message that is given back becomes a dead letter when a receiver
    /// looks for it.
    ///
    /// # Cancel safety
    ///
    /// If the future is dropped, the message may be given back or not; its lease ends in any case.
    ///
    /// # Errors
    ///
    /// As [`ack`](Self::ack).
    pub async fn nack(self) -> Result<(), Error> {
        let (core, settlement) = self.settlement(Verb::Nack);
        core.settle(settlement).await
    }

    /// Begins the lease anew.
    ///
    /// # Cancel safety
    ///
    /// If the future is dropped, the lease may be renewed or not.
    ///
    /// # Errors
    ///
    /// As [`ack`](Self::ack). With [`Error::LeaseLost`] the work should be given up: it is being done elsewhere.
    pub async fn renew(&mut self) -> Result<(), Error> {
        let (consumer, id) = (self.consumer.clone(), self.id.clone());
        self.core.settle(Settlement { verb: Verb::Renew, consumer, id, attempts: self.attempts }).await
    }

    /// Returns how often the message was delivered, this time included. Deliveries that were lost on their way count.
    pub fn attempts(&self) -> u32 {
        self.attempts
    }

    /// Returns the number that the server gave the message. It is the same at each delivery, so it tells repeats, and
    /// messages of one sender have rising numbers: `milliseconds-count`.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Returns the message alone. It will be delivered again.
    pub fn into_inner(self) -> T {
        self.message
    }

    /// Returns the message, and a delivery without one that acknowledges it.
    pub fn into_parts(self) -> (T, Delivery<()>) {
        let Delivery { message, id, attempts, consumer, core, deferred } = self;
        (message, Delivery { message: (), id, attempts, consumer, core, deferred })
    }

    fn settlement(self, verb: Verb) -> (Arc<Core>, Settlement) {
        let settlement = Settlement { verb, consumer: self.consumer, id: self.id, attempts: self.attempts };
        (self.core, settlement)
    }
}

impl<T> Deref for Delivery<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.message
    }
}

impl<T> DerefMut for Delivery<T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.message
    }
}

impl<T: fmt::Debug> fmt::Debug for Delivery<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Delivery")
            .field("id", &self.id)
            .field("attempts", &self.attempts)
            .field("message", &self.message)
            .finish_non_exhaustive()
    }
}
