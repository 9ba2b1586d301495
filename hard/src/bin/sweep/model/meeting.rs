//! A mailbox without slots: messages pass from hand to hand. Receivers are told to look, since a sender may still leave.

use std::collections::VecDeque;

use super::post::{Counts, Post, Reply, Role, Stage, Waiters};

#[derive(Debug)]
pub struct Meeting {
    /// Messages that were accepted for a receiver that waited: of `try_send` and of permits.
    queue: VecDeque<usize>,
    closed: bool,
    deaf: bool,
    /// Receivers that are kept for permits, and for reservations that are granted and not permits yet.
    permits: usize,
    set_aside: usize,
    senders: Vec<usize>,
    receivers: Vec<usize>,
    waiters: Waiters,
}

impl Meeting {
    fn is_terminal(&self) -> bool {
        self.closed && self.queue.is_empty() && self.permits == 0
    }

    fn kept(&self) -> usize {
        self.permits + self.set_aside
    }

    /// How many messages senders hold out before the first reservation. With a reservation in line only the head counts.
    fn held_out(&self) -> usize {
        let offers = self.senders.iter().filter(|&&id| self.waiters.list[id].role == Role::Send).count();
        match self.senders.first() {
            _ if self.closed => 0,
            _ if offers == self.senders.len() => offers,
            Some(&head) => usize::from(self.waiters.list[head].role == Role::Send),
            None => 0,
        }
    }

    fn supply(&self) -> usize {
        self.queue.len() + self.held_out()
    }

    /// Receivers that nobody keeps and nothing was sent to.
    fn left(&self) -> usize {
        self.receivers.len().saturating_sub(self.queue.len() + self.kept())
    }

    /// What a newcomer may take: what nobody was told of. What is held out is for those who sleep, unless they are kept.
    fn offered(&self) -> usize {
        let told = self.waiters.told(&self.receivers);
        let all_kept = self.receivers.len() - told <= self.kept();
        let there = if all_kept { self.supply() } else { self.queue.len() };
        there.saturating_sub(told)
    }

    fn may_meet(&self) -> bool {
        self.senders.is_empty() && self.left() > 0
    }

    fn take(&mut self) -> Reply {
        let letter = self.queue.pop_front().unwrap_or_else(|| {
            let head = self.senders.remove(0);
            self.waiters.tell(head, Stage::Granted);
            self.waiters.list[head].letter.take().expect("it holds a message out")
        });
        self.settle();
        Reply::Got(letter)
    }

    fn settle(&mut self) {
        if self.closed {
            self.waiters.end(&mut self.senders);
            if self.is_terminal() {
                return self.waiters.end(&mut self.receivers);
            }
        }
        while self.set_one_aside() || self.tell_one() {}
    }

    /// A reservation at the head gets its receiver.
    fn set_one_aside(&mut self) -> bool {
        let Some(&head) = self.senders.first() else { return false };
        let may = self.waiters.list[head].role != Role::Send && self.left() > 0;
        if may {
            self.set_aside += 1;
            self.senders.remove(0);
            self.waiters.tell(head, Stage::Granted);
        }
        may
    }

    /// The first who sleeps is told of a message; of one that is held out only while somebody sleeps who is not kept.
    fn tell_one(&mut self) -> bool {
        let told = self.waiters.told(&self.receivers);
        let asleep = self.receivers.len() - told;
        let accepted = self.queue.len() > told;
        if !accepted && (self.supply() <= told || asleep <= self.kept()) {
            return false;
        }
        let first = self.waiters.first(&self.receivers);
        first.into_iter().for_each(|id| self.waiters.tell(id, Stage::Told));
        first.is_some()
    }

    fn look(&mut self, id: usize) -> Reply {
        let for_it = self.receivers.len() > self.kept() && self.held_out() > 0;
        if self.queue.is_empty() && !for_it {
            self.waiters.queue(id);
            self.settle();
            return Reply::Waits;
        }
        self.receivers.retain(|&other| other != id);
        self.take()
    }
}

