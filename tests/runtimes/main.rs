//! One body per behaviour, each on tokio (multi-thread and current-thread), async-std and smol.
//!
//! No test here sleeps to synchronise: tasks wait for conditions by yielding, and a hang ends in
//! the watchdog.

#![cfg(all(feature = "std", not(sempost_loom)))]

#[macro_use]
#[path = "../common/mod.rs"]
mod common;

mod barrier;
mod buffer;
mod condvar;
mod credits;
mod enter_when;
mod fairness;
mod latch;
mod mailbox;
mod mailbox_ends;
mod mailbox_sink;
mod mixed;
mod monitor;
mod mutex;
mod oneshot;
mod ports;
mod rwlock;
mod semaphore;
mod until;
