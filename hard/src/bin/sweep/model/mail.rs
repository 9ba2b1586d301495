//! A mailbox with slots.

use std::collections::VecDeque;

use super::post::{Counts, Post, Reply, Role, Stage, Waiters};
use crate::task::Book;

/// More slots than any string uses.
const UNBOUNDED: isize = 1 << 40;

#[derive(Debug)]
pub struct Mail {
    capacity: isize,
    queue: VecDeque<usize>,
    closed: bool,
    deaf: bool,
    /// Messages that are promised to receivers.
    claims: usize,
    /// Slots that are promised to senders, that sinks hold, and that are permits.
    grants: usize,
    held: usize,
    permits: usize,
    /// Who is in line, in the order in which they came.
    senders: Vec<usize>,
    receivers: Vec<usize>,
    /// Slots and messages that are left to seats which were told of them.
    slots_left: usize,
    messages_left: usize,
    waiters: Waiters,
}

impl Mail {
    fn free(&self) -> isize {
        if self.closed {
            0
        } else {
            self.capacity - (self.queue.len() + self.grants + self.held + self.permits) as isize
        }
    }

    fn available(&self) -> usize {
        self.queue.len() - self.claims
    }

    fn is_terminal(&self) -> bool {
        self.closed && self.queue.is_empty() && self.permits == 0
    }

    /// Whether a newcomer may have slots: nobody sleeps who came before, or they are left to somebody who was told.
    fn may_take(&self, need: usize) -> bool {
        let alone = self.waiters.first(&self.senders).is_none();
        need as isize <= self.free() && (alone || need <= self.slots_left)
    }

    fn push(&mut self, letter: usize) {
        self.queue.push_back(letter);
        self.settle();
    }

    fn take(&mut self) -> Reply {
        let oldest = self.queue.pop_front().expect("it was asked for");
        self.settle();
        Reply::Got(oldest)
    }

    /// Leaves the line, and with it what was left to it.
    fn unlink(&mut self, id: usize) {
        if self.waiters.is(id, Stage::Told) {
            self.forget_told(id);
        }
        let receives = self.waiters.list[id].role.receives();
        if receives { &mut self.receivers } else { &mut self.senders }.retain(|&other| other != id);
    }

    fn forget_told(&mut self, id: usize) {
        let receives = self.waiters.list[id].role.receives();
        let left = if receives { &mut self.messages_left } else { &mut self.slots_left };
        *left = left.saturating_sub(1);
    }

    /// Takes what somebody came for, if it may.
    fn serve(&mut self, id: usize) {
        match self.waiters.list[id].role {
            Role::Reserve(need) => self.permits += need,
            Role::SeatSlot => self.held += 1,
            _ => {
                let letter = self.waiters.list[id].letter.take().expect("it has not been sent");
                self.push(letter);
            }
        }
        self.settle();
    }

    /// Everybody is served who can be, in order.
    fn settle(&mut self) {
        if self.closed {
            self.waiters.end(&mut self.senders);
            if self.is_terminal() {
                return self.waiters.end(&mut self.receivers);
            }
        }
        self.slots_left = self.slots_left.min(usize::try_from(self.free()).unwrap_or(0));
        self.messages_left = self.messages_left.min(self.queue.len() - self.claims);
        while let Some(id) = self.waiters.first(&self.receivers) {
            // After a close nothing is left to anybody: there may be no other wake-up.
            let left = if self.closed { 0 } else { self.messages_left };
            if self.available() <= left {
                break;
            }
            if self.waiters.list[id].role.is_seat() {
                self.messages_left += 1;
                self.waiters.tell(id, Stage::Told);
            } else {
                self.claims += 1;
                self.receivers.retain(|&other| other != id);
                self.waiters.tell(id, Stage::Granted);
            }
        }
        while let Some(id) = self.waiters.first(&self.senders) {
            let need = self.waiters.list[id].role.need();
            if self.free() < (need + self.slots_left) as isize {
                break;
            }
            if self.waiters.list[id].role.is_seat() {
                self.slots_left += 1;
                self.waiters.tell(id, Stage::Told);
            } else {
                self.grants += need;
                self.senders.retain(|&other| other != id);
                self.waiters.tell(id, Stage::Granted);
            }
        }
    }

    /// A sink gives back the slot that it held.
    pub fn lapse(&mut self) {
        self.held -= 1;
        self.settle();
    }

    /// A sink sends into the slot that it held; `Closed` if that is void.
    pub fn use_held(&mut self, letter: usize) -> Reply {
        if self.closed {
            return Reply::Closed;
        }
        self.held -= 1;
        self.push(letter);
        Reply::Done
    }

    pub fn book(&self) -> &Book {
        &self.waiters.book
    }

    pub fn is_closed(&self) -> bool {
        self.closed
    }

    fn poll_granted(&mut self, id: usize) -> Reply {
        let role = self.waiters.list[id].role;
        if role.receives() {
            self.claims -= 1;
            return self.take();
        }
        // Grants are void after a close.
        if self.closed {
            return Reply::Closed;
        }
        self.grants -= role.need();
        self.serve(id);
        Reply::Done
    }

