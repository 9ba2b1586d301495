//! The plain state of a mailbox: a queue, counts, and the waiters of both sides.
//!
//! A slot is free, or granted to a waiting sender, or held by a permit or a ready sink, or it holds a message. A queued
//! message is free to take, or *claimed* by a granted receiver. A grant is a right, never a message: the owner of a
//! claim takes the message that is then at the front. A slot or message is *announced* if a handle was woken to retry
//! for it.
//!
//! - (P1) Claims ≤ queued messages.
//! - (P2) A receiver sleeps ⇒ queued messages ≤ claims + announced messages. After close none counts as announced.
//! - (P3) A sender sleeps ⇒ free slots < announced slots + the demand of the first sleeping sender.
//!   Where newcomers may pass, the rules are in [`passing`](super::passing).
//! - (P4) Closed ⇒ no slot is free and no sender waits. Grants that were not used before are void.
//! - (P5) *Terminal* ⇔ closed ∧ no message ∧ no permit. It is final, and no receiver waits.
//!
//! Capacity 0 has no slots; its rules are in [`rendezvous`](super::rendezvous).

use alloc::boxed::Box;

use super::error::Closed;
use super::waiters::{Kind, Waiters};
use crate::queue::{Queue, Retired};
use crate::wait::{Attempt, DropGuarded, Effects, Line, Ticket};

/// The most messages a bounded mailbox can hold: `usize::MAX >> 3`.
pub const MAX_CAPACITY: usize = usize::MAX >> 3;

/// The capacity of an unbounded mailbox.
pub(super) const UNBOUNDED: usize = usize::MAX;

#[repr(C)]
pub(crate) struct MailboxState<T> {
    pub(super) closed: bool,
    pub(super) end_announced: bool,
    /// Closed, or of capacity 0, or somebody is in `line`. The fast path does not apply.
    pub(super) slow: bool,
    /// Somebody listens for the close or the end, or will. Before that neither is announced.
    pub(super) watched: bool,
    pub(super) queue: Queue<T>,
    /// Slots that may hold messages: all but those that are granted or held. Far below zero after close. Always 0 at
    /// capacity 0.
    pub(super) quota: i64,
    /// Messages claimed by granted receivers.
    pub(super) claims: usize,
    pub(super) senders: Waiters<PendingSend<T>>,
    /// All senders that wait, where newcomers may pass them.
    pub(super) line: Option<Box<Line<PendingSend<T>>>>,
    pub(super) receivers: Waiters<Ticket>,
    pub(super) capacity: usize,
    /// Slots held by live permits.
    pub(super) permits: usize,
    /// Slots that ready sinks hold for their next message. At capacity 0: receivers, which `set_aside` counts, too.
    pub(super) ready: usize,
    /// At capacity 0: receivers set aside for granted reservations that are not permits yet.
    pub(super) set_aside: usize,
    /// At capacity 0: how many waiting senders have a pending message.
    pub(super) pending_messages: usize,
    pub(super) sender_count: usize,
    pub(super) receiver_count: usize,
}

/// How many slots of an unbounded mailbox can be reserved: as many as can be counted, but never all.
const RESERVABLE: i64 = {
    let (countable, most) = ((usize::MAX >> 1) as i64, i64::MAX - (i64::MAX >> 2));
    if countable < most { countable } else { most }
};

/// The quota after close.
const NOTHING: i64 = i64::MIN / 2;

/// The payload of a sender, which is in its node while it waits.
pub(crate) struct PendingSend<T> {
    pub(super) ticket: Ticket,
    /// How many slots it demands.
    pub(super) need: usize,
    /// The message, unless it is a reservation. The sender owns it until it is pushed. At capacity 0 a receiver takes
    /// it from here.
    pub(super) message: DropGuarded<T>,
}

impl<T> PendingSend<T> {
    #[inline(always)]
    pub(super) fn new(ticket: Ticket, need: usize, message: Option<T>) -> Self {
        Self { ticket, need, message: DropGuarded::new(message) }
    }
}

impl<T> AsMut<Ticket> for PendingSend<T> {
    fn as_mut(&mut self) -> &mut Ticket {
        &mut self.ticket
    }
}

impl<T> AsRef<usize> for PendingSend<T> {
    fn as_ref(&self) -> &usize {
        &self.need
    }
}

/// What is done after the unlock: blocks are freed, and the close and the end are announced.
pub(crate) struct Deferred<T> {
    retired: Retired<T>,
    pub(super) closed: bool,
    pub(super) ended: bool,
}

pub(crate) type Fx<T> = Effects<Deferred<T>>;

fn deferred<T>(effects: &mut Fx<T>) -> &mut Deferred<T> {
    effects.deferred.get_or_insert_with(|| Deferred { retired: Retired::new(), closed: false, ended: false })
}

