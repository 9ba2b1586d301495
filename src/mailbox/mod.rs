//! Mailboxes: messages in order, from any sender to any receiver, with exact capacities and nothing lost.
//!
//! | You want | Use |
//! |---|---|
//! | fast senders to wait for slow receivers | [`bounded`]`(n)`, and `send(message).await` |
//! | many senders at few slots, and throughput before their order | [`bounded_with`]`(n, fairness)` |
//! | to send where you cannot wait | [`unbounded`], and [`try_send`](Sender::try_send): memory is the only limit |
//! | a send to complete when its message is taken | [`bounded`]`(0)`: see [capacity 0](#capacity-0) |
//! | the newest messages only | [`bounded`]`(n)`, and [`force_send`](Sender::force_send), which removes the oldest |
//! | a slot before you make the message | [`reserve`](Sender::reserve) |
//! | a deadline | `send(message).until(deadline)`, `recv().until(deadline)` |
//! | to stop the senders, and receive the rest | [`Receiver::close`] |
//! | a limit on bytes, or on messages in work | [`credits`](fn@credits)`(limit, weigh)`: see [its page](mod@credits) |
//! | to know the source of a message, or to wait for one | [`ports`](fn@ports)`(order)`: see [its page](mod@ports) |
//! | a `Stream` or a `Sink` | the handles: see [polled handles](#polled-handles) |
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
//!
//! # Guarantees
//! | Guarantee | |
//! |---|---|
//! | Order | each receiver gets the messages of one sender in the order in which they were sent |
//! | Fairness | first come, first served, on both sides; slots are granted in the order of the requests |
//! | | with [`bounded_with`] a sender that waits may be passed as often as its `Fairness` says |
//! | Cancellation | a dropped `recv` loses no message; O(1) |
//! | | a dropped `send` did not send; **at capacity 0 a receiver may have taken the message at that very moment** |
//! | Close | at one moment; accepted messages can still be received, waiting senders get theirs back |
//! | | **when the last receiver is dropped, the messages in the queue are dropped, too** |
//! | Happens-before | what happened before a send happened before what follows its receive |
//! | Memory | follows the load: blocks of about a kilobyte, at most one spare block after a burst |
//! | | (between 32 bytes and a kilobyte a message: blocks of 32 messages, or of as many as fit into 8 KiB) |
//! | | a polled handle allocates its waiter once: when it first waits or finds the end, or is first used as a sink |
//! | | `closed()`, `drained()` and `poll_closed` allocate when they wait |
//! | Panics | if a waker or destructor panics, the mailbox stays whole; all others are still woken or dropped |
//!
//! # Capacity 0
//! `send` completes when a receiver has taken the message. [`Sender::try_send`], [`Sender::force_send`] and
//! [`SendPermit::send`] do not wait: they succeed if a receiver is waiting in `recv`. If that receiver is dropped
//! before it takes the message, the message stays, and is delivered before any other. **A receiver that is polled as a
//! `Stream` does not count**: these fail, and a `reserve` waits on, until one waits in `recv`. A `send`, or a sink,
//! reaches it.
//!
//! **A `send` that is dropped at the very moment at which a receiver takes its message did send.** To retry after a
//! timeout, use `send(message).until(deadline)`, which is `Ok` in that case, or ask [`Sending::cancel`], which is
//! `None`.
//!
//! # Polled handles
//! [`Receiver`] is a `Stream`, [`Sender`] is a `Sink`, and both have `poll_` methods. A handle does not notice that
//! `next()` was dropped, and may never be polled again. So it is never *granted* a message or a slot. It is *woken to
//! retry* in its turn: nothing is withheld for it, and newcomers may be faster.
//!
//! - **An abandoned handle can keep one wake-up from the other waiters**, until it is used or dropped, until another
//!   takes what it was woken for, or until the mailbox is closed. It never keeps a message. In `select!` use the
//!   futures. **In a mailbox of [`bounded_with`] it keeps more**: see there.
//! - **A sink that is ready holds a slot** for its next message, until it sends, is flushed, closed or dropped, or
//!   sends in another way. [`ready_slots`](Sender::ready_slots) counts such slots.
//! - **A message in the outbox of a sink is overtaken** by what the same handle sends in other ways. The outbox has
//!   room for one message: one that lost its slot or, at capacity 0, one that waits for a receiver. There a sink is
//!   ready when its outbox is empty.
//! - **Closing a sink finishes that handle only**, as if it were dropped (`poll_close`, `SinkExt::close`, the end of
//!   `forward`). So four producers can each `forward` into a clone, and the mailbox closes with the last.
//!   [`Sender::close_mailbox`] closes it for all.
//! - A finished handle takes no message: `start_send` and every other send return it in the error, and reservations
//!   return [`Closed`]. Its outbox is empty, so `poll_ready`, `poll_flush` and `poll_close` return `Ok`: a `buffer`
//!   polls the sinks of a `fanout` again while one of them is closing. On a handle that is not finished, `poll_ready`
//!   is an error once the mailbox is closed.
//!
//! While a handle has a wake-up, no other waiter is woken for the same slot or message. **An operation that sends or
//! receives, but does not use the wake-up, gives it to the next waiter.** So poll first for what the handle was woken
//! for, and flush afterwards.
//!
//! | Operation of the handle | If it was woken | If it still waits |
//! |---|---|---|
//! | `start_send`; `poll_recv_many` with a limit of 0 | the next is woken | it keeps its place |
//! | `poll_flush` once the outbox is empty | the next is woken | it keeps its place |
//! | `poll_close`; the futures; the `try_` forms, `force_send` | the next is woken | it leaves the queue |
//! | reading or watching: the counts, `is_closed`, `poll_closed`, `clone` | it keeps its turn | it keeps its place |
//!
//! So a service may call `is_closed` or `poll_closed` before each poll, and does not starve.

