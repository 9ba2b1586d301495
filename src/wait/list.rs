//! An intrusive list of waiters. Every operation but the sorted insert is O(1).
//!
//! A list lives under a lock, so `&mut List` proves that the lock is held (W2). Nodes never point into the list, so a
//! primitive whose waiters were forgotten (`mem::forget`) may be moved.
//!
//! # Invariants
//! - (I1) Every link in the list is of a node that is linked here and in no other list (W1), so it is alive (W4).
//! - (I2) `head` and `tail` are both `None` or both `Some`; `prev` and `next` mirror each other.
//! - (I3) The caller names only links of this list, or of a node that it has just unlinked under the same lock. The
//!   functions are safe all the same: every caller is in this crate (`line.rs`, `mutex/condition.rs`,
//!   `mailbox/waiters.rs`, `latch/state.rs` and `barrier/state.rs`), and with debug assertions a stamp checks each use.

use core::fmt;

use super::node::{Link, Links};
use super::stage::Stage;
use super::stamp::{ListStamp, LockStamp};
use super::wakes::{Wake, Wakes};

pub(crate) struct List<X> {
    head: Option<Link<X>>,
    tail: Option<Link<X>>,
    len: usize,
    stamp: ListStamp,
}

impl<X> List<X> {
    pub(crate) const fn new() -> Self {
        Self { head: None, tail: None, len: 0, stamp: ListStamp::new() }
    }

    #[inline(always)]
    pub(crate) fn is_empty(&self) -> bool {
        self.head.is_none()
    }

    pub(crate) fn len(&self) -> usize {
        self.len
    }

    pub(crate) fn push_back(&mut self, node: Link<X>) {
        self.insert(node, None);
    }

    /// The payload of the first waiter.
    pub(crate) fn front(&mut self) -> Option<&mut X> {
        let head = self.head?;
        // SAFETY: (I1) (W2) – `&mut self` is the witness.
        Some(unsafe { head.payload() })
    }

    /// The first waiter.
    pub(crate) fn first(&self) -> Option<Link<X>> {
        self.head
    }

    /// The last waiter.
    pub(crate) fn back(&self) -> Option<Link<X>> {
        self.tail
    }

    /// The waiter behind `node`.
    pub(crate) fn next(&mut self, node: Link<X>) -> Option<Link<X>> {
        self.links(node).next
    }

    /// The waiter before `node`.
    pub(crate) fn prev(&mut self, node: Link<X>) -> Option<Link<X>> {
        self.links(node).prev
    }

    /// Ends the first wait, if there is one: unlinks the node, takes the waker, and stores the stage. The node is not
    /// touched again (W3). A waiter that is awake has no waker.
    ///
    /// The waker moves straight from the node to `to_wake`: each stop in between costs as much as all the rest.
    #[inline(always)]
    pub(crate) fn end_front(&mut self, stage: Stage, to_wake: &mut Option<Wake>) {
        let Some(head) = self.head else { return };
        self.remove(head);
        // SAFETY: (I1) (W2) – still linked, so still ours under the lock.
        Wake::hand_over(unsafe { &mut head.links().wake }, to_wake);
        head.end(stage);
    }

    /// Ends the first wait, and adds its waker to `wakes`.
    pub(crate) fn end_front_into(&mut self, stage: Stage, wakes: &mut Wakes) {
        let mut to_wake = None;
        self.end_front(stage, &mut to_wake);
        wakes.push(to_wake);
    }

    /// Unlinks the first waiter. Its stage stays: the caller links it elsewhere before it releases the lock.
    #[must_use]
    pub(crate) fn pop_front(&mut self) -> Option<Link<X>> {
        let head = self.head?;
        self.remove(head);
        Some(head)
    }

    /// Unlinks a node of this list, and stores that it has left for good.
    pub(crate) fn withdraw(&mut self, node: Link<X>) {
        self.remove(node);
        node.end(Stage::Withdrawn);
    }

    /// Stores that a node has left for good, after it was unlinked.
    pub(crate) fn mark_withdrawn(&mut self, node: Link<X>) {
        node.end(Stage::Withdrawn);
    }

