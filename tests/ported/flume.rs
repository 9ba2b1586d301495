//! flume's own tests (flume 0.12.0, main branch at f5a85c7), as mailboxes: `async`, `basic`, `stream`,
//! `check_same_channel` and `method_sharing`. What else lies beside them are suites of crossbeam-channel and of
//! `std::sync::mpsc`.
//!
//! | origin | scenarios | tested here | differ |
//! |---|---|---|---|
//! | async | 9 | 9 | 0 |
//! | basic | 22 | 20 | 6 |
//! | stream | 8 | 8 | 0 |
//! | check_same_channel | 4 | 4 | 0 |
//! | method_sharing | 1 | 1 | 1 |
//!
//! Where they pause to let another thread get ahead, tasks are polled by hand here, in that order; where they count to
//! a million, it is less here.
//!
//! # Spelled otherwise
//! | there | here |
//! |---|---|
//! | `send_async`, `recv_async`; `send`, `recv` block | `send`, `recv`; `send_blocking`, `recv_blocking` |
//! | `recv` is a `Result` | it is an `Option`: there is but one reason, and it is no error |
//! | `send` on an unbounded channel | `try_send`, or `send_blocking`, which then never waits |
//! | `iter()`, `try_iter()`, `drain()` | `std::iter::from_fn` with `recv_blocking` or `try_recv`; `try_recv_many` |
//! | `stream()`, `into_stream()`, `sink()`, `into_sink()` | the handles themselves are `Stream` and `Sink` |
//! | futures may be moved at will | they stand in line, so they are pinned first: `Box::pin`, `pin!` |
//! | `is_disconnected()`, `same_channel()` | `is_closed()`, `same_mailbox()` |
//!
//! # Differences
//! | scenario | what holds here, and why |
//! |---|---|
//! | `basic: send_timeout`, `basic: recv_timeout`, `basic: recv_deadline` | no clocks: whoever has one drops the future when it is late; `cancel` gives a message back |
//! | `basic: select_general` | no selector: futures are selected by whatever selects futures; a loser that was woken keeps its claim on a message until it is dropped |
//! | `basic: wait_on_empty_selector_panics`, `basic: wait_timeout_on_empty_selector_times_out` | no test: there is no selector |
//! | `method_sharing: sender` | futures tell nothing of the mailbox; the handle that they borrow does, also meanwhile |

mod basic;
mod tasks;
mod threads;
