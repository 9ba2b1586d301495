//! The poll of a port by the one who has taken it from the board.

use alloc::sync::Arc;
use core::pin::Pin;
use core::task::Poll;

use super::answers::{Call, Taken};
use super::board::Board;
use super::port::{Handle, Port, PortHandle, PortsReady, award};
use crate::lock::LockGuard;
use crate::mailbox::receiver::Receiver;
use crate::record::Origin;

/// A port that is taken. It is put back when this is dropped, also by a panic.
pub(super) struct Turn<'a, K, T> {
    ready: &'a PortsReady<K, T>,
    handle: Option<PortHandle<K, T>>,
    /// What is left of the port's turn.
    left: u32,
    class: u8,
    /// The last poll found no message. A poll that panics leaves the port ready.
    empty: bool,
}

/// What a poll of a port yields.
pub(super) enum Polled<T> {
    Message(T),
    Nothing,
    End,
}

const THERE: &str = "a turn has its port until it ends";

impl<'a, K, T> Turn<'a, K, T> {
    #[inline(always)]
    pub(super) fn new(ready: &'a PortsReady<K, T>, port: Taken<PortHandle<K, T>>) -> Self {
        Self { ready, handle: Some(port.handle), left: port.turn, class: port.class, empty: false }
    }

    /// A new port. Its slot is taken.
    pub(super) fn opening(ready: &'a PortsReady<K, T>, handle: PortHandle<K, T>, class: u8) -> Self {
        Self::new(ready, Taken { handle, turn: 0, class })
    }

    #[inline(always)]
    fn handle(&mut self) -> Pin<&mut Handle<K, T>> {
        self.handle.as_mut().expect(THERE).as_mut()
    }

    /// Looks for a message, and takes none. If there is none, the port's waker is in its mailbox afterwards.
    pub(super) fn glance(&mut self) {
        self.empty = self.handle().glance().is_pending();
    }

    pub(super) fn key(&self) -> &K {
        &self.handle.as_ref().expect(THERE).port.key
    }

    /// Notes who received, for records.
    #[inline(always)]
    pub(super) fn note_received(&self, origin: Origin<'_>) {
        if let Some(handle) = &self.handle {
            handle.port.mailbox.note_received(true, origin);
        }
    }

    /// Whether the port may give more messages in this turn.
    pub(super) fn goes_on(&self) -> bool {
        self.left > 0
    }

    /// Takes a message. If there is none, the port's waker is in its mailbox afterwards.
    #[inline(always)]
    pub(super) fn poll(&mut self) -> Polled<T> {
        match self.handle().poll() {
            Poll::Ready(Some(message)) => {
                self.left = self.left.saturating_sub(1);
                Polled::Message(message)
            }
            Poll::Ready(None) => Polled::End,
            Poll::Pending => {
                self.empty = true;
                Polled::Nothing
            }
        }
    }

    /// Ends the turn with a message in hand. The turn has no port afterwards.
    ///
    /// It is ended in place: a move would read in one piece what was just written in two, and wait for the cache.
    #[inline(always)]
    pub(super) fn end_with(&mut self, message: T) -> T {
        let board = self.ready.board.lock();
        if board.is_crowded() {
            drop(board);
            return self.end_in_crowd(message);
        }
        let told = self.put_back_in(board, false);
        if told.0 == Call::Nobody { message } else { self.tell_with(told, message) }
    }

    /// Other receivers sleep. Only if there are more messages is one of them woken.
    #[cold]
    fn end_in_crowd(&mut self, message: T) -> T {
        let mailbox = Arc::clone(&self.handle().port.mailbox);
        let message = award(&mailbox, message, || self.glance());
        let told = self.put_back(false);
        self.tell_with(told, message)
    }

    #[cold]
    fn tell_with(&self, (call, port): Told<K, T>, message: T) -> T {
        match port {
            Some(port) => award(&port.mailbox, message, || self.ready.tell(call, &port.calls)),
            None => message,
        }
    }

    /// Ends the turn of a seeker, who waits no longer.
    pub(super) fn end_as_seeker(mut self) -> Call {
        self.put_back(true).0
    }

    /// The port's queue has ended, and its slot is vacant from now on.
    #[cold]
    pub(super) fn remove(mut self) -> PortHandle<K, T> {
        let handle = self.handle.take().expect(THERE);
        self.ready.board.lock().remove(handle.port.id);
        handle
    }

    /// The port was not opened.
    pub(super) fn undo(mut self) -> Receiver<T> {
        let handle = self.handle.take().expect(THERE);
        self.ready.change(|board| board.remove(handle.port.id));
        handle.into_receiver().expect("a port has its receiver until it ends")
    }

    fn put_back(&mut self, leaves: bool) -> Told<K, T> {
        self.put_back_in(self.ready.board.lock(), leaves)
    }

    #[inline(always)]
    fn put_back_in(&mut self, mut board: LockGuard<'_, Board<PortHandle<K, T>>>, leaves: bool) -> Told<K, T> {
        let Some(handle) = self.handle.take() else { return (Call::Nobody, None) };
        let id = handle.port.id;
        let port = Taken { handle, turn: self.left, class: self.class };
        match board.put_back(id, port, self.empty, leaves) {
            Ok(Call::Nobody) => (Call::Nobody, None),
            Ok(call) => (call, board.handle(id).map(|handle| Arc::clone(&handle.port))),
            Err(handle) => {
                drop(board);
                // The last receiver is gone, and takes all queues along.
                drop(handle);
                (Call::Nobody, None)
            }
        }
    }
}

/// Whom to tell, and of which port.
type Told<K, T> = (Call, Option<Arc<Port<K, T>>>);

impl<K, T> Drop for Turn<'_, K, T> {
    #[inline(always)]
    fn drop(&mut self) {
        if self.handle.is_some() {
            if let (call, Some(port)) = self.put_back(false) {
                self.ready.tell(call, &port.calls);
            }
        }
    }
}
