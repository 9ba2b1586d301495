//! Mailboxes with credits: each message holds as many as it weighs, until it was *processed*.
//!
//! A bounded mailbox limits how many messages are queued. Credits limit what is queued *and* being worked on: bytes in
//! memory, or jobs in progress. It is the textbook's flow control with `empty` messages. A receiver gets a [`Lease`],
//! which gives the credits back when it ends.
//!
//! # Examples
//! At most 100 bytes queued and in work:
//! ```
//! use sempost::mailbox;
//!
//! # futures::executor::block_on(async {
//! let (sender, receiver) = mailbox::credits(100, Vec::<u8>::len);
//! sender.send(vec![1; 60]).await.unwrap();
//! assert!(sender.try_send(vec![2; 60]).is_err(), "60 of 100 credits are taken");
//! let lease = receiver.recv().await.unwrap();
//! assert!(sender.try_send(vec![2; 60]).is_err(), "received, and not processed yet");
//! drop(lease);
//! assert!(sender.try_send(vec![2; 60]).is_ok());
//! # });
//! ```
//!
//! At most three jobs in work, whatever they weigh: `mailbox::credits(3, |_: &Job| 1)`.
//!
//! # Guarantees
//! | Guarantee | |
//! |---|---|
//! | Limit | queued messages, leases and permits hold at most `limit` credits, exactly |
//! | | **a message that is heavier than the limit goes alone**: memory ≤ max(limit, one message) |
//! | | **messages in unfinished sends, and one in each sink, are outside the limit** |
//! | Fairness | credits are granted in the order of asking; **a heavy message holds up the lighter ones behind it** |
//! | Order | each receiver gets the messages of one sender in the order in which they were sent |
//! | Cancellation | a dropped `send` did not send; a dropped `recv` loses nothing |
//! | | a dropped lease returns its credits |
//! | Close | at one moment; accepted messages can still be received, waiting senders get theirs back |
//! | | leases that are out do not hold up the end |
//! | Happens-before | as for a mailbox |
//! | | what happened before a lease ended happened before the send that gets its credits |
//! | Memory | a message is stored with two words; the rest as in an unbounded mailbox |
//! | Panics | as for a mailbox; credits of a worker that panics come back |
//!
//! **A worker that sends into the mailbox that it leases from can deadlock.** With two workers and a limit of 2, both
//! hold a lease and wait for a credit, forever. Give the lease back first ([`Lease::into_inner`]), or use another
//! mailbox for the results. **A lease that is forgotten keeps its credits forever.**
//!
//! # Weights
//! `weigh` is called once for each message: at the first poll of [`send`](CreditSender::send), or in
//! [`try_send`](CreditSender::try_send), `start_send` and [`CreditPermit::send`], and never under a lock. A weight of 0
//! counts as 1, and one above the limit as the limit. If it panics, no credits are taken and nothing else is lost.
//!
//! `weigh` captures nothing: carry the weight in the message, as in `credits(n, |m: &(usize, T)| m.0)`.
//!
//! # Sinks
//! `poll_ready` cannot know what the next message weighs. So each sink has an outbox for one message outside the limit,
//! and is ready when that is empty. The message in it waits in line like any other. **When its credits come it enters
//! the queue at once, also if the sink is not polled**: an idle sink keeps no credits. The outbox does that on the
//! thread that gave the credits back, so messages of a sink are `Send + 'static`. It is allocated once, when a message
//! first has to wait.
//!
//! `poll_flush` is ready when the message has entered the queue. **What the same handle sends in other ways may
//! overtake the message in its outbox.** Dropping the handle drops a message that still waits. `poll_close` finishes
//! that handle only: see [polled handles](crate::mailbox#polled-handles).

mod sending;

mod reserving;
mod sink;

mod permit;

mod receiver;
mod sender;

mod common;

mod error;
mod lease;

mod account;
mod outbox;
mod waiting;

pub use error::PermitSendError;
pub use lease::Lease;
pub use permit::{CreditPermit, OwnedCreditPermit, ReservedCredits};
pub use receiver::{CreditReceiver, CreditReceivingOwned};
pub use reserving::{CreditReserving, CreditReservingOwned};
pub use sender::{CreditSender, WeakCreditSender};
pub use sending::{CreditSending, CreditSendingOwned};

use account::Account;

/// Makes a mailbox in which queued messages, and messages in work, hold at most `limit` credits together. A message
/// holds `weigh(&message)` credits, at least 1 and at most `limit`.
///
/// `weigh` captures nothing: carry the weight in the message, as in `credits(n, |m: &(usize, T)| m.0)`.
///
/// See [the module](mod@crate::mailbox::credits).
///
/// # Panics
/// If `limit` is 0, or above [`Semaphore::MAX_PERMITS`](crate::Semaphore::MAX_PERMITS).
#[doc(alias("byte_bounded", "backpressure", "prefetch", "weighted"))]
#[must_use]
#[track_caller]
pub fn credits<T>(limit: usize, weigh: fn(&T) -> usize) -> (CreditSender<T>, CreditReceiver<T>) {
    let account = Account::new(limit, weigh);
    let (sender, receiver) = super::unbounded();
    account.carried_by(&receiver.shared);
    (CreditSender::new(sender, account.clone()), CreditReceiver::new(receiver, account))
}
