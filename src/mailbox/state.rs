//! The plain state of a mailbox: a queue, some counts, two sides.
//!
//! A slot is free, or granted to a parked sender, or held by a permit, or holds a message; a message is free to take, or
//! claimed by a granted receiver. Grants are rights, never values: whoever holds a claim takes what is then at the front.
//!
//! - (P1) claims ≤ queued messages.
//! - (P2) A receiver sleeps ⇒ messages ≤ claims + those that a nudge covers; none is covered once it is closed.
//! - (P3) A sender sleeps ⇒ free slots < those that a nudge covers + the demand of the first who sleeps.
//! - (P4) Closed ⇒ no slot is free and nobody waits to send. What was granted and not used by then is void.
//! - (P5) *Terminal* ⇔ closed ∧ no message ∧ no permit. It is final, and then nobody waits to receive.
//!
//! Capacity 0 has no slots; its rules are in [`rendezvous`](super::rendezvous).

use super::side::{Next, Side, Ticket, Ticketed};
use crate::queue::{Queue, Retired};
use crate::wait::{Attempt, Effects, Foreign, Litter, State};

/// The capacity of an unbounded mailbox.
pub(super) const UNBOUNDED: usize = usize::MAX;

#[repr(C)]
pub(crate) struct Post<T> {
    pub(super) closed: bool,
    told: bool,
    /// Closed or of capacity 0: the simple rules do not hold.
    pub(super) odd: bool,
    pub(super) queue: Queue<T>,
    /// Slots that may hold messages: all but those that are granted or held by permits. Far below zero once closed; at
    /// capacity 0 always 0.
    pub(super) quota: i64,
    /// Messages promised to granted receivers.
    pub(super) claims: usize,
    pub(super) senders: Side<Offer<T>>,
    pub(super) receivers: Side<Ticket>,
    pub(super) capacity: usize,
    /// Slots held by live permits.
    pub(super) permits: usize,
    /// Slots that ready handles hold for their next message. At capacity 0: receivers, which `set_aside` counts as well.
    pub(super) ready: usize,
    /// At capacity 0: receivers set aside for granted reservations that are not permits yet.
    pub(super) set_aside: usize,
    /// At capacity 0: how many of the waiting senders hold out a message.
    pub(super) offers: usize,
    pub(super) sender_count: usize,
    pub(super) receiver_count: usize,
}

/// How many slots of an unbounded mailbox can be reserved: no more than can be counted, and never all.
const RESERVABLE: i64 = {
    let (countable, most) = ((usize::MAX >> 1) as i64, i64::MAX - (i64::MAX >> 2));
    if countable < most { countable } else { most }
};

/// The quota of a mailbox that is closed.
const NOTHING: i64 = i64::MIN / 2;

/// What a sender brings along, and keeps in its node while it waits.
pub(crate) struct Offer<T> {
    pub(super) ticket: Ticket,
    /// How many slots it waits for.
    pub(super) need: usize,
    /// The message, if it has one. It stays the sender's until it is pushed; at capacity 0 a receiver takes it from here.
    pub(super) value: Foreign<T>,
}

impl<T> Offer<T> {
    #[inline(always)]
    pub(super) fn new(ticket: Ticket, need: usize, value: Option<T>) -> Self {
        Self { ticket, need, value: Foreign::new(value) }
    }
}

impl<T> Ticketed for Offer<T> {
    fn ticket(&mut self) -> &mut Ticket {
        &mut self.ticket
    }
}

/// What decisions about a mailbox leave over.
pub(crate) struct Leftover<T> {
    pub(super) retired: Retired<T>,
    pub(super) drained: bool,
}

impl<T> Default for Leftover<T> {
    #[inline(always)]
    fn default() -> Self {
        Self { retired: Retired::new(), drained: false }
    }
}

impl<T> Litter for Leftover<T> {
    #[inline(always)]
    fn is_none(&self) -> bool {
        self.retired.is_empty() && !self.drained
    }
}

pub(crate) type Fx<T> = Effects<Leftover<T>>;

/// The mailbox is closed; the caller still has its message.
pub(crate) struct Shut;

impl<T> Post<T> {
    pub(super) const fn new(capacity: usize, slots: usize) -> Self {
        Self {
            closed: false,
            told: false,
            odd: capacity == 0,
            queue: Queue::new(slots),
            quota: if capacity == UNBOUNDED { i64::MAX } else { capacity as i64 },
            claims: 0,
            senders: Side::new(),
            receivers: Side::new(),
            capacity,
            permits: 0,
            ready: 0,
            set_aside: 0,
            offers: 0,
            sender_count: 1,
            receiver_count: 1,
        }
    }

