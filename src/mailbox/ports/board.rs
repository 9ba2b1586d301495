//! Where every port stands, and who is to be told: the plain state of a hub, under one short lock.
//!
//! ```text
//!            announce                 next
//!   Idle ────────────────▶ Ready ───────────────────▶ Taken ──▶ gone: its queue has ended
//!    ▲ │                     ╰─join─▶ Kept ──seek──▶    │
//!    │ ╰─announce, a source waits──▶                    │
//!    ╰───────put back: no message, not notified─────────┤
//!            Ready, or Kept, ◀──put back: else──────────╯
//! ```
//!
//! - (H1) A port that is `Idle` has its waker in its mailbox, so a message announces it.
//! - (H2) `notified` is cleared when a port is taken from its list, before it is polled. What comes during a poll sets
//!   it, and the port is not `Idle` after the poll. (Left over from earlier in the turn, it costs one look.)
//! - (H3) A port is `Ready` ⇒ each receiver that sleeps has a token on its way, or one token was sent for this port.
//! - (H4) A port is `Kept` ⇒ it has seekers, and only the first of them takes it. A port is `Ready`, or in the middle
//!   of its turn ⇒ it has none: who joins their line has it kept.
//! - (H5) The hub has ended ⇔ no port is left, and none can be opened: it is closed or the last opener is gone.

use alloc::boxed::Box;

use super::answers::{Call, Counts, Next, Taken};
use super::classes::Classes;
use super::order::TURN;
use super::slot::{NONE, PortId, Slot, State};
use super::slots::{self, Slots};

pub(super) struct Board<H> {
    slots: Slots<Slot<H>>,
    ready: Classes,
    /// A port that is ready, in the middle of its turn: it stands before all others of its class. It is here and in no
    /// list, so that the next message of the turn does not touch its slot, where it counts as taken.
    // Field by field: what is written in pieces and read as a whole has to wait for the cache.
    current: Option<H>,
    current_id: PortId,
    current_turn: u32,
    current_class: u8,
    /// The first vacant slot. They are linked, too.
    vacant: u32,
    /// Receivers that wait, and have not received a token.
    asleep: usize,
    /// Tokens that were sent, and not received.
    tokens: usize,
    /// Those who wait for single sources, in all slots.
    seekers: usize,
    ports: usize,
    openers: usize,
    receivers: usize,
    closed: bool,
    ended: bool,
}

impl<H> Board<H> {
    pub(super) fn new() -> Self {
        Self {
            slots: Slots::new(),
            ready: Classes::new(),
            current: None,
            current_id: PortId { slot: NONE, generation: 0 },
            current_turn: 0,
            current_class: 0,
            vacant: NONE,
            asleep: 0,
            tokens: 0,
            seekers: 0,
            ports: 0,
            openers: 1,
            receivers: 1,
            closed: false,
            ended: false,
        }
    }

    /// A slot for a new port, which is taken. `None` if there is no room: then a chunk is to be stocked.
    pub(super) fn add(&mut self, class: u8) -> Option<PortId> {
        let slot = match self.vacant {
            NONE => self.slots.add()?,
            slot => {
                self.vacant = self.slots.at(slot).links.next;
                slot
            }
        };
        self.ports += 1;
        let new = self.slots.at(slot);
        let generation = new.generation;
        *new = Slot { state: State::Taken, class, generation, ..Slot::vacant() };
        Some(PortId { slot, generation })
    }

    /// How many slots are missing.
    pub(super) fn missing(&self) -> usize {
        self.slots.next_chunk()
    }

    pub(super) fn stock(&mut self, chunk: Box<[Slot<H>]>) -> Option<Box<[Slot<H>]>> {
        self.slots.stock(chunk)
    }

    pub(super) fn chunk(len: usize) -> Box<[Slot<H>]> {
        slots::chunk(len, Slot::vacant)
    }

    /// The slot of a port, unless the port is gone.
    fn slot(&mut self, id: PortId) -> Option<&mut Slot<H>> {
        let slot = self.slots.at(id.slot);
        (slot.generation == id.generation).then_some(slot)
    }

    /// A port has a message, or has ended.
    pub(super) fn announce(&mut self, id: PortId) -> Call {
        let Some(slot) = self.slot(id) else { return Call::Nobody };
        match slot.state {
            State::Idle => self.offer(id.slot, false),
            State::Taken => {
                slot.notified = true;
                Call::Nobody
            }
            State::Vacant | State::Ready | State::Kept => Call::Nobody,
        }
    }

