//! Layer 3: the mutex, and what it shares with monitors and condition variables: locking, guards, condition queues.

#[expect(clippy::module_inception, reason = "the type is what the folder is about")]
mod mutex;

mod locking;

mod inspect;

mod condition;
mod enter;
#[expect(unsafe_code, reason = "guards: access to data that a mutex protects")]
mod guard;
mod raw;
mod site;
mod state;
mod wait_while;
mod waiting;

pub(crate) use condition::{Condition, Notified};
pub(crate) use enter::{Enter, HasMutex};
pub(crate) use guard::{Exclusive, Protected, Unlock};
pub use guard::{Guard, MappedGuard};
pub use locking::Locking;
pub use mutex::{MappedMutexGuard, Mutex, MutexGuard, OwnedMappedMutexGuard, OwnedMutexGuard};
pub use raw::RawMutex;
pub(crate) use site::{Queues, Site};
pub(crate) use state::MutexState;
pub(crate) use wait_while::WaitWhile;
pub(crate) use waiting::ConditionWait;
pub use waiting::WaitTimeoutResult;
