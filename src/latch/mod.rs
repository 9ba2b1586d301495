//! Layer 4: the latch.

#[expect(clippy::module_inception, reason = "the type is what the folder is about")]
mod latch;

mod state;

mod waiting;

pub use latch::Latch;
pub use waiting::LatchWaiting;
