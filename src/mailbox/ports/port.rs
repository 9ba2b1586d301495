//! One source: its mailbox, the receiver that the hub polls, and the line of those who wait for this source alone.

use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::task::Wake;
use core::cell::Cell;
use core::pin::Pin;
use core::task::{Poll, Waker};

use pin_project_lite::pin_project;

use super::ready::Ready;
use super::slot::PortId;
use crate::Semaphore;
use crate::mailbox::receiver::Receiver;
use crate::mailbox::receiving::{OneMessage, Receive, Take};
use crate::mailbox::shared::Shared;
use crate::mailbox::state::{Fx, MailboxState};
use crate::record::{Kind, Place};
use crate::wait::{Attempt, Defer, Operation, Phase, Poller, Ticket, Waiter, cancel, poll};

pub(super) type PortsReady<K, T> = Ready<PortHandle<K, T>>;

/// What everybody may see of a port.
pub(super) struct Port<K, T> {
    pub(super) ready: Arc<PortsReady<K, T>>,
    pub(super) id: PortId,
    pub(super) key: K,
    pub(super) mailbox: Arc<Shared<T>>,
    /// The right to take from this port before the receivers. Those who wait for this source queue for it.
    pub(super) line: Arc<Semaphore>,
    /// Calls the first of that line. A call too many is harmless: who is called looks at the board.
    pub(super) calls: Arc<Semaphore>,
}

pin_project! {
    /// The receiving end. It is in the board, or with the one who polls it.
    ///
    /// Its waiter is a future's, and not that of a polled handle: it is granted messages, which keeps senders on their
    /// fast path. A port is polled until it has none, so no grant is kept from anybody.
    pub(super) struct Handle<K, T> {
        receiver: Option<Receiver<T>>,
        pub(super) port: Arc<Port<K, T>>,
        // Announces the port. The waiter has a clone: this circle of port, waiter and waker is cut when the handle is
        // dropped.
        waker: Waker,
        #[pin]
        waiter: Waiter<Ticket>,
    }

    impl<K, T> PinnedDrop for Handle<K, T> {
        fn drop(this: Pin<&mut Self>) {
            let this = this.project();
            if this.waiter.phase() == Phase::Joined {
                cancel(&*this.port.mailbox, &mut Receive::new(OneMessage), this.waiter);
            }
        }
    }
}

/// A handle, whose waiter others may link.
pub(super) type PortHandle<K, T> = Pin<Box<Handle<K, T>>>;

impl<K: Send + Sync + 'static, T: Send + 'static> Handle<K, T> {
    pub(super) fn new(receiver: Receiver<T>, port: Arc<Port<K, T>>) -> PortHandle<K, T> {
        let waker = Waker::from(Arc::clone(&port));
        Box::pin(Self {
            receiver: Some(receiver),
            port,
            waker,
            waiter: Waiter::born_at(Place::none(), Ticket::default()),
        })
    }
}

impl<K, T> Handle<K, T> {
    /// Takes a message. If there is none, the waiter waits afterwards, and the waker announces the port.
    #[inline(always)]
    pub(super) fn poll(self: Pin<&mut Self>) -> Poll<Option<T>> {
        self.poll_by(OneMessage)
    }

    /// Looks for a message, and takes none.
    pub(super) fn glance(self: Pin<&mut Self>) -> Poll<()> {
        self.poll_by(Glance)
    }

    #[inline(always)]
    fn poll_by<M: Take<T>>(self: Pin<&mut Self>, mode: M) -> Poll<M::Output> {
        let mut this = self.project();
        if this.waiter.phase() == Phase::Done {
            this.waiter.as_mut().renew();
        }
        poll(&*this.port.mailbox, &mut Receive::new(mode), this.waiter, Poller::Task(this.waker))
    }

    pub(super) fn into_receiver(mut self: Pin<Box<Self>>) -> Option<Receiver<T>> {
        self.as_mut().project().receiver.take()
    }
}

/// Takes no message.
struct Glance;

impl<T> Take<T> for Glance {
    type Output = ();

    fn take(&mut self, state: &mut MailboxState<T>, _: usize, effects: &mut Fx<T>) -> Attempt<()> {
        // A message that was granted to this waiter may serve another receiver of the same mailbox.
        state.settle(effects);
        Attempt::Done(())
    }

    fn so_far(&mut self) -> Option<()> {
        None
    }

    fn end(&mut self) {}

    fn message((): ()) -> Option<T> {
        None
    }
}

/// How far a source has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    Open,
    /// Closed, and not drained.
    Draining,
    Ended,
}

impl<K, T> Port<K, T> {
    #[cfg_attr(feature = "inspect", track_caller)]
    pub(super) fn new(ready: &Arc<PortsReady<K, T>>, class: u8, key: K, mailbox: Arc<Shared<T>>) -> Self {
        let (line, calls) = (Arc::new(Semaphore::of(Kind::Ports, 1)), Arc::new(Semaphore::of(Kind::Ports, 0)));
        Self { ready: Arc::clone(ready), id: ready.add(class), key, mailbox, line, calls }
    }

    pub(super) fn standing(&self) -> Standing {
        self.mailbox.read(|state| match (state.is_terminal() || state.receiver_count == 0, state.closed) {
            (true, _) => Standing::Ended,
            (false, true) => Standing::Draining,
            (false, false) => Standing::Open,
        })
    }

    /// It has a message, or has ended.
    fn announce(&self) {
        let call = self.ready.board.lock().announce(self.id);
        self.ready.tell(call, &self.calls);
    }

    /// A seeker waits no longer. It may have been the `first` of the line.
    pub(super) fn leave(&self, first: bool) {
        let call = self.ready.board.lock().leave(self.id, first);
        self.ready.tell(call, &self.calls);
    }
}

impl<K: Send + Sync + 'static, T: Send + 'static> Wake for Port<K, T> {
    fn wake(self: Arc<Self>) {
        self.announce();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.announce();
    }
}

/// Wakes others while a message is in hand. If a waker panics, the message goes back to the front of its queue.
pub(super) fn award<T>(mailbox: &Shared<T>, message: T, wake: impl FnOnce()) -> T {
    let held = Cell::new(Some(message));
    let undo = Defer(|| {
        if let Some(message) = held.take() {
            Receive::<T, OneMessage>::undo(mailbox, Some(message));
        }
    });
    wake();
    let message = held.take();
    drop(undo);
    message.expect("only a panic takes the message away")
}
