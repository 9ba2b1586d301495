//! Layer 4: the monitor.

#[expect(clippy::module_inception, reason = "the type is what the folder is about")]
mod monitor;

mod entering;

mod waiting;

mod entering_when;
mod waiting_for;

mod guard;

mod inspect;

mod asking;
mod conditions;
mod mark;
#[expect(unsafe_code, reason = "a predicate over data whose type is not named")]
mod predicate;
#[expect(unsafe_code, reason = "queues that the lock of their monitor guards")]
mod seat;
mod seats;
mod state;

pub use conditions::{Array, Conditions, NoConditions, Seal};
pub use entering::{Entering, MonitorGuard, OwnedMonitorGuard};
pub use entering_when::EnteringWhen;
pub use monitor::Monitor;
pub use waiting::{Waiting, WaitingWhile};
pub use waiting_for::WaitingFor;
