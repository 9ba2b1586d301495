//! The handle that opens ports.

use alloc::sync::Arc;
use core::fmt;
use core::hash::Hash;

use super::board::Board;
use super::error::{AdoptError, OpenError};
use super::hub::Hub;
use super::port::{Handle, Port, Standing};
use super::turn::Turn;
use crate::mailbox::{MAX_CAPACITY, Receiver, Sender, bounded, unbounded};
use crate::wait::DropGuarded;

/// Opens ports: queues of their own, one for each source, that all lead to one [`PortReceiver`](super::PortReceiver).
///
/// Clone it for more openers. When the last is dropped, and all ports are finished, the receivers find the end. See the
/// [module](super) for guarantees.
pub struct Ports<K, T> {
    hub: Arc<Hub<K, T>>,
}

impl<K, T> Ports<K, T> {
    pub(super) fn new(hub: Arc<Hub<K, T>>) -> Self {
        Self { hub }
    }

    /// Closes all ports, one by one, and opens no more. Returns whether this call did it. O(ports).
    ///
    /// Messages that were accepted can still be received. Senders that wait get their messages back.
    pub fn close(&self) -> bool {
        self.hub.close()
    }

    /// Returns whether no port can be opened any more: they were closed, or the receivers are gone.
    pub fn is_closed(&self) -> bool {
        self.hub.table.lock().closed
    }

    /// Returns how many ports there are that are not finished, or whose end was not received yet.
    pub fn port_count(&self) -> usize {
        self.hub.ready.board.lock().counts().ports
    }
}

impl<K: Clone + Eq + Hash + Send + Sync + 'static, T: Send + 'static> Ports<K, T> {
    /// Opens the port `key`, with a queue of `capacity` messages of its own. The sender is an ordinary one.
    ///
    /// A port is *finished* when its mailbox is closed and drained. Then its key may be opened again, at once.
    ///
    /// # Errors
    /// [`Open`](OpenError::Open) and [`Draining`](OpenError::Draining) if the key is in use,
    /// [`Closed`](OpenError::Closed) if no receiver would see the port.
    ///
    /// # Panics
    /// If `capacity` is 0 or above [`MAX_CAPACITY`]. A port polls on behalf of its receivers, so nobody waits at a
    /// rendezvous.
    ///
    /// # Examples
    /// A client that comes back while its last messages are still queued:
    /// ```
    /// use sempost::mailbox::{self, ports::{OpenError, Order}};
    ///
    /// let (ports, receiver) = mailbox::ports(Order::fair());
    /// let first = ports.open("client", 4).unwrap();
    /// first.try_send("bye").unwrap();
    /// drop(first);
    /// assert_eq!(ports.open("client", 4).unwrap_err(), OpenError::Draining);
    /// assert_eq!(receiver.try_recv_from("client"), Ok("bye"));
    /// let again = ports.open("client", 4).unwrap();
    /// assert_eq!(ports.open("client", 4).unwrap_err(), OpenError::Open);
    /// # drop(again);
    /// ```
    #[track_caller]
    pub fn open(&self, key: K, capacity: usize) -> Result<Sender<T>, OpenError> {
        assert!(capacity > 0, "a port needs a capacity of at least 1");
        assert!(capacity <= MAX_CAPACITY, "a port holds at most MAX_CAPACITY = usize::MAX >> 3 messages");
        self.open_with(key, bounded(capacity))
    }

    /// Like [`open`](Self::open), with a queue that is bounded by memory alone.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    #[cfg_attr(feature = "inspect", track_caller)]
    pub fn open_unbounded(&self, key: K) -> Result<Sender<T>, OpenError> {
        self.open_with(key, unbounded())
    }

    #[cfg_attr(feature = "inspect", track_caller)]
    fn open_with(&self, key: K, (sender, receiver): (Sender<T>, Receiver<T>)) -> Result<Sender<T>, OpenError> {
        self.insert(key, receiver).map(|()| sender).map_err(|(why, _)| why)
    }