    /// Links a node before the first waiter for which `after` holds, or else at the back. O(waiters passed).
    pub(crate) fn insert_sorted(&mut self, node: Link<X>, after: impl Fn(&mut X) -> bool) {
        let mut next = self.head;
        while let Some(at) = next {
            if after(self.contents(at).0) {
                break;
            }
            next = self.next(at);
        }
        self.insert(node, next);
    }

    /// The payload and the waker of a waiter of this list.
    pub(crate) fn contents(&mut self, node: Link<X>) -> (&mut X, &mut Option<Wake>) {
        self.links(node);
        // SAFETY: (I1) (I3) (W2) – `&mut self` is the witness.
        unsafe { node.contents() }
    }

    /// The payload of a waiter that has joined and that the caller is about to link here.
    pub(crate) fn payload_of_unlinked(&mut self, node: Link<X>) -> &mut X {
        // SAFETY: (I3) (W2) – `&mut self` is the witness.
        unsafe { node.payload() }
    }

    /// Stores the stage of a waiter that was moved to this list. `lock` is the lock of this list, if it came from
    /// another one.
    pub(crate) fn relocated(&mut self, node: Link<X>, stage: Stage, lock: Option<LockStamp>) {
        let stamp = &mut self.links(node).stamp;
        lock.into_iter().for_each(|lock| stamp.relock(lock));
        node.relocate(stage);
    }

    /// Moves up to `most` waiters from the front of `from` to the back of this list, as long as `may` says so of their
    /// payloads. Their stage says where they are from here on. `lock` is that of this list, if it is another one than
    /// that of `from`. Returns how many. O(1) for each: the list is cut in one place, and joined in one.
    #[inline]
    pub(crate) fn extend_from(
        &mut self,
        from: &mut Self,
        most: usize,
        stage: Stage,
        lock: Option<LockStamp>,
        may: impl Fn(&mut X) -> bool,
    ) -> usize {
        let (first, mut last, mut next, mut moved) = (from.head, None, from.head, 0);
        while moved < most {
            let Some(node) = next else { break };
            if !may(from.contents(node).0) {
                break;
            }
            // SAFETY: (I1) (I3) (W2) – `&mut from` is the witness.
            let links = unsafe { node.links() };
            (last, next) = (Some(node), links.next);
            from.stamp.unlink(&mut links.stamp);
            self.stamp.link(&mut links.stamp);
            lock.into_iter().for_each(|lock| links.stamp.relock(lock));
            node.relocate(stage);
            moved += 1;
        }
        let (Some(first), Some(last)) = (first, last) else { return 0 };
        from.head = next;
        from.len -= moved;
        match next {
            Some(next) => from.links(next).prev = None,
            None => from.tail = None,
        }
        let prev = self.tail.replace(last);
        self.links(first).prev = prev;
        self.links(last).next = None;
        match prev {
            Some(prev) => self.links(prev).next = Some(first),
            None => self.head = Some(first),
        }
        self.len += moved;
        moved
    }

    /// From here on both lists count as one (I3): their owner knows by other means in which of them a node is.
    #[inline(always)]
    pub(crate) fn unite(&mut self, other: &mut Self) {
        self.stamp.unite(&mut other.stamp);
    }

    /// The links of a waiter of this list.
    #[inline(always)]
    fn links(&mut self, node: Link<X>) -> &mut Links<X> {
        // SAFETY: (I1) (I3) (W2) – `&mut self` is the witness.
        let links = unsafe { node.links() };
        self.stamp.check(&links.stamp);
        links
    }

    fn insert(&mut self, node: Link<X>, next: Option<Link<X>>) {
        // SAFETY: (I3) (W2) – joined by an owner that holds the lock, or just unlinked under it.
        let links = unsafe { node.links() };
        self.stamp.link(&mut links.stamp);
        let prev = match next {
            // SAFETY: (I1) (W2) – `&mut self` is the witness.
            Some(next) => unsafe { next.links() }.prev.replace(node),
            None => self.tail.replace(node),
        };
        match prev {
            // SAFETY: (I1) (W2) – `&mut self` is the witness.
            Some(prev) => unsafe { prev.links() }.next = Some(node),
            None => self.head = Some(node),
        }
        (links.prev, links.next) = (prev, next);
        self.len += 1;
    }