    /// A port may have messages, and nobody polls it: it is kept for its seekers, or is ready, for the rest of its
    /// turn if it `goes_on`.
    #[inline(always)]
    fn offer(&mut self, at: u32, goes_on: bool) -> Call {
        let slot = self.slots.at(at);
        if slot.seekers > 0 {
            slot.state = State::Kept;
            let called = core::mem::take(&mut slot.sought);
            return if called { Call::Seeker } else { Call::Nobody };
        }
        slot.state = State::Ready;
        if goes_on && slot.turn > 0 {
            self.ready.push_front(&mut self.slots, at);
        } else {
            slot.turn = TURN;
            self.ready.push_back(&mut self.slots, at);
        }
        self.rouse()
    }

    /// Sends a token, if a receiver sleeps without one.
    pub(super) fn rouse(&mut self) -> Call {
        if !self.is_crowded() {
            return Call::Nobody;
        }
        self.tokens += 1;
        Call::Receiver
    }

    /// Takes the port whose turn it is. If there is none, a receiver that `sleeps` is counted.
    #[inline(always)]
    pub(super) fn next(&mut self, sleeps: bool) -> Next<H> {
        if !self.ready.has_before(self.current_class) {
            if let Some(handle) = self.current.take() {
                return Next::Port(Taken { handle, turn: self.current_turn, class: self.current_class });
            }
        }
        self.next_listed(sleeps)
    }

    #[inline(never)]
    fn next_listed(&mut self, sleeps: bool) -> Next<H> {
        match self.ready.first() {
            Some(at) => {
                self.ready.remove(&mut self.slots, at);
                Next::Port(self.take(at))
            }
            None if self.has_ended() => Next::End,
            None => {
                self.asleep += usize::from(sleeps);
                Next::Nothing
            }
        }
    }

    fn take(&mut self, at: u32) -> Taken<H> {
        let slot = self.slots.at(at);
        (slot.state, slot.notified) = (State::Taken, false);
        let handle = slot.handle.take().expect("a port that is not taken has its handle");
        Taken { handle, turn: slot.turn, class: slot.class }
    }

    /// Takes a port out of the middle of its turn, if it is there.
    fn take_current(&mut self, id: PortId) -> Option<Taken<H>> {
        let handle = self.current.take_if(|_| self.current_id == id)?;
        Some(Taken { handle, turn: self.current_turn, class: self.current_class })
    }

    /// A port that was taken is put back, with what is left of its turn. It may be `empty`. With `leaves` the one who
    /// polled it was a seeker, and waits no longer.
    ///
    /// It returns the handle if no receiver is left.
    #[inline(always)]
    pub(super) fn put_back(&mut self, id: PortId, port: Taken<H>, empty: bool, leaves: bool) -> Result<Call, H> {
        let goes_on = !empty && port.turn > 0 && self.seekers == 0 && self.current.is_none();
        if goes_on && !self.is_crowded() && self.receivers > 0 {
            // It is empty: nothing is dropped.
            core::mem::forget(self.current.replace(port.handle));
            (self.current_id, self.current_turn, self.current_class) = (id, port.turn, port.class);
            return Ok(Call::Nobody);
        }
        self.put_back_slow(id, port, empty, leaves)
    }

    #[inline(never)]
    fn put_back_slow(&mut self, id: PortId, port: Taken<H>, empty: bool, leaves: bool) -> Result<Call, H> {
        if self.receivers == 0 {
            self.remove(id);
            return Err(port.handle);
        }
        self.seekers -= usize::from(leaves);
        let slot = self.slots.at(id.slot);
        slot.seekers -= u32::from(leaves);
        slot.turn = port.turn;
        slot.handle = Some(port.handle);
        if empty && !slot.notified {
            slot.state = State::Idle;
            return Ok(Call::Nobody);
        }
        // A seeker's port goes behind the others: it had a turn.
        Ok(self.offer(id.slot, !empty && !leaves))
    }

    /// Whether receivers sleep without a token.
    #[inline(always)]
    pub(super) fn is_crowded(&self) -> bool {
        self.asleep > self.tokens
    }

    /// The handle of a port that is not taken.
    pub(super) fn handle(&mut self, id: PortId) -> Option<&H> {
        self.slot(id)?.handle.as_ref()
    }