    /// Somebody who was told looks.
    fn poll_told(&mut self, id: usize) -> Reply {
        let receives = self.waiters.list[id].role.receives();
        let there = if receives { self.available() > 0 } else { self.free() > 0 };
        if !there {
            self.forget_told(id);
            self.waiters.queue(id);
            return Reply::Waits;
        }
        self.unlink(id);
        if receives {
            return self.take();
        }
        self.serve(id);
        Reply::Done
    }
}

impl Post for Mail {
    fn new(capacity: usize, messages: usize) -> Self {
        let (senders, receivers) = (Vec::with_capacity(4), Vec::with_capacity(4));
        Self {
            capacity: isize::try_from(capacity).unwrap_or(UNBOUNDED),
            queue: (0..messages).collect(),
            closed: false,
            deaf: false,
            claims: 0,
            grants: 0,
            held: 0,
            permits: 0,
            senders,
            receivers,
            slots_left: 0,
            messages_left: 0,
            waiters: Waiters::new(),
        }
    }

    fn waiters(&mut self) -> &mut Waiters {
        &mut self.waiters
    }

    fn arrive(&mut self, role: Role, letter: Option<usize>) -> (usize, Reply) {
        let id = self.waiters.add(role, letter);
        let reply = match role {
            Role::Recv | Role::SeatRecv if self.available() > 0 => self.take(),
            Role::Recv | Role::SeatRecv if self.is_terminal() => Reply::Closed,
            Role::Recv | Role::SeatRecv => {
                self.receivers.push(id);
                Reply::Waits
            }
            _ if self.closed => Reply::Closed,
            _ if self.may_take(role.need()) => {
                self.serve(id);
                Reply::Done
            }
            _ => {
                self.senders.push(id);
                Reply::Waits
            }
        };
        if reply == Reply::Waits {
            self.waiters.queue(id);
        }
        (id, reply)
    }

    fn poll(&mut self, id: usize) -> Reply {
        let reply = match self.waiters.list[id].stage {
            Stage::Queued => Reply::Waits,
            Stage::Told => self.poll_told(id),
            Stage::Granted => self.poll_granted(id),
            Stage::Closed | Stage::Gone => Reply::Closed,
        };
        if reply != Reply::Waits {
            self.waiters.book.leaves(id);
            self.waiters.list[id].stage = Stage::Gone;
        }
        reply
    }

    fn drop(&mut self, id: usize) -> Option<usize> {
        let role = self.waiters.list[id].role;
        match self.waiters.list[id].stage {
            Stage::Queued | Stage::Told => self.unlink(id),
            Stage::Granted if role.receives() => self.claims -= 1,
            Stage::Granted if !self.closed => self.grants -= role.need(),
            _ => {}
        }
        let letter = self.waiters.retire(id);
        self.settle();
        letter
    }

    fn try_send(&mut self, letter: usize) -> Reply {
        if self.closed {
            return Reply::Closed;
        }
        if !self.may_take(1) {
            return Reply::Not;
        }
        self.push(letter);
        Reply::Done
    }

    fn try_recv(&mut self) -> Reply {
        if self.available() > 0 {
            return self.take();
        }
        if self.is_terminal() { Reply::Closed } else { Reply::Not }
    }

    fn force(&mut self, letter: usize) -> Reply {
        if self.closed {
            return Reply::Closed;
        }
        let evicted = if self.free() < 1 { self.queue.pop_front() } else { None };
        if self.free() < 1 {
            return Reply::Not;
        }
        self.push(letter);
        evicted.map_or(Reply::Done, Reply::Got)
    }

    fn use_permit(&mut self, letter: usize) -> Reply {
        self.permits -= 1;
        if self.deaf {
            return Reply::Closed;
        }
        self.push(letter);
        Reply::Done
    }

    fn waste_permit(&mut self) {
        self.permits -= 1;
        self.settle();
    }

    fn close(&mut self) -> bool {
        let first = !std::mem::replace(&mut self.closed, true);
        // What was granted is void.
        (self.grants, self.held) = (0, 0);
        self.settle();
        first
    }

    fn deafen(&mut self) {
        self.deaf = true;
        self.queue.clear();
        self.close();
    }

    fn counts(&self) -> Counts {
        let used = (self.queue.len() + self.permits + self.grants + self.held) as isize;
        let remaining =
            if self.capacity == UNBOUNDED { usize::MAX } else { usize::try_from(self.capacity - used).unwrap_or(0) };
        Counts {
            len: self.queue.len(),
            remaining,
            senders: self.senders.len(),
            receivers: self.receivers.len(),
            closed: self.closed,
        }
    }

    fn letters(&self) -> usize {
        self.queue.len() + self.waiters.list.iter().filter(|waiter| waiter.letter.is_some()).count()
    }

    fn sleeper(&self) -> Option<String> {
        let told = |line: &[usize]| self.waiters.told(line);
        if let Some(id) = self.waiters.first(&self.receivers)
            && self.available() > told(&self.receivers)
        {
            return Some(format!("receiver {id} sleeps beside a message"));
        }
        let id = self.waiters.first(&self.senders)?;
        let need = (self.waiters.list[id].role.need() + told(&self.senders)) as isize;
        (self.closed || self.free() >= need).then(|| format!("sender {id} sleeps beside a slot"))
    }
}
