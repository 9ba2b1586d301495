//! Stamps: with debug assertions each node knows its lock and its list, and each use of a node is checked against them.
//!
//! Without debug assertions all of this is empty and compiles to nothing.

#[cfg(debug_assertions)]
use core::sync::atomic::AtomicUsize;

use crate::lock::LockGuard;
#[cfg(debug_assertions)]
use crate::primitive::Ordering::Relaxed;

/// Identifies a lock by the address of what it guards.
///
/// Only owners check it. While a waiter has an owner that can poll or drop it, its primitive is borrowed or in an
/// `Arc`, and does not move.
#[derive(Clone, Copy)]
pub(crate) struct LockStamp(#[cfg(debug_assertions)] usize);

impl LockStamp {
    #[inline(always)]
    pub(crate) fn of<S>(_locked: &LockGuard<'_, S>) -> Self {
        Self(
            #[cfg(debug_assertions)]
            core::ptr::from_ref::<S>(_locked).addr(),
        )
    }
}

/// What a node knows: its lock, and the number of its list (0 while it is in none).
pub(super) struct NodeStamp {
    _lock: LockStamp,
    #[cfg(debug_assertions)]
    list: usize,
}

impl NodeStamp {
    #[inline(always)]
    pub(super) fn new(lock: LockStamp) -> Self {
        Self {
            _lock: lock,
            #[cfg(debug_assertions)]
            list: 0,
        }
    }

    #[inline(always)]
    pub(super) fn check_lock<S>(&self, _locked: &LockGuard<'_, S>) {
        #[cfg(debug_assertions)]
        assert!(self._lock.0 == LockStamp::of(_locked).0, "(W2): the guard of another lock");
    }

    /// The node moves to a list under another lock (W7).
    #[inline(always)]
    pub(super) fn relock(&mut self, lock: LockStamp) {
        self._lock = lock;
    }
}

/// The number of a list, assigned at its first use, because a list can be a constant.
pub(super) struct ListStamp(#[cfg(debug_assertions)] usize);

impl ListStamp {
    pub(super) const fn new() -> Self {
        Self(
            #[cfg(debug_assertions)]
            0,
        )
    }

    #[inline(always)]
    pub(super) fn check(&self, _node: &NodeStamp) {
        #[cfg(debug_assertions)]
        assert!(_node.list == self.0 && self.0 != 0, "(I3): a node of another list");
    }

    #[inline(always)]
    pub(super) fn link(&mut self, _node: &mut NodeStamp) {
        #[cfg(debug_assertions)]
        {
            assert!(_node.list == 0, "(I3): the node is in a list");
            _node.list = self.number();
        }
    }

    /// Two lists of one owner may share a number.
    #[inline(always)]
    pub(super) fn unite(&mut self, _other: &mut Self) {
        #[cfg(debug_assertions)]
        {
            _other.0 = self.number();
        }
    }

    #[cfg(debug_assertions)]
    fn number(&mut self) -> usize {
        static LAST: AtomicUsize = AtomicUsize::new(0);

        if self.0 == 0 {
            // ORDERING: Relaxed, without a partner; the numbers only have to differ.
            self.0 = LAST.fetch_add(1, Relaxed) + 1;
        }
        self.0
    }

    #[inline(always)]
    pub(super) fn unlink(&self, _node: &mut NodeStamp) {
        #[cfg(debug_assertions)]
        {
            self.check(_node);
            _node.list = 0;
        }
    }
}