    /// Slots that anybody may take. Below zero only after a message was put back into a full mailbox, and once closed.
    #[inline(always)]
    pub(super) fn free(&self) -> i64 {
        self.quota - self.queue.len() as i64
    }

    pub(super) fn is_terminal(&self) -> bool {
        self.closed && self.queue.len() == 0 && self.permits == 0
    }

    /// Whether a newcomer may take `n` slots: nobody sleeps who came before, or the slots are ones that only nudges cover.
    #[inline(always)]
    pub(super) fn may_take(&self, n: usize) -> bool {
        n as i64 <= self.free() && (self.senders.is_idle() || n <= self.senders.covering())
    }

    /// How many slots may be reserved. In an unbounded mailbox not all: whoever sends must always find one.
    pub(super) fn reservable(&self) -> i64 {
        if self.capacity == UNBOUNDED { self.free() - (i64::MAX - RESERVABLE) } else { self.free() }
    }

    /// A newcomer sends.
    pub(super) fn try_send(&mut self, value: &mut Option<T>, effects: &mut Fx<T>) -> Attempt<Result<(), Shut>> {
        // In an unbounded mailbox there is always a slot for a message: only reservations may have to wait.
        if !self.may_take(1) && (self.closed || self.capacity != UNBOUNDED) {
            return self.try_send_slow(value, effects);
        }
        if !self.queue.has_room() {
            return Attempt::Provide;
        }
        if let Some(value) = value.take() {
            self.push(value, effects);
        }
        Attempt::Done(Ok(()))
    }

    /// Slots that were free are promised or held now.
    pub(super) fn hold_slots(&mut self, n: usize) {
        self.quota -= n as i64;
        self.cover_slots();
    }

    /// No more slots are left to nudged senders than there are.
    fn cover_slots(&mut self) {
        self.senders.cover(usize::try_from(self.free().max(0)).unwrap_or(usize::MAX));
    }

    /// A slot that was promised or held is about to take its message.
    pub(super) fn use_slot(&mut self) {
        self.quota += 1;
    }

    #[cold]
    fn try_send_slow(&mut self, value: &mut Option<T>, effects: &mut Fx<T>) -> Attempt<Result<(), Shut>> {
        if self.closed {
            Attempt::Done(Err(Shut))
        } else if self.capacity == 0 {
            self.try_send_to_waiting(value, effects)
        } else {
            Attempt::Wait
        }
    }

    /// Puts a message into a free slot; there is room.
    pub(super) fn push(&mut self, value: T, effects: &mut Fx<T>) {
        self.queue.push(value);
        if self.odd {
            return self.settle(effects);
        }
        self.cover_slots();
        if !self.receivers.is_idle() {
            self.settle_receivers(effects);
        }
    }

    /// How many messages a newcomer may take.
    #[inline(always)]
    pub(super) fn available(&mut self) -> usize {
        if self.capacity == 0 { self.offered() } else { self.queue.len() - self.claims }
    }

    /// Takes the oldest message; its slot goes to the next sender.
    ///
    /// The caller has seen that there is one, or given up a claim on it.
    pub(super) fn take(&mut self, effects: &mut Fx<T>) -> Option<T> {
        if self.capacity == 0 {
            return self.take_offer(effects);
        }
        let value = self.queue.pop(&mut effects.litter.retired);
        if value.is_some() {
            self.receivers.cover(self.queue.len() - self.claims);
            self.serve_senders(effects);
        }
        value
    }

    /// Takes up to `n` messages, at most a turn of them; their slots go to the next senders all at once.
    pub(super) fn take_many(&mut self, n: usize, effects: &mut Fx<T>, mut each: impl FnMut(T)) {
        for _ in 0..n {
            let value = if self.capacity > 0 {
                self.queue.pop(&mut effects.litter.retired)
            } else if effects.wakes.is_full() {
                None
            } else {
                self.take_offer(effects)
            };
            let Some(value) = value else { break };
            each(value);
        }
        if self.capacity > 0 {
            self.receivers.cover(self.queue.len() - self.claims);
            self.serve_senders(effects);
        }
    }