// Rustdoc lists the methods of a type in this order: what most users need comes first. Blank lines keep it.
mod sending;
mod trying;

mod sending_many;

mod reserving;
mod sink;

mod receiving;
mod receiving_many;
mod stream;

mod owned;
mod receiver;
mod sender;
mod weak;

mod common;

mod error;
mod permit;

mod fast;
mod handle;
mod passing;
mod rendezvous;
mod shared;
mod slots;
mod state;
mod waiters;

pub mod credits;
#[cfg(feature = "std")]
pub mod ports;

use alloc::sync::Arc;

use crate::record::{Identity, Kind};
use crate::wait::Fairness;
#[doc(inline)]
pub use credits::credits;
pub use error::{
    Closed, ReserveUntilError, SendError, SendUntilError, SinkError, TryRecvError, TryReserveError, TrySendError,
};
pub use owned::{ReceivingOwned, SendingOwned};
pub use permit::{OwnedSendPermit, SendPermit, SendPermits};
#[cfg(feature = "std")]
#[doc(inline)]
pub use ports::ports;
pub use receiver::Receiver;
pub use receiving::Receiving;
pub use receiving_many::ReceivingMany;
pub use reserving::{Reserving, ReservingMany, ReservingOwned};
pub use sender::Sender;
pub use sending::Sending;
pub use sending_many::{SendingMany, Unsent};
use shared::Shared;
pub use state::MAX_CAPACITY;
pub use weak::{WeakReceiver, WeakSender};

/// Makes a mailbox that holds at most `capacity` messages. With 0 a sender waits until a receiver takes its message.
///
/// # Panics
/// If `capacity` is above [`MAX_CAPACITY`].
#[doc(alias("channel", "mpmc", "mpsc", "port", "rendezvous", "sync_channel"))]
#[must_use]
#[track_caller]
#[inline]
pub fn bounded<T>(capacity: usize) -> (Sender<T>, Receiver<T>) {
    assert!(capacity <= MAX_CAPACITY, "a mailbox holds at most MAX_CAPACITY = usize::MAX >> 3 messages");
    open(Kind::Mailbox, capacity)
}

