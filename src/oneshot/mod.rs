//! One value, once: the reply port of a request that goes through a mailbox.
//!
//! | Guarantee | |
//! |---|---|
//! | Cost | one allocation for both ends; a send is one read-modify-write, a receive that finds its value none |
//! | Cancellation | a value that was sent stays until it is taken; a receiver that is dropped drops it, once |
//! | Close | one moment; a value that was sent before can be received, a later one comes back |
//! | Happens-before | what happened before a send happened before what follows its receive; likewise a close, and who sees it |
//! | Wake-ups | the task that polled last is woken, once, with nothing locked; threads wait in the same way |
//! | Panics | a waker or destructor that panics leaves the channel whole: a value that was sent can still be received |
//! | Progress | lock-free but for the moment in which the other end takes a waker: then a poll, a `try_recv` or a drop pauses |
//!
//! An end that is forgotten – `mem::forget` – leaves the channel as it is: the other end waits for ever, and the allocation
//! stays, with the value if one was sent.
//!
//! # Examples
//! A request carries the port for its answer:
//! ```
//! use sempost::{mailbox, oneshot};
//!
//! # futures::executor::block_on(async {
//! let (requests, inbox) = mailbox::bounded::<(u32, oneshot::Sender<u32>)>(8);
//!
//! let actor = async move {
//!     while let Some((number, reply)) = inbox.recv().await {
//!         // Whoever asked may have given up: then the answer comes back, and nobody minds.
//!         let _ = reply.send(number * number);
//!     }
//! };
//! let client = async move {
//!     let (reply, answer) = oneshot::channel();
//!     requests.send((7, reply)).await.unwrap();
//!     assert_eq!(answer.await, Ok(49));
//! };
//! futures::join!(actor, client);
//! # });
//! ```

mod error;
mod receiver;
mod sender;
#[expect(unsafe_code, reason = "an allocation that two share without a count")]
mod slot;

pub use error::{RecvError, RecvUntilError, TryRecvError};
pub use receiver::Receiver;
pub use sender::{Sender, Watching};

/// Makes a channel for one value: one allocation, which the end that stays longer frees.
///
/// # Examples
/// ```
/// use sempost::oneshot;
///
/// let (tx, mut rx) = oneshot::channel();
/// assert_eq!(rx.try_recv(), Err(oneshot::TryRecvError::Empty));
/// tx.send("here").unwrap();
/// assert_eq!(rx.try_recv(), Ok("here"));
/// ```
#[doc(alias("oneshot", "reply", "promise"))]
#[inline]
pub fn channel<T>() -> (Sender<T>, Receiver<T>) {
    let (sender, receiver) = slot::End::pair();
    (Sender::new(sender), Receiver::new(receiver))
}
