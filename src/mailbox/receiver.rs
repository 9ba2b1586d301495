//! The receiving handle.

use alloc::sync::Arc;

use super::handle::{BoxedReceiving, Cancel, HandleReceiving, cancel_receive};
use super::shared::Shared;
use crate::wait::{AwaitingDrained, Defer, EventWait, Listener, Primitive};

/// Receives messages from a mailbox. Clone it for more receivers: each message goes to one of them. When the last is
/// dropped the mailbox closes, and **the messages that are still queued are dropped**.
///
/// It is also a `Stream`: see [polled handles](super#polled-handles). **In the `select!` loop of a pool of workers use
/// [`recv`](Self::recv)**: the mailbox does not notice that `next()` was dropped. It may wake this handle for a
/// message, and no other receiver, although the handle is not polled again.
#[doc(alias("ReceiverStream", "UnboundedReceiver"))]
pub struct Receiver<T> {
    pub(super) shared: Arc<Shared<T>>,
    pub(super) handle: Option<BoxedReceiving>,
}

impl<T> Receiver<T> {
    pub(super) fn new(shared: Arc<Shared<T>>) -> Self {
        Self { shared, handle: None }
    }

    #[cfg(feature = "inspect")]
    pub(crate) fn shared(&self) -> &Shared<T> {
        &self.shared
    }

    pub(super) fn listener(&mut self) -> (&Shared<T>, &mut Listener) {
        (&self.shared, self.handle.get_or_insert_with(HandleReceiving::new).as_mut().project().listener)
    }

    /// Cancels the wait that a poll of this handle has started, as every other operation does.
    #[inline(always)]
    pub(super) fn cancel_poll(&self) {
        if let Some(handle) = &self.handle {
            cancel_receive(&self.shared, &handle.waiter, Cancel::Always);
        }
    }

    #[cold]
    fn leave_polled(&mut self) {
        let _waker = self.handle.as_mut().map(|handle| handle.as_mut().project().listener.stop());
        // The receiver is removed even if a waker panics.
        let _leave = Defer(|| self.shared.remove_receiver());
        self.cancel_poll();
    }

    /// Closes the mailbox for all handles. Another name for [`close_mailbox`](Self::close_mailbox).
    pub fn close(&self) -> bool {
        self.close_mailbox()
    }

    /// Completes once the mailbox is closed and no message can be received any more.
    ///
    /// Making the future takes the mailbox's short lock once, even if it is never polled.
    ///
    /// # Cancel safety
    /// Dropping the future removes its listener. Nothing else changes.
    #[cfg_attr(feature = "inspect", track_caller)]
    pub fn drained(&self) -> AwaitingDrained<'_> {
        AwaitingDrained::new(EventWait::new(self.shared.draining(), self.shared.lock().tag()))
    }
}

impl<T> Clone for Receiver<T> {
    fn clone(&self) -> Self {
        self.shared.add_receiver();
        Self::new(Arc::clone(&self.shared))
    }
}

impl<T> Drop for Receiver<T> {
    #[inline]
    fn drop(&mut self) {
        if self.handle.is_some() {
            self.leave_polled();
        } else if !self.shared.is_last_handle() {
            self.shared.remove_receiver();
        }
    }
}
