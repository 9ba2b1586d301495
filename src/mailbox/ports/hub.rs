//! What all handles share: the board, the table of keys, and the tokens that receivers wait for.

use alloc::sync::Arc;
use alloc::vec::Vec;
use core::borrow::Borrow;
use core::fmt;
use core::hash::Hash;
use core::panic::{RefUnwindSafe, UnwindSafe};
use std::collections::HashMap;

use super::answers::Next;
use super::order::Order;
use super::port::{Port, PortHandle, PortsReady};
use super::ready::Ready;
use super::turn::{Polled, Turn};
use crate::primitive::os::Mutex;
use crate::record::Origin;
use crate::wait::{Defer, run_all};

pub(crate) struct Hub<K, T> {
    pub(super) ready: Arc<PortsReady<K, T>>,
    /// The only lock under which foreign code runs: that of `K`.
    pub(super) table: Mutex<Table<K, T>>,
    pub(super) order: Order<K>,
}

pub(super) struct Table<K, T> {
    pub(super) ports: HashMap<K, Arc<Port<K, T>>>,
    pub(super) closed: bool,
}

// As for a mailbox: a panic leaves nothing half-changed. Keys are foreign, and their panics hit the table before or
// after an entry is there.
impl<K, T> UnwindSafe for Hub<K, T> {}
impl<K, T> RefUnwindSafe for Hub<K, T> {}

/// How many ports a poll looks at before it lets others run.
const LOOKS: usize = 64;

/// What a receiver finds in one go.
pub(super) enum Look<K, T> {
    Found((K, T)),
    Nothing,
    End,
    /// It has looked at many ports in vain, and should look again later.
    Again,
}

impl<K, T> Hub<K, T> {
    #[cfg_attr(feature = "inspect", track_caller)]
    pub(super) fn new(order: Order<K>) -> Self {
        let table = Table { ports: HashMap::new(), closed: false };
        Self { ready: Arc::new(Ready::new()), table: Mutex::new(table), order }
    }

    /// Closes all waits of a port, which is not in the board any more, and drops its queue.
    pub(super) fn retire(&self, handle: PortHandle<K, T>) {
        let port = Arc::clone(&handle.port);
        let ended = self.ready.board.lock().has_ended();
        let mut handle = Some(handle);
        let mut step = 0;
        // Each of them calls foreign code.
        run_all(|| {
            step += 1;
            match step {
                1 => _ = port.line.close(),
                2 => _ = port.calls.close(),
                3 => drop(handle.take()),
                4 if ended => self.ready.end(),
                _ => return false,
            }
            true
        });
    }

    /// No port can be opened any more, and all are closed, one by one. Returns whether this call did it.
    pub(super) fn close(&self) -> bool {
        let mut table = self.table.lock();
        let first = !core::mem::replace(&mut table.closed, true);
        let mut ports = table.ports.values().map(Arc::clone).collect::<Vec<_>>().into_iter();
        let mut board = self.ready.board.lock();
        board.close();
        let ended = board.has_ended();
        drop(board);
        drop(table);
        let _end = Defer(|| {
            if ended {
                self.ready.end();
            }
        });
        // Receivers that sleep are woken as well: the ends must not be left to one that was woken and does not come.
        let mut asleep = None;
        run_all(|| match ports.next() {
            Some(port) => {
                port.mailbox.close();
                true
            }
            None => {
                let left = asleep.get_or_insert_with(|| self.ready.board.lock().counts().asleep);
                *left > 0 && {
                    *left -= 1;
                    self.ready.rouse()
                }
            }
        });
        first
    }

    /// The last receiver is gone, and takes all queues along.
    #[cold]
    pub(super) fn abandon(&self) {
        let mut table = self.table.lock();
        table.closed = true;
        let mut ports = core::mem::take(&mut table.ports).into_iter();
        self.ready.board.lock().close();
        drop(table);
        let mut at = 0;
        // All of the board: an ended port whose key was opened again is not in the table.
        run_all(|| {
            let handle = self.ready.board.lock().evict_from(&mut at);
            handle.map(|handle| self.retire(handle)).is_some()
        });
        run_all(|| ports.next().map(drop).is_some());
    }
}

