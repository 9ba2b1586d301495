//! The cells: one generic loop per kind of question, and the list of all.

mod alone;
mod batch;
mod flow;
mod library;
mod life;
mod list;
mod meeting;
mod memory;
mod monitor;
mod ping_pong;
mod predicates;
mod reply;
mod section;
mod shares;
mod sources;
mod starvation;
mod waiters;

pub use list::all;
pub use predicates::{CALLS, SIGNALS};