impl Post for Meeting {
    fn new(_: usize, _: usize) -> Self {
        Self {
            queue: VecDeque::new(),
            closed: false,
            deaf: false,
            permits: 0,
            set_aside: 0,
            senders: Vec::with_capacity(4),
            receivers: Vec::with_capacity(4),
            waiters: Waiters::new(),
        }
    }

    fn waiters(&mut self) -> &mut Waiters {
        &mut self.waiters
    }

    fn arrive(&mut self, role: Role, letter: Option<usize>) -> (usize, Reply) {
        let id = self.waiters.add(role, letter);
        let reply = match role {
            Role::Recv if self.offered() > 0 => self.take(),
            Role::Recv if self.is_terminal() => Reply::Closed,
            Role::Recv => {
                self.receivers.push(id);
                Reply::Waits
            }
            _ if self.closed => Reply::Closed,
            Role::Reserve(_) if self.may_meet() => {
                self.permits += 1;
                Reply::Done
            }
            _ => {
                self.senders.push(id);
                Reply::Waits
            }
        };
        if reply == Reply::Waits {
            self.waiters.queue(id);
            self.settle();
        }
        (id, reply)
    }

    fn poll(&mut self, id: usize) -> Reply {
        let role = self.waiters.list[id].role;
        let reply = match self.waiters.list[id].stage {
            Stage::Queued => Reply::Waits,
            Stage::Told => self.look(id),
            Stage::Granted if role == Role::Send => Reply::Done,
            Stage::Granted if self.closed => Reply::Closed,
            Stage::Granted => {
                self.set_aside -= 1;
                self.permits += 1;
                Reply::Done
            }
            Stage::Closed | Stage::Gone => Reply::Closed,
        };
        if reply != Reply::Waits {
            self.waiters.book.leaves(id);
            self.waiters.list[id].stage = Stage::Gone;
        }
        reply
    }

    fn drop(&mut self, id: usize) -> Option<usize> {
        let granted = self.waiters.is(id, Stage::Granted) && self.waiters.list[id].role != Role::Send;
        if granted && !self.closed {
            self.set_aside -= 1;
        }
        self.senders.retain(|&other| other != id);
        self.receivers.retain(|&other| other != id);
        let letter = self.waiters.retire(id);
        self.settle();
        letter
    }

    fn try_send(&mut self, letter: usize) -> Reply {
        if self.closed {
            return Reply::Closed;
        }
        if !self.may_meet() {
            return Reply::Not;
        }
        self.queue.push_back(letter);
        self.settle();
        Reply::Done
    }

    fn try_recv(&mut self) -> Reply {
        if self.offered() > 0 {
            return self.take();
        }
        if self.is_terminal() { Reply::Closed } else { Reply::Not }
    }

    fn force(&mut self, letter: usize) -> Reply {
        self.try_send(letter)
    }

    fn use_permit(&mut self, letter: usize) -> Reply {
        self.permits -= 1;
        if self.deaf {
            return Reply::Closed;
        }
        self.queue.push_back(letter);
        self.settle();
        Reply::Done
    }

    fn waste_permit(&mut self) {
        self.permits -= 1;
        self.settle();
    }

    fn close(&mut self) -> bool {
        let first = !std::mem::replace(&mut self.closed, true);
        self.set_aside = 0;
        self.settle();
        first
    }

    fn deafen(&mut self) {
        self.deaf = true;
        self.queue.clear();
        self.close();
    }

    fn counts(&self) -> Counts {
        let (len, senders, receivers) = (self.queue.len(), self.senders.len(), self.receivers.len());
        Counts { len, remaining: 0, senders, receivers, closed: self.closed }
    }

    fn letters(&self) -> usize {
        self.queue.len() + self.waiters.list.iter().filter(|waiter| waiter.letter.is_some()).count()
    }

    fn sleeper(&self) -> Option<String> {
        let told = self.waiters.told(&self.receivers);
        let id = self.waiters.first(&self.receivers)?;
        let lone = self.kept() == 0 && self.supply() > told;
        (lone || self.queue.len() > told).then(|| format!("receiver {id} sleeps beside a message"))
    }
}
