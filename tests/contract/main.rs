//! The contract, clause by clause: `cNN_<primitive>_<claim>`.
//!
//! C1 is a matter of the source and lives in `tests/tidy.rs`; C4 and C13 count allocations and
//! live in `tests/allocations.rs`. What only a condition variable or a reply port can show is in a file of its own, of
//! several clauses. `tidy.rs` checks that no cell of clause × primitive is empty.

#![cfg(all(feature = "std", not(sempost_loom)))]

#[macro_use]
#[path = "../common/mod.rs"]
mod common;
#[path = "../spec/mod.rs"]
mod spec;

mod barrier;
mod cancel;

mod c03;
mod c03_mailbox;
mod c05;
mod c06;
mod c06_mailbox;
mod c07;
mod c07_mailbox;
mod c08;
mod c08_mailbox;
mod c10;
mod c11;
mod c11_mailbox;
mod c12;
mod c14;
mod c14_mailbox;
mod c15;
mod c15_given;
mod c15_mailbox;
mod c16;
mod c16_mailbox;
mod c16_parking;
mod c17;
mod c17_mailbox;
mod condvar;
mod credits;
mod enter_when;
mod enter_when_walk;
mod futures;
mod latch;
mod oneshot;
mod ports;
mod ports_ends;
mod rwlock;
mod table;
