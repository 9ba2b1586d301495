//! Ports: one receiver for many sources, each with a queue of its own. Made by [`mailbox::ports`](fn@super::ports).
//! They need the feature `std`, which is on by default.
//!
//! It is the lecture's message passing: `receive(*, &m)` is [`recv`](PortReceiver::recv), which says from whom a
//! message came, and `receive(source, &m)` is [`recv_from`](PortReceiver::recv_from).
//!
//! | You want | Use |
//! |---|---|
//! | the next message, and its source | [`recv`](PortReceiver::recv), or the `Stream` |
//! | the next message of one source | [`recv_from`](PortReceiver::recv_from) |
//! | control before data | [`Order::classes`] |
//! | one noisy client not to starve the rest | [`Order::fair`] |
//! | an existing mailbox as a source | [`adopt`](Ports::adopt) |
//!
//! The senders are ordinary ones: permits, sinks, weak handles, deadlines and blocking forms are all there. No source
//! can fill the queue of another, and waiting for one source cannot deadlock behind messages of others.
//!
//! # Examples
//! ```
//! use sempost::mailbox::{self, ports::Order};
//!
//! # futures::executor::block_on(async {
//! let (ports, receiver) = mailbox::ports(Order::fair());
//! let left = ports.open("left", 4).unwrap();
//! let right = ports.open("right", 4).unwrap();
//! left.send(1).await.unwrap();
//! right.send(2).await.unwrap();
//! assert_eq!(receiver.recv_from(&"right").await, Some(2));
//! assert_eq!(receiver.recv().await, Some(("left", 1)));
//! drop((ports, left, right));
//! assert_eq!(receiver.recv().await, None);
//! # });
//! ```
//!
//! # Guarantees
//! | Guarantee | |
//! |---|---|
//! | Order | each receiver gets the messages of one source in the order in which they were sent; none between sources |
//! | Fairness | between two turns of a port, each port of its class that has messages has one; a turn is 8 messages |
//! | | a smaller class goes first; those who wait for one source are served in order, and before `recv` |
//! | Cancellation | a dropped wait loses no message and keeps no wake-up; O(1) |
//! | | **a `recv_from` that was woken, and is neither polled nor dropped, holds up its port** |
//! | | **a `recv` or a stream that was woken, and is neither polled nor dropped, keeps the messages of one port** |
//! | | **from the receivers that sleep**, until another port has messages |
//! | Linearizable | each port; `try_recv` may be `Empty` a moment longer, until a port's notification has arrived |
//! | Close | port by port |
//! | End | the last [`Ports`] gone, or closed, and all ports finished |
//! | | **it never comes while somebody keeps a [`Ports`] that is not closed** |
//! | | when the last [`PortReceiver`] is dropped, **the messages in all queues are dropped, too** |
//! | Complexity | a message costs O(1), however many ports are idle; opening is O(1), amortised |
//! | Limit | 2³¹ − 32 ports at a time; to open one more panics |
//! | Memory | an idle port costs about a kilobyte |
//! | | **a finished port is kept until its end is received**: by `recv`, or by `recv_from` of its key |
//! | Panics | if a waker or destructor panics, all ports stay whole; **a key must not panic in `Hash` or `Eq`** |
//!
//! A poll looks at no more than 64 ports that turn out to be empty, and then lets other tasks run.
//!
//! # The life of a port
//! | | how it comes there | `open` of its key | `recv_from` |
//! |---|---|---|---|
//! | open | [`open`](Ports::open), [`adopt`](Ports::adopt) | [`Open`](OpenError::Open) | waits |
//! | draining | no sender or closed; messages are left | [`Draining`](OpenError::Draining) | takes them |
//! | finished | the last message was received | opens it anew | `None` |
//! | forgotten | its end was received, or its key was opened anew | opens it anew | `None` |
//!
//! # Keys
//! `Hash` and `Eq` of a key, `Clone` in [`keys`](PortReceiver::keys), and the allocator for the table of ports run
//! under its lock, a `std::sync::Mutex` that no message passes. **They must not use these ports.** With each message
//! the key of its port is cloned: take a number, an `Arc<str>`, or another that is cheap. A struct that holds one of
//! the futures needs `K: Clone + Eq + Hash`, too.

mod answers;
mod board;
mod classes;
mod error;
mod hub;
mod opening;
mod order;
mod port;
mod ready;
mod receiver;
mod receiving;
mod searching;
mod slot;
mod slots;
mod source;
mod turn;

use alloc::sync::Arc;

pub use error::{AdoptError, OpenError};
use hub::Hub;
pub use opening::Ports;
pub use order::Order;
pub use receiver::PortReceiver;
pub use receiving::{ReceivingAny, ReceivingAnyMany, ReceivingAnyOwned, ReceivingFrom, ReceivingFromOwned};

/// Makes a receiver for many sources. Each has a queue of its own, and an ordinary [`Sender`](super::Sender).
///
/// See [the module](mod@crate::mailbox::ports).
#[doc(alias("select", "StreamMap", "select_all"))]
#[must_use]
#[cfg_attr(feature = "inspect", track_caller)]
pub fn ports<K, T>(order: Order<K>) -> (Ports<K, T>, PortReceiver<K, T>) {
    let hub = Arc::new(Hub::new(order));
    (Ports::new(Arc::clone(&hub)), PortReceiver::new(hub))
}
