//! The shared part of a mailbox, to which all handles point.

use alloc::boxed::Box;
use alloc::sync::{Arc, Weak};
use core::fmt;
use core::panic::{RefUnwindSafe, UnwindSafe};
use core::sync::atomic::{AtomicBool, fence};
use core::task::Poll;

use super::state::{Deferred, Fx, MailboxState, UNBOUNDED};
use crate::lock::Lock;
use crate::primitive::Ordering::{Acquire, Relaxed};
use crate::primitive::constant;
use crate::queue::{Block, Queue};
use crate::record::{Identity, Origin};
use crate::wait::{Defer, Fairness, Line, Listener, OneTimeEvent, Poller, Primitive, decide, decide_fast};

#[repr(C)]
pub(crate) struct Shared<T> {
    state: Lock<MailboxState<T>>,
    pub(super) capacity: usize,
    closing: OneTimeEvent,
    draining: OneTimeEvent,
    /// Whether a weak handle was ever made.
    downgraded: AtomicBool,
}

// A panic never leaves a mailbox half-changed: no foreign code runs under its lock. Messages in it are never borrowed,
// only moved in and out.
impl<T> UnwindSafe for Shared<T> {}
impl<T> RefUnwindSafe for Shared<T> {}

impl<T> Primitive for Shared<T> {
    type State = MailboxState<T>;
    type Deferred = Deferred<T>;

    #[inline(always)]
    fn lock(&self) -> &Lock<MailboxState<T>> {
        &self.state
    }

    fn settle(state: &mut MailboxState<T>, effects: &mut Fx<T>) {
        state.settle(effects);
    }

    fn finish(&self, deferred: Deferred<T>) {
        // The end is announced even if a waker panics in the announcement of the close.
        let _end = Defer(|| {
            if deferred.ended {
                self.draining.announce();
            }
        });
        if deferred.closed {
            self.closing.announce();
        }
    }
}

impl<T> Shared<T> {
    #[inline(always)]
    pub(super) fn new(identity: Identity<MailboxState<T>>, capacity: usize) -> Self {
        Self {
            state: Lock::build(identity, MailboxState::new(capacity, Block::<T>::slots_for(capacity))),
            capacity,
            closing: constant!(OneTimeEvent::new()),
            draining: constant!(OneTimeEvent::new()),
            downgraded: AtomicBool::new(false),
        }
    }

    /// Senders may pass those that wait. Called before there are any.
    pub(super) fn let_pass(&self, fairness: Fairness) {
        // Allocated without the lock.
        let line = (fairness != Fairness::Fifo).then(|| Box::new(Line::new(fairness)));
        self.state.lock().line = line;
    }

    /// Allocates a block and adds it to the queue, so that a push or a put-back finds room. It allocates without the
    /// lock.
    #[cold]
    pub(super) fn add_block(&self) {
        let block = Block::new(Block::<T>::slots_for(self.capacity));
        let surplus = self.state.lock().queue.stock(block);
        drop(surplus);
    }

    /// The event of the close, for somebody who will listen.
    pub(super) fn closing(&self) -> &OneTimeEvent {
        self.watch();
        &self.closing
    }

    /// The event of the end, for somebody who will listen.
    pub(super) fn draining(&self) -> &OneTimeEvent {
        self.watch();
        &self.draining
    }

    /// From now on the close and the end are announced. What came before is noted here: most mailboxes end without a
    /// listener, and then an announcement would take two locks for nothing.
    fn watch(&self) {
        let mut state = self.state.lock();
        state.watched = true;
        let (closed, ended) = (state.closed, state.end_announced);
        drop(state);
        if closed {
            self.closing.note();
        }
        if ended {
            self.draining.note();
        }
    }

    /// Polls a handle's listener for the close. Only one that is not registered has to be watched for.
    pub(super) fn poll_closed(&self, listener: &mut Listener, poller: Poller<'_>) -> Poll<()> {
        let event = if listener.is_registered() { &self.closing } else { self.closing() };
        listener.poll(event, poller)
    }

    /// Closes. Returns whether this call did it. The close is announced even if a waker panics.
    pub(super) fn close(&self) -> bool {
        decide(self, MailboxState::close)
    }

    /// Notes who received, for records.
    #[inline(always)]
    pub(super) fn note_received(&self, received: bool, origin: Origin<'_>) {
        if received {
            self.state.tag().receive(origin);
        }
    }

