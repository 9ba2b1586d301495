//! The queue of a condition, and the list of notified waiters: plain state that monitors and condition variables share.
//!
//! ```text
//!   waiting for a ──notify──╮
//!   waiting for b ──notify──┴▶ notified ──the first is woken, and polled──▶ the mutex or its line; the rest follows
//! ```
//!
//! A notification moves waiters to the *notified* list, which is in the order of notification over all conditions. Its
//! first waiter is woken, once, and becomes the **leader**. When the leader is polled it takes the mutex or joins its
//! line. If it joins, the rest is requeued to the line behind it, without being woken. So each waiter is woken once,
//! and a leader once more if it found the mutex locked.
//!
//! The rest of a leader that takes the mutex is requeued, too, if the mutex is one beside a condition variable. That of
//! a monitor knows its notified waiters. They stay where they are, and its next unlock wakes the next leader. So a task
//! that leaves and comes again at once does not find a thousand others in line, and need not be woken a second time.
//!
//! - (N1) A waiter's stage says where it is: `Queued` in the queue of its condition, `Notified` in the notified list,
//!   `Requeued` in the line of the mutex.
//! - (N2) Waiters are numbered as they begin to wait. A notification whose waiter gives up goes to the longest waiter
//!   of that condition that was already waiting at its *latest* notification. If there is none it is lost: later
//!   waiters have seen the data since.
//! - (N3) The notified list is not empty ⇒ its first waiter was woken, or the mutex is locked or has a line, or a
//!   thread is about to wake the first. The others have their wakers.
//! - (N4) The notified waiters up to the *led* one were there when the mutex was last locked by a leader. They come
//!   before the line, which was empty then, until the next leader that is polled finds the mutex locked.

use super::state::MutexState;
use crate::record::Step;
use crate::wait::{Link, List, LockStamp, Stage, TURN, Ticket, Wake};

/// The queue of one condition.
pub(crate) struct Condition {
    waiting: List<Ticket>,
    /// The number of the last waiter that had begun to wait at the latest notification.
    latest: u64,
}

/// The waiters that were notified, over all conditions.
pub(crate) struct Notified {
    list: List<Ticket>,
    /// The last waiter that comes before the line of the mutex.
    led: Option<Link<Ticket>>,
    /// How many waits have begun.
    joined: u64,
}

impl Condition {
    pub(crate) const fn new() -> Self {
        Self { waiting: List::new(), latest: 0 }
    }

    #[inline]
    pub(crate) fn len(&self) -> usize {
        self.waiting.len()
    }

    #[inline]
    pub(crate) fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    #[inline]
    pub(crate) fn join(&mut self, node: Link<Ticket>, notified: &mut Notified) {
        notified.joined += 1;
        *self.waiting.payload_of_unlinked(node) = Ticket::numbered(notified.joined);
        self.waiting.push_back(node);
    }

    /// Notifies up to `most` waiters, and up to a turn, that had begun to wait at `moment`. Returns how many.
    pub(crate) fn notify(&mut self, most: usize, moment: u64, notified: &mut Notified) -> usize {
        self.latest = self.latest.max(moment);
        self.move_to(notified, most.min(TURN), moment)
    }

    /// A notified waiter gave up: its notification goes to another waiter, or is lost (N2).
    pub(crate) fn pass_on(&mut self, notified: &mut Notified) {
        self.move_to(notified, 1, self.latest);
    }

    fn move_to(&mut self, notified: &mut Notified, most: usize, moment: u64) -> usize {
        let was_there = |waiter: &mut Ticket| waiter.number() <= moment;
        notified.list.extend_from(&mut self.waiting, most, Stage::Notified, None, was_there)
    }

    /// Hands the mutex, which the caller holds, to the first waiter, if it had begun to wait at `moment`. Returns
    /// whether there was one.
    pub(crate) fn signal(&mut self, moment: u64, mutex: &mut MutexState, to_wake: &mut Option<Wake>) -> bool {
        self.latest = self.latest.max(moment);
        let was_there = self.waiting.front().is_some_and(|first| first.number() <= moment);
        if was_there {
            // Counted first: as soon as it is granted, the waiter may have collected it.
            mutex.give(true);
            self.waiting.end_front(Stage::Signalled, to_wake);
        }
        was_there
    }

