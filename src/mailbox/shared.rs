//! The shared part of a mailbox, to which all handles point.

use core::fmt;
use core::panic::{RefUnwindSafe, UnwindSafe};

use super::state::{Deferred, Fx, MailboxState, UNBOUNDED};
use crate::lock::Lock;
use crate::queue::{Block, Queue};
use crate::record::{Kind, Origin};
use crate::wait::{Defer, Fairness, OneTimeEvent, Primitive, decide};

#[repr(C)]
pub(crate) struct Shared<T> {
    state: Lock<MailboxState<T>>,
    pub(super) capacity: usize,
    pub(super) closing: OneTimeEvent,
    pub(super) draining: OneTimeEvent,
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
        if deferred.ended {
            self.draining.announce();
        }
    }
}

impl<T> Shared<T> {
    #[cfg_attr(feature = "inspect", track_caller)]
    pub(super) fn new(kind: Kind, capacity: usize) -> Self {
        Self {
            state: Lock::of(kind, MailboxState::new(capacity, Block::<T>::slots_for(capacity))),
            capacity,
            closing: OneTimeEvent::new(),
            draining: OneTimeEvent::new(),
        }
    }

    /// Senders may pass those that wait. Called before there are any.
    pub(super) fn let_pass(&self, fairness: Fairness) {
        self.state.lock().senders.let_pass(fairness);
    }

    /// Allocates a block and adds it to the queue, so that a push or a put-back finds room. It allocates without the
    /// lock.
    #[cold]
    pub(super) fn add_block(&self) {
        let block = Block::new(Block::<T>::slots_for(self.capacity));
        let surplus = self.state.lock().queue.stock(block);
        drop(surplus);
    }

    /// Runs `decision`, which returns whether it closed the mailbox. Announces the close even if a waker panics.
    pub(super) fn close_by(&self, decision: impl FnOnce(&mut MailboxState<T>, &mut Fx<T>) -> bool) -> bool {
        let closed = core::cell::Cell::new(false);
        let _announced = Defer(|| {
            if closed.get() {
                self.closing.announce();
            }
        });
        decide(self, |state, effects| closed.set(decision(state, effects)));
        closed.get()
    }

    pub(super) fn close(&self) -> bool {
        self.close_by(MailboxState::close)
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

    /// Removes a sender. The last one closes the mailbox.
    pub(super) fn remove_sender(&self) {
        self.close_by(|state, effects| {
            state.sender_count -= 1;
            state.sender_count == 0 && state.close(effects)
        });
    }

    pub(super) fn add_receiver(&self) {
        self.state.lock().receiver_count += 1;
    }

    /// Removes a receiver. The last one closes the mailbox and takes the queue. The messages are dropped without the
    /// lock.
    pub(super) fn remove_receiver(&self) {
        let mut messages = None;
        self.close_by(|state, effects| {
            state.receiver_count -= 1;
            if state.receiver_count > 0 {
                return false;
            }
            let empty = Queue::new(state.queue.slots());
            messages = Some(core::mem::replace(&mut state.queue, empty));
            state.claims = 0;
            state.close(effects)
        });
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

impl<T> fmt::Debug for Shared<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut state = self.state.lock();
        let (granted, ready, first_wants) = (state.granted(), state.ready, state.first_wants());
        let (len, claims, permits, closed) = (state.queue.len(), state.claims, state.permits, state.closed);
        let woken = (state.senders.woken(), state.receivers.woken());
        let handles = (state.sender_count, state.receiver_count);
        let waiting = (state.senders.len(), state.receivers.len());
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
