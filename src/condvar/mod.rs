//! Layer 4: the condition variable, for use with a mutex.

#[expect(clippy::module_inception, reason = "the type is what the folder is about")]
mod condvar;

mod waiting;

mod notifying;

mod state;

pub use condvar::Condvar;
pub use waiting::{CondvarWaiting, CondvarWaitingWhile};
