//! What a contender can be. One trait per kind; a peer implements those that it can serve.

mod event;
mod gate;
mod leases;
mod library;
mod mailbox;
mod meeting;
mod monitor;
mod reply;
mod sources;

pub use event::Event;
pub use gate::{Closable, Gate, Growing, Lock, Order, Weighted};
pub use leases::Leases;
pub use library::Library;
pub use mailbox::{Batch, Blocking, BlockingClosing, Closing, Line, Mailbox, Message, Received, Refusal, Sent, Trying};
pub use meeting::{Barrier, Latch};
pub use monitor::{Condition, Monitor, Shared};
pub use reply::Reply;
pub use sources::Sources;