impl<K: Eq + Hash, T> Hub<K, T> {
    pub(super) fn find<Q>(&self, key: &Q) -> Option<Arc<Port<K, T>>>
    where
        K: Borrow<Q>,
        Q: Eq + Hash + ?Sized,
    {
        self.table.lock().ports.get(key).map(Arc::clone)
    }

    /// A port is not in the board any more, because its queue has ended. Its key may be opened again.
    pub(super) fn remove(&self, handle: PortHandle<K, T>) {
        let port = Arc::clone(&handle.port);
        let _forgotten = Defer(|| drop(self.forget(&port)));
        self.retire(handle);
    }

    /// Takes a port out of the table, unless another has taken its key.
    fn forget(&self, port: &Arc<Port<K, T>>) -> Option<(K, Arc<Port<K, T>>)> {
        let mut table = self.table.lock();
        let same = table.ports.get(&port.key).is_some_and(|there| Arc::ptr_eq(there, port));
        if same { table.ports.remove_entry(&port.key) } else { None }
    }
}

impl<K: Clone + Eq + Hash, T> Hub<K, T> {
    /// Takes a message from the port whose turn it is. A receiver that `sleeps` is counted if there is none.
    #[inline(always)]
    pub(super) fn receive(&self, sleeps: bool, origin: Origin<'_>) -> Look<K, T> {
        for _ in 0..LOOKS {
            let next = self.ready.board.lock().next(sleeps);
            let mut turn = match next {
                Next::Port(port) => Turn::new(&self.ready, port),
                Next::Nothing => return Look::Nothing,
                Next::End => return Look::End,
            };
            // Cloned first: if that panics, no message is in hand.
            let key = turn.key().clone();
            match turn.poll() {
                Polled::Message(message) => {
                    turn.note_received(origin);
                    let message = turn.end_with(message);
                    // Its port is put back: nothing is left to drop, and the compiler does not see that.
                    core::mem::forget(turn);
                    return Look::Found((key, message));
                }
                Polled::Nothing => {}
                Polled::End => self.remove(turn.remove()),
            }
        }
        Look::Again
    }

    /// Appends the `first` message, and what else is there without waiting. Returns how many.
    ///
    /// It ends after many turns, so that fast senders do not keep it going.
    pub(super) fn fill(&self, buffer: &mut Vec<(K, T)>, limit: usize, first: Option<(K, T)>) -> usize {
        let Some(first) = first else { return 0 };
        let before = buffer.len();
        buffer.push(first);
        self.receive_more(buffer, before.saturating_add(limit));
        buffer.len() - before
    }

    fn receive_more(&self, buffer: &mut Vec<(K, T)>, full: usize) {
        for _ in 0..LOOKS {
            if buffer.len() == full {
                return;
            }
            let Next::Port(port) = self.ready.board.lock().next(false) else { return };
            let mut turn = Turn::new(&self.ready, port);
            while turn.goes_on() && buffer.len() < full {
                buffer.reserve(1);
                let key = turn.key().clone();
                match turn.poll() {
                    Polled::Message(message) => buffer.push((key, message)),
                    Polled::Nothing => break,
                    Polled::End => {
                        self.remove(turn.remove());
                        break;
                    }
                }
            }
        }
    }
}

impl<K, T> Hub<K, T> {
    /// Shows it as a handle of this name.
    pub(super) fn show(&self, handle: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let counts = self.ready.board.lock().counts();
        f.debug_struct(handle)
            .field("order", &self.order)
            .field("ports", &counts.ports)
            .field("closed", &counts.closed)
            .field("openers", &counts.openers)
            .field("receivers", &counts.receivers)
            .field("waiting_receivers", &counts.asleep)
            .finish()
    }
}
