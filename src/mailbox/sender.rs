//! The sending handle.

use alloc::sync::Arc;

use super::handle::{BoxedSending, Cancel, Flags, HandleSending, cancel_send};
use super::shared::Shared;
use crate::wait::Defer;

/// Sends messages into a mailbox. Clone it for more senders. When the last is dropped the mailbox closes.
///
/// It is also a `Sink`: see [polled handles](super#polled-handles). With `SinkExt` in scope, `sender.send(v)` on a
/// `&mut Sender` calls the method of `SinkExt`.
#[doc(alias("PollSender", "UnboundedSender"))]
pub struct Sender<T> {
    pub(super) shared: Arc<Shared<T>>,
    pub(super) handle: Option<BoxedSending<T>>,
}

impl<T> Sender<T> {
    pub(super) fn new(shared: Arc<Shared<T>>) -> Self {
        Self { shared, handle: None }
    }

    pub(crate) fn shared(&self) -> &Shared<T> {
        &self.shared
    }

    /// Cancels the wait that a poll of this handle has started, as every other operation does. Returns whether the
    /// handle is finished.
    #[inline(always)]
    pub(super) fn cancel_poll(&self) -> bool {
        self.handle.as_ref().is_some_and(|handle| self.cancel(handle, Cancel::UnlessPending))
    }

    #[cold]
    fn cancel(&self, handle: &BoxedSending<T>, cancel: Cancel) -> bool {
        // The slot lapses even if a waker panics.
        let _lapse = Defer(|| {
            if handle.flags.take() {
                handle.flags.record_end();
                self.shared.lapse();
            }
        });
        cancel_send(&self.shared, &handle.waiter, cancel);
        handle.flags.is_finished()
    }

    #[cold]
    fn leave_polled(&mut self) {
        let _waker = self.handle.as_mut().map(|handle| handle.as_mut().project().listener.stop());
        self.leave(Flags::is_finished);
    }

    /// Removes this sender, unless the handle is `gone` already. A waker that panics does not prevent it.
    pub(super) fn leave(&self, gone: impl Fn(&Flags) -> bool) {
        let gone = self.handle.as_ref().is_some_and(|handle| gone(&handle.flags));
        let _leave = Defer(|| {
            if !gone {
                self.shared.remove_sender();
            }
        });
        if let Some(handle) = &self.handle {
            self.cancel(handle, Cancel::Always);
        }
    }
}

impl<T> Clone for Sender<T> {
    fn clone(&self) -> Self {
        let shared = Arc::clone(&self.shared);
        if self.handle.as_ref().is_some_and(|handle| handle.flags.is_finished()) {
            return Self { shared, handle: Some(HandleSending::finished()) };
        }
        shared.add_sender();
        Self::new(shared)
    }
}

impl<T> Drop for Sender<T> {
    #[inline]
    fn drop(&mut self) {
        if self.handle.is_some() {
            self.leave_polled();
        } else if !self.shared.is_last_handle() {
            self.shared.remove_sender();
        }
    }
}
