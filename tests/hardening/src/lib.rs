//! What the tools share: tiers, the lines that they print, counting wakers, a seeded generator, a watchdog, and the
//! specifications, which are those of the tests.

#[expect(unsafe_code, reason = "memory that is freed without a drop")]
mod arena;
#[path = "../../common/random.rs"]
pub mod random;
#[path = "../../spec/mod.rs"]
pub mod spec;
pub mod stress;
mod tier;
#[path = "../../common/wakers.rs"]
pub mod wakers;
#[path = "../../common/watchdog.rs"]
pub mod watchdog;

/// As the tests call it.
mod common {
    pub(crate) use crate::{Bell, Random};
}

pub use arena::Arena;
pub use random::Random;
pub use tier::Tier;
pub use wakers::Bell;
pub use watchdog::watched;
