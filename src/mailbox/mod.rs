//! Mailboxes: messages in order, from any sender to any receiver, with exact capacities and nothing lost.
//!
//! | Guarantee | |
//! |---|---|
//! | Order | at each receiver the messages of one sender arrive in the order in which they were sent |
//! | Fairness | first come, first served on both sides; capacity is granted in the order in which it was asked for |
//! | Cancellation | a dropped `recv` loses no message; O(1) |
//! | | a dropped `send` did not send; **at capacity 0 a receiver may have taken the message at that very moment** |
//! | Close | one moment; what was accepted can be received, parked senders get their messages back |
//! | Happens-before | what happened before a send happened before what follows its receive |
//! | Memory | follows the load: blocks of about a kilobyte, at most one spare after a burst |
//! | Panics | a waker or destructor that panics leaves the mailbox whole, and all others are woken or dropped |
//!
//! # Polled handles
//! [`Receiver`] is a `Stream`, [`Sender`] a `Sink`, and both have `poll_` methods. Dropping `next()` tells a handle
//! nothing, so a handle's waiter is never *granted* anything: it is nudged in its turn, nothing is withheld for it, and
//! newcomers may be faster. An abandoned handle may thus sit on one wake-up – until it is used or dropped, until somebody
//! else took what it was woken for, or until the mailbox is closed. A receiver never sits on a message. **A sink that said it
//! is ready keeps a slot** for its next message, until it sends, is flushed, closed, dropped or used to send in another way;
//! [`ready_slots`](Sender::ready_slots) shows it. (At capacity 0 there are no slots: a sink is ready when its outbox is empty.
//! The outbox is the handle's place for one message whose slot it lost, or that waits for a receiver.) A message that
//! waits in the outbox of a sink is overtaken by what the same handle sends in other ways. The box a waiter lives in is
//! made at a receiver's first poll that is pending or the end, at a sender's first use as a sink.
//!
//! A handle that was woken has a turn, and nobody behind it is woken for the same slot or message. **An operation that
//! sends or receives, and does not use the turn, gives it to the next waiter**: `poll_flush` and `poll_close` once the
//! outbox is empty, `poll_recv_many` with a limit of 0, and every other way to send or receive through the handle. So
//! poll first for what the handle was woken for, and flush afterwards. A handle that was not woken yet keeps its place
//! over `poll_flush`, `start_send` and a limit of 0; the futures, the `try_` forms and `poll_close` take it out of the
//! line.
//!
//! What only looks or watches keeps turn and place: `len`, `is_empty`, `is_full`, `remaining`, `capacity`, the counts,
//! `is_closed`, `closed`, `poll_closed`, `drained`, `same_mailbox`, `downgrade`, `clone`, `Debug`. A service that asks
//! `is_closed` or `poll_closed` before it polls again would otherwise lose its turn in each poll, and starve.
//!
//! Closing a sink (`poll_close`, `SinkExt::close`, the end of `forward`) finishes *that handle*, as if it were dropped:
//! four producers may each `forward` into a clone, and the mailbox closes with the last. [`Sender::close`] closes for all.
//!
//! A finished handle has nothing in hand: `poll_ready`, `poll_flush` and `poll_close` return `Ok`, because a `buffer`
//! asks the sinks of a `fanout` again while one of them is still closing. It takes nothing: `start_send` and every
//! other send return the message as an error, reservations return [`Closed`]. So `SinkExt::send` fails, with the
//! message in the error. A handle that is not finished returns an error from `poll_ready` once the mailbox is closed.
//!
//! # Capacity 0
//! A rendezvous: `send` completes when a receiver has taken the message. What does not wait – [`Sender::try_send`],
//! [`Sender::force_send`], [`SendPermit::send`] – succeeds if a receiver is waiting in `recv`; should that receiver leave,
//! the message is kept and delivered before any other.
//!
//! **A `send` that is dropped at the very moment at which a receiver takes its message did send.** To try
//! again after a timeout, first ask [`Sending::cancel`], which returns `None` in that case, or use
//! `send(message).until(deadline)`, which is `Ok` in that case.
//!
//! # Examples
//! ```
//! use sempost::mailbox;
//!
//! # futures::executor::block_on(async {
//! let (sender, receiver) = mailbox::bounded(2);
//! sender.send("first").await?;
//! sender.send("second").await?;
//! assert!(sender.try_send("third").is_err(), "full");
//! drop(sender);
//! assert_eq!(receiver.recv().await, Some("first"));
//! assert_eq!(receiver.recv().await, Some("second"));
//! assert_eq!(receiver.recv().await, None);
//! # Ok::<(), mailbox::SendError<&str>>(())
//! # }).unwrap();
//! ```

mod error;
mod owned;
mod permit;
mod quick;
mod receiver;
mod receiving;
mod rendezvous;
mod reserving;
mod seat;
mod sender;
mod sending;
mod sending_many;
mod shared;
mod side;
mod sink;
mod state;
mod until;
mod weak;

use alloc::sync::Arc;

pub use error::{
    Closed, ReserveUntilError, SendError, SendUntilError, SinkError, TryRecvError, TryReserveError, TrySendError,
};
pub use owned::{ReceivingOwned, SendingOwned};
pub use permit::{OwnedSendPermit, SendPermit, SendPermits};
pub use receiver::Receiver;
pub use receiving::{Receiving, ReceivingMany};
pub use reserving::{Reserving, ReservingMany, ReservingOwned};
pub use sender::Sender;
pub use sending::Sending;
pub use sending_many::{SendingMany, Unsent};
use shared::Shared;
pub use weak::{WeakReceiver, WeakSender};

/// The most messages a bounded mailbox can hold: `usize::MAX >> 3`.
pub const MAX_CAPACITY: usize = usize::MAX >> 3;

/// Makes a mailbox that holds exactly `capacity` messages; 0 makes a rendezvous.
///
/// # Panics
/// Above [`MAX_CAPACITY`].
#[doc(alias("channel", "mpmc", "port"))]
#[must_use]
#[track_caller]
pub fn bounded<T>(capacity: usize) -> (Sender<T>, Receiver<T>) {
    assert!(capacity <= MAX_CAPACITY, "a mailbox holds at most MAX_CAPACITY = usize::MAX >> 3 messages");
    open(capacity)
}

/// Makes a mailbox that holds as many messages as there is memory for.
///
/// **Use [`try_send`](Sender::try_send) to send without `.await`**: it is never full here. `send` is a future here,
/// too, so **`let _ = sender.send(message)` sends nothing**.
///
/// # Examples
/// ```
/// let (sender, receiver) = sempost::mailbox::unbounded();
/// sender.try_send("at once").unwrap();
/// let _ = sender.send("never"); // a future that nobody polled
/// drop(sender);
/// assert_eq!(receiver.recv_blocking(), Some("at once"));
/// assert_eq!(receiver.recv_blocking(), None);
/// ```
#[doc(alias("channel", "mpmc", "port"))]
#[must_use]
pub fn unbounded<T>() -> (Sender<T>, Receiver<T>) {
    open(state::UNBOUNDED)
}

fn open<T>(capacity: usize) -> (Sender<T>, Receiver<T>) {
    let shared = Arc::new(Shared::new(capacity));
    (Sender::new(Arc::clone(&shared)), Receiver::new(shared))
}
