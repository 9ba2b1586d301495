//! Receiving from any port, or from one.

use alloc::sync::Arc;
use alloc::vec::Vec;
use core::borrow::Borrow;
use core::hash::Hash;
use core::ops::Deref;
use core::task::Poll;

use super::hub::{Hub, Look};
use super::receiver::PortReceiver;
use super::searching::{Anywhere, Searching};
use super::source::{Source, try_take};
use crate::mailbox::TryRecvError;
use crate::record::Origin;
use crate::wait::{Elapsed, Own, named_future};

/// A receiver as the place of a wait.
pub(crate) struct Owner<K, T>(PortReceiver<K, T>);

impl<K, T> Deref for Owner<K, T> {
    type Target = Arc<Hub<K, T>>;

    fn deref(&self) -> &Arc<Hub<K, T>> {
        &self.0.hub
    }
}

type ManyWait<'a, K, T> = AnyWait<&'a Arc<Hub<K, T>>, K, T, Batch<'a, K, T>>;
type AnyWait<H, K, T, P> = Searching<H, K, T, P, Anywhere<K, T>>;
type SourceWait<H, K, T> = Searching<H, K, T, (), Source<K, T>>;

/// What a receive with a deadline yields.
type Timely<M> = Result<Option<M>, Elapsed>;

/// What `recv_many` fills.
pub(crate) struct Batch<'a, K, T> {
    buffer: Own<&'a mut Vec<(K, T)>>,
    limit: usize,
}