    /// Slots are free again: from a permit dropped, a grant handed back.
    pub(super) fn free_slots(&mut self, n: usize, effects: &mut Fx<T>) {
        if !self.closed {
            self.quota += n as i64;
        }
        self.serve_senders(effects);
    }

    /// There may be more free slots than before.
    fn serve_senders(&mut self, effects: &mut Fx<T>) {
        if self.closed {
            self.settle(effects);
        } else if !self.senders.is_idle() {
            self.settle_senders(effects);
        }
    }

    /// Puts a message back as the oldest, after its receiver panicked; there is room for it in the queue.
    ///
    /// It comes back as `Err` if the end was announced meanwhile.
    pub(super) fn put_back(&mut self, value: T, effects: &mut Fx<T>) -> Result<(), T> {
        if self.told || self.receiver_count == 0 {
            return Err(value);
        }
        self.queue.push_front(value);
        self.cover_slots();
        self.settle(effects);
        Ok(())
    }

    /// Closes; answers whether this call did it.
    pub(super) fn close(&mut self, effects: &mut Fx<T>) -> bool {
        let first = !core::mem::replace(&mut self.closed, true);
        (self.odd, self.quota, self.set_aside, self.ready) = (true, NOTHING, 0, 0);
        self.settle(effects);
        first
    }

    /// Slots that are free, as a reader sees them.
    pub(super) fn remaining(&self) -> usize {
        if self.capacity == UNBOUNDED {
            usize::MAX
        } else if self.closed {
            // Grants are void, so what is in use is what holds a message or a permit.
            self.capacity.saturating_sub(self.queue.len() + self.permits)
        } else {
            usize::try_from(self.free()).unwrap_or(0)
        }
    }

    /// Slots that were granted to senders which have not been polled since; at capacity 0 receivers set aside for them.
    pub(super) fn granted(&self) -> usize {
        let kept = match self.capacity {
            _ if self.closed => return 0,
            0 => self.set_aside as i64,
            UNBOUNDED => i64::MAX - self.quota - self.permits as i64,
            capacity => capacity as i64 - self.quota - self.permits as i64,
        };
        usize::try_from(kept - self.ready as i64).unwrap_or(0)
    }

    /// What the first waiting sender wants, in slots.
    pub(super) fn first_wants(&mut self) -> Option<usize> {
        let next = self.senders.next()?;
        self.senders.front(next).map(|offer| offer.need)
    }

    /// A ready handle does not hold its slot any more. After close none is held.
    pub(super) fn unready(&mut self, slots: usize) {
        if !self.closed {
            self.ready -= slots;
        }
    }

    /// Messages that are left to nudged handles to find. Once it is closed nothing comes that would wake anybody else, so
    /// an abandoned handle must not sit on the last wake-up.
    pub(super) fn covered(&self) -> usize {
        if self.closed { 0 } else { self.receivers.covering() }
    }

    fn settle_receivers(&mut self, effects: &mut Fx<T>) {
        while !effects.wakes.is_full() && self.queue.len() > self.claims + self.covered() {
            match self.receivers.next() {
                None => return,
                Some(Next::Future) => {
                    self.claims += 1;
                    self.receivers.grant(&mut effects.wakes);
                }
                Some(Next::Seat) => self.receivers.nudge(Next::Seat, &mut effects.wakes),
            }
        }
    }

    fn settle_senders(&mut self, effects: &mut Fx<T>) {
        while !effects.wakes.is_full() {
            let Some(next) = self.senders.next() else { return };
            let Some(need) = self.senders.front(next).map(|offer| offer.need) else { return };
            if self.reservable() < (need + self.senders.covering()) as i64 {
                return;
            }
            match next {
                Next::Future => {
                    self.quota -= need as i64;
                    self.senders.grant(&mut effects.wakes);
                }
                Next::Seat => self.senders.nudge(Next::Seat, &mut effects.wakes),
            }
        }
    }
}

impl<T> State for Post<T> {
    type Litter = Leftover<T>;

    fn settle(&mut self, effects: &mut Fx<T>) {
        if self.closed {
            self.senders.end_all(&mut effects.wakes);
            if self.is_terminal() {
                self.receivers.end_all(&mut effects.wakes);
                effects.litter.drained |= !core::mem::replace(&mut self.told, true);
                return;
            }
        }
        if self.capacity == 0 {
            self.settle_rendezvous(effects);
        } else {
            self.settle_receivers(effects);
            self.settle_senders(effects);
        }
    }
}
