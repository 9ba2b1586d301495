//! Who holds, who waits, since when, and the circle: for programs that hang. Needs the feature `inspect`.
//!
//! ```toml
//! sempost = { version = "0.1", features = ["inspect"] }
//! ```
//!
//! # Examples
//! ```
//! use sempost::{Mutex, inspect};
//!
//! static LEDGER: Mutex<u32> = Mutex::new(0);
//! inspect::name(&LEDGER, "ledger");
//!
//! let guard = LEDGER.lock_blocking();
//! let snapshot = inspect::snapshot();
//! let (mutex, holder) = snapshot.holders().next().unwrap();
//! assert_eq!(mutex.name(), Some("ledger"));
//! assert!(holder.place().line() > 0); // where it was locked
//! println!("{snapshot}"); // for people; `to_dot()` for a picture, `to_json()` for programs
//! # drop(guard);
//! ```
//! prints
//! ```text
//! 1 primitive, 1 holder, 0 waiters
//! Mutex #1 "ledger", made at src/main.rs:3:30
//!   held by thread 1 "main" for 0.0 s, since src/main.rs:6:20
//! ```
//!
//! # What is shown
//! | | |
//! |---|---|
//! | [`primitives`](Snapshot::primitives) | what has a holder or a waiter: kind, name, where it was made |
//! | [`holders`](Snapshot::holders) | guards, permits, reserved slots, credits: where acquired, by whom, for how long |
//! | [`waiters`](Snapshot::waiters) | where they began to wait, who polled last, for how long, and what they want |
//! | [`suspects`](Snapshot::suspects) | circles in which each task waits for the next |
//! | [`futurelocks`](Snapshot::futurelocks) | what was granted to a future that nobody polls |
//!
//! | Guarantee | |
//! |---|---|
//! | Taken | at any moment, from any thread, also while the program hangs; it takes no lock of a primitive |
//! | Consistent | for each primitive: its rows are copied at one moment; **between two primitives time passes** |
//! | | **a guard that is being made or dropped at that moment may be missing** |
//! | Without the feature | not an instruction, not a byte |
//! | With it | each hold, and each wait that joins a queue, costs an allocation, a clock and two locks of a table |
//! | | **A global allocator must not use this crate**: a record is allocated when a primitive is used |
//! | Memory | an entry for each primitive that was used, until it is dropped; a row for each hold and wait |
//!
//! # What cannot be known
//! - *Who holds it now.* A move runs no code: a guard that was sent to another task is shown with the one that
//!   acquired it. A permit that was forgotten has no holder. Leased credits are shown where their message was sent.
//! - *A task* is known by its waker, so that no runtime is named: see [`Actor`]. A `try_` form has only its thread.
//! - *The line* is that of the call that made the future, inside the user's innermost `async fn`. That of a `Stream` or
//!   `Sink` is the combinator's, and that of an awaited receiver of a oneshot is where the channel was made.
//! - *A suspect may be harmless*: a `join!` branch that holds a lock over a timer, a wait with a deadline. **A loop
//!   that acquires owned permits, and moves each into a task that it spawns, seems to wait for itself** while all are
//!   in use.
//! - *A deadlock may be missed* if it leads through `FuturesUnordered`, a `try_` form, a guard that was moved, a permit
//!   that was forgotten, a condition, a message that never comes, or a task that also waits for something that may
//!   still come, as with `select!`.
//! - *A mailbox has no holder.* Its senders are said to wait for whoever received last, and that is marked ≈. So are
//!   those that wait for credits of messages that were sent.
//! - A wait in `poll_closed` of a handle is not shown. One of a sink for credits counts as that of a task of its own.
//! - That a oneshot has its value, or that what `closed()` waits for has happened, does not show in the wait: it looks
//!   queued until it is polled.
//!
//! # Watchdog
//! A thread that prints a snapshot if nothing has moved for some seconds:
//! ```no_run
//! use std::time::Duration;
//!
//! const LONG: Duration = Duration::from_secs(10);
//!
//! std::thread::spawn(|| {
//!     loop {
//!         std::thread::sleep(LONG);
//!         let snapshot = sempost::inspect::snapshot();
//!         if !snapshot.suspects(LONG).is_empty() || snapshot.futurelocks(LONG).next().is_some() {
//!             eprintln!("{snapshot}");
//!         }
//!     }
//! });
//! ```

mod actor;
mod dot;
mod graph;
mod json;
mod names;
mod shown;
mod snapshot;
mod suspects;

use alloc::string::String;

pub use actor::Actor;
pub use names::Inspect;
pub use snapshot::{Holder, Primitive, Snapshot, State, Waiter, Wants};
pub use suspects::{Blocker, Hop, Suspect, Why};

pub use crate::record::Kind;

/// Lists who holds and who waits. It takes no lock of a primitive, so it may be called at any moment.
///
/// # Examples
/// ```
/// println!("{}", sempost::inspect::snapshot());
/// ```
#[must_use]
pub fn snapshot() -> Snapshot {
    Snapshot::take()
}

/// Gives a primitive a name, which snapshots show. For a mailbox either handle will do, for ports a receiver. **The two
/// ends of a oneshot have names of their own**: give one to the end that waits.
///
/// # Examples
/// ```
/// let pool = sempost::Semaphore::new(10);
/// sempost::inspect::name(&pool, "db-pool");
/// ```
pub fn name(primitive: &impl Inspect, name: impl Into<String>) {
    primitive.tag().set_name(name.into());
}