    /// One more waits for this source: from now on it is not for others. Returns `false` if the port is gone.
    pub(super) fn join(&mut self, id: PortId) -> bool {
        let current = self.take_current(id);
        let Some(slot) = self.slot(id) else { return false };
        slot.seekers += 1;
        if slot.state == State::Ready {
            slot.state = State::Kept;
            self.ready.remove(&mut self.slots, id.slot);
        } else if let Some(port) = current {
            (slot.state, slot.turn, slot.handle) = (State::Kept, port.turn, Some(port.handle));
        }
        self.seekers += 1;
        true
    }

    /// The first seeker looks for its port. If it `waits`, it is called once the port may have messages.
    pub(super) fn seek(&mut self, id: PortId, waits: bool) -> Next<H> {
        let Some(slot) = self.slot(id) else { return Next::End };
        if slot.state != State::Kept {
            slot.sought |= waits;
            return Next::Nothing;
        }
        Next::Port(self.take(id.slot))
    }

    /// A seeker waits no longer. If it was the `first`, the next one looks for itself.
    pub(super) fn leave(&mut self, id: PortId, first: bool) -> Call {
        let Some(slot) = self.slot(id) else { return Call::Nobody };
        slot.seekers -= 1;
        slot.sought &= !first;
        let unwanted = slot.state == State::Kept && slot.seekers == 0;
        self.seekers -= 1;
        if unwanted { self.offer(id.slot, false) } else { Call::Nobody }
    }

    /// Removes a port that its receiver has taken.
    pub(super) fn remove(&mut self, id: PortId) {
        let next = self.vacant;
        let slot = self.slots.at(id.slot);
        self.seekers -= core::mem::take(&mut slot.seekers) as usize;
        slot.state = State::Vacant;
        slot.generation = slot.generation.wrapping_add(1);
        slot.links.next = next;
        self.vacant = id.slot;
        self.ports -= 1;
    }

    /// Removes a port, and returns its handle. `None` if a receiver has it, which then finds the end, or if it is gone.
    pub(super) fn evict(&mut self, id: PortId) -> Option<H> {
        let handle = match self.take_current(id) {
            Some(port) => port.handle,
            None => {
                let slot = self.slot(id)?;
                let handle = slot.handle.take()?;
                if slot.state == State::Ready {
                    self.ready.remove(&mut self.slots, id.slot);
                }
                handle
            }
        };
        self.remove(id);
        Some(handle)
    }

    /// Removes the first port from slot `at` on that is not taken, and moves `at` behind it.
    pub(super) fn evict_from(&mut self, at: &mut u32) -> Option<H> {
        (*at..self.slots.len()).find_map(|slot| {
            *at = slot + 1;
            let generation = self.slots.at(slot).generation;
            self.evict(PortId { slot, generation })
        })
    }

    /// A receiver waits no longer: it `got` a token, or it gave up.
    pub(super) fn wake(&mut self, got: bool) {
        self.asleep -= 1;
        self.tokens -= usize::from(got);
    }

    pub(super) fn add_opener(&mut self) {
        self.openers += 1;
    }

    pub(super) fn remove_opener(&mut self) {
        self.openers -= 1;
    }

    pub(super) fn add_receiver(&mut self) {
        self.receivers += 1;
    }

    /// Returns whether it was the last.
    pub(super) fn remove_receiver(&mut self) -> bool {
        self.receivers -= 1;
        self.receivers == 0
    }

    pub(super) fn close(&mut self) {
        self.closed = true;
    }

    /// It is final: a port that is about to be refused does not undo it.
    pub(super) fn has_ended(&mut self) -> bool {
        self.ended |= self.ports == 0 && (self.closed || self.openers == 0);
        self.ended
    }

    pub(super) fn counts(&self) -> Counts {
        let Self { ports, openers, receivers, asleep, closed, .. } = *self;
        Counts { ports, openers, receivers, asleep, closed }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Catches a `recv` that takes a message past one that waits for its source. One that has just been served has put
    /// the port back for all, and has not yet given up its place in the line, when the next one joins.
    #[test]
    fn a_port_that_is_ready_is_kept_for_one_that_joins_its_line() {
        // After a message by a receiver, and by one that waited for this source.
        for leaves in [false, true] {
            let mut board = Board::new();
            let chunk = Board::chunk(board.missing());
            assert!(board.stock(chunk).is_none());
            let id = board.add(0).expect("there is room");
            assert!(!leaves || board.join(id));
            assert!(board.put_back(id, Taken { handle: (), turn: 1, class: 0 }, false, leaves).is_ok());
            assert!(board.join(id));
            assert!(matches!(board.next(false), Next::Nothing));
            assert!(matches!(board.seek(id, true), Next::Port(_)));
        }
    }
}
