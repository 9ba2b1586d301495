//! Tests with real servers. Each starts one of its own.

mod answers;
mod attempts;
mod auto_traits;
mod bad_input;
mod bells;
mod bound;
mod closing;
mod crashes;
mod cut;
mod failover;
mod giving_back;
mod leases;
mod mailbox;
mod names;
mod pages;
mod proxy;
mod server;
mod sink;
#[path = "../../examples/pipeline/stages.rs"]
mod stages;
