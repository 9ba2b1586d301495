//! What a contender can be. One trait per kind; a peer implements those that it can serve.

mod event;
mod gate;
mod mailbox;
mod monitor;
mod reply;

pub use event::Event;
pub use gate::{Closable, Gate, Growing, Lock, Order, Weighted};
pub use mailbox::{Batch, Blocking, BlockingClosing, Closing, Line, Mailbox, Message, Received, Refusal, Sent, Trying};
pub use monitor::{Condition, Monitor, Shared};
pub use reply::Reply;