impl<T> MailboxState<T> {
    pub(super) fn new(capacity: usize, slots: usize) -> Self {
        // A constant, but for some words. So it is written at once, and not put together elsewhere piece by piece.
        let mut state = const {
            Self {
                closed: false,
                end_announced: false,
                slow: false,
                watched: false,
                queue: Queue::new(1),
                quota: i64::MAX,
                claims: 0,
                senders: Waiters::new(),
                line: None,
                receivers: Waiters::new(),
                capacity: UNBOUNDED,
                permits: 0,
                ready: 0,
                set_aside: 0,
                pending_messages: 0,
                sender_count: 1,
                receiver_count: 1,
            }
        };
        state.queue.set_slots(slots);
        if capacity != UNBOUNDED {
            (state.slow, state.quota, state.capacity) = (capacity == 0, capacity as i64, capacity);
        }
        state
    }

    /// Pops the oldest message. A surplus block is freed after the unlock.
    pub(super) fn pop(&mut self, effects: &mut Fx<T>) -> Option<T> {
        self.queue.pop(|| &mut deferred(effects).retired)
    }

    /// Free slots. Negative only after a message was put back into a full mailbox, and after close.
    #[inline(always)]
    pub(super) fn free(&self) -> i64 {
        self.quota - self.queue.len() as i64
    }

    pub(super) fn is_unbounded(&self) -> bool {
        self.capacity == UNBOUNDED
    }

    pub(super) fn is_terminal(&self) -> bool {
        self.closed && self.queue.len() == 0 && self.permits == 0
    }

    /// Free slots that can be taken one by one.
    pub(super) fn takeable(&self) -> usize {
        usize::try_from(self.free().max(0)).unwrap_or(usize::MAX)
    }

    /// Whether a newcomer may take `n` slots: no sender sleeps, or all of these are announced to handles. Where
    /// senders are in line, [`pass`](Self::pass) says so.
    #[inline(always)]
    pub(super) fn may_take(&self, n: usize) -> bool {
        n as i64 <= self.free() && !self.has_line() && (self.senders.is_idle() || n <= self.senders.announced())
    }

    /// A newcomer, which [may](Self::may_take), takes `n` slots. Beside a sleeper these are announced ones, and are not
    /// any more: otherwise newcomers could take what comes after them, too, and starve one who demands several.
    #[inline(always)]
    pub(super) fn use_announced(&mut self, n: usize) {
        if !self.senders.is_idle() {
            self.senders.announce_at_most(self.senders.announced().saturating_sub(n));
        }
    }

    /// How many slots may be reserved. In an unbounded mailbox not all: a send must always find one.
    pub(super) fn reservable(&self) -> i64 {
        if self.capacity == UNBOUNDED { self.free() - (i64::MAX - RESERVABLE) } else { self.free() }
    }

    /// A newcomer sends.
    pub(super) fn try_send(&mut self, message: &mut Option<T>, effects: &mut Fx<T>) -> Attempt<Result<(), Closed>> {
        // In an unbounded mailbox a message always finds a slot. Only reservations may have to wait.
        if !self.may_take(1) && (self.closed || self.capacity != UNBOUNDED) {
            return self.try_send_slow(message, effects);
        }
        if !self.queue.has_room() {
            return Attempt::NeedsRoom;
        }
        let Some(message) = message.take() else { return Attempt::Done(Ok(())) };
        self.use_announced(1);
        self.push(message, effects);
        Attempt::Done(Ok(()))
    }

    /// Announces no more slots than are free.
    pub(super) fn announce_slots(&mut self) {
        self.senders.announce_at_most(self.takeable());
    }

    #[cold]
    fn try_send_slow(&mut self, message: &mut Option<T>, effects: &mut Fx<T>) -> Attempt<Result<(), Closed>> {
        if self.closed {
            Attempt::Done(Err(Closed))
        } else if self.capacity == 0 {
            self.try_send_to_waiting(message, effects)
        } else if self.has_line() {
            self.send_past(message, effects)
        } else {
            Attempt::Wait
        }
    }

    /// Puts a message into a free slot. The queue has room.
    pub(super) fn push(&mut self, message: T, effects: &mut Fx<T>) {
        self.queue.push(message);
        if self.slow {
            return self.settle(effects);
        }
        self.announce_slots();
        if !self.receivers.is_idle() {
            self.settle_receivers(effects);
        }
    }

    /// How many messages a newcomer may take.
    #[inline(always)]
    pub(super) fn available(&mut self) -> usize {
        if self.capacity == 0 { self.available_rendezvous() } else { self.queue.len() - self.claims }
    }

