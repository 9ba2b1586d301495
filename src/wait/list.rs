//! A line of waiters: head and tail of an intrusive list. Every operation but the sorted insert is O(1).
//!
//! A list lives under a lock, so `&mut List` is the proof that the lock is held (W2). Nodes never point into the list, so
//! a primitive whose waiters were forgotten may be moved.
//!
//! # Invariants
//! - (I1) Every link in the list is of a node whose stage is `Queued` or, until its owner has noticed, `Moved`, and of no
//!   other list (W1), so it is alive (W4).
//! - (I2) `head` and `tail` are both `None` or both `Some`; `prev` and `next` mirror each other.

use core::fmt;

use super::Wake;
use super::node::{Link, Stage};

pub(crate) struct List<X> {
    head: Option<Link<X>>,
    tail: Option<Link<X>>,
    len: usize,
}

impl<X> List<X> {
    pub(crate) const fn new() -> Self {
        Self { head: None, tail: None, len: 0 }
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

    /// Links a node that another line gave away.
    pub(crate) fn extend(&mut self, node: Option<Link<X>>) {
        node.into_iter().for_each(|node| self.push_back(node));
    }

    /// What the first waiter keeps in its node.
    pub(crate) fn front(&mut self) -> Option<&mut X> {
        let head = self.head?;
        // SAFETY: (I1) (W2) – `&mut self` is the witness.
        Some(unsafe { head.extra() })
    }

    /// The first waiter.
    pub(crate) fn first(&self) -> Option<Link<X>> {
        self.head
    }

    /// The last waiter.
    pub(crate) fn back(&self) -> Option<Link<X>> {
        self.tail
    }

    /// Who stands behind a waiter of this list.
    pub(crate) fn next(&mut self, node: Link<X>) -> Option<Link<X>> {
        // SAFETY: (I1) (W2) – `&mut self` is the witness.
        unsafe { node.links() }.next
    }

    /// Who stands before a waiter of this list.
    pub(crate) fn prev(&mut self, node: Link<X>) -> Option<Link<X>> {
        // SAFETY: (I1) (W2) – `&mut self` is the witness.
        unsafe { node.links() }.prev
    }

    /// Ends the first wait, if there is one: unlinks, takes the waker, stores the stage. The node is not touched again
    /// (W3). A waiter that was nudged has no waker to give.
    ///
    /// The waker goes from the node to `tell`: each stop in between costs as much as the rest of this.
    #[inline(always)]
    pub(crate) fn end_front(&mut self, stage: Stage, tell: &mut Option<Wake>) {
        let Some(head) = self.head else { return };
        self.remove(head);
        // SAFETY: (I1) (W2) – still linked, so still ours under the lock.
        Wake::hand_over(unsafe { &mut head.links().wake }, tell);
        head.end(stage);
    }

    /// Unlinks the first waiter, whose stage stays: the caller links it elsewhere before it lets go of the lock.
    #[must_use]
    pub(crate) fn pop_front(&mut self) -> Option<Link<X>> {
        let head = self.head?;
        self.remove(head);
        Some(head)
    }

    /// Unlinks a node of this list and stores what became of it.
    pub(crate) fn withdraw(&mut self, node: Link<X>) {
        self.remove(node);
        node.withdraw();
    }

    /// Links a node before the first one of which `after` holds; at the back if there is none. O(waiters passed).
    pub(crate) fn insert_sorted(&mut self, node: Link<X>, after: impl Fn(&mut X) -> bool) {
        let mut next = self.head;
        while let Some(at) = next {
            // SAFETY: (I1) (W2) – `&mut self` is the witness.
            if after(unsafe { at.extra() }) {
                break;
            }
            // SAFETY: (I1) (W2) – `&mut self` is the witness.
            next = unsafe { at.links() }.next;
        }
        self.insert(node, next);
    }

    /// What a queued node keeps, and its waker: of a waiter of this list, or of one that the caller is about to link.
    pub(crate) fn contents(&mut self, node: Link<X>) -> (&mut X, &mut Option<Wake>) {
        // SAFETY: (I1) (W2) – `&mut self` is the witness.
        unsafe { node.contents() }
    }

    fn insert(&mut self, node: Link<X>, next: Option<Link<X>>) {
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
        // SAFETY: (W1) (W2) – joined by an owner that holds the lock, or just unlinked under it.
        let links = unsafe { node.links() };
        (links.prev, links.next) = (prev, next);
        self.len += 1;
    }

    #[inline(always)]
    pub(crate) fn remove(&mut self, node: Link<X>) {
        // SAFETY: (I1) (W2) – `&mut self` is the witness.
        let links = unsafe { node.links() };
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
