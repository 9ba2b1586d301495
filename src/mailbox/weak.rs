//! Weak handles: they do not keep a mailbox open.

use alloc::sync::Weak;
use core::fmt;

use super::receiver::Receiver;
use super::sender::Sender;
use super::shared::Shared;
use super::state::MailboxState;
use crate::wait::Primitive;

macro_rules! weak {
    ($(#[$meta:meta])* $Weak:ident, $Handle:ident, $count:ident) => {
        $(#[$meta])*
        pub struct $Weak<T>(Weak<Shared<T>>);

        impl<T> $Weak<T> {
            /// Makes a full handle, if one of its kind still exists.
            pub fn upgrade(&self) -> Option<$Handle<T>> {
                let shared = self.0.upgrade()?;
                let alive = |state: &mut MailboxState<T>| {
                    state.$count += usize::from(state.$count > 0);
                    state.$count > 0
                };
                let alive = alive(&mut shared.lock().lock());
                alive.then(|| $Handle::new(shared))
            }
        }

        impl<T> $Weak<T> {
            /// Returns how many senders there are, including those in owned permits and owned futures. 0 once the
            /// mailbox is gone.
            pub fn sender_count(&self) -> usize {
                self.0.upgrade().map_or(0, |shared| shared.lock().lock().sender_count)
            }

            /// Returns how many receivers there are, including those in owned futures. 0 once the mailbox is gone.
            pub fn receiver_count(&self) -> usize {
                self.0.upgrade().map_or(0, |shared| shared.lock().lock().receiver_count)
            }
        }

        impl<T> $Handle<T> {
            /// Makes a weak handle, which does not keep the mailbox open.
            pub fn downgrade(&self) -> $Weak<T> {
                $Weak(self.shared.downgrade())
            }
        }

        impl<T> Clone for $Weak<T> {
            fn clone(&self) -> Self {
                Self(Weak::clone(&self.0))
            }
        }

        impl<T> fmt::Debug for $Weak<T> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_struct(stringify!($Weak)).finish_non_exhaustive()
            }
        }
    };
}

weak! {
    /// A [`Sender`] that does not keep the mailbox open.
    WeakSender, Sender, sender_count
}

weak! {
    /// A [`Receiver`] that does not keep the mailbox open.
    WeakReceiver, Receiver, receiver_count
}
