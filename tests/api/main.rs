//! The rules of the API that are no clause of the contract: what each method answers, when.

#![cfg(all(feature = "std", not(sempost_loom)))]

#[macro_use]
#[path = "../common/mod.rs"]
mod common;

mod barrier;
mod blocks;
mod combinators;
mod condvar;
mod condvar_mutexes;
mod condvar_until;
mod counts;
mod credits;
mod credits_sink;
mod edges;
mod edges_mailbox;
mod enter_when;
mod fairness;
mod finished;
mod force_send;
mod found;
mod latch;
mod limit;
mod monitor;
mod mutex;
mod oneshot;
mod owned;
mod permits;
mod places;
mod poll_semaphore;
mod ports;
mod ports_ends;
mod ports_forms;
mod ports_found;
mod ports_from;
mod rendezvous;
mod rwlock;
mod semaphore;
mod send_many;
mod sink;
mod stream;
mod types;
mod unlocked;
mod until;
mod until_many;
mod unwind;