    /// Makes an existing mailbox the port `key`. What is queued there is received through the port.
    ///
    /// **A receiver that is made later from a [`WeakReceiver`](crate::mailbox::WeakReceiver) takes messages past the
    /// port.**
    ///
    /// # Errors
    /// [`Refused`](AdoptError::Refused) if the key is in use or no receiver would see the port,
    /// [`Shared`](AdoptError::Shared) if the receiver is not the only one, [`Rendezvous`](AdoptError::Rendezvous) if
    /// the capacity is 0. Each gives the receiver back.
    ///
    /// # Examples
    /// ```
    /// use sempost::mailbox::{self, ports::Order};
    ///
    /// let (old, messages) = mailbox::bounded(4);
    /// old.try_send("queued before").unwrap();
    /// let (ports, receiver) = mailbox::ports(Order::fair());
    /// ports.adopt("old", messages).unwrap();
    /// assert_eq!(receiver.try_recv(), Ok(("old", "queued before")));
    /// ```
    #[cfg_attr(feature = "inspect", track_caller)]
    pub fn adopt(&self, key: K, receiver: Receiver<T>) -> Result<(), AdoptError<T>> {
        if receiver.capacity() == Some(0) {
            return Err(AdoptError::Rendezvous(receiver));
        }
        if receiver.receiver_count() > 1 {
            return Err(AdoptError::Shared(receiver));
        }
        self.insert(key, receiver).map_err(|(why, receiver)| AdoptError::Refused(why, receiver))
    }

    #[cfg_attr(feature = "inspect", track_caller)]
    fn insert(&self, key: K, receiver: Receiver<T>) -> Result<(), (OpenError, Receiver<T>)> {
        // Both are foreign, so they come before the port is counted.
        receiver.cancel_poll();
        let class = self.hub.order.class(&key);
        let own_key = key.clone();
        let port = Arc::new(Port::new(&self.hub.ready, class, own_key, Arc::clone(&receiver.shared)));
        let mut turn = Turn::opening(&self.hub.ready, Handle::new(receiver, Arc::clone(&port)), class);
        match self.enter(key, &port) {
            Ok(old) => {
                turn.glance();
                drop(turn);
                // The former port of this key. Its queue has ended.
                let handle = old.and_then(|old| self.hub.ready.board.lock().evict(old.id));
                handle.into_iter().for_each(|handle| self.hub.retire(handle));
                Ok(())
            }
            Err(why) => Err((why, turn.undo())),
        }
    }

    /// Enters the port into the table. Returns the one that had the key before, and has ended.
    fn enter(&self, key: K, port: &Arc<Port<K, T>>) -> Result<Option<Arc<Port<K, T>>>, OpenError> {
        let mut unused = DropGuarded::new(Some(key));
        let mut table = self.hub.table.lock();
        if table.closed {
            return Err(OpenError::Closed);
        }
        match table.ports.get(&port.key).map(|old| old.standing()) {
            Some(Standing::Open) => return Err(OpenError::Open),
            Some(Standing::Draining) => return Err(OpenError::Draining),
            Some(Standing::Ended) | None => {}
        }
        let old = match table.ports.get_mut(&port.key) {
            Some(entry) => Some(core::mem::replace(entry, Arc::clone(port))),
            None => {
                let key = unused.take().expect("it was put there");
                table.ports.insert(key, Arc::clone(port))
            }
        };
        drop(table);
        Ok(old)
    }
}

impl<K, T> Clone for Ports<K, T> {
    fn clone(&self) -> Self {
        self.hub.ready.board.lock().add_opener();
        Self::new(Arc::clone(&self.hub))
    }
}

impl<K, T> Drop for Ports<K, T> {
    fn drop(&mut self) {
        self.hub.ready.change(Board::remove_opener);
    }
}

impl<K, T> fmt::Debug for Ports<K, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.hub.show("Ports", f)
    }
}
