//! Layer 4: the barrier.

#[expect(clippy::module_inception, reason = "the type is what the folder is about")]
mod barrier;

mod state;

mod waiting;

pub use barrier::{Barrier, BarrierWaitResult};
pub use waiting::BarrierWaiting;