    /// A signalled waiter gave up: the mutex goes to the next waiter as a notification would (N2). Returns whether
    /// there is one.
    pub(crate) fn signal_next(&mut self, mutex: &mut MutexState, to_wake: &mut Option<Wake>) -> bool {
        self.signal(self.latest, mutex, to_wake)
    }

    /// The place of the waker of a waiter that is `Queued`.
    pub(super) fn wake(&mut self, node: Link<Ticket>) -> &mut Option<Wake> {
        self.waiting.contents(node).1
    }

    /// A waiter that was not notified gives up.
    pub(super) fn withdraw(&mut self, node: Link<Ticket>) {
        self.waiting.withdraw(node);
    }
}

impl Notified {
    pub(crate) const fn new() -> Self {
        Self { list: List::new(), led: None, joined: 0 }
    }

    #[inline]
    pub(crate) fn len(&self) -> usize {
        self.list.len()
    }

    #[inline(always)]
    pub(crate) fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// This moment, as the number of waits that have begun.
    #[inline]
    pub(crate) fn moment(&self) -> u64 {
        self.joined
    }

    /// Wakes the first waiter, unless it was woken before.
    pub(crate) fn wake_first(&mut self, to_wake: &mut Option<Wake>) {
        if let Some(first) = self.list.first() {
            Wake::hand_over(self.list.contents(first).1, to_wake);
            first.note(Step::Woken);
        }
    }

    /// Unlocks the mutex of a monitor. If it has a line, hands the mutex to the first notified waiter that comes before
    /// the line. If there is none, appends the notified waiters to the line, up to a turn, and hands the mutex to the
    /// first in line. Without a line it frees the mutex and wakes the first notified waiter.
    #[inline]
    pub(crate) fn unlock(&mut self, mutex: &mut MutexState, to_wake: &mut Option<Wake>) {
        if mutex.unlock_fast() {
            self.wake_first(to_wake);
        } else if self.led.is_some() {
            if self.led == self.list.first() {
                self.led = None;
            }
            // Counted first: as soon as it is granted, the waiter may have collected it.
            mutex.give(true);
            self.list.end_front(Stage::Granted, to_wake);
        } else {
            self.requeue(TURN, mutex, None);
            mutex.unlock(to_wake);
        }
    }

    /// Moves up to `most` waiters to the line of the mutex, and wakes none. Returns whether there are more. `lock` is
    /// that of the mutex, if it is another one than theirs.
    ///
    /// The mutex is not free at this moment: its holder is about to hand it over, or the leader holds it or is in line.
    pub(crate) fn requeue(&mut self, most: usize, mutex: &mut MutexState, lock: Option<LockStamp>) -> bool {
        debug_assert!(self.led.is_none(), "(N4): no leader locks it between two turns");
        mutex.line.requeue_from(&mut self.list, most, lock);
        !self.list.is_empty()
    }

    /// The leader was polled: it locks the mutex, or joins the line at the back, as a newcomer does. Returns whether it
    /// locked it. The caller has to [requeue](Self::requeue) the rest, unless that [stays](Self::stay).
    pub(super) fn lead(&mut self, leader: Link<Ticket>, mutex: &mut MutexState, lock: Option<LockStamp>) -> bool {
        let locked = mutex.try_lock();
        self.led = None;
        if locked {
            self.list.withdraw(leader);
        } else {
            self.list.remove(leader);
            mutex.line.requeue(leader, lock);
        }
        locked
    }

    /// A leader has locked the mutex of a monitor. The others stay, and come before those that join the line from here
    /// on. Where newcomers may pass the line they do not stay. Returns whether they do.
    pub(super) fn stay(&mut self, mutex: &MutexState) -> bool {
        let stay = mutex.line.is_fifo();
        if stay {
            self.led = self.list.back();
        }
        stay
    }

    /// The place of the waker of a waiter that is `Notified`.
    pub(super) fn wake(&mut self, node: Link<Ticket>) -> &mut Option<Wake> {
        self.list.contents(node).1
    }

    /// A notified waiter gives up.
    pub(super) fn withdraw(&mut self, node: Link<Ticket>) {
        if self.led == Some(node) {
            self.led = self.list.prev(node);
        }
        self.list.withdraw(node);
    }
}