impl<K: Clone + Eq + Hash, T> PortReceiver<K, T> {
    /// Waits for a message of any port, and says from which. `None` means that no message will come any more: no port
    /// is left, and none can be opened.
    ///
    /// # Cancel safety
    /// Dropping the future loses nothing: it never holds a message. If it was woken, another receiver is woken instead.
    #[inline(always)]
    #[cfg_attr(feature = "inspect", track_caller)]
    pub fn recv(&self) -> ReceivingAny<'_, K, T> {
        self.cancel_poll();
        ReceivingAny::new(Searching::new(&self.hub, (), Anywhere::new()))
    }

    /// Takes a message of any port without waiting.
    ///
    /// A port is seen once its notification has arrived: **a message may be missed while its sender is still inside
    /// `send`.** [`recv`](Self::recv) never misses one.
    ///
    /// # Errors
    /// [`Empty`](TryRecvError::Empty) if no message is seen, [`Closed`](TryRecvError::Closed) when none will come any
    /// more.
    #[cfg_attr(feature = "inspect", track_caller)]
    pub fn try_recv(&self) -> Result<(K, T), TryRecvError> {
        self.cancel_poll();
        loop {
            match self.hub.receive(false, Origin::here()) {
                Look::Found(message) => return Ok(message),
                Look::Nothing => return Err(TryRecvError::Empty),
                Look::End => return Err(TryRecvError::Closed),
                Look::Again => {}
            }
        }
    }

    /// Waits for a message on this thread. Short for `recv().wait()`. Never call it inside a task.
    #[inline]
    #[cfg_attr(feature = "inspect", track_caller)]
    pub fn recv_blocking(&self) -> Option<(K, T)> {
        self.recv().wait()
    }

    /// Waits for at least one message, and appends up to `limit` messages to `buffer`: those of at most 65 turns of
    /// ports, of 8 messages each, or fast senders would keep it going.
    ///
    /// Returns how many. 0 means that no message will come any more, or that `limit` is 0.
    ///
    /// # Cancel safety
    /// As [`recv`](Self::recv). It takes messages only in the poll in which it is ready.
    #[cfg_attr(feature = "inspect", track_caller)]
    pub fn recv_many<'a>(&'a self, buffer: &'a mut Vec<(K, T)>, limit: usize) -> ReceivingAnyMany<'a, K, T> {
        self.cancel_poll();
        buffer.reserve(limit.min(1));
        ReceivingAnyMany::new(Searching::new(
            &self.hub,
            Batch { buffer: Own::new(buffer), limit },
            Anywhere::up_to(limit),
        ))
    }

    /// Appends up to `limit` messages to `buffer`, without waiting. Returns how many.
    ///
    /// # Errors
    /// As [`try_recv`](Self::try_recv). With a `limit` of 0 it returns 0, even at the end.
    #[cfg_attr(feature = "inspect", track_caller)]
    pub fn try_recv_many(&self, buffer: &mut Vec<(K, T)>, limit: usize) -> Result<usize, TryRecvError> {
        if limit == 0 {
            self.cancel_poll();
            return Ok(0);
        }
        buffer.reserve(1);
        let first = self.try_recv()?;
        Ok(self.hub.fill(buffer, limit, Some(first)))
    }

    /// Waits for a message of the port `key`. `None` means that this source is finished, or unknown. While it is idle,
    /// it waits.
    ///
    /// Waiters for one source are served in their order, and before [`recv`](Self::recv). **The future takes its place
    /// at its first poll: until then another receive may take the message.** If others receive, too, poll it before you
    /// send the request that the source replies to. The key is looked up by this call: the future stays with that port,
    /// even if the key is opened again.
    ///
    /// # Cancel safety
    /// As [`recv`](Self::recv). **A future that was woken, and is neither polled nor dropped, holds up its port.**
    ///
    /// # Examples
    /// ```
    /// use sempost::mailbox::{self, ports::Order};
    ///
    /// # futures::executor::block_on(async {
    /// let (ports, receiver) = mailbox::ports(Order::fair());
    /// let (a, b) = (ports.open('a', 2).unwrap(), ports.open('b', 2).unwrap());
    /// a.send(1).await.unwrap();
    /// b.send(2).await.unwrap();
    /// assert_eq!(receiver.recv_from(&'b').await, Some(2));
    /// assert_eq!(receiver.recv().await, Some(('a', 1)));
    /// drop(b);
    /// assert_eq!(receiver.recv_from(&'b').await, None);
    /// assert_eq!(receiver.recv_from(&'c').await, None);
    /// # });
    /// ```
    #[doc(alias("select", "receive"))]
    #[cfg_attr(feature = "inspect", track_caller)]
    pub fn recv_from<Q>(&self, key: &Q) -> ReceivingFrom<'_, K, T>
    where
        K: Borrow<Q>,
        Q: Eq + Hash + ?Sized,
    {
        self.cancel_poll();
        ReceivingFrom::new(Searching::new(&self.hub, (), Source::new(self.hub.find(key))))
    }

    /// Takes a message of the port `key` without waiting, unless others wait for it.
    ///
    /// # Errors
    /// [`Closed`](TryRecvError::Closed) if the source is finished, or unknown. [`Empty`](TryRecvError::Empty) if no
    /// message is seen, or others wait for this source: as for [`try_recv`](Self::try_recv), one may be missed.
    #[cfg_attr(feature = "inspect", track_caller)]
    pub fn try_recv_from<Q>(&self, key: &Q) -> Result<T, TryRecvError>
    where
        K: Borrow<Q>,
        Q: Eq + Hash + ?Sized,
    {
        self.cancel_poll();
        let Some(port) = self.hub.find(key) else { return Err(TryRecvError::Closed) };
        match try_take(&self.hub, &port, Origin::here()) {
            Poll::Ready(Some(message)) => Ok(message),
            Poll::Ready(None) => Err(TryRecvError::Closed),
            Poll::Pending => Err(TryRecvError::Empty),
        }
    }

    /// Like [`recv`](Self::recv), but the future owns the receiver, and returns it with the message.
    ///
    /// # Cancel safety
    /// As [`recv`](Self::recv). The receiver is dropped with the future.
    #[cfg_attr(feature = "inspect", track_caller)]
    pub fn recv_owned(self) -> ReceivingAnyOwned<K, T> {
        self.cancel_poll();
        ReceivingAnyOwned::new(Searching::new(Owner(self), (), Anywhere::new()))
    }

    /// Like [`recv_from`](Self::recv_from), but the future owns the receiver, and returns it with the message.
    ///
    /// # Cancel safety
    /// As [`recv_from`](Self::recv_from). The receiver is dropped with the future.
    #[cfg_attr(feature = "inspect", track_caller)]
    pub fn recv_from_owned<Q>(self, key: &Q) -> ReceivingFromOwned<K, T>
    where
        K: Borrow<Q>,
        Q: Eq + Hash + ?Sized,
    {
        self.cancel_poll();
        let source = Source::new(self.hub.find(key));
        ReceivingFromOwned::new(Searching::new(Owner(self), (), source))
    }
}

