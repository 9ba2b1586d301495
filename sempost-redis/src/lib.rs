// README's links lead to files. Of two targets with one name the first counts: those here lead to modules.
#![doc = include_str!("links.md")]
#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]
#![allow(rustdoc::redundant_explicit_links, reason = "links.md stands before README's own links")]

mod auto_ack;
mod connect;
mod delivery;
/// Workers, servers, proof, and figures.
///
/// These pages are documentation alone: there is nothing in them to import.
#[cfg(any(doc, doctest))]
pub mod docs {
    #[doc = include_str!("../docs/figures.md")]
    pub mod figures {}

    #[doc = include_str!("../docs/proof.md")]
    pub mod proof {}

    #[doc = include_str!("../docs/servers.md")]
    pub mod servers {}

    #[doc = include_str!("../docs/workers.md")]
    pub mod workers {}
}
mod error;
mod leases;
mod line;
mod looking;
mod mailbox;
mod payload;
mod reading;
mod receiver;
mod relay;
mod reply;
mod sender;
mod sending;
mod settling;
mod shared;
mod timer;
mod unique;

pub use auto_ack::AutoAck;
pub use connect::{Connect, Connecting, Connection};
pub use delivery::Delivery;
pub use error::{Error, SendError};
pub use leases::{Lease, Leases};
pub use mailbox::{DeadLetter, RemoteMailbox, Stats};
#[cfg(feature = "serde")]
pub use payload::Json;
pub use payload::{Payload, PayloadError};
pub use receiver::Receiver;
/// The crate of which a connection comes, so that its version fits.
pub use redis;
pub use sender::{ClosingSender, Sender};
