//! The receiving handle: a stream, and what it shares with the other forms.

use alloc::sync::Arc;
use alloc::vec::Vec;
use core::borrow::Borrow;
use core::fmt;
use core::hash::Hash;
use core::pin::Pin;
use core::sync::atomic::AtomicBool;
use core::task::{Context, Poll, ready};

use futures_core::{FusedStream, Stream};

use super::hub::{Hub, Look};
use crate::mailbox::Receiver;
use crate::primitive::Ordering::Relaxed;
use crate::record::{Origin, Place};
use crate::wait::{AwaitingDrained, Defer, EventWait, Primitive};

/// Receives from all ports, or from one. Clone it for more receivers: each message goes to one of them.
///
/// It is also a `Stream` of `(key, message)`. **An abandoned stream that was woken keeps the messages of one port from
/// the receivers that sleep**, until it is used or dropped, or another port has messages: in `select!` use the futures.
/// See the [module](super) for guarantees.
pub struct PortReceiver<K, T> {
    pub(super) hub: Arc<Hub<K, T>>,
    /// Where a poll of this handle waits. Made when it first does.
    tokens: Option<Receiver<()>>,
    /// This handle is counted as a receiver that sleeps.
    // ORDERING: all Relaxed; the partner is the board's lock. It is set in `&mut`, and one of those who clear it finds
    // it set.
    asleep: AtomicBool,
    ended: bool,
}

impl<K, T> PortReceiver<K, T> {
    pub(super) fn new(hub: Arc<Hub<K, T>>) -> Self {
        Self { hub, tokens: None, asleep: AtomicBool::new(false), ended: false }
    }

    /// Which primitive it is, for records.
    #[cfg(feature = "inspect")]
    pub(crate) fn tag(&self) -> &crate::record::Tag {
        crate::wait::Primitive::lock(&*self.hub.ready.tokens.shared).tag()
    }

    /// Ends the wait that a poll of this handle has begun, as every other operation does.
    #[inline(always)]
    pub(super) fn cancel_poll(&self) {
        if let Some(tokens) = &self.tokens {
            if self.asleep.swap(false, Relaxed) {
                // Counted out even if a waker panics.
                let _awake = Defer(|| self.hub.ready.wake(false));
                tokens.cancel_poll();
            }
        }
    }

    /// Closes all ports, one by one, and opens no more. Returns whether this call did it. O(ports).
    ///
    /// Messages that were accepted can still be received. Senders that wait get their messages back.
    pub fn close(&self) -> bool {
        self.hub.close()
    }

    /// Completes at the end: no port is left, and none can be opened. **It takes nothing: some receiver has to receive
    /// what is queued, and the ends of the ports.**
    ///
    /// Making the future takes a short lock once, even if it is never polled.
    ///
    /// # Cancel safety
    /// Dropping the future removes its listener. Nothing else changes.
    #[cfg_attr(feature = "inspect", track_caller)]
    pub fn drained(&self) -> AwaitingDrained<'_> {
        let tokens = &self.hub.ready.tokens.shared;
        AwaitingDrained::new(EventWait::new(tokens.closing(), tokens.lock().tag()))
    }

    /// Returns whether no port can be opened any more.
    pub fn is_closed(&self) -> bool {
        self.hub.table.lock().closed
    }

    /// Returns how many messages are queued in all ports. O(ports); each port is counted at a moment of its own.
    pub fn len(&self) -> usize {
        let table = self.hub.table.lock();
        table.ports.values().map(|port| port.mailbox.read(|state| state.queue.len())).sum()
    }

    /// Returns whether no message is queued. O(ports).
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns how many ports there are that are not finished, or whose end was not received yet.
    pub fn port_count(&self) -> usize {
        self.hub.ready.board.lock().counts().ports
    }

    /// Returns how many receivers wait for any port: futures, threads and polled handles.
    pub fn waiting_receivers(&self) -> usize {
        self.hub.ready.board.lock().counts().asleep
    }

    /// Returns whether both handles belong to the same ports.
    pub fn same_ports(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.hub, &other.hub)
    }
}

