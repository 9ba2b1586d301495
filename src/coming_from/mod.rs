//! For users of other crates: their names, the names here, and what differs.
//!
//! Each page is about one crate. It has a table, and the same rows as code that is compiled and run. [`recipes`] has
//! what comes next: timeouts, `select!` loops, shutdown, stop flags, wait groups, retries, pools, rates, bytes, many
//! sources, work in progress, the latest value, broadcasts, a condition for each key.
//! Three programs in `examples/coming_from` exist twice, with the types of the other crate and with these. They differ
//! only in lines that the tables name.
//!
//! What holds for all of them:
//!
//! - **No runtime.** Nothing here spawns, sleeps or panics because of where it is called. Blocking forms park their
//!   thread in the same queue as the tasks; do not call them inside a task.
//! - **First come, first served**, unless made `with_fairness`. If your code depends on newcomers that pass waiters,
//!   use [`Fairness::Barging`](crate::Fairness::Barging).
//! - **Futures have names** (`Acquiring`, `Sending`, `Receiving` …), so they can be fields. They are `FusedFuture` and
//!   `Debug`. **To poll one after its end panics**; `is_terminated` tells.
//! - **A dropped future did nothing.** What it had been granted goes to the next waiter.
//!   [`Sending::cancel`](crate::mailbox::Sending::cancel) returns the message. **The exceptions:** a `send` at capacity
//!   0, whose message a receiver may have taken at that very moment (then `cancel` returns `None`); a `send_many`,
//!   which may have sent a part; a wait for a condition, which has unlocked its mutex or left its monitor; and a future
//!   that owns its handle, which takes it along.
//! - **A `send` without `.await` sends nothing**, on an unbounded mailbox, too. Where it was a plain call, write
//!   `try_send`. `let _ = tx.send(v)` compiles; clippy's `let_underscore_future` finds it.
//! - **A deadline is any future.** In a task write `.until(sleep)` with the sleep of your runtime. On a thread write
//!   `.wait_timeout(d)`. Every future has both. There is no `recv_timeout`, no `send_timeout` and no `…_until`.
//! - **A sender closes the mailbox by `close_mailbox()`.** With `SinkExt` in scope `tx.close()` compiles, too. It does
//!   nothing unless it is awaited, and then it finishes only that handle.
//! - **No poisoning.** A guard unlocks when a panic drops it.
//!
//! These pages are documentation only. There is nothing in them to import.

#[doc = include_str!("tokio.md")]
pub mod tokio {}

#[doc = include_str!("async_channel.md")]
pub mod async_channel_and_async_lock {}

#[doc = include_str!("flume.md")]
pub mod flume {}

#[doc = include_str!("kanal.md")]
pub mod kanal {}

#[doc = include_str!("futures_channel.md")]
pub mod futures_channel {}

#[doc = include_str!("futures_intrusive.md")]
pub mod futures_intrusive {}

#[doc = include_str!("recipes.md")]
#[doc = include_str!("recipes_of_limits.md")]
#[doc = include_str!("recipes_of_sources.md")]
#[doc = include_str!("recipes_of_states.md")]
pub mod recipes {}
