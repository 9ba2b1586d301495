//! What a contender can be. One trait per kind; a peer implements those that it can serve.

mod gate;
mod mailbox;
mod monitor;

pub use gate::{Gate, Order, Weighted};
pub use mailbox::{Batch, Blocking, Line, Mailbox, Message, Received, Sent};
pub use monitor::{Condition, Monitor, Shared};