    #[inline(always)]
    pub(crate) fn remove(&mut self, node: Link<X>) {
        // SAFETY: (I1) (I3) (W2) – `&mut self` is the witness.
        let links = unsafe { node.links() };
        self.stamp.unlink(&mut links.stamp);
        let (prev, next) = (links.prev, links.next);
        match prev {
            // SAFETY: (I1) (I2) – a neighbour in the same list.
            Some(prev) => unsafe { prev.links() }.next = next,
            None => self.head = next,
        }
        match next {
            // SAFETY: (I1) (I2) – a neighbour in the same list.
            Some(next) => unsafe { next.links() }.prev = prev,
            None => self.tail = prev,
        }
        self.len -= 1;
    }
}

impl<X> fmt::Debug for List<X> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} waiting", self.len)
    }
}

#[cfg(all(test, debug_assertions, not(any(sempost_loom, sempost_shuttle))))]
mod tests {
    use core::pin::pin;
    use core::task::Waker;

    use super::super::node::Waiter;
    use super::{Link, List, LockStamp, Stage};
    use crate::lock::Lock;

    /// Calls `misuse` with a node that is in the first of two lists, and takes it out afterwards.
    fn with_two_lists(misuse: impl FnOnce(&mut List<u8>, &mut List<u8>, Link<u8>)) {
        let (lock, mut lists) = (Lock::new(()), [List::new(), List::new()]);
        let mut waiter = pin!(Waiter::new(0));
        let node = waiter.as_mut().join(Waker::noop().clone().into(), LockStamp::of(&lock.lock()));
        let [own, other] = &mut lists;
        own.push_back(node);
        let misused = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| misuse(own, other, node)));
        own.withdraw(node);
        std::panic::resume_unwind(misused.expect_err("the misuse was not seen"));
    }

    /// Kills: an unlinking that changes the ends of a list that the node is not in.
    #[test]
    #[should_panic(expected = "(I3)")]
    fn a_node_is_not_removed_from_another_list() {
        with_two_lists(|_, other, node| other.remove(node));
    }

    /// Kills: a node in two lists at once.
    #[test]
    #[should_panic(expected = "(I3)")]
    fn a_node_is_not_linked_twice() {
        with_two_lists(|_, other, node| other.push_back(node));
    }

    /// Kills: a neighbour that is read in another list, under another lock.
    #[test]
    #[should_panic(expected = "(I3)")]
    fn a_neighbour_is_not_looked_for_in_another_list() {
        with_two_lists(|_, other, node| _ = other.next(node));
    }

    /// Kills: a waker that is reached with the guard of another lock, and so by two at a time.
    #[test]
    #[should_panic(expected = "(W2)")]
    fn a_waker_is_not_reached_under_another_lock() {
        let (lock, other, mut list) = (Lock::new(0), Lock::new(0), List::new());
        let mut waiter = pin!(Waiter::new(0));
        let node = waiter.as_mut().join(Waker::noop().clone().into(), LockStamp::of(&lock.lock()));
        list.push_back(node);
        assert!(waiter.waker_slot(&mut lock.lock()).is_some());
        let misuse = || waiter.waker_slot(&mut other.lock()).is_some();
        let misused = std::panic::catch_unwind(std::panic::AssertUnwindSafe(misuse));
        list.withdraw(node);
        std::panic::resume_unwind(misused.expect_err("the misuse was not seen"));
    }

    /// Kills: a requeue that leaves the old stamp on the node.
    #[test]
    fn a_requeue_moves_the_stamps() {
        let (lock, other, mut lists) = (Lock::new(0), Lock::new(0), [List::new(), List::new()]);
        let mut waiter = pin!(Waiter::new(0));
        let node = waiter.as_mut().join(Waker::noop().clone().into(), LockStamp::of(&lock.lock()));
        let [from, to] = &mut lists;
        from.push_back(node);
        let stamp = LockStamp::of(&other.lock());
        assert_eq!(to.extend_from(from, 1, Stage::Requeued, Some(stamp), |_| true), 1);
        assert!(waiter.waker_slot(&mut other.lock()).is_some());
        assert_eq!((from.len(), to.len(), to.first() == Some(node)), (0, 1, true));
        to.withdraw(node);
    }
}
