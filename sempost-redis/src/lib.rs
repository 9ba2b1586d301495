#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod auto_ack;
mod connect;
mod delivery;
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
