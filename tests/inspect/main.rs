//! Snapshots: what is shown of each primitive, circles, and that nothing stays behind.

#![cfg(all(feature = "inspect", not(any(sempost_loom, sempost_shuttle))))]

#[macro_use]
#[path = "../common/mod.rs"]
mod common;

#[allow(dead_code, unreachable_pub, reason = "its `main` prints")]
#[path = "../../examples/stuck.rs"]
mod hangs;

mod circles;
mod hostile;
mod left;
mod places;
mod random;
mod rows;
mod shown;
mod stress;
mod stuck;
mod waits_for;

use std::sync::{Mutex, MutexGuard, PoisonError};

/// One test at a time: snapshots show the whole process.
fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}