named_future! {
    /// Waits for a message of any port. Made by [`PortReceiver::recv`].
    ///
    /// # Cancel safety
    /// Dropping it ends the wait. It never holds a message. If it was woken, another receiver is woken instead.
    pub struct ReceivingAny['a, K, T] where [K: Clone, K: Eq, K: Hash]
        = AnyWait<&'a Arc<Hub<K, T>>, K, T, ()>
        => Option<(K, T)>: |_, (), message| message,
        until Result<Option<(K, T)>, Elapsed>: Ok,
        elapsed: |_, ()| Err(Elapsed);
}

named_future! {
    /// Waits for messages of any ports. Made by [`PortReceiver::recv_many`]. Returns how many were taken.
    ///
    /// # Cancel safety
    /// As [`ReceivingAny`]. Messages that are in the buffer were received.
    pub struct ReceivingAnyMany['a, K, T] where [K: Clone, K: Eq, K: Hash]
        = ManyWait<'a, K, T>
        => usize: |hub, batch, first| hub.fill(batch.buffer.get_mut(), batch.limit, first),
        until Result<usize, Elapsed>: Ok,
        elapsed: |_, _| Err(Elapsed);
}

named_future! {
    /// Waits for a message of one port. Made by [`PortReceiver::recv_from`].
    ///
    /// # Cancel safety
    /// As [`ReceivingAny`]. If it was woken, the next waiter for this source is woken instead, or else a receiver.
    pub struct ReceivingFrom['a, K, T] where [K: Clone, K: Eq, K: Hash]
        = SourceWait<&'a Arc<Hub<K, T>>, K, T>
        => Option<T>: |_, (), message| message,
        until Result<Option<T>, Elapsed>: Ok,
        elapsed: |_, ()| Err(Elapsed);
}

named_future! {
    /// Like [`ReceivingAny`], but owns the receiver, and returns it with the result. Made by
    /// [`PortReceiver::recv_owned`].
    ///
    /// # Cancel safety
    /// As [`ReceivingAny`]. The receiver is dropped with the future.
    pub struct ReceivingAnyOwned[K, T] where [K: Clone, K: Eq, K: Hash]
        = AnyWait<Owner<K, T>, K, T, ()>
        => (Option<(K, T)>, PortReceiver<K, T>): |owner: Owner<_, _>, (), message| (message, owner.0),
        until (Timely<(K, T)>, PortReceiver<K, T>): |(message, receiver)| (Ok(message), receiver),
        elapsed: |owner: Owner<_, _>, ()| (Err(Elapsed), owner.0);
}

named_future! {
    /// Like [`ReceivingFrom`], but owns the receiver, and returns it with the result. Made by
    /// [`PortReceiver::recv_from_owned`].
    ///
    /// # Cancel safety
    /// As [`ReceivingFrom`]. The receiver is dropped with the future.
    pub struct ReceivingFromOwned[K, T] where [K: Clone, K: Eq, K: Hash]
        = SourceWait<Owner<K, T>, K, T>
        => (Option<T>, PortReceiver<K, T>): |owner: Owner<_, _>, (), message| (message, owner.0),
        until (Timely<T>, PortReceiver<K, T>): |(message, receiver)| (Ok(message), receiver),
        elapsed: |owner: Owner<_, _>, ()| (Err(Elapsed), owner.0);
}
