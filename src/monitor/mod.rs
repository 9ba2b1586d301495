//! Layer 4: the monitor.

#[expect(clippy::module_inception, reason = "the type is what the folder is about")]
mod monitor;

mod entering;

mod waiting;

mod guard;

mod inspect;

mod conditions;
mod state;

pub use conditions::{Array, Conditions, Seal};
pub use entering::{Entering, MonitorGuard, OwnedMonitorGuard};
pub use monitor::Monitor;
pub use waiting::{Waiting, WaitingWhile};
