//! Handles that do not keep a mailbox open.

use alloc::sync::Weak;
use core::fmt;

use super::receiver::Receiver;
use super::sender::Sender;
use super::shared::Shared;
use super::state::Post;
use crate::wait::Core;

/// Both weak handles, in the same words.
macro_rules! weak {
    ($(#[$meta:meta])* $Weak:ident, $Handle:ident, $count:ident) => {
        $(#[$meta])*
        pub struct $Weak<T>(Weak<Shared<T>>);

        impl<T> $Weak<T> {
            pub(super) fn new(shared: Weak<Shared<T>>) -> Self {
                Self(shared)
            }

            /// A full handle again, if there is still one of its kind.
            pub fn upgrade(&self) -> Option<$Handle<T>> {
                let shared = self.0.upgrade()?;
                let alive = |post: &mut Post<T>| {
                    post.$count += usize::from(post.$count > 0);
                    post.$count > 0
                };
                let alive = alive(&mut shared.lock().lock());
                alive.then(|| $Handle::new(shared))
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
