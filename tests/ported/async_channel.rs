//! async-channel's `bounded` and `unbounded` (async-channel 2.5.0 and what its main branch had at 34e669e), as
//! mailboxes.
//!
//! | origin | scenarios | tested here | differ |
//! |---|---|---|---|
//! | bounded | 23 | 23 | 1 |
//! | unbounded | 18 | 18 | 0 |
//!
//! Where they pause for a second to let another thread get ahead, tasks are polled by hand here, in that order. Two
//! scenarios that say the same of both kinds are one test, as both are one type.
//!
//! # Spelled otherwise
//! | there | here |
//! |---|---|
//! | `recv()` is a `Result` | it is an `Option`: there is but one reason, and it is no error |
//! | `Sender::close` and `Receiver::close`, one for all | the same |
//! | `bounded(0)` panics | a rendezvous |
//! | a `Receiver` is `!Unpin` as a stream and must be pinned | it is `Unpin` |
//!
//! # Differences
//! | scenario | what holds here, and why |
//! |---|---|
//! | `bounded: forget_blocked_sender` | holds as long as there is a slot for each: slots are granted in the order in which they were asked for, so a `send` that was woken and is neither polled nor dropped keeps one; there others may pass it |

mod both;
mod flow;
mod order;
