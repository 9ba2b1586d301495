//! Wakers, collected under a lock and called after the unlock.
//!
//! # Invariants
//! - (B1) Exactly the slots `next..len` hold a waker.
//!
//! A turn counts waiters, not wakers: a waiter that is awake has no waker, and takes as long to serve.

use core::mem::MaybeUninit;
use core::task::Waker;

use super::panics::{is_panicking, run_all};
use crate::record::{Origin, Place};

/// How many waiters one turn under a lock may serve. This bounds how long other threads wait for the lock.
pub(crate) const TURN: usize = 64;

/// What a node wakes: the task that polled it last, or the thread that is parked in it.
#[derive(Debug)]
pub(crate) enum Wake {
    Task(Waker),
    #[cfg(feature = "std")]
    Thread(crate::primitive::Thread),
}

impl From<Waker> for Wake {
    #[inline(always)]
    fn from(waker: Waker) -> Self {
        Self::Task(waker)
    }
}

#[cfg(feature = "std")]
impl From<crate::primitive::Thread> for Wake {
    #[inline(always)]
    fn from(thread: crate::primitive::Thread) -> Self {
        Self::Thread(thread)
    }
}

impl Wake {
    #[inline(always)]
    pub(crate) fn wake(self) {
        match self {
            Self::Task(waker) => waker.wake(),
            #[cfg(feature = "std")]
            Self::Thread(thread) => unpark(thread),
        }
    }

    /// Moves it from a node to `to_wake`, which is empty: a waker in it would be leaked.
    ///
    /// This is no assignment, which would check whether there is something to drop. Nor does it move the whole
    /// `Option`: its words would be stored in other pairs than they are read in next, and the reader would wait until
    /// they are in the cache.
    #[inline(always)]
    pub(crate) fn hand_over(node: &mut Option<Self>, to_wake: &mut Option<Self>) {
        debug_assert!(to_wake.is_none(), "one waiter is woken at a time");
        if let Some(wake) = node.take() {
            core::mem::forget(to_wake.replace(wake));
        }
    }

    /// Wakes. If the thread is panicking, a second panic does not escape (C7).
    ///
    /// It is taken apart at once, so that a waker stays in registers. [`hand_over`](Self::hand_over) explains what it
    /// costs to read words in other pairs than they were stored in.
    #[inline(always)]
    pub(crate) fn call(self) {
        match self {
            Self::Task(waker) => call(waker, Waker::wake),
            #[cfg(feature = "std")]
            Self::Thread(thread) => call(thread, unpark),
        }
    }

    /// Wakes the waiter in `to_wake`, if there is one. If the thread is panicking, a second panic does not escape.
    ///
    /// The check for a panic comes first: after the other check it would cost an instruction where no waiter is woken.
    #[inline(always)]
    pub(crate) fn wake_one(to_wake: &mut Option<Self>) {
        if is_panicking() {
            to_wake.take().into_iter().for_each(Self::call);
        } else if let Some(wake) = to_wake.take() {
            wake.wake();
        }
    }
}

#[inline(always)]
fn call<T>(sleeper: T, wake: fn(T)) {
    if is_panicking() { call_carefully(sleeper, wake) } else { wake(sleeper) }
}

#[cold]
fn call_carefully<T>(sleeper: T, wake: fn(T)) {
    let mut sleeper = Some(sleeper);
    run_all(|| sleeper.take().map(wake).is_some());
}

/// A separate call, so that the code that wakes a task stays small.
#[cfg(feature = "std")]
#[inline(never)]
fn unpark(thread: crate::primitive::Thread) {
    thread.unpark();
}

/// What polls a future: a task, or the current thread.
#[derive(Clone, Copy, Debug)]
pub enum Poller<'a> {
    /// The waker of the task.
    Task(&'a Waker),
    /// The thread's cell says whether it may park: no foreign code has run since it last checked its waiter.
    #[cfg(feature = "std")]
    Thread(&'a core::cell::Cell<bool>),
}

impl Poller<'_> {
    /// The poller, at a place in the user's code.
    #[inline(always)]
    pub(crate) fn origin(&self, place: Place) -> Origin<'_> {
        match self {
            Self::Task(waker) => Origin::task(place, waker),
            #[cfg(feature = "std")]
            Self::Thread(_) => Origin::thread(place),
        }
    }

    /// What wakes the poller. This clones a foreign waker: never call it under a lock.
    #[inline(always)]
    pub(crate) fn to_wake(self) -> Wake {
        match self {
            Self::Task(waker) => Wake::Task(waker.clone()),
            #[cfg(feature = "std")]
            Self::Thread(_) => Wake::Thread(crate::primitive::current()),
        }
    }

    /// Wakes the poller, which is running: it will be polled again after others.
    pub(crate) fn wake(self) {
        match self {
            Self::Task(waker) => waker.wake_by_ref(),
            #[cfg(feature = "std")]
            Self::Thread(_) => crate::primitive::current().unpark(),
        }
    }

    /// Sets whether a thread may park without another check of its waiter.
    #[inline(always)]
    pub(crate) fn may_park(self, may: bool) {
        match self {
            Self::Task(_) => _ = may,
            #[cfg(feature = "std")]
            Self::Thread(parks) => parks.set(may),
        }
    }

    /// Whether `wake` already wakes the poller. Compares two pointers; runs no foreign code.
    pub(crate) fn is_woken_by(self, wake: &Wake) -> bool {
        match (self, wake) {
            (Self::Task(waker), Wake::Task(kept)) => waker.will_wake(kept),
            #[cfg(feature = "std")]
            (Self::Thread(_), Wake::Thread(kept)) => kept.id() == crate::primitive::current().id(),
            #[cfg(feature = "std")]
            _ => false,
        }
    }
}

/// At most [`TURN`] wakers, in the order of their grants. To make a batch writes three words.
pub(crate) struct Wakes {
    next: usize,
    len: usize,
    /// How many waiters were served in this turn.
    served: usize,
    slots: [MaybeUninit<Wake>; TURN],
}

impl Wakes {
    #[inline(always)]
    pub(crate) const fn new() -> Self {
        Self { next: 0, len: 0, served: 0, slots: [const { MaybeUninit::uninit() }; TURN] }
    }

    #[inline(always)]
    pub(crate) fn is_empty(&self) -> bool {
        self.next == self.len && !self.is_full()
    }

    #[inline(always)]
    pub(crate) fn is_full(&self) -> bool {
        self.served >= TURN
    }

    /// Counts a waiter that was served, and adds its waker. A waiter that is awake has none.
    ///
    /// # Panics
    /// If the batch is full of wakers: then a grant loop did not check [`is_full`](Self::is_full).
    pub(crate) fn push(&mut self, wake: Option<Wake>) {
        self.served += 1;
        if let Some(wake) = wake {
            self.slots[self.len].write(wake);
            self.len += 1;
        }
    }

    /// The next waker. An emptied batch has all its room back.
    pub(crate) fn pop(&mut self) -> Option<Wake> {
        if self.next == self.len {
            (self.next, self.len, self.served) = (0, 0, 0);
            return None;
        }
        let at = self.next;
        self.next += 1;
        // SAFETY: (B1) – it was in `next..len`, and is not any more.
        Some(unsafe { self.slots[at].assume_init_read() })
    }
}

impl Drop for Wakes {
    // Batches are popped until they are empty. Only a panic leaves wakers here, and to leak them would lose wake-ups.
    #[inline(always)]
    fn drop(&mut self) {
        if !self.is_empty() {
            run_all(|| self.pop().map(Wake::wake).is_some());
        }
    }
}
