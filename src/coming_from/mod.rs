//! For those who use something else today: each name there, its name here, and what differs.
//!
//! Every page is a table for one origin, and after it the same rows as code that is compiled and run. [`recipes`] is
//! for what is asked next: timeouts, `select!` loops, shutdown, retries, pools, rates, bytes. Three programs in
//! `examples/coming_from` exist twice, with the origin's types and with these, and differ in the lines that the tables
//! name alone.
//!
//! What holds for all origins:
//!
//! - **No runtime.** Nothing here spawns, sleeps or panics because of where it is called. Blocking forms park their thread in
//!   the same line as the tasks; do not call them inside a task.
//! - **First come, first served**, unless made `with_fairness`. If your code relied on newcomers being quick, ask for
//!   [`Fairness::Barging`](crate::Fairness::Barging).
//! - **Futures have names** (`Acquiring`, `Sending`, `Receiving` …), so they can be fields; they are fused and `Debug`.
//! - **A dropped future did nothing.** What it had been given goes to the next, and
//!   [`Sending::cancel`](crate::mailbox::Sending::cancel) gives the message back. **The exception is a `send` at
//!   capacity 0**: a receiver may have taken the message at that very moment, and then `cancel` returns `None`.
//! - **A `send` without `.await` sends nothing**, on an unbounded mailbox, too. Where it was a plain call, write
//!   `try_send`: `let _ = tx.send(v)` compiles; clippy's `let_underscore_future` finds it.
//! - **No poisoning.** A guard that is dropped by a panic unlocks.
//!
//! These pages are documentation alone: there is nothing in them to import.

#[doc = include_str!("tokio.md")]
pub mod tokio {}

#[doc = include_str!("async_channel.md")]
pub mod async_channel_and_async_lock {}

#[doc = include_str!("flume.md")]
pub mod flume {}

#[doc = include_str!("futures_channel.md")]
pub mod futures_channel {}

#[doc = include_str!("futures_intrusive.md")]
pub mod futures_intrusive {}

#[doc = include_str!("recipes.md")]
#[doc = include_str!("recipes_of_limits.md")]
pub mod recipes {}
