//! Semaphores and mutexes: different things to hold, one line to wait in.

pub mod line;
pub mod mutex;
pub mod rwlock;
pub mod semaphore;