    /// Takes the oldest message. Its slot goes to the next sender.
    ///
    /// The caller has checked that a message is available, or has given up a claim.
    pub(super) fn take(&mut self, effects: &mut Fx<T>) -> Option<T> {
        if self.capacity == 0 {
            return self.take_rendezvous(effects);
        }
        let message = self.pop(effects);
        if message.is_some() {
            self.receivers.announce_at_most(self.queue.len() - self.claims);
            self.serve_senders(effects);
        }
        message
    }

    /// Takes up to `n` messages, at most a batch. Their slots go to the next senders all at once.
    pub(super) fn take_many(&mut self, n: usize, effects: &mut Fx<T>, mut keep: impl FnMut(T)) {
        for _ in 0..n {
            let message = if self.capacity > 0 {
                self.pop(effects)
            } else if effects.wakes.is_full() {
                None
            } else {
                self.take_rendezvous(effects)
            };
            let Some(message) = message else { break };
            keep(message);
        }
        if self.capacity > 0 {
            self.receivers.announce_at_most(self.queue.len() - self.claims);
            self.serve_senders(effects);
        }
    }

    /// Slots become free again, from a dropped permit or an unused grant.
    pub(super) fn free_slots(&mut self, n: usize, effects: &mut Fx<T>) {
        if !self.closed {
            self.quota += n as i64;
        }
        self.serve_senders(effects);
    }

    /// There may be more free slots than before: grants them.
    fn serve_senders(&mut self, effects: &mut Fx<T>) {
        if self.slow {
            self.serve_slow(effects);
        } else if !self.senders.is_idle() {
            self.settle_senders(effects);
        }
    }

    #[cold]
    fn serve_slow(&mut self, effects: &mut Fx<T>) {
        if self.has_line() { self.settle_line(effects) } else { self.settle(effects) }
    }

    /// Puts a message back as the oldest, after a waker panicked in its receive. The queue has room.
    ///
    /// Returns it as `Err` if the end was announced meanwhile, or no receiver is left.
    pub(super) fn put_back(&mut self, message: T, effects: &mut Fx<T>) -> Result<(), T> {
        if self.end_announced || self.receiver_count == 0 {
            return Err(message);
        }
        self.queue.push_front(message);
        self.announce_slots();
        self.settle(effects);
        Ok(())
    }

    /// Closes. Returns whether this call did it.
    pub(super) fn close(&mut self, effects: &mut Fx<T>) -> bool {
        let first = !core::mem::replace(&mut self.closed, true);
        (self.slow, self.quota, self.set_aside, self.ready) = (true, NOTHING, 0, 0);
        if first && self.watched {
            deferred(effects).closed = true;
        }
        self.settle(effects);
        first
    }

    /// Messages announced to woken handles. After close none counts: no later message would wake another waiter, so an
    /// abandoned handle must not keep the last wake-up.
    pub(super) fn announced(&self) -> usize {
        if self.closed { 0 } else { self.receivers.announced() }
    }

    pub(super) fn settle_receivers(&mut self, effects: &mut Fx<T>) {
        while !effects.wakes.is_full() && self.queue.len() > self.claims + self.announced() {
            match self.receivers.first_kind() {
                None => return,
                Some(Kind::Future) => {
                    self.claims += 1;
                    self.receivers.grant(&mut effects.wakes);
                }
                Some(Kind::Handle) => self.receivers.wake_to_retry(Kind::Handle, &mut effects.wakes),
            }
        }
    }

    fn settle_senders(&mut self, effects: &mut Fx<T>) {
        while !effects.wakes.is_full() {
            let Some(kind) = self.senders.first_kind() else { return };
            let Some(need) = self.senders.front(kind).map(|pending| pending.need) else { return };
            if self.reservable() < (need + self.senders.announced()) as i64 {
                return;
            }
            match kind {
                Kind::Future => {
                    self.quota -= need as i64;
                    self.senders.grant(&mut effects.wakes);
                }
                Kind::Handle => self.senders.wake_to_retry(Kind::Handle, &mut effects.wakes),
            }
        }
    }
}

impl<T> MailboxState<T> {
    /// Grants to, or wakes, every waiter that can be served, until the batch of wakers is full.
    pub(super) fn settle(&mut self, effects: &mut Fx<T>) {
        if self.closed {
            self.senders.end_all(&mut effects.wakes);
            self.end_line(effects);
            if self.is_terminal() {
                self.receivers.end_all(&mut effects.wakes);
                if !core::mem::replace(&mut self.end_announced, true) && self.watched {
                    deferred(effects).ended = true;
                }
                return;
            }
        }
        if self.capacity == 0 {
            self.settle_rendezvous(effects);
        } else {
            self.settle_receivers(effects);
            self.settle_senders(effects);
            self.settle_line(effects);
        }
    }
}
