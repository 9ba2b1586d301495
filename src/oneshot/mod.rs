//! A channel for one value: for example for the reply to a request that goes through a mailbox.
//!
//! | Guarantee | |
//! |---|---|
//! | Cost | one allocation for both ends; a send is one read-modify-write, a receive that finds the value needs none |
//! | Cancellation | a value that was sent stays until it is received, or until the receiver is dropped |
//! | Close | at one moment; a value that was sent before can be received, a later send gives the value back |
//! | Happens-before | what happened before a send happened before what follows its receive |
//! | | what happened before a close happened before what follows `is_closed`, `closed` or a failed send |
//! | Wake-ups | the task or thread that polled last is woken once, with nothing locked |
//! | Panics | if a waker or destructor panics, the channel stays whole: a value that was sent can still be received |
//! | Progress | lock-free, with one exception: a poll, a `try_recv` or a drop spins while the other end takes a waker |
//!
//! **If an end is forgotten (`mem::forget`), the other end waits forever.** The allocation leaks, with the value if one
//! was sent.
//!
//! # Examples
//! A request carries the sender for its reply:
//! ```
//! use sempost::{mailbox, oneshot};
//!
//! # futures::executor::block_on(async {
//! let (requests, inbox) = mailbox::bounded::<(u32, oneshot::Sender<u32>)>(8);
//!
//! let actor = async move {
//!     while let Some((number, sender)) = inbox.recv().await {
//!         // If the client has given up, the send gives the reply back.
//!         let _ = sender.send(number * number);
//!     }
//! };
//! let client = async move {
//!     let (sender, reply) = oneshot::channel();
//!     requests.send((7, sender)).await.unwrap();
//!     assert_eq!(reply.await, Ok(49));
//! };
//! futures::join!(actor, client);
//! # });
//! ```

mod error;
mod late;
mod receiver;
mod sender;
#[expect(unsafe_code, reason = "an allocation that two share without a count")]
mod slot;

pub use error::{RecvError, TryRecvError};
pub use late::RecvUntilError;
pub use receiver::Receiver;
pub use sender::{Sender, Watching};

/// Makes a channel for one value. It takes one allocation, which the last end frees.
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
#[cfg_attr(feature = "inspect", track_caller)]
pub fn channel<T>() -> (Sender<T>, Receiver<T>) {
    let (sender, receiver) = slot::End::pair();
    (Sender::new(sender), Receiver::new(receiver))
}
