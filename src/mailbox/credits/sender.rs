//! The sending handle.

use core::fmt;

use super::account::Account;
use super::lease::Lease;
use super::outbox::Outbox;
use crate::mailbox::sender::Sender;
use crate::mailbox::weak::WeakSender;

/// Sends messages into a mailbox with [credits](super). Clone it for more senders. When the last is dropped the mailbox
/// closes.
///
/// For messages that are `Send + 'static` it is also a `Sink`: see [sinks](super#sinks). With `SinkExt` in scope,
/// `sender.send(v)` on a `&mut CreditSender` calls the method of `SinkExt`.
pub struct CreditSender<T> {
    // Dropped first: its message is not sent any more.
    pub(super) outbox: Option<Outbox<T>>,
    pub(super) sender: Sender<Lease<T>>,
    pub(super) account: Account<T>,
}

impl<T> CreditSender<T> {
    #[inline]
    pub(super) fn new(sender: Sender<Lease<T>>, account: Account<T>) -> Self {
        Self { outbox: None, sender, account }
    }

    /// Which primitive it is, for records.
    #[cfg(feature = "inspect")]
    pub(crate) fn tag(&self) -> &crate::record::Tag {
        self.account.tag()
    }

    pub(super) fn account(&self) -> &Account<T> {
        &self.account
    }

    /// Whether the handle is finished as a sink.
    #[inline(always)]
    pub(super) fn is_finished(&self) -> bool {
        // The handle inside is finished with this one. It never polls, so it has no wait to cancel.
        self.sender.cancel_poll()
    }

    /// Makes a weak handle, which does not keep the mailbox open.
    pub fn downgrade(&self) -> WeakCreditSender<T> {
        WeakCreditSender { sender: self.sender.downgrade(), account: self.account.clone() }
    }
}

impl<T> Clone for CreditSender<T> {
    fn clone(&self) -> Self {
        Self::new(self.sender.clone(), self.account.clone())
    }
}

/// A [`CreditSender`] that does not keep the mailbox open.
pub struct WeakCreditSender<T> {
    sender: WeakSender<Lease<T>>,
    account: Account<T>,
}

impl<T> WeakCreditSender<T> {
    /// Makes a full handle, if a sender still exists.
    pub fn upgrade(&self) -> Option<CreditSender<T>> {
        Some(CreditSender::new(self.sender.upgrade()?, self.account.clone()))
    }

    /// Returns how many senders there are, including those in owned permits and owned futures. 0 once the mailbox is
    /// gone.
    pub fn sender_count(&self) -> usize {
        self.sender.sender_count()
    }

    /// Returns how many receivers there are, including those in owned futures. 0 once the mailbox is gone.
    pub fn receiver_count(&self) -> usize {
        self.sender.receiver_count()
    }
}

impl<T> Clone for WeakCreditSender<T> {
    fn clone(&self) -> Self {
        Self { sender: self.sender.clone(), account: self.account.clone() }
    }
}

impl<T> fmt::Debug for WeakCreditSender<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WeakCreditSender")
            .field("sender_count", &self.sender_count())
            .field("receiver_count", &self.receiver_count())
            .finish_non_exhaustive()
    }
}
