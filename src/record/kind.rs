//! What a primitive is.

use core::fmt;

/// What a primitive is.
#[cfg_attr(not(feature = "inspect"), allow(unreachable_pub, dead_code, reason = "shown with the feature alone"))]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Kind {
    /// A [`Barrier`](crate::Barrier).
    Barrier,
    /// A [`Condvar`](crate::Condvar).
    Condvar,
    /// The credits of a mailbox that has [credits](mod@crate::mailbox::credits).
    Credits,
    /// A [`Latch`](crate::Latch).
    Latch,
    /// A [mailbox](crate::mailbox), also that of a port, or under credits.
    Mailbox,
    /// A [`Monitor`](crate::Monitor).
    Monitor,
    /// A [`Mutex`](crate::Mutex).
    Mutex,
    /// A [oneshot](crate::oneshot) channel.
    Oneshot,
    /// What receives from [ports](mod@crate::mailbox::ports).
    Ports,
    /// An [`RwLock`](crate::RwLock).
    RwLock,
    /// A [`Semaphore`](crate::Semaphore).
    Semaphore,
    /// A part of another primitive.
    Part,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Oneshot => f.write_str("oneshot"),
            Self::Mailbox => f.write_str("mailbox"),
            Self::Ports => f.write_str("ports"),
            Self::Credits => f.write_str("credits"),
            Self::Part => f.write_str("part"),
            kind => fmt::Debug::fmt(kind, f),
        }
    }
}
