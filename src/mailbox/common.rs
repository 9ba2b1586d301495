//! The methods that both handles have: to close the mailbox, to wait for the close, and to read the counts.
//!
//! None of them cancels the wait of a polled handle.

use alloc::sync::Arc;
use core::fmt;
use core::panic::{RefUnwindSafe, UnwindSafe};
use core::task::{Context, Poll};

use super::receiver::Receiver;
use super::sender::Sender;
use super::state::{MailboxState, UNBOUNDED};
use crate::wait::{AwaitingClosed, EventWait, Poller, Primitive};

macro_rules! handle_methods {
    ($Handle:ident) => {
        impl<T> $Handle<T> {
            /// Closes the mailbox for all handles. Returns whether this call closed it. O(waiters), in turns of 64
            /// under the lock.
            ///
            /// No message is accepted any more, except from permits. Messages that were accepted can still be received.
            /// Waiting senders get their messages back.
            ///
            /// `SinkExt::close` is different: it finishes one sending handle.
            #[doc(alias("close", "close_channel"))]
            pub fn close_mailbox(&self) -> bool {
                self.shared.close()
            }

            /// Returns whether the mailbox is closed: by [`close_mailbox`](Self::close_mailbox), or because the last
            /// sender or the last receiver is gone.
            #[doc(alias = "is_disconnected")]
            pub fn is_closed(&self) -> bool {
                self.shared.read(|state| state.closed)
            }

            /// Completes once the mailbox is closed.
            ///
            /// Making the future takes the mailbox's short lock once, even if it is never polled.
            ///
            /// # Cancel safety
            /// Dropping the future removes its listener. Nothing else changes.
            #[cfg_attr(feature = "inspect", track_caller)]
            pub fn closed(&self) -> AwaitingClosed<'_> {
                AwaitingClosed::new(EventWait::new(self.shared.closing(), self.shared.lock().tag()))
            }

            /// Polls whether the mailbox is closed, for futures that are written by hand.
            ///
            /// The task that called it last on this handle is woken. O(1). It does not disturb another wait of the
            /// handle.
            pub fn poll_closed(&mut self, cx: &mut Context<'_>) -> Poll<()> {
                let (shared, listener) = self.listener();
                shared.poll_closed(listener, Poller::Task(cx.waker()))
            }

            /// Returns how many messages are queued, including those that receivers have [claimed](Self::claimed).
            pub fn len(&self) -> usize {
                self.shared.read(|state| state.queue.len())
            }

            /// Returns whether no message is queued.
            pub fn is_empty(&self) -> bool {
                self.len() == 0
            }

            /// Returns whether no slot is free: see [`remaining`](Self::remaining). Always `true` at capacity 0.
            pub fn is_full(&self) -> bool {
                self.remaining() == 0
            }

            /// Returns how many slots are free: the capacity minus messages, granted, ready and reserved slots.
            /// `usize::MAX` if unbounded.
            #[doc(alias = "free_slots")]
            pub fn remaining(&self) -> usize {
                self.shared.read(MailboxState::remaining)
            }

            /// Returns how many messages the mailbox can hold. `None` if unbounded. It never changes.
            #[doc(alias = "max_capacity")]
            pub fn capacity(&self) -> Option<usize> {
                (self.shared.capacity != UNBOUNDED).then_some(self.shared.capacity)
            }

            /// Returns how many queued messages are claimed by receivers that were granted one and have not been polled
            /// since.
            ///
            /// Other receivers cannot take them. **A future that is neither polled nor dropped holds its message
            /// back.**
            pub fn claimed(&self) -> usize {
                self.shared.read(|state| state.claims)
            }

            /// Returns how many slots were granted to senders that have not been polled since. At capacity 0: how many
            /// receivers are set aside for reservations.
            ///
            /// **A future that is neither polled nor dropped keeps its slot.** After close it is 0: a grant that was
            /// not used before is void.
            pub fn granted_slots(&self) -> usize {
                self.shared.read(MailboxState::granted)
            }

            /// Returns how many slots are held by sinks that are ready, for their next message.
            pub fn ready_slots(&self) -> usize {
                self.shared.read(|state| state.ready)
            }

            /// Returns how many slots are held by permits.
            pub fn reserved_slots(&self) -> usize {
                self.shared.read(|state| state.permits)
            }

            /// Returns how many senders there are, including those in owned permits and owned futures.
            #[doc(alias("strong_count", "sender_strong_count"))]
            pub fn sender_count(&self) -> usize {
                self.shared.read(|state| state.sender_count)
            }

            /// Returns how many receivers there are, including those in owned futures.
            pub fn receiver_count(&self) -> usize {
                self.shared.read(|state| state.receiver_count)
            }

            /// Returns how many senders wait: futures, threads and polled handles.
            pub fn waiting_senders(&self) -> usize {
                self.shared.read(|state| state.waiting_senders())
            }

            /// Returns how many receivers wait: futures, threads and polled handles.
            pub fn waiting_receivers(&self) -> usize {
                self.shared.read(|state| state.receivers.len())
            }

            /// Returns whether both handles belong to the same mailbox.
            #[doc(alias("same_channel", "same_receiver"))]
            pub fn same_mailbox(&self, other: &Self) -> bool {
                Arc::ptr_eq(&self.shared, &other.shared)
            }
        }

        // As for `Shared`: the waiter of a polled handle, too, changes only under the mailbox's lock.
        impl<T> UnwindSafe for $Handle<T> {}
        impl<T> RefUnwindSafe for $Handle<T> {}

        impl<T> fmt::Debug for $Handle<T> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_tuple(stringify!($Handle)).field(&self.shared).finish()
            }
        }
    };
}

handle_methods!(Sender);
handle_methods!(Receiver);
