//! Tests with real servers. Each starts one of its own.

mod bad_input;
mod bound;
mod closing;
mod crashes;
mod cut;
mod leases;
mod mailbox;
mod server;
mod sink;
#[path = "../../examples/pipeline/stages.rs"]
mod stages;
