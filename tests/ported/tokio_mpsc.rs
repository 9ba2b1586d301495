//! tokio's `sync_mpsc` (tokio 1.53.1 and what its main branch had at ea91b33), as mailboxes.
//!
//! | origin | scenarios | tested here | differ |
//! |---|---|---|---|
//! | sync_mpsc | 105 | 103 | 12 |
//!
//! Two scenarios that say the same of the bounded and the unbounded channel are one test here, as both are one type.
//!
//! # Spelled otherwise
//! | there | here |
//! |---|---|
//! | `channel(n)`, `unbounded_channel()` | `bounded(n)`, `unbounded()`, of one type; there may be many receivers, each `&self` |
//! | `send` of an `UnboundedSender` is no future | `try_send`, or `send(…).await`, which then never waits |
//! | `capacity()`, `max_capacity()` | `remaining()`, `capacity()`, the latter `None` if unbounded |
//! | `TryRecvError::Disconnected` | `TryRecvError::Closed` |
//! | `TrySendError<()>` of `try_reserve` | `TryReserveError` |
//! | `permit.send(v)` says nothing if the receiver is gone | it gives the message back |
//! | `blocking_recv`, `blocking_send` | `recv_blocking`, `send_blocking`, or `.wait()` on any future |
//! | `rx.close()` | closes for all clones; a sender may do it, too |
//!
//! # Differences
//! | scenario | what holds here, and why |
//! |---|---|
//! | `sync_mpsc: buffer_gteq_one` | capacity 0 is no mistake: it makes a rendezvous |
//! | `sync_mpsc: reserve_many_above_cap`, `sync_mpsc: try_reserve_many_edge_cases` | more than the capacity is a broken contract: a panic at the call, not an error |
//! | `sync_mpsc: failed_reserve_many_wakes_closed_receiver`, `sync_mpsc: cancelled_reserve_many_wakes_closed_receiver` | a waiting reservation holds no slots, all come at once: the receiver is at the end with the last permit, whoever still waits |
//! | `sync_mpsc: failed_reserve_wakes_closed_receiver`, `sync_mpsc: cancelled_reserve_wakes_closed_receiver` | closing voids what was granted and not yet fetched: the receiver does not even have to wait |
//! | `sync_mpsc: blocking_recv_async`, `sync_mpsc: blocking_send_async` | no test: no runtime is known here, so none can be found around a blocking call; the docs forbid it |
//! | `sync_mpsc: recv_timeout`, `sync_mpsc: recv_timeout_panic` | no timers: whoever has one drops the future when it is late, and `cancel` gives the message back; nothing asks for a runtime |
//! | `sync_mpsc: test_tx_capacity` | what is left is `remaining()`, what is held at most `capacity()` |
//!
//! No scenario shows it, but a user may notice: tokio's operations spend the budget of their task, and yield when it is
//! used up; here what does not have to wait never yields.
//!
//! Beside its tests the origin asserts that all types are `UnwindSafe` and `RefUnwindSafe`, whatever the message is.
//! Handles and permits are so here, too (`tests/api/types`, `tests/api/unwind.rs`). A future is `UnwindSafe` if the
//! message that it carries is, and never `RefUnwindSafe`, because of its waiter.

mod counts;
mod ends;
mod flow;
mod permits;

/// Kinds of mailbox that a pair of scenarios is about.
const BOTH: [Option<usize>; 2] = [Some(100), None];