/// Like [`bounded`], where senders may pass those that wait, as `fairness` says.
///
/// With [`Fairness::Fifo`] a slot that becomes free is handed to the first sender in line, and stays empty until its
/// task has run. With the others it stays free, and the first sender is *woken to retry*. A sender that is running
/// meanwhile fills it, and the next ones: many senders at few slots switch tasks once for many messages. **It pays
/// where slots are few**: on tokio with two threads 64 senders need two fifths of the time for a message through 16
/// slots, and as long through 128.
///
/// | | |
/// |---|---|
/// | Order | of each sender's messages, as ever; **between senders it is lost** |
/// | [`Barging`](Fairness::Barging) | a sender that waits is passed at most `overtakes` times |
/// | [`Unfair`](Fairness::Unfair) | **a sender that waits may starve** |
/// | Who is woken | the first in line, and the next when half of the slots are free besides |
/// | Receivers | first come, first served |
/// | Capacity 0 | has no slots, so `fairness` has no effect |
///
/// **A sender that was woken, and is neither polled nor dropped, keeps half of the slots from the senders that sleep**
/// (one that reserves several, or two such senders: all of them), until another sender takes what it was woken for. It
/// never keeps a slot from senders that run, within the bound. **With `Barging`, if it is the first in line and the
/// bound is used up, those that run have to queue, too: where it keeps all slots, as at capacity 1, the mailbox stands
/// still.** An abandoned [polled handle](self#polled-handles) is such a sender: to drop a future of `SinkExt` is not
/// enough.
///
/// [`force_send`](Sender::force_send) passes all that wait, and does not count.
///
/// # Panics
/// If `capacity` is above [`MAX_CAPACITY`].
///
/// # Examples
/// ```
/// use sempost::{Fairness, mailbox};
///
/// let (sender, receiver) = mailbox::bounded_with(16, Fairness::Barging { overtakes: 64 });
/// sender.try_send("hello").unwrap();
/// assert_eq!(receiver.try_recv(), Ok("hello"));
/// ```
#[must_use]
#[track_caller]
pub fn bounded_with<T>(capacity: usize, fairness: Fairness) -> (Sender<T>, Receiver<T>) {
    let (sender, receiver) = bounded(capacity);
    if capacity > 0 {
        sender.shared().let_pass(fairness);
    }
    (sender, receiver)
}

/// Makes a mailbox that holds as many messages as there is memory for.
///
/// **Use [`try_send`](Sender::try_send) to send without `.await`**: an unbounded mailbox is never full. `send` is a
/// future here, too, so **`let _ = sender.send(message)` sends nothing**.
///
/// # Examples
/// ```
/// let (sender, receiver) = sempost::mailbox::unbounded();
/// sender.try_send("at once").unwrap();
/// let _ = sender.send("never"); // a future that is never polled
/// drop(sender);
/// assert_eq!(receiver.recv_blocking(), Some("at once"));
/// assert_eq!(receiver.recv_blocking(), None);
/// ```
#[doc(alias("channel", "mpmc", "mpsc", "port", "unbounded_channel"))]
#[must_use]
#[cfg_attr(feature = "inspect", track_caller)]
#[inline]
pub fn unbounded<T>() -> (Sender<T>, Receiver<T>) {
    open(Kind::Mailbox, state::UNBOUNDED)
}

#[cfg_attr(feature = "inspect", track_caller)]
#[inline]
fn open<T>(kind: Kind, capacity: usize) -> (Sender<T>, Receiver<T>) {
    // It names the caller, which a closure does not know.
    let identity = Identity::of(kind);
    // Made in its place: `Arc::new` makes it on the stack, and copies it.
    let shared = Arc::new_cyclic(|_| Shared::new(identity, capacity));
    (Sender::new(Arc::clone(&shared)), Receiver::new(shared))
}
