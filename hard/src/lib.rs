//! What the tools share: tiers, the lines that they print, counting wakers, a seeded generator, a watchdog.

#[expect(unsafe_code, reason = "memory that is freed without a drop")]
mod arena;
pub mod models;
#[path = "../../tests/common/random.rs"]
pub mod random;
pub mod stress;
mod tier;
#[path = "../../tests/common/wakers.rs"]
pub mod wakers;
#[path = "../../tests/common/watchdog.rs"]
pub mod watchdog;

pub use arena::Arena;
pub use random::Random;
pub use tier::Tier;
pub use wakers::Bell;
pub use watchdog::watched;
