//! Slots that are granted or held, and how they become free again.

use super::state::{Fx, MailboxState, PendingSend};
use crate::wait::Link;

impl<T> MailboxState<T> {
    /// Free slots become granted or held.
    pub(super) fn hold_slots(&mut self, n: usize) {
        self.quota -= n as i64;
        self.announce_slots();
    }

    /// A slot that was granted or held is about to get its message.
    pub(super) fn use_slot(&mut self) {
        self.quota += 1;
    }

    /// Granted slots become permits.
    pub(super) fn make_permits(&mut self, slots: usize) {
        self.permits += slots;
        if self.capacity == 0 {
            self.set_aside -= slots;
        }
    }

    /// Granted slots are not used, and become free. After close they are void already.
    pub(super) fn give_back(&mut self, slots: usize, effects: &mut Fx<T>) {
        if self.capacity > 0 || self.closed {
            return self.free_slots(slots, effects);
        }
        self.set_aside -= slots;
        self.settle(effects);
    }

    /// Ready sinks give up their slots. After close they hold none.
    pub(super) fn unready(&mut self, slots: usize) {
        if !self.closed {
            self.ready -= slots;
        }
    }

    /// A queued sender cancels, and takes its pending message along.
    pub(super) fn withdraw_sender(&mut self, node: Link<PendingSend<T>>, effects: &mut Fx<T>) {
        // After close pending messages are not counted any more.
        if self.capacity == 0 && !self.closed && self.senders.payload(node).message.is_some() {
            self.pending_messages -= 1;
        }
        self.remove_sender(node);
        self.settle(effects);
    }

    /// Free slots, for the public count.
    pub(super) fn remaining(&self) -> usize {
        if self.is_unbounded() {
            usize::MAX
        } else if self.closed {
            // Grants are void. Only messages and permits use slots.
            self.capacity.saturating_sub(self.queue.len() + self.permits)
        } else {
            usize::try_from(self.free()).unwrap_or(0)
        }
    }

    /// Slots granted to senders that have not been polled since. At capacity 0: receivers set aside for them.
    pub(super) fn granted(&self) -> usize {
        let held = match self.capacity {
            _ if self.closed => return 0,
            0 => self.set_aside as i64,
            _ if self.is_unbounded() => i64::MAX - self.quota - self.permits as i64,
            capacity => capacity as i64 - self.quota - self.permits as i64,
        };
        usize::try_from(held - self.ready as i64).unwrap_or(0)
    }
}
