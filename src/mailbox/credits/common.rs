//! The methods that both handles have: to close the mailbox, to wait for the close, and to read the counts.

use core::fmt;
use core::panic::{RefUnwindSafe, UnwindSafe};
use core::task::{Context, Poll};

use super::receiver::CreditReceiver;
use super::sender::CreditSender;
use crate::wait::{AwaitingClosed, Defer};

macro_rules! handle_methods {
    ($Handle:ident, $mailbox:ident) => {
        impl<T> $Handle<T> {
            /// Closes the mailbox for all handles. Returns whether this call closed it. O(waiters), in turns of 64
            /// under the lock.
            ///
            /// No message is accepted any more, except from permits. Messages that were accepted can still be received.
            /// Waiting senders get their messages back. Leases stay valid, and do not hold up the end.
            ///
            /// `SinkExt::close` is different: it finishes one sending handle.
            #[doc(alias("close", "close_channel"))]
            pub fn close_mailbox(&self) -> bool {
                // The mailbox first: that is the moment. The senders that wait for credits learn of it even if a waker
                // panics.
                let _then = Defer(|| {
                    self.account().credits.close();
                });
                self.$mailbox.close_mailbox()
            }

            /// Returns whether the mailbox is closed: by [`close_mailbox`](Self::close_mailbox), or because the last
            /// sender or the last receiver is gone.
            pub fn is_closed(&self) -> bool {
                self.$mailbox.is_closed()
            }

            /// Completes once the mailbox is closed.
            ///
            /// Making the future takes the mailbox's short lock once, even if it is never polled.
            ///
            /// # Cancel safety
            /// Dropping the future removes its listener. Nothing else changes.
            #[cfg_attr(feature = "inspect", track_caller)]
            pub fn closed(&self) -> AwaitingClosed<'_> {
                self.$mailbox.closed()
            }

            /// Polls whether the mailbox is closed, for futures that are written by hand.
            ///
            /// The task that called it last on this handle is woken. O(1). It does not disturb another wait of the
            /// handle.
            pub fn poll_closed(&mut self, cx: &mut Context<'_>) -> Poll<()> {
                self.$mailbox.poll_closed(cx)
            }

            /// Returns how many messages are queued, including those that receivers have claimed.
            pub fn len(&self) -> usize {
                self.$mailbox.len()
            }

            /// Returns whether no message is queued.
            pub fn is_empty(&self) -> bool {
                self.$mailbox.is_empty()
            }

            /// Returns how many credits there are. It never changes.
            pub fn limit(&self) -> usize {
                self.account().limit
            }

            /// Returns how many credits are available at this moment. While a sender waits a newcomer does not get
            /// them.
            pub fn available_credits(&self) -> usize {
                self.account().credits.available_permits()
            }

            /// Returns how many credits were granted to senders that have not been polled since.
            ///
            /// **A future that is neither polled nor dropped keeps its credits.** A sink keeps none.
            pub fn granted_credits(&self) -> usize {
                self.account().credits.granted_permits()
            }

            /// Returns how many credits are held: by queued messages, by leases and by permits.
            ///
            /// It is what is neither available nor granted. While others send and receive it is an estimate.
            pub fn leased(&self) -> usize {
                self.limit().saturating_sub(self.available_credits()).saturating_sub(self.granted_credits())
            }

            /// Returns how many senders there are, including those in owned permits and owned futures.
            pub fn sender_count(&self) -> usize {
                self.$mailbox.sender_count()
            }

            /// Returns how many receivers there are, including those in owned futures.
            pub fn receiver_count(&self) -> usize {
                self.$mailbox.receiver_count()
            }

            /// Returns how many wait for credits: futures, threads and messages in the outboxes of sinks.
            pub fn waiting_senders(&self) -> usize {
                self.account().credits.waiters()
            }

            /// Returns how many receivers wait: futures, threads and polled handles.
            pub fn waiting_receivers(&self) -> usize {
                self.$mailbox.waiting_receivers()
            }

            /// Returns whether both handles belong to the same mailbox.
            pub fn same_mailbox(&self, other: &Self) -> bool {
                self.$mailbox.same_mailbox(&other.$mailbox)
            }
        }

        // As for the handles of a mailbox: what they share changes only under its locks.
        impl<T> UnwindSafe for $Handle<T> {}
        impl<T> RefUnwindSafe for $Handle<T> {}

        impl<T> fmt::Debug for $Handle<T> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_struct(stringify!($Handle))
                    .field("limit", &self.limit())
                    .field("available", &self.available_credits())
                    .field("granted", &self.granted_credits())
                    .field("leased", &self.leased())
                    .field("len", &self.len())
                    .field("closed", &self.is_closed())
                    .field("waiting_senders", &self.waiting_senders())
                    .field("waiting_receivers", &self.waiting_receivers())
                    .finish()
            }
        }
    };
}

handle_methods!(CreditSender, sender);
handle_methods!(CreditReceiver, receiver);
