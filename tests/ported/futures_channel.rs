//! futures-channel's `channel`, `mpsc`, `mpsc-close` and `mpsc-size_hint` (futures-rs, main branch at 4fe6c20), as
//! mailboxes.
//!
//! | origin | scenarios | tested here | differ |
//! |---|---|---|---|
//! | channel | 4 | 4 | 0 |
//! | mpsc | 25 | 23 | 10 |
//! | mpsc-close | 9 | 9 | 1 |
//! | mpsc-size_hint | 2 | 2 | 2 |
//!
//! Its `oneshot` is not among them.
//!
//! # Spelled otherwise
//! | there | here |
//! |---|---|
//! | `channel(n)` holds `n` messages and one more for each sender | `bounded(n)` holds `n` |
//! | `unbounded_send` | `try_send` |
//! | `close_channel()` | `close()`, of senders and receivers |
//! | `disconnect()` and `poll_close` end one handle | `poll_close`, or dropping it |
//! | `recv()` is a `Result`; `try_next` answers `Ok(None)` at the end | `recv()` is an `Option`; `try_recv` answers `Closed` |
//! | `same_receiver` | `same_mailbox`, also of receivers |
//!
//! # Differences
//! | scenario | what holds here, and why |
//! |---|---|
//! | `mpsc: send_recv_no_buffer` | 0 is a rendezvous, so the one slot is `bounded(1)`; a `start_send` that was not made ready goes to the outbox of the handle instead of coming back as full, a second one panics |
//! | `mpsc: try_send_1`, `mpsc: try_send_2`, `mpsc: try_send_fail` | with `bounded(1)` in place of `channel(0)`, as above |
//! | `mpsc: try_send_recv` | with `bounded(2)` in place of `channel(1)`: a sender has no slot of its own |
//! | `mpsc: send_backpressure`, `mpsc: send_backpressure_multi_senders` | as there, but it is the message that waits, outside of the mailbox: there it is in the queue, and its sender is parked |
//! | `mpsc: same_receiver` | a handle that is finished still belongs to its mailbox |
//! | `mpsc: is_connected_to` | no test: handles are compared only with their own kind |
//! | `mpsc: hash_receiver` | no test: handles have no hash |
//! | `mpsc-close: multiple_senders_disconnect` | `is_closed` tells of the mailbox, not of the handle; a finished handle refuses all messages |
//! | `mpsc-size_hint: unbounded_size_hint`, `mpsc-size_hint: channel_size_hint` | always `(0, None)`: other receivers may take what is queued |

mod ends;
mod flow;
mod threads;
