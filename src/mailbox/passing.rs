//! Where senders may pass those that wait: all that wait stand in one [`Line`](crate::wait::Line), and all are woken to
//! retry.
//!
//! - (G1) One in line sleeps ⇒ the first in line is awake, or demands more than is free.
//! - (G2) Somebody is in line ⇒ `slow`, so that every operation sees the line.
//!
//! Each slot that a woken sender demands stands for half of all slots (rounded down), so no more than two or three are
//! on their way at a time: the first that runs fills many slots. To wake one for each slot is to wake most of them in
//! vain.

use super::error::Closed;
use super::state::{Fx, MailboxState, PendingSend};
use crate::wait::{Attempt, Fast, Link, Wake};

impl<T> MailboxState<T> {
    /// (G2), after somebody has left the line.
    fn update_slow(&mut self) {
        let in_line = self.line.as_ref().is_some_and(|line| !line.is_empty());
        self.slow = self.closed || self.capacity == 0 || in_line;
    }

    /// A sender gets its place.
    pub(super) fn enqueue_sender(&mut self, node: Link<PendingSend<T>>) {
        let Some(line) = &mut self.line else { return self.senders.enqueue(node) };
        line.unite(&mut self.senders.futures);
        line.enqueue(node);
        self.slow = true;
    }

    /// Whether senders are in line, in an open mailbox.
    #[inline(always)]
    pub(super) fn has_line(&self) -> bool {
        self.slow && !self.closed && self.line.is_some()
    }

    /// A newcomer sends past those in line, and at most one waiter is to be woken: a receiver.
    #[inline(always)]
    pub(super) fn send_past_fast(
        &mut self,
        message: &mut Option<T>,
        to_wake: &mut Option<Wake>,
    ) -> Fast<Result<(), Closed>> {
        if !self.has_line() || self.receivers.needs_slow_path() || message.is_none() {
            return Fast::Slow;
        }
        let free = self.takeable();
        let Some(line) = &mut self.line else { return Fast::Slow };
        if free == 0 {
            return Fast::Wait;
        }
        // One that may not pass joins the line, and may have to be woken there.
        if line.uncovers(free - 1) || !self.queue.has_room() || !line.overtake(free - 1) {
            return Fast::Slow;
        }
        self.push_fast(message, to_wake);
        Fast::Done(Ok(()))
    }

    /// Receives a message that is not claimed, beside those in line.
    ///
    /// One slot more wakes at most one of them: those that were free did not wake the one that sleeps first.
    #[inline(always)]
    pub(super) fn receive_beside_fast(&mut self, to_wake: &mut Option<Wake>) -> Fast<Option<T>> {
        if !self.has_line() || self.receivers.needs_slow_path() {
            return Fast::Slow;
        }
        if self.queue.len() <= self.claims {
            return Fast::Wait;
        }
        if !self.queue.has_at_hand() {
            return Fast::Slow;
        }
        let free = usize::try_from((self.free() + 1).max(0)).unwrap_or(usize::MAX);
        let each = self.slots_for_each();
        let Some(line) = &mut self.line else { return Fast::Slow };
        if free > line.promised().saturating_mul(each) {
            line.wake_to_retry(free, to_wake);
        }
        Fast::Done(Some(self.queue.take_at_hand()))
    }

    /// A newcomer sends past those in line.
    pub(super) fn send_past(&mut self, message: &mut Option<T>, effects: &mut Fx<T>) -> Attempt<Result<(), Closed>> {
        let free = self.takeable();
        let Some(line) = &mut self.line else { return Attempt::Wait };
        if free == 0 || !line.may_be_overtaken() {
            return Attempt::Wait;
        }
        if !self.queue.has_room() {
            return Attempt::NeedsRoom;
        }
        let uncovers = line.uncovers(free - 1);
        line.overtaken(free - 1);
        self.queue.push_from(message);
        if !self.receivers.is_idle() {
            self.settle_receivers(effects);
        }
        if uncovers {
            self.settle_line(effects);
        }
        Attempt::Done(Ok(()))
    }

    /// Whether a newcomer may take `n` slots past those in line. If so, it has passed them, and takes the slots.
    pub(super) fn pass(&mut self, n: usize) -> bool {
        let rest = self.takeable().checked_sub(n);
        let line = self.line.as_mut();
        line.zip(rest).is_some_and(|(line, rest)| line.overtake(rest))
    }

    /// Whether a polled sender, `woken` or not, may take its part of what is `free`.
    pub(super) fn may_take_in_turn(&mut self, node: Link<PendingSend<T>>, woken: bool, free: usize) -> bool {
        match &mut self.line {
            // After close nothing is free, whatever was announced before.
            Some(line) => free > 0 && line.may_take(node, free),
            None => woken && self.senders.payload(node).need <= free,
        }
    }

    /// A polled sender, which [may](Self::may_take_in_turn), is about to take its part of what is `free`, and leaves.
    pub(super) fn take_in_turn(&mut self, node: Link<PendingSend<T>>, free: usize) {
        match &mut self.line {
            Some(line) => {
                line.take(node, free);
                self.update_slow();
            }
            None => self.senders.withdraw(node),
        }
    }

    /// A sender that was woken to retry found nothing, and goes back to sleep in its place.
    pub(super) fn rearm_sender(&mut self, node: Link<PendingSend<T>>) {
        match &mut self.line {
            Some(line) => line.rearm(node),
            None => self.senders.rearm(node),
        }
    }

    /// A sender leaves its queue. Nobody is served.
    pub(super) fn remove_sender(&mut self, node: Link<PendingSend<T>>) {
        match &mut self.line {
            Some(line) => {
                line.withdraw(node);
                self.update_slow();
            }
            None => self.senders.withdraw(node),
        }
    }

    /// For how many slots one that was woken stands, for each that it demands.
    #[inline(always)]
    fn slots_for_each(&self) -> usize {
        (self.capacity / 2).max(1)
    }

    /// Wakes those in line, until (G1) holds or the batch is full.
    pub(super) fn settle_line(&mut self, effects: &mut Fx<T>) {
        let (free, each) = (self.takeable(), self.slots_for_each());
        let Some(line) = &mut self.line else { return };
        line.announce_at_most(free);
        while free > line.promised().saturating_mul(each) && !effects.wakes.is_full() {
            let mut to_wake: Option<Wake> = None;
            if !line.wake_to_retry(free, &mut to_wake) {
                break;
            }
            effects.wakes.push(to_wake);
        }
    }

    /// Ends the waits of those in line, until the batch of wakers is full.
    pub(super) fn end_line(&mut self, effects: &mut Fx<T>) {
        let Some(line) = &mut self.line else { return };
        let mut to_wake = None;
        while !effects.wakes.is_full() && line.close_one(&mut to_wake) {
            effects.wakes.push(to_wake.take());
        }
    }

    /// How many senders wait.
    pub(super) fn waiting_senders(&self) -> usize {
        self.senders.len() + self.line.as_ref().map_or(0, |line| line.len())
    }

    /// How many of them were woken, and have not been polled since.
    pub(super) fn woken_senders(&mut self) -> usize {
        self.senders.woken() + self.line.as_mut().map_or(0, |line| line.skipped())
    }

    /// How many slots the first sleeping sender demands. In a line: the first.
    pub(super) fn first_wants(&mut self) -> Option<usize> {
        if let Some(line) = &mut self.line {
            return line.front().map(|first| first.need);
        }
        let kind = self.senders.first_kind()?;
        self.senders.front(kind).map(|pending| pending.need)
    }
}
