//! Hostile guests: wakers, destructors and closures that come back, panic, lie or call from elsewhere, on every
//! operation.
//!
//! [`wakers`] is the table of hostile wakers (H7): kinds × operations, three waiters each. [`payloads`] is that of
//! hostile messages and data (H8). Both print one line of figures. An abort cannot be counted from inside: it ends the
//! binary, and then the line is missing.

#![cfg(all(feature = "std", not(sempost_loom)))]

#[macro_use]
#[path = "../common/mod.rs"]
mod common;

mod calm;
mod cases;
mod closures;
mod found;
mod kinds;
mod loads;
mod loan;
mod paths;
mod payloads;
mod scene;
mod scenes;
mod sizes;
mod spots;
mod wakers;
