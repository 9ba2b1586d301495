//! What a wait for a condition touches: the queue, the notified waiters and the mutex, locked together.

use super::condition::{Condition, Notified};
use super::enter::HasMutex;
use super::guard::Exclusive;
use super::state::MutexState;
use crate::record::{Origin, WaitRecord};
use crate::wait::{Link, LockStamp, Primitive, Ticket, Wake};

/// What has conditions to wait for: a monitor, or a condition variable with its mutex.
pub(crate) trait Site {
    /// What the guard of the waiter has locked.
    type Owner: Exclusive + Primitive<State: HasMutex<Left = <Self::Owner as Primitive>::Deferred>> + ?Sized;

    /// Whether an unlock wakes the first notified waiter. If not, the notification itself wakes it.
    const UNLOCK_WAKES: bool;

    /// Decides something under the locks of the queue and of the mutex.
    fn decide<R>(&self, owner: &Self::Owner, decision: impl FnOnce(&mut Queues<'_>) -> R) -> R;

    /// Begins the record of a wait for the condition.
    fn record(&self, owner: &Self::Owner, record: &mut WaitRecord, origin: Origin<'_>);
}

/// Everything that a waiter for a condition may touch, locked.
pub(crate) struct Queues<'a> {
    pub(crate) condition: &'a mut Condition,
    pub(crate) notified: &'a mut Notified,
    pub(crate) mutex: &'a mut MutexState,
    /// The lock of the queue.
    pub(crate) lock: LockStamp,
    /// The lock of the mutex, if it is another one.
    pub(crate) mutex_lock: Option<LockStamp>,
    /// Of a condition variable: the address of the mutex that its waiters use, and that of this mutex.
    pub(crate) mutexes: Option<(&'a mut usize, usize)>,
    /// Of a monitor: whether others sleep until a predicate holds, so that one who leaves has to ask.
    pub(crate) watched: bool,
}

impl Queues<'_> {
    /// Whether a waiter with this mutex may join: all that wait at the same time use the same mutex.
    #[inline]
    pub(super) fn admits(&self) -> bool {
        let is_empty = self.condition.is_empty() && self.notified.is_empty();
        is_empty || self.mutexes.as_ref().is_none_or(|(noted, own)| **noted == *own)
    }

    #[inline]
    pub(super) fn join(&mut self, node: Link<Ticket>) {
        if let Some((noted, own)) = &mut self.mutexes {
            **noted = *own;
        }
        self.condition.join(node, self.notified);
    }

    /// Unlocks, and serves the next waiter. If it returns `false`, the caller has to
    /// [unlock](super::guard::Unlock::unlock), with no lock held.
    #[must_use = "the mutex may still be locked"]
    pub(super) fn unlock<S: Site>(&mut self, to_wake: &mut Option<Wake>) -> bool {
        if self.watched && self.mutex.keep() {
            return false;
        }
        if S::UNLOCK_WAKES {
            self.notified.unlock(self.mutex, to_wake)
        } else {
            self.mutex.unlock(to_wake)
        }
        true
    }

    /// A notified waiter gave up: its notification goes to another. It may have been the leader, so the first is woken,
    /// unless an unlock is still to come that will wake it.
    pub(super) fn pass_on<S: Site>(&mut self, to_wake: &mut Option<Wake>) {
        if self.admits() {
            self.condition.pass_on(self.notified);
        }
        if !S::UNLOCK_WAKES || self.mutex.is_free() {
            self.notified.wake_first(to_wake);
        }
    }
}