impl<K: Clone + Eq + Hash, T> PortReceiver<K, T> {
    /// Returns the keys of all ports that are not finished, or whose end was not received yet. In no order. O(ports).
    pub fn keys(&self) -> Vec<K> {
        self.hub.table.lock().ports.keys().cloned().collect()
    }

    /// Closes the port `key`. Returns whether this call did it: `false` if it was closed before, or is unknown.
    ///
    /// Its messages can still be received. Afterwards the key may be opened again.
    pub fn close_port<Q>(&self, key: &Q) -> bool
    where
        K: Borrow<Q>,
        Q: Eq + Hash + ?Sized,
    {
        self.hub.find(key).is_some_and(|port| port.mailbox.close())
    }

    /// Returns how many messages are queued in the port `key`. `None` if it is unknown, or finished and its end was
    /// received.
    pub fn port_len<Q>(&self, key: &Q) -> Option<usize>
    where
        K: Borrow<Q>,
        Q: Eq + Hash + ?Sized,
    {
        self.hub.find(key).map(|port| port.mailbox.read(|state| state.queue.len()))
    }

    /// Polls for a message. The wait belongs to this handle, and ends with its next other operation.
    #[cfg_attr(feature = "inspect", track_caller)]
    pub fn poll_recv(&mut self, cx: &mut Context<'_>) -> Poll<Option<(K, T)>> {
        loop {
            if *self.asleep.get_mut() {
                let tokens = self.tokens.get_or_insert_with(|| self.hub.ready.tokens.clone());
                let got = ready!(tokens.poll_recv(cx));
                *self.asleep.get_mut() = false;
                self.hub.ready.wake(got.is_some());
            }
            match self.hub.receive(true, Origin::task(Place::here(), cx.waker())) {
                Look::Found(message) => return Poll::Ready(Some(message)),
                Look::Nothing => *self.asleep.get_mut() = true,
                Look::End => {
                    self.ended = true;
                    return Poll::Ready(None);
                }
                Look::Again => {
                    cx.waker().wake_by_ref();
                    return Poll::Pending;
                }
            }
        }
    }

    /// Polls for up to `limit` messages, like [`recv_many`](Self::recv_many).
    ///
    /// With a `limit` of 0 it is ready with 0. A wake-up that the handle has not used goes to the next receiver.
    #[cfg_attr(feature = "inspect", track_caller)]
    pub fn poll_recv_many(&mut self, cx: &mut Context<'_>, buffer: &mut Vec<(K, T)>, limit: usize) -> Poll<usize> {
        if limit == 0 {
            return self.tokens.as_mut().map_or(Poll::Ready(0), |tokens| tokens.poll_recv_many(cx, &mut Vec::new(), 0));
        }
        buffer.reserve(1);
        let first = ready!(self.poll_recv(cx));
        Poll::Ready(self.hub.fill(buffer, limit, first))
    }
}

impl<K, T> Clone for PortReceiver<K, T> {
    fn clone(&self) -> Self {
        self.hub.ready.board.lock().add_receiver();
        Self::new(Arc::clone(&self.hub))
    }
}

impl<K, T> Drop for PortReceiver<K, T> {
    fn drop(&mut self) {
        // It leaves even if a waker panics.
        let _leave = Defer(|| {
            let last = self.hub.ready.board.lock().remove_receiver();
            if last {
                self.hub.abandon();
            }
        });
        self.cancel_poll();
    }
}

impl<K: Clone + Eq + Hash, T> Stream for PortReceiver<K, T> {
    type Item = (K, T);

    #[cfg_attr(feature = "inspect", track_caller)]
    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<(K, T)>> {
        self.poll_recv(cx)
    }
}

impl<K: Clone + Eq + Hash, T> FusedStream for PortReceiver<K, T> {
    fn is_terminated(&self) -> bool {
        self.ended
    }
}

impl<K, T> fmt::Debug for PortReceiver<K, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.hub.show("PortReceiver", f)
    }
}
