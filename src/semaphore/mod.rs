//! Layer 3: the counting semaphore.

#[expect(clippy::module_inception, reason = "the type is what the folder is about")]
mod semaphore;

mod acquiring;

mod control;

mod error;
mod permit;
mod poll;
mod standing;
mod state;

pub(crate) use acquiring::Acquire;
pub use acquiring::Acquiring;
pub use error::{AcquireError, AcquireUntilError, AddPermitsError, TryAcquireError};
pub use permit::{OwnedPermit, Permit, Permits};
pub use poll::PollSemaphore;
pub use semaphore::Semaphore;
