//! Layer 4: the readers-writer lock, a semaphore with data.
//!
//! A semaphore holds 2n + 1 permits for at most n readers. A reader takes two of them, a writer takes all. So while
//! there are only readers at least one permit is available, and while there is a writer none is: one look at the
//! semaphore tells how many readers there are, and whether there is a writer. The order is that of the semaphore.

#[expect(clippy::module_inception, reason = "the type is what the folder is about")]
mod rwlock;

#[expect(unsafe_code, reason = "guards: access to data that a semaphore protects")]
mod guard;
mod inspect;
mod locking;

pub use guard::RwLockGuard;
pub use locking::{Reading, Writing};
pub use rwlock::{
    MappedRwLockWriteGuard, OwnedMappedRwLockWriteGuard, OwnedRwLockReadGuard, OwnedRwLockWriteGuard, RwLock,
    RwLockReadGuard, RwLockWriteGuard,
};