    pub(super) fn add_sender(&self) {
        self.state.lock().sender_count += 1;
    }

    /// Makes a weak pointer, which may become a handle at any moment.
    pub(super) fn downgrade(self: &Arc<Self>) -> Weak<Self> {
        // ORDERING: Relaxed; the count of the `Arc` publishes it: see `is_last_handle`.
        self.downgraded.store(true, Relaxed);
        Arc::downgrade(self)
    }

    /// Whether the caller's handle is the only one, and no other can come. Then nobody waits or listens, so that there
    /// is nothing to close: the mailbox is dropped as it is.
    ///
    /// When the count fell to one, one handle was left. All later ones were cloned from it, or came from a weak one. A
    /// clone, and who was cloned, see the higher count. A weak one was made by the caller, or by a handle that was
    /// counted out before: then the fence shows its mark.
    #[inline]
    pub(super) fn is_last_handle(self: &Arc<Self>) -> bool {
        if Arc::strong_count(self) > 1 {
            return false;
        }
        // ORDERING: Acquire; pairs with the Release in the drop of an `Arc`, which comes after the mark.
        fence(Acquire);
        // ORDERING: Relaxed; the fence above orders it.
        !self.downgraded.load(Relaxed)
    }

    /// Removes a sender. The last one closes the mailbox.
    #[inline]
    pub(super) fn remove_sender(&self) {
        decide_fast(
            self,
            |state| one_of_many(&mut state.sender_count),
            |_, _| false,
            |state, effects| {
                state.sender_count = 0;
                state.close(effects);
            },
        );
    }

    pub(super) fn add_receiver(&self) {
        self.state.lock().receiver_count += 1;
    }

    /// Removes a receiver. The last one closes the mailbox and takes the queue. The messages are dropped without the
    /// lock.
    #[inline]
    pub(super) fn remove_receiver(&self) {
        let mut messages = None;
        decide_fast(
            self,
            |state| one_of_many(&mut state.receiver_count),
            |_, _| false,
            |state, effects| {
                state.receiver_count = 0;
                let empty = Queue::new(state.queue.slots());
                messages = Some(core::mem::replace(&mut state.queue, empty));
                state.claims = 0;
                state.close(effects);
            },
        );
    }

    /// Frees a slot that a sink held for its next message.
    pub(super) fn lapse(&self) {
        decide(self, |state, effects| {
            if !state.closed {
                state.unready(1);
                state.free_slots(1, effects);
            }
        });
    }

    pub(super) fn read<R>(&self, f: impl FnOnce(&MailboxState<T>) -> R) -> R {
        f(&self.state.lock())
    }
}

/// Counts one of several handles out. Returns `false`, and changes nothing, if it is the last.
#[inline(always)]
fn one_of_many(count: &mut usize) -> bool {
    let several = *count > 1;
    *count -= usize::from(several);
    several
}

impl<T> fmt::Debug for Shared<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut state = self.state.lock();
        let (granted, ready, first_wants) = (state.granted(), state.ready, state.first_wants());
        let (len, claims, permits, closed) = (state.queue.len(), state.claims, state.permits, state.closed);
        let woken = (state.woken_senders(), state.receivers.woken());
        let handles = (state.sender_count, state.receiver_count);
        let waiting = (state.waiting_senders(), state.receivers.len());
        drop(state);
        f.debug_struct("Mailbox")
            .field("capacity", &(self.capacity != UNBOUNDED).then_some(self.capacity))
            .field("len", &len)
            .field("claimed", &claims)
            .field("granted_slots", &granted)
            .field("ready_slots", &ready)
            .field("reserved_slots", &permits)
            .field("closed", &closed)
            .field("sender_count", &handles.0)
            .field("receiver_count", &handles.1)
            .field("waiting_senders", &waiting.0)
            .field("first_wants", &first_wants)
            .field("waiting_receivers", &waiting.1)
            .field("woken_senders", &woken.0)
            .field("woken_receivers", &woken.1)
            .finish()
    }
}

#[cfg(feature = "inspect")]
impl<T> crate::record::Shown for MailboxState<T> {
    fn counts(&self) -> crate::record::Counts {
        let (free, queued, closed) = (self.remaining(), self.queue.len(), self.closed);
        let (senders, receivers) = (self.sender_count, self.receiver_count);
        crate::record::Counts { free, queued, closed, senders, receivers, owed: 0 }
    }
}
